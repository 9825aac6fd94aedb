// The encoded examples: where they stand on the map, which is nearest, where a class has its middle.

import {mixPoints} from './state.js';

const SAMPLE = 2_000; // points are enough to say where classes have their middles
const CROWD = 1 / 3; // of all others at most may stand as near to a class's place as the nearer half of its own

// {count, latent, mu and logVar (count * latent), label, spread (aggregateSpread), moved()} of a parsed bundle; moved()
// is to be called when codes have changed.
export function readPoints({meta: {latent}, tensors}) {
  const [mu, logVar] = ['points.mu', 'points.log_var'].map(name => tensors[name].data);
  const count = tensors['points.mu'].shape[0];
  let spread = null;
  return {
    count,
    latent,
    mu,
    logVar,
    label: tensors['points.label'].data,
    get spread() { return (spread ??= aggregateSpread(mu, logVar, latent)); },
    moved() { spread = null; },
  };
}

// One standard deviation of the aggregate posterior 1/N sum_n q(z | x_n) in each dimension (Hoffman and Johnson,
// "ELBO surgery", 2016): the variance of the means and the mean of the variances. 1 where there is nothing to measure.
export function aggregateSpread(mu, logVar, latent) {
  const count = mu.length / latent;
  return Float64Array.from({length: latent}, (_, d) => {
    let [sum, squares, own] = [0, 0, 0];
    for (let at = d; at < mu.length; at += latent) sum += mu[at];
    const mean = sum / count;
    for (let at = d; at < mu.length; at += latent) {
      squares += (mu[at] - mean) * (mu[at] - mean);
      own += Math.exp(logVar[at]);
    }
    return Math.sqrt((squares + own) / count) || 1;
  });
}

// {x, y}: places on the map for the given axes. With one axis, a heap: as high as the points are dense.
export function placePoints({mu, latent}, axes) {
  const x = column(mu, latent, axes[0]);
  return {x, y: axes.length > 1 ? column(mu, latent, axes[1]) : heap(x)};
}

// Places on the way from one set to another, t from 0 to 1.
export function mixPlaces(from, to, t) {
  return {x: mixPoints(from.x, to.x, t), y: mixPoints(from.y, to.y, t)};
}

// Both sets of places in one.
export function joinPlaces(a, b) {
  const join = (left, right) => {
    const both = new Float32Array(left.length + right.length);
    both.set(left);
    both.set(right, left.length);
    return both;
  };
  return {x: join(a.x, b.x), y: join(a.y, b.y)};
}

// The number of the example whose mean is nearest to z, every dimension measured by its spread, classes in `hidden`
// left out; -1 without any.
export function nearestPoint({count, latent, mu, label, spread}, z, hidden) {
  let best = -1;
  let least = Infinity;
  for (let n = 0; n < count; n++) {
    if (hidden.includes(label[n])) continue;
    let distance = 0;
    for (let d = 0; d < latent; d++) {
      distance += ((mu[n * latent + d] - z[d]) / spread[d]) ** 2;
      if (distance >= least) break;
    }
    if (distance < least) [best, least] = [n, distance];
  }
  return best;
}

// The number of the example shown nearest to (atX, atY) on the map, -1 where none is within `reach` units.
export function nearestOnMap({count, label}, {x, y}, hidden, atX, atY, reach) {
  let best = -1;
  let least = reach * reach;
  for (let n = 0; n < count; n++) {
    const distance = (x[n] - atX) ** 2 + (y[n] - atY) ** 2;
    if (distance <= least && !hidden.includes(label[n])) [best, least] = [n, distance];
  }
  return best;
}

// [{k, x, y, count}], largest first: the median place of every class that is shown and gathers there, so that its
// name says something about the place. Of many points every so manieth is looked at.
export function classPlaces({label}, {x, y}, hidden) {
  const shown = lookedAt(label, hidden);
  const members = new Map();
  for (const n of shown) {
    const k = label[n];
    if (k < 0) continue;
    if (!members.has(k)) members.set(k, []);
    members.get(k).push(n);
  }
  const middle = (list, values) => quantile(Float32Array.from(list, n => values[n]).sort(), 0.5);
  const places = [...members].map(([k, list]) => ({k, count: list.length, x: middle(list, x), y: middle(list, y)}));
  const isGathered = place => {
    const away = n => (x[n] - place.x) * (x[n] - place.x) + (y[n] - place.y) * (y[n] - place.y);
    const own = members.get(place.k);
    const half = quantile(Float64Array.from(own, away).sort(), 0.5);
    let strangers = 0;
    for (const n of shown) if (label[n] !== place.k && away(n) <= half) strangers += 1;
    return strangers <= CROWD * (shown.length - own.length);
  };
  return places.filter(isGathered).sort((a, b) => b.count - a.count);
}

function lookedAt(label, hidden) {
  const stride = Math.ceil(label.length / SAMPLE);
  const shown = [];
  for (let n = 0; n < label.length; n += stride) if (!hidden.includes(label[n])) shown.push(n);
  return shown;
}

// Of values already in order.
export function quantile(sorted, share) {
  return sorted[Math.round(share * (sorted.length - 1))];
}

function column(mu, latent, d) {
  const values = new Float32Array(mu.length / latent);
  for (let n = 0; n < values.length; n++) values[n] = mu[n * latent + d];
  return values;
}

// Heights for points on a line: spread evenly below the smoothed histogram, whose top is a third of its width.
function heap(x) {
  const sorted = x.slice().sort();
  const low = sorted[0];
  const width = sorted.at(-1) - low || 1;
  const bins = new Float32Array(66);
  const bin = value => 1 + Math.floor((value - low) / width * 63.99);
  x.forEach(value => bins[bin(value)]++);
  const smooth = bins.map((n, b) => n + ((bins[b - 1] ?? 0) + (bins[b + 1] ?? 0)) / 2);
  const top = Math.max(...smooth);
  const golden = 0.618034; // multiples of it fill the unit interval evenly
  return x.map((value, n) => (n * golden % 1 - 0.5) * smooth[bin(value)] / top * width / 3);
}
