// A picture file becomes a picture of the model's size.

import {measureBorder} from './ink.js';
import {averageArea, settlePicture} from './settle.js';

const FILE_LIMIT = 64 << 20; // bytes
const PIXEL_LIMIT = 100e6;
const FINE_SIDE = 448; // pixels to which a larger picture is reduced before it is settled
const OTHER_GROUND = 0.3; // from the set's background, from which a picture's own counts as another one
const PLAIN_GROUND = 0.5; // of its border, for a picture to have one

// -> {values: C * H * W in [0, 1], notes: what was done to it, sentences}. Throws an Error whose message is a sentence.
export async function readPicture(file, shape, style) {
  const bitmap = await openBitmap(file);
  const notes = [];
  const [channels, height, width] = shape;
  if (Math.abs(bitmap.width / bitmap.height - width / height) > 0.01) notes.push('Cropped to its middle.');
  const cut = cropBitmap(bitmap, width, height, style.background);
  bitmap.close();
  const whole = toChannels(cut, channels);
  const fine = [channels, cut.height, cut.width];
  const ground = style.isPlain && matchGround(whole, fine, style, notes);
  const isReady = cut.width === width && cut.height === height && !notes.length;
  if (isReady) return {values: whole, notes};
  if (ground && style.place) notes.push('Moved and scaled as these pictures are.');
  const settled = ground ? settlePicture(whole, fine, shape, style) : averageArea(whole, fine, [0, 0], cut.height / height, shape, style.background);
  return {values: settled, notes};
}

async function openBitmap(file) {
  const name = file.name || 'this picture';
  if (file.size > FILE_LIMIT) throw new Error(`${name} has ${Math.round(file.size / 1e6)} MB, at most ${FILE_LIMIT >> 20} are read. Make it smaller.`);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${name} could not be read as a picture. PNG, JPEG, WebP, GIF and BMP can.`);
  }
  if (bitmap.width * bitmap.height > PIXEL_LIMIT) {
    bitmap.close();
    throw new Error(`${name} has more than ${PIXEL_LIMIT / 1e6} million pixels. Make it smaller.`);
  }
  return bitmap;
}

// The largest middle part of the right proportions, reduced where it is large, on the set's background where it is
// transparent: {data (RGBA), width, height}.
function cropBitmap(bitmap, width, height, background) {
  const share = Math.min(bitmap.width / width, bitmap.height / height);
  const [w, h] = [width * share, height * share];
  const scale = Math.min(1, FINE_SIDE / Math.max(w, h));
  const [wide, high] = [w, h].map(side => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(wide, high).getContext('2d', {willReadFrequently: true});
  const [red, green, blue] = [0, 1, 2].map(c => 255 * (background[c] ?? background[0]));
  context.fillStyle = `rgb(${red} ${green} ${blue})`;
  context.fillRect(0, 0, wide, high);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (bitmap.width - w) / 2, (bitmap.height - h) / 2, w, h, 0, 0, wide, high);
  return context.getImageData(0, 0, wide, high);
}

// One channel is brightness as the eye weighs colours (ITU-R BT.601).
function toChannels({data, width, height}, channels) {
  const size = width * height;
  const values = new Float32Array(channels * size);
  for (let i = 0; i < size; i++) {
    const pixel = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    if (channels === 1) values[i] = (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]) / 255000;
    else for (let c = 0; c < channels; c++) values[c * size + i] = pixel[c] / 255;
  }
  return values;
}

// A scan of ink on paper gets the set's background and its ink instead of its own; true where the picture lies on a
// ground at all.
function matchGround(values, shape, {background, colours}, notes) {
  const own = measureBorder([values], shape);
  if (own.plainness < PLAIN_GROUND) return false;
  const size = shape[1] * shape[2];
  if (shape[0] > 1 || Math.abs(own.background[0] - background[0]) < OTHER_GROUND) return true;
  const [ground] = own.background;
  const far = values.reduce((best, value) => (Math.abs(value - ground) > Math.abs(best - ground) ? value : best), ground);
  for (let i = 0; i < size; i++) {
    const ink = Math.max(0, (values[i] - ground) / (far - ground || 1) - 0.15) / 0.85; // paper is never even
    values[i] = background[0] + ink * (colours[0][0] - background[0]);
  }
  notes.push('Its ground and ink turned into those of these pictures.');
  return true;
}
