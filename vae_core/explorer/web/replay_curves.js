// Distortion and rate over a training, on the replay's own axis of time, with a cursor that a hand can take.

import {epochTicks, figureAt} from './replay_data.js';
import {readTheme} from './theme.js';

const CURVE_LEFT = 36; // pixels for the numbers beside the curve
const CURVE_BOTTOM = 18; // and for the epochs below
const CURVE_USUAL = 0.97; // share of the values in sight for certain; a first plunge may leave the picture
const TICK_ROOM = 38; // pixels between two epochs that are written

// {resize(), draw(time), timeAt(x)}. `kind` is distortion or rate; its colour is the canvas's accent.
export function createCurve(canvas, data, kind) {
  const context = canvas.getContext('2d');
  let [theme, width, height, density] = [null, 0, 0, 1];
  let [below, above] = [null, null];
  const {step, epoch} = data.curves;
  const [low, high] = rangeOfCurve([...step[kind], ...epoch[kind]], kind === 'rate' ? 0.5 : 0);
  const x = time => CURVE_LEFT + time * (width - CURVE_LEFT - 8);
  const y = nats => 6 + (1 - (nats - low) / (high - low)) * (height - CURVE_BOTTOM - 10);

  // What does not move is drawn once: everything, with the curves pale, and the curves alone, strong.
  function resize() {
    density = devicePixelRatio || 1;
    [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    const {outlineColor, columnRuleColor} = getComputedStyle(canvas);
    theme = {...readTheme(canvas), own: outlineColor, beta: columnRuleColor};
    if (!width || !height) return;
    const layer = paint => {
      const made = new OffscreenCanvas(canvas.width, canvas.height);
      const pen = made.getContext('2d');
      pen.setTransform(density, 0, 0, density, 0, 0);
      paint(pen);
      return made;
    };
    below = layer(pen => {
      drawGrid(pen);
      for (const change of data.changes) drawChange(pen, change);
      drawLines(pen, 0.3);
    });
    above = layer(pen => drawLines(pen, 1));
  }

  function draw(time) {
    if (!width || !height) return;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    context.drawImage(below, 0, 0, width, height);
    context.save();
    context.beginPath();
    context.rect(0, 0, x(time), height);
    context.clip();
    context.drawImage(above, 0, 0, width, height);
    context.restore();
    drawCursor(time);
  }

  function drawLines(pen, strength) {
    pen.save();
    pen.beginPath();
    pen.rect(CURVE_LEFT - 2, 0, width, height - CURVE_BOTTOM + 2);
    pen.clip();
    pen.strokeStyle = theme.own;
    pen.lineJoin = 'round';
    trace(pen, step, 1.25, 0.5 * strength);
    trace(pen, epoch, 2.25, strength);
    pen.restore();
  }

  function trace(pen, rows, line, opacity) {
    pen.globalAlpha = opacity;
    pen.lineWidth = line;
    pen.beginPath();
    rows.time.forEach((time, k) => pen.lineTo(x(time), y(rows[kind][k])));
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function drawGrid(pen) {
    pen.font = `11px ${theme.font}`;
    pen.fillStyle = theme.ink;
    pen.strokeStyle = theme.ink;
    pen.lineWidth = 1;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    for (const tick of natsTicks(low, high)) {
      pen.globalAlpha = 0.12;
      pen.beginPath();
      pen.moveTo(CURVE_LEFT, Math.round(y(tick)) + 0.5);
      pen.lineTo(width - 8, Math.round(y(tick)) + 0.5);
      pen.stroke();
      pen.globalAlpha = 0.64;
      pen.fillText(tick.toLocaleString('en', {maximumFractionDigits: 2}).replace('-', '−'), CURVE_LEFT - 6, y(tick));
    }
    pen.textBaseline = 'alphabetic';
    const room = TICK_ROOM / Math.max(TICK_ROOM, width - CURVE_LEFT - 8);
    for (const {epoch: written, time} of epochTicks(data.epochs, room)) {
      pen.textAlign = time === 0 ? 'left' : time === 1 ? 'right' : 'center';
      pen.fillText(written.toLocaleString('en', {maximumFractionDigits: 2}), x(time) + (time === 1 ? 8 : 0), height - 3);
    }
    pen.globalAlpha = 1;
  }

  // Where somebody changed the course.
  function drawChange(pen, {time, beta}) {
    pen.strokeStyle = beta === null ? theme.ink : theme.beta;
    pen.globalAlpha = beta === null ? 0.5 : 1;
    pen.lineWidth = 1.25;
    pen.setLineDash([4, 3]);
    pen.beginPath();
    pen.moveTo(x(time), 2);
    pen.lineTo(x(time), height - CURVE_BOTTOM);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function drawCursor(time) {
    context.strokeStyle = theme.ink;
    context.globalAlpha = 0.7;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x(time), 2);
    context.lineTo(x(time), height - CURVE_BOTTOM);
    context.stroke();
    context.globalAlpha = 1;
    const value = figureAt(data.curves, kind, time);
    if (value === null) return;
    context.fillStyle = theme.own;
    context.strokeStyle = theme.paper;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x(time), Math.min(height - CURVE_BOTTOM, Math.max(5, y(value))), 5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  const timeAt = at => Math.min(1, Math.max(0, (at - CURVE_LEFT) / (width - CURVE_LEFT - 8)));
  return {resize, draw, timeAt};
}

// [low, high] in nats of what a curve shows: of a first plunge or a spike no more than `room` times the height of the rest.
export function rangeOfCurve(values, room = 0) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!sorted.length) return [0, 1];
  const usual = sorted[Math.floor((sorted.length - 1) * CURVE_USUAL)];
  const high = sorted.findLast(value => value <= usual + room * (usual - sorted[0]));
  const margin = Math.max((high - sorted[0]) * 0.08, Math.abs(high) * 0.005, 0.05);
  return [sorted[0] - margin, high + margin];
}

// Three or four round numbers within the range.
export function natsTicks(low, high) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(digit => digit * power).find(size => size >= rough);
  const first = Math.ceil(low / step);
  return Array.from({length: Math.floor(high / step) - first + 1}, (_, k) => Number(((first + k) * step).toPrecision(6)));
}
