// A drawing as an anchor: the explorer's pad below the search for examples, encoded stroke by stroke.

import {createPad, fittingBrush} from './pad.js';
import {element} from './layout.js';
import {paintStrokes} from './strokes.js';
import {showCanvas} from './neighbours.js';
import {paintPixels} from './thumbs.js';

const NO_DRAWING = 'Draw something first.';

// Joins `search` (createAnchorSearch). `upload` is of createUpload, `scene` decodes what the drawing becomes; `act`: type(z) takes
// its code, say(sentence).
export function bindAnchorPad(search, shape, upload, scene, act) {
  const board = buildPadBoard(shape);
  search.node.append(board.node);
  search.draw.hidden = false;
  let pad = null; // once it has been wanted
  let z = null; // of what is on it

  async function refresh() {
    const {encode, style} = await upload.open();
    board.undo.disabled = board.clear.disabled = board.use.disabled = pad.isEmpty();
    z = null;
    if (pad.isEmpty()) return [board.seen, board.again].forEach(canvas => showCanvas(canvas, null));
    const values = paintStrokes(pad.strokes, shape, style);
    showCanvas(board.seen, paintPixels(values, shape));
    z = encode(values);
    return scene.order(board, z, decoded => showCanvas(board.again, paintPixels(decoded, shape)));
  }

  async function open() {
    const {style} = await upload.open();
    pad ??= createPad(board.canvas, shape, style, {begin: () => {}, drawn: refresh, end: () => {}}, scene.signal);
    pad.width = fittingBrush(style, shape);
    board.node.hidden = false;
    pad.show();
    await refresh();
    board.node.scrollIntoView({block: 'nearest'});
    board.canvas.focus({preventScroll: true});
  }

  const toggle = () => {
    search.draw.ariaPressed = String(board.node.hidden);
    if (board.node.hidden) open().catch(error => act.say(error.message));
    else board.node.hidden = true;
  };
  const change = alter => () => {
    alter();
    refresh();
  };
  const undo = change(() => pad.undo());
  search.draw.ariaPressed = 'false';
  search.draw.addEventListener('click', toggle);
  board.undo.addEventListener('click', undo);
  board.clear.addEventListener('click', change(() => pad.clear()));
  board.use.addEventListener('click', () => (z ? act.type([...z]) : act.say(NO_DRAWING)));
  board.canvas.addEventListener('keydown', event => {
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    undo();
  });
}

function buildPadBoard([, height, width]) {
  const tool = (textContent, title) => element('button', 'ls-tool', {textContent, title});
  const tile = (canvas, text) => element('figure', 'ls-seen', {}, element('span', 'ls-tile', {}, canvas), element('figcaption', '', {textContent: text}));
  const canvas = element('canvas', 'ls-pad', {tabIndex: 0, role: 'img', ariaLabel: 'Pad to draw on with mouse, pen or finger'});
  canvas.style.aspectRatio = `${width} / ${height}`;
  const [seen, again] = ['As the model sees it', 'As the model draws it'].map(ariaLabel => element('canvas', '', {role: 'img', ariaLabel, width: 1, height: 1}));
  const [undo, clear, use] = [['Undo stroke', 'Takes the last stroke back (Ctrl+Z)'], ['Clear', 'An empty pad'], ['Use drawing', 'Its code, as the encoder finds it']].map(words => tool(...words));
  const tools = element('div', 'ls-pad-tools', {}, tile(seen, 'as the model sees it'), tile(again, 'as the model draws it'), undo, clear, use);
  const node = element('section', 'lp-pad', {ariaLabel: 'Draw your own', hidden: true}, element('div', 'ls-board', {}, canvas, tools));
  return {node, canvas, seen, again, undo, clear, use};
}
