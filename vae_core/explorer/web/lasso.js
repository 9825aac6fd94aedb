// Drawing around points: a lasso or a box, and which points lie inside.

const LASSO_STEP = 3; // CSS pixels between two corners at least
const LASSO_LEAST = 6; // across: anything smaller was a click

// A tool for explorer.tool that takes presses on the map. `shape` is 'lasso' or 'box'; `done(rows, mode)` gets the
// points inside that are shown, and 'add' with shift, 'remove' with alt, else 'new'; `missed()` hears of a click.
export function createLasso(explorer, shape, {done, missed}) {
  const {parts: {map: canvas}, scene} = explorer;
  let corners = []; // CSS pixels
  let mode = 'new';

  const outline = () => {
    if (shape === 'lasso' || corners.length < 2) return corners;
    const [[left, top], [right, bottom]] = [corners[0], corners.at(-1)];
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  };

  return {
    shape,
    isDrawing: () => corners.length > 0,
    // Which keys are down is known from the event, before the press is told.
    listen(signal) {
      canvas.addEventListener('pointerdown', ({shiftKey, altKey}) => {
        mode = altKey ? 'remove' : shiftKey ? 'add' : 'new';
      }, {signal, capture: true});
    },
    down(px, py) {
      corners = [[px, py]];
    },
    move(px, py) {
      const last = corners.at(-1);
      if (last && Math.hypot(px - last[0], py - last[1]) >= LASSO_STEP) corners.push([px, py]);
      explorer.touched();
    },
    up() {
      const drawn = outline();
      corners = [];
      explorer.touched();
      if (drawn.length < 3 || extentOf(drawn) < LASSO_LEAST) return drawn.length ? missed() : undefined;
      const {x, y} = scene.map.projection;
      const {points: {label}, places, state: {hidden}} = explorer;
      const inside = rowsInside(places, drawn.map(([px, py]) => [x(px), y(py)]), n => !hidden.includes(label[n]));
      return done(inside, mode);
    },
    cancel() {
      corners = [];
      explorer.touched();
    },
    draw(context, {theme: {ink, paper}}) {
      if (corners.length < 2) return;
      context.beginPath();
      outline().forEach(([px, py]) => context.lineTo(px, py));
      context.closePath();
      context.globalAlpha = 0.08;
      context.fillStyle = ink;
      context.fill('evenodd');
      context.globalAlpha = 1;
      for (const [colour, line, dashes] of [[paper, 3, []], [ink, 1.5, [5, 4]]]) {
        context.strokeStyle = colour;
        context.lineWidth = line;
        context.setLineDash(dashes);
        context.stroke();
      }
      context.setLineDash([]);
    },
  };
}

// Rows of the places {x, y} inside a polygon [[x, y], ...] that `isShown` picks, in order. Where the line crosses
// itself, what lies inside twice lies outside (the even-odd rule).
export function rowsInside({x, y}, polygon, isShown) {
  const [xs, ys] = [0, 1].map(axis => polygon.map(corner => corner[axis]));
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const rows = [];
  for (let n = 0; n < x.length; n++) {
    if (x[n] < left || x[n] > right || y[n] < bottom || y[n] > top) continue;
    if (isShown(n) && isInPolygon(x[n], y[n], xs, ys)) rows.push(n);
  }
  return rows;
}

// Counts the sides that a line to the right crosses.
function isInPolygon(x, y, xs, ys) {
  let isInside = false;
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
    if (ys[i] > y === ys[j] > y) continue;
    if (x < xs[i] + (y - ys[i]) / (ys[j] - ys[i]) * (xs[j] - xs[i])) isInside = !isInside;
  }
  return isInside;
}

// Rows in order after drawing around some: these alone, these too, or these no more.
export function joinRows(before, rows, mode) {
  if (mode === 'new') return rows;
  const kept = new Set(before);
  for (const row of rows) if (mode === 'add') kept.add(row); else kept.delete(row);
  return [...kept].sort((a, b) => a - b);
}

function extentOf(corners) {
  const [xs, ys] = [0, 1].map(axis => corners.map(corner => corner[axis]));
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}
