// What a group of examples has in common. Pure functions.

import {nameOf} from './words.js';

const TIGHT = 0.5; // of everybody's spread: close together
const WIDE = 0.9; // as far apart as everybody

// {mean, deviation} of these rows' codes, Float64Array (Z) each, one standard deviation of the population.
export function groupMoments({mu, latent}, rows) {
  const mean = new Float64Array(latent);
  const deviation = new Float64Array(latent);
  for (const n of rows) for (let d = 0; d < latent; d++) mean[d] += mu[n * latent + d] / rows.length;
  for (const n of rows) for (let d = 0; d < latent; d++) deviation[d] += (mu[n * latent + d] - mean[d]) ** 2 / rows.length;
  return {mean, deviation: deviation.map(Math.sqrt)};
}

// Rows in the order of their distance from `mean`, every dimension measured by `spread`; the first `wanted`.
export function mostTypical({mu, latent}, rows, mean, spread, wanted) {
  const away = Float64Array.from(rows, n => {
    let sum = 0;
    for (let d = 0; d < latent; d++) sum += ((mu[n * latent + d] - mean[d]) / (spread[d] || 1)) ** 2;
    return sum;
  });
  const order = Uint32Array.from(rows, (_, k) => k).sort((a, b) => away[a] - away[b] || a - b);
  return Array.from(order.subarray(0, wanted), k => rows[k]);
}

// How far apart a group stands in each of `dimensions`, as a share of everybody's spread.
export function describeSpread(group, all, dimensions) {
  if (!dimensions.length) return '';
  const share = d => group.deviation[d] / (all.deviation[d] || 1);
  const ranked = [...dimensions].sort((a, b) => share(a) - share(b));
  const list = chosen => chosen.slice(0, 3).map(nameOf).join(', ');
  const tight = ranked.filter(d => share(d) < TIGHT);
  const wide = ranked.filter(d => share(d) >= WIDE).reverse();
  if (tight.length && wide.length) return `Close together in ${list(tight)}, spread like all examples in ${list(wide)}.`;
  if (tight.length) return `Close together in ${list(tight)}.`;
  if (wide.length === dimensions.length) return 'Spread like all examples.';
  return `Somewhat closer together than all examples, most in ${list(ranked.slice(0, 1))}.`;
}

// The mean picture of these rows, Float32Array in [0, 1], from pictures of `size` bytes each; `count`: rows that have
// one. null where none has.
export function meanPicture({data, shape: [pictures, ...shape]}, rows) {
  const size = shape.reduce((product, n) => product * n, 1);
  const pictured = rows.filter(row => row < pictures);
  if (!pictured.length) return null;
  const values = new Float32Array(size);
  for (const row of pictured) for (let i = 0; i < size; i++) values[i] += data[row * size + i];
  return {values: values.map(value => value / 255 / pictured.length), shape, count: pictured.length};
}
