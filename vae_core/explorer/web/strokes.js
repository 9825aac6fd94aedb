// Strokes of a brush as a picture of the model's size. Pure functions.
//
// A stroke is {points: [[x, y], ...], width, colour [C], isEraser}, in the model's pixels, the edge of the first being 0.
// What rubs out paints with the background.

import {centreInk} from './settle.js';

const FINE_GRAIN = 96; // pixels along the longer side in which strokes are laid out before they are averaged
const ENLARGED = 3; // times at most that a drawing is enlarged to the length of the data set's own

// The picture of `strokes` on `base` (C * H * W values, or null for the background). On the background a drawing gets the
// length and the place of the data set's own, `style` of measureInk, and its strokes keep their width.
export function paintStrokes(strokes, shape, style, base = null) {
  if (base || !style.place) return layStrokes(strokes, shape, base ?? blank(shape, style.background));
  const drawn = layStrokes(fitStrokes(strokes, shape, style), shape, blank(shape, style.background));
  return centreInk(drawn, shape, shape, style);
}

// Enlarged or reduced to the wanted length and put into the middle of the frame.
function fitStrokes(strokes, [, height, width], {extent}) {
  const inked = strokes.filter(({isEraser}) => !isEraser);
  if (!inked.length) return strokes;
  const brush = Math.max(...inked.map(stroke => stroke.width));
  const points = inked.flatMap(stroke => stroke.points);
  const ends = [0, 1].map(k => [Math.min(...points.map(point => point[k])), Math.max(...points.map(point => point[k]))]);
  const wanted = extent * Math.max(height, width) - brush;
  const own = Math.max(...ends.map(([low, high]) => high - low));
  const scale = wanted / Math.max(own, wanted / ENLARGED);
  const middle = ends.map(([low, high]) => (low + high) / 2);
  const move = ([x, y]) => [width / 2 + (x - middle[0]) * scale, height / 2 + (y - middle[1]) * scale];
  return strokes.map(stroke => ({...stroke, points: stroke.points.map(move)}));
}

function blank([channels, height, width], background) {
  const values = new Float32Array(channels * height * width);
  background.slice(0, channels).forEach((value, c) => values.fill(value, c * height * width, (c + 1) * height * width));
  return values;
}

// One over the other, neighbours of the same colour as one.
function layStrokes(strokes, shape, ground) {
  const [, height, width] = shape;
  const fine = Math.max(2, Math.round(FINE_GRAIN / Math.max(height, width)));
  const values = ground.slice();
  for (let k = 0; k < strokes.length;) {
    const {colour} = strokes[k];
    const cover = new Float32Array(height * width * fine * fine);
    for (; k < strokes.length && String(strokes[k].colour) === String(colour); k++) coverStroke(cover, width * fine, height * fine, strokes[k], fine);
    blendCover(values, cover, shape, fine, colour);
  }
  return values;
}

// Marks what the stroke covers, its edge a pixel soft.
function coverStroke(cover, wide, high, {points, width}, fine) {
  const radius = width * fine / 2;
  const places = points.map(([x, y]) => [x * fine, y * fine]);
  if (places.length === 1) places.push(places[0]);
  for (let n = 1; n < places.length; n++) coverSegment(cover, wide, high, places[n - 1], places[n], radius);
}

function coverSegment(cover, wide, high, [fromX, fromY], [toX, toY], radius) {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const length = alongX * alongX + alongY * alongY || 1;
  const left = Math.max(0, Math.floor(Math.min(fromX, toX) - radius - 1));
  const right = Math.min(wide, Math.ceil(Math.max(fromX, toX) + radius + 1));
  const bottom = Math.min(high, Math.ceil(Math.max(fromY, toY) + radius + 1));
  for (let y = Math.max(0, Math.floor(Math.min(fromY, toY) - radius - 1)); y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = y * wide + x;
      if (cover[at] === 1) continue;
      const [awayX, awayY] = [x + 0.5 - fromX, y + 0.5 - fromY];
      const t = Math.min(1, Math.max(0, (awayX * alongX + awayY * alongY) / length));
      const distance = Math.sqrt((awayX - t * alongX) ** 2 + (awayY - t * alongY) ** 2);
      cover[at] = Math.max(cover[at], Math.min(1, radius + 0.5 - distance));
    }
  }
}

function blendCover(values, cover, [channels, height, width], fine, colour) {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let amount = 0;
      for (let i = 0; i < fine; i++) {
        const start = (y * fine + i) * width * fine + x * fine;
        for (let j = 0; j < fine; j++) amount += cover[start + j];
      }
      amount /= fine * fine;
      for (let c = 0; c < channels; c++) {
        const at = (c * height + y) * width + x;
        values[at] += amount * (colour[c] - values[at]);
      }
    }
  }
}
