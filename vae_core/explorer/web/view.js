// What part of latent space the map shows: {x, y, span}, the point in its middle and the units along its shorter
// side. Both axes have the same scale. Pure functions; sizes are in CSS pixels.

import {quantile} from './points.js';

const TIGHTEST = 3; // units that a fitted view spans at least: noise about one place is shown as one place
const CLOSEST = 0.3; // units that a zoomed view spans at least, and
const NEARER = 100; // how many times less than the fitted one at most
const FARTHEST = 2.5;
const MARGIN = 20; // CSS pixels from a map's edge

// The view that shows all but the last stragglers of `places` {x, y}.
export function fitView({x, y}, width, height) {
  const [left, right] = extent(x);
  const [bottom, top] = extent(y);
  const units = Math.max((right - left) / width, (top - bottom) / height);
  const span = Math.max(TIGHTEST, 1.16 * units * Math.min(width, height));
  return {x: (left + right) / 2, y: (bottom + top) / 2, span};
}

// Both ways between latent space and the screen: px(x), py(y) in CSS pixels, x(px), y(py) in latent units.
export function project(view, width, height) {
  const scale = Math.min(width, height) / view.span; // pixels a unit
  return {
    view, width, height, scale,
    px: x => width / 2 + (x - view.x) * scale,
    py: y => height / 2 - (y - view.y) * scale,
    x: px => view.x + (px - width / 2) / scale,
    y: py => view.y - (py - height / 2) / scale,
  };
}

// Zoomed so that what lies under (px, py) stays there; the same view where it cannot go on.
export function zoomView({view, x, y}, px, py, factor, fitted) {
  const closest = Math.max(CLOSEST, fitted.span / NEARER);
  const span = Math.min(fitted.span * FARTHEST, Math.max(closest, view.span * factor));
  if (Math.abs(span / view.span - 1) < 1e-6) return view;
  const share = span / view.span;
  const [atX, atY] = [x(px), y(py)];
  return {x: atX + (view.x - atX) * share, y: atY + (view.y - atY) * share, span};
}

export function panView({view, scale}, dx, dy) {
  return {...view, x: view.x - dx / scale, y: view.y + dy / scale};
}

// Panned as far as (x, y) needs to be seen; the same view where it is.
export function panInto(projection, [x, y]) {
  const outside = (pixel, size) => Math.min(0, size - MARGIN - pixel) + Math.max(0, MARGIN - pixel);
  const dx = outside(projection.px(x), projection.width);
  const dy = outside(projection.py(y), projection.height);
  return dx || dy ? panView(projection, dx, dy) : projection.view;
}

export function mixViews(a, b, t) {
  const mix = key => a[key] + (b[key] - a[key]) * t;
  return {x: mix('x'), y: mix('y'), span: mix('span')};
}

// 1, 2 or 5 times a power of ten: about `count` steps to `span`.
export function tickStep(span, count) {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find(step => step * power >= rough * 0.999);
}

function extent(values) {
  if (!values.length) return [-3, 3];
  const sorted = values.slice().sort();
  return [quantile(sorted, 0.002), quantile(sorted, 0.998)];
}
