// The points as a crowd on the map: which is under the hand, which have room for a picture, how dense they stand.
// Pure functions on places {x, y}, Float32Arrays of equal length.

const INDEX_CELLS = 128; // along each side of the grid by which points are found
const DENSITY_BINS = 96; // along each side of the map of densities
const DENSITY_BLURS = 3; // of three bins each, about a Gaussian of 1.4 bins

// nearest(places, hidden, atX, atY, reach): the row shown nearest to a place among those within `reach`, -1 without.
// The index is made once for the same places.
export function createFinder(label) {
  let [indexed, nearest] = [null, null];
  return (places, hidden, ...near) => {
    if (places !== indexed) [indexed, nearest] = [places, indexPlaces(places)];
    return nearest(...near, n => !hidden.includes(label[n]));
  };
}

// Points sorted into the cells of a grid, to be asked for those near a place:
// nearest(atX, atY, reach, isShown) is the row nearest to it among those within `reach`, -1 without.
export function indexPlaces({x, y}) {
  const [columns, rows] = [gridAxis(x, INDEX_CELLS), gridAxis(y, INDEX_CELLS)];
  const starts = new Uint32Array(INDEX_CELLS * INDEX_CELLS + 1);
  const cell = n => rows(y[n]) * INDEX_CELLS + columns(x[n]);
  for (let n = 0; n < x.length; n++) starts[cell(n) + 1]++;
  for (let c = 0; c < INDEX_CELLS * INDEX_CELLS; c++) starts[c + 1] += starts[c];
  const sorted = new Uint32Array(x.length);
  const next = starts.slice();
  for (let n = 0; n < x.length; n++) sorted[next[cell(n)]++] = n;

  return (atX, atY, reach, isShown) => {
    let best = -1;
    let least = reach * reach;
    for (let row = rows(atY - reach); row <= rows(atY + reach); row++) {
      const [first, last] = [columns(atX - reach), columns(atX + reach)];
      for (let i = starts[row * INDEX_CELLS + first]; i < starts[row * INDEX_CELLS + last + 1]; i++) {
        const n = sorted[i];
        const distance = (x[n] - atX) ** 2 + (y[n] - atY) ** 2;
        if (distance <= least && isShown(n)) [best, least] = [n, distance];
      }
    }
    return best;
  };
}

// value => its cell; stragglers beyond three deviations share the outermost cells.
function gridAxis(values, cells) {
  const {mean, deviation} = axisMoments(values);
  const low = mean - 3 * deviation;
  const pace = cells / (6 * deviation || 1);
  return value => Math.max(0, Math.min(cells - 1, Math.floor((value - low) * pace)));
}

function axisMoments(values) {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / (values.length || 1);
  for (const value of values) squares += (value - mean) ** 2;
  return {mean, deviation: Math.sqrt(squares / (values.length || 1))};
}

// Of `rows`, in their order, those that keep a square of `side` for themselves.
export function keepApart({x, y}, rows, side) {
  const taken = new Map();
  const key = (column, row) => column * 0x100000 + row;
  return rows.filter(n => {
    const [column, row] = [Math.floor(x[n] / side), Math.floor(y[n] / side)];
    for (let i = column - 1; i <= column + 1; i++) {
      for (let j = row - 1; j <= row + 1; j++) {
        const other = taken.get(key(i, j));
        if (other !== undefined && Math.abs(x[other] - x[n]) < side && Math.abs(y[other] - y[n]) < side) return false;
      }
    }
    taken.set(key(column, row), n);
    return true;
  });
}

// How many of the points that `isShown` picks stand on one unit square of the map around each point, Float32Array:
// a histogram, smoothed.
export function densities({x, y}, isShown) {
  const [mx, my] = [axisMoments(x), axisMoments(y)];
  const wide = Math.max(mx.deviation, my.deviation) || 1;
  const bin = 7 * wide / DENSITY_BINS; // the same both ways
  const column = n => clampBin((x[n] - mx.mean) / bin + DENSITY_BINS / 2);
  const row = n => clampBin((y[n] - my.mean) / bin + DENSITY_BINS / 2);
  let counts = new Float32Array(DENSITY_BINS * DENSITY_BINS);
  for (let n = 0; n < x.length; n++) if (isShown(n)) counts[row(n) * DENSITY_BINS + column(n)]++;
  for (let k = 0; k < DENSITY_BLURS; k++) counts = blurred(blurred(counts, 1), DENSITY_BINS);
  const found = new Float32Array(x.length);
  for (let n = 0; n < x.length; n++) found[n] = counts[row(n) * DENSITY_BINS + column(n)] / (bin * bin);
  return found;
}

const clampBin = at => Math.max(0, Math.min(DENSITY_BINS - 1, Math.floor(at)));

// The mean of each bin and its two neighbours, `step` apart; beyond the edge there is nothing.
function blurred(counts, step) {
  return counts.map((count, i) => {
    const at = Math.floor(i / step) % DENSITY_BINS;
    return (count + (at > 0 ? counts[i - step] : 0) + (at < DENSITY_BINS - 1 ? counts[i + step] : 0)) / 3;
  });
}
