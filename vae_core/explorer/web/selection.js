// The selected example: its original, its reconstruction, what differs, and what the encoder makes of it, q(z | x):
// ellipses on the map, and codes drawn from it.

import {showHint, whoseRest} from './controls.js';
import {brightening, differenceGradient, meanSquare, poolPixels, writeDifference} from './difference.js';
import {drawSpread, traceTwice} from './ellipse.js';
import {drawFrom} from './journeys.js';
import {element, paintMark} from './layout.js';
import {showCanvas} from './neighbours.js';
import {paintPixels} from './thumbs.js';

const ELLIPSES = 'Ellipses: where the encoder puts it, q(z|x), at 1σ and 2σ.';
const NO_ELLIPSES = 'No ellipses of q(z|x): distances on this map are not those of codes.';
const NO_SPREAD = 'This autoencoder puts it at one point: there is no spread to draw from.';
const RING = 5; // CSS pixels, of the mark around the point

export function createSelection(explorer) {
  const {bundle, meta, points: {latent}, scene} = explorer;
  const isPoint = meta.posterior?.deterministic === true;
  const panel = buildSelection({mean, resample, clear});
  panel.resample.hidden = isPoint;
  explorer.parts.panel.append(panel.node);
  let chart = null; // that the panel speaks of
  let isStale = true; // its pictures are of another example or beta
  let isOrdered = false;
  let whose = ''; // rest the hint says is kept

  const row = () => explorer.state.selected;
  const sigmaOf = n => bundle.tensors['points.log_var'].data.subarray(n * latent, (n + 1) * latent).map(v => Math.exp(v / 2));

  function mean() {
    if (row() >= 0) explorer.travel(explorer.codeOf(row()));
  }

  function resample() {
    if (row() >= 0 && !isPoint) explorer.travel(drawFrom(explorer.codeOf(row()), sigmaOf(row())));
  }

  function clear() {
    explorer.depart();
    explorer.change({selected: -1});
    explorer.parts.map.focus({preventScroll: true});
    explorer.say('Nothing is selected.');
  }

  function fill() {
    panel.node.hidden = row() < 0 || explorer.hide.includes('selection');
    isStale = row() >= 0;
    isOrdered = false;
    if (!isStale) return;
    const [name, number] = [explorer.nameOfRow(row()), explorer.numberOf(row())];
    panel.title.textContent = panel.title.title = name;
    panel.number.textContent = name === number ? '' : number.replace('example ', '#');
    paintMark(panel.mark, explorer.points.label[row()], scene.map.theme.isDark);
    explain();
  }

  function explain() {
    chart = explorer.chart;
    panel.note.textContent = isPoint ? NO_SPREAD : chart?.jacobian ? ELLIPSES : NO_ELLIPSES;
  }

  function order(n) {
    isStale = false;
    isOrdered = true;
    scene.order(panel, explorer.codeOf(n), decoded => {
      isOrdered = false;
      paint(n, decoded);
    });
  }

  // Originals come with the extras, perhaps smaller than they were: reconstructions are made as small.
  function paint(n, decoded) {
    const {thumbs} = explorer;
    const isPaired = thumbs !== null && n < thumbs.count;
    const shape = isPaired ? thumbs.shape : meta.shape;
    const made = isPaired && thumbs.factor > 1 ? poolPixels(decoded, meta.shape, thumbs.factor) : decoded;
    showCanvas(panel.made, paintPixels(made, shape));
    panel.node.classList.toggle('ls-alone', !isPaired);
    if (isPaired) {
      showCanvas(panel.original, thumbs.canvas(n));
      paintError(panel.error, brightening(thumbs.values(n), made, shape), shape, scene.map.theme.isDark);
    }
    const isOwn = explorer.beta === (meta.dial?.beta ?? null);
    const known = isOwn ? bundle.tensors['points.error']?.data[n] : undefined;
    const error = known ?? (isPaired && thumbs.factor === 1 ? meanSquare(thumbs.values(n), made) : null);
    panel.figure.textContent = error === null ? '' : error.toFixed(4);
    panel.unit.hidden = error === null;
  }

  function ellipses(context, map) {
    const {projection: {px, py}, theme} = map;
    const place = [explorer.places.x[row()], explorer.places.y[row()]];
    if (explorer.chart.jacobian && !isPoint) {
      drawSpread(context, map, explorer.chart, place, Array.from(sigmaOf(row()), value => value ** 2));
    }
    traceTwice(context, [theme.paper, theme.ink], () => context.arc(px(place[0]), py(place[1]), RING, 0, 2 * Math.PI), 2);
  }

  fill();
  return {
    help: [['q', 'A code drawn from q(z|x) of the selected example'], ['c', 'Back to its own code, the mean of q(z|x)']],
    key({key, ctrlKey, metaKey, altKey}) {
      if (row() < 0 || ctrlKey || metaKey || altKey) return false;
      const does = {q: resample, c: mean, Escape: clear}[key];
      does?.();
      return Boolean(does);
    },
    changed(before) {
      if (before.selected !== row()) fill();
      if (whose !== (whose = whoseRest(explorer))) showHint(explorer);
    },
    draw() {
      if (row() < 0) return;
      if (isStale && !isOrdered) order(row());
      if (chart !== explorer.chart) explain();
    },
    above(context, map) {
      if (row() >= 0) ellipses(context, map);
    },
    dialled() { isStale = true; },
    extended: fill,
    themed() {
      panel.scale.style.background = differenceGradient(scene.map.theme.isDark);
      fill();
    },
    summary: () => (row() < 0 ? '' : `Selected: ${explorer.titleOf(row())}.`),
  };
}

