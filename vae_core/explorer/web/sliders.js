// One slider for each latent dimension, the most telling first; dead dimensions are folded away.

import {element} from './layout.js';
import {DEAD_BELOW, rankDimensions} from './state.js';
import {formatNats, formatNumber, nameOf} from './words.js';

const RATES_CALM = 90; // milliseconds between two rates while a dial moves, so that they can be read
const SHOWN = 8; // without "more"; with it one fewer, to make room for it

// `act`: slide(d, value) on every step, hold() and release() around a drag. `origin` is z at the start, `moving` what
// moves with a dial (moving.js). Returns {node, rows: [{node, name, input}] by dimension, draw(z, pinned), rate() (its nats
// are told, true while they wait to be)}.
export function createSliders(meta, moving, origin, act, signal) {
  const {live, dead} = rankDimensions(moving.peak);
  const first = live.length > SHOWN ? SHOWN - 1 : live.length;
  const rows = moving.kl.map((_, d) => createRow(moving, d, act, signal));
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
    const told = `${live.length - first} more dimensions${moved ? ` · ${moved} moved` : ''}`;
    if (more.title.textContent !== told) more.title.textContent = told;
  };
  let [told, toldAt] = [null, -Infinity];
  const rate = () => {
    if (told === moving.kl) return false;
    const now = performance.now();
    if (now - toldAt < RATES_CALM) return true;
    [told, toldAt] = [moving.kl, now];
    rows.forEach((row, d) => row.rate(told[d]));
    return false;
  };
  rate();
  return {node, rows, draw, rate};
}

function fold(children, className = '') {
  const title = element('summary', '');
  return {title, node: element('details', className, {}, title, ...children)};
}

function createRow(moving, d, act, signal) {
  const title = 'Double-click: back to 0, the middle of the prior';
  const input = element('input', '', {type: 'range', title});
  const value = element('output', 'ls-value');
  const name = element('span', 'ls-name', {textContent: nameOf(d)});
  const nats = element('span', 'ls-nats');
  const node = element('div', 'ls-row', {}, name, input, value, nats);
  const reach = () => Math.max(...moving.range[d].map(Math.abs)); // 0 stands in the middle of every slider
  bindRow(input, act, d, reach, signal);

  let told = '';
  const rate = value => {
    node.classList.toggle('ls-silent', value < DEAD_BELOW);
    if (told === (told = formatNats(value))) return;
    nats.textContent = told;
    input.ariaLabel = `${nameOf(d)}, ${told}`;
  };

  let shown = '';
  let high = 0;
  const draw = (z, pinned) => {
    const now = reach();
    if (shown === `${z} ${pinned} ${now}`) return;
    shown = `${z} ${pinned} ${now}`;
    if (!high || !input.matches(':active')) {
      input.step = 10 ** Math.floor(Math.log10(now / 100));
      high = widen(now, pinned, Number(input.step));
    }
    Object.assign(input, {min: -high, max: high, value: z, ariaValueText: formatNumber(z)});
    value.textContent = formatNumber(z);
    input.style.setProperty('--ls-from', 0.5 + Math.min(0, z) / high / 2);
    input.style.setProperty('--ls-to', 0.5 + Math.max(0, z) / high / 2);
  };
  return {node, name, input, draw, rate};
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
      input.valueAsNumber += direction * reach() / (event.shiftKey ? 5 : 50); // the element keeps it in range
      act.slide(d, input.valueAsNumber);
    }
    event.preventDefault();
  });
}

// Wide enough for the pin, in whole steps.
function widen(reach, value, step) {
  return Math.ceil(Math.max(reach, Math.abs(value)) / step) * step;
}
