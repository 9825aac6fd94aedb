// Paths that stay where data is: from encoding to encoding over a graph of neighbours, as vae_core/data_paths.py goes. It
// takes the browser a moment to lay the graph and then a few milliseconds for a path, less than asking a server would.

import {createIndex, keepDimensions} from './path_near.js';
import {drawnCurve, lineCurve} from './path_curves.js';

const ROAD_NEIGHBOURS = 10;
const ROAD_ENTRIES = 5; // encodings near an anchor, through which a path may leave it
const ROAD_SMOOTHING = 0.04; // of the path's length
const ROAD_MOST = 10_000; // encodings that the graph joins, spread over all

// {work(until), isDone, route(start, end) -> codes from start to end over encodings, curve(start, end)}; the last two once
// it is done. `dims` are the dimensions in which distances are taken.
export function createRoads({mu, latent, count}, dims) {
  const taken = differentRows({mu, latent, count}, dims);
  const codeOf = k => Array.from(mu.subarray(taken[k] * latent, (taken[k] + 1) * latent));
  const flat = Float32Array.from(taken.flatMap(row => codeAt(mu, latent, row)));
  const packed = keepDimensions({mu: flat, latent, count: taken.length}, dims);
  const index = createIndex(packed, taken.length, dims.length);
  const edges = taken.map(() => new Map()); // squared length by neighbour
  const roads = {isDone: taken.length < 2, route, curve};
  let next = 0;

  const join = (a, b, square) => {
    edges[a].set(b, square);
    edges[b].set(a, square);
  };
  const placeOf = k => packed.subarray(k * dims.length, (k + 1) * dims.length);

  roads.work = until => {
    while (!roads.isDone) {
      const {rows, squares} = index.near(placeOf(next), Math.min(ROAD_NEIGHBOURS, taken.length - 1), next);
      rows.forEach((row, k) => join(next, row, squares[k]));
      next += 1;
      if (next === taken.length) {
        bridgeParts(edges, index, placeOf, join);
        roads.isDone = true;
      } else if (performance.now() >= until) return false;
    }
    return true;
  };

  function route(start, end) {
    const near = code => index.near(dims.map(d => code[d]), Math.min(ROAD_ENTRIES, taken.length));
    const [entries, exits] = [near(start), near(end)];
    const {costs, before} = cheapest(edges, entries);
    const whole = exits.rows.map((row, k) => costs[row] + exits.squares[k]);
    const rows = [exits.rows[whole.indexOf(Math.min(...whole))]];
    while (before[rows[0]] >= 0) rows.unshift(before[rows[0]]);
    return [start, ...rows.map(codeOf), end];
  }

  function curve(start, end) {
    if (taken.length < 2) return lineCurve(start, end);
    return drawnCurve(route(start, end), ROAD_SMOOTHING);
  }
  return roads;
}

const codeAt = (mu, latent, row) => Array.from(mu.subarray(row * latent, (row + 1) * latent));

// Rows of different places in the kept dimensions, at most so many of them.
function differentRows({mu, latent, count}, dims) {
  const stride = Math.max(1, Math.ceil(count / ROAD_MOST));
  const found = new Map();
  for (let n = 0; n < count; n += stride) {
    const key = dims.map(d => mu[n * latent + d]).join();
    if (!found.has(key)) found.set(key, n);
  }
  return [...found.values()];
}

// Joins parts of the graph that nothing joins: the shortest edges between two of them, as few as it takes.
function bridgeParts(edges, index, placeOf, join) {
  const part = partsOf(edges);
  const count = Math.max(...part) + 1;
  if (count === 1) return;
  const shortest = new Map(); // {square, a, b} by two parts
  for (let a = 0; a < edges.length; a++) {
    for (let b = 0; b < a; b++) {
      if (part[a] === part[b]) continue;
      const key = Math.min(part[a], part[b]) * count + Math.max(part[a], part[b]);
      const [one, other] = [placeOf(a), placeOf(b)];
      let square = 0;
      for (let d = 0; d < index.dims; d++) square += (one[d] - other[d]) ** 2;
      if (!(shortest.get(key)?.square <= square)) shortest.set(key, {square, a, b});
    }
  }
  const group = Array.from({length: count}, (_, k) => k);
  for (const {square, a, b} of [...shortest.values()].sort((one, other) => one.square - other.square)) {
    const [left, right] = [group[part[a]], group[part[b]]];
    if (left === right) continue;
    join(a, b, square);
    group.forEach((own, k) => { if (own === right) group[k] = left; });
  }
}

// The number of the connected part that each node belongs to.
function partsOf(edges) {
  const part = new Int32Array(edges.length).fill(-1);
  let count = 0;
  for (let first = 0; first < edges.length; first++) {
    if (part[first] >= 0) continue;
    const open = [first];
    part[first] = count;
    while (open.length) {
      for (const next of edges[open.pop()].keys()) {
        if (part[next] >= 0) continue;
        part[next] = count;
        open.push(next);
      }
    }
    count += 1;
  }
  return part;
}

// Dijkstra from several entries at once: {costs, before (-1 at an entry)} of every node.
function cheapest(edges, {rows, squares}) {
  const costs = new Float64Array(edges.length).fill(Infinity);
  const before = new Int32Array(edges.length).fill(-1);
  const open = createHeap();
  rows.forEach((row, k) => {
    costs[row] = squares[k];
    open.push(squares[k], row);
  });
  for (let top = open.pop(); top; top = open.pop()) {
    const [cost, node] = top;
    if (cost > costs[node]) continue;
    for (const [next, square] of edges[node]) {
      if (cost + square >= costs[next]) continue;
      costs[next] = cost + square;
      before[next] = node;
      open.push(costs[next], next);
    }
  }
  return {costs, before};
}

// A binary heap of [cost, node], the least first.
function createHeap() {
  const items = [];
  const isLess = (a, b) => items[a][0] < items[b][0];
  const swap = (a, b) => { [items[a], items[b]] = [items[b], items[a]]; };
  return {
    push(cost, node) {
      items.push([cost, node]);
      for (let k = items.length - 1; k > 0 && isLess(k, (k - 1) >> 1); k = (k - 1) >> 1) swap(k, (k - 1) >> 1);
    },
    pop() {
      if (!items.length) return null;
      swap(0, items.length - 1);
      const top = items.pop();
      for (let k = 0; ;) {
        const [left, right] = [2 * k + 1, 2 * k + 2];
        let least = left < items.length && isLess(left, k) ? left : k;
        if (right < items.length && isLess(right, least)) least = right;
        if (least === k) return top;
        swap(k, least);
        k = least;
      }
    },
  };
}
