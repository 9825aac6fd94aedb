// Draw your own: a pad whose picture is encoded here in the browser while it is drawn, and stands on the map with its
// reconstruction and its q(z | x). A picture that is dropped on the explorer or pasted goes the same way.

import {meanSquare} from './difference.js';
import {readPicture} from './drop.js';
import {drawSpread} from './ellipse.js';
import {createEncoder} from './engine.js';
import {measureInk} from './ink.js';
import {element} from './layout.js';
import {createPad, cssColour, fittingBrush} from './pad.js';
import {paintStrokes} from './strokes.js';
import {showCanvas} from './neighbours.js';
import {paintPixels} from './thumbs.js';

const USUAL_ERROR = 0.95; // of all examples have a smaller one
const QUICK_ENCODER = 6; // milliseconds, within which a drawing follows a hand on the dial

export function createDraw(explorer) {
  const {meta, parts, hide, scene: {signal}} = explorer;
  const open = element('button', 'ls-tool', {textContent: '✎ Draw', title: 'Draw a picture of your own (d)', ariaPressed: 'false'});
  open.dataset.panel = 'draw';
  const place = element('span', 'ls-slot'); // keeps its place among the tools until there is an encoder
  parts.bar.append(place);
  let board = null; // once it has been wanted
  const isPossible = () => Boolean(meta.encoder && explorer.extras && !hide.includes('draw') && hasEncoder(explorer));

  const toggle = () => {
    if (!isPossible()) return false;
    board ??= createBoard(explorer, () => toggle());
    const isOpen = board.node.isConnected;
    if (isOpen) board.node.remove();
    else parts.panel.prepend(board.node);
    open.ariaPressed = String(!isOpen);
    if (isOpen) open.focus();
    else {
      board.show();
      board.node.scrollIntoView({block: 'nearest'});
    }
    return true;
  };
  const take = file => {
    if (!board?.node.isConnected) toggle();
    board.take(file);
  };
  open.addEventListener('click', toggle);
  bindFiles(explorer, isPossible, take, signal);

  return {
    help: [['d', 'Draw a picture of your own'], ['Ctrl+V', 'Paste a picture; or drop a file on the page']],
    key: ({key, ctrlKey, metaKey, altKey}) => key === 'd' && !ctrlKey && !metaKey && !altKey && toggle(),
    extended: () => {
      if (isPossible()) place.append(open);
    },
    dialled: () => board?.follow(),
    rested: () => board?.follow(),
    above: (context, map) => board?.above(context, map),
  };
}

function hasEncoder({extras}) {
  return Object.keys(extras.tensors).some(name => name.startsWith('encoder.'));
}

// Files dropped on the explorer, pictures pasted while nothing that takes text has the focus.
function bindFiles({parts: {root}}, isPossible, take, signal) {
  const fileOf = transfer => Array.from(transfer?.files ?? [])[0];
  root.addEventListener('dragover', event => {
    if (!isPossible() || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    root.classList.add('ls-dropping');
  }, {signal});
  root.addEventListener('dragleave', event => {
    if (!root.contains(event.relatedTarget)) root.classList.remove('ls-dropping');
  }, {signal});
  root.addEventListener('drop', event => {
    root.classList.remove('ls-dropping');
    const file = fileOf(event.dataTransfer);
    if (!isPossible() || !file) return;
    event.preventDefault();
    take(file);
  }, {signal});
  window.addEventListener('paste', event => {
    const file = fileOf(event.clipboardData);
    const isText = event.composedPath().some(node => node.matches?.('input:not([type=range]), textarea, [contenteditable]'));
    if (!isPossible() || !file || isText || !root.isConnected) return;
    event.preventDefault();
    take(file);
  }, {signal});
}

function createBoard(explorer, close) {
  const {meta, scene, bundle} = explorer;
  const style = styleOf(explorer);
  const canvas = element('canvas', 'ls-pad', {role: 'img', ariaLabel: 'Pad to draw on with mouse, pen or finger', tabIndex: -1});
  const [, height, width] = meta.shape;
  canvas.style.aspectRatio = `${width} / ${height}`;
  const parts = buildBoard(canvas, style, {undo, clear, start, choose: take, close, pick, brush});
  const usual = usualError(bundle);
  let encoder = null;
  let drawn = null; // {z, variance, values, beta} as it was encoded last
  let took = 0; // milliseconds
  let remark = ''; // on the file it came from
  const pad = createPad(canvas, meta.shape, style, {begin, drawn: refresh, end}, scene.signal);
  canvas.addEventListener('keydown', event => { // what was drawn last is meant, not the pin
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || pad.isEmpty()) return;
    event.preventDefault();
    event.stopPropagation();
    undo();
  }, {signal: scene.signal});
  brush(1);
  createEncoder(bundle, explorer.extras).then(made => {
    encoder = made;
    refresh();
  }).catch(error => say(error.message));

  function say(sentence) {
    parts.note.textContent = sentence;
    explorer.say(sentence);
  }

  function begin() {
    remark = '';
    explorer.depart();
    explorer.reporter.hold();
  }

  function end() {
    explorer.hands.reveal();
    judge();
    explorer.reporter.release();
  }

  // Encodes what is on the pad and goes there.
  function refresh() {
    parts.undo.disabled = parts.clear.disabled = pad.isEmpty();
    if (pad.isEmpty()) showCanvas(parts.seen, null);
    if (!encoder || pad.isEmpty()) return;
    const values = paintStrokes(pad.strokes, meta.shape, style, pad.base);
    showCanvas(parts.seen, paintPixels(values, meta.shape));
    const start = performance.now();
    if (explorer.beta !== null) encoder.dial(Math.log(explorer.beta));
    const {mu, logVar} = encoder.encode(values);
    took = performance.now() - start;
    drawn = {z: Array.from(mu), variance: Array.from(logVar, Math.exp), values, beta: explorer.beta};
    explorer.change({z: drawn.z, selected: -1});
  }

  // A drawing that the pin stands on is encoded as the dial says, at once or when it has come to rest.
  function follow() {
    const isDue = drawn && drawn.beta !== explorer.beta && explorer.state.z === drawn.z;
    if (isDue && (took < QUICK_ENCODER || !explorer.reporter.isHeld())) refresh();
  }

  // What the model makes of it: the reconstruction's error beside those of the examples.
  function judge() {
    if (!drawn) return say(remark);
    const {values, z} = drawn;
    const compared = decoded => drawn?.z === z && compare(meanSquare(values, decoded));
    return scene.order(parts, z, compared);
  }

  function compare(error) {
    const isFar = usual !== null && error > usual;
    say(`${remark}Drawn again with an error of ${error.toFixed(3)} a pixel${usual === null ? '' : isFar ? `, more than nearly all examples (${usual.toFixed(3)}): the model knows little like it` : ', as examples are'}.`);
  }

  function change(alter) {
    begin();
    alter();
    refresh();
    end();
  }

  function undo() {
    change(() => pad.undo());
  }

  function clear() {
    pad.clear();
    drawn = null;
    refresh();
    explorer.touched();
    say('');
  }

  function start() {
    scene.order(canvas, explorer.state.z, decoded => {
      const base = decoded.slice();
      change(() => Object.assign(pad, {strokes: [], base}));
      pad.show();
    });
  }

  async function take(file) {
    try {
      const {values, notes} = await readPicture(file, meta.shape, style);
      change(() => {
        Object.assign(pad, {strokes: [], base: values});
        remark = notes.map(note => `${note} `).join('');
      });
      pad.show();
    } catch (error) {
      say(error.message);
    }
  }

  function pick(k) {
    pad.isEraser = k === style.colours.length;
    pad.colour = style.colours[k] ?? pad.colour;
    parts.swatches.forEach((swatch, other) => { swatch.ariaPressed = String(other === k); });
  }

  function brush(times) {
    pad.width = times * fittingBrush(style, meta.shape);
  }

  pick(0);
  return {
    node: parts.node,
    take,
    follow,
    show: () => requestAnimationFrame(pad.show),
    above(context, map) {
      const {chart, state} = explorer;
      if (drawn && state.z === drawn.z && chart.jacobian && meta.posterior.deterministic !== true) {
        drawSpread(context, map, chart, chart.place(drawn.z), drawn.variance);
      }
    },
  };
}

