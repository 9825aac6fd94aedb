// Directions that were kept with the run, as sliders below those of the dimensions. A slider says where z stands along its
// direction, 0 as the mean of the examples without, 1 as the mean of those having it; moving it moves z along that
// direction and nothing else. So it has no state of its own: z goes into links, histories and files as ever.

import {readDirections, standingAlong} from './direction_state.js';
import {element} from './layout.js';
import {formatNumber} from './words.js';

const STANDS_LOW = -1;
const STANDS_HIGH = 2;

export function createDirections(explorer) {
  const {parts, hands, reporter, scene: {signal}} = explorer;
  const section = element('section', 'ls-directions', {ariaLabel: 'Directions', hidden: true});
  let rows = []; // {direction, draw(z)}
  let told = '';

  function createRow(direction) {
    const {name, title} = direction;
    const input = element('input', '', {type: 'range', min: STANDS_LOW, max: STANDS_HIGH, step: 0.01, ariaLabel: name});
    input.title = `${title ?? name}. 0: as those without, 1: as those having it`;
    const value = element('output', 'ls-value');
    const node = element('div', 'ls-row ls-direction', {}, element('bdi', 'ls-name', {textContent: name, title: input.title}), input, value);
    input.addEventListener('input', () => move(direction, input.valueAsNumber), {signal});
    input.addEventListener('change', () => reporter.release(), {signal});
    input.addEventListener('pointerdown', () => {
      hands.hold();
      for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, () => reporter.release(), {signal, once: true});
    }, {signal});
    let shown = '';
    const draw = z => {
      const at = standingAlong(direction, z);
      const text = formatNumber(at);
      if (text === shown) return;
      shown = text;
      Object.assign(value, {textContent: text});
      if (!input.matches(':active')) input.value = at;
      input.ariaValueText = text;
      const share = (Math.min(STANDS_HIGH, Math.max(STANDS_LOW, at)) - STANDS_LOW) / (STANDS_HIGH - STANDS_LOW);
      input.style.setProperty('--ls-from', Math.min(share, -STANDS_LOW / (STANDS_HIGH - STANDS_LOW)));
      input.style.setProperty('--ls-to', Math.max(share, -STANDS_LOW / (STANDS_HIGH - STANDS_LOW)));
    };
    return {node, draw};
  }

  function move(direction, wanted) {
    const {z} = explorer.state;
    const by = wanted - standingAlong(direction, z);
    explorer.depart();
    explorer.change({z: z.map((value, d) => value + by * direction.z[d]), selected: -1});
  }

  return {
    told({directions}) {
      if (!directions || JSON.stringify(directions) === told) return;
      told = JSON.stringify(directions);
      const read = readDirections(directions, explorer.meta.latent);
      rows = read.map(createRow);
      section.hidden = !rows.length;
      parts.side.append(section); // by now the dimensions are there
      section.replaceChildren(element('h3', '', {textContent: 'Directions', title: 'Kept on the Interpolate page, Attributes'}), ...rows.map(row => row.node));
      explorer.touched();
    },
    draw(z) { for (const row of rows) row.draw(z); },
  };
}
