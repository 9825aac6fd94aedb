// Mouse, pen and fingers on the map, told as what they mean. Positions are CSS pixels on the canvas.
//
//   hover(x, y)  leave()        a pointer without a button passes, goes; so does a finger that held still
//   isBusy()                    may be left out: whether a finger that holds still is not to hover
//   press(x, y)  drag(x, y)     a button goes down, moves; a finger taps, moves
//   undo()                      the press turned out to be the start of a two-finger gesture
//   pan(dx, dy)                 right button, shift, space, or two fingers
//   zoom(x, y, factor)          wheel or pinch; false if it cannot go on
//   hold()  release()           a button or finger goes down, the last one goes up

const EDGE = 8; // pixels within the map at which a pin is still seen as one
const FOREIGN_SCROLL = 200; // milliseconds in which a scroll begun beside the map goes on across it
const LONG_PRESS = 450; // milliseconds
const WANDER = 6; // pixels within which a finger holds still

export function bindGestures(canvas, act, signal) {
  const fingers = new Map();
  let mode = ''; // 'wait': a finger that may yet tap, move or hold still; then 'pin', 'peek' or 'pan'
  let start = null; // where that finger came down
  let timer = 0;
  let isSpaceDown = false;
  const on = (type, listener) => canvas.addEventListener(type, listener, {signal});
  const place = event => [clamp(event.offsetX, canvas.clientWidth), clamp(event.offsetY, canvas.clientHeight)];

  const wait = at => {
    start = at;
    timer = setTimeout(() => {
      if (act.isBusy?.()) return;
      mode = 'peek';
      act.hover(...start);
    }, LONG_PRESS);
    return 'wait';
  };
  const press = at => {
    clearTimeout(timer);
    act.press(...at);
    return 'pin';
  };
  // A second finger has come.
  const turnToPan = () => {
    clearTimeout(timer);
    if (mode === 'pin') act.undo();
    if (mode === 'peek') act.leave();
    return 'pan';
  };

  on('pointerdown', event => {
    if (!isInside(canvas, event)) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
    if (fingers.size > 2) return;
    if (fingers.size === 1) act.hold();
    const isShifted = event.shiftKey && !act.isBusy?.(); // a tool has a meaning of its own for it
    const isPin = fingers.size === 1 && event.button === 0 && !isShifted && !isSpaceDown;
    if (!isPin) mode = turnToPan();
    else mode = (event.pointerType === 'touch' ? wait : press)(place(event));
    canvas.classList.toggle('ls-panning', mode === 'pan');
  });

  on('pointermove', event => {
    if (!fingers.has(event.pointerId)) {
      if (event.pointerType !== 'touch') act.hover(...place(event));
      return;
    }
    const at = place(event);
    const before = summary(fingers);
    fingers.set(event.pointerId, at);
    if (mode === 'wait' && Math.hypot(at[0] - start[0], at[1] - start[1]) > WANDER) mode = press(start);
    if (mode === 'pin') act.drag(...at);
    else if (mode === 'peek') act.hover(...at);
    else if (mode === 'pan') {
      const after = summary(fingers);
      act.pan(after.x - before.x, after.y - before.y);
      if (before.distance && after.distance) act.zoom(after.x, after.y, before.distance / after.distance);
    }
  });

  const lift = event => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    clearTimeout(timer);
    if (mode === 'wait' && event.type === 'pointerup') press(start);
    if (mode === 'peek') act.leave();
    mode = '';
    canvas.classList.remove('ls-panning');
    act.release();
  };
  on('pointerup', lift);
  on('pointercancel', lift);
  on('pointerleave', event => { if (!fingers.has(event.pointerId)) act.leave(); });
  on('contextmenu', event => event.preventDefault());
  on('keydown', event => {
    if (event.key !== ' ') return;
    isSpaceDown = true;
    event.preventDefault();
  });
  on('keyup', () => { isSpaceDown = false; });
  on('blur', () => { isSpaceDown = false; });
  bindWheel(canvas, act, signal);
}

// A page scroll that began beside the map is not caught by it.
function bindWheel(canvas, act, signal) {
  let lastForeign = -Infinity;
  window.addEventListener('wheel', event => {
    if (!event.composedPath().includes(canvas)) lastForeign = event.timeStamp;
  }, {signal, capture: true, passive: true});

  canvas.addEventListener('wheel', event => {
    if (event.timeStamp - lastForeign < FOREIGN_SCROLL) {
      lastForeign = event.timeStamp;
      return;
    }
    const lines = event.deltaMode === 1 ? 16 : 1;
    const pace = event.ctrlKey ? 0.01 : 0.0016; // a pinch on a touchpad comes as small steps with ctrl
    if (act.zoom(event.offsetX, event.offsetY, Math.exp(event.deltaY * lines * pace))) event.preventDefault();
  }, {signal, passive: false});
}

// Middle and spread of the fingers that are down.
function summary(fingers) {
  const places = [...fingers.values()];
  const [[ax, ay], [bx, by]] = [places[0], places.at(-1)];
  return {x: (ax + bx) / 2, y: (ay + by) / 2, distance: Math.hypot(ax - bx, ay - by)};
}

// Browsers also give an element the fingers that come down close beside it.
function isInside({clientWidth, clientHeight}, {offsetX, offsetY}) {
  return offsetX >= 0 && offsetY >= 0 && offsetX <= clientWidth && offsetY <= clientHeight;
}

function clamp(value, limit) {
  return Math.max(EDGE, Math.min(limit - EDGE, value));
}