// How the data set's pictures are made, in shares, so that small pictures of them tell it too. Without pictures: white
// on black, anywhere.
function styleOf({thumbs, meta: {shape}}) {
  if (thumbs?.count) return measureInk(thumbs);
  return {background: Array(shape[0]).fill(0), isPlain: false, colours: [Array(shape[0]).fill(1)], stroke: 0.1, place: ''};
}

function usualError({tensors}) {
  const errors = tensors['points.error']?.data;
  return errors?.length ? errors.slice().sort()[Math.floor(USUAL_ERROR * (errors.length - 1))] : null;
}

function buildBoard(canvas, style, act) {
  const button = (textContent, title, does) => {
    const node = element('button', 'ls-tool', {textContent, title});
    node.addEventListener('click', does);
    return node;
  };
  const swatch = (colour, title, k) => {
    const node = button('', title, () => act.pick(k));
    node.ariaLabel = title;
    node.className = 'ls-swatch';
    node.style.background = cssColour(colour);
    return node;
  };
  const parts = {seen: element('canvas', '', {role: 'img', ariaLabel: 'As the model sees it', width: 1, height: 1}), note: element('p', 'ls-note')};
  const inks = style.colours.map((colour, k) => swatch(colour, style.colours.length > 1 ? `Colour ${k + 1}` : 'Ink', k));
  parts.swatches = [...inks, swatch(style.background, 'Rub out', style.colours.length)];
  parts.undo = button('Undo stroke', 'Takes the last stroke back', act.undo);
  parts.clear = button('Clear', 'An empty pad', act.clear);
  const width = element('input', '', {type: 'range', min: 0.5, max: 3, step: 0.1, value: 1, ariaLabel: 'Width of the brush', title: 'Width of the brush; 1 is the data set’s own'});
  width.addEventListener('input', () => act.brush(width.valueAsNumber));
  const file = element('input', '', {type: 'file', accept: 'image/*', hidden: true});
  file.addEventListener('change', () => {
    if (file.files[0]) act.choose(file.files[0]);
    file.value = '';
  });
  const shut = element('button', 'ls-close', {textContent: '✕', ariaLabel: 'Close the pad', title: 'Close the pad (d)'});
  shut.addEventListener('click', act.close);
  const seen = element('figure', 'ls-seen', {}, element('span', 'ls-tile', {}, parts.seen), element('figcaption', '', {textContent: 'as the model sees it'}));
  const tools = element('div', 'ls-pad-tools', {}, seen, element('div', 'ls-swatches', {role: 'group', ariaLabel: 'Brush'}, ...parts.swatches), width,
    parts.undo, parts.clear, button('From picture', 'Draw on the picture that is shown', act.start), button('Open a file', 'A picture of yours; or drop or paste one', () => file.click()), file);
  const head = element('header', '', {}, element('b', '', {textContent: 'Draw your own'}), shut);
  parts.node = element('section', 'ls-draw', {ariaLabel: 'Draw your own'}, head, element('div', 'ls-board', {}, canvas, tools), parts.note);
  return parts;
}
