// An analogy between three examples: a − b + c, what is to c as a is to b (Mikolov et al. 2013). Its nearest examples are
// told without the three, since c itself is nearest more often than not, and that is said (Linzen 2016).

import {analogyOf} from './direction_state.js';
import {element} from './layout.js';
import {showCanvas} from './neighbours.js';
import {createIndex, keepDimensions} from './path_near.js';
import {paintPixels} from './thumbs.js';

const ANALOGY_NAMES = ['a', 'b', 'c'];
const ANALOGY_TOLD = 4; // nearest examples, after the three

// {node, draw(rows or null, isRest)}: `page` is the DirectionPage, `act`: choose(k), start(z), begin().
export function createAnalogy(page, dims, act) {
  const {points, meta} = page;
  const button = (className, k) => {
    const made = element('button', className, {}, element('canvas', '', {width: 1, height: 1}), element('bdi', ''));
    made.addEventListener('click', () => act.choose(k));
    return made;
  };
  const slots = ANALOGY_NAMES.map((name, k) => button('la-slot', k));
  const signs = ['−', '+', '='].map(textContent => element('span', 'la-sign', {textContent}));
  const result = element('button', 'la-slot la-result', {title: 'Begin the directions here'}, element('canvas', '', {width: 1, height: 1}), element('bdi', '', {textContent: 'decoded'}));
  result.addEventListener('click', () => act.start(result.z));
  const near = element('div', 'la-near', {role: 'group', ariaLabel: 'Nearest examples'});
  const told = element('p', 'la-told', {ariaLive: 'polite'});
  const begin = element('button', 'ls-tool', {textContent: 'Try an analogy'});
  begin.addEventListener('click', act.begin);
  const line = element('div', 'la-sum', {}, ...slots.flatMap((slot, k) => [slot, signs[k]]), result, near);
  const node = element('section', 'la-analogy', {ariaLabel: 'Analogy'},
    element('h3', '', {}, 'Analogy', element('span', 'la-note', {textContent: 'a − b + c: what is to c as a is to b'})), begin, line, told);
  node.hidden = points.count < ANALOGY_NAMES.length;
  let [shown, index, hasPictures] = ['', null, false];

  function draw(rows) {
    line.hidden = told.hidden = !rows;
    begin.hidden = Boolean(rows);
    const key = `${rows}`;
    if (!rows || (key === shown && hasPictures === Boolean(page.thumbs))) return;
    [shown, hasPictures] = [key, Boolean(page.thumbs)];
    const codes = rows.map(row => page.codeOf(row));
    slots.forEach((slot, k) => {
      slot.lastChild.textContent = `${ANALOGY_NAMES[k]}: ${page.nameOfRow(rows[k])}`;
      slot.title = slot.ariaLabel = `${ANALOGY_NAMES[k]}: ${page.titleOf(rows[k])}; choose another`;
      showThumb(slot.firstChild, rows[k]);
    });
    result.z = analogyOf(...codes);
    page.scene.order(node, result.z, values => showCanvas(result.firstChild, paintPixels(values, meta.shape)));
    tellNearest(rows);
  }

  function tellNearest(rows) {
    index ??= createIndex(keepDimensions(points, dims), points.count, dims.length);
    const found = index.near(dims.map(d => result.z[d]), ANALOGY_TOLD + 3).rows;
    const others = found.filter(row => !rows.includes(row)).slice(0, ANALOGY_TOLD);
    const own = rows.indexOf(found[0]);
    near.replaceChildren(element('span', 'la-note', {textContent: 'nearest'}), ...others.map(row => {
      const picked = element('button', 'la-slot', {title: page.titleOf(row), ariaLabel: `Begin the directions at ${page.titleOf(row)}`}, element('canvas', '', {width: 1, height: 1}), element('bdi', '', {textContent: page.nameOfRow(row)}));
      picked.addEventListener('click', () => act.start(page.codeOf(row), row));
      showThumb(picked.firstChild, row);
      return picked;
    }));
    told.textContent = own < 0 ? `The nearest example is none of the three: ${page.titleOf(found[0])}.`
      : `The nearest example is ${ANALOGY_NAMES[own]} itself, so this analogy hardly leaves it. The others nearest are shown.`;
  }

  function showThumb(canvas, row) {
    const {thumbs} = page;
    canvas.hidden = !(thumbs && row < thumbs.count);
    if (!canvas.hidden) showCanvas(canvas, thumbs.canvas(row));
  }
  return {node, draw};
}
