// The pad: a sheet of the data set's own paper to draw on with mouse, pen or finger.

import {paintPixels} from './thumbs.js';

const SPACING = 0.2; // of the brush between two points of a stroke
const PAD_ROOM = 0.75; // of the pad that a drawing is expected to fill

// `begin()`, `drawn()` after every move and `end()` are told. Returns {node, strokes, base, colour, width, isEraser, isEmpty(),
// undo(), clear(), show()}: strokes and base as in strokes.js, in pixels of the model's `shape`.
export function createPad(canvas, shape, style, act, signal) {
  const [, height, width] = shape;
  const pad = {strokes: [], base: null, colour: style.colours[0], width: 1, isEraser: false};
  let isDown = false;
  const on = (type, listener) => canvas.addEventListener(type, listener, {signal});
  const place = ({offsetX, offsetY}) => [offsetX / canvas.clientWidth * width, offsetY / canvas.clientHeight * height];

  on('pointerdown', event => {
    if (isDown || event.button !== 0) return;
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    act.begin();
    const {width: brush, colour, isEraser} = pad;
    pad.strokes.push({points: [place(event)], width: brush, colour: isEraser ? style.background : colour, isEraser});
    pad.show();
    act.drawn();
  });
  on('pointermove', event => {
    if (!isDown) return;
    const {points, width: brush} = pad.strokes.at(-1);
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const at of (passed.length ? passed : [event]).map(place)) {
      const [x, y] = points.at(-1);
      if (Math.hypot(at[0] - x, at[1] - y) > SPACING * brush) points.push(at);
    }
    pad.show();
    act.drawn();
  });
  const lift = () => {
    if (!isDown) return;
    isDown = false;
    act.end();
  };
  on('pointerup', lift);
  on('pointercancel', lift);

  pad.undo = () => {
    if (pad.strokes.length) pad.strokes.pop();
    else pad.base = null;
    pad.show();
  };
  pad.clear = () => {
    Object.assign(pad, {strokes: [], base: null});
    pad.show();
  };
  pad.isEmpty = () => !pad.strokes.length && !pad.base;
  // Strokes as they were made, not as they are settled.
  pad.show = () => {
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight].map(side => Math.max(1, Math.round(side * devicePixelRatio)));
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, {width: wide, height: high});
    const context = canvas.getContext('2d');
    context.fillStyle = cssColour(style.background);
    context.fillRect(0, 0, wide, high);
    context.imageSmoothingEnabled = false;
    if (pad.base) context.drawImage(paintPixels(pad.base, shape), 0, 0, wide, high);
    Object.assign(context, {lineCap: 'round', lineJoin: 'round'});
    for (const stroke of pad.strokes) drawStroke(context, stroke, wide / width);
  };
  return pad;
}

// A brush as wide as the data set's own strokes, in pixels of the model, for pictures of a `style` of measureInk.
export function fittingBrush(style, [, height, width]) {
  return style.stroke * Math.max(height, width) * (style.place ? PAD_ROOM / style.extent : 1);
}

// Of C values in [0, 1].
export function cssColour(values) {
  const [red, green, blue] = [0, 1, 2].map(c => Math.round(255 * (values[c] ?? values[0])));
  return `rgb(${red} ${green} ${blue})`;
}

function drawStroke(context, {points, width, colour}, scale) {
  context.strokeStyle = cssColour(colour);
  context.lineWidth = width * scale;
  context.beginPath();
  points.forEach(([x, y], n) => (n ? context.lineTo(x * scale, y * scale) : context.moveTo(x * scale, y * scale)));
  const [x, y] = points.at(-1);
  context.lineTo(x * scale, y * scale); // a touch is a dot
  context.stroke();
}
