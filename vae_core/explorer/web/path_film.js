// A row of frames as a film strip: pictures side by side, and below each how far it can be trusted.

import {cividis} from './path_colours.js';
import {PATH_FRAMES} from './path_state.js';
import {writePixels} from './picture.js';

const FILM_GAP = 2; // CSS pixels between frames
const BAND = 8; // CSS pixels of the support band, and
const BAND_GAP = 3; // above it
const LINE_GAP = 10; // between lines, where frames stand in several
const NARROW = 640; // CSS pixels below which they do
const BEYOND_FADE = 0.35;

// {resize(), draw({pictures, standing, shares, at, ...}), frameAt(x, y)} for a canvas element. `hasBand`: whether support
// is drawn; pictures are C * H * W values or null.
export function createFilm(canvas, shape, hasBand) {
  const context = canvas.getContext('2d');
  const [, height, width] = shape;
  const tiles = Array.from({length: PATH_FRAMES}, () => new OffscreenCanvas(width, height));
  const image = new ImageData(width, height);
  const painted = new Array(PATH_FRAMES).fill(null);
  let lay = layFilm(0, shape, hasBand);

  function paint(pictures) {
    pictures.forEach((values, k) => {
      if (!values || painted[k] === values) return;
      writePixels(values, shape, image.data);
      tiles[k].getContext('2d').putImageData(image, 0, 0);
      painted[k] = values;
    });
  }

  function resize() {
    lay = layFilm(canvas.clientWidth, shape, hasBand);
    canvas.style.height = `${lay.height}px`;
    canvas.width = Math.round(lay.width * devicePixelRatio);
    canvas.height = Math.round(lay.height * devicePixelRatio);
  }

  function draw({pictures, standing, shares, at, ink, line, accent}) {
    paint(pictures);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, lay.width, lay.height);
    context.imageSmoothingQuality = 'high';
    const scale = lay.high / height * devicePixelRatio;
    context.imageSmoothingEnabled = scale < 1;
    for (let k = 0; k < PATH_FRAMES; k++) {
      const {x, y} = lay.place(k);
      const isBeyond = shares[k] < 0 || shares[k] > 1;
      context.globalAlpha = isBeyond ? BEYOND_FADE : 1;
      context.fillStyle = line;
      if (painted[k]) context.drawImage(tiles[k], x, y, lay.wide, lay.high);
      else context.fillRect(x, y, lay.wide, lay.high);
      if (hasBand) {
        const found = standing?.[k];
        context.fillStyle = found ? cividis(found.support) : line;
        context.fillRect(x, y + lay.high + BAND_GAP, lay.wide, BAND);
      }
    }
    context.globalAlpha = 1;
    const current = Math.round(at);
    if (current >= 0) outline(lay.place(current), ink, accent);
  }

  function outline({x, y}, ink, accent) {
    context.strokeStyle = accent;
    context.lineWidth = 2;
    context.strokeRect(x - 1, y + 1, lay.wide + 2, lay.high - 2);
  }

  return {resize, draw, frameAt: (x, y) => lay.frameAt(x, y)};
}

// Where frames stand in `room` CSS pixels: {width, height, wide, high (of a frame), place(k) -> {x, y}, frameAt(x, y)}.
export function layFilm(room, [, height, width], hasBand) {
  const perLine = room < NARROW ? PATH_FRAMES / 2 : PATH_FRAMES;
  const pitch = room / perLine;
  const wide = Math.max(1, pitch - FILM_GAP);
  const high = wide * height / width;
  const step = high + (hasBand ? BAND_GAP + BAND : 0);
  const lines = PATH_FRAMES / perLine;
  return {
    width: room,
    height: lines * step + (lines - 1) * LINE_GAP,
    wide,
    high,
    place: k => ({x: k % perLine * pitch + FILM_GAP / 2, y: Math.floor(k / perLine) * (step + LINE_GAP)}),
    frameAt: (x, y) => {
      const line = Math.min(lines - 1, Math.max(0, Math.floor(y / (step + LINE_GAP))));
      const column = Math.min(perLine - 1, Math.max(0, Math.floor(x / pitch)));
      return line * perLine + column;
    },
  };
}
