// Paths through a latent space, as vae_core/paths.py makes them: a curve is a function of t that gives a code; 0 is its
// beginning, 1 its end, what lies beyond is overshoot. Pure; codes are arrays of numbers.

const SMALL = 1e-6; // radians and lengths below which a direction means nothing
const STROKE_PARTS = 256; // even distances at which a stroke is taken
const EVEN_ROUNDS = 30; // of evening out steps, at most
const EVEN_ENOUGH = 0.01; // how far the longest step may be above the mean one

const normOf = code => Math.sqrt(code.reduce((sum, value) => sum + value * value, 0));
const gapOf = (a, b) => Math.sqrt(a.reduce((sum, value, d) => sum + (value - b[d]) ** 2, 0));
const mixCodes = (a, b, t) => a.map((value, d) => value + t * (b[d] - value));

export function lineCurve(start, end) {
  return t => mixCodes(start, end, t);
}

// Spherical (Shoemake 1985): of ends that are not of length 1 the direction turns at constant speed while the length
// changes evenly. From or to the origin, and between opposite codes, it goes straight.
export function arcCurve(start, end) {
  const [from, to] = [normOf(start), normOf(end)];
  if (Math.min(from, to) < SMALL) return lineCurve(start, end);
  const [first, last] = [start.map(value => value / from), end.map(value => value / to)];
  const angle = 2 * Math.atan2(gapOf(first, last), normOf(first.map((value, d) => value + last[d])));
  if (angle < SMALL || Math.PI - angle < SMALL) return lineCurve(start, end);
  return t => {
    const [left, right] = [Math.sin((1 - t) * angle), Math.sin(t * angle)].map(part => part / Math.sin(angle));
    const length = from + t * (to - from);
    return first.map((value, d) => (left * value + right * last[d]) * length);
  };
}

// Through `points` in turn at constant speed; where all are one place, it stays there.
export function polyCurve(points) {
  const places = points.filter((point, k) => k === 0 || gapOf(point, points[k - 1]) > 0);
  if (places.length < 2) return () => [...places[0]];
  const reached = [0];
  for (let k = 1; k < places.length; k++) reached.push(reached[k - 1] + gapOf(places[k], places[k - 1]));
  const whole = reached.at(-1);
  return t => {
    const aim = t * whole;
    const piece = Math.min(places.length - 2, Math.max(0, lastAtMost(reached, aim)));
    return mixCodes(places[piece], places[piece + 1], (aim - reached[piece]) / (reached[piece + 1] - reached[piece]));
  };
}

// Place of the last of ascending values that is not above `limit`, -1 without.
function lastAtMost(values, limit) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// One after the other, each in an equal share of t; the last one goes on beyond 1.
export function joinCurves(curves) {
  return t => {
    const place = t * curves.length;
    const piece = Math.min(curves.length - 1, Math.max(0, Math.floor(place)));
    return curves[piece](place - piece);
  };
}

// Through `points` in turn, each piece in an equal share of t, however long it is.
export function steadyCurve(points) {
  return joinCurves(points.slice(1).map((end, k) => lineCurve(points[k], end)));
}

// The legs of a path from anchor to anchor, [start, end] each, and back to the first one in a loop.
export function legsOf(codes, isLoop) {
  const stops = isLoop ? [...codes, codes[0]] : codes;
  return stops.slice(1).map((end, k) => [stops[k], end]);
}

// A stroke by hand without the hand's tremor: averaged with a Gaussian whose standard deviation is `smoothing` of its
// length; continued by its mirror image through its ends, so that they hold still.
export function drawnCurve(stroke, smoothing = 0.05) {
  const along = polyCurve(stroke);
  const even = Array.from({length: STROKE_PARTS + 1}, (_, k) => along(k / STROKE_PARTS));
  const width = Math.round(smoothing * STROKE_PARTS);
  if (width === 0) return polyCurve(even);
  const reach = Math.min(3 * width, STROKE_PARTS);
  const weights = Array.from({length: 2 * reach + 1}, (_, k) => Math.exp(-0.5 * ((k - reach) / width) ** 2));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const mirrored = (end, inner) => end.map((value, d) => 2 * value - inner[d]);
  const at = k => {
    if (k < 0) return mirrored(even[0], even[-k]);
    return k > STROKE_PARTS ? mirrored(even[STROKE_PARTS], even[2 * STROKE_PARTS - k]) : even[k];
  };
  const longer = Array.from({length: STROKE_PARTS + 1 + 2 * reach}, (_, k) => at(k - reach));
  return polyCurve(even.map((code, k) => code.map((_, d) => {
    let sum = 0;
    for (let j = 0; j < weights.length; j++) sum += weights[j] * longer[k + j][d];
    return sum / whole;
  })));
}

