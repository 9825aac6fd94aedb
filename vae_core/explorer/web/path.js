// The Interpolate page: anchors on a map, a path through them, its frames as a film, and how far it can be trusted.

import {bindUpload, createUpload} from './anchor_upload.js';
import {parseBundle, parseExtras} from './bundle.js';
import {axesChart} from './charts.js';
import {createFinder} from './cloud.js';
import {createExamples} from './examples.js';
import {mountSafely} from './failure.js';
import {createPathActs} from './path_acts.js';
import {bindPathKeys} from './path_controls.js';
import {describeFrame} from './path_figures.js';
import {buildPathPage} from './path_layout.js';
import {bindPathMap} from './path_map.js';
import {createPlayer} from './path_player.js';
import {acceptPath, firstAnchors, firstPath, PATH_ANCHORS, PATH_FRAMES, roundPath, settlePath, strokeBeside} from './path_state.js';
import {PathFrames} from './path_work.js';
import {pcaChart, principalPlane} from './pca.js';
import {readPoints} from './points.js';
import {createReporter} from './reporter.js';
import {createScene} from './scene.js';
import {rankDimensions} from './state.js';
import {readThumbs} from './thumbs.js';
import {fitView} from './view.js';
import {readNames} from './words.js';

const PATH_RESTS = 120; // milliseconds without a change after which what can wait begins

// Fills `target` from the bytes of a bundle and of its extras (or null). `place` is a state of path_state.js in part,
// `onChange(state)` hears where it came to rest. Returns {ready, destroy(), getState()}.
export function mountPath(target, bundle, extras, {place = null, onChange = () => {}} = {}) {
  const create = () => new PathPage(target, parseBundle(bundle), extras && parseExtras(extras), place, onChange);
  const {ready, destroy, current} = mountSafely(target, create);
  return {ready, destroy, getState: () => (current() ? roundPath(current().state) : null)};
}

class PathPage {
  constructor(target, bundle, extras, place, onChange) {
    const {meta} = bundle;
    Object.assign(this, {meta, names: readNames(meta), peek: null, notice: '', isDrawing: false, changedAt: 0, isHeld: false});
    this.points = readPoints(bundle);
    this.thumbs = readThumbs(extras);
    Object.assign(this, createExamples(bundle, this.points, this.names));
    const first = firstPath(firstAnchors(this.points, this.codeOf));
    this.state = acceptPath(first, place, {latent: meta.latent, count: this.points.count, codeOf: this.codeOf});
    const {live} = rankDimensions(meta.kl);
    this.chart = meta.latent > 2 ? pcaChart(this.points, principalPlane(this.points)) : axesChart(this.points, meta.latent > 1 ? [0, 1] : [0]);
    this.places = this.chart.places();
    this.findRow = createFinder(this.points.label);
    this.frames = new PathFrames(this.points, live.length ? live : meta.kl.map((_, d) => d), this.chart);
    this.act = createPathActs(this);
    Object.assign(this, buildPathPage(this));
    target.replaceChildren(this.root);
    this.sizes = new ResizeObserver(() => {
      this.isResized = true; // films change their height, which an observer must not do
      this.touched();
    });
    this.sizes.observe(this.films.node);
    this.scene = createScene(bundle, this.points, this.parts, {draw: now => this.draw(now), arrange: () => this.arrange()});
    this.scene.map.usePictures(this.thumbs);
    this.player = createPlayer(this.scene.loop, () => this.playing(), at => this.put(at), () => this.rest());
    this.reporter = createReporter(() => roundPath(this.state), onChange, () => {});
    this.hands = bindPathMap(this);
    const upload = createUpload(bundle, extras, this.thumbs);
    this.search.file.hidden = !upload;
    if (upload) bindUpload(this.root, file => this.open(upload, file), this.search.file, this.scene.signal);
    bindPathKeys(this.root, this.act, this.scene.signal);
    this.frames.follow(this.state, this.isHeld);
    this.ready = this.scene.ready;
  }

  stop() {
    this.reporter.stop();
    this.sizes.disconnect();
    this.scene.stop();
  }

  // Another state: what follows from it is worked out in the next frame.
  change(part) {
    this.state = settlePath({...this.state, ...part});
    Object.assign(this, {isDrawing: false, notice: ''});
    this.frames.follow(this.state, this.isHeld);
    this.reporter.changed();
    this.touched();
  }

  touched() {
    this.changedAt = performance.now();
    this.scene.loop.ask();
  }

  // Something that stays to be read until the next thing is done.
  say(sentence) {
    this.live.textContent = sentence;
    this.notice = sentence;
    this.scene.loop.ask();
  }

  addAnchor(anchor) {
    if (this.state.anchors.length >= PATH_ANCHORS[1]) return this.say('Eight anchors are the most. Remove one first.');
    return this.change({anchors: [...this.state.anchors, anchor]});
  }

  async open(upload, file) {
    try {
      const {z, notes} = await upload(file);
      this.addAnchor({z, row: -1});
      if (notes.length) this.say(notes.join(' '));
    } catch (error) {
      this.say(error.message);
    }
  }

