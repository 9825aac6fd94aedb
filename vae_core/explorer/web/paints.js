// What the dots' colours mean. A paint is
//
//   kinds   every point's kind, a whole number below
//   total   the number of kinds
//   looks(isDark)  [colour '#rrggbb', shape] of every kind
//   isClass whether the colours are those of the classes
//   front   {mask, fades: false}: points drawn over the others; null without

import {classColour, classShape, scaleColour} from './palette.js';
import {quantile} from './points.js';

const SHADES = 64; // of a scale
const STRAGGLERS = 0.01; // of the points at either end have the colour of the end

// Points without a class are of kind 0.
export function classPaint({label}, classes) {
  const all = Array.from({length: classes + 1}, (_, kind) => kind - 1);
  const looks = isDark => all.map(k => [classColour(k, isDark), classShape(k)]);
  return {kinds: Uint16Array.from(label, k => k + 1), total: classes + 1, looks, isClass: true, front: null};
}

// By a number of each point, from `low` to `high` (scaleOf).
export function scalePaint(values, {low, high}) {
  const steps = Array.from({length: SHADES}, (_, step) => step / (SHADES - 1));
  const share = value => Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
  return {
    kinds: Uint16Array.from(values, value => Math.round(share(value) * (SHADES - 1))),
    total: SHADES,
    looks: isDark => steps.map(t => [scaleColour(t, isDark), 0]),
    isClass: false,
    front: null,
  };
}

// The ends of a scale for these numbers; `cut` where stragglers lie beyond them.
export function scaleOf(values) {
  const sorted = Float32Array.from(values).sort();
  if (!sorted.length) return {low: 0, high: 1, cut: [false, false]};
  const [low, high] = [quantile(sorted, STRAGGLERS), quantile(sorted, 1 - STRAGGLERS)];
  return {low, high, cut: [sorted[0] < low, sorted.at(-1) > high]};
}

// Some points in one colour before all others in grey.
export function memberPaint(rows, count) {
  const mask = maskOf(rows, count);
  const looks = isDark => [[classColour(-1, isDark), 0], [memberColour(isDark), 0]];
  return {kinds: Uint16Array.from(mask), total: 2, looks, isClass: false, front: {mask, fades: false}};
}

// The same colours and front for another run: `origin` has this run's row for each row of that one, -1 where the example
// is not here; those are as without a class.
export function paintThere(paint, origin) {
  const kinds = Uint16Array.from(origin, row => (row < 0 ? paint.total : paint.kinds[row]));
  const looks = isDark => [...paint.looks(isDark), [classColour(-1, isDark), 0]];
  return {...paint, kinds, total: paint.total + 1, looks, front: frontThere(paint.front, origin)};
}

export function frontThere(front, origin) {
  return front ? {...front, mask: Uint8Array.from(origin, row => (row < 0 ? 0 : front.mask[row]))} : null;
}

// 1 for each of these rows.
export function maskOf(rows, count) {
  const mask = new Uint8Array(count);
  for (const row of rows) mask[row] = 1;
  return mask;
}

export function memberColour(isDark) {
  return classColour(8, isDark);
}
