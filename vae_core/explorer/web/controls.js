// The controls around the map: axes, classes, the view.

import {chooseAxis, rankDimensions, toggleClass} from './state.js';
import {describePlane} from './words.js';

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
export function showControls({state, chart, meta, parts}) {
  const {axes, hidden, grid, view} = state;
  const {live} = rankDimensions(meta.kl);
  parts.selects.forEach((select, k) => { select.value = axes[k]; });
  parts.stage.classList.toggle('ls-no-axes', !chart.axes.length);
  parts.chips.forEach((chip, k) => { chip.ariaPressed = String(!hidden.includes(k)); });
  parts.grid.ariaPressed = String(grid);
  parts.reset.disabled = !view;
  parts.hint.textContent = chart.sentence || describePlane(axes, meta.latent, live.length);
}

// The panels that the host does not want, by their names.
export function hidePanels({parts, hide}) {
  for (const node of parts.root.querySelectorAll('[data-panel]')) node.hidden = hide.includes(node.dataset.panel);
}
