// Pictures beside a replayed cloud: originals and what the model drew of them at the moment, the selected example and
// what stands near it.

import {nearestMoment, nearestTo} from './replay_data.js';
import {element} from './layout.js';

const NEAR_SHOWN = 6;

// {node, chosen node, draw(time), show(n, places)}; `select(n)` is called for an example that is pressed.
export function createReplayPictures(data, select) {
  const {originals, reconstructions} = data;
  const drawn = reconstructions.shape[1];
  const pairs = Array.from({length: drawn}, (_, n) => buildPair(n));
  const row = element('div', 'lr-pairs', {role: 'group', ariaLabel: 'Held-out pictures and their reconstructions'},
    element('span', 'lr-row-name', {textContent: 'Held out'}), element('span', 'lr-row-name', {textContent: 'Rebuilt'}),
    ...pairs.map(pair => pair.button));
  row.style.setProperty('--pairs', drawn);
  const large = {original: pictureCanvas(originals.shape), rebuilt: pictureCanvas(reconstructions.shape.slice(1))};
  const title = element('p', 'lr-selected-name', {ariaLive: 'off'});
  const rebuilt = element('figure', '', {}, large.rebuilt, element('figcaption', '', {textContent: 'rebuilt'}));
  const near = Array.from({length: NEAR_SHOWN}, buildNear);
  const nearRow = element('div', 'lr-near', {role: 'group', ariaLabel: 'Nearest on the map now'}, ...near.map(({button}) => button));
  const selected = element('section', 'lr-selected', {ariaLabel: 'Selected example'},
    element('div', 'lr-large', {}, element('figure', '', {}, large.original, element('figcaption', '', {textContent: 'original'})), rebuilt),
    element('div', 'lr-about', {}, title, element('p', 'lr-near-name', {textContent: 'Nearest on the map now'}), nearRow));
  let [moment, shown] = [-1, -1];

  function buildPair(n) {
    const canvases = [pictureCanvas(originals.shape), pictureCanvas(reconstructions.shape.slice(1))];
    const button = element('button', 'lr-pair', {title: describe(n), ariaLabel: `Select ${describe(n)}`}, ...canvases);
    button.addEventListener('click', () => select(n));
    paintPicture(canvases[0], originals, n);
    return {button, copy: canvases[1]};
  }

  function buildNear() {
    const canvas = pictureCanvas(originals.shape);
    const button = element('button', 'lr-pair', {}, canvas);
    const made = {button, canvas, n: -1};
    button.addEventListener('click', () => select(made.n));
    return made;
  }

  function describe(n) {
    const name = data.names[data.labels[n]];
    return name ? `example ${n + 1}, ${name}` : `example ${n + 1}`;
  }

  // Reconstructions are those of the nearest moment that was kept: what the model really drew.
  function draw(time) {
    const now = nearestMoment(data.times, time);
    if (now === moment) return;
    moment = now;
    pairs.forEach(({copy}, n) => paintPicture(copy, reconstructions, moment * drawn + n));
    if (shown >= 0 && shown < drawn) paintPicture(large.rebuilt, reconstructions, moment * drawn + shown);
  }

  function show(n, places) {
    if (n !== shown) {
      shown = n;
      paintPicture(large.original, originals, n);
      title.textContent = describe(n).replace(/^e/, 'E');
      rebuilt.hidden = n >= drawn;
      if (n < drawn) paintPicture(large.rebuilt, reconstructions, Math.max(0, moment) * drawn + n);
      pairs.forEach(({button}, k) => { button.ariaPressed = String(k === n); });
    }
    const found = nearestTo(places, n, NEAR_SHOWN);
    near.forEach((made, k) => {
      made.button.hidden = found[k] === undefined;
      if (made.n === found[k] || found[k] === undefined) return;
      made.n = found[k];
      paintPicture(made.canvas, originals, made.n);
      made.button.title = describe(made.n);
      made.button.ariaLabel = `Select ${describe(made.n)}`;
    });
  }

  return {row, selected, draw, show, describe};
}

const pictureCanvas = ([, , height, width]) => element('canvas', '', {width, height});

// Picture number n of {shape [..., C, h, w], data} on a canvas of that size.
function paintPicture(canvas, {shape, data}, n) {
  const [channels, height, width] = shape.slice(-3);
  const size = height * width;
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  const start = n * channels * size;
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = data[start + Math.min(c, channels - 1) * size + i];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
