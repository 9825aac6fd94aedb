// The explorer: what hands, keys and sliders do to its state, and the state to what is seen.

import {bindGestures} from './gestures.js';
import {createGrid} from './grid.js';
import {bindKeyboard} from './keyboard.js';
import {buildLayout, paintMark} from './layout.js';
import {mixPlaces, placePoints, readPoints} from './points.js';
import {createReporter} from './reporter.js';
import {createScene} from './scene.js';
import {createSliders} from './sliders.js';
import {
  acceptState, chooseAxis, firstState, mixPoints, moveInPlane, placeOnMap, rankDimensions, roundState, toggleClass,
} from './state.js';
import {fitView, mixViews, panView, zoomView} from './view.js';
import {describePlane, formatNumber, formatPoint, nameOf, readNames, shorten} from './words.js';

const GLIDE = 200; // milliseconds
const HAND_RESTS = 120; // milliseconds without a move before pictures behind the points are decoded
const KEY_STEP = 0.02; // of the map's shorter side

export class Explorer {
  constructor(target, bundle, onChange, given) {
    const {meta} = bundle;
    this.meta = meta;
    this.points = readPoints(bundle);
    this.state = acceptState(meta, firstState(meta, this.points), given);
    this.peek = null; // z under a passing pointer
    this.places = placePoints(this.points, this.state.axes);
    this.settlePeek = () => {}; // end these glides at once
    this.settleView = () => {};
    this.movedAt = 0;

    this.parts = buildLayout(meta, readNames(meta), this.points.count);
    target.replaceChildren(this.parts.root);
    const act = {draw: () => this.draw(), arrange: () => this.refit()};
    this.scene = createScene(bundle, this.points, this.parts, act);
    this.grid = createGrid(meta.shape);
    this.reporter = createReporter(() => this.read(), onChange, () => this.announce());
    this.sliders = createSliders(meta, this.state.z, this, this.scene.signal);
    this.parts.side.append(this.sliders.node);
    bindGestures(this.parts.map, this, this.scene.signal);
    bindKeyboard(this.parts.map, this, this.scene.signal);
    this.ready = this.scene.ready;
    this.bindControls();
    this.showControls();
  }

  read() {
    return roundState(this.state);
  }

  // The state moved from outside; a hand that is at work wins.
  update(given) {
    if (this.reporter.isHeld()) return;
    this.settleView();
    this.dropPeek();
    this.state = acceptState(this.meta, this.state, given);
    this.places = placePoints(this.points, this.state.axes);
    this.refit();
    this.showControls();
    this.describe(this.state.z);
    this.reporter.adopt();
    this.scene.loop.ask();
  }

  stop() {
    this.reporter.stop();
    this.scene.stop();
  }

  change(part) {
    this.state = {...this.state, ...part};
    this.movedAt = performance.now();
    this.reporter.changed();
    this.scene.loop.ask();
  }

  // Hands on the map (gestures.js).

  hover(px, py) {
    this.settlePeek();
    this.peek = this.under(px, py);
    this.movedAt = performance.now();
    this.scene.loop.ask();
  }

  leave() {
    const from = this.peek;
    if (!from) return;
    this.settlePeek = this.scene.loop.glide(GLIDE, t => {
      this.peek = t < 1 ? mixPoints(from, this.state.z, t) : null;
    });
  }

  pin(px, py) {
    this.dropPeek();
    this.change({z: this.under(px, py)});
  }

  unpin() {
    this.change({z: this.heldFrom});
  }

  pan(dx, dy) {
    this.look(panView(this.scene.map.projection, dx, dy));
  }

  zoom(px, py, factor) {
    const {projection, fitted} = this.scene.map;
    const view = zoomView(projection, px, py, factor, fitted);
    if (view === projection.view) return false;
    this.look(view);
    return true;
  }

  hold() {
    this.heldFrom = this.state.z;
    this.reporter.hold();
  }

  release() {
    this.reporter.release();
  }

  // Keys on the map (keyboard.js).

  nudge(right, up) {
    const {view, px, py, width, height} = this.scene.map.projection;
    const [x, y] = placeOnMap(this.state.z, this.state.axes);
    const place = [x + right * KEY_STEP * view.span, y + up * KEY_STEP * view.span];
    this.dropPeek();
    this.change({z: moveInPlane(this.state.z, this.state.axes, place)});
    const outside = (pixel, size) => Math.min(0, size - 20 - pixel) + Math.max(0, 20 - pixel);
    const [dx, dy] = [outside(px(place[0]), width), outside(py(place[1]), height)];
    if (dx || dy) this.pan(dx, dy);
  }

  resetView() {
    const {map} = this.scene;
    this.settleView();
    const from = map.projection.view;
    this.change({view: null});
    this.showControls();
    this.settleView = this.scene.loop.glide(GLIDE, t => this.arrange(mixViews(from, map.fitted, t)));
  }

  toggleGrid() {
    this.change({grid: !this.state.grid});
    this.showControls();
  }

  // Sliders (sliders.js).

