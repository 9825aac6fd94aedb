// The rate-distortion plane: the measured curve, where the dial stands on it, what beta means there, and separately
// trained runs. A hand on it moves the dial.

import {nearestOnPath, planeWindow, readCurve, sampleCurve, withErrors} from './lab_curve.js';
import {drawCurve, drawDialPoint, drawElboLines, drawPlaneAxes, drawSecondPoint, drawSingles, planePlot, seenAngle} from './lab_plot.js';
import {addLabSection, createLabCalm, createSurface, formatBeta, formatLab, hasLabView, isLabResting, labInks, setText, turnLabTo} from './lab_surface.js';
import {element} from './layout.js';

const CURVE_POINTS = 240;
const NEAR_FOLDS = 1.2; // e-folds of beta to each side that the near view shows
const SEEN_ANGLE = 6; // degrees from which two slopes are seen to differ
const REACH_POINT = 14; // CSS pixels within which a point is meant
const FINGER_MOVES = 6; // CSS pixels
const PLANE_KEYS = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 6, PageDown: -6};
const PLANE_STEP = Math.log(10) / 24; // of log beta
const PLANE_VIEWS = [['whole', 'Whole curve'], ['near', 'Around this β'], ['log', 'Rate on a log scale']];
const NO_CURVE = 'No rate-distortion curve came with this run: it is measured when a multi-rate training ends.';

export function createPlane(explorer) {
  if (!hasLabView(explorer, 'plane')) return {};
  const {meta, scene} = explorer;
  const curve = readCurve(meta.report?.curve);
  const parts = buildPlane(explorer);
  if (!curve) {
    parts.canvas.replaceWith(element('p', 'ls-lab-empty', {textContent: NO_CURVE}));
    parts.view.hidden = true;
    return {};
  }
  const samples = sampleCurve(curve, CURVE_POINTS);
  const layer = new OffscreenCanvas(1, 1);
  const calm = createLabCalm(explorer);
  let isStale = true; // the layer below the point
  let drawnFor = ''; // betas
  let toldFor = 0;
  let plot = null;
  let path = null; // of the curve, in CSS pixels
  let singles = [];
  let inks = null;
  const redraw = () => {
    isStale = true;
    scene.loop.ask();
  };
  const surface = createSurface(parts.canvas, redraw, scene.signal);

  const within = log => Math.min(curve.high, Math.max(curve.low, log));
  const logBeta = () => within(Math.log(explorer.beta));

  function lay() {
    const kind = parts.view.value;
    const span = kind === 'near' ? samples.filter(s => Math.abs(s.logBeta - logBeta()) <= NEAR_FOLDS) : samples;
    const ends = [-NEAR_FOLDS, NEAR_FOLDS].map(fold => curve.at(within(logBeta() + fold)));
    const window = planeWindow(kind === 'near' ? [...span, ...ends] : [...span, ...withErrors(curve.rows), ...singles], kind === 'near');
    if (kind === 'log') {
      const least = Math.max(1e-3, Math.min(...samples.map(s => s.rate)));
      Object.assign(window, {left: least / 1.25, right: Math.max(...span.map(s => s.rate)) * 1.25});
    }
    plot = planePlot(window, surface.width, surface.height, kind === 'log');
    path = samples.map(s => ({x: plot.px(s.rate), y: plot.py(s.distortion), logBeta: s.logBeta}));
  }

  function drawUnder() {
    Object.assign(layer, {width: parts.canvas.width, height: parts.canvas.height});
    const context = layer.getContext('2d');
    context.setTransform(surface.density, 0, 0, surface.density, 0, 0);
    inks = labInks(scene.map.theme);
    drawElboLines(context, plot, inks, scene.map.theme.font);
    drawPlaneAxes(context, plot, inks, scene.map.theme.font);
    drawCurve(context, plot, path, curve.rows, inks);
    drawSingles(context, plot, singles, inks);
  }

  function draw() {
    const key = `${explorer.beta} ${explorer.state.beta2}`;
    if (key === drawnFor && !isStale) return;
    if (!surface.isDue(isLabResting(explorer))) return;
    if (isStale || parts.view.value === 'near') {
      lay();
      drawUnder();
      isStale = false;
    }
    drawnFor = key;
    const here = standing();
    const context = surface.begin();
    context.drawImage(layer, 0, 0, surface.width, surface.height);
    const second = explorer.state.beta2;
    if (second > 0) drawSecondPoint(context, plot, curve.at(within(Math.log(second))), inks);
    drawDialPoint(context, plot, here, inks, scene.map.theme.font);
  }

  // Where the dial stands; `own` is the curve's slope where it is seen to differ from that of the line, which
  // nobody has before the plane is first drawn.
  function standing() {
    const slope = curve.slope(logBeta());
    const point = {...curve.at(logBeta()), beta: explorer.beta, slope};
    const angle = slope === null || !plot ? 0 : seenAngle(plot, point.rate, slope, -point.beta);
    return {...point, own: angle >= SEEN_ANGLE ? slope : null};
  }

  function tell() {
    if (toldFor === explorer.beta || !plot || !calm.isDue()) return;
    toldFor = explorer.beta;
    const here = standing();
    const better = samples.reduce((a, b) => (b.distortion + here.beta * b.rate < a.distortion + here.beta * a.rate ? b : a));
    setText(parts.meaning, sayMeaning(here, better));
    setText(parts.numbers, `D + βR = ${formatLab(here.distortion + here.beta * here.rate)} · ELBO ${formatElbo(here)} nats`);
    const canvas = parts.canvas;
    canvas.ariaValueNow = String(Number(Math.log10(explorer.beta).toFixed(4)));
    canvas.ariaValueText = sayPoint(here);
  }

  bindPlane(parts, explorer, {
    betaAt: (x, y) => Math.exp(nearestOnPath(path, x, y).logBeta),
    pointAt: (x, y) => {
      if (!plot) return null;
      const own = [...singles.map(row => ({...row, isSingle: true})), ...curve.rows];
      const away = row => Math.hypot(plot.px(row.rate) - x, plot.py(row.distortion) - y);
      const best = own.reduce((a, b) => (away(b) < away(a) ? b : a));
      if (away(best) <= REACH_POINT) return {...best, x: plot.px(best.rate), y: plot.py(best.distortion)};
      const near = nearestOnPath(path, x, y);
      if (near.away > 2 * REACH_POINT) return null;
      const at = curve.at(near.logBeta);
      return {...at, beta: Math.exp(near.logBeta), isBetween: true, x: plot.px(at.rate), y: plot.py(at.distortion)};
    },
    width: () => surface.width,
    redraw,
  });
  bindPlaneKeys(parts, explorer);
  parts.canvas.ariaValueMin = String(Math.log10(meta.dial.low));
  parts.canvas.ariaValueMax = String(Math.log10(meta.dial.high));

  return {
    draw() {
      draw();
      tell();
    },
    themed: redraw,
    told(news) {
      if (!news.singles) return;
      const isSound = row => [row?.rate, row?.distortion, row?.beta].every(Number.isFinite);
      singles = (Array.isArray(news.singles) ? news.singles : []).filter(isSound);
      parts.legend.hidden = !singles.length;
      redraw();
    },
    summary: () => `${sayPoint(standing())}.`,
  };
}

