// The rate-distortion plane as it is drawn: axes, curve, lines, points. Knows nothing of hands.

import {roundValues} from './lab_curve.js';
import {formatBeta} from './lab_surface.js';
import {tickStep} from './view.js';
import {formatTick} from './words.js';

const PLANE_PAD = {left: 46, right: 14, top: 24, bottom: 38}; // CSS pixels around the plane itself
const ELBO_LINES = 5; // about so many
const TANGENT_STEPS = 48; // on an axis that bends lines
const FULL_CIRCLE = 2 * Math.PI;

// Both ways between nats and the canvas: {px(rate), py(distortion), rate(px), distortion(py), box, window, isLog}.
// With isLog the rate's axis is logarithmic.
export function planePlot(window, width, height, isLog = false) {
  const box = {left: PLANE_PAD.left, right: width - PLANE_PAD.right, top: PLANE_PAD.top, bottom: height - PLANE_PAD.bottom};
  const [from, to] = isLog ? [window.left, window.right].map(Math.log) : [window.left, window.right];
  const across = (box.right - box.left) / (to - from);
  const up = (box.bottom - box.top) / (window.top - window.bottom);
  const bend = isLog ? rate => Math.log(Math.max(rate, 1e-9)) : rate => rate;
  return {
    box, window, isLog, across, up,
    px: rate => box.left + (bend(rate) - from) * across,
    py: distortion => box.bottom - (distortion - window.bottom) * up,
    rate: px => (isLog ? Math.exp(from + (px - box.left) / across) : from + (px - box.left) / across),
    distortion: py => window.bottom + (box.bottom - py) / up,
  };
}

export function drawPlaneAxes(context, plot, inks, font) {
  const {box, window, px, py, isLog} = plot;
  context.font = `11px ${font}`;
  context.lineWidth = 1;
  context.strokeStyle = inks.line;
  context.strokeRect(box.left - 0.5, box.top - 0.5, box.right - box.left + 1, box.bottom - box.top + 1);
  context.fillStyle = inks.muted;
  context.textBaseline = 'middle';
  const rates = isLog ? powerTicks(window.left, window.right) : linearTicks(window.left, window.right, (box.right - box.left) / 70);
  for (const {value, text} of rates) {
    context.textAlign = 'center';
    context.fillText(text, px(value), box.bottom + 10);
    context.fillRect(Math.round(px(value)), box.bottom, 1, 4);
  }
  for (const {value, text} of linearTicks(window.bottom, window.top, (box.bottom - box.top) / 44)) {
    context.textAlign = 'right';
    context.fillText(text, box.left - 7, py(value));
    context.fillRect(box.left - 4, Math.round(py(value)), 4, 1);
  }
  context.font = `600 12px ${font}`;
  context.textAlign = 'right';
  context.fillStyle = inks.rate;
  context.fillText('rate R, nats →', box.right, box.bottom + 28);
  context.textAlign = 'left';
  context.fillStyle = inks.distortion;
  context.fillText('↑ distortion D, nats', 4, 10);
}

function linearTicks(low, high, count) {
  const step = tickStep(high - low, Math.max(2, count));
  return roundValues(low, high, step).map(value => ({value, text: formatTick(value, step)}));
}

function powerTicks(low, high) {
  const powers = roundValues(Math.log10(low) - 1, Math.log10(high), 1);
  const steps = powers.length > 4 ? [1] : [1, 2, 5];
  const values = powers.flatMap(power => steps.map(step => step * 10 ** power)).filter(value => value >= low && value <= high);
  return values.map(value => ({value, text: String(Number(value.toPrecision(1)))}));
}

// Where D + R is the same: what the ELBO says of both together.
export function drawElboLines(context, plot, inks, font) {
  const {window, box} = plot;
  const [low, high] = [window.bottom + Math.max(0, window.left), window.top + window.right];
  const step = tickStep(high - low, ELBO_LINES);
  context.strokeStyle = inks.line;
  context.fillStyle = inks.muted;
  context.lineWidth = 1;
  context.font = `10px ${font}`;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.save();
  clipToPlane(context, box);
  for (const total of roundValues(low, high, step)) {
    context.beginPath();
    traceConstant(context, plot, total, 1);
    context.stroke();
    const [x, y] = elboLabel(plot, total);
    if (x > box.left + 60 && y > box.top + 8 && y < box.bottom - 4) {
      context.strokeStyle = inks.paper;
      context.lineWidth = 3;
      const text = `ELBO ${formatTick(-total, step)}`;
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
      context.strokeStyle = inks.line;
      context.lineWidth = 1;
    }
  }
  context.restore();
}

// At the right edge, or along the top where a line leaves there.
function elboLabel({box, rate, distortion, px, py}, total) {
  const y = py(total - rate(box.right - 4));
  if (y >= box.top + 8) return [box.right - 4, y];
  return [px(total - distortion(box.top + 12)) - 4, box.top + 12];
}