  slide(d, value) {
    this.dropPeek();
    this.change({z: this.state.z.map((old, other) => (other === d ? value : old))});
  }

  // Controls around the map.

  bindControls() {
    const {grid, reset, selects, chips} = this.parts;
    const {signal} = this.scene;
    let before = [];
    grid.addEventListener('click', () => this.toggleGrid(), {signal});
    reset.addEventListener('click', () => this.resetView(), {signal});
    selects.forEach((select, k) => {
      const choose = () => this.turn(chooseAxis(this.state.axes, k, Number(select.value)));
      select.addEventListener('change', choose, {signal});
    });
    chips.forEach((chip, k) => chip.addEventListener('click', event => {
      if (event.detail < 2) before = this.state.hidden; // the second click of a double one undoes the first
      this.hideClasses(toggleClass(before, k, chips.length, event.shiftKey || event.detail > 1));
    }, {signal}));
  }

  hideClasses(hidden) {
    this.change({hidden});
    this.arrange();
    this.showControls();
    this.describe(this.peek ?? this.state.z);
  }

  // Other axes: the points glide to where they now belong.
  turn(axes) {
    const {map} = this.scene;
    this.settleView();
    const from = this.places;
    const to = placePoints(this.points, axes);
    const oldView = map.projection.view;
    this.change({axes, view: null});
    this.showControls();
    map.fitted = fitView(to, map.width, map.height);
    this.settleView = this.scene.loop.glide(GLIDE, t => {
      this.places = t < 1 ? mixPlaces(from, to, t) : to;
      this.arrange(mixViews(oldView, map.fitted, t));
    });
  }

  look(view) {
    this.settleView();
    this.change({view: [view.x, view.y, view.span]});
    this.arrange();
    this.showControls();
  }

  // What is seen.

  under(px, py) {
    const {x, y} = this.scene.map.projection;
    return moveInPlane(this.state.z, this.state.axes, [x(px), y(py)]);
  }

  dropPeek() {
    this.settlePeek();
    this.peek = null;
  }

  refit() {
    const {map} = this.scene;
    if (!map.isVisible()) return;
    map.fitted = fitView(this.places, map.width, map.height);
    this.arrange();
  }

  arrange(view) {
    const {hidden, axes, view: chosen} = this.state;
    const {map} = this.scene;
    const kept = chosen ? {x: chosen[0], y: chosen[1], span: chosen[2]} : map.fitted;
    map.show(this.places, {hidden, axes, view: view ?? kept});
  }

  showControls() {
    const {axes, hidden, grid, view} = this.state;
    this.parts.selects.forEach((select, k) => { select.value = axes[k]; });
    this.parts.chips.forEach((chip, k) => { chip.ariaPressed = String(!hidden.includes(k)); });
    this.parts.grid.ariaPressed = String(grid);
    this.parts.reset.disabled = !view;
    this.parts.hint.textContent = describePlane(axes, this.meta.latent, rankDimensions(this.meta.kl).live.length);
  }

  draw() {
    const {state, scene, peek} = this;
    const {map} = scene;
    const shown = peek ?? state.z;
    this.sliders.draw(shown, state.z);
    if (scene.show(shown)) this.describe(shown);
    this.paintMarks(map.theme.isDark);
    if (!map.isVisible()) return false;
    const onMap = z => z && placeOnMap(z, state.axes);
    map.draw(onMap(state.z), onMap(peek), state.grid ? this.grid : null);
    return state.grid && this.workGrid();
  }

  // Decodes a few of the pictures behind the points if the hand rests; true while there is more to do.
  workGrid() {
    const {scene: {map, decoder}, state: {z, axes}} = this;
    if (!decoder) return false;
    if (this.reporter.isHeld() || performance.now() - this.movedAt < HAND_RESTS) return true;
    const {view, width, height} = map.projection;
    const rest = moveInPlane(z, axes, [0, 0]);
    const key = JSON.stringify([view, width, height, map.density, map.theme.ink, axes, rest]);
    this.grid.plan(key, map, z, axes);
    return this.grid.work(decoder);
  }

  describe(z) {
    const {axes} = this.state;
    this.near = this.scene.near(z, this.state.hidden);
    const name = this.near?.text ?? 'none';
    this.parts.reading.textContent = axes.map(d => `${nameOf(d)} ${formatNumber(z[d])}`).join('\n');
    this.parts.nearName.textContent = shorten(name, 24);
    this.parts.picture.ariaLabel = `Decoded picture at ${formatPoint(z)}. Nearest example: ${name}`;
    paintMark(this.parts.nearMark, this.near?.k ?? -1, this.scene.map.theme.isDark);
  }

  paintMarks(isDark) {
    if (this.paintedDark === isDark) return;
    this.paintedDark = isDark;
    this.parts.chips.forEach((chip, k) => paintMark(chip.firstChild, k, isDark));
    paintMark(this.parts.nearMark, this.near?.k ?? -1, isDark);
  }

  // For screen readers, where things came to rest.
  announce() {
    const {live, reading, nearName} = this.parts;
    live.textContent = `${reading.textContent}. Nearest example: ${nearName.textContent}`;
  }
}
