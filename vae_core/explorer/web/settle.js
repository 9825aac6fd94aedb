// Makes a picture as the data set's own: brought to their size, length and place (ink.js measures these). Pure functions.
//
// A picture is C * H * W values in [0, 1], channel by channel. Places are in pixels, the edge of the first being 0.

import {describeInk, inkAmount, lengthOf} from './ink.js';

const CLOSE = 0.75; // pixels that a picture may be off and still lies as it should: pictures are moved by whole ones

// A picture of `shape`, as large or larger than the model's `target` and of the same proportions, settled in the style
// of measureInk.
export function settlePicture(values, shape, target, style) {
  const [, height, width] = target;
  const step = shape[1] / height; // pixels of the picture for one of the model's
  const found = style.place ? describeInk(inkAmount(values, shape, style.background), shape) : null;
  const whole = () => averageArea(values, shape, [0, 0], step, target, style.background);
  if (!found) return whole();
  const wanted = style.extent * Math.max(height, width);
  const own = lengthOf(found.bounds) / step;
  const off = [width, height].map((side, k) => Math.abs(found[style.place][k] / step - style.centre[k] * side));
  const room = Math.max(CLOSE, 2 * style.scatter * Math.max(height, width));
  if (Math.abs(own - wanted) <= CLOSE && Math.max(...off) <= room) return whole();

  const [left, top, right, bottom] = found.bounds;
  const finer = lengthOf(found.bounds) / wanted;
  const size = [(right - left) / finer, (bottom - top) / finer];
  const patch = [target[0], Math.ceil(size[1]), Math.ceil(size[0])];
  const cut = averageArea(values, shape, [left, top], finer, patch, style.background);
  return centreInk(cut, patch, target, style);
}

// A patch put into the model's frame by whole pixels, its centre where those of the data set are, all of it inside if
// there is room.
export function centreInk(patch, shape, target, {background, place, centre}) {
  const found = describeInk(inkAmount(patch, shape, background), shape);
  const sides = [target[2], target[1]];
  const offset = sides.map((side, k) => {
    const shift = Math.round(centre[k] * side - (found ? found[place][k] : side / 2));
    const [low, high] = found ? [-found.bounds[k], side - found.bounds[k + 2]] : [shift, shift];
    return Math.min(Math.max(shift, Math.min(low, high)), Math.max(low, high));
  });
  return averageArea(patch, shape, offset.map(value => -value), 1, target, background);
}

// Every pixel of the target is the mean of `step` by `step` of the picture's, from `origin` [x, y] on; what lies outside
// counts as background.
export function averageArea(values, [channels, height, width], [left, top], step, [, high, wide], background) {
  const made = new Float32Array(channels * high * wide);
  const columns = Array.from({length: wide}, (_, x) => coverOf(left + x * step, step, width));
  const rows = Array.from({length: high}, (_, y) => coverOf(top + y * step, step, height));
  for (let c = 0; c < channels; c++) {
    const plane = values.subarray(c * height * width, (c + 1) * height * width);
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) made[(c * high + y) * wide + x] = meanOver(plane, width, rows[y], columns[x], background[c]);
    }
  }
  return made;
}

// [[pixel, share], ...] of a stretch of pixels; the shares sum to less than 1 where it hangs over the edge.
function coverOf(start, length, count) {
  const cover = [];
  for (let i = Math.max(0, Math.floor(start)); i < Math.min(count, start + length); i++) {
    const share = (Math.min(i + 1, start + length) - Math.max(i, start)) / length;
    if (share > 1e-9) cover.push([i, share]);
  }
  return cover;
}

function meanOver(plane, width, rows, columns, bare) {
  let [sum, covered] = [0, 0];
  for (const [y, high] of rows) {
    for (const [x, wide] of columns) {
      sum += plane[y * width + x] * high * wide;
      covered += high * wide;
    }
  }
  return sum + bare * (1 - covered);
}
