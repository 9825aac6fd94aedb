// The elements of a replay, but for its controls and pictures.

import {element} from './layout.js';
import {createCurve} from './replay_curves.js';
import {writeEpoch} from './replay_data.js';
import {shorten} from './words.js';

// {stage, canvas, epoch, note, side, curves [{kind, canvas, value, curve}], beta, legend, chips}. `pictures` are those of
// replay_pictures.js; `seek(time)` and `alone(k)` hear hands until `signal`.
export function buildReplayParts(data, pictures, {seek, alone}, signal) {
  const ariaLabel = `Cloud of ${data.count.toLocaleString('en')} encoded examples. Space plays, arrow keys go from moment to moment.`;
  const canvas = element('canvas', 'lr-cloud', {tabIndex: 0, role: 'application', ariaLabel});
  canvas.dataset.role = 'cloud';
  const epoch = element('strong', 'lr-epoch-now');
  const whole = writeEpoch(1, data.epochs).replace(/\.0+$/, '');
  const clock = element('div', 'lr-clock', {}, epoch, element('span', 'lr-of', {textContent: `of ${whole} ${whole === '1' ? 'epoch' : 'epochs'}`}),
    element('span', 'lr-live-badge', {textContent: 'still training', hidden: !data.isLive}));
  const note = element('p', 'lr-note');
  const stage = element('div', 'lr-stage', {}, canvas, clock, note);
  const curves = ['distortion', 'rate'].map(kind => buildReplayCurve(data, kind, seek, signal));
  const beta = element('span', 'lr-value');
  const key = element('p', 'lr-key', {}, element('span', '', {textContent: 'Epochs, the first ones wider. Pale: while learning. Strong: held out.'}), beta);
  const figures = element('div', 'lr-curves', {}, ...curves.map(({figure}) => figure), key);
  const side = element('div', 'lr-side', {}, figures, pictures.row, pictures.selected);
  const chips = data.names.length > 1 ? data.names.map((name, k) => buildClassChip(name, k, alone)) : [];
  const legend = element('div', 'lr-legend', {role: 'group', ariaLabel: 'Classes'}, ...chips);
  return {stage, canvas, epoch, note, side, curves, beta, legend, chips};
}

function buildReplayCurve(data, kind, seek, signal) {
  const canvas = element('canvas', '', {role: 'img'});
  const value = element('span', 'lr-value');
  const title = element('span', '', {textContent: kind === 'rate' ? 'Rate' : 'Distortion'});
  const figure = element('figure', `lr-curve lr-${kind}`, {}, element('figcaption', '', {}, title, value), canvas);
  const curve = createCurve(canvas, data, kind);
  const take = event => { if (event.buttons) seek(curve.timeAt(event.offsetX)); };
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    take(event);
  }, {signal});
  canvas.addEventListener('pointermove', take, {signal});
  return {kind, canvas, value, figure, curve};
}

function buildClassChip(name, k, alone) {
  const mark = element('span', 'ls-mark', {ariaHidden: 'true'});
  const chip = element('button', 'lr-chip', {title: `${name}: this class alone`, ariaPressed: 'false'}, mark, element('bdi', '', {textContent: shorten(name, 20)}));
  chip.addEventListener('click', () => alone(k));
  return chip;
}
