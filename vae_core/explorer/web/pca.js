// The plane of the two largest principal components of the encoded examples: exact and invertible. Moving in it
// changes z within the plane and keeps what stands across it.

const PLANE_MOST = 20_000; // examples, evenly spread, that determine the plane; all of them up to here
const EIGEN_SWEEPS = 30; // of rotations at most; some eight are needed
const NEGLIGIBLE = 1e-26; // of the squares off the diagonal, beside those on it

// {mean (Z), rows: two orthonormal directions (Z), shares: of the total variance}, as scikit-learn's PCA gives them
// (components_, explained_variance_ratio_), each with its largest entry positive. With fewer than two dimensions or
// no spread, the first directions there are. With the plane that was shown `before`, directions face the way they did.
export function principalPlane({mu, latent, count}, before = null) {
  const stride = Math.ceil(count / PLANE_MOST) || 1;
  const {mean, covariance} = moments(mu, latent, count, stride);
  const {values, vectors} = symmetricEigen(covariance, latent);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]).slice(0, 2);
  const total = values.reduce((sum, value) => sum + value, 0);
  return {
    mean,
    rows: order.map((k, place) => facing(vectors.slice(k * latent, (k + 1) * latent), before?.rows[place])),
    shares: order.map(k => (total > 0 ? values[k] / total : 0)),
  };
}

// A chart (charts.js) of readPoints' points on their principal plane.
export function pcaChart(points, {mean, rows, shares}) {
  const place = z => rows.map(row => row.reduce((sum, weight, d) => sum + weight * (z[d] - mean[d]), 0));
  const percent = share => `${Math.round(100 * share)} %`;
  const both = percent(shares[0] + shares[1]);
  return {
    name: 'pca',
    place,
    places: () => project2(points, mean, rows),
    move(z, at) {
      const now = place(z);
      return Array.from(z, (value, d) => value + rows.reduce((sum, row, k) => sum + row[d] * (at[k] - now[k]), 0));
    },
    origin: place(mean.map(() => 0)),
    hasScale: true,
    axes: [],
    jacobian: rows,
    edges: shares.map((share, k) => `PC${k + 1} · ${percent(share)}`),
    sentence: whose => `Moving changes z within the plane of the two largest principal components, ${both} of the spread; the rest of z stays ${whose}.`,
  };
}

function project2({mu, latent, count}, mean, rows) {
  const [x, y] = rows.map(row => {
    const shift = row.reduce((sum, weight, d) => sum + weight * mean[d], 0);
    const places = new Float32Array(count);
    for (let n = 0; n < count; n++) {
      let sum = -shift;
      for (let d = 0; d < latent; d++) sum += row[d] * mu[n * latent + d];
      places[n] = sum;
    }
    return places;
  });
  return {x, y};
}

// Mean and covariance of every stride-th example.
function moments(mu, latent, count, stride) {
  const mean = new Float64Array(latent);
  const covariance = new Float64Array(latent * latent);
  const taken = Math.ceil(count / stride);
  for (let n = 0; n < count; n += stride) for (let d = 0; d < latent; d++) mean[d] += mu[n * latent + d] / taken;
  const away = new Float64Array(latent);
  for (let n = 0; n < count; n += stride) {
    for (let d = 0; d < latent; d++) away[d] = mu[n * latent + d] - mean[d];
    for (let i = 0; i < latent; i++) for (let j = 0; j <= i; j++) covariance[i * latent + j] += away[i] * away[j] / taken;
  }
  for (let i = 0; i < latent; i++) for (let j = 0; j < i; j++) covariance[j * latent + i] = covariance[i * latent + j];
  return {mean: Array.from(mean), covariance};
}

// {values (n), vectors (n rows)} of a symmetric matrix, by Jacobi's cyclic rotations (Golub and Van Loan, Matrix
// Computations, 4th edition, section 8.5). The matrix is used up.
export function symmetricEigen(matrix, n) {
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < EIGEN_SWEEPS && !isDiagonal(matrix, n); sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotateAway(matrix, vectors, n, p, q);
  }
  return {values: Float64Array.from({length: n}, (_, i) => matrix[i * n + i]), vectors};
}

function isDiagonal(matrix, n) {
  let [on, off] = [0, 0];
  for (let i = 0; i < n; i++) {
    on += matrix[i * n + i] ** 2;
    for (let j = 0; j < i; j++) off += matrix[i * n + j] ** 2;
  }
  return off <= NEGLIGIBLE * on;
}

// The rotation of dimensions p and q after which matrix[p, q] is 0.
function rotateAway(matrix, vectors, n, p, q) {
  const wrong = matrix[p * n + q];
  if (!wrong) return;
  const slope = (matrix[q * n + q] - matrix[p * n + p]) / (2 * wrong);
  const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.hypot(1, slope));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  const turn = (values, i, j) => {
    const [a, b] = [values[i], values[j]];
    values[i] = cosine * a - sine * b;
    values[j] = sine * a + cosine * b;
  };
  for (let k = 0; k < n; k++) turn(matrix, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(matrix, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(vectors, p * n + k, q * n + k);
}

// A direction and its opposite are the same component: it faces as `old` does, else its largest entry is positive.
function facing(vector, old) {
  const side = old ? vector.reduce((sum, value, d) => sum + value * old[d], 0)
    : vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return Array.from(vector, value => (side < 0 ? -value : value));
}
