// The explorer's state: plain JSON that can travel to Python, into a URL and back. Pure functions.
//
//   z       the pin, one number for each latent dimension
//   axes    dimensions along the map's axes: [across, up], or [0] when there is only one
//   hidden  numbers of the classes switched off, in order
//   grid    whether decoded pictures stand behind the points
//   view    [x, y, span]: the middle of the map and the units along its shorter side; null shows everything
//   chart   what the map shows: 'axes', or another of charts.js by its name
//   selected  number of the selected example (its row among the points), -1 without
//   colour  what the points' colours mean: 'class', 'error', 'density', 'z3' (a dimension), 'factor:NAME', 'tag:NAME'
//   tint    the dimension whose pixels are tinted in the picture, -1 without
//   together  what a second run beside shows: the same 'example' or the same 'z'
//   aligned   whether its cloud is turned onto the first one's
//   beta      where the dial stands, and
//   beta2     where the dial of a second map of the same run does, null without one; both only where there is a dial

export const DEAD_BELOW = 0.01; // nats

// {live, dead}: dimensions in falling order of their rate; the dead carry nothing.
export function rankDimensions(kl) {
  const order = kl.map((_, d) => d).sort((a, b) => kl[b] - kl[a] || a - b);
  return {live: order.filter(d => kl[d] >= DEAD_BELOW), dead: order.filter(d => kl[d] < DEAD_BELOW)};
}

// Begins at a real example, whose picture is sharper than that of the empty middle.
export function firstState({latent, kl, center, dial}, {mu, count}) {
  const {live, dead} = rankDimensions(kl);
  const axes = [...live, ...dead].slice(0, 2).sort((a, b) => a - b);
  const z = count ? Array.from(mu.subarray(0, latent)) : [...center];
  const beside = {together: 'example', aligned: false, ...(dial ? {beta: dial.beta, beta2: null} : {})};
  return {z, axes, hidden: [], grid: false, view: null, chart: 'axes', selected: -1, colour: 'class', tint: -1, ...beside};
}

// `state` with whatever of `given` makes sense for this model. It may come from a URL: the rest is ignored.
// `count` is the number of examples.
export function acceptState({latent, labels, dial}, state, given, count) {
  const next = {...state, ...acceptBetas(dial, given)};
  const {z, axes, hidden, grid, view, chart, selected, colour, tint, together, aligned} = given ?? {};
  const isPlace = limit => value => Number.isInteger(value) && value >= 0 && value < limit;
  if (isNumbers(z, latent)) next.z = [...z];
  if (isNumbers(axes, state.axes.length) && axes.every(isPlace(latent)) && axes[0] !== axes[1]) next.axes = [...axes];
  if (Array.isArray(hidden)) next.hidden = inOrder(hidden.filter(isPlace(labels.length)));
  if (typeof grid === 'boolean') next.grid = grid;
  if (view === null || (isNumbers(view, 3) && view[2] > 0)) next.view = view && [...view];
  if (typeof chart === 'string') next.chart = chart; // one that is not there shows the axes
  if (typeof colour === 'string') next.colour = colour; // and the classes
  if (selected === -1 || isPlace(count)(selected)) next.selected = selected;
  if (tint === -1 || isPlace(latent)(tint)) next.tint = tint;
  if (together === 'example' || together === 'z') next.together = together;
  if (typeof aligned === 'boolean') next.aligned = aligned;
  return next;
}

// Held within the dial's range.
function acceptBetas(dial, given) {
  const betas = {};
  if (!dial || !given) return betas;
  const hold = beta => Math.min(dial.high, Math.max(dial.low, beta));
  if (Number.isFinite(given.beta)) betas.beta = hold(given.beta);
  if (Number.isFinite(given.beta2)) betas.beta2 = hold(given.beta2);
  else if (given.beta2 === null) betas.beta2 = null;
  return betas;
}

// What travels: four decimals are finer than a pixel.
export function roundState(state) {
  const round = value => Number(value.toFixed(4));
  const short = value => Number(value.toPrecision(5));
  const betas = 'beta' in state ? {beta: short(state.beta), beta2: state.beta2 && short(state.beta2)} : {};
  return {...state, ...betas, z: state.z.map(round), view: state.view && state.view.map(short)};
}

// z moved to a place on the map; dimensions that are not on its axes stay.
export function moveInPlane(z, axes, place) {
  const moved = [...z];
  axes.forEach((d, k) => { moved[d] = place[k]; });
  return moved;
}

// On the straight way from a to b, t from 0 to 1.
export function mixPoints(a, b, t) {
  return a.map((value, d) => value + (b[d] - value) * t);
}

// Where z stands on the map; with one axis, on its middle line.
export function placeOnMap(z, axes) {
  return [z[axes[0]], axes.length > 1 ? z[axes[1]] : 0];
}

// Axes after choosing dimension d for axis k: choosing the other one's dimension swaps them.
export function chooseAxis(axes, k, d) {
  return axes[1 - k] === d ? [axes[1], axes[0]] : axes.map((old, place) => (place === k ? d : old));
}

// Classes hidden after a click on class k: switched over or, with `only`, all others hidden (again: all shown).
export function toggleClass(hidden, k, count, only) {
  if (!only) return hidden.includes(k) ? hidden.filter(other => other !== k) : inOrder([...hidden, k]);
  const others = Array.from({length: count}, (_, other) => other).filter(other => other !== k);
  return hidden.join() === others.join() ? [] : others;
}

function isNumbers(list, length) {
  return Array.isArray(list) && list.length === length && list.every(Number.isFinite);
}

function inOrder(numbers) {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
