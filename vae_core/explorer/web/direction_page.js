// The page of attributes: an example, directions that are added to it by sliders, and what that does.

import {createAnchorSearch} from './anchor_search.js';
import {parseBundle, parseExtras} from './bundle.js';
import {axesChart} from './charts.js';
import {createFinder} from './cloud.js';
import {createAnalogy} from './direction_analogy.js';
import {createDirectionFrames, createDirectionLine} from './direction_films.js';
import {bindDirectionMap, groupPaint} from './direction_map.js';
import {acceptPlace, addDirections, clampAmount, readDirections, readKinds, roundPlace} from './direction_state.js';
import {createExamples} from './examples.js';
import {mountSafely} from './failure.js';
import {buildCanvases, element} from './layout.js';
import {MapPage} from './map_page.js';
import {percentOf} from './path_figures.js';
import {createSupport} from './path_near.js';
import {pcaChart, principalPlane} from './pca.js';
import {readPoints} from './points.js';
import {createReporter} from './reporter.js';
import {createScene} from './scene.js';
import {rankDimensions} from './state.js';
import {readThumbs} from './thumbs.js';
import {readNames} from './words.js';

const DIRECTION_RESTS = 120; // milliseconds without a change after which what can wait begins
const DIRECTION_MEASURING = 6; // milliseconds of a frame for what is typical among the examples

// Fills `target` from the bytes of a bundle and its extras (or null). `place` is as direction_state.js takes it; `news` is
// {directions: [{name, z, zero, title, note}], kinds: base 64 of 0, 1 (without) or 2 (having) for each point, start: a row}.
// `onChange(place)` hears where it came to rest, `onEvent('drawn', {group, rows})` of groups drawn on the map. Returns
// {ready, inform(news), destroy(), getState()}.
export function mountDirections(target, bundle, extras, {place = null, news = {}, onChange = () => {}, onEvent = () => {}} = {}) {
  const create = () => new DirectionPage(target, parseBundle(bundle), extras && parseExtras(extras), place, news, onChange, onEvent);
  const {ready, destroy, current} = mountSafely(target, create);
  return {ready, destroy, inform: told => current()?.told(told), getState: () => (current() ? roundPlace(current().place) : null)};
}

class DirectionPage extends MapPage {
  constructor(target, bundle, extras, place, news, onChange, onEvent) {
    super();
    const {meta} = bundle;
    Object.assign(this, {meta, names: readNames(meta), onEvent, tool: null, changedAt: 0, isHeld: false, directions: [], lines: []});
    this.points = readPoints(bundle);
    this.thumbs = readThumbs(extras);
    this.state = {hidden: []}; // as a lasso asks for it
    Object.assign(this, createExamples(bundle, this.points, this.names));
    this.place = acceptPlace(place, {latent: meta.latent, count: this.points.count, codeOf: this.codeOf});
    this.chart = meta.latent > 2 ? pcaChart(this.points, principalPlane(this.points)) : axesChart(this.points, meta.latent > 1 ? [0, 1] : [0]);
    this.places = this.chart.places();
    this.findRow = createFinder(this.points.label);
    const {live} = rankDimensions(meta.kl);
    const dims = live.length ? live : meta.kl.map((_, d) => d);
    this.support = createSupport(this.points, dims);
    this.frames = createDirectionFrames();
    this.build(target, dims);
    this.scene = createScene(bundle, this.points, this.parts, {draw: () => this.draw(), arrange: () => this.arrange()});
    this.scene.map.usePictures(this.thumbs);
    this.reporter = createReporter(() => roundPlace(this.place), onChange, () => {});
    this.hands = bindDirectionMap(this);
    this.tools.append(this.hands.tools);
    this.told(news);
    this.ready = this.scene.ready;
  }

