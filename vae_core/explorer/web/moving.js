// The cloud of a model for every beta, as it moves with the dial: its codes, its rates, its reach.

import {climbLadder} from './ladder.js';

const REACH_SPREADS = 2.6; // of the aggregate posterior: as far as a normal distribution's outermost half per cent

// {own (the bundle's means and log-variances), kl (nats a dimension at the dial), peak (the same at its highest along the dial, by which dimensions are ranked),
// range (from where to where the data use each dimension), turn(beta), settle()}. turn() writes points.mu and their
// log-variances in place; settle() brings the range there, which stays while the dial is turned, and says whether it
// did. Without a dial everything stays as the bundle says.
export function createMoving({meta, tensors}, points) {
  const {kl, range, dial, latent} = meta;
  if (!dial) return {kl, peak: kl, range, turn() {}, settle: () => false};
  const rates = ratesAlong(meta, tensors);
  const codes = [points.mu, points.logVar];
  const rungs = ['ladder.mu', 'ladder.log_var'].map(name => tensors[name].data);
  const own = codes.map(values => values.slice());
  let [stands, settled] = [dial.beta, dial.beta];
  return {
    own,
    kl,
    range,
    peak: kl.map((value, d) => Math.max(value, ...rates.map(rate => rate.kl[d]))),
    turn(beta) {
      const isOwn = beta === dial.beta;
      stands = beta;
      codes.forEach((values, k) => {
        if (isOwn) values.set(own[k]);
        else climbLadder(meta.ladder.log_betas, rungs[k], Math.log(beta), values);
      });
      this.kl = isOwn ? kl : ratesAt(rates, Math.log(beta));
      points.moved();
    },
    settle() {
      if (settled === stands) return false;
      settled = stands;
      this.range = stands === dial.beta ? range : reachOf(points, latent);
      return true;
    },
  };
}

// [{log (of beta), kl (Z)}] in ascending order: as measured, else from the rungs.
function ratesAlong({latent, report, ladder}, tensors) {
  const isRow = row => row?.beta > 0 && Array.isArray(row.kl_per_dim) && row.kl_per_dim.length === latent && row.kl_per_dim.every(Number.isFinite);
  const curve = report?.curve;
  if (Array.isArray(curve) && curve.length > 1 && curve.every(isRow)) {
    return curve.map(({beta, kl_per_dim: kl}) => ({log: Math.log(beta), kl})).sort((a, b) => a.log - b.log);
  }
  const [mu, logVar] = ['ladder.mu', 'ladder.log_var'].map(name => tensors[name].data);
  const size = mu.length / ladder.log_betas.length;
  return ladder.log_betas.map((log, k) => {
    const part = values => values.subarray(k * size, (k + 1) * size);
    return {log, kl: meanRates(part(mu), part(logVar), latent)};
  });
}

// The mean KL divergence of N(mu, exp(logVar)) to the prior in each dimension, nats.
export function meanRates(mu, logVar, latent) {
  const count = mu.length / latent;
  const kl = Array(latent).fill(0);
  for (let i = 0; i < mu.length; i++) kl[i % latent] += (mu[i] ** 2 + Math.exp(logVar[i]) - 1 - logVar[i]) / (2 * count);
  return kl;
}

// Linear in log beta.
function ratesAt(rates, log) {
  let k = 0;
  while (k < rates.length - 2 && rates[k + 1].log <= log) k++;
  const [below, above] = [rates[k], rates[k + 1]];
  const t = Math.min(1, Math.max(0, (log - below.log) / (above.log - below.log)));
  return below.kl.map((value, d) => value + (above.kl[d] - value) * t);
}

function reachOf({mu, count, spread}, latent) {
  const mean = new Float64Array(latent);
  mu.forEach((value, i) => { mean[i % latent] += value / count; });
  return Array.from(mean, (middle, d) => [middle - REACH_SPREADS * spread[d], middle + REACH_SPREADS * spread[d]]);
}
