// The four-corner palette: four codes at the corners of a square, their blends between, a puck that is moved among them.

import {bindAnchorPad} from './anchor_pad.js';
import {bindUpload, createUpload} from './anchor_upload.js';
import {parseBundle, parseExtras} from './bundle.js';
import {axesChart} from './charts.js';
import {createFinder} from './cloud.js';
import {bindCornersKeys, createCornersActs} from './corners_acts.js';
import {firstCorners} from './corners_blend.js';
import {bindPuck, drawPuck} from './corners_hands.js';
import {buildCornersPage} from './corners_layout.js';
import {bindCornersMap} from './corners_map.js';
import {CornerSquare} from './corners_square.js';
import {acceptPalette, CORNER_PLACES, firstPalette, lengthOfRoute, ROUTE_END, roundPalette, routeCurve} from './corners_state.js';
import {createExamples} from './examples.js';
import {mountSafely} from './failure.js';
import {MapPage} from './map_page.js';
import {createSupport} from './path_near.js';
import {createPlayer} from './path_player.js';
import {createFilling} from './path_rows.js';
import {pcaChart, principalPlane} from './pca.js';
import {readPoints} from './points.js';
import {createReporter} from './reporter.js';
import {createScene} from './scene.js';
import {rankDimensions} from './state.js';
import {readThumbs} from './thumbs.js';
import {readNames} from './words.js';

const SQUARE_SHARE = 6; // milliseconds of a frame for pictures of the square, and
const STAND_SHARE = 3; // for how far they can be trusted; more once hands rest
const STAND_REST = 8;
const CORNERS_REST = 120; // milliseconds without a change after which hands rest
const WAY_PARTS = 96; // places at which the puck's way is drawn
const TOLD_EVERY = 60; // milliseconds between two searches for what is nearest, while the puck moves

// Fills `target` from the bytes of a bundle and of its extras (or null). `place` is a state of corners_state.js in part,
// `onChange(state)` hears where it came to rest. Returns {ready, destroy(), getState()}.
export function mountCorners(target, bundle, extras, {place = null, onChange = () => {}} = {}) {
  const create = () => new CornersPage(target, parseBundle(bundle), extras && parseExtras(extras), place, onChange);
  const {ready, destroy, current} = mountSafely(target, create);
  return {ready, destroy, getState: () => (current() ? roundPalette(current().state) : null)};
}

