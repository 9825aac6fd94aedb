// Keys on the focused map: arrows move the pin (shift: further), + and − zoom, 0 or Home shows everything, g the
// decoded pictures. Features have keys of their own.

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
const ZOOMS = {'+': 0.8, '=': 0.8, '-': 1.25};

// `act`: nudge(right, up) in steps, zoom(x, y, factor), resetView(), toggleGrid(), key(event) for all others.
export function bindKeyboard(canvas, act, signal) {
  canvas.addEventListener('keydown', event => {
    const {key} = event;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (!act.key(event)) return;
    } else if (ARROWS[key]) act.nudge(...ARROWS[key].map(step => step * (event.shiftKey ? 8 : 1)));
    else if (ZOOMS[key]) act.zoom(canvas.clientWidth / 2, canvas.clientHeight / 2, ZOOMS[key]);
    else if (key === '0' || key === 'Home') act.resetView();
    else if (key === 'g') act.toggleGrid();
    else if (!act.key(event)) return;
    event.preventDefault();
  }, {signal});
}