  build(target, dims) {
    const {meta, points} = this;
    this.parts = buildCanvases(meta, points.count);
    this.parts.map.ariaLabel = `Map of ${points.count.toLocaleString('en')} encoded examples with both groups. Click chooses an example; the button above does so by keyboard.`;
    const examples = {...points, titleOf: this.titleOf, nameOfRow: this.nameOfRow, thumbs: () => this.thumbs};
    const act = {pick: row => this.pick(this.codeOf(row), row), type: z => this.pick(z, -1), close: () => this.open(null)};
    this.search = createAnchorSearch(examples, meta.latent, act, {pick: 'Choose', type: 'Use', label: 'Choose an example'});
    this.search.file.hidden = true;
    this.from = element('button', 'ls-tool la-from', {title: 'Choose another example'}, element('canvas', '', {width: 1, height: 1}), element('bdi', ''));
    this.from.addEventListener('click', () => this.open('start'));
    this.reset = element('button', 'ls-tool', {textContent: 'Nothing added', title: 'All sliders back to 0'});
    this.reset.addEventListener('click', () => this.change({amounts: new Map()}));
    this.tools = element('div', 'la-head', {}, this.from, this.reset);
    this.reading = element('p', 'lp-reading');
    this.live = element('div', 'ls-live', {ariaLive: 'polite'});
    this.hint = element('p', 'lp-hint');
    this.parts.stage.append(this.hint);
    this.list = element('div', 'la-lines');
    this.key = element('p', 'lp-key', {}, 'Support below each frame: ', element('span', '', {textContent: 'no data near'}),
      element('span', 'lp-scale', {ariaHidden: 'true'}), element('span', '', {textContent: 'in the thick of the data'}));
    this.analogy = createAnalogy(this, dims, {
      choose: k => this.open(k),
      start: (z, row = -1) => this.change({start: {z, row}}),
      begin: () => this.change({analogy: this.firstAnalogy()}),
    });
    const {stage, frame} = this.parts;
    this.root = element('div', 'ls lr lp la', {tabIndex: -1}, element('div', 'la-body', {}, this.tools, this.search.node, stage,
      element('div', 'lp-shown', {}, frame, this.reading), this.list, this.key, this.analogy.node), this.live);
    this.root.addEventListener('keydown', event => {
      if (event.key !== 'Escape' || !this.tool) return;
      this.hands.drop();
      event.stopPropagation();
    });
    target.replaceChildren(this.root);
    this.sizes = new ResizeObserver(() => {
      this.isResized = true;
      this.touched();
    });
    this.sizes.observe(this.list);
  }

  stop() {
    this.reporter.stop();
    this.sizes.disconnect();
    this.leaving?.abort();
    this.scene.stop();
  }

  // Directions, groups and where to begin, as the host says.
  told({directions, kinds, start}) {
    const before = new Map(this.directions.map(each => [JSON.stringify(each), each]));
    this.directions = readDirections(directions, this.meta.latent).map(each => before.get(JSON.stringify(each)) ?? each);
    this.begin = Number.isInteger(start) && start >= 0 && start < this.points.count ? start : 0;
    const read = readKinds(kinds, this.points.count);
    this.paint = read ? groupPaint(read) : undefined;
    this.leaving?.abort();
    this.leaving = new AbortController();
    const act = {slide: (name, amount) => this.slide(name, amount), hold: () => this.hold(), release: () => this.release()};
    this.lines = this.directions.map(each => createDirectionLine(each, this.meta.shape, act, this.leaving.signal));
    this.list.replaceChildren(...this.lines.map(line => line.node));
    this.isResized = true;
    this.arrange();
    this.follow();
  }

  // The example that is begun with: the chosen one, else the host's.
  start() {
    if (this.place.start) return this.place.start;
    return this.points.count ? {z: this.codeOf(this.begin), row: this.begin} : {z: new Array(this.meta.latent).fill(0), row: -1};
  }

  follow() {
    this.frames.follow(this.start().z, this.directions, this.place.amounts);
    this.touched();
  }

  change(part) {
    this.place = {...this.place, ...part};
    this.reporter.changed();
    this.follow();
  }

  slide(name, amount) {
    this.change({amounts: new Map(this.place.amounts).set(name, clampAmount(amount))});
  }

