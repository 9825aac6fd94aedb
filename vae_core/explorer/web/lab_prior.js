// The aggregate posterior beside the prior: what the decoder was trained on beside what samples are drawn from.

import {drawSpread} from './ellipse.js';
import {densityReach, distanceToPrior, lowestRates, mixtureDensity, priorDensity, thinRows} from './lab_figures.js';
import {addLabSection, createLabCalm, createSurface, hasLabView, isLabResting, labInks, setText, shownRows} from './lab_surface.js';
import {element} from './layout.js';
import {nameOf} from './words.js';

const PANELS_SHOWN = 6; // dimensions side by side at most
const PRIOR_NARROW = 560; // CSS pixels, below which three stand beside each other
const CURVE_STEPS = 120; // places on a density's axis
const DENSITY_SUMS = 1800; // Gaussians a frame, while the dial moves
const TILE_PAD = {side: 6, top: 18, bottom: 16}; // CSS pixels

export function createLabPrior(explorer) {
  if (!hasLabView(explorer, 'prior')) return {};
  const {bundle, points, scene} = explorer;
  const canvas = element('canvas', 'ls-densities', {role: 'img'});
  const rings = element('input', '', {type: 'checkbox', checked: true});
  const toggle = element('label', 'ls-group', {title: 'The prior at 1σ and 2σ, on maps that are flat'}, rings, ' on the map');
  const said = element('p', 'ls-lab-meaning');
  const foot = element('p', 'ls-lab-foot', {textContent: 'Filled: where the shown examples are encoded. Line: the prior N(0, 1), from which samples are drawn.'});
  const {head, node} = addLabSection(explorer, 'prior', 'Codes and the prior', said, canvas, foot);
  if (points.latent > 1) head.append(toggle); // a line has its marks anyway
  const {dims, select} = choosePanels(explorer);
  if (select) head.firstChild.after(select);
  const all = Array.from({length: points.count}, (_, row) => row);
  const first = bundle.tensors['ladder.mu']?.data ?? points.mu;
  const reach = densityReach(first.subarray(0, points.mu.length), points.latent, all);
  const step = 2 * reach / CURVE_STEPS;
  const densities = new Map(); // by dimension
  const calm = createLabCalm(explorer);
  let rows = shownRows(explorer);
  let drawnFor = '';
  let toldFor = '';
  const redraw = () => {
    drawnFor = toldFor = '';
    scene.loop.ask();
  };
  const surface = createSurface(canvas, redraw, scene.signal);
  node.style.setProperty('--ls-lines', Math.ceil(dims().length / 3));

  function measure(isExact) {
    const shown = dims();
    const counted = isExact ? rows : thinRows(rows, shown.length, DENSITY_SUMS);
    const source = {mu: points.mu, logVar: bundle.tensors['points.log_var'].data, latent: points.latent, rows: counted};
    for (const d of shown) {
      if (!densities.has(d)) densities.set(d, new Float64Array(CURVE_STEPS + 1));
      mixtureDensity(densities.get(d), {...source, d}, -reach, step);
    }
  }

  function draw() {
    const isResting = isLabResting(explorer);
    const key = `${explorer.beta} ${isResting}`;
    if (key === drawnFor || !surface.isDue(isResting)) return;
    drawnFor = key;
    measure(isResting);
    const inks = labInks(scene.map.theme);
    const context = surface.begin();
    const shown = dims();
    const across = Math.min(surface.width < PRIOR_NARROW ? 3 : PANELS_SHOWN, shown.length);
    const [wide, high] = [surface.width / across, surface.height / Math.ceil(shown.length / across)];
    shown.forEach((d, k) => {
      const box = {left: (k % across) * wide, top: Math.floor(k / across) * high, wide, high};
      drawDensity(context, box, {d, density: densities.get(d), reach, step}, inks, scene.map.theme.font);
    });
  }

  function tell() {
    if (!drawnFor || drawnFor === toldFor || !calm.isDue()) return;
    toldFor = drawnFor;
    const off = dims().map(d => [d, distanceToPrior(densities.get(d), -reach, step)]).sort(([, a], [, b]) => b - a);
    const [[worst, nats]] = off;
    setText(said, nats < 0.02 ? 'Codes lie as the prior says.' : `Farthest from the prior: ${nameOf(worst)}, by ${nats.toFixed(2)} nats.`);
    canvas.ariaLabel = `Distance of codes from the prior: ${off.map(([d, away]) => `${nameOf(d)} ${away.toFixed(2)} nats`).join(', ')}`;
  }

  rings.addEventListener('change', () => explorer.touched(), {signal: scene.signal});
  select?.addEventListener('change', redraw, {signal: scene.signal});
  return {
    draw() {
      draw();
      tell();
    },
    above(context, map) {
      const {chart} = explorer;
      if (!rings.checked || !chart.jacobian || points.latent === 1) return;
      drawPriorRings(context, map, chart, points.latent);
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

// {dims() -> the dimensions shown, select (null where all fit)}: those that carry most at the lowest beta first.
function choosePanels({bundle, points}) {
  const {latent} = points;
  const rates = lowestRates(bundle, points);
  const order = Array.from({length: latent}, (_, d) => d).sort((a, b) => rates[b] - rates[a] || a - b);
  if (latent <= PANELS_SHOWN) return {dims: () => order, select: null};
  const pages = Array.from({length: Math.ceil(latent / PANELS_SHOWN)}, (_, k) => order.slice(k * PANELS_SHOWN, (k + 1) * PANELS_SHOWN));
  const options = pages.map((page, value) => element('option', '', {value, textContent: page.map(nameOf).join(' ')}));
  const select = element('select', '', {ariaLabel: 'Dimensions shown'}, ...options);
  return {dims: () => pages[Number(select.value)], select};
}

function drawDensity(context, {left, top, wide, high}, {d, density, reach, step}, inks, font) {
  const floor = top + high - TILE_PAD.bottom;
  const [from, to] = [left + TILE_PAD.side, left + wide - TILE_PAD.side];
  const px = z => from + (z + reach) / (2 * reach) * (to - from);
  // What is more than four times as high as the prior is cut, so that the prior stays in sight.
  const most = Math.min(Math.max(priorDensity(0) * 1.15, density.reduce((a, b) => Math.max(a, b), 0) * 1.05), priorDensity(0) * 4);
  const py = value => floor - Math.min(1, value / most) * (floor - top - TILE_PAD.top);
  context.beginPath();
  context.moveTo(px(-reach), floor);
  density.forEach((value, k) => context.lineTo(px(-reach + k * step), py(value)));
  context.lineTo(px(reach), floor);
  context.fillStyle = inks.latent;
  context.globalAlpha = 0.35;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = inks.latent;
  context.lineWidth = 1.25;
  context.stroke();
  context.beginPath();
  for (let k = 0; k <= CURVE_STEPS; k++) context.lineTo(px(-reach + k * step), py(priorDensity(-reach + k * step)));
  context.strokeStyle = inks.ink;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = inks.muted;
  context.fillRect(from, floor, to - from, 1);
  context.font = `11px ${font}`;
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (const z of [-reach, 0, reach]) context.fillText(String(z).replace('-', '−'), Math.min(to - 6, Math.max(from + 8, px(z))), floor + 9);
  context.font = `600 12px ${font}`;
  context.textAlign = 'left';
  context.fillStyle = inks.ink;
  context.fillText(nameOf(d), from, top + 8);
}

// The prior N(0, 1) of all dimensions as the chart shows it, at one and two standard deviations.
function drawPriorRings(context, map, chart, latent) {
  const middle = chart.place(new Array(latent).fill(0));
  const theme = {...map.theme, latent: map.theme.ink};
  context.save();
  context.globalAlpha = 0.55;
  context.setLineDash([6, 4]);
  drawSpread(context, {...map, theme}, chart, middle, new Array(latent).fill(1));
  context.restore();
}
