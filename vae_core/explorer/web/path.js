// The Interpolate page: anchors on a map, a path through them, its frames as a film, and how far it can be trusted.

import {bindAnchorPad} from './anchor_pad.js';
import {bindUpload, createUpload} from './anchor_upload.js';
import {parseBundle, parseExtras} from './bundle.js';
import {createFinder} from './cloud.js';
import {createExamples} from './examples.js';
import {mountSafely} from './failure.js';
import {MapPage} from './map_page.js';
import {createMoving} from './moving.js';
import {createPathActs} from './path_acts.js';
import {createPathCharts, createPathDial} from './path_axes.js';
import {bindPathKeys} from './path_controls.js';
import {describeFrame} from './path_figures.js';
import {buildPathPage} from './path_layout.js';
import {bindPathMap} from './path_map.js';
import {createPathPictures} from './path_pictures.js';
import {createPlayer} from './path_player.js';
import {createShortest} from './path_shortest.js';
import {acceptDial, acceptPath, firstAnchors, firstPath, PATH_ANCHORS, PATH_FRAMES, roundPath, settlePath, strokeBeside} from './path_state.js';
import {PathFrames} from './path_work.js';
import {readPoints} from './points.js';
import {createPresenter} from './presenter.js';
import {createReporter} from './reporter.js';
import {createScene} from './scene.js';
import {rankDimensions} from './state.js';
import {readThumbs} from './thumbs.js';
import {readNames} from './words.js';

const ASK_RESTS = 500; // milliseconds without a change after which a shortest way is asked for
const PATH_RESTS = 120; // milliseconds without a change after which what can wait begins

// Fills `target` from the bytes of a bundle and of its extras (or null). `place` is a state of path_state.js in part,
// `onChange(state)` hears where it came to rest, `onAsk(place)` for which shortest ways are wanted, whose answer is told by
// inform({way, beta, legs, error}); without it there are those that `news` brought. Returns {ready, destroy(), getState(),
// inform(news)}. `words` {title, notes: [paragraphs]} are for the presenter's view.
export function mountPath(target, bundle, extras, {place = null, news = null, words = {}, onChange = () => {}, onAsk = null} = {}) {
  const create = () => new PathPage(target, parseBundle(bundle), extras && parseExtras(extras), {place, news, words, onChange, onAsk});
  const {ready, destroy, current} = mountSafely(target, create);
  return {ready, destroy, getState: () => (current() ? roundPath(current().state) : null), inform: told => current()?.inform(told)};
}

class PathPage extends MapPage {
  constructor(target, bundle, extras, {place, news, words, onChange, onAsk}) {
    super();
    const {meta} = bundle;
    Object.assign(this, {meta, names: readNames(meta), peek: null, notice: '', isDrawing: false, changedAt: 0, isHeld: false});
    this.points = readPoints(bundle);
    this.thumbs = readThumbs(extras);
    Object.assign(this, createExamples(bundle, this.points, this.names));
    this.chartOf = createPathCharts(this.points); // before the dial turns: see there
    this.moving = createMoving(bundle, this.points);
    const beta = acceptDial(meta.dial, place?.beta);
    if (beta !== null && beta !== meta.dial.beta) this.moving.turn(beta);
    const first = {...firstPath(firstAnchors(this.points, this.codeOf)), ...(beta === null ? {} : {beta})};
    this.state = acceptPath(first, place, {latent: meta.latent, count: this.points.count, codeOf: this.codeOf});
    const {live} = rankDimensions(this.moving.peak);
    this.findRow = createFinder(this.points.label);
    this.canAsk = Boolean(onAsk);
    this.shortest = createShortest(onAsk, meta.latent);
    this.shortest.take(news);
    this.frames = new PathFrames(this.points, live.length ? live : meta.kl.map((_, d) => d), null, this.shortest);
    this.lay();
    this.pictures = createPathPictures(this);
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
    this.takePictures(bundle, extras);
    this.presenter = createPresenter(this, {title: meta.title, ...words});
    bindPathKeys(this.root, this.act, this.scene.signal);
    this.root.firstChild.append(this.presenter.node);
    this.dial = createPathDial(this);
    if (this.dial) this.dialPlace.append(this.dial.node);
    if (beta !== null) this.scene.dial(Math.log(beta));
    this.showSettings();
    this.frames.follow(this.state, this.isHeld);
    this.ready = this.scene.ready;
  }

