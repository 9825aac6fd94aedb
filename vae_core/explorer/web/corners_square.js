// The square between four corners: its codes, their pictures as they come, and how far they can be trusted.

import {blendOf} from './corners_blend.js';
import {CORNER_PLACES} from './corners_state.js';
import {cividis} from './path_colours.js';
import {writePixels} from './picture.js';

const SIDE_MOST = 15; // pictures along a side
const SIDE_LEAST = 5;
const TILE_ROOM = [26, 56]; // CSS pixels of a picture: at least, and what large ones are made smaller to
const TILE_GAP = 2; // CSS pixels between pictures
const SUPPORT_INSET = 0.14; // of a picture's room that its support takes on each side
const SMOOTH_BELOW = 2; // times, below which enlarging goes smoothly: uneven pixels would look torn

// A row of pictures to be filled (createFilling of path_rows.js), the nearest to `focus`, a place on the square, first.
// `pictures` are those of the corners, {values, shape}, as they come.
export class CornerSquare {
  constructor(shape) {
    Object.assign(this, {shape, side: 0, focus: [0.5, 0.5], changed: new Set(), isMeant: true, codes: [], pictures: [], at: null});
    this.tile = new ImageData(shape[2], shape[1]);
    this.sheet = new OffscreenCanvas(1, 1);
  }

  // As many pictures as there is room for; those of before are seen until the new ones have come.
  fit(wide) {
    const [, height, width] = this.shape;
    const room = Math.min(TILE_ROOM[1], Math.max(TILE_ROOM[0], width, wide / SIDE_MOST));
    const odd = Math.floor((wide / room + 1e-6 - 1) / 2) * 2 + 1;
    const side = Math.min(SIDE_MOST, Math.max(SIDE_LEAST, odd));
    if (side === this.side) return this.touch();
    const sheet = new OffscreenCanvas(side * width, side * height);
    sheet.getContext('2d').drawImage(this.sheet, 0, 0, sheet.width, sheet.height);
    Object.assign(this, {side, sheet, codes: [], isStale: [], standing: []});
    this.pen = sheet.getContext('2d');
    this.touch();
    return this.place();
  }

  // All of it is to be drawn anew.
  touch() {
    this.changed = new Set(Array.from({length: this.side ** 2}, (_, k) => k));
  }

  follow(corners, blend) {
    const {at, isMeant} = blendOf(corners.map(({z}) => z), blend);
    Object.assign(this, {at, isMeant});
    this.place();
  }

  place() {
    for (let k = 0; k < this.side ** 2; k++) {
      const code = this.at(this.placeOf(k));
      if (this.codes[k] && code.every((value, d) => value === this.codes[k][d])) continue;
      this.codes[k] = code;
      this.isStale[k] = true;
      this.standing[k] = null;
    }
  }

  placeOf(k) {
    return [k % this.side, Math.floor(k / this.side)].map(place => place / (this.side - 1));
  }

  farFrom(k) {
    const [u, v] = this.placeOf(k);
    return (u - this.focus[0]) ** 2 + (v - this.focus[1]) ** 2;
  }

  put(k, code, values) {
    const [, height, width] = this.shape;
    writePixels(values, this.shape, this.tile.data);
    this.pen.putImageData(this.tile, k % this.side * width, Math.floor(k / this.side) * height);
    const corner = this.cornerAt(k);
    if (corner >= 0) this.pictures[corner] = {values: values.slice(), shape: this.shape};
    if (this.codes[k] === code) this.isStale[k] = false;
    this.changed.add(k);
  }

  // Which corner a picture is, -1 for none.
  cornerAt(k) {
    return CORNER_PLACES.findIndex(([u, v]) => k === (u + v * this.side) * (this.side - 1));
  }

  get isWhole() {
    return !this.isStale?.includes(true);
  }

  // Measures how far pictures can be trusted, the nearest to the focus first; true while there is more.
  stand(support, until) {
    if (!support.isDone) return true;
    const order = this.codes.map((_, k) => k).filter(k => !this.standing[k]).sort((a, b) => this.farFrom(a) - this.farFrom(b));
    for (const k of order) {
      if (performance.now() >= until) return true;
      this.standing[k] = support.of(this.codes[k]);
      if (!this.standing[k]) return false; // too few examples to say
      this.changed.add(k);
    }
    return false;
  }

  // What is new of the square, on a canvas of whole screen pixels; with support each picture is framed in its colour.
  draw(canvas, hasSupport, line) {
    if (!this.changed.size) return;
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.imageSmoothingEnabled = canvas.width < SMOOTH_BELOW * this.sheet.width;
    for (const k of this.changed) this.drawTile(context, k, hasSupport, line);
    this.changed.clear();
  }

  drawTile(context, k, hasSupport, line) {
    const {side, shape: [, height, width]} = this;
    const {width: wide, height: high} = context.canvas;
    const [column, row] = [k % side, Math.floor(k / side)];
    const gap = Math.round(TILE_GAP * devicePixelRatio / 2);
    const [left, top] = [Math.round(column * wide / side) + gap, Math.round(row * high / side) + gap];
    const [across, down] = [Math.round((column + 1) * wide / side) - gap - left, Math.round((row + 1) * high / side) - gap - top];
    const inset = hasSupport ? SUPPORT_INSET * Math.min(across, down) : 0;
    context.fillStyle = this.standing[k] ? cividis(this.standing[k].support) : line;
    if (hasSupport) context.fillRect(left, top, across, down);
    context.drawImage(this.sheet, column * width, row * height, width, height, left + inset, top + inset, across - 2 * inset, down - 2 * inset);
  }
}