const formatElbo = ({rate, distortion}) => formatLab(-rate - distortion);

// What the slopes say; `better` is the place of the curve where D + beta R is least for this beta.
function sayMeaning({slope, own, beta, rate, distortion}, better) {
  const written = formatBeta(beta);
  if (slope === null) return 'The curve stands still here: more β changes next to nothing.';
  if (own === null && slope >= 0) return 'The curve has stopped falling: more rate buys nothing here.';
  if (own === null) return `The line touches the curve: one nat of rate buys ${written} nats of distortion here.`;
  const gain = distortion + beta * rate - better.distortion - beta * better.rate;
  const where = gain < 0.05 ? '' : `: at ${formatBeta(Math.exp(better.logBeta))} on the dial D + βR is ${gain.toFixed(1)} nats less`;
  const crosses = `The line crosses the curve, whose slope here is ${slope < 0 ? '−' : ''}${formatBeta(Math.abs(slope))}; β is ${written}.`;
  return `${crosses} For this β the model has not found its best on held-out pictures${where}.${slope < 0 ? ' Often training was short.' : ''}`;
}

function sayPoint({beta, rate, distortion}) {
  return `β ${formatBeta(beta)}: rate ${formatLab(rate)} nats, distortion ${formatLab(distortion)} nats`;
}

