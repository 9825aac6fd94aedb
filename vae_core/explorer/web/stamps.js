// Dots by the hundred thousand: each kind is drawn once, then its pixels are written into an image, which is far
// faster than a canvas call a dot.

import {traceShape} from './palette.js';

const DOT_STRONG = 0.8; // opacity of a dot, so that a crowd is darker than a few
const DOT_FAINT = 0.14; // of one that steps back for others
const DOT_CROWD = 10_000; // dots in sight from which each covers what is below it, without soft edges
const DOTS_FEW = 800;
const DOTS_MANY = 3_000; // dots in sight from which they shrink
const DOT_LARGEST = 5.2; // CSS pixels

// The radius of a dot in CSS pixels; `zoom` is how many times nearer than the whole map one is.
export function dotRadius(count, zoom) {
  const closeness = Math.min(2, Math.max(1, zoom) ** 0.3);
  const shrink = Math.max(1, inSight(count, zoom) / DOTS_MANY) ** 0.25;
  return Math.min(DOT_LARGEST, closeness * (count > DOTS_FEW ? 2.6 : 3.6) / shrink);
}

// Whether dots cover each other instead of mixing their colours.
export function isCrowd(count, zoom) {
  return inSight(count, zoom) > DOT_CROWD;
}

// In the middle of the crowd, where they stand about three times closer than on the whole map.
function inSight(count, zoom) {
  return Math.min(count, 3 * count / Math.max(1, zoom) ** 2);
}

// Which dots are drawn, in which order, and as which of the stamps: {order (rows), cast (numbers of stamps)}. `kinds`
// is every row's kind of `total`; points of classes in `hidden` are left out. `front` {mask, fades} or null: rows
// whose mask is 1 come last, over the others, which become faint (their kind + total) if it fades them.
export function castDots({kinds, total}, label, hidden, front) {
  const isHidden = new Set(hidden);
  const order = new Uint32Array(kinds.length);
  const cast = new Uint16Array(kinds.length);
  let at = 0;
  for (const side of front ? [0, 1] : [-1]) {
    const away = side === 0 && front.fades ? total : 0;
    for (let n = 0; n < kinds.length; n++) {
      if ((side >= 0 && front.mask[n] !== side) || isHidden.has(label[n])) continue;
      order[at] = n;
      cast[at++] = kinds[n] + away;
    }
  }
  return {order: order.subarray(0, at), cast: cast.subarray(0, at)};
}

// A shape's coverage in pixels, {side, middle, alphas (side * side, 0 to 255)}; `radius` in pixels.
export function rasterise(shape, radius) {
  const middle = Math.ceil(radius * 1.6) + 1;
  const side = 2 * middle;
  const context = new OffscreenCanvas(side, side).getContext('2d', {willReadFrequently: true});
  context.beginPath();
  traceShape(context, shape, middle, middle, radius);
  context.fill();
  const {data} = context.getImageData(0, 0, side, side);
  return {side, middle, alphas: Uint8Array.from({length: side * side}, (_, i) => data[4 * i + 3])};
}

// What one kind of dot writes into an image of `stride` pixels a row: {offsets, words, middle, isSolid}. `ink` is
// 0xBBGGRR. Solid stamps cover, the others have soft edges and mix.
export function makeStamp({side, middle, alphas}, ink, opacity, stride, isSolid) {
  const spots = Array.from(alphas.keys()).filter(i => (isSolid ? alphas[i] >= 128 : alphas[i] > 0));
  const alpha = i => Math.round(opacity * (isSolid ? 255 : alphas[i]));
  return {
    middle,
    isSolid,
    offsets: Int32Array.from(spots, i => Math.floor(i / side) * stride + i % side),
    words: Uint32Array.from(spots, i => ink + alpha(i) * 0x1000000),
  };
}

// A strong stamp for each [colour '#rrggbb', shape], then a faint one for each.
export function makeStamps(kinds, radius, stride, isSolid) {
  const masks = new Map();
  for (const [, shape] of kinds) if (!masks.has(shape)) masks.set(shape, rasterise(shape, radius));
  const each = opacity => ([colour, shape]) => makeStamp(masks.get(shape), dotInk(colour), opacity, stride, isSolid);
  return [...kinds.map(each(DOT_STRONG)), ...kinds.map(each(DOT_FAINT))];
}

export function dotInk(colour) {
  const [, red, green, blue] = colour.match(/^#(..)(..)(..)$/).map(part => Number.parseInt(part, 16));
  return red + green * 0x100 + blue * 0x10000;
}

// Writes dots into `image` {pixels (Uint32Array, RGBA bytes), width, height}, whose first pixel stands at `left`,
// `top` of a place's pixels: x times `scale` + `shiftX`, y times -`scale` + `shiftY`. Dots that the image does not
// hold whole are left out.
export function stampDots({pixels, width, height}, {x, y}, {order, cast}, stamps, {scale, shiftX, shiftY}) {
  for (let i = 0; i < order.length; i++) {
    const n = order[i];
    const {middle, isSolid, offsets, words} = stamps[cast[i]];
    const left = Math.round(x[n] * scale + shiftX) - middle;
    const top = Math.round(shiftY - y[n] * scale) - middle;
    if (left < 0 || top < 0 || left + 2 * middle > width || top + 2 * middle > height) continue;
    const start = top * width + left;
    if (isSolid) for (let j = 0; j < offsets.length; j++) pixels[start + offsets[j]] = words[j];
    else {
      for (let j = 0; j < offsets.length; j++) {
        const at = start + offsets[j];
        pixels[at] = pixels[at] === 0 ? words[j] : mixInks(pixels[at], words[j]);
      }
    }
  }
}

// One ink over another, alpha in the highest byte and colours not multiplied by it, as an image holds them. Two
// channels are mixed at a time, their shares in 256ths looked up: millions of these are done a second.
export function mixInks(under, over) {
  const both = (over >>> 24) << 8 | under >>> 24;
  const share = OVER_SHARES[both];
  const rest = 256 - share;
  const redBlue = Math.imul(under & 0xff00ff, rest) + Math.imul(over & 0xff00ff, share) >>> 8 & 0xff00ff;
  const green = Math.imul(under & 0xff00, rest) + Math.imul(over & 0xff00, share) >>> 8 & 0xff00;
  return (OVER_ALPHAS[both] << 24 | redBlue | green) >>> 0;
}

// By the alphas of upper and lower ink: the alpha of both together, and the upper one's share of the colour in 256ths.
const OVER_ALPHAS = Uint8Array.from({length: 65536}, (_, both) => Math.round(alphaTogether(both)));
const OVER_SHARES = Uint16Array.from({length: 65536}, (_, both) => Math.round(256 * (both >>> 8) / (alphaTogether(both) || 1)));

function alphaTogether(both) {
  const [upper, lower] = [both >>> 8, both & 255];
  return upper + lower * (255 - upper) / 255;
}
