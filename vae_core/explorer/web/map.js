// The map: encoded examples as dots with their class names, the prior's contours, the pin and the peek.
// Everything that stays while the hand moves is drawn once, into a layer of its own.

import {placeLabels} from './labels.js';
import {classPaint} from './paints.js';
import {classColour} from './palette.js';
import {createPictures} from './pictures.js';
import {classPlaces} from './points.js';
import {castDots, dotRadius, isCrowd, makeStamps, stampDots} from './stamps.js';
import {readTheme} from './theme.js';
import {project, tickStep} from './view.js';
import {formatTick, shorten} from './words.js';

const FULL_TURN = 2 * Math.PI;
const SIGMA_ROOM = 20; // pixels from one σ label to the next
const DOT_MARGIN = 16; // pixels around the map in which dots that reach into it have their middle

// `points` of readPoints, `names` of the classes. After resize() and show() there is a projection to draw with;
// `fitted` is the view that shows everything.
export function createMap(canvas, points, names) {
  const context = canvas.getContext('2d');
  const layer = new OffscreenCanvas(1, 1);
  const plain = classPaint(points, names.length);
  const pictures = createPictures();
  const map = {width: 0, height: 0, density: 1, theme: readTheme(canvas), fitted: null, projection: null, pictures};
  let shown = {};
  let isStale = true;

  map.isVisible = () => map.width > 0 && map.height > 0;
  map.resize = () => {
    map.density = devicePixelRatio;
    map.width = canvas.clientWidth;
    map.height = canvas.clientHeight;
    for (const surface of [canvas, layer]) {
      surface.width = Math.round(map.width * map.density);
      surface.height = Math.round(map.height * map.density);
    }
  };
  map.retheme = () => {
    map.theme = readTheme(canvas);
    isStale = true;
  };
  map.usePictures = thumbs => {
    pictures.use(thumbs);
    isStale = true;
  };
  // What to show: places {x, y} of the points, hidden classes, a chart (charts.js), view, a paint (paints.js), rows in
  // front {mask, fades} or null; a quiet map has no ticks.
  map.show = (places, {hidden, chart, view, paint = plain, front = null, isQuiet = false}) => {
    const before = shown;
    const first = front ?? paint.front;
    shown = {...before, places, hidden, chart, paint, isQuiet, front: first};
    if (before.paint !== paint || before.hidden !== hidden || before.front !== first) {
      shown.dots = castDots(paint, points.label, hidden, first);
    }
    if (before.places !== places || before.hidden !== hidden) shown.named = classPlaces(points, places, hidden);
    map.projection = project(view, map.width, map.height);
    isStale = true;
  };
  // `pin` and `peek` are [x, y] or null; below(context) and above(context) draw beneath and over the points.
  map.draw = (pin, peek, below = () => {}, above = () => {}) => {
    if (isStale) drawLayer(layer.getContext('2d'), map, shown, names);
    isStale = false;
    context.setTransform(map.density, 0, 0, map.density, 0, 0);
    context.clearRect(0, 0, map.width, map.height);
    below(context);
    context.drawImage(layer, 0, 0, map.width, map.height);
    above(context);
    if (pin) drawPin(context, map, pin);
    if (peek) drawPeek(context, map, peek);
  };
  return map;
}

function drawLayer(context, map, shown, names) {
  putDots(context, map, shown);
  context.setTransform(map.density, 0, 0, map.density, 0, 0);
  context.lineJoin = 'round';
  context.textBaseline = 'middle';
  context.globalCompositeOperation = 'destination-over';
  if (shown.chart.origin) drawPrior(context, map, shown.chart);
  context.globalCompositeOperation = 'source-over';
  map.pictures.draw(context, map, shown);
  if (!shown.isQuiet && shown.chart.hasScale) drawScale(context, map, shown.chart);
  drawNames(context, map, shown.named, names, shown.paint.isClass);
}

// The dots and nothing else: whatever was on the layer is gone.
function putDots(context, map, {places, paint, dots}) {
  const {projection: {px, py, scale}, density, theme} = map;
  const zoom = map.fitted.span / map.projection.view.span;
  const count = dots.order.length;
  const margin = Math.ceil(DOT_MARGIN * density);
  const image = blankImage(map, context, margin);
  const stamps = keptStamps(map, paint, [theme.isDark, dotRadius(count, zoom) * density, image.width, isCrowd(count, zoom)]);
  const way = {scale: scale * density, shiftX: px(0) * density + margin, shiftY: py(0) * density + margin};
  const pixels = new Uint32Array(image.data.buffer);
  stampDots({pixels, width: image.width, height: image.height}, places, dots, stamps, way);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.putImageData(image, -margin, -margin);
}

