// A second run beside the first one: its map, its picture, what it is. It has no state but its view: everything else
// follows from the first one's.

import {axesChart} from './charts.js';
import {bindGestures} from './gestures.js';
import {element} from './layout.js';
import {createMoving} from './moving.js';
import {mixPlaces, readPoints} from './points.js';
import {createScene} from './scene.js';
import {firstState} from './state.js';
import {fitView, panView, zoomView} from './view.js';
import {nameOf} from './words.js';

const BESIDE_GLIDE = 200; // milliseconds
const SHARE_BESIDE = 3; // milliseconds of a frame for the picture, since there are two

// `canvases` of buildCanvases, already in the document. `act` hears of its map: hover(place), press(place) and drag(place)
// with a place [x, y] in the map's units, leave(), hold(), undo(), release(), and look(view) where the map shares the
// first one's view.
export class Companion {
  constructor(bundle, canvases, act) {
    const {meta} = bundle;
    Object.assign(this, {meta, canvases, act, hidden: [], view: null, shared: null, beta: meta.dial?.beta ?? null});
    this.points = readPoints(bundle);
    this.moving = createMoving(bundle, this.points);
    this.label();
    const draw = () => {
      if (this.shown) this.draw();
    };
    this.scene = createScene(bundle, this.points, this.canvases, {draw, arrange: () => this.arrange()});
    this.ownChart = axesChart(this.points, firstState(meta, this.points).axes);
    this.chart = this.ownChart;
    this.places = this.chart.places();
    this.ready = this.scene.ready;
    bindGestures(this.canvases.map, this.hands(), this.scene.signal);
  }

  label() {
    const {map, picture, stage} = this.canvases;
    Object.assign(map, {tabIndex: -1, role: 'img', ariaLabel: `Map of ${this.meta.title}, beside`});
    picture.ariaLabel = `Picture of ${this.meta.title}`;
    map.dataset.role = 'map-beside';
    picture.dataset.role = 'picture-beside';
    const title = 'Back to the whole map';
    this.reset = element('button', 'ls-tool', {textContent: 'Show all', title, disabled: true});
    this.reset.addEventListener('click', () => this.look(null));
    this.axes = ['x', 'y'].map(side => element('span', `ls-axis ls-axis-${side}`));
    stage.append(...this.axes, element('div', 'ls-tools', {}, this.reset));
  }

  hands() {
    const {act} = this;
    const map = () => this.scene.map;
    const at = tell => (px, py) => tell([map().projection.x(px), map().projection.y(py)]);
    return {
      ...act,
      hover: at(act.hover),
      press: at(act.press),
      drag: at(act.drag),
      pan: (dx, dy) => this.look(panView(map().projection, dx, dy)),
      zoom: (px, py, factor) => {
        const {projection, fitted} = map();
        const view = zoomView(projection, px, py, factor, fitted);
        if (view !== projection.view) this.look(view);
        return view !== projection.view;
      },
    };
  }

  look(view) {
    if (this.shared) return this.act.look(view);
    this.view = view;
    return this.arrange();
  }

  // Another chart: the points glide to where they now belong. `shared`: the first map, where both show the same space.
  turn(chart, shared) {
    this.settle?.();
    const from = this.places;
    Object.assign(this, {chart, shared, view: null});
    this.axes.forEach((node, k) => {
      const name = chart.edges?.[k] ?? (k in chart.axes ? nameOf(chart.axes[k]) : '');
      node.textContent = shared ? '' : name;
      node.hidden = !node.textContent;
    });
    const to = chart.places();
    this.settle = this.scene.loop.glide(BESIDE_GLIDE, t => {
      this.places = t < 1 ? mixPlaces(from, to, t) : to;
      this.arrange();
    });
  }

  // Its own dial, if it has one, is turned as far as it goes.
  dial(beta) {
    const {meta: {dial}, scene} = this;
    const held = dial ? Math.min(dial.high, Math.max(dial.low, beta)) : null;
    if (held === this.beta) return;
    this.beta = held;
    this.moving.turn(held);
    scene.dial(Math.log(held));
    this.settle?.();
    this.places = this.chart.places();
    this.arrange();
  }

  hide(hidden) {
    this.hidden = hidden;
    this.arrange();
  }

  // Colours and the group in front (paints.js); the classes without.
  dress(paint, front) {
    Object.assign(this, {paint, front});
    this.arrange();
  }

  arrange() {
    const {map} = this.scene;
    if (!map.isVisible()) return;
    map.fitted = this.shared?.fitted ?? fitView(this.places, map.width, map.height);
    this.followed = this.shared?.projection?.view;
    this.reset.disabled = !this.view;
    map.show(this.places, {hidden: this.hidden, chart: this.chart, paint: this.paint, front: this.front, view: this.followed ?? this.view ?? map.fitted});
    this.scene.loop.ask();
  }

  // The pin's code and the one whose picture is shown, drawn in this very frame.
  follow(pinned, shown) {
    Object.assign(this, {pinned, shown});
    if (this.shared?.projection?.view !== this.followed) this.arrange();
    this.draw();
  }

  draw() {
    const {scene, pinned, shown, chart: {place}} = this;
    scene.show(this.shown, SHARE_BESIDE);
    if (!scene.map.isVisible() || !scene.map.projection) return;
    scene.map.draw(place(pinned), shown === pinned ? null : place(shown));
  }

  codeOf(row) {
    const {mu, latent} = this.points;
    return Array.from(mu.subarray(row * latent, (row + 1) * latent));
  }

  stop() {
    this.scene.stop();
  }
}
