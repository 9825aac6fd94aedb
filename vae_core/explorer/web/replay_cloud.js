// The cloud of encoded examples at one moment of a training, drawn from scratch every frame.

import {classColour, classShape} from './palette.js';
import {dotRadius} from './stamps.js';
import {readTheme} from './theme.js';
import {shorten} from './words.js';
import {classMiddles} from './replay_data.js';
import {createDots} from './replay_dots.js';

const NAMES_FROM = 0.2; // share of the spread between classes from which on their names say something,
const NAMES_FULL = 0.4; // and at which they are fully there
const NAMES_LENGTH = 16; // letters
const NAMES_EASE = 0.14; // of the way, a frame, in which a name comes or goes
const CLOUD_REACH = 14; // pixels at which a point is under the hand
const CLOUD_STRONG = 0.88;
const CLOUD_FAINT = 0.12; // of other classes than the one in front

// {resize(), draw(scene) -> whether another frame is wanted, nearest(x, y)}. A scene is {places, tails (places
// a little earlier, or null), span, alone (a class or -1), marked (an example), under (one under the hand, or -1), path
// (places of the marked one so far), isCollapsed}.
export function createCloud(canvas, data) {
  const context = canvas.getContext('2d');
  const hues = data.names.length || 1;
  const shown = Float32Array.from(data.names, () => 0); // how much of each name is there
  const kinds = Uint16Array.from(data.labels, k => (k >= 0 && k < hues ? k : hues));
  const names = data.names.map(name => shorten(name, NAMES_LENGTH));
  const nameFont = () => `600 ${width < 420 ? 12 : 14}px ${theme.font}`;
  let widths = [];
  let [theme, dots, width, height, density] = [null, null, 0, 0, 1];
  let [places, scale] = [new Float32Array(0), 1]; // as drawn last
  const toX = x => width / 2 + x * scale;
  const toY = y => height / 2 - y * scale;

  function resize() {
    density = devicePixelRatio || 1;
    [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    retheme();
  }

  function retheme() {
    theme = readTheme(canvas);
    context.font = nameFont();
    widths = names.map(name => context.measureText(name).width);
    const radius = dotRadius(data.count, 1) * Math.min(1.3, Math.max(0.85, Math.min(width, height) / 520));
    const colours = Array.from({length: hues + 1}, (_, n) => (n === hues ? -1 : n)).map(k => [classColour(k, theme.isDark), classShape(k)]);
    const opacity = {strong: CLOUD_STRONG, faint: CLOUD_FAINT};
    dots = createDots(canvas.width, canvas.height, density, colours, radius * density, opacity);
  }

  function draw(scene) {
    if (!width || !height) return false;
    scale = Math.min(width, height) / 2 / scene.span;
    places = scene.places;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!scene.isOneDimension) drawPrior();
    drawDots(scene);
    const isMoving = drawNames(scene);
    drawPath(scene);
    for (const [n, isFull] of [[scene.marked, true], [scene.under, false]]) if (n >= 0) drawRing(n, isFull);
    return isMoving;
  }

  // Those of the class in front come last, over the faint others; behind all, where every one has just come from.
  function drawDots({alone, tails}) {
    const [middleX, middleY, size] = [canvas.width / 2, canvas.height / 2, scale * density];
    const isFront = i => alone < 0 || data.labels[i] === alone;
    dots.begin();
    for (let i = 0; tails && i < data.count; i++) {
      if (!isFront(i)) continue;
      const [fromX, fromY] = [middleX + tails[2 * i] * size, middleY - tails[2 * i + 1] * size];
      dots.tail(kinds[i], fromX, fromY, middleX + places[2 * i] * size, middleY - places[2 * i + 1] * size);
    }
    for (const front of alone < 0 ? [true] : [false, true]) {
      for (let i = 0; i < data.count; i++) {
        if (isFront(i) === front) dots.dot(kinds[i], middleX + places[2 * i] * size, middleY - places[2 * i + 1] * size, !front);
      }
    }
    dots.paint(context);
  }

  // Where the prior lies: one and two standard deviations around the origin.
  function drawPrior() {
    context.strokeStyle = theme.ink;
    context.fillStyle = theme.ink;
    context.lineWidth = 1;
    context.font = `11px ${theme.font}`;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    for (const sigma of [1, 2]) {
      context.globalAlpha = 0.16;
      context.beginPath();
      context.arc(width / 2, height / 2, sigma * scale, 0, 2 * Math.PI);
      context.stroke();
      context.globalAlpha = 0.56;
      context.fillText(`${sigma}σ`, width / 2 + sigma * scale * 0.71 + 4, height / 2 - sigma * scale * 0.71 - 4);
    }
    context.globalAlpha = 1;
  }

  // Each class's name at the middle of its points once classes part; of two that would overlap the smaller class waits.
  function drawNames({alone, isCollapsed}) {
    const {middles, share} = classMiddles(places, data.labels, data.names.length);
    const part = Math.min(1, Math.max(0, (share - NAMES_FROM) / (NAMES_FULL - NAMES_FROM)));
    context.font = nameFont();
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = 4;
    const taken = [];
    let isMoving = false;
    for (const {k, x, y} of middles.sort((a, b) => b.count - a.count || a.k - b.k)) {
      const box = {x: toX(x), y: toY(y), width: widths[k] + 6};
      const isFree = (alone < 0 || alone === k) && !taken.some(other => meets(box, other));
      if (isFree) taken.push(box);
      const wanted = isFree && !isCollapsed ? part : 0;
      const left = wanted - shown[k];
      shown[k] = Math.abs(left) < 0.02 ? wanted : shown[k] + left * NAMES_EASE;
      isMoving ||= shown[k] !== wanted;
      if (shown[k] > 0.02) writeName(names[k], box, shown[k]);
    }
    context.globalAlpha = 1;
    return isMoving;
  }

  const meets = (a, b) => Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < 18;

  function writeName(name, {x, y}, opacity) {
    context.globalAlpha = opacity;
    context.strokeStyle = theme.paper;
    context.strokeText(name, x, y);
    context.fillStyle = theme.ink;
    context.fillText(name, x, y);
  }

  // The way of the marked example so far, fainter the longer ago.
  function drawPath({path}) {
    context.strokeStyle = theme.latent;
    context.lineWidth = 2;
    context.lineCap = 'round';
    const points = path.length / 2;
    for (let n = 1; n < points; n++) {
      context.globalAlpha = 0.08 + 0.72 * (n / points) ** 2;
      context.beginPath();
      context.moveTo(toX(path[2 * n - 2]), toY(path[2 * n - 1]));
      context.lineTo(toX(path[2 * n]), toY(path[2 * n + 1]));
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  function drawRing(n, isFull) {
    const [x, y] = [toX(places[2 * n]), toY(places[2 * n + 1])];
    for (const [colour, line] of [[theme.paper, 5], [isFull ? theme.latent : theme.ink, 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.beginPath();
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  // The example at (x, y) of the canvas, -1 where there is none within reach.
  function nearest(x, y) {
    let [best, least] = [-1, CLOUD_REACH ** 2];
    for (let i = 0; i < places.length / 2; i++) {
      const distance = (toX(places[2 * i]) - x) ** 2 + (toY(places[2 * i + 1]) - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  return {resize, draw, nearest, theme: () => theme};
}
