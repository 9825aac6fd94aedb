// The parts of the four-corner palette, put together; corners.js fills them.

import {createAnchorSearch} from './anchor_search.js';
import {createCornerChips, createCornerControls} from './corners_controls.js';
import {buildCanvases, element} from './layout.js';
import {showCanvas} from './neighbours.js';

// {parts (canvases of map and picture), board (square's canvas, and hands over it), chips, controls, search, near, reading,
// live, hint, key, root} for the CornersPage of corners.js.
export function buildCornersPage(page) {
  const {act, meta, points, thumbs, titleOf, nameOfRow} = page;
  const parts = buildCanvases(meta, points.count);
  parts.map.ariaLabel = `Map of ${points.count.toLocaleString('en')} encoded examples. Click sets the chosen corner, dragging moves one; the buttons at the square's corners do both by keyboard.`;
  const hint = element('p', 'lp-hint');
  parts.stage.append(hint);
  const chips = createCornerChips(act.open, corner => page.nameOfCorner(corner), (corner, k) => page.pictureOfCorner(corner, k));
  const controls = createCornerControls(act);
  const examples = {count: points.count, label: points.label, titleOf, nameOfRow, thumbs: () => thumbs};
  const search = createAnchorSearch(examples, meta.latent, act, {pick: 'Put there', type: 'Use', label: 'Choose a corner'});
  const board = {
    square: element('canvas', 'lc-square', {ariaHidden: 'true'}),
    hands: element('canvas', 'lc-hands', {tabIndex: 0, role: 'application', ariaLabel: 'Square between the four corners. Arrow keys move the puck, with shift farther; Enter adds its place to a path, Backspace takes the last one away, space plays.'}),
  };
  const [, height, width] = meta.shape;
  const field = element('div', 'lc-field', {}, board.square, board.hands);
  field.style.aspectRatio = `${width} / ${height}`;
  const frame = element('div', 'lc-board', {}, ...chips.nodes, field);
  frame.style.setProperty('--lc-aspect', width / height);
  const near = createCornerNear();
  const [reading, live] = [element('p', 'lp-reading'), element('div', 'ls-live', {ariaLive: 'polite'})];
  const key = element('p', 'lp-key lc-key', {}, 'Support: ', element('span', '', {textContent: 'no data near'}),
    element('span', 'lp-scale', {ariaHidden: 'true'}), element('span', '', {textContent: 'in the thick of the data'}));
  const shown = element('div', 'lc-shown', {}, parts.frame, element('div', 'lc-words', {}, reading, near.node));
  const left = element('div', 'lc-left', {}, frame, key, controls.transport);
  const body = element('div', 'lc-body', {}, controls.head, search.node, left, shown, parts.stage);
  const root = element('div', 'ls lr lp lc', {tabIndex: -1}, body, live);
  return {parts, board, chips, controls, search, near, reading, live, hint, key, root};
}

// The nearest real example, with its picture where there is one.
function createCornerNear() {
  const canvas = element('canvas', '', {width: 1, height: 1});
  const name = element('bdi', '');
  const node = element('figure', 'lc-near', {}, canvas, element('figcaption', '', {}, element('span', '', {textContent: 'nearest real'}), name));
  let shown; // not even none
  return {
    node,
    draw(title, picture) {
      name.textContent = title;
      node.hidden = !title;
      if (picture === shown) return;
      shown = picture;
      canvas.hidden = !picture;
      showCanvas(canvas, picture);
    },
  };
}
