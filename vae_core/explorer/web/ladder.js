// A cloud of codes that moves with beta, kept at a few betas and interpolated between them in log beta: cubic Hermite,
// the slope at a rung being that of the parabola through it and its neighbours. vae_core/ladder.py computes the same.

const RUNGS_USED = 4; // at any place at most

// {first, weights}: how much rungs from `first` on count at a log beta, which is held within the ends.
export function ladderWeights(knots, logBeta) {
  const at = Math.min(Math.max(logBeta, knots[0]), knots.at(-1));
  let below = 0;
  while (below < knots.length - 2 && knots[below + 1] <= at) below++;
  const step = knots[below + 1] - knots[below];
  const s = (at - knots[below]) / step;
  const first = Math.max(0, Math.min(below - 1, knots.length - RUNGS_USED));
  const weights = new Float64Array(Math.min(RUNGS_USED, knots.length));
  weights[below - first] += (1 + 2 * s) * (1 - s) ** 2;
  weights[below + 1 - first] += s ** 2 * (3 - 2 * s);
  addSlope(weights, first, knots, below, step * s * (1 - s) ** 2);
  addSlope(weights, first, knots, below + 1, -step * s ** 2 * (1 - s));
  return {first, weights};
}

// The slope at rung k, `times` as much: the derivative of Lagrange's polynomials on three rungs.
function addSlope(weights, first, knots, k, times) {
  if (knots.length === 2) {
    const slope = times / (knots[1] - knots[0]);
    weights[0] -= slope;
    weights[1] += slope;
    return;
  }
  const start = Math.min(Math.max(k - 1, 0), knots.length - 3);
  const three = [start, start + 1, start + 2];
  for (const i of three) {
    const [a, b] = three.filter(j => j !== i).map(j => knots[j]);
    weights[i - first] += times * (2 * knots[k] - a - b) / ((knots[i] - a) * (knots[i] - b));
  }
}

// Writes what `rungs` (K * size numbers, one rung after the other) amount to at a log beta into `target` (size).
export function climbLadder(knots, rungs, logBeta, target) {
  const {first, weights} = ladderWeights(knots, logBeta);
  const size = target.length;
  const [a, b, c = 0, d = 0] = weights;
  const [from, next, third, fourth] = [0, 1, 2, 3].map(k => Math.min(first + k, knots.length - 1) * size);
  for (let i = 0; i < size; i++) {
    target[i] = a * rungs[from + i] + b * rungs[next + i] + c * rungs[third + i] + d * rungs[fourth + i];
  }
}
