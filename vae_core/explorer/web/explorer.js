// The explorer: its state, what is seen of it, and what everything else may do to it. Hands (hands.js), controls
// (controls.js), sliders and features (features.js) all go through change().

import {axesChart} from './charts.js';
import {createFinder} from './cloud.js';
import {bindControls, describePlace, hidePanels, paintChips, showControls} from './controls.js';
import {createDialling} from './dialling.js';
import {createExamples} from './examples.js';
import {FEATURES} from './features.js';
import {bindGestures} from './gestures.js';
import {createGlides} from './glides.js';
import {createGrid} from './grid.js';
import {createHands} from './hands.js';
import {bindKeyboard} from './keyboard.js';
import {buildLayout} from './layout.js';
import {createMoving} from './moving.js';
import {joinPlaces, readPoints} from './points.js';
import {createReporter} from './reporter.js';
import {createScene} from './scene.js';
import {createSliders} from './sliders.js';
import {acceptState, firstState, roundState} from './state.js';
import {readThumbs} from './thumbs.js';
import {fitView} from './view.js';
import {readNames} from './words.js';

const HAND_RESTS = 120; // milliseconds without a move before pictures behind the points are decoded

export class Explorer {
  constructor(target, bundle, {onChange = () => {}, onEvent = () => {}, state, hide = [], lab = false}) {
    const {meta} = bundle;
    Object.assign(this, {bundle, meta, onEvent, hide, options: {lab}, names: readNames(meta)});
    this.points = readPoints(bundle);
    this.moving = createMoving(bundle, this.points);
    Object.assign(this, createExamples(bundle, this.points, this.names)); // codeOf(row) and its names
    Object.assign(this, createGlides(this)); // travel(), turn(), look() and resetView()
    this.dialling = createDialling(this);
    this.state = this.dialling.begin(acceptState(meta, firstState(meta, this.points), state, this.points.count), state);
    this.peek = null; // {z, row} under a passing pointer
    this.tool = null; // takes presses on the map instead of the pin: {down(px, py), move(px, py), up(), cancel()}
    this.extras = null; // {meta, tensors} once they have come
    this.thumbs = null; // the examples' pictures (thumbs.js), from the extras
    this.news = {}; // what the host has told, by name
    this.charts = {axes: ({axes}) => axesChart(this.points, axes)}; // features add theirs
    this.findRow = createFinder(this.points.label);
    this.paint = undefined; // what the dots' colours mean (paints.js), the classes without
    this.beside = null; // chart => places on it of a second map in the same space, or null
    this.front = null; // {mask, fades: true}: examples before which the others fade
    this.movedAt = 0;

    this.parts = buildLayout(meta, this.names, this.points.count, lab);
    target.replaceChildren(this.parts.root);
    const act = {draw: () => this.draw(), arrange: () => this.refit()};
    this.scene = createScene(bundle, this.points, this.parts, act);
    if (this.beta !== null) this.scene.dial(Math.log(this.beta));
    this.grid = createGrid(meta.shape);
    this.reporter = createReporter(() => this.read(), onChange, () => this.rested());
    this.hands = createHands(this);
    this.features = [];
    this.features = FEATURES.map(create => create(this));
    this.chart = this.chartOf(this.state);
    this.places = this.chart.places();
    this.bind();
    showControls(this);
    hidePanels(this);
    this.ready = this.scene.ready;
  }

  bind() {
    const {scene: {signal}, parts, hands} = this;
    const holding = {hold: () => hands.hold(), release: () => this.reporter.release()};
    this.sliders = createSliders(this.meta, this.moving, this.state.z, {...holding, slide: (d, value) => this.slide(d, value)}, signal);
    parts.side.append(this.sliders.node);
    bindGestures(parts.map, hands, signal);
    const keys = {...hands, resetView: () => this.resetView(), toggleGrid: () => this.toggleGrid()};
    const key = event => this.features.some(feature => feature.key?.(event));
    bindKeyboard(parts.map, parts.root, {...keys, key}, signal);
    bindControls(this);
  }

  // For whoever is outside.

  read() {
    return roundState(this.state);
  }

  // Where the dial stands, null without one.
  get beta() {
    return this.state.beta ?? null;
  }

  // Nats of each dimension there.
  get kl() {
    return this.moving.kl;
  }

  // The state moved from outside; a hand that is at work wins.
  update(given) {
    if (this.reporter.isHeld()) return;
    this.adopt(acceptState(this.meta, this.state, given, this.points.count), given?.z !== undefined);
    this.reporter.adopt();
  }

  extend(extras) {
    this.extras = extras;
    this.thumbs = readThumbs(extras);
    this.scene.map.usePictures(this.thumbs);
    this.tell('extended');
    this.touched();
  }

  // Whatever else the host has for a feature, by name.
  inform(news) {
    Object.assign(this.news, news);
    this.tell('told', news);
    this.touched();
  }