  // Anchors from files and from the pad, where there is an encoder.
  takePictures(bundle, extras) {
    const upload = createUpload(bundle, extras, this.thumbs, () => this.state.beta ?? null);
    this.search.file.hidden = !upload;
    if (!upload) return;
    bindUpload(this.root, file => this.open(upload, file), this.search.file, this.scene.signal);
    bindAnchorPad(this.search, bundle.meta.shape, upload, this.scene, {type: this.act.type, say: text => this.say(text)});
  }

  stop() {
    this.reporter.stop();
    this.sizes.disconnect();
    this.scene.stop();
  }

  // For the dial (dial.js): where it stands, and what a hand on it ends.
  get beta() {
    return this.state.beta ?? null;
  }

  depart() {
    this.player.stop();
  }

  arrive() {}

  // The dial turned: examples move, anchors on them with them, and all is decoded anew.
  turn(beta) {
    this.moving.turn(beta);
    this.scene.dial(Math.log(beta));
    this.lay();
    this.frames.forget();
    this.change({beta, anchors: this.state.anchors.map(({z, row}) => ({z: row >= 0 ? this.codeOf(row) : z, row}))});
    this.arrange();
  }

  // What the map shows of the examples as they lie now.
  lay() {
    this.chart = this.frames.chart = this.chartOf(this.state.axes, this.reporter?.isHeld());
    this.places = this.chart.places();
  }

  showSettings() {
    this.axes.set(this.state.axes);
    this.dial?.show(this.state.beta);
  }

  // Shortest ways have come, or why not.
  inform(news) {
    if (!this.shortest.take(news)) return;
    this.frames.follow(this.state, this.isHeld);
    this.touched();
  }

  // Another state: what follows from it is worked out in the next frame.
  change(part) {
    const {axes} = this.state;
    if (part.kind === 'geodesic') this.shortest.again();
    this.state = settlePath({...this.state, ...part, ...('axes' in part ? {stroke: null} : {})});
    if (this.state.axes !== axes) {
      this.lay();
      this.view = undefined;
      this.arrange();
    }
    this.showSettings();
    Object.assign(this, {isDrawing: false, notice: ''});
    this.frames.follow(this.state, this.isHeld);
    this.reporter.changed();
    this.touched();
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

  // What is seen.

  draw(now = performance.now()) {
    const {scene, state, player, peek} = this;
    player?.advance(now);
    if (this.grabbed !== undefined) this.state.at = this.frames.marks()[this.grabbed] ?? this.state.at; // none once it is undone
    const z = peek?.z ?? this.frames.codeAt(this.state.at);
    scene.show(z);
    const isAtRest = !this.isHeld && performance.now() - this.changedAt >= PATH_RESTS;
    const isMore = this.frames.work(scene.decoder, Math.round(this.state.at), isAtRest);
    const isWaiting = this.frames.awaitShortest(!this.isHeld && performance.now() - this.changedAt >= ASK_RESTS);
    this.tell();
    this.presenter.draw();
    if (this.isResized) this.films.resize();
    this.isResized = false;
    const at = peek ? peek.frame ?? -1 : this.state.at;
    this.bar.draw(state.anchors);
    this.films.draw(this.frames.rows, {at, fade: this.frames.fade, nearest: this.pictures.nearest(), theme: scene.map.theme, why: this.shortest.why(state)});
    if (scene.map.isVisible()) scene.map.draw(null, null, () => {}, context => this.hands?.draw(context, z));
    return isMore || isWaiting || Boolean(player?.isPlaying);
  }

  tell() {
    const {state, peek} = this;
    const text = this.notice || (peek && peek.frame === undefined ? `Example: ${this.titleOf(peek.row)}. Click to go through it.`
      : describeFrame(peek?.frame ?? state.at, PATH_FRAMES, peek?.of ?? this.frames.main, this.titleOf));
    if (this.reading.textContent !== text) this.reading.textContent = text;
    const plane = this.chart.edges ? `Principal plane, ${this.chart.edges.map(edge => edge.split(' · ')[1]).join(' and ')} of the spread` : '';
    const hands = this.isDrawing ? 'Draw from one place to another. Esc gives up.' : 'Drag an anchor; click to add one.';
    this.hint.textContent = [hands, plane].filter(Boolean).join(' · ');
    this.root.classList.toggle('lp-drawing', this.isDrawing);
    this.controls.set(state, {isPlaying: this.player?.isPlaying ?? false, isDrawing: this.isDrawing, reading: text, marks: this.frames.marks(), missing: this.canAsk ? '' : this.shortest.why(state)});
    if (!this.isHeld) this.figures.draw(this.frames.rows, this.frames.fade);
  }
}
