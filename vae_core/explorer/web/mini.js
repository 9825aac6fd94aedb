// A live miniature for the first page: map and picture, drifting from example to example until a pointer comes.

import {parseBundle} from './bundle.js';
import {axesChart} from './charts.js';
import {mountSafely} from './failure.js';
import {buildCanvases, element} from './layout.js';
import {readPoints} from './points.js';
import {createScene} from './scene.js';
import {firstState, mixPoints} from './state.js';
import {fitView} from './view.js';

const LEG = 2400; // milliseconds from one example to the next
const PAUSE = 1200; // milliseconds after the pointer has left

// Fills `target`; returns {destroy(), ready} as mount does.
export function mountMini(target, bundleBytes) {
  const {ready, destroy} = mountSafely(target, () => new Miniature(target, parseBundle(bundleBytes)));
  return {ready, destroy};
}

class Miniature {
  constructor(target, bundle) {
    this.points = readPoints(bundle);
    const {z, axes} = firstState(bundle.meta, this.points);
    Object.assign(this, {z, chart: axesChart(this.points, axes), from: z, to: z, legStart: -Infinity, isTouched: false, isSeen: true, resumeAt: 0});
    this.parts = buildCanvases(bundle.meta, this.points.count);
    const {stage, frame, map} = this.parts;
    map.tabIndex = -1;
    target.replaceChildren(element('div', 'ls', {}, element('div', 'ls-mini', {}, stage, frame)));
    const act = {draw: now => this.draw(now), arrange: () => this.arrange()};
    this.scene = createScene(bundle, this.points, this.parts, act);
    this.ready = this.scene.ready;
    this.bind();
  }

  bind() {
    const {map} = this.parts;
    const {signal, loop} = this.scene;
    const touch = event => {
      this.isTouched = true;
      const {x, y} = this.scene.map.projection;
      this.z = this.chart.move(this.z, [x(event.offsetX), y(event.offsetY)]);
      loop.ask();
    };
    const leave = () => {
      this.isTouched = false;
      this.resumeAt = performance.now() + PAUSE;
      loop.ask();
    };
    for (const type of ['pointerdown', 'pointermove']) map.addEventListener(type, touch, {signal});
    for (const type of ['pointerleave', 'pointercancel']) map.addEventListener(type, leave, {signal});
    this.watcher = new IntersectionObserver(([entry]) => {
      this.isSeen = entry.isIntersecting;
      loop.ask();
    });
    this.watcher.observe(map);
  }

  stop() {
    this.watcher.disconnect();
    this.scene.stop();
  }

  arrange() {
    const {map} = this.scene;
    const places = this.chart.places();
    map.fitted = fitView(places, map.width, map.height);
    map.show(places, {hidden: [], chart: this.chart, view: map.fitted, isQuiet: true});
  }

  draw(now = performance.now()) {
    const {scene, points} = this;
    const isDrifting = this.isSeen && !this.isTouched && !scene.loop.isStill.matches && points.count > 0;
    if (isDrifting && now >= this.resumeAt) this.drift(now);
    scene.show(this.z);
    if (scene.map.isVisible()) scene.map.draw(this.chart.place(this.z), null);
    return isDrifting;
  }

  // Along a straight line to an example picked at random, slow at both ends.
  drift(now) {
    const {mu, latent, count} = this.points;
    const isNew = this.resumeAt > this.legStart; // a pointer has been here since
    if (isNew || now - this.legStart > LEG) {
      const n = Math.floor(Math.random() * count);
      Object.assign(this, {from: this.z, to: [...mu.subarray(n * latent, (n + 1) * latent)], legStart: now});
    }
    const t = (now - this.legStart) / LEG;
    this.z = mixPoints(this.from, this.to, t * t * (3 - 2 * t));
  }
}
