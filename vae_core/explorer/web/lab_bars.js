// What each dimension carries at the dial's beta: one bar of nats each. Dimensions switch off as beta grows.

import {roundValues} from './lab_curve.js';
import {carries, dimensionRates, lowestRates, sayActive, thinRows} from './lab_figures.js';
import {addLabSection, createLabCalm, createSurface, hasLabView, isLabResting, labInks, setText, shownRows} from './lab_surface.js';
import {element} from './layout.js';
import {tickStep} from './view.js';
import {formatTick, nameOf} from './words.js';

const BAR_PAD = {left: 34, right: 4, top: 12, bottom: 22}; // CSS pixels
const WIDEST_BAR = 44;
const BAR_LABEL_ROOM = 24;

export function createLabBars(explorer) {
  if (!hasLabView(explorer, 'bars')) return {};
  const {bundle, points, scene} = explorer;
  const {latent} = points;
  const canvas = element('canvas', 'ls-bars', {role: 'img'});
  const said = element('p', 'ls-lab-meaning');
  const sum = element('p', 'ls-lab-foot', {title: 'Of the shown examples. The curve’s rate is that of held-out ones.'});
  addLabSection(explorer, 'bars', 'What each dimension carries', said, canvas, sum);
  const calm = createLabCalm(explorer);
  const lowest = lowestRates(bundle, points);
  const order = Array.from({length: latent}, (_, d) => d).sort((a, b) => lowest[b] - lowest[a] || a - b);
  let rows = shownRows(explorer);
  let drawnFor = '';
  let toldFor = '';
  let hovered = -1;
  let rates = lowest;
  const redraw = () => {
    drawnFor = toldFor = '';
    scene.loop.ask();
  };
  const surface = createSurface(canvas, redraw, scene.signal);

  function measure(isExact) {
    const counted = isExact ? rows : thinRows(rows, latent);
    rates = dimensionRates(points.mu, bundle.tensors['points.log_var'].data, latent, counted);
  }

  function draw() {
    const isResting = isLabResting(explorer);
    const key = `${explorer.beta} ${isResting}`;
    if (drawnFor === key || !surface.isDue(isResting)) return;
    drawnFor = key;
    measure(isResting);
    drawBars(surface, {order, rates, lowest, hovered}, labInks(scene.map.theme), scene.map.theme.font);
  }

  function tell() {
    if (!drawnFor || drawnFor === toldFor || !calm.isDue()) return;
    toldFor = drawnFor;
    const active = rates.filter(carries).length;
    setText(said, `${sayActive(active, latent)}.`);
    const total = rates.reduce((all, nats) => all + nats, 0);
    const one = hovered >= 0 ? `${nameOf(hovered)}: ${rates[hovered].toFixed(2)} nats, ${lowest[hovered].toFixed(2)} at the lowest β` : '';
    setText(sum, one || `${total.toFixed(1)} nats together · grey: under 0.01 nats · outlines: at the lowest β`);
    canvas.ariaLabel = `Nats of each dimension: ${order.map(d => `${nameOf(d)} ${rates[d].toFixed(1)}`).join(', ')}`;
  }

  const point = event => {
    const {left} = canvas.getBoundingClientRect();
    const place = barPlaces(surface.width, latent);
    const k = event.type === 'pointerleave' ? -1 : Math.floor((event.clientX - left - place.left) / place.pitch);
    const next = order[k] ?? -1;
    if (next === hovered) return;
    hovered = next;
    redraw();
  };
  for (const type of ['pointermove', 'pointerdown', 'pointerleave']) canvas.addEventListener(type, point, {signal: scene.signal});

  return {
    draw() {
      draw();
      tell();
    },
    themed: redraw,
    rested: () => scene.loop.ask(),
    changed(before) {
      if (before.hidden === explorer.state.hidden) return;
      rows = shownRows(explorer);
      redraw();
    },
  };
}

function barPlaces(width, count) {
  const room = width - BAR_PAD.left - BAR_PAD.right;
  const pitch = Math.min(WIDEST_BAR * 1.5, room / count);
  const bar = Math.max(2, Math.min(WIDEST_BAR, pitch * (count > 24 ? 0.8 : 0.68)));
  return {left: BAR_PAD.left + Math.max(0, (room - pitch * count) / 2), pitch, bar};
}

function drawBars(surface, {order, rates, lowest, hovered}, inks, font) {
  const {width, height} = surface;
  const context = surface.begin();
  const top = Math.max(0.1, ...lowest, ...rates) * 1.04;
  const floor = height - BAR_PAD.bottom;
  const up = (floor - BAR_PAD.top) / top;
  const {left, pitch, bar} = barPlaces(width, order.length);
  const step = tickStep(top, 4);
  context.font = `11px ${font}`;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const value of roundValues(0, top, step)) {
    context.fillStyle = inks.faint;
    context.fillRect(BAR_PAD.left, Math.round(floor - value * up), width - BAR_PAD.left - BAR_PAD.right, 1);
    context.fillStyle = inks.muted;
    context.fillText(formatTick(value, step), BAR_PAD.left - 6, floor - value * up);
  }
  context.textAlign = 'center';
  const every = Math.ceil(BAR_LABEL_ROOM / pitch);
  order.forEach((d, k) => {
    const x = left + k * pitch + (pitch - bar) / 2;
    const isLive = carries(rates[d]);
    context.strokeStyle = inks.line;
    context.strokeRect(Math.round(x) + 0.5, Math.round(floor - lowest[d] * up) + 0.5, bar - 1, Math.round(lowest[d] * up));
    context.fillStyle = isLive ? inks.rate : inks.line;
    const high = Math.max(isLive ? 1.5 : 2, rates[d] * up);
    context.fillRect(x, floor - high, bar, high);
    if (k % every && d !== hovered) return;
    context.fillStyle = d === hovered ? inks.ink : inks.muted;
    if (!isLive) context.globalAlpha = 0.6;
    context.fillText(nameOf(d), x + bar / 2, floor + 11);
    context.globalAlpha = 1;
  });
  context.fillStyle = inks.muted;
  context.fillRect(BAR_PAD.left, Math.round(floor), width - BAR_PAD.left - BAR_PAD.right, 1);
}
