// A training, watched again: the cloud of encoded examples as it formed, with curves, pictures and a scrubber.

import {mountSafely} from './failure.js';
import {element, paintMark} from './layout.js';
import {createLoop} from './loop.js';
import {ReplayClock} from './replay_clock.js';
import {createCloud} from './replay_cloud.js';
import {bindReplayKeys, createReplayControls, describeChange, SPEEDS} from './replay_controls.js';
import {figureAt, inForceAt, momentAt, parseReplay, placesAt, spanAt, writeEpoch} from './replay_data.js';
import {buildReplayParts} from './replay_parts.js';
import {createReplayPictures} from './replay_pictures.js';
import {watchTheme} from './theme.js';

const TAIL_REACH = 0.012; // share of the time that a tail reaches back
const PATH_REACH = 14; // moments of the selected example's way
const CHANGE_SEEN = 0.04; // share of the time for which a change of course is spelt out
const SETTLED = 400; // milliseconds without a change after which the host hears where it stands
const POINT_LIKE = 0.02; // half a side of the last cloud below which nothing gets through

// Fills `target`. `place` is where it begins: {step, selected, view, speed}, each may be missing; `onRest(place)` hears
// where it came to rest. Returns {update(bytes), getPlace(), destroy(), ready}; update() takes the same run later on.
export function mountReplay(target, bytes, {place = {}, onRest = () => {}} = {}) {
  const create = () => new ReplayPlayer(target, parseReplay(bytes), place, onRest);
  const {ready, destroy, current} = mountSafely(target, create);
  return {ready, destroy, update: fresh => current()?.renew(parseReplay(fresh)), getPlace: () => current()?.read() ?? null};
}

class ReplayPlayer {
  constructor(target, data, place, onRest) {
    Object.assign(this, {onRest, alone: -1, under: -1});
    this.root = element('div', 'ls lr', {tabIndex: -1});
    this.live = element('div', 'ls-live', {ariaLive: 'polite'});
    target.replaceChildren(this.root);
    this.leaving = new AbortController();
    this.loop = createLoop(now => this.frame(now));
    this.clock = new ReplayClock(this.loop, () => this.rest());
    this.clock.speed = SPEEDS.includes(place.speed) ? place.speed : 1;
    this.act = this.acts();
    this.take(data, place);
    this.clock.isFollowing = data.isLive && this.clock.isAtEnd;
    bindReplayKeys(this.root, this.act, this.leaving.signal);
    this.ready = Promise.resolve(true);
  }

  // Builds everything for this data; `place` as in mountReplay.
  take(data, place) {
    this.data = data;
    this.view = data.views[place.view] ? place.view : 0;
    this.selected = place.selected >= 0 && place.selected < data.count ? place.selected : 0;
    this.places = new Float32Array(2 * data.count);
    this.tails = new Float32Array(2 * data.count);
    this.clock.load(data, place.step >= 0 ? place.step : null);
    this.build();
    this.resize();
  }

