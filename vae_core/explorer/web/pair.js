// How two runs on the same data belong together: which rows are the same example, and how one cloud of codes is
// turned onto the other. Pure functions.

const FITTED_EXAMPLES = 4000; // examples at most that an alignment is fitted to, taken evenly
const TURN_SWEEPS = 60; // over all pairs of columns; ten are usual
const STRAIGHT = 1e-12; // cosine below which two columns count as orthogonal
const SILENT = 1e-9; // share of the largest correlation at which dimensions say nothing about each other

// Rows that show the same example, by the examples' numbers in the data set. `partner`: the second run's row for each
// row of the first, -1 without; `origin` the other way round; `shared`: rows of the first that have a partner.
export function matchRows(first, second) {
  const rows = new Map(Array.from(second, (number, row) => [number, row]));
  const partner = Int32Array.from(first, number => rows.get(number) ?? -1);
  const origin = new Int32Array(second.length).fill(-1);
  partner.forEach((row, n) => { if (row >= 0) origin[row] = n; });
  return {partner, origin, shared: Array.from(partner.keys()).filter(n => partner[n] >= 0)};
}

// The row of the second run that has a partner and stands nearest to (atX, atY) among its `places`; classes in `hidden`
// left out, -1 without any.
export function nearestPartner({origin}, {label}, {x, y}, hidden, atX, atY) {
  let best = -1;
  let least = Infinity;
  for (let n = 0; n < origin.length; n++) {
    const distance = (x[n] - atX) ** 2 + (y[n] - atY) ** 2;
    if (origin[n] >= 0 && distance < least && !hidden.includes(label[n])) [best, least] = [n, distance];
  }
  return best;
}

// Points of readPoints, reduced to `rows`.
export function pickPoints(points, rows) {
  if (rows.length === points.count) return points;
  const {latent} = points;
  const mu = new Float32Array(rows.length * latent);
  rows.forEach((row, n) => mu.set(points.mu.subarray(row * latent, (row + 1) * latent), n * latent));
  return {...points, count: rows.length, mu, label: Int16Array.from(rows, row => points.label[row])};
}

// The Procrustes alignment of the second cloud with the first: z = scale * (code - its mean) * turn + the first's mean,
// `turn` orthogonal (reflections allowed), scale and turn least squares over the shared examples (Schönemann 1966,
// Psychometrika 31, 1-10; Gower 1975). The smaller of two latent sizes counts as padded with zeros.
// Returns {forth(code) -> z, back(z) -> code, agreement}: `agreement` is the share of the first cloud's spread that the
// second one explains, 0 to 1; 1 minus what scipy.spatial.procrustes calls the disparity. null where a cloud is a point.
export function alignClouds(a, b, {partner, shared}) {
  const size = Math.max(a.latent, b.latent);
  const step = Math.max(1, shared.length / FITTED_EXAMPLES);
  const rows = Array.from({length: Math.ceil(shared.length / step)}, (_, k) => shared[Math.floor(k * step)]);
  const first = centreCloud(a, rows, size);
  const second = centreCloud(b, rows.map(row => partner[row]), size);
  if (!(first.power > 0 && second.power > 0)) return null;
  const {turn, trace} = nearestRotation(crossProducts(second.rows, first.rows, size), size);
  const scale = trace / second.power;
  const move = (code, from, to, apply) => apply(padCode(code, size).map((value, d) => value - from[d])).map((value, d) => value + to[d]);
  const rotate = code => listOf(size, d => scale * sumOver(size, k => code[k] * turn[k * size + d]));
  const revert = code => listOf(size, k => sumOver(size, d => code[d] * turn[k * size + d]) / scale);
  return {
    agreement: trace ** 2 / (first.power * second.power),
    forth: code => move(code, second.mean, first.mean, rotate).slice(0, a.latent),
    back: z => move(z, first.mean, second.mean, revert).slice(0, b.latent),
  };
}

const listOf = (length, make) => Array.from({length}, (_, k) => make(k));
const padCode = (code, size) => listOf(size, d => code[d] ?? 0);

function sumOver(length, term) {
  let total = 0;
  for (let k = 0; k < length; k++) total += term(k);
  return total;
}

// {rows (one Float64Array of `size` each, mean taken off), mean, power (sum of squares)}
function centreCloud({mu, latent}, chosen, size) {
  const mean = listOf(size, d => (d < latent ? sumOver(chosen.length, n => mu[chosen[n] * latent + d]) / chosen.length : 0));
  const rows = chosen.map(row => Float64Array.from(mean, (middle, d) => (d < latent ? mu[row * latent + d] - middle : 0)));
  return {rows, mean, power: rows.reduce((total, row) => total + dotOf(row, row), 0)};
}

// left' * right, as size * size values row by row.
function crossProducts(left, right, size) {
  const made = new Float64Array(size * size);
  left.forEach((row, n) => {
    const other = right[n];
    for (let k = 0; k < size; k++) for (let d = 0; d < size; d++) made[k * size + d] += row[k] * other[d];
  });
  return made;
}

// The orthogonal matrix nearest to M = U S V', which is U V', and the trace of S; by one-sided Jacobi rotations of the
// columns (Hestenes 1958). A little of the identity is added first, so that dimensions about which M says nothing stay.
function nearestRotation(matrix, size) {
  const tiny = SILENT * Math.sqrt(dotOf(matrix, matrix));
  const column = d => Float64Array.from({length: size}, (_, k) => matrix[k * size + d] + (k === d ? tiny : 0));
  const made = listOf(size, column); // becomes U S
  const turned = listOf(size, d => Float64Array.from({length: size}, (_, k) => Number(k === d))); // becomes V
  for (let sweep = 0; sweep < TURN_SWEEPS && rotateAll(made, turned, size); sweep++);
  const lengths = made.map(values => Math.sqrt(dotOf(values, values)));
  const turn = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    for (let d = 0; d < size; d++) turn[k * size + d] = sumOver(size, j => made[j][k] / lengths[j] * turned[j][d]);
  }
  return {turn, trace: lengths.reduce((total, length) => total + length, 0) - size * tiny};
}

// One sweep; false once all columns are orthogonal.
function rotateAll(made, turned, size) {
  let isMoving = false;
  for (let p = 0; p < size; p++) {
    for (let q = p + 1; q < size; q++) {
      const [own, other, shared] = [dotOf(made[p], made[p]), dotOf(made[q], made[q]), dotOf(made[p], made[q])];
      if (Math.abs(shared) <= STRAIGHT * Math.sqrt(own * other)) continue;
      isMoving = true;
      const half = (other - own) / (2 * shared);
      const tangent = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(1, half));
      const cosine = 1 / Math.hypot(1, tangent);
      for (const columns of [made, turned]) rotatePair(columns[p], columns[q], cosine, cosine * tangent);
    }
  }
  return isMoving;
}

function rotatePair(p, q, cosine, sine) {
  for (let k = 0; k < p.length; k++) {
    const old = p[k];
    p[k] = cosine * old - sine * q[k];
    q[k] = sine * old + cosine * q[k];
  }
}

function dotOf(a, b) {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * b[k];
  return total;
}
