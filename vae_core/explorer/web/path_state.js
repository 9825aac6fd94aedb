// Where the Interpolate page stands: plain JSON that travels to Python, into an address and back. Pure functions.
//
//   anchors   [{z, row}], two to eight once it has begun; row is an example's place among the points, -1 for no example
//   kind      a key of PATH_KINDS
//   stroke    for 'drawn': [[share, across, up], ...], a hand's way beside the straight one on the map
//   by        'parameter': frames evenly along the path, or 'change': each step changes the picture alike
//   isLoop    back to the first anchor; hasBeyond: a few frames past the ends; isCompared: the other kinds beside
//   axes      the two dimensions of the map, null for its own: the principal plane, or the two that there are
//   beta      where the dial stands, only where there is one
//   at        where the player stands, in frames; speed, ease (PATH_EASES) and repeat (PATH_REPEATS) of playing

export const PATH_FRAMES = 24;
export const PATH_ANCHORS = [2, 8]; // fewest and most, as paths.ANCHORS
export const PATH_KINDS = {linear: 'Straight', spherical: 'Spherical', data: 'Along the data', geodesic: 'Shortest', drawn: 'By hand'};
export const PATH_SPEEDS = [0.5, 1, 2, 4];
export const PATH_EASES = {even: 'Even', soft: 'Soft', pauses: 'Pause at anchors'};
export const PATH_REPEATS = {once: 'Once', loop: 'Loop', swing: 'To and fro'};
const STROKE_MOST = 24; // places of a stroke that are kept

export function firstPath(anchors) {
  return {
    anchors, kind: 'linear', stroke: null, axes: null, by: 'parameter', isLoop: false, hasBeyond: false, isCompared: false,
    at: 0, speed: 1, ease: 'soft', repeat: 'swing',
  };
}

// `state` with whatever of `given` makes sense for this model; it may come from an address. `codeOf(row)` for examples.
export function acceptPath(state, given, {latent, count, codeOf}) {
  const next = {...state};
  if (!given || typeof given !== 'object') return next;
  const isOneOf = (name, choices) => choices.includes(given[name]) && (next[name] = given[name]);
  const anchors = readAnchors(given.anchors, latent, count, codeOf);
  if (anchors) next.anchors = anchors;
  if (isStroke(given.stroke)) next.stroke = given.stroke.map(place => [...place]);
  if (isPlane(given.axes, latent)) next.axes = [...given.axes];
  isOneOf('kind', Object.keys(PATH_KINDS).filter(kind => kind !== 'drawn' || next.stroke));
  isOneOf('by', ['parameter', 'change']);
  isOneOf('speed', PATH_SPEEDS);
  isOneOf('ease', Object.keys(PATH_EASES));
  isOneOf('repeat', Object.keys(PATH_REPEATS));
  for (const name of ['isLoop', 'hasBeyond', 'isCompared']) if (typeof given[name] === 'boolean') next[name] = given[name];
  if (Number.isFinite(given.at)) next.at = Math.min(PATH_FRAMES - 1, Math.max(0, given.at));
  return settlePath(next);
}

// Where the dial is to stand: what is `given`, within its range; null without a dial.
export function acceptDial(dial, given) {
  if (!dial) return null;
  return Number.isFinite(given) && given > 0 ? Math.min(dial.high, Math.max(dial.low, given)) : dial.beta;
}

const isPlane = (axes, latent) => latent > 2 && Array.isArray(axes) && axes.length === 2 && axes[0] !== axes[1]
  && axes.every(d => Number.isInteger(d) && d >= 0 && d < latent);

// A way by hand has two ends: with more anchors, or back to the first, it is a straight one.
export function settlePath(state) {
  const isWhole = state.stroke && state.anchors.length === 2 && !state.isLoop;
  return state.kind === 'drawn' && !isWhole ? {...state, kind: 'linear'} : state;
}

function readAnchors(given, latent, count, codeOf) {
  const [fewest, most] = PATH_ANCHORS;
  if (!Array.isArray(given) || given.length < fewest || given.length > most) return null;
  const anchors = given.map(anchor => {
    const {z, row} = anchor ?? {};
    if (Number.isInteger(row) && row >= 0 && row < count) return {z: codeOf(row), row};
    return Array.isArray(z) && z.length === latent && z.every(Number.isFinite) ? {z: [...z], row: -1} : null;
  });
  return anchors.every(Boolean) ? anchors : null;
}

