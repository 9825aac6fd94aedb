// Rows of the page of attributes: for each direction a film of what adding it does, its support, and below it the slider.

import {addDirections, clampAmount, DIRECTION_FRAMES, DIRECTION_REACH, frameAmounts, frameOfAmount} from './direction_state.js';
import {element} from './layout.js';
import {cividis} from './path_colours.js';
import {createFilling} from './path_rows.js';
import {paintPixels} from './thumbs.js';
import {formatNumber} from './words.js';

const LINES_SHARE = 8; // milliseconds of a page's frame for pictures of the films
const LINE_FRAME_GAP = 2; // CSS pixels between frames
const LINE_BAND = 6; // CSS pixels of the support below a frame, and
const LINE_BAND_ROOM = 3; // above it
const LINE_CROWDED = 480; // CSS pixels, below which every second frame is shown
const AMOUNT_STEP = 0.05;

// The frames of one direction: {codes, pictures, standing, isStale}, each a list; null where still to come.
class DirectionRow {
  constructor(direction) {
    Object.assign(this, {direction, focus: 0});
    for (const name of ['codes', 'pictures', 'standing']) this[name] = new Array(DIRECTION_FRAMES).fill(null);
    this.isStale = new Array(DIRECTION_FRAMES).fill(true);
  }

  follow(base, amount) {
    this.focus = frameOfAmount(amount);
    frameAmounts.forEach((share, k) => {
      const code = base.map((value, d) => value + share * this.direction.z[d]);
      if (this.codes[k]?.every((value, d) => value === code[d])) return;
      Object.assign(this.codes, {[k]: code});
      this.isStale[k] = true;
      this.standing[k] = null;
    });
  }

  farFrom(k) {
    return Math.abs(k - this.focus);
  }

  put(k, code, values) {
    this.pictures[k] = values.slice();
    if (this.codes[k] === code) this.isStale[k] = false;
  }
}

// {follow(z, directions, amounts), work(decoder, support) -> whether there is more, rows}
export function createDirectionFrames() {
  const fill = createFilling();
  const frames = {rows: [], follow, work};

  function follow(z, directions, amounts) {
    const old = new Map(frames.rows.map(row => [row.direction, row]));
    frames.rows = directions.map(direction => old.get(direction) ?? new DirectionRow(direction));
    for (const row of frames.rows) {
      row.follow(addDirections(z, directions, amounts, row.direction), amounts.get(row.direction.name) ?? 0);
    }
  }

  function work(decoder, support) {
    const until = performance.now() + LINES_SHARE;
    const isMore = !decoder || fill(decoder, frames.rows, 0, until);
    if (!support.isDone) return isMore;
    for (const row of frames.rows) {
      for (let k = 0; k < DIRECTION_FRAMES; k++) {
        if (performance.now() >= until) return true;
        row.standing[k] ??= support.of(row.codes[k]);
      }
    }
    return isMore;
  }
  return frames;
}

// {node, draw(row, amount, theme)} of a direction; `act`: slide(name, amount), hold(), release().
export function createDirectionLine({name, title, note}, shape, act, signal) {
  const canvas = element('canvas', 'la-film', {role: 'img', ariaLabel: `What adding ${title} does, from −${DIRECTION_REACH} to ${DIRECTION_REACH}; the slider below moves along it`});
  const input = element('input', '', {type: 'range', min: -DIRECTION_REACH, max: DIRECTION_REACH, step: AMOUNT_STEP, title: 'Double-click: nothing added'});
  input.ariaLabel = `How much of ${title} is added`;
  const value = element('output', 'la-value');
  const ticks = element('div', 'la-ticks', {ariaHidden: 'true'}, ...['−2', '−1', '0', '+1', '+2'].map(text => element('span', '', {textContent: text})));
  const caption = element('div', 'la-caption', {}, element('bdi', 'la-name', {textContent: title}), value, element('span', 'la-note', {textContent: note ?? ''}));
  const node = element('div', 'la-line', {role: 'group', ariaLabel: title}, caption,
    element('div', 'la-track', {}, canvas, element('div', 'ls-row la-slider', {}, input), ticks));
  const on = (target, type, listener) => target.addEventListener(type, listener, {signal});
  on(input, 'input', () => act.slide(name, input.valueAsNumber));
  on(input, 'change', act.release);
  on(input, 'dblclick', () => act.slide(name, 0));
  on(input, 'pointerdown', () => {
    act.hold();
    for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, act.release, {signal, once: true});
  });
  const film = createDirectionFilm(canvas, shape);
  on(canvas, 'click', event => {
    act.slide(name, frameAmounts[film.frameAt(event.offsetX)]);
    act.release();
  });

  function draw(row, amount, theme) {
    const at = clampAmount(amount);
    const text = `${at > 0 ? '+' : ''}${formatNumber(at)}`;
    if (input.valueAsNumber !== at) input.value = at;
    if (value.textContent !== text) {
      value.textContent = text;
      input.setAttribute('aria-valuetext', text);
      input.style.setProperty('--ls-from', 0.5 + Math.min(0, at) / DIRECTION_REACH / 2);
      input.style.setProperty('--ls-to', 0.5 + Math.max(0, at) / DIRECTION_REACH / 2);
    }
    film.draw(row, Math.round(frameOfAmount(at)), theme);
  }
  return {node, draw, resize: film.resize};
}

function createDirectionFilm(canvas, shape) {
  const context = canvas.getContext('2d');
  const [, height, width] = shape;
  const painted = new Array(DIRECTION_FRAMES).fill(null); // {values, picture}
  let [stride, pitch, wide, high] = [1, 1, 1, 1];

  function resize() {
    const room = canvas.clientWidth;
    stride = room < LINE_CROWDED ? 2 : 1;
    pitch = room / ((DIRECTION_FRAMES - 1) / stride + 1);
    wide = Math.max(1, pitch - LINE_FRAME_GAP);
    high = wide * height / width;
    const tall = high + LINE_BAND_ROOM + LINE_BAND;
    canvas.style.height = `${tall}px`;
    canvas.parentElement.style.setProperty('--la-frame', `${pitch}px`);
    canvas.width = Math.round(room * devicePixelRatio);
    canvas.height = Math.round(tall * devicePixelRatio);
  }

  function draw(row, current, {paper, latent}) {
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = high / height * devicePixelRatio < 1;
    context.imageSmoothingQuality = 'high';
    for (let k = 0; k < DIRECTION_FRAMES; k += stride) {
      const x = k / stride * pitch + LINE_FRAME_GAP / 2;
      const values = row.pictures[k];
      if (values && painted[k]?.values !== values) painted[k] = {values, picture: paintPixels(values, shape)};
      if (painted[k]) context.drawImage(painted[k].picture, x, 0, wide, high);
      const found = row.standing[k];
      context.fillStyle = found ? cividis(found.support) : 'rgb(128 128 128 / 0.2)';
      context.fillRect(x, high + LINE_BAND_ROOM, wide, LINE_BAND);
      if (k !== current && (stride === 1 || k !== current - 1)) continue;
      for (const [colour, line, inset] of [[paper, 2, 3], [latent, 2, 1]]) {
        Object.assign(context, {strokeStyle: colour, lineWidth: line});
        context.strokeRect(x + inset, inset, wide - 2 * inset, high - 2 * inset);
      }
    }
  }
  const frameAt = x => Math.min(DIRECTION_FRAMES - 1, Math.max(0, Math.floor(x / pitch)) * stride);
  return {resize, draw, frameAt};
}