  wantStroke() {
    this.player.stop();
    this.isDrawing = true;
    this.say('Draw a way on the map, from one place to another.');
    this.touched();
  }

  takeStroke(places, anchors) {
    this.change({stroke: strokeBeside(places), anchors, kind: 'drawn', isLoop: false});
  }

  escape() {
    Object.assign(this, {isDrawing: false, notice: ''});
    this.search.close();
    this.touched();
  }

  playing() {
    const {at, speed, ease, repeat} = this.state;
    return {at, speed, ease, repeat, marks: this.frames.marks(), last: PATH_FRAMES - 1};
  }

  put(at) {
    Object.assign(this, {state: {...this.state, at}, notice: ''});
    this.scene.loop.ask();
  }

  rest() {
    this.reporter.changed();
    this.touched();
  }

  // Hands of path_map.js.

  grab(k) {
    this.player.stop();
    this.grabbed = k;
    this.put(this.frames.marks()[k]);
  }

  hold() {
    this.isHeld = true;
    this.peek = null;
    this.reporter.hold();
  }

  release() {
    const wasMoved = this.grabbed !== undefined;
    Object.assign(this, {isHeld: false, grabbed: undefined});
    if (wasMoved) this.frames.follow(this.state, this.isHeld); // ways that could not keep up
    this.reporter.release();
    this.touched();
  }

  peekAt(peek) {
    this.peek = peek;
    this.scene.loop.ask();
  }

  look(view) {
    this.view = view;
    this.arrange();
    this.touched();
  }

  rowAt(x, y, reach, px, py) {
    const row = this.scene.map.pictures.rowAt(px, py);
    return row >= 0 ? row : this.findRow(this.places, [], x, y, reach);
  }

  nameOfAnchor({row, z}) {
    return row >= 0 ? this.titleOf(row) : `z = ${z.slice(0, 2).map(value => value.toFixed(1).replace('-', '−')).join(', ')}${z.length > 2 ? ', …' : ''}`;
  }

  pictureOfAnchor({row}, k) {
    if (row >= 0 && this.thumbs && row < this.thumbs.count) return this.thumbOf(row);
    const values = this.frames.anchorRow.pictures[k];
    return values ? {values, shape: this.meta.shape} : null;
  }

  thumbOf(row) {
    this.kept ??= new Map();
    if (!this.kept.has(row)) this.kept.set(row, {values: this.thumbs.values(row), shape: this.thumbs.shape});
    return this.kept.get(row);
  }

  arrange() {
    const {map} = this.scene;
    if (!map.isVisible()) return;
    map.fitted = fitView(this.places, map.width, map.height);
    map.show(this.places, {hidden: [], chart: this.chart, view: this.view ?? map.fitted});
  }

  // What is seen.

  draw(now = performance.now()) {
    const {scene, state, player, peek} = this;
    player?.advance(now);
    if (this.grabbed !== undefined) this.state.at = this.frames.marks()[this.grabbed];
    const z = peek?.z ?? this.frames.codeAt(this.state.at);
    scene.show(z);
    const isAtRest = !this.isHeld && performance.now() - this.changedAt >= PATH_RESTS;
    const focus = this.grabbed === undefined ? this.state.at : this.frames.marks()[this.grabbed];
    const isMore = this.frames.work(scene.decoder, Math.round(focus), isAtRest);
    this.tell();
    if (this.isResized) this.films.resize();
    this.isResized = false;
    const at = peek ? peek.frame ?? -1 : this.state.at;
    this.bar.draw(state.anchors);
    this.films.draw(this.frames.rows, {at, fade: this.frames.fade, nearest: this.nearest(), theme: scene.map.theme, marks: this.frames.marks()});
    if (scene.map.isVisible()) scene.map.draw(null, null, () => {}, context => this.hands?.draw(context, z));
    return isMore || Boolean(player?.isPlaying);
  }

  // Pictures of the nearest examples at the frames, null where they have none.
  nearest() {
    if (!this.thumbs) return null;
    return this.frames.main.standing.map(found => (found && found.row < this.thumbs.count ? this.thumbOf(found.row).values : null));
  }

  tell() {
    const {state, peek} = this;
    const text = this.notice || (peek && peek.frame === undefined ? `Example: ${this.titleOf(peek.row)}. Click to go through it.`
      : describeFrame(peek?.frame ?? state.at, PATH_FRAMES, this.frames.main, this.titleOf));
    if (this.reading.textContent !== text) this.reading.textContent = text;
    const plane = this.meta.latent > 2 ? `Principal plane, ${this.chart.edges.map(edge => edge.split(' · ')[1]).join(' and ')} of the spread` : '';
    const hands = this.isDrawing ? 'Draw from one place to another. Esc gives up.' : 'Drag an anchor; click to add one.';
    this.hint.textContent = [hands, plane].filter(Boolean).join(' · ');
    this.root.classList.toggle('lp-drawing', this.isDrawing);
    this.controls.set(state, {isPlaying: this.player?.isPlaying ?? false, isDrawing: this.isDrawing, reading: text, marks: this.frames.marks()});
    if (!this.isHeld) this.figures.draw(this.frames.rows, this.frames.fade);
  }
}
