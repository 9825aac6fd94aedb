// One slider for each latent dimension, the most telling first; dead dimensions are folded away.

import {element} from './layout.js';
import {rankDimensions} from './state.js';
import {formatNats, formatNumber, nameOf} from './words.js';

const SHOWN = 8; // without "more"; with it one fewer, to make room for it

// `act`: slide(d, value) on every step, hold() and release() around a drag. `origin` is z at the start.
// Returns {node, draw(z, pinned)}.
export function createSliders(meta, origin, act, signal) {
  const {live, dead} = rankDimensions(meta.kl);
  const first = live.length > SHOWN ? SHOWN - 1 : live.length;
  const rows = meta.kl.map((_, d) => createRow(meta, d, act, signal));
  const nodes = dimensions => dimensions.map(d => rows[d].node);
  const node = element('div', 'ls-sliders', {}, ...nodes(live.slice(0, first)));
  node.style.setProperty('--ls-name', `${nameOf(meta.latent).length}ch`);
  const more = fold(nodes(live.slice(first)));
  const rest = fold(nodes(dead), 'ls-dead');
  if (live.length > first) node.append(more.node);
  if (dead.length) node.append(rest.node);
  rest.title.textContent = dead.length === 1 ? '1 dead dimension' : `${dead.length} dead dimensions`;

  const draw = (z, pinned) => {
    z.forEach((value, d) => rows[d].draw(value, pinned[d]));
    const moved = live.slice(first).filter(d => Math.abs(pinned[d] - origin[d]) > 0.005).length;
    more.title.textContent = `${live.length - first} more dimensions${moved ? ` · ${moved} moved` : ''}`;
  };
  return {node, draw};
}

function fold(children, className = '') {
  const title = element('summary', '');
  return {title, node: element('details', className, {}, title, ...children)};
}

function createRow(meta, d, act, signal) {
  const nats = formatNats(meta.kl[d]);
  const title = 'Double-click: back to the centre';
  const input = element('input', '', {type: 'range', ariaLabel: `${nameOf(d)}, ${nats}`, title});
  const value = element('output', 'ls-value');
  const name = element('span', 'ls-name', {textContent: nameOf(d)});
  const node = element('label', 'ls-row', {}, name, input, value, element('span', 'ls-nats', {textContent: nats}));
  const span = meta.range[d][1] - meta.range[d][0];
  input.step = 10 ** Math.floor(Math.log10(span / 200));
  bindRow(input, act, d, meta.center[d], span, signal);

  let shown = '';
  let range = meta.range[d];
  const draw = (z, pinned) => {
    if (shown === `${z} ${pinned}`) return;
    shown = `${z} ${pinned}`;
    if (!input.matches(':active')) range = widen(meta.range[d], pinned, Number(input.step));
    const [low, high] = range;
    Object.assign(input, {min: low, max: high, value: z, ariaValueText: formatNumber(z)});
    value.textContent = formatNumber(z);
    const [from, to] = [z, meta.center[d]].sort((a, b) => a - b);
    input.style.setProperty('--ls-from', (from - low) / (high - low));
    input.style.setProperty('--ls-to', (to - low) / (high - low));
  };
  return {node, draw};
}

function bindRow(input, act, d, center, span, signal) {
  const on = (type, listener) => input.addEventListener(type, listener, {signal});
  const release = () => act.release();
  on('input', () => act.slide(d, input.valueAsNumber));
  on('change', release);
  on('dblclick', () => act.slide(d, center));
  on('pointerdown', () => {
    act.hold();
    for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, release, {signal, once: true});
  });
  on('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') act.slide(d, center);
    else if (!direction) return;
    else {
      input.valueAsNumber += direction * span / (event.shiftKey ? 10 : 100); // the element keeps it in range
      act.slide(d, input.valueAsNumber);
    }
    event.preventDefault();
  });
}

// The range, made wide enough for the pin, in whole steps.
function widen([low, high], value, step) {
  return [Math.floor(Math.min(low, value) / step) * step, Math.ceil(Math.max(high, value) / step) * step];
}