// The line D + beta R = total, all over the plane.
function traceConstant(context, {box, rate, py, isLog}, total, beta) {
  const steps = isLog ? TANGENT_STEPS : 1;
  for (let k = 0; k <= steps; k++) {
    const x = box.left + (box.right - box.left) * k / steps;
    context.lineTo(x, py(total - beta * rate(x)));
  }
}

export function drawCurve(context, plot, path, rows, inks) {
  context.save();
  clipToPlane(context, plot.box);
  context.strokeStyle = inks.ink;
  context.lineWidth = 1.75;
  context.lineJoin = 'round';
  context.beginPath();
  for (const {x, y} of path) context.lineTo(x, y);
  context.stroke();
  for (const row of rows) drawMeasured(context, plot, row, inks);
  context.restore();
}

// A measured point with two standard errors to each side.
function drawMeasured(context, {px, py, up}, {rate, distortion, rate_se: across = 0, distortion_se: error = 0}, inks) {
  const [x, y] = [px(rate), py(distortion)];
  context.strokeStyle = inks.muted;
  context.lineWidth = 1;
  context.beginPath();
  if (across > 0) {
    context.moveTo(px(Math.max(1e-9, rate - 2 * across)), y);
    context.lineTo(px(rate + 2 * across), y);
  }
  if (error > 0) {
    context.moveTo(x, y - 2 * error * up);
    context.lineTo(x, y + 2 * error * up);
  }
  context.stroke();
  context.fillStyle = inks.paper;
  context.strokeStyle = inks.ink;
  context.lineWidth = 1.25;
  context.beginPath();
  context.arc(x, y, 2.75, 0, FULL_CIRCLE);
  context.fill();
  context.stroke();
}

// Separately trained runs: diamonds.
export function drawSingles(context, plot, singles, inks) {
  context.save();
  clipToPlane(context, plot.box);
  for (const {rate, distortion} of singles) {
    const [x, y] = [plot.px(rate), plot.py(distortion)];
    context.beginPath();
    for (const [dx, dy] of [[0, -6], [6, 0], [0, 6], [-6, 0]]) context.lineTo(x + dx, y + dy);
    context.closePath();
    context.fillStyle = inks.paper;
    context.strokeStyle = inks.betaText;
    context.lineWidth = 1.75;
    context.fill();
    context.stroke();
  }
  context.restore();
}

// The dial's beta: the line of constant D + beta R through its point, the curve's own slope where `own` (dD/dR) is to be
// seen beside it, and the point.
export function drawDialPoint(context, plot, {rate, distortion, beta, own}, inks, font) {
  const {box, px, py} = plot;
  const [x, y] = [px(rate), py(distortion)];
  context.save();
  clipToPlane(context, box);
  context.strokeStyle = inks.beta;
  context.lineWidth = 1.5;
  context.beginPath();
  traceConstant(context, plot, distortion + beta * rate, beta);
  context.stroke();
  if (own !== null) drawOwnSlope(context, plot, {x, y, rate, own}, inks);
  context.restore();
  for (const [colour, radius] of [[inks.paper, 9], [inks.beta, 7]]) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, FULL_CIRCLE);
    context.fill();
  }
  const text = `β ${formatBeta(beta)}`;
  context.font = `600 13px ${font}`;
  context.textBaseline = 'middle';
  const isRight = x + 16 + context.measureText(text).width < box.right;
  context.textAlign = isRight ? 'left' : 'right';
  context.strokeStyle = inks.paper;
  context.lineWidth = 4;
  context.lineJoin = 'round';
  context.fillStyle = inks.betaText;
  const place = [x + (isRight ? 13 : -13), Math.max(box.top + 10, y - 13)];
  context.strokeText(text, ...place);
  context.fillText(text, ...place);
}

// The beta of a second map beside.
export function drawSecondPoint(context, {px, py}, {rate, distortion}, inks) {
  context.beginPath();
  context.arc(px(rate), py(distortion), 6.5, 0, FULL_CIRCLE);
  context.fillStyle = inks.paper;
  context.fill();
  context.strokeStyle = inks.beta;
  context.lineWidth = 3;
  context.stroke();
}

const OWN_REACH = 46; // CSS pixels to each side

function drawOwnSlope(context, plot, {x, y, rate, own}, inks) {
  const [dx, dy] = slopeOnScreen(plot, rate, own);
  context.setLineDash([5, 3]);
  context.strokeStyle = inks.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - OWN_REACH * dx, y - OWN_REACH * dy);
  context.lineTo(x + OWN_REACH * dx, y + OWN_REACH * dy);
  context.stroke();
}

// The direction of a slope dD/dR at a rate, as it looks: a vector of length 1.
function slopeOnScreen({across, up, isLog}, rate, slope) {
  const [dx, dy] = [isLog ? across / rate : across, -slope * up];
  const length = Math.hypot(dx, dy);
  return [dx / length, dy / length];
}

// The angle in degrees at which two slopes are seen to differ on this plane.
export function seenAngle(plot, rate, slope, other) {
  const [a, b] = [slope, other].map(value => slopeOnScreen(plot, rate, value));
  return Math.abs(Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])) * 180 / Math.PI;
}

function clipToPlane(context, {left, right, top, bottom}) {
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
}
