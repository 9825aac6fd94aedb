// The explorer's elements. Whatever comes from a file or a person goes in as text, never as markup.

import {classColour, classGlyph} from './palette.js';
import {describeAxis, shorten} from './words.js';

export function element(tag, className, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), {className}, properties);
  node.append(...children);
  return node;
}

// The two canvases, as the full explorer and the miniature both show them.
export function buildCanvases(meta, count) {
  const examples = count === 1 ? '1 encoded example' : `${count.toLocaleString('en')} encoded examples`;
  const ariaLabel = `Map of ${examples}. Arrow keys move the pin, + and − zoom, 0 shows all, ? lists all keys.`;
  const map = element('canvas', 'ls-map', {tabIndex: 0, role: 'application', ariaLabel});
  const picture = element('canvas', 'ls-picture', {role: 'img', ariaLabel: 'Decoded picture'});
  map.dataset.role = 'map';
  picture.dataset.role = 'picture';
  const stage = element('div', 'ls-stage', {}, map);
  const frame = element('div', 'ls-frame', {}, picture);
  return {map, picture, stage, frame};
}

// Everything but the sliders, by name; `selects` is empty up to two dimensions, `lab` is there if it is wanted.
export function buildLayout(meta, names, count, hasLab) {
  const parts = buildCanvases(meta, count);
  parts.selects = meta.latent > 2 ? [0, 1].map(k => buildSelect(meta, k)) : [];
  const axes = (parts.selects.length ? parts.selects : ['z1', 'z2'].slice(0, meta.latent))
    .map((child, k) => element('label', `ls-axis ls-axis-${'xy'[k]}`, {}, child));
  parts.grid = element('button', 'ls-tool', {textContent: 'Pictures', title: 'Decoded pictures behind the points (g)'});
  parts.reset = element('button', 'ls-tool', {textContent: 'Show all', title: 'Back to the whole map (0)'});
  parts.stage.append(...axes, element('div', 'ls-tools', {}, parts.reset, parts.grid));
  parts.bar = element('div', 'ls-bar', {role: 'group', ariaLabel: 'Tools of the map'});
  parts.bar.dataset.panel = 'tools';
  parts.panel = element('div', 'ls-panel');
  parts.below = element('div', 'ls-below');
  parts.hint = element('p', 'ls-hint');
  parts.chips = names.map((name, k) => buildChip(name, k));
  parts.legend = element('div', 'ls-legend', {role: 'group', ariaLabel: 'Classes'}, ...parts.chips);
  parts.reading = element('div', 'ls-z');
  parts.near = element('div', 'ls-near');
  parts.live = element('div', 'ls-live', {ariaLive: 'polite'});
  parts.side = element('div', 'ls-side');
  parts.legend.dataset.panel = 'legend';
  parts.side.dataset.panel = 'sliders';
  parts.near.dataset.panel = 'near';
  const shown = element('div', 'ls-shown', {}, parts.frame, element('div', 'ls-reading', {}, parts.reading, parts.near));
  const stage = element('div', 'ls-left', {}, parts.stage, parts.hint, parts.legend, parts.below);
  parts.dial = element('div', 'ls-dial');
  parts.lab = hasLab ? element('div', 'ls-lab') : null;
  const right = element('div', 'ls-right', {}, parts.panel, parts.side);
  const body = element('div', 'ls-body', {}, parts.dial, parts.bar, shown, stage, right, ...(hasLab ? [parts.lab] : []));
  const classes = ['ls', meta.dial && 'ls-dialled', hasLab && 'ls-labbed'].filter(Boolean);
  parts.root = element('div', classes.join(' '), {}, body, parts.live);
  return parts;
}

// A mark in a class's colour and shape, to stand before its name.
export function paintMark(mark, k, isDark) {
  mark.textContent = classGlyph(k);
  mark.style.color = classColour(k, isDark);
}

function buildSelect(meta, k) {
  const options = meta.kl.map((nats, d) => ({d, nats})).sort((a, b) => b.nats - a.nats)
    .map(({d}) => element('option', '', {value: d, textContent: describeAxis(d, meta.kl)}));
  return element('select', '', {ariaLabel: k ? 'Upward axis' : 'Axis to the right'}, ...options);
}

function buildChip(name, k) {
  const text = element('bdi', '', {textContent: shorten(name, 24)});
  const title = `${name}: click to hide or show, double-click for this one alone`;
  return element('button', 'ls-chip', {title}, element('span', 'ls-mark', {ariaHidden: 'true'}), text);
}