function isStroke(given) {
  const isPlace = place => Array.isArray(place) && place.length === 3 && place.every(Number.isFinite);
  return Array.isArray(given) && given.length > 1 && given.length <= STROKE_MOST && given.every(isPlace);
}

// What travels: an example goes by its row alone.
export function roundPath(state) {
  const round = value => Number(value.toFixed(4));
  const anchors = state.anchors.map(({z, row}) => (row >= 0 ? {row} : {z: z.map(round), row}));
  const beta = state.beta ? {beta: Number(state.beta.toPrecision(5))} : {};
  return {...state, ...beta, anchors, stroke: state.stroke?.map(place => place.map(value => Number(value.toFixed(3)))) ?? null, at: round(state.at)};
}

// With an anchor taken from one place of the row to another.
export function moveAnchor(anchors, from, to) {
  const others = anchors.filter((_, k) => k !== from);
  others.splice(to, 0, anchors[from]);
  return others;
}

// A stroke on the map, [[x, y], ...], as what it is beside the straight way between its ends.
export function strokeBeside(places) {
  const [first, last] = [places[0], places.at(-1)];
  const reached = [0];
  for (let k = 1; k < places.length; k++) {
    reached.push(reached[k - 1] + Math.hypot(places[k][0] - places[k - 1][0], places[k][1] - places[k - 1][1]));
  }
  const whole = reached.at(-1) || 1;
  const stride = Math.max(1, Math.ceil((places.length - 1) / (STROKE_MOST - 2)));
  const kept = places.map((_, k) => k).filter(k => k % stride === 0 || k === places.length - 1);
  return kept.map(k => {
    const share = reached[k] / whole;
    return [share, ...[0, 1].map(axis => places[k][axis] - first[axis] - share * (last[axis] - first[axis]))];
  });
}

// Codes along a stroke between two others: on the map beside the straight way, across it on that way.
export function strokeCodes(stroke, start, end, chart) {
  return stroke.map(([share, across, up]) => {
    const z = start.map((value, d) => value + share * (end[d] - value));
    const [x, y] = chart.place(z);
    return chart.move(z, [x + across, y + up]);
  });
}

// Two examples to begin with: the most typical ones of the two classes that lie farthest apart, else two far apart.
export function firstAnchors({mu, latent, count, label}, codeOf) {
  if (!count) return [0, 1].map(end => ({z: Array.from({length: latent}, (_, d) => (d ? 0 : 2 * end - 1)), row: -1}));
  const middles = classMeans(mu, latent, count, label);
  const nearest = z => nearestRow(mu, latent, count, z);
  let rows = [0, count - 1];
  let most = -1;
  for (const one of middles) {
    for (const other of middles) {
      const apart = squareOf(one, other);
      if (apart > most) [most, rows] = [apart, [nearest(one), nearest(other)]];
    }
  }
  if (middles.length < 2) rows = [0, farthestRow(mu, latent, count, codeOf(0))];
  return rows.map(row => ({z: codeOf(row), row}));
}

function classMeans(mu, latent, count, label) {
  const sums = new Map();
  for (let n = 0; n < count; n++) {
    if (label[n] < 0) continue;
    if (!sums.has(label[n])) sums.set(label[n], {members: 0, sum: new Array(latent).fill(0)});
    const own = sums.get(label[n]);
    own.members += 1;
    for (let d = 0; d < latent; d++) own.sum[d] += mu[n * latent + d];
  }
  return [...sums.entries()].sort(([a], [b]) => a - b).map(([, {sum, members}]) => sum.map(value => value / members));
}

const squareOf = (a, b) => a.reduce((sum, value, d) => sum + (value - b[d]) ** 2, 0);

function nearestRow(mu, latent, count, z) {
  return bestRow(mu, latent, count, z, (square, best) => square < best, Infinity);
}

function farthestRow(mu, latent, count, z) {
  return bestRow(mu, latent, count, z, (square, best) => square > best, -1);
}

function bestRow(mu, latent, count, z, isBetter, start) {
  let [found, best] = [0, start];
  for (let n = 0; n < count; n++) {
    let sum = 0;
    for (let d = 0; d < latent; d++) sum += (mu[n * latent + d] - z[d]) ** 2;
    if (isBetter(sum, best)) [found, best] = [n, sum];
  }
  return found;
}
