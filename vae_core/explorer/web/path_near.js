// How far codes can be trusted, as vae_core/support.py measures it: whether encodings lie where they do. And the search
// for nearest encodings that this and the graph of path_roads.js rest on. Pure but for the clock.

export const SUPPORT_NEIGHBOURS = 5; // as in support.py
const SUPPORT_FEWEST = SUPPORT_NEIGHBOURS + 2; // encodings, below which nothing is typical
const SUPPORT_ASKED = 5_000; // encodings at most that say what is typical, spread over all
const ROWS_A_LOOK = 8; // searches between two looks at the clock

// The `count` codes of `dims` numbers in `packed`, to be searched: near(code, wanted, skip) -> {rows, squares}, the
// nearest first; `skip` is a row to leave out.
export function createIndex(packed, count, dims) {
  return {
    packed, count, dims,
    near(code, wanted, skip = -1) {
      const rows = [];
      const squares = [];
      let limit = Infinity;
      for (let n = 0; n < count; n++) {
        if (n === skip) continue;
        let sum = 0;
        const at = n * dims;
        for (let d = 0; d < dims && sum < limit; d++) sum += (packed[at + d] - code[d]) * (packed[at + d] - code[d]);
        if (sum >= limit) continue;
        let place = rows.length < wanted ? rows.length : wanted - 1;
        while (place > 0 && squares[place - 1] > sum) {
          squares[place] = squares[place - 1];
          rows[place] = rows[place - 1];
          place--;
        }
        squares[place] = sum;
        rows[place] = n;
        if (rows.length === wanted) limit = squares[wanted - 1];
      }
      return {rows, squares};
    },
  };
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
  const index = createIndex(keepDimensions(points, dims), points.count, dims.length);
  const asked = Math.min(SUPPORT_ASKED, points.count);
  const alone = new Float64Array(asked);
  const support = {isDone: points.count < SUPPORT_FEWEST || !dims.length, of};
  const isEmpty = support.isDone;
  let [next, typical] = [0, 1];

  support.work = until => {
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