// They stay while dots only move.
function keptStamps(map, paint, [isDark, ...size]) {
  const key = `${isDark} ${size}`;
  if (map.cast?.paint !== paint || map.cast.key !== key) map.cast = {paint, key, stamps: makeStamps(paint.looks(isDark), ...size)};
  return map.cast.stamps;
}

// An image of the layer's size with a margin, kept from frame to frame.
function blankImage(map, context, margin) {
  const [width, height] = [context.canvas.width + 2 * margin, context.canvas.height + 2 * margin];
  if (map.image?.width === width && map.image.height === height) map.image.data.fill(0);
  else map.image = new ImageData(width, height);
  return map.image;
}

// The standard normal prior at one and two standard deviations.
function drawPrior(context, {projection: {px, py, scale, height}, theme}, {axes, origin: [left, bottom]}) {
  context.strokeStyle = theme.ink;
  context.lineWidth = 1;
  context.globalAlpha = 0.25;
  for (const sigma of [1, 2]) {
    context.beginPath();
    if (axes.length !== 1) context.arc(px(left), py(bottom), sigma * scale, 0, FULL_TURN);
    else for (const x of [-sigma, sigma]) drawLine(context, px(x), 0, px(x), height);
    context.stroke();
  }
  context.globalAlpha = 1;
}

// Ticks along two edges, and what the prior's contours mean.
function drawScale(context, {projection: {view, px, py, scale, width, height}, theme}, {axes, origin}) {
  const step = tickStep(view.span, 5);
  const reach = Math.max(width, height) / Math.min(width, height) * view.span / 2;
  const ticks = middle => {
    const first = Math.ceil((middle - reach) / step);
    const count = Math.floor((middle + reach) / step) - first + 1;
    return Array.from({length: count}, (_, k) => (first + k) * step);
  };
  const write = (text, x, y, align) => {
    context.textAlign = align;
    writeOver(context, theme, text, x, y, [[theme.ink, 0.75]]);
  };
  context.font = `11px ${theme.font}`;
  for (const x of ticks(view.x)) {
    if (px(x) > 28 && px(x) < width - 20) write(formatTick(x, step), px(x), height - 10, 'center');
  }
  for (const y of axes.length !== 1 ? ticks(view.y) : []) {
    if (py(y) > 48 && py(y) < height - 28) write(formatTick(y, step), 8, py(y), 'left');
  }
  for (const sigma of !origin ? [] : scale < SIGMA_ROOM ? [2] : [1, 2]) {
    const away = sigma * Math.SQRT1_2;
    const [x, y] = axes.length !== 1 ? [px(origin[0] + away), py(origin[1] + away)] : [px(sigma), 16];
    if (x < width && y < height - 28) write(`${sigma}σ`, x, y, 'center');
  }
}

// Text with a halo of paper, in one or several layers of [colour, opacity].
function writeOver(context, {paper}, text, x, y, inks) {
  context.lineWidth = 4;
  context.strokeStyle = paper;
  context.strokeText(text, x, y);
  for (const [colour, opacity] of inks) {
    context.globalAlpha = opacity;
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }
  context.globalAlpha = 1;
}

function drawLine(context, fromX, fromY, toX, toY) {
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
}

// In the class's colour where the dots have it, with enough ink over it to be read as text.
function drawNames(context, {projection: {px, py, width, height}, theme}, places, names, isClass) {
  context.font = `600 14px ${theme.font}`;
  context.textAlign = 'center';
  const items = places.map(({k, x, y}) => {
    const text = shorten(names[k], 18);
    return {text, k, x: px(x), y: py(y), width: context.measureText(text).width};
  });
  for (const {text, k, x, y} of placeLabels(items, 18, width, height)) {
    writeOver(context, theme, text, x, y, isClass ? [[classColour(k, theme.isDark), 1], [theme.ink, 0.45]] : [[theme.ink, 1]]);
  }
}

// A cross-hair, its lines faint to the map's edges: twice, the wider one as a halo.
function drawPin(context, {projection: {px, py, width, height}, theme}, [x, y]) {
  const [atX, atY] = [px(x), py(y)];
  context.fillStyle = theme.latent;
  context.globalAlpha = 0.25;
  context.fillRect(Math.round(atX), 0, 1, height);
  context.fillRect(0, Math.round(atY), width, 1);
  context.globalAlpha = 1;
  for (const [colour, line] of [[theme.paper, 5], [theme.latent, 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.arc(atX, atY, 7, 0, FULL_TURN);
    for (const side of [-1, 1]) {
      drawLine(context, atX + 7 * side, atY, atX + 13 * side, atY);
      drawLine(context, atX, atY + 7 * side, atX, atY + 13 * side);
    }
    context.stroke();
  }
}

function drawPeek(context, {projection: {px, py}, theme}, [x, y]) {
  for (const [colour, line] of [[theme.paper, 4], [theme.ink, 1.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.arc(px(x), py(y), 5, 0, FULL_TURN);
    context.stroke();
  }
}
