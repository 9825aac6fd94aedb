// The sheet of all that hands and keys can do.

import {element} from './layout.js';
import {openSheet} from './sheet.js';

const MOUSE = [
  ['Hover', 'Peek: the picture under the pointer; on a point, that example’s own'],
  ['Click, drag', 'Put the pin, select a point'],
  ['Wheel', 'Zoom'],
  ['Shift-drag, right button', 'Pan'],
];
const TOUCH = [
  ['Tap, drag', 'Put the pin, select a point'],
  ['Hold still', 'Peek; the pin stays'],
  ['Two fingers', 'Zoom and pan'],
];
const KEYS = [
  ['← → ↑ ↓', 'Move the pin; with Shift further'],
  ['+ −', 'Zoom'],
  ['0', 'Show all'],
  ['g', 'Pictures behind the points'],
];

export function createHelp(explorer) {
  const button = element('button', 'ls-tool ls-help', {textContent: '?', ariaLabel: 'Mouse, touch and keys', title: 'Mouse, touch and keys (?)'});
  button.addEventListener('click', open);
  explorer.parts.bar.append(button);

  function open() {
    const keys = [...KEYS, ...explorer.features.flatMap(feature => feature.help ?? []), ['?', 'This sheet']];
    const hands = element('div', '', {}, buildPart('Mouse', MOUSE), buildPart('Touch', TOUCH));
    const content = element('div', 'ls-keys', {}, hands, buildPart('Keys', keys));
    openSheet(explorer.parts.root, 'Mouse, touch and keys', content);
  }

  return {
    key({key}) {
      if (key === '?') open();
      return key === '?';
    },
  };
}

function buildPart(title, rows) {
  const list = rows.flatMap(([keys, what]) => [element('dt', '', {textContent: keys}), element('dd', '', {textContent: what})]);
  return element('section', '', {}, element('h3', '', {textContent: title}), element('dl', '', {}, ...list));
}
