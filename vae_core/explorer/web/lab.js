// The views of the beta lab, in the order in which they are read.

import {createLabBars} from './lab_bars.js';
import {createElsewhere} from './lab_elsewhere.js';
import {createPlane} from './lab_plane.js';
import {createLabPrior} from './lab_prior.js';
import {createLabStrip} from './lab_strip.js';
import {createLabWords} from './lab_words.js';

export const LAB_VIEWS = [createPlane, createLabStrip, createLabWords, createLabBars, createLabPrior, createElsewhere];
