// Keys on the focused map: arrows move the pin (shift: further), + and − zoom, 0 or Home shows everything, g the
// decoded pictures, Escape takes back a press. Features have keys of their own, most of them also while a button or a
// slider of the explorer has the focus.

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
const ZOOMS = {'+': 0.8, '=': 0.8, '-': 1.25};

// `act`: nudge(right, up) in steps, zoom(x, y, factor), resetView(), toggleGrid(), cancel() if there is a press to take
// back, key(event) for all others. `root` is the explorer's own element.
export function bindKeyboard(canvas, root, act, signal) {
  canvas.addEventListener('keydown', event => {
    const {key} = event;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (!act.key(event)) return;
    } else if (ARROWS[key]) act.nudge(...ARROWS[key].map(step => step * (event.shiftKey ? 8 : 1)));
    else if (ZOOMS[key]) act.zoom(canvas.clientWidth / 2, canvas.clientHeight / 2, ZOOMS[key]);
    else if (key === '0' || key === 'Home') act.resetView();
    else if (key === 'g') act.toggleGrid();
    else if (key !== 'Escape' || !act.cancel()) {
      if (!act.key(event)) return;
    }
    event.preventDefault();
  }, {signal});
  root.addEventListener('keydown', event => {
    if (event.target !== canvas && isFree(event) && act.key(event)) event.preventDefault();
  }, {signal});
}

// The key of an event, '' with one of the modifiers that make it the browser's own.
export const plainKey = ({key, ctrlKey, metaKey, altKey}) => (ctrlKey || metaKey || altKey ? '' : key);

// Whether a key means nothing to the element that has the focus: no text to write, no choice, no button to press.
function isFree({target, key, ctrlKey, metaKey, defaultPrevented}) {
  if (defaultPrevented || target.isContentEditable || target.matches('select, textarea, input:not([type=range])')) return false;
  return ctrlKey || metaKey || key === 'Escape' || /^[a-z?/]$/i.test(key);
}