function paintError(canvas, values, [, height, width], isDark) {
  Object.assign(canvas, {width, height});
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  writeDifference(values, isDark, image.data);
  context.putImageData(image, 0, 0);
}

// {node and its parts by name}; `act`: mean(), resample(), clear().
function buildSelection(act) {
  const text = (tag, className, textContent = '') => element(tag, className, {textContent});
  const tool = (textContent, title, does) => {
    const button = element('button', 'ls-tool', {textContent, title});
    button.addEventListener('click', does);
    return button;
  };
  const panel = {
    mark: element('span', 'ls-mark', {ariaHidden: 'true'}), title: element('bdi', ''), number: text('span', 'ls-muted'),
    resample: tool('Resample', 'A code drawn from q(z|x), and its picture (q)', act.resample),
    figure: text('b', ''), unit: element('span', '', {textContent: 'squared error', title: 'Mean over the pixels'}), scale: text('span', 'ls-scale'), note: text('p', 'ls-note'),
  };
  const picture = (name, caption) => {
    panel[name] = element('canvas', '', {role: 'img', ariaLabel: caption, width: 1, height: 1});
    return element('figure', `ls-${name}`, {}, element('span', 'ls-tile', {}, panel[name]), text('figcaption', '', caption));
  };
  const close = element('button', 'ls-close', {textContent: '✕', ariaLabel: 'Select nothing', title: 'Select nothing (Esc)'});
  close.addEventListener('click', act.clear);
  const head = element('header', '', {}, element('span', 'ls-selected-name', {}, panel.mark, panel.title), panel.number,
    tool('Mean', 'Back to its code, the mean of q(z|x) (c)', act.mean), panel.resample, close);
  const legend = element('div', 'ls-error-legend', {}, panel.scale, element('div', '', {}, text('span', '', 'darker'), text('span', '', 'brighter')));
  const told = element('div', 'ls-told', {}, element('div', '', {}, panel.figure, ' ', panel.unit), legend);
  const pictures = element('div', 'ls-pair', {}, picture('original', 'original'), picture('made', 'reconstruction'), picture('error', 'difference'), told);
  panel.node = element('section', 'ls-selection', {ariaLabel: 'Selected example'}, head, pictures, panel.note);
  panel.node.dataset.panel = 'selection';
  return panel;
}