// `count` shares of the way, both ends included.
export function evenShares(count) {
  return Array.from({length: count}, (_, k) => k / (count - 1));
}

// The shares at which the picture changes by the same amount in each step, as a generator that can be interrupted: it
// yields lists of t and is to be given, for each, how far the picture has changed up to there (changedUpTo).
export function* alikeShares(count, fine = 256) {
  let t = evenShares(Math.max(fine, count));
  let reached = yield t;
  if (!(reached.at(-1) > 0)) return evenShares(count);
  t = sharesAt(reached, t, count);
  let [best, spread] = [t, Infinity];
  for (let round = 0; round < EVEN_ROUNDS; round++) {
    reached = yield t;
    const steps = reached.slice(1).map((value, k) => value - reached[k]);
    const mean = reached.at(-1) / steps.length;
    const unevenness = mean > 0 ? Math.max(...steps) / mean - 1 : 0;
    if (unevenness < spread) [best, spread] = [t, unevenness];
    if (unevenness <= EVEN_ENOUGH) break;
    t = sharesAt(reached, t, count);
  }
  return best;
}

// Sums of the Euclidean distances of one picture to the next, beginning at 0.
export function changedUpTo(pictures) {
  const reached = [0];
  for (let k = 1; k < pictures.length; k++) reached.push(reached[k - 1] + distanceBetween(pictures[k - 1], pictures[k]));
  return reached;
}

export function distanceBetween(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return Math.sqrt(sum);
}

// t at even shares of what is reached in the end; where nothing changes, its beginning counts.
function sharesAt(reached, t, count) {
  const rising = reached.map((value, k) => k).filter(k => k === 0 || reached[k] > reached[k - 1]);
  const [from, to] = [rising.map(k => reached[k]), rising.map(k => t[k])];
  const found = evenShares(count).map(share => {
    const aim = share * reached.at(-1);
    const k = Math.min(from.length - 2, Math.max(0, lastAtMost(from, aim)));
    return to[k] + (to[k + 1] - to[k]) * Math.min(1, (aim - from[k]) / (from[k + 1] - from[k]));
  });
  found[0] = 0;
  found[count - 1] = 1;
  return found;
}

// {length, direct, smoothness, evenness} of frames (codes or pictures), as paths.shape.
export function shapeOf(frames) {
  const lengths = frames.slice(1).map((frame, k) => distanceBetween(frame, frames[k]));
  const cosines = [];
  for (let k = 1; k < lengths.length; k++) {
    if (lengths[k - 1] * lengths[k] > 0) cosines.push(cosineOf(frames[k - 1], frames[k], frames[k + 1]) / (lengths[k - 1] * lengths[k]));
  }
  const sum = list => list.reduce((total, value) => total + value, 0);
  const longest = Math.max(0, ...lengths);
  return {
    length: sum(lengths),
    direct: distanceBetween(frames[0], frames.at(-1)),
    smoothness: cosines.length ? sum(cosines) / cosines.length : 1,
    evenness: longest > 0 ? sum(lengths) / lengths.length / longest : 1,
  };
}

function cosineOf(a, b, c) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (b[i] - a[i]) * (c[i] - b[i]);
  return sum;
}

// The blend of pictures in turn at a share of the way, pixel by pixel, held at its ends: what a path has to be better than.
export function crossFade(pictures, share) {
  const place = Math.min(1, Math.max(0, share)) * (pictures.length - 1);
  const k = Math.min(pictures.length - 2, Math.floor(place));
  const part = place - k;
  return blendPictures(pictures[k], pictures[k + 1], part);
}

function blendPictures(from, to, part) {
  const made = new Float32Array(from.length);
  for (let i = 0; i < made.length; i++) made[i] = (1 - part) * from[i] + part * to[i];
  return made;
}