function buildPlane(explorer) {
  const canvas = element('canvas', 'ls-plane', {
    tabIndex: 0, role: 'slider', ariaLabel: 'β on the rate-distortion curve. Arrow keys move it.', ariaOrientation: 'horizontal',
  });
  const tip = element('div', 'ls-plane-tip', {hidden: true, ariaHidden: 'true'});
  const view = element('select', '', {ariaLabel: 'What the plane shows'}, ...PLANE_VIEWS.map(([value, textContent]) => element('option', '', {value, textContent})));
  const meaning = element('p', 'ls-lab-meaning');
  const numbers = element('span', '');
  const legend = element('span', 'ls-plane-legend', {hidden: true, textContent: '◇ trained at one β alone'});
  const foot = element('p', 'ls-lab-foot', {}, numbers, element('span', '', {textContent: 'bars: two standard errors'}), legend);
  const {head} = addLabSection(explorer, 'plane', 'Rate and distortion', element('div', 'ls-plane-box', {}, canvas, tip), meaning, foot);
  head.append(view);
  view.title = 'Thin lines: the same ELBO. Coloured line: the same D + βR.';
  return {canvas, tip, view, meaning, numbers, legend};
}

function bindPlane({canvas, tip, view}, explorer, {betaAt, pointAt, width, redraw}) {
  const {scene: {signal}, reporter} = explorer;
  const on = (node, type, listener) => node.addEventListener(type, listener, {signal});
  let isHeld = false;
  const place = event => {
    const {left, top} = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const hint = event => {
    const point = isHeld ? null : pointAt(...place(event));
    tip.hidden = !point;
    if (!point) return;
    setText(tip, describePoint(point));
    const isRight = point.x < width() / 2;
    tip.style.cssText = `top: ${point.y}px; ${isRight ? `left: ${point.x + 12}px` : `right: ${width() - point.x + 12}px`}`;
  };
  const release = () => {
    if (!isHeld) return;
    isHeld = false;
    reporter.release();
  };
  // A finger may be about to scroll the page: it turns the dial by a tap, or once it has moved along the rate.
  let tapped = null;
  on(canvas, 'pointerdown', event => {
    if (event.button) return;
    if (event.pointerType === 'touch') tapped = place(event);
    else press(event);
  });
  const press = event => {
    tapped = null;
    const single = pointAt(...place(event));
    turnLabTo(explorer, single?.isSingle ? single.beta : betaAt(...place(event)));
    canvas.setPointerCapture(event.pointerId);
    isHeld = true;
    reporter.hold();
    tip.hidden = true;
  };
  on(canvas, 'pointermove', event => {
    if (tapped && Math.abs(place(event)[0] - tapped[0]) > FINGER_MOVES) press(event);
    if (!isHeld) return hint(event);
    explorer.arrive();
    return explorer.change({beta: betaAt(...place(event))});
  });
  on(canvas, 'pointerup', event => { if (tapped) press(event); });
  on(canvas, 'pointercancel', () => { tapped = null; });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) on(canvas, end, release);
  on(canvas, 'pointerleave', () => { tip.hidden = true; });
  on(view, 'change', redraw);
}

function bindPlaneKeys({canvas}, explorer) {
  const {low, high} = explorer.meta.dial;
  canvas.addEventListener('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const steps = PLANE_KEYS[event.key];
    const beta = {Home: low, End: high}[event.key] ?? (steps && explorer.beta * Math.exp(steps * PLANE_STEP * (event.shiftKey ? 4 : 1)));
    if (!beta) return;
    event.preventDefault();
    event.stopPropagation();
    explorer.arrive();
    explorer.change({beta: Math.min(high, Math.max(low, beta))});
  }, {signal: explorer.scene.signal});
}

// What the pointer is told: one line each, and who a separately trained run is.
function describePoint({beta, rate, distortion, rate_se: across, distortion_se: error, isSingle, isBetween, title, note}) {
  const value = (number, deviation) => `${formatLab(number)}${deviation > 0 ? ` ± ${deviation.toFixed(deviation < 0.1 ? 2 : 1)}` : ''} nats`;
  const lines = [`β ${formatBeta(beta)}${isBetween ? ' · between measurements' : ''}`, `rate ${value(rate, across)}`, `distortion ${value(distortion, error)}`];
  lines.push(`ELBO ${formatElbo({rate, distortion})} nats`);
  if (isSingle) lines.unshift(title || 'separately trained');
  if (isSingle && note) lines.push(note);
  return lines.join('\n');
}
