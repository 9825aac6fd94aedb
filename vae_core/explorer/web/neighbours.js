// The three examples nearest to what is shown, and a quiet sign where no data encode.

import {element, paintMark} from './layout.js';
import {createNearest, createUsual, readMetric} from './nearest.js';
import {shorten} from './words.js';

const LISTED = 3;
const CALM = 100; // milliseconds between two lists while the hand moves, so that they can be read
const SHARE = 1; // millisecond of a frame for the search, while
const IDLE_SHARE = 3; // is for what is usual among the examples, once
const IDLE = 150; // milliseconds have passed without a move
const FAR = 'no data encode here';

export function createNeighbours(explorer) {
  const {points, parts, scene, reporter} = explorer;
  let [search, usual] = measured();
  let {beta} = explorer; // that they measure at
  let far = null; // the distance beyond which no data encode, as last known
  const sign = element('span', 'ls-far', {textContent: FAR, title: 'Farther from every example than 99 of 100 examples are from their nearest other one'});
  const cells = Array.from({length: LISTED}, (_, k) => buildCell(k, go));
  const title = element('span', '', {textContent: 'nearest examples'});
  const list = element('div', 'ls-examples', {role: 'group', ariaLabel: 'Nearest examples'}, ...cells.map(cell => cell.node));
  parts.near.append(element('div', 'ls-near-head', {}, title, sign), list);
  let asked = ''; // what the last search was for
  let isFound = false; // whether one has ended yet
  let shownAt = -Infinity;

  const keyOf = z => `${z.join()} ${explorer.state.hidden.join()} ${explorer.beta}`;
  const isFar = () => {
    far = usual.value ?? far;
    return far !== null && search.result.away > far;
  };

  function measured() {
    const metric = readMetric(points, explorer.kl);
    return [createNearest(points, metric, LISTED), createUsual(points, metric)];
  }

  function look(z, until) {
    if (search.isDone) {
      if (beta !== explorer.beta) [search, usual] = measured();
      ({beta} = explorer);
      asked = keyOf(z);
      search.begin(z, explorer.state.hidden);
    }
    if (!search.work(until)) return;
    isFound = true;
    show();
  }

  function show() {
    if (!isFound) return;
    shownAt = performance.now();
    const {rows, distances} = search.result;
    cells.forEach((cell, k) => fillCell(cell, explorer, rows[k] ?? -1, distances[k]));
    if (!rows.length) cells[0].name.textContent = 'none';
    sign.classList.toggle('ls-on', isFar());
  }

  function go(k) {
    const row = search.result.rows[k] ?? -1;
    if (row >= 0) explorer.travel(explorer.codeOf(row), {selected: row});
    return row >= 0;
  }

  return {
    help: [['Enter', 'Select the nearest example'], ['1 2 3', 'Go to one of the three nearest examples']],
    key: ({key}) => (key === 'Enter' || /^[1-3]$/.test(key)) && go(key === 'Enter' ? 0 : key - 1),

    draw(z) {
      const now = performance.now();
      const isDue = () => !search.isDone || keyOf(z) !== asked;
      if (isDue() && now - shownAt >= CALM) look(z, now + SHARE);
      if (isDue()) return scene.loop.ask();
      if (usual.isDone) return undefined;
      const isIdle = !reporter.isHeld() && now - explorer.movedAt >= IDLE;
      if (isIdle && usual.work(now + IDLE_SHARE)) show();
      return scene.loop.ask();
    },

    // What was told last is what is there.
    summary() {
      const z = explorer.peek?.z ?? explorer.state.z;
      while (!search.isDone || keyOf(z) !== asked) look(z, Infinity);
      return `Nearest example: ${cells[0].name.textContent}${isFar() ? `; ${FAR}` : ''}.`;
    },

    extended: show,
    themed: show,
  };
}

function buildCell(k, go) {
  const picture = element('canvas', '', {width: 1, height: 1});
  const mark = element('span', ''); // where there is no picture
  const name = element('bdi', '');
  const tile = element('span', 'ls-tile', {ariaHidden: 'true'}, picture, mark);
  const node = element('button', 'ls-example', {}, tile, element('span', 'ls-example-name', {}, name));
  node.addEventListener('click', () => go(k));
  return {node, tile, picture, mark, name, number: k + 1, drawn: undefined};
}

function fillCell(cell, explorer, row, distance) {
  const {thumbs, points, scene: {map}} = explorer;
  const name = row < 0 ? '' : explorer.nameOfRow(row);
  cell.name.textContent = shorten(name, 24);
  cell.node.disabled = row < 0;
  cell.node.title = row < 0 ? '' : `${name}, ${distance.toFixed(2)} spreads away: click to go there (${cell.number})`;
  paintMark(cell.mark, row < 0 ? -1 : points.label[row], map.theme.isDark);
  const drawn = thumbs && row >= 0 && row < thumbs.count ? thumbs.canvas(row) : null;
  cell.tile.style.borderColor = cell.mark.style.color;
  if (drawn === cell.drawn) return;
  cell.drawn = drawn;
  cell.mark.hidden = drawn !== null;
  cell.picture.hidden = drawn === null;
  showCanvas(cell.picture, drawn);
}

// A copy of `source` on the canvas, nothing for null.
export function showCanvas(canvas, source) {
  canvas.width = source?.width ?? 1;
  canvas.height = source?.height ?? 1;
  if (source) canvas.getContext('2d').drawImage(source, 0, 0);
}
