// How the pictures of a data set lie on their background: measured from the examples, so that what a person draws can
// be made alike. MNIST's digits are 20 of 28 pixels long with their centre of mass in the middle (LeCun, Cortes and
// Burges, "The MNIST database"); clothes fill their frame; others lie anywhere. Pure functions.
//
// A picture is C * H * W values in [0, 1], channel by channel. Places are in pixels, the edge of the first being 0.

const MEASURED = 400; // examples at most
const FAINT_INK = 0.1; // from the background, below which a pixel counts as bare
const PLAIN = 0.6; // of all border pixels bare: the pictures have a background
const ALIKE = 0.2; // of the middle one, by which 90 % of all lengths differ at most where pictures are of one length
const CENTRED = 0.06; // of the frame, by which centres scatter at most where pictures are centred
const SWATCHES = 5;
const TONES = 4; // of each channel, to count colours by

// measureInk({count, shape [C, H, W], values(row)}) -> {background [C], isPlain, stroke, colours: [[C], ...] to draw with,
// place: 'mass' or 'box', then with extent, centre [x, y] and scatter; '' where pictures lie anywhere}. Lengths are
// shares of the frame's longer side, centres shares of its width and height.
export function measureInk({count, shape, values}) {
  const step = Math.max(1, Math.floor(count / MEASURED));
  const pictures = Array.from({length: Math.min(MEASURED, count)}, (_, k) => values(k * step));
  const {background, plainness} = measureBorder(pictures, shape);
  const isPlain = plainness >= PLAIN;
  const found = pictures.map(picture => describeInk(inkAmount(picture, shape, background), shape)).filter(Boolean);
  const stroke = Math.max(1, middleOf(found.map(each => each.stroke)) || 1) / Math.max(...shape.slice(1));
  return {background, isPlain, stroke, colours: coloursOf(pictures, shape, background), ...placingOf(isPlain ? found : [], shape)};
}

// {background: the middle value of each channel along the border, plainness: the share of the border that has it}.
export function measureBorder(pictures, [channels, height, width]) {
  const size = height * width;
  const edge = Array.from({length: size}, (_, i) => i).filter(i => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return !x || !y || x === width - 1 || y === height - 1;
  });
  const background = Array.from({length: channels}, (_, c) => middleOf(pictures.flatMap(picture => edge.map(i => picture[c * size + i]))));
  let bare = 0;
  for (const picture of pictures) {
    for (const i of edge) if (background.every((value, c) => Math.abs(picture[c * size + i] - value) < FAINT_INK)) bare++;
  }
  return {background, plainness: bare / (edge.length * pictures.length || 1)};
}

// How far each pixel is from the background, in the channel that differs most: H * W values.
export function inkAmount(picture, [channels, height, width], background) {
  const size = height * width;
  const ink = new Float32Array(size);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < size; i++) ink[i] = Math.max(ink[i], Math.abs(picture[c * size + i] - background[c]));
  }
  return ink;
}

// {bounds [left, top, right, bottom], box and mass: the two centres [x, y], stroke: how wide strokes are}; null where all
// is bare. The width is twice the area by the outline, whose steps along pixels are 4 / pi too long.
export function describeInk(ink, [, height, width]) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  let [sum, across, down, outline] = [0, 0, 0, 0];
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : ink[y * width + x]);
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      const value = at(x, y);
      outline += Math.abs(value - at(x - 1, y)) + Math.abs(value - at(x, y - 1));
      sum += value;
      across += value * (x + 0.5);
      down += value * (y + 0.5);
      if (value <= FAINT_INK) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  if (right <= left) return null;
  const [box, mass] = [[(left + right) / 2, (top + bottom) / 2], [across / sum, down / sum]];
  return {bounds: [left, top, right, bottom], box, mass, stroke: 2 * sum / (outline * Math.PI / 4)};
}

export const lengthOf = ([left, top, right, bottom]) => Math.max(right - left, bottom - top);

// Whichever of the two centres scatters less, if lengths and centres are alike at all.
function placingOf(found, [, height, width]) {
  const lengths = found.map(({bounds}) => lengthOf(bounds)).sort((a, b) => a - b);
  const at = part => lengths[Math.round(part * (lengths.length - 1))];
  if (!found.length || at(0.95) - at(0.05) > ALIKE * at(0.5)) return {place: ''};
  const options = ['mass', 'box'].map(place => {
    const sides = [width, height].map((side, k) => scatterOf(found.map(each => each[place][k] / side)));
    return {place, centre: sides.map(({mean}) => mean), scatter: Math.max(...sides.map(({deviation}) => deviation))};
  });
  const best = options[0].scatter <= options[1].scatter ? options[0] : options[1];
  return best.scatter > CENTRED ? {place: ''} : {...best, extent: at(0.5) / Math.max(width, height)};
}

// The most frequent colours that stand out, strongest ink first; for one channel the ink alone.
function coloursOf(pictures, [channels, height, width], background) {
  const size = height * width;
  if (channels === 1) {
    const extremes = pictures.map(picture => picture.reduce((best, value) => (Math.abs(value - background[0]) > Math.abs(best - background[0]) ? value : best), background[0]));
    return [[middleOf(extremes)]];
  }
  const bins = new Map();
  for (const picture of pictures) {
    for (let i = 0; i < size; i++) {
      const pixel = Array.from({length: channels}, (_, c) => picture[c * size + i]);
      if (pixel.every((value, c) => Math.abs(value - background[c]) < 2 * FAINT_INK)) continue;
      const key = pixel.map(value => Math.min(TONES - 1, Math.floor(value * TONES))).join();
      const bin = bins.get(key) ?? bins.set(key, {count: 0, sums: pixel.map(() => 0)}).get(key);
      bin.count++;
      pixel.forEach((value, c) => { bin.sums[c] += value; });
    }
  }
  const often = [...bins.values()].sort((a, b) => b.count - a.count).slice(0, SWATCHES);
  return often.length ? often.map(({count, sums}) => sums.map(total => total / count)) : [background.map(value => (value < 0.5 ? 1 : 0))];
}

function middleOf(values) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)];
}

function scatterOf(values) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return {mean, deviation: Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length)};
}
