// Hands on the square: the puck is dragged, a way for it drawn, by mouse, pen, finger and keyboard; and how both look.

import {keepInside} from './corners_state.js';
import {strokeLine} from './path_map.js';

const PUCK_STEP = 0.02; // of a side; with shift
const PUCK_LEAP = 0.1;
const PUCK_RADIUS = 11;
const ROUTE_STEP = 0.006; // of a side, between two places of a stroke
const PUCK_STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const WHOLE_TURN = 2 * Math.PI;

// `canvas` lies over the square and takes the hands. `act`: hold(), move(place), nudge(step), stroke(places), peek(place or null), release(),
// lengthen(), shorten(); isDrawing() says whether a hand draws.
export function bindPuck(canvas, act, signal) {
  let stroke = null; // places drawn so far
  let held = null; // the pointer that has the puck
  const on = (type, listener) => canvas.addEventListener(type, listener, {signal});
  const placeAt = ({offsetX, offsetY}) => [offsetX / canvas.clientWidth, offsetY / canvas.clientHeight].map(keepInside);

  on('pointerdown', event => {
    if (held !== null || event.button !== 0) return;
    held = event.pointerId;
    canvas.setPointerCapture(held);
    canvas.focus({preventScroll: true});
    stroke = act.isDrawing() ? [placeAt(event)] : null;
    act.hold();
    act.move(placeAt(event));
  });
  on('pointermove', event => {
    if (held === null) return event.pointerType === 'touch' ? undefined : act.peek(placeAt(event));
    if (event.pointerId !== held) return undefined;
    const passed = stroke ? event.getCoalescedEvents?.() ?? [] : [];
    for (const place of (passed.length ? passed : [event]).map(placeAt)) {
      const last = stroke?.at(-1);
      if (last && Math.hypot(place[0] - last[0], place[1] - last[1]) > ROUTE_STEP) stroke.push(place);
    }
    return act.move(placeAt(event));
  });
  const lift = ({pointerId}) => {
    if (pointerId !== held) return;
    held = null;
    const drawn = stroke;
    stroke = null;
    act.release();
    if (drawn) act.stroke(drawn);
  };
  on('pointerup', lift);
  on('pointercancel', lift);
  on('lostpointercapture', lift);
  on('pointerleave', () => act.peek(null));
  on('keydown', event => {
    const {key, ctrlKey, metaKey, altKey, shiftKey} = event;
    if (ctrlKey || metaKey || altKey) return;
    if (PUCK_STEPS[key]) act.nudge(PUCK_STEPS[key].map(step => step * (shiftKey ? PUCK_LEAP : PUCK_STEP)));
    else if (key === 'Enter') act.lengthen();
    else if (key === 'Backspace') act.shorten();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {stroke: () => stroke};
}

// The puck, its way and a stroke under the hand, on the canvas over the square.
export function drawPuck(canvas, {puck, way, stroke, peek}, theme) {
  const context = canvas.getContext('2d');
  const [wide, high] = [canvas.width, canvas.height].map(side => side / devicePixelRatio);
  const spot = ([u, v]) => [u * wide, v * high];
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, wide, high);
  for (const places of [stroke ?? way].filter(Boolean)) {
    strokeLine(context, places.map(spot), theme.paper, 6, 0.85);
    strokeLine(context, places.map(spot), theme.latent, 2.5, 1);
  }
  if (peek) traceRing(context, spot(peek), 6, [[theme.paper, 4], [theme.ink, 1.5]]);
  traceRing(context, spot(puck), PUCK_RADIUS, [[theme.paper, 8], [theme.latent, 4]]);
}

function traceRing(context, [x, y], radius, lines) {
  for (const [colour, width] of lines) {
    context.beginPath();
    context.arc(x, y, radius, 0, WHOLE_TURN);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
