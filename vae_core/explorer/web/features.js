// What the explorer can do beyond its map, picture and sliders: one module each. A feature is made by a function of
// the explorer and may have any of
//
//   key(event)           a key on the map; true if it was meant for it
//   help                 [[keys, what they do], ...] for the sheet of keys
//   below(context, map)  drawn every frame below the points, above(context, map) over them
//   draw(z, row)         every frame: the code whose picture is shown, its example's number or -1
//   changed(before)      the state has changed; `before` is the old one
//   dialled()            the dial was turned, codes and decoder are those of another beta; every frame of a drag
//   rested()             hands are off, nothing has moved for a while
//   extended()           extras have come
//   themed()             colours have changed
//   departs()            a new gesture begins, of hand, key or button
//   summary()            how things stand, a sentence for screen readers, when hands are off
//   tagged()             tags are others (tags.js)
//   told(news)           what the host has to say: explorer.news, by name
//   stop()
//
// Its elements go into explorer.parts: bar (tools above the map), panel (below the picture), below (under the map),
// side (beside the sliders); each with a data-panel name, by which a host can hide it.

import {createColours} from './colours.js';
import {createCompare} from './compare.js';
import {createDial} from './dial.js';
import {createDirections} from './directions.js';
import {createDraw} from './draw.js';
import {createGroups} from './groups.js';
import {createHelp} from './help.js';
import {createHistory} from './history.js';
import {createJourneys} from './journeys.js';
import {LAB_VIEWS} from './lab.js';
import {createNeighbours} from './neighbours.js';
import {createProjections} from './projections.js';
import {createSearch} from './search.js';
import {createSelection} from './selection.js';
import {createSheetView} from './sheetview.js';
import {createStrips} from './strips.js';
import {createTags} from './tags.js';
import {createTint} from './tint.js';
import {createTwins} from './twins.js';

export const FEATURES = [
  createDial, createTags, createColours, createGroups, createSearch,
  createHistory, createJourneys, createNeighbours, createSelection, createProjections,
  createSheetView, createStrips, createTint, createCompare, createTwins, createDraw, createDirections, ...LAB_VIEWS, createHelp,
];