  stop() {
    this.tell('stop');
    this.reporter.stop();
    this.scene.stop();
  }

  // For hands and features.

  change(part) {
    const before = this.state;
    this.state = {...before, ...part};
    this.movedAt = performance.now();
    this.dialling.follow(before, 'z' in part);
    this.reporter.changed();
    this.tell('changed', before);
    this.scene.loop.ask();
  }

  // Another state whole, without a report: from outside, or out of a history (which reports by itself).
  adopt(state, isPinned = true) {
    this.settleView();
    this.arrive();
    this.hands.drop();
    const before = this.state;
    this.state = state;
    this.dialling.follow(before, isPinned);
    this.chart = this.chartOf(state);
    this.places = this.chart.places();
    this.refit();
    showControls(this);
    this.tell('changed', before);
    describePlace(this, this.state.z);
    this.touched();
  }

  tell(hook, ...given) {
    this.features.forEach(feature => feature[hook]?.(...given));
  }

  // Something that is drawn has changed.
  touched() {
    this.movedAt = performance.now();
    this.scene.loop.ask();
  }

  // Stands on an example: its whole code, its number.
  select(row) {
    this.change({z: this.codeOf(row), selected: row});
  }

  // A new gesture begins: what glides arrives, a peek is over.
  depart() {
    this.arrive();
    this.hands.drop();
    this.tell('departs');
  }

  slide(d, value) {
    this.arrive();
    this.hands.drop();
    this.change({z: this.state.z.map((old, other) => (other === d ? value : old))});
  }

  // The shown example whose picture stands at a place of the map, or the nearest within `reach` CSS pixels, else -1.
  rowAt(px, py, reach) {
    const {pictures, projection: {x, y, scale}} = this.scene.map;
    const row = pictures.rowAt(px, py);
    return row >= 0 ? row : this.findRow(this.places, this.state.hidden, x(px), y(py), reach / scale);
  }

  // Whether no hand is at work and nothing has moved for a moment: time for what can wait.
  isResting() {
    return !this.reporter.isHeld() && performance.now() - this.movedAt >= HAND_RESTS;
  }

  // A sentence for screen readers.
  say(sentence) {
    this.parts.live.textContent = sentence;
  }

  chartOf(state) {
    return this.charts[state.chart]?.(state) ?? this.charts.axes(state);
  }

  toggleGrid() {
    this.change({grid: !this.state.grid});
    showControls(this);
  }

  hideClasses(hidden) {
    this.change({hidden});
    this.arrange();
    showControls(this);
    describePlace(this, this.peek?.z ?? this.state.z);
  }

  // The view that shows these places, and those of a second map in the same space.
  fit(places) {
    const {map: {width, height}} = this.scene;
    const others = this.beside?.(this.chart);
    return fitView(others ? joinPlaces(places, others) : places, width, height);
  }

  refit() {
    const {map} = this.scene;
    if (!map.isVisible()) return;
    map.fitted = this.fit(this.places);
    this.arrange();
  }

  // The layer of points is drawn anew: places, classes, colours or view are others.
  arrange(view) {
    const {hidden, view: chosen} = this.state;
    const {map} = this.scene;
    if (!map.isVisible()) return;
    const kept = chosen ? {x: chosen[0], y: chosen[1], span: chosen[2]} : map.fitted;
    map.show(this.places, {hidden, chart: this.chart, paint: this.paint, front: this.front, view: view ?? kept});
  }

  // What is seen.

  draw() {
    const {state, scene, peek} = this;
    const {map} = scene;
    const shown = peek ?? {z: state.z, row: -1};
    this.sliders.draw(shown.z, state.z);
    if (this.sliders.rate()) scene.loop.ask();
    if (scene.show(shown.z)) describePlace(this, shown.z);
    this.dress(map.theme.isDark);
    this.tell('draw', shown.z, shown.row);
    if (!map.isVisible()) return false;
    const {place} = this.chart;
    const below = context => {
      if (state.grid) this.grid.draw(context, map.projection);
      this.tell('below', context, map);
    };
    map.draw(place(state.z), peek && place(peek.z), below, context => this.tell('above', context, map));
    return state.grid && this.workGrid();
  }

  // Decodes a few of the pictures behind the points if the hand rests; true while there is more to do.
  workGrid() {
    const {scene: {map, decoder}, state: {z}, chart} = this;
    if (!decoder || !this.isResting()) return Boolean(decoder);
    this.grid.plan(map, z, chart, this.beta);
    return this.grid.work(decoder);
  }

  // In the colours of this theme.
  dress(isDark) {
    if (this.isDressedDark === isDark) return;
    this.isDressedDark = isDark;
    paintChips(this);
    this.tell('themed');
  }

  rested() {
    this.dialling.settle();
    this.tell('rested');
    const told = this.features.map(feature => feature.summary?.() ?? '');
    this.say([`${this.parts.reading.textContent}.`, ...told].filter(Boolean).join(' '));
  }
}
