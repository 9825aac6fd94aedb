// Dots that move slowly and are many: each kind is drawn once for a few fractions of a pixel, so that it creeps instead
// of hopping, and is then written into an image, which is far faster than a canvas call a dot.

import {traceShape} from './palette.js';
import {dotInk, makeStamp, mixInks} from './stamps.js';

const PHASES = 4; // fractions of a pixel, each way
const TAIL_STRENGTH = 0.6; // where it meets its dot; it fades to nothing
const TAIL_FAINTEST = 6; // of 255, below which nothing is seen
const TAIL_LEAST = 2; // pixels of motion that leave a tail

// `kinds` are [colour '#rrggbb', shape]. {begin(), dot(kind, x, y, isFaint), tail(kind, fromX, fromY, x, y), paint(context)}
// in pixels of an image of that size; paint() puts what was drawn since begin() on a canvas, `density` pixels each.
export function createDots(width, height, density, kinds, radius, {strong, faint}) {
  const sheet = new OffscreenCanvas(Math.max(1, width), Math.max(1, height));
  const sheetContext = sheet.getContext('2d', {willReadFrequently: true});
  const image = sheetContext.createImageData(sheet.width, sheet.height);
  const pixels = new Uint32Array(image.data.buffer);
  const stride = sheet.width;
  const masks = new Map();
  for (const [, shape] of kinds) if (!masks.has(shape)) masks.set(shape, rasterisePhases(shape, radius));
  const stampsOf = opacity => kinds.map(([colour, shape]) => masks.get(shape).map(mask => makeStamp(mask, dotInk(colour), opacity, stride, false)));
  const [strongStamps, faintStamps] = [stampsOf(strong), stampsOf(faint)];
  const inks = kinds.map(([colour]) => dotInk(colour));

  function dot(kind, x, y, isFaint) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const phase = Math.floor((y - row) * PHASES) * PHASES + Math.floor((x - column) * PHASES);
    const {middle, offsets, words} = (isFaint ? faintStamps : strongStamps)[kind][phase];
    const [left, top] = [column - middle, row - middle];
    if (!(left >= 0 && top >= 0 && left + 2 * middle <= stride && top + 2 * middle <= sheet.height)) return;
    const start = top * stride + left;
    for (let j = 0; j < offsets.length; j++) {
      const at = start + offsets[j];
      pixels[at] = pixels[at] === 0 ? words[j] : mixInks(pixels[at], words[j]);
    }
  }

  // A line with soft edges (Wu 1991) from where a dot was.
  function tail(kind, fromX, fromY, x, y) {
    const [dx, dy] = [x - fromX, y - fromY];
    const long = Math.max(Math.abs(dx), Math.abs(dy));
    if (!(long >= TAIL_LEAST && long < 4 * stride)) return;
    const isSteep = Math.abs(dy) > Math.abs(dx);
    const steps = Math.round(long);
    for (let k = 0; k < steps; k++) {
      const [atX, atY] = [fromX + dx * k / steps, fromY + dy * k / steps];
      const across = isSteep ? atX : atY;
      const part = across - Math.floor(across);
      const alpha = TAIL_STRENGTH * k / steps * 255;
      tint(Math.floor(atX), Math.floor(atY), inks[kind], alpha * (1 - part));
      tint(Math.floor(atX) + Number(isSteep), Math.floor(atY) + Number(!isSteep), inks[kind], alpha * part);
    }
  }

  function tint(column, row, ink, alpha) {
    if (column < 0 || row < 0 || column >= stride || row >= sheet.height || alpha < TAIL_FAINTEST) return;
    const at = row * stride + column;
    const word = (ink + (alpha | 0) * 0x1000000) >>> 0;
    pixels[at] = pixels[at] === 0 ? word : mixInks(pixels[at], word);
  }

  function paint(context) {
    sheetContext.putImageData(image, 0, 0);
    context.drawImage(sheet, 0, 0, sheet.width / density, sheet.height / density);
  }

  return {begin: () => pixels.fill(0), dot, tail, paint};
}

// A shape's coverage for each fraction, as stamps.js has it for none: {side, middle, alphas}.
function rasterisePhases(shape, radius) {
  const middle = Math.ceil(radius * 1.6) + 2;
  const side = 2 * middle;
  const context = new OffscreenCanvas(side, side).getContext('2d', {willReadFrequently: true});
  return Array.from({length: PHASES * PHASES}, (_, phase) => {
    const shift = [phase % PHASES, Math.floor(phase / PHASES)].map(part => middle + (part + 0.5) / PHASES);
    context.clearRect(0, 0, side, side);
    context.beginPath();
    traceShape(context, shape, ...shift, radius);
    context.fill();
    const {data} = context.getImageData(0, 0, side, side);
    return {side, middle, alphas: Uint8Array.from({length: side * side}, (_, i) => data[4 * i + 3])};
  });
}
