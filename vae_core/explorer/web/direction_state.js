// What the page of attributes shows: an example (or a code) to begin at, how much of each direction is added to it, and
// three examples of an analogy. Pure.

export const DIRECTION_REACH = 2; // at most is added, in distances between the groups' means
export const DIRECTION_FRAMES = 17; // of a film, from -REACH to REACH

// How much is added at each frame of a film.
export const frameAmounts = Array.from({length: DIRECTION_FRAMES}, (_, k) => DIRECTION_REACH * (2 * k / (DIRECTION_FRAMES - 1) - 1));

// The frame, a number between whole ones too, at which so much is added.
export const frameOfAmount = amount => (amount / DIRECTION_REACH + 1) / 2 * (DIRECTION_FRAMES - 1);

// {start: {z, row} or null for the one to begin with, amounts: Map from a direction's name to how much of it is added,
// analogy: three rows or null} of whatever is given.
export function acceptPlace(given, {latent, count, codeOf}) {
  const isRow = row => Number.isInteger(row) && row >= 0 && row < count;
  const {start, amounts, analogy} = given ?? {};
  const place = {start: null, amounts: new Map(), analogy: null};
  if (isRow(start?.row)) place.start = {row: start.row, z: codeOf(start.row)};
  else if (Array.isArray(start?.z) && start.z.length === latent && start.z.every(Number.isFinite)) place.start = {row: -1, z: [...start.z]};
  for (const [name, amount] of Array.isArray(amounts) ? amounts.filter(Array.isArray) : []) {
    if (typeof name === 'string' && Number.isFinite(amount)) place.amounts.set(name, clampAmount(amount));
  }
  if (Array.isArray(analogy) && analogy.length === 3 && analogy.every(isRow)) place.analogy = [...analogy];
  return place;
}

// What travels: an example goes by its row, nothing that is so anyway.
export function roundPlace({start, amounts, analogy}) {
  const z = start && start.row < 0 ? start.z.map(value => Number(value.toFixed(4))) : null;
  return {
    start: start && (z ? {row: -1, z} : {row: start.row}),
    amounts: [...amounts].filter(([, amount]) => amount).map(([name, amount]) => [name, Number(amount.toFixed(3))]),
    analogy,
  };
}

export const clampAmount = amount => Math.min(DIRECTION_REACH, Math.max(-DIRECTION_REACH, amount));

// Directions that a host tells, [{name, z, zero, ...}]; what does not fit the model is left out.
export function readDirections(given, latent) {
  const isOne = ({name, z, zero} = {}) => typeof name === 'string' && Array.isArray(z) && z.length === latent
    && z.every(Number.isFinite) && z.some(Boolean) && Number.isFinite(zero);
  const read = (Array.isArray(given) ? given : []).filter(each => each && isOne(each));
  return read.filter(({name}, k) => read.findIndex(other => other.name === name) === k);
}

// z with so much of each direction added; `except` is one that is left out.
export function addDirections(z, directions, amounts, except = null) {
  const sum = [...z];
  for (const direction of directions) {
    const amount = direction === except ? 0 : amounts.get(direction.name) ?? 0;
    if (amount) for (let d = 0; d < sum.length; d++) sum[d] += amount * direction.z[d];
  }
  return sum;
}

// Where z stands along a direction: 0 at the mean of those without, 1 at the mean of those having it.
export function standingAlong({z: direction, zero}, z) {
  let [dot, square] = [0, 0];
  for (let d = 0; d < z.length; d++) {
    dot += z[d] * direction[d];
    square += direction[d] * direction[d];
  }
  return dot / square - zero;
}

// a - b + c of codes.
export const analogyOf = (a, b, c) => a.map((value, d) => value - b[d] + c[d]);

// Numbers of a host's bytes in base 64, one for each point; null where they are not that many.
export function readKinds(text, count) {
  if (typeof text !== 'string') return null;
  const kinds = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  return kinds.length === count ? kinds : null;
}