class CornersPage extends MapPage {
  constructor(target, bundle, extras, place, onChange) {
    super();
    const {meta} = bundle;
    Object.assign(this, {meta, names: readNames(meta), chosen: 0, at: 0, peek: null, notice: '', changedAt: 0, isHeld: false, isDrawing: false});
    this.points = readPoints(bundle);
    this.thumbs = readThumbs(extras);
    Object.assign(this, createExamples(bundle, this.points, this.names));
    this.state = acceptPalette(firstPalette(this.beginning()), place, {latent: meta.latent, count: this.points.count, codeOf: this.codeOf});
    const {live} = rankDimensions(meta.kl);
    this.chart = meta.latent > 2 ? pcaChart(this.points, principalPlane(this.points)) : axesChart(this.points, meta.latent > 1 ? [0, 1] : [0]);
    this.places = this.chart.places();
    this.findRow = createFinder(this.points.label);
    this.support = createSupport(this.points, live.length ? live : meta.kl.map((_, d) => d));
    this.square = new CornerSquare(meta.shape);
    this.square.follow(this.state.corners, this.state.blend);
    this.fill = createFilling();
    this.act = createCornersActs(this);
    Object.assign(this, buildCornersPage(this));
    target.replaceChildren(this.root);
    this.scene = createScene(bundle, this.points, this.parts, {draw: now => this.draw(now), arrange: () => this.arrange()});
    this.scene.map.usePictures(this.thumbs);
    this.player = createPlayer(this.scene.loop, () => this.playing(), at => this.put(at), () => this.rest());
    this.reporter = createReporter(() => roundPalette(this.state), onChange, () => this.announce());
    this.mapHands = bindCornersMap(this);
    this.puckHands = bindPuck(this.board.hands, this.act, this.scene.signal);
    bindCornersKeys(this.root, this.act, this.scene.signal);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.board.hands);
    this.takePictures(bundle, extras);
    this.follow();
    this.ready = this.scene.ready;
  }

  beginning() {
    const rows = firstCorners(this.points);
    if (rows.length) return rows.map(row => ({z: this.codeOf(row), row}));
    return CORNER_PLACES.map(place => ({z: Array.from({length: this.meta.latent}, (_, d) => (d < 2 ? 2 * place[d] - 1 : 0)), row: -1}));
  }

  takePictures(bundle, extras) {
    const upload = createUpload(bundle, extras, this.thumbs);
    this.search.file.hidden = !upload;
    if (!upload) return;
    bindUpload(this.root, file => this.act.upload(upload, file), this.search.file, this.scene.signal);
    bindAnchorPad(this.search, bundle.meta.shape, upload, this.scene, {type: this.act.type, say: text => this.say(text)});
  }

  stop() {
    this.reporter.stop();
    this.sizes.disconnect();
    this.scene.stop();
  }

  // Another state: what follows from it is worked out in the next frame.
  change(part) {
    const before = this.state;
    this.state = {...before, ...part};
    this.notice = '';
    if (before.corners !== this.state.corners || before.blend !== this.state.blend) this.square.follow(this.state.corners, this.state.blend);
    if (before.hasSupport !== this.state.hasSupport) this.square.touch();
    if (before.route !== this.state.route || before.repeat !== this.state.repeat) this.follow();
    this.reporter.changed();
    this.touched();
  }

  // The puck's way, and the places at which it is drawn.
  follow() {
    const {route, repeat} = this.state;
    this.curve = route?.length > 1 ? routeCurve(route, repeat === 'loop') : null;
    if (!this.curve) this.player.stop();
    this.way = this.curve && Array.from({length: WAY_PARTS + 1}, (_, k) => this.curve(k / WAY_PARTS));
  }

  // Something that stays to be read until the next thing is done.
  say(sentence) {
    this.live.textContent = sentence;
    this.notice = sentence;
    this.scene.loop.ask();
  }

  announce() {
    if (!this.notice) this.live.textContent = this.reading.textContent;
  }

  setCorner(k, corner) {
    this.square.focus = CORNER_PLACES[k];
    this.change({corners: this.state.corners.map((own, n) => (n === k ? corner : own))});
  }

  chooseCorner(k) {
    this.chosen = k;
    this.touched();
  }

  hold() {
    this.player.stop();
    Object.assign(this, {isHeld: true, peek: null});
    this.reporter.hold();
  }

  release() {
    this.isHeld = false;
    this.reporter.release();
    this.touched();
  }

  peekAt(peek) {
    this.peek = peek;
    this.scene.loop.ask();
  }

  playing() {
    const {speed, repeat, route} = this.state;
    const sides = route ? Math.max(1, Math.round(lengthOfRoute(route))) : 1;
    return {at: this.at, speed, repeat, ease: repeat === 'loop' ? 'even' : 'soft', marks: Array.from({length: sides + 1}, (_, k) => k / sides * ROUTE_END), last: ROUTE_END};
  }

  put(at) {
    if (!this.curve) return;
    this.at = at;
    Object.assign(this, {state: {...this.state, puck: this.curve(at / ROUTE_END)}, notice: ''});
    this.scene.loop.ask();
  }

  rest() {
    this.reporter.changed();
    this.touched();
  }

  nameOfCorner({row, z}) {
    if (row >= 0) return this.titleOf(row);
    return `z = ${z.slice(0, 2).map(value => value.toFixed(1).replace('-', '−')).join(', ')}${z.length > 2 ? ', …' : ''}`;
  }

  // Of an example the real picture; of a code what the square shows there.
  pictureOfCorner({row}, k) {
    if (row < 0 || !this.thumbs || row >= this.thumbs.count) return this.square.pictures[k] ?? null;
    this.kept ??= new Map();
    if (!this.kept.has(row)) this.kept.set(row, {values: this.thumbs.values(row), shape: this.thumbs.shape});
    return this.kept.get(row);
  }

  resize() {
    const {square, hands} = this.board;
    for (const canvas of [square, hands]) {
      canvas.width = Math.round(hands.clientWidth * devicePixelRatio);
      canvas.height = Math.round(hands.clientHeight * devicePixelRatio);
    }
    if (hands.clientWidth) this.square.fit(hands.clientWidth);
    this.touched();
  }

  // What is seen.

  draw(now = performance.now()) {
    const {scene, square, state, player, peek, board} = this;
    player?.advance(now);
    const z = peek?.z ?? square.at(peek?.place ?? state.puck);
    scene.show(z);
    const isMore = this.work(scene.decoder);
    const isToldLater = this.stand(z, now);
    this.tell();
    if (square.side) square.draw(board.square, state.hasSupport, getComputedStyle(board.square).outlineColor);
    drawPuck(board.hands, {puck: state.puck, way: this.way, stroke: this.puckHands?.stroke(), peek: peek?.place}, scene.map.theme);
    if (scene.map.isVisible()) scene.map.draw(null, null, () => {}, context => this.mapHands?.draw(context, z));
    return isMore || isToldLater || Boolean(player?.isPlaying);
  }

  // Goes on with whatever is still to come; true while there is more.
  work(decoder) {
    const {square, support} = this;
    if (!square.side) return false;
    const isAtRest = !this.isHeld && performance.now() - this.changedAt >= CORNERS_REST;
    const isFilling = !square.isWhole && (!decoder || this.fill(decoder, [square], 0, performance.now() + SQUARE_SHARE));
    const until = performance.now() + (isAtRest ? STAND_REST : STAND_SHARE);
    if (!isAtRest) return true;
    if (!support.work(until)) return true;
    return isFilling || (this.state.hasSupport && square.stand(support, until));
  }

  // How far the code that is seen can be trusted; true where that is to be told later.
  stand(z, now) {
    const code = z.join();
    if (!this.support.isDone || code === this.stood?.code) return false;
    if (now - (this.stood?.since ?? 0) < TOLD_EVERY) return true;
    this.stood = {code, since: now, found: this.support.of(z)};
    return false;
  }

  tell() {
    const {state, peek, stood, thumbs} = this;
    const found = stood?.found;
    const [u, v] = (peek?.place ?? state.puck).map(share => Math.round(100 * share));
    const place = peek?.row >= 0 ? this.titleOf(peek.row) : `${u}\u00a0% across, ${v}\u00a0% down`;
    const trust = found ? ` · support ${Math.round(100 * found.support)}\u00a0%` : '';
    const stands = state.blend === 'spherical' && !this.square.isMeant ? ' · The corners lie around the origin: there spherical is bilinear.' : '';
    const text = this.notice || `${place}${trust}${stands}`;
    if (this.reading.textContent !== text) this.reading.textContent = text;
    this.near.draw(found ? this.titleOf(found.row) : '', found && thumbs && found.row < thumbs.count ? thumbs.canvas(found.row) : null);
    this.key.hidden = !state.hasSupport;
    const plane = this.meta.latent > 2 ? `Principal plane, ${this.chart.edges.map(edge => edge.split(' · ')[1]).join(' and ')} of the spread` : '';
    this.hint.textContent = [`Click sets corner ${this.chosen + 1}; drag any.`, plane].filter(Boolean).join(' · ');
    this.root.classList.toggle('lc-drawing', this.isDrawing);
    this.chips.draw(state.corners, this.chosen, !this.search.node.hidden);
    this.controls.set(state, {isPlaying: this.player?.isPlaying ?? false, isDrawing: this.isDrawing, at: this.at});
  }
}