  // Three examples to begin an analogy with: of three classes if there are as many, else spread over all.
  firstAnalogy() {
    const {count, label} = this.points;
    const classes = [...new Set(label)].filter(k => k >= 0).sort((a, b) => a - b);
    const first = classes.slice(0, 3).map(k => label.indexOf(k));
    return first.length === 3 ? first : [0, 1, 2].map(k => Math.min(count - 1, Math.floor(k * count / 3)));
  }

  // Looks for an example to begin with, or for one of the analogy's; null closes.
  open(what) {
    this.asked = what;
    if (what === null) {
      this.search.close();
      this.opener?.focus({preventScroll: true});
    } else {
      this.opener = this.root.getRootNode().activeElement;
      this.search.open();
    }
  }

  pick(z, row) {
    if (this.asked === 'start') this.change({start: {z, row}});
    else if (row < 0) return this.say('An analogy is between examples: choose three of the strip.');
    else this.change({analogy: this.place.analogy.map((old, k) => (k === this.asked ? row : old))});
    return this.open(null);
  }

  // Hands of direction_map.js.

  chosen(z, row) {
    this.change({start: {z, row}});
  }

  drawn(group, rows) {
    if (!rows.length) return this.say('No example lies inside. Draw around some.');
    this.onEvent('drawn', {group, rows});
    return this.say(`${rows.length.toLocaleString('en')} examples drawn around.`);
  }

  hold() {
    this.isHeld = true;
    this.reporter.hold();
  }

  release() {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.reporter.release();
    this.touched();
  }

  // For screen readers, and to be read until the next thing is done.
  say(sentence) {
    this.live.textContent = this.hintText = sentence;
    this.touched();
  }

  // What is seen.

  draw() {
    const {scene, place, directions} = this;
    if (this.isResized) this.lines.forEach(line => line.resize());
    this.isResized = false;
    const z = addDirections(this.start().z, directions, place.amounts);
    scene.show(z);
    const isAtRest = !this.isHeld && performance.now() - this.changedAt >= DIRECTION_RESTS;
    const isMeasured = !isAtRest || this.support.work(performance.now() + DIRECTION_MEASURING);
    const isMore = this.frames.work(scene.decoder, this.support);
    this.lines.forEach((line, k) => line.draw(this.frames.rows[k], place.amounts.get(directions[k].name) ?? 0, scene.map.theme));
    this.analogy.draw(place.analogy);
    this.tell(z);
    if (scene.map.isVisible()) scene.map.draw(null, null, () => {}, context => this.hands?.draw(context, z));
    return isMore || !isAtRest || !isMeasured;
  }

  tell(z) {
    const start = this.start();
    const name = start.row >= 0 ? this.titleOf(start.row) : 'a code of your own';
    if (this.from.lastChild.textContent !== name) {
      const hasPicture = start.row >= 0 && this.thumbs && start.row < this.thumbs.count;
      this.from.firstChild.hidden = !hasPicture;
      if (hasPicture) {
        const picture = this.thumbs.canvas(start.row);
        Object.assign(this.from.firstChild, {width: picture.width, height: picture.height});
        this.from.firstChild.getContext('2d').drawImage(picture, 0, 0);
      }
      this.from.lastChild.textContent = name;
    }
    const found = this.support.of(z);
    const text = found ? `Support ${percentOf(found.support)} · nearest ${this.titleOf(found.row)}` : '';
    if (this.reading.textContent !== text) this.reading.textContent = text;
    const plane = this.meta.latent > 2 ? `Principal plane, ${this.chart.edges.map(edge => edge.split(' · ')[1]).join(' and ')} of the spread` : '';
    const hint = this.hintText || ['Click chooses an example', plane].filter(Boolean).join(' · ');
    if (this.hint.textContent !== hint) this.hint.textContent = hint;
    this.reset.disabled = ![...this.place.amounts.values()].some(Boolean);
    this.key.hidden = !this.lines.length;
  }
}
