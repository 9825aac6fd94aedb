// Which examples are nearest to a code, and whether it lies where data lie at all. Pure but for the clock: searches
// go on in slices, so that a hundred thousand examples never hold up a frame.
//
// Distances are Euclidean in the latent space, every dimension divided by its spread (aggregateSpread of points.js).
//
// No data encode at z where it is farther from every example than 99 of 100 examples are from their nearest other
// one. Both are measured in the live dimensions alone: what the decoder ignores makes no code unusual.

import {quantile} from './points.js';
import {rankDimensions} from './state.js';

const SPARE = 1e-6; // so that rounding never shuts out the examples that a search is bounded by
const CHUNK = 1024; // examples between two looks at the clock
const ASKED = 300; // examples whose nearest neighbours tell what is usual
const USUAL = 0.99; // of them are no farther from theirs
const FEWEST = 20; // examples, below which nothing is called usual

// {order: dimensions, the most telling first, live: how many of them carry something, inverse: 1 / spread of each};
// `kl` nats a dimension.
export function readMetric({spread}, kl) {
  const {live, dead} = rankDimensions(kl);
  return {order: [...live, ...dead], live: live.length, inverse: spread.map(value => 1 / value)};
}

// begin(z, hidden) starts a search for the `wanted` examples nearest to z, classes in `hidden` left out; work(until),
// the clock's time in milliseconds, goes on with it and says whether it is done. Then `result` holds rows and their
// distances, nearest first, and `away`, the distance in live dimensions to the nearest example of any class.
export function createNearest({count, latent, mu, label}, metric, wanted) {
  const search = {result: {rows: [], distances: [], away: Infinity}, isDone: true};
  let scan = null;

  // The last result, measured from here, bounds the search: most examples are out after a dimension or two.
  const bounds = isHidden => {
    const {rows} = search.result;
    const sums = rows.map(n => squares(mu, n * latent, scan.z, metric, 0, latent)).sort((a, b) => a - b);
    const near = rows.map(n => squares(mu, n * latent, scan.z, metric, 0, metric.live));
    const isWhole = rows.length === wanted && !rows.some(n => isHidden(label[n]));
    const room = value => value * (1 + SPARE) + SPARE;
    return {limit: isWhole ? room(sums.at(-1)) : Infinity, away: room(Math.min(...near, Infinity))};
  };

  search.begin = (z, hidden) => {
    const classes = new Set(hidden);
    const isHidden = k => classes.has(k);
    scan = {z: Float64Array.from(z), isHidden, next: 0, rows: [], sums: []};
    Object.assign(scan, bounds(isHidden));
    search.isDone = false;
  };

  search.work = until => {
    while (!search.isDone) {
      const end = Math.min(count, scan.next + CHUNK);
      for (let n = scan.next; n < end; n++) visit(n);
      scan.next = end;
      search.isDone = end === count;
      if (!search.isDone && performance.now() >= until) return false;
    }
    const {rows, sums, away} = scan;
    search.result = {rows, distances: sums.map(Math.sqrt), away: Math.sqrt(away)};
    return true;
  };

  function visit(n) {
    const {z, isHidden, limit, away} = scan;
    const isOut = isHidden(label[n]);
    const live = squares(mu, n * latent, z, metric, 0, metric.live, isOut ? away : Math.max(away, limit));
    if (live < away) scan.away = live;
    if (isOut || live > limit) return;
    const sum = live + squares(mu, n * latent, z, metric, metric.live, latent, limit - live);
    if (sum <= limit) insert(n, sum);
  }

  function insert(n, sum) {
    const {rows, sums} = scan;
    let at = sums.length;
    while (at > 0 && sums[at - 1] > sum) at--;
    rows.splice(at, 0, n);
    sums.splice(at, 0, sum);
    if (rows.length > wanted) {
      rows.pop();
      sums.pop();
    }
    if (rows.length === wanted) scan.limit = Math.min(scan.limit, sums.at(-1));
  }

  return search;
}

// The distance beyond which no data encode: work(until) as above, then `value`; null where examples are too few or
// no dimension is live.
export function createUsual({count, latent, mu}, metric) {
  const asked = Math.min(ASKED, count);
  const least = new Float64Array(asked).fill(Infinity);
  const usual = {value: null, isDone: count < FEWEST || !metric.live};
  const z = new Float64Array(latent);
  let [k, next] = [0, 0];

  usual.work = until => {
    while (!usual.isDone) {
      const own = Math.floor(k * count / asked);
      for (let d = 0; d < latent; d++) z[d] = mu[own * latent + d];
      const end = Math.min(count, next + CHUNK);
      for (let n = next; n < end; n++) {
        if (n !== own) least[k] = Math.min(least[k], squares(mu, n * latent, z, metric, 0, metric.live, least[k]));
      }
      next = end === count ? 0 : end;
      if (next === 0) k++;
      if (k === asked) finish();
      else if (performance.now() >= until) return false;
    }
    return true;
  };

  function finish() {
    usual.value = Math.sqrt(quantile(least.sort(), USUAL));
    usual.isDone = true;
  }
  return usual;
}

// The squared distance of row `at` from z over dimensions [from, to) in the metric's order; any larger number once it
// exceeds `limit`.
function squares(mu, at, z, {order, inverse}, from, to, limit = Infinity) {
  let sum = 0;
  for (let k = from; k < to && sum <= limit; k++) {
    const d = order[k];
    sum += ((mu[at + d] - z[d]) * inverse[d]) ** 2;
  }
  return sum;
}
