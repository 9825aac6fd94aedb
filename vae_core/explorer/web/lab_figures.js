// Figures of the encoded examples at the dial's beta, from their means and log-variances. Pure functions.

const CARRIES = 0.01; // nats from which a dimension carries information, as everywhere in the house (latent.py)
const SUM_AT_ONCE = 60_000; // numbers a frame, while the dial moves

// Mean over rows of KL(N(mu, sigma^2) || N(0, 1)) in each dimension, nats, Float64Array (Z). `rows`: their numbers.
export function dimensionRates(mu, logVar, latent, rows) {
  const rates = new Float64Array(latent);
  for (const row of rows) {
    for (let d = 0, at = row * latent; d < latent; d++, at++) {
      rates[d] += mu[at] * mu[at] + Math.exp(logVar[at]) - logVar[at] - 1;
    }
  }
  return rates.map(sum => (rows.length ? sum / 2 / rows.length : 0));
}

export const carries = nats => nats >= CARRIES;

// "3 of 8 dimensions carry information"
export function sayActive(active, latent) {
  return `${active} of ${latent} ${latent === 1 ? 'dimension' : 'dimensions'} ${active === 1 ? 'carries' : 'carry'} information`;
}

// Nats a dimension at the lowest beta, by which dimensions are ordered: from the ladder's first rung, else as the run
// says.
export function lowestRates({meta, tensors}, {latent, count}) {
  const mu = tensors['ladder.mu'];
  const logVar = tensors['ladder.log_var'];
  if (!mu || !logVar) return Float64Array.from(meta.kl);
  return dimensionRates(mu.data, logVar.data, latent, Array.from({length: count}, (_, row) => row));
}

// Every so manieth of `rows`, so few that a frame has time for them.
export function thinRows(rows, latent, most = SUM_AT_ONCE) {
  const stride = Math.ceil(rows.length * latent / most);
  return stride > 1 ? rows.filter((_, k) => k % stride === 0) : rows;
}

// Density of the aggregate posterior 1/N sum_n N(z; mu_n, sigma_n^2) in dimension d at z = low + k step, into `target`
// (Float64Array). A Gaussian narrower than a step is made a step wide: it would fall between two of them.
// From one z to the next the exponential is multiplied by a factor that itself changes by a constant one.
export function mixtureDensity(target, {mu, logVar, latent, rows, d}, low, step) {
  const count = target.length;
  target.fill(0);
  for (const row of rows) {
    const at = row * latent + d;
    const sigma = Math.max(step, Math.exp(logVar[at] / 2));
    const middle = Math.min(count - 1, Math.max(0, Math.round((mu[at] - low) / step)));
    const away = (low + middle * step - mu[at]) / sigma;
    const h = step / sigma;
    const peak = Math.exp(-away * away / 2) / sigma;
    const change = Math.exp(-h * h);
    const least = 1e-7 / sigma;
    target[middle] += peak;
    for (let k = middle + 1, value = peak, factor = Math.exp(-h * away - h * h / 2); k < count; k++) {
      value *= factor;
      if (!(value >= least)) break;
      target[k] += value;
      factor *= change;
    }
    for (let k = middle - 1, value = peak, factor = Math.exp(h * away - h * h / 2); k >= 0; k--) {
      value *= factor;
      if (!(value >= least)) break;
      target[k] += value;
      factor *= change;
    }
  }
  const scale = 1 / Math.sqrt(2 * Math.PI) / Math.max(1, rows.length);
  for (let k = 0; k < count; k++) target[k] *= scale;
  return target;
}

export const priorDensity = z => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);

// KL(q || N(0, 1)) in nats of a density at z = low + k step, as a sum over the steps.
export function distanceToPrior(density, low, step) {
  let sum = 0;
  density.forEach((q, k) => {
    const z = low + k * step;
    if (q > 0) sum += q * (Math.log(q) + z * z / 2 + Math.log(2 * Math.PI) / 2) * step;
  });
  return Math.max(0, sum);
}

// How far to each side densities are drawn: all but the last stragglers of the means, whole units, 4 at least.
export function densityReach(mu, latent, rows) {
  const sizes = Float32Array.from(rows, row => {
    let most = 0;
    for (let d = 0; d < latent; d++) most = Math.max(most, Math.abs(mu[row * latent + d]));
    return most;
  }).sort();
  return Math.max(4, Math.ceil(sizes[Math.floor(0.995 * (sizes.length - 1))] ?? 4));
}

// Rows of `wanted` examples of different classes as far as there are such, in the order of classes; then the next ones.
export function chooseExamples(label, wanted) {
  const first = new Map();
  label.forEach((k, row) => { if (k >= 0 && !first.has(k)) first.set(k, row); });
  const chosen = [...first].sort(([a], [b]) => a - b).slice(0, wanted).map(([, row]) => row);
  for (let row = 0; row < label.length && chosen.length < wanted; row++) if (!chosen.includes(row)) chosen.push(row);
  return chosen;
}

// beta in another convention of news.conventions: beta * factor * sigma^sigma_power.
export function convertBeta({factor, sigma_power: power = 0}, beta, sigma) {
  return beta * factor * sigma ** power;
}

// At most `digits` that matter, never as 1e-7 where that can be read otherwise.
export function formatSignificant(value, digits = 3) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(digits - 1).replace('e+', 'e');
  return String(Number(value.toPrecision(digits)));
}

// A share in whole percent, with a decimal where that says more: "0.4%".
export function shareText(share) {
  const percent = 100 * Math.max(0, share);
  return `${percent > 0 && percent < 0.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}
