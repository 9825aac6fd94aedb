// How far codes can be trusted, as vae_core/support.py measures it: whether encodings lie where they do. And the search
// for nearest encodings that this and the graph of path_roads.js rest on. Pure but for the clock.

export const SUPPORT_NEIGHBOURS = 5; // as in support.py
const SUPPORT_FEWEST = SUPPORT_NEIGHBOURS + 2; // encodings, below which nothing is typical
const SUPPORT_ASKED = 5_000; // encodings at most that say what is typical, spread over all
const ROWS_A_LOOK = 8; // searches between two looks at the clock

// The `count` codes of `dims` numbers in `packed`, to be searched: near(code, wanted, skip) -> {rows, squares}, the
// nearest first; `skip` is a row to leave out. A search begins among codes alike in the first number and goes outwards.
export function createIndex(packed, count, dims) {
  const order = Uint32Array.from({length: count}, (_, n) => n).sort((a, b) => packed[a * dims] - packed[b * dims]);
  const sorted = new Float32Array(count * dims);
  order.forEach((n, k) => sorted.set(packed.subarray(n * dims, (n + 1) * dims), k * dims));
  const firsts = Float32Array.from({length: count}, (_, k) => sorted[k * dims]);

  function near(code, wanted, skip = -1) {
    const found = {rows: [], squares: []};
    let limit = Infinity;
    const visit = k => {
      let sum = 0;
      const at = k * dims;
      for (let d = 0; d < dims; d++) {
        const gap = sorted[at + d] - code[d];
        sum += gap * gap;
        if (sum >= limit) return;
      }
      if (order[k] === skip) return;
      insertNear(found, wanted, order[k], sum);
      if (found.rows.length === wanted) limit = found.squares[wanted - 1];
    };
    let high = countBelow(firsts, code[0]);
    let low = high - 1;
    while (low >= 0 || high < count) {
      const [left, right] = [low >= 0 ? code[0] - firsts[low] : Infinity, high < count ? firsts[high] - code[0] : Infinity];
      const gap = Math.min(left, right);
      if (gap * gap >= limit) break;
      visit(left <= right ? low-- : high++);
    }
    return found;
  }
  return {packed, count, dims, near};
}

function insertNear({rows, squares}, wanted, row, square) {
  let place = rows.length < wanted ? rows.length : wanted - 1;
  for (; place > 0 && squares[place - 1] > square; place--) {
    squares[place] = squares[place - 1];
    rows[place] = rows[place - 1];
  }
  squares[place] = square;
  rows[place] = row;
}

// Codes without the dimensions that carry nothing, the most telling first: `dims` are those kept.
export function keepDimensions({mu, latent, count}, dims) {
  const packed = new Float32Array(count * dims.length);
  for (let n = 0; n < count; n++) for (let k = 0; k < dims.length; k++) packed[n * dims.length + k] = mu[n * latent + dims[k]];
  return packed;
}

// {work(until), isDone, of(z) -> {support, distance, row, apart} or null where that cannot be said (yet)}. work() goes on
// with measuring what is typical until the clock's time and says whether it is done.
export function createSupport(points, dims) {
  let index = null; // sorted only once somebody asks: under a turning dial examples move in every frame
  const asked = Math.min(SUPPORT_ASKED, points.count);
  const alone = new Float64Array(asked);
  const support = {isDone: points.count < SUPPORT_FEWEST || !dims.length, of};
  const isEmpty = support.isDone;
  let [next, typical] = [0, 1];

  support.work = until => {
    if (!support.isDone) index ??= createIndex(keepDimensions(points, dims), points.count, dims.length);
    while (!support.isDone) {
      for (let k = 0; k < ROWS_A_LOOK && next < asked; k++, next++) {
        const row = Math.floor(next * points.count / asked);
        const own = index.packed.subarray(row * dims.length, (row + 1) * dims.length);
        alone[next] = Math.sqrt(index.near(own, SUPPORT_NEIGHBOURS, row).squares.at(-1));
      }
      if (next === asked) finish();
      else if (performance.now() >= until) return false;
    }
    return true;
  };

  function finish() {
    alone.sort();
    const middle = (alone[(asked - 1) >> 1] + alone[asked >> 1]) / 2;
    typical = middle || alone.reduce((sum, value) => sum + value, 0) / asked || 1;
    support.isDone = true;
  }

  function of(z) {
    if (isEmpty || !support.isDone) return null;
    const {rows, squares} = index.near(dims.map(d => z[d]), SUPPORT_NEIGHBOURS);
    const far = Math.sqrt(squares.at(-1));
    return {support: 1 - countBelow(alone, far) / asked, distance: far / typical, row: rows[0], apart: Math.sqrt(squares[0])};
  }
  return support;
}

// How many of ascending values are below `limit`.
function countBelow(values, limit) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
