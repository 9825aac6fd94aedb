// The controls around the map: axes, classes, the view.

import {paintMark} from './layout.js';
import {chooseAxis, rankDimensions, toggleClass} from './state.js';
import {describeAxis, describePlane, formatNumber, formatPoint, nameOf} from './words.js';

const SAME = 1e-3; // latent units

export function bindControls(explorer) {
  const {parts: {grid, reset, selects, chips}, scene: {signal}} = explorer;
  let before = [];
  grid.addEventListener('click', () => explorer.toggleGrid(), {signal});
  reset.addEventListener('click', () => explorer.resetView(), {signal});
  selects.forEach((select, k) => {
    const choose = () => explorer.turn({axes: chooseAxis(explorer.state.axes, k, Number(select.value))});
    select.addEventListener('change', choose, {signal});
  });
  chips.forEach((chip, k) => chip.addEventListener('click', event => {
    if (event.detail < 2) before = explorer.state.hidden; // the second click of a double one undoes the first
    explorer.hideClasses(toggleClass(before, k, chips.length, event.shiftKey || event.detail > 1));
  }, {signal}));
}

// Brings them to the state.
export function showControls(explorer) {
  const {state: {axes, hidden, grid, view}, chart, parts} = explorer;
  parts.selects.forEach((select, k) => {
    for (const option of select.options) option.textContent = describeAxis(Number(option.value), explorer.kl);
    select.value = axes[k];
  });
  parts.stage.classList.toggle('ls-no-axes', !chart.axes.length);
  parts.chips.forEach((chip, k) => { chip.ariaPressed = String(!hidden.includes(k)); });
  parts.grid.ariaPressed = String(grid);
  parts.reset.disabled = !view;
  showHint(explorer);
}

export function paintChips({parts: {chips}, scene: {map}}) {
  chips.forEach((chip, k) => paintMark(chip.firstChild, k, map.theme.isDark));
}

// The place of code z in figures.
export function describePlace({state: {axes}, parts: {reading, picture}}, z) {
  reading.textContent = axes.map(d => `${nameOf(d)} ${formatNumber(z[d])}`).join('\n');
  picture.ariaLabel = `Decoded picture at ${formatPoint(z)}`;
}

// What a hand on the map does.
export function showHint(explorer) {
  const {state: {axes}, chart: {sentence}, meta, kl, parts} = explorer;
  const whose = whoseRest(explorer);
  const own = typeof sentence === 'function' ? sentence(whose) : sentence;
  parts.hint.textContent = own || describePlane(axes, meta.latent, rankDimensions(kl).live.length, whose);
}

// Where the rest of the pin's code stays, that is, what the map does not show of it.
export function whoseRest(explorer) {
  const {state: {z, selected}, chart} = explorer;
  if (selected < 0 || !chart?.jacobian) return 'at the pin';
  const rest = chart.move(z, [0, 0]);
  const other = chart.move(explorer.codeOf(selected), [0, 0]);
  const isSame = rest.every((value, d) => Math.abs(value - other[d]) < SAME);
  return isSame ? `as in ${explorer.titleOf(selected)}` : 'at the pin';
}

// The panels that the host does not want, by their names.
export function hidePanels({parts, hide}) {
  for (const node of parts.root.querySelectorAll('[data-panel]')) if (hide.includes(node.dataset.panel)) node.hidden = true;
}
