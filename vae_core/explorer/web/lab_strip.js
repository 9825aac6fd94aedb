// Chosen examples above, what becomes of them at the dial's beta below. Where a picture takes long, the strip lags.

import {chooseExamples} from './lab_figures.js';
import {addLabSection, hasLabView, setText} from './lab_surface.js';
import {element, paintMark} from './layout.js';
import {writePixels} from './picture.js';
import {shorten} from './words.js';

const STRIP_SHOWN = 8;
const STRIP_SHARE = 2.5; // milliseconds of a frame

export function createLabStrip(explorer) {
  if (!hasLabView(explorer, 'strip')) return {};
  const {meta, points, scene} = explorer;
  const rows = chooseExamples(points.label, Math.min(STRIP_SHOWN, points.count));
  const work = createStripWork(explorer, rows, (k, values) => columns[k].paint(values));
  const columns = rows.map((_, k) => buildColumn(explorer, k, {
    go: () => explorer.travel(explorer.codeOf(rows[k]), {selected: rows[k]}),
    put: () => swap(k),
  }));
  const list = element('div', 'ls-strip-columns', {role: 'group', ariaLabel: 'Chosen examples'}, ...columns.map(column => column.node));
  const sides = element('div', 'ls-strip-sides', {ariaHidden: 'true'}, element('span', '', {textContent: 'original'}), element('span', '', {textContent: 'at this β'}));
  const {node, head} = addLabSection(explorer, 'strip', 'What β does to pictures', element('div', 'ls-strip-box', {}, sides, list));
  const hint = element('span', 'ls-muted');
  head.append(hint);
  node.style.setProperty('--ls-shape', `${meta.shape[2]} / ${meta.shape[1]}`);
  node.style.setProperty('--ls-count', rows.length);
  let isSeen = true;
  let beta = null;
  const sight = new IntersectionObserver(entries => {
    isSeen = entries.at(-1).isIntersecting;
    if (isSeen) scene.loop.ask();
  }, {rootMargin: '100px'});
  sight.observe(node);

  function swap(k) {
    rows[k] = explorer.state.selected;
    name(k);
    offer();
    work.spoil(k);
    scene.loop.ask();
    explorer.say(`${explorer.titleOf(rows[k])} is in the strip.`);
  }

  function name(k) {
    const {thumbs} = explorer;
    const hasOriginal = thumbs !== null && rows[k] < thumbs.count;
    columns[k].name(rows[k], hasOriginal ? thumbs.canvas(rows[k]) : null);
  }

  // A selected example that is not in the strip can be put there.
  function offer() {
    const {selected} = explorer.state;
    const isOffered = selected >= 0 && !rows.includes(selected);
    node.classList.toggle('ls-offering', isOffered);
    const who = isOffered ? explorer.titleOf(selected) : '';
    setText(hint, isOffered ? `⇩ puts ${shorten(who, 40)} there` : 'Select an example on the map to put it here.');
    columns.forEach((column, k) => column.offer(who, rows[k] === selected));
  }

  const nameAll = () => {
    rows.forEach((_, k) => name(k));
    node.classList.toggle('ls-no-originals', !explorer.thumbs);
  };
  nameAll();
  offer();
  return {
    draw() {
      if (beta !== explorer.beta) work.spoil();
      beta = explorer.beta;
      if (scene.decoder && isSeen && work.advance()) scene.loop.ask();
    },
    changed(before) { if (before.selected !== explorer.state.selected) offer(); },
    extended: nameAll,
    themed: nameAll,
    stop: () => sight.disconnect(),
  };
}

// Decodes the examples' codes of this moment, in turn, those first that have waited longest. `put(k, values)`.
function createStripWork(explorer, rows, put) {
  const who = {}; // in the decoder's turns
  const waiting = []; // places of the strip
  let under = null; // {k, z} of a slow picture that is under way
  let each = Infinity; // milliseconds that a picture of several takes

  const spoil = k => {
    for (const place of k === undefined ? rows.keys() : [k]) if (!waiting.includes(place)) waiting.push(place);
  };

  function makeSome(decoder, until) {
    const count = Math.max(1, Math.min(waiting.length, Math.floor((until - performance.now()) / each)));
    const part = waiting.splice(0, count);
    const start = performance.now();
    const values = decoder.decode(Float32Array.from(part.flatMap(k => explorer.codeOf(rows[k]))));
    part.forEach((k, n) => put(k, values.subarray(n * decoder.size, (n + 1) * decoder.size)));
    each = (performance.now() - start) / count;
  }

  function makeOne(decoder) {
    if (!under) {
      const k = waiting.shift();
      under = {k, z: explorer.codeOf(rows[k])};
    }
    const values = decoder.make(who, under.z, STRIP_SHARE);
    if (!values) return;
    put(under.k, values);
    under = null;
  }

  // True while there is more to do.
  function advance() {
    const {decoder} = explorer.scene;
    if (!under && decoder.isQuick()) {
      const until = performance.now() + STRIP_SHARE;
      while (waiting.length && performance.now() < until) makeSome(decoder, until);
    } else if (under || waiting.length) {
      makeOne(decoder);
    }
    return under !== null || waiting.length > 0;
  }
  return {spoil, advance};
}

function buildColumn(explorer, k, {go, put}) {
  const [, height, width] = explorer.meta.shape;
  const made = element('canvas', 'ls-strip-made', {width, height, ariaHidden: 'true'});
  const original = element('canvas', 'ls-strip-original', {width: 1, height: 1, ariaHidden: 'true'});
  const mark = element('span', 'ls-mark', {ariaHidden: 'true'});
  const title = element('bdi', '');
  const button = element('button', 'ls-strip-column', {}, original, made, element('span', 'ls-strip-name', {}, mark, title));
  const swap = element('button', 'ls-strip-put', {textContent: '⇩'});
  button.addEventListener('click', go);
  swap.addEventListener('click', put);
  const context = made.getContext('2d');
  const image = context.createImageData(width, height);
  return {
    node: element('div', 'ls-strip-cell', {}, button, swap),
    paint(values) {
      writePixels(values, explorer.meta.shape, image.data);
      context.putImageData(image, 0, 0);
    },
    name(row, picture) {
      title.textContent = shorten(explorer.nameOfRow(row), 14);
      paintMark(mark, explorer.points.label[row], explorer.scene.map.theme.isDark);
      button.title = `${explorer.titleOf(row)}: select it`;
      button.ariaLabel = `${explorer.titleOf(row)}, its reconstruction at this β: select it`;
      if (!picture) return;
      Object.assign(original, {width: picture.width, height: picture.height});
      original.getContext('2d').drawImage(picture, 0, 0);
    },
    offer(who, isSelected) {
      swap.title = swap.ariaLabel = who && `Put ${who} here`;
      button.ariaPressed = String(isSelected);
    },
  };
}
