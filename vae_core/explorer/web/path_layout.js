// The parts of the Interpolate page, put together; path.js fills them.

import {createAnchorBar} from './anchor_bar.js';
import {createAnchorSearch} from './anchor_search.js';
import {buildCanvases, element} from './layout.js';
import {createAxesChoice} from './path_axes.js';
import {createPathControls} from './path_controls.js';
import {createPathFigures} from './path_figures.js';
import {createFilms} from './path_films.js';

// {parts (canvases and their frames), bar, search, controls, figures, films, reading, live, hint, axes, dialPlace,
// root} for the PathPage of path.js.
export function buildPathPage(page) {
  const {act, meta, points, thumbs} = page;
  const parts = buildCanvases(meta, points.count);
  parts.map.ariaLabel = `Map of ${points.count.toLocaleString('en')} encoded examples. Click adds an anchor, dragging moves one; the strip above does both by keyboard.`;
  const bar = createAnchorBar(act, page.pictures.nameOf, page.pictures.pictureOf);
  const {titleOf, nameOfRow} = page;
  const search = createAnchorSearch({count: points.count, label: points.label, titleOf, nameOfRow, thumbs: () => thumbs}, meta.latent, act);
  const controls = createPathControls(act);
  const figures = createPathFigures();
  const films = createFilms(meta.shape, thumbs?.shape ?? meta.shape, {
    seek: at => page.player.seek(at),
    hover(k, kind) {
      const row = page.frames.rows.find(each => each.kind === kind);
      page.peekAt(row && k >= 0 ? {z: row.codes[k], frame: k, of: row} : null);
    },
  });
  const reading = element('p', 'lp-reading');
  const live = element('div', 'ls-live', {ariaLive: 'polite'});
  const hint = element('p', 'lp-hint');
  const axes = createAxesChoice(meta, chosen => page.change({axes: chosen}));
  parts.stage.append(hint, axes.node);
  const dial = element('div', 'ls-dial');
  const shown = element('div', 'lp-shown', {}, parts.frame, reading);
  const head = element('div', 'lp-head', {}, bar.node, controls.kinds);
  const body = element('div', 'lp-body', {}, head, search.node, dial, parts.stage, shown, controls.transport, films.node, figures.node);
  const root = element('div', `ls lr lp${meta.dial ? ' lp-dialled' : ''}`, {tabIndex: -1}, body, live);
  return {parts, bar, search, controls, figures, films, reading, live, hint, axes, dialPlace: dial, root};
}