  acts() {
    const {clock} = this;
    const speed = factor => this.change(clock, {speed: factor});
    return {
      speed,
      toggle: () => clock.toggle(),
      seek: time => clock.seek(time),
      stepTo: by => clock.stepBy(by),
      end: side => clock.glideTo(side < 0 ? 0 : this.data.times.length - 1),
      faster: by => speed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(clock.speed) + by))]),
      loop: () => this.change(clock, {isLooping: !clock.isLooping}),
      view: v => this.change(this, {view: v}),
      alone: k => this.change(this, {alone: this.alone === k ? -1 : k}),
      select: n => this.change(this, {selected: n, under: -1}),
      screen: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen?.()),
    };
  }

  build() {
    const {data, act} = this;
    this.drawing?.abort();
    this.drawing = new AbortController();
    const {signal} = this.drawing;
    this.pictures = createReplayPictures(data, act.select);
    this.parts = buildReplayParts(data, this.pictures, act, signal);
    this.controls = createReplayControls(data, act);
    const {stage, side, legend, canvas} = this.parts;
    const below = element('div', 'lr-below', {}, legend, this.controls.seen);
    this.root.replaceChildren(element('div', 'lr-body', {}, stage, side, this.controls.transport, below), this.live);
    this.cloud = createCloud(canvas, data);
    const find = event => this.cloud.nearest(event.offsetX, event.offsetY);
    canvas.addEventListener('pointermove', event => this.peek(event.pointerType === 'touch' ? -1 : find(event)), {signal});
    canvas.addEventListener('pointerleave', () => this.peek(-1), {signal});
    canvas.addEventListener('click', event => { if (find(event) >= 0) act.select(find(event)); }, {signal});
    this.sizes?.disconnect();
    this.sizes = new ResizeObserver(() => this.resize());
    for (const node of [canvas, this.parts.curves[0].canvas, this.controls.strip]) this.sizes.observe(node);
    watchTheme(canvas, () => this.resize(), signal);
  }

  resize() {
    for (const {curve} of this.parts.curves) curve.resize();
    this.cloud.resize();
    this.controls.layStrip(this.controls.strip.clientWidth);
    this.parts.chips.forEach((chip, k) => paintMark(chip.firstChild, k, this.cloud.theme().isDark));
    this.show();
    this.loop.ask();
  }

  change(owner, changes) {
    Object.assign(owner, changes);
    this.settle();
    this.loop.ask();
  }

  peek(n) {
    if (this.under === n) return;
    this.under = n;
    this.loop.ask();
  }

  // The same run with more moments, or none: stays at its step, or runs along with the training.
  renew(data) {
    const {isFollowing} = this.clock;
    const active = this.root.getRootNode().activeElement;
    const hadFocus = this.root.contains(active) && active !== this.root;
    this.take(data, this.read());
    if (hadFocus) this.parts.canvas.focus({preventScroll: true});
    if (isFollowing && !this.clock.isPlaying) this.clock.catchUp();
  }

  frame(now) {
    if (this.clock.isPlaying) this.clock.advance(now);
    return this.show() || this.clock.isPlaying;
  }

  // Draws everything as it stands; true if a name is still on its way.
  show() {
    const {data, places, selected, under, clock: {time, isPlaying, speed}} = this;
    const view = data.views[this.view];
    const at = momentAt(data.times, time);
    placesAt(view, at, places);
    const isTailed = isPlaying && !this.loop.isStill.matches;
    if (isTailed) placesAt(view, momentAt(data.times, Math.max(0, time - TAIL_REACH * Math.sqrt(speed))), this.tails);
    const isMoving = this.cloud.draw({
      places,
      tails: isTailed ? this.tails : null,
      span: spanAt(view, at),
      alone: this.alone,
      marked: selected,
      under: under === selected ? -1 : under,
      path: this.pathOf(view, at),
      isCollapsed: view.spans.at(-1) < POINT_LIKE,
      isOneDimension: view.axes.length < 2,
    });
    for (const {kind, curve, value} of this.parts.curves) {
      curve.draw(time);
      const nats = figureAt(data.curves, kind, time);
      value.textContent = nats === null ? '–' : `${nats.toFixed(1)} nats`;
    }
    this.pictures.draw(time);
    this.pictures.show(under >= 0 ? under : selected, places);
    this.tell(view, at);
    return isMoving;
  }

  tell(view, at) {
    const {data, parts, clock} = this;
    const {time, isPlaying, speed, isLooping} = clock;
    const epoch = writeEpoch(time, data.epochs);
    parts.epoch.textContent = epoch;
    const changed = data.changes.findLast(change => change.time <= time + 1e-6 && time - change.time < CHANGE_SEEN);
    const beta = inForceAt(data.curves, 'beta', time);
    parts.beta.textContent = changed ? `Here: ${describeChange(changed)}` : beta === null ? '' : `β ${Number(beta.toPrecision(3))}`;
    const axes = view.axes.length < 2 ? `${view.axes[0]}, height only keeps points apart` : view.axes.join(' and ');
    parts.note.textContent = `${axes} · ${describeSteps(data.steps, at)}`;
    const text = `epoch ${epoch} of ${writeEpoch(1, data.epochs)}`;
    this.controls.set({time, text, isPlaying, speed, isLooping, view: this.view});
    parts.chips.forEach((chip, n) => { chip.ariaPressed = String(n === this.alone); });
    this.root.classList.toggle('lr-alone', this.alone >= 0);
  }

  // Places of the selected example at the last few moments, and now.
  pathOf({frames, scale}, {k}) {
    const [x, y] = [2 * this.selected, 2 * this.selected + 1];
    const past = frames.slice(Math.max(0, k + 1 - PATH_REACH), k + 1).flatMap(frame => [frame[x] * scale, frame[y] * scale]);
    return [...past, this.places[x], this.places[y]];
  }

  // Stands still: said to those who do not see it, and to the host.
  rest() {
    const figures = () => this.parts.curves.map(({kind, value}) => `${kind} ${value.textContent}`).join(', ');
    this.settle(() => { this.live.textContent = `Epoch ${writeEpoch(this.clock.time, this.data.epochs)}, ${figures()}.`; });
  }

  settle(also = () => {}) {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (this.clock.isPlaying) return;
      also();
      this.onRest(this.read());
    }, SETTLED);
  }

  read() {
    return {step: this.clock.stepOf(this.data.total), selected: this.selected, view: this.view, speed: this.clock.speed};
  }

  stop() {
    clearTimeout(this.settling);
    this.loop.stop();
    this.sizes.disconnect();
    this.drawing.abort();
    this.leaving.abort();
  }
}

// "step 300" at a moment, "between steps 280 and 300" on the way.
function describeSteps(steps, {k, part}) {
  const name = step => step.toLocaleString('en');
  if (part > 0.01 && part < 0.99) return `between steps ${name(steps[k])} and ${name(steps[k + 1])}`;
  return `step ${name(steps[part < 0.5 ? k : k + 1])}`;
}
