// Blends of four codes on a square, as vae_core/blends.py makes them; what they are and where they are from stands there.
// Corners stand top left, top right, bottom left, bottom right; places [u, v] are shares to the right and downwards. Pure.

const TINY = 1e-6; // lengths and angles below which a direction means nothing
const HALF_TRIES = 1_000; // at a half-space that holds all directions
const AVERAGE_ROUNDS = 200; // of Buss and Fillmore's iteration at most
const ARRIVED = 1e-10; // radians, a step below which it has

export function bilinearWeights([u, v]) {
  return [(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v];
}

// blendOf(corners, kind) -> {at(place) -> code, isMeant}: `isMeant` is false where there is no spherical blend and the
// bilinear one stands in for it.
export function blendOf(corners, kind) {
  const straight = {at: place => combine(bilinearWeights(place), corners), isMeant: kind === 'bilinear'};
  const lengths = corners.map(code => Math.hypot(...code));
  if (kind === 'bilinear' || Math.min(...lengths) < TINY) return straight;
  const units = corners.map((code, k) => code.map(value => value / lengths[k]));
  const cosines = units.map(a => units.map(b => innerOf(a, b)));
  if (!fitHalfSpace(cosines)) return straight;
  const at = place => {
    const weights = bilinearWeights(place);
    const length = innerOf(weights, lengths);
    return combine(averageDirection(weights, cosines), units).map(value => length * value);
  };
  return {at, isMeant: true};
}

// Whether one half-space holds all directions, by the perceptron.
function fitHalfSpace(cosines) {
  const counts = cosines.map(() => 1);
  for (let k = 0; k < HALF_TRIES; k++) {
    const inside = cosines.map(row => innerOf(row, counts));
    const worst = inside.indexOf(Math.min(...inside));
    if (inside[worst] > TINY) return true;
    counts[worst] += 1;
  }
  return false;
}

// The spherical average, as coefficients of the directions.
function averageDirection(weights, cosines) {
  const squared = row => innerOf(combine(row, cosines), row);
  let found = weights.map(value => value / Math.sqrt(squared(weights)));
  for (let round = 0; round < AVERAGE_ROUNDS; round++) {
    const toEach = combine(found, cosines).map(value => Math.min(1, Math.max(-1, value)));
    const pull = toEach.map((cosine, k) => {
      const angle = Math.acos(cosine);
      const sine = Math.sin(angle);
      return weights[k] * (sine > TINY ? angle / sine : 1);
    });
    const along = innerOf(pull, toEach);
    const step = pull.map((value, k) => value - along * found[k]);
    const length = Math.sqrt(Math.max(0, squared(step)));
    const scaled = length > 0 ? Math.sin(length) / length : 1;
    found = found.map((value, k) => Math.cos(length) * value + scaled * step[k]);
    const norm = Math.sqrt(squared(found));
    found = found.map(value => value / norm);
    if (length < ARRIVED) break;
  }
  return found;
}

// Four examples to begin with, as their rows: typical ones of classes far apart, see first_corners.
export function firstCorners({mu, latent, count, label}) {
  const codeAt = row => mu.subarray(row * latent, (row + 1) * latent);
  const typical = typicalRows(mu, latent, count, label);
  const rows = typical.length < 4 ? Array.from({length: count}, (_, row) => row) : typical;
  if (!rows.length) return [];
  const chosen = [rows[0]];
  const apart = new Float64Array(rows.length).fill(Infinity);
  while (chosen.length < 4) {
    const last = codeAt(chosen.at(-1));
    rows.forEach((row, k) => { apart[k] = Math.min(apart[k], squareApart(codeAt(row), last)); });
    chosen.push(rows[apart.reduce((best, value, k) => (value > apart[best] ? k : best), 0)]);
  }
  return opposed(chosen, (a, b) => Math.sqrt(squareApart(codeAt(a), codeAt(b))));
}

// In the order whose diagonals are longest, so that the square does not fold over itself.
function opposed([a, b, c, d], apart) {
  const orders = [[a, b, c, d], [a, b, d, c], [a, c, d, b]];
  const diagonals = orders.map(([one, two, three, four]) => apart(one, four) + apart(two, three));
  return orders[diagonals.indexOf(Math.max(...diagonals))];
}

// The example nearest to the middle of each class.
function typicalRows(mu, latent, count, label) {
  const classes = new Map();
  for (let row = 0; row < count; row++) {
    if (label[row] < 0) continue;
    const own = classes.get(label[row]) ?? classes.set(label[row], {members: 0, sum: new Float64Array(latent)}).get(label[row]);
    own.members += 1;
    for (let d = 0; d < latent; d++) own.sum[d] += mu[row * latent + d];
  }
  return [...classes].sort(([a], [b]) => a - b).map(([, {members, sum}]) => {
    const middle = sum.map(value => value / members);
    let [best, least] = [0, Infinity];
    for (let row = 0; row < count; row++) {
      const apart = squareApart(mu.subarray(row * latent, (row + 1) * latent), middle);
      if (apart < least) [best, least] = [row, apart];
    }
    return best;
  });
}

const innerOf = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const squareApart = (a, b) => a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0);
const combine = (weights, rows) => rows[0].map((_, d) => weights.reduce((sum, weight, k) => sum + weight * rows[k][d], 0));
