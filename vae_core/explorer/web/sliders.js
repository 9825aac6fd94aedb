// One slider for each latent dimension, the most telling first; dead dimensions are folded away.

import {element} from './layout.js';
import {rankDimensions} from './state.js';
import {formatNats, formatNumber, nameOf} from './words.js';

const SHOWN = 8; // without "more"; with it one fewer, to make room for it

// `act`: slide(d, value) on every step, hold() and release() around a drag. `origin` is z at the start.
// Returns {node, rows: [{node, name, input}] by dimension, draw(z, pinned)}.
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
  return {node, rows, draw};
}

function fold(children, className = '') {
  const title = element('summary', '');
  return {title, node: element('details', className, {}, title, ...children)};
}

function createRow(meta, d, act, signal) {
  const nats = formatNats(meta.kl[d]);
  const title = 'Double-click: back to 0, the middle of the prior';
  const input = element('input', '', {type: 'range', ariaLabel: `${nameOf(d)}, ${nats}`, title});
  const value = element('output', 'ls-value');
  const name = element('span', 'ls-name', {textContent: nameOf(d)});
  const node = element('div', 'ls-row', {}, name, input, value, element('span', 'ls-nats', {textContent: nats}));
  const reach = Math.max(...meta.range[d].map(Math.abs)); // 0 stands in the middle of every slider
  input.step = 10 ** Math.floor(Math.log10(reach / 100));
  bindRow(input, act, d, reach, signal);

  let shown = '';
  let high = reach;
  const draw = (z, pinned) => {
    if (shown === `${z} ${pinned}`) return;
    shown = `${z} ${pinned}`;
    if (!input.matches(':active')) high = widen(reach, pinned, Number(input.step));
    Object.assign(input, {min: -high, max: high, value: z, ariaValueText: formatNumber(z)});
    value.textContent = formatNumber(z);
    input.style.setProperty('--ls-from', 0.5 + Math.min(0, z) / high / 2);
    input.style.setProperty('--ls-to', 0.5 + Math.max(0, z) / high / 2);
  };
  return {node, name, input, draw};
}

function bindRow(input, act, d, reach, signal) {
  const on = (type, listener) => input.addEventListener(type, listener, {signal});
  const release = () => act.release();
  on('input', () => act.slide(d, input.valueAsNumber));
  on('change', release);
  on('dblclick', () => act.slide(d, 0));
  on('pointerdown', () => {
    act.hold();
    for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, release, {signal, once: true});
  });
  on('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') act.slide(d, 0);
    else if (!direction) return;
    else {
      input.valueAsNumber += direction * reach / (event.shiftKey ? 5 : 50); // the element keeps it in range
      act.slide(d, input.valueAsNumber);
    }
    event.preventDefault();
  });
}

// Wide enough for the pin, in whole steps.
function widen(reach, value, step) {
  return Math.ceil(Math.max(reach, Math.abs(value)) / step) * step;
}
