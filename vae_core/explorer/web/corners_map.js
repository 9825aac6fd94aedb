// The corners on the map, and hands on them: the chosen corner is set by a click, any is dragged.

import {CORNER_PLACES} from './corners_state.js';
import {bindGestures} from './gestures.js';
import {drawAnchor, drawHere, strokeLine} from './path_map.js';

const CORNER_REACH = 16; // CSS pixels around a corner within which a hand takes it
const NEAR_EXAMPLE = 8; // and around an example
const LINES_ACROSS = 5; // lines of the square each way, its edges among them
const LINE_PARTS = 16;

// `page` is the CornersPage of corners.js.
export function bindCornersMap(page) {
  const {scene: {map, signal}, chart, parts: {map: canvas}} = page;
  let held = -1; // the corner that follows the hand
  let before = null; // corners before a press that may yet be the start of another gesture

  const placeAt = (px, py) => [map.projection.x(px), map.projection.y(py)];
  const rowAt = (px, py) => page.rowAt(...placeAt(px, py), NEAR_EXAMPLE / map.projection.scale, px, py);
  const cornerAt = (px, py) => {
    const away = page.state.corners.map(({z}) => {
      const [x, y] = chart.place(z);
      return Math.hypot(map.projection.px(x) - px, map.projection.py(y) - py);
    });
    const nearest = away.indexOf(Math.min(...away));
    return away[nearest] <= CORNER_REACH ? nearest : -1;
  };
  const moved = (k, px, py) => ({z: chart.move(page.state.corners[k].z, placeAt(px, py)), row: -1});

  function press(px, py) {
    before = page.state.corners;
    held = cornerAt(px, py);
    if (held >= 0) return page.chooseCorner(held);
    held = page.chosen;
    const row = rowAt(px, py);
    return page.setCorner(held, row >= 0 ? {z: page.codeOf(row), row} : moved(held, px, py));
  }

  function hover(px, py) {
    const isCorner = cornerAt(px, py) >= 0;
    canvas.style.cursor = isCorner ? 'grab' : 'copy';
    const row = isCorner ? -1 : rowAt(px, py);
    page.peekAt(row >= 0 ? {z: page.codeOf(row), row} : null);
  }

  bindGestures(canvas, {
    hover, press,
    drag: (px, py) => page.setCorner(held, moved(held, px, py)),
    release() {
      held = -1;
      page.release();
    },
    leave: () => page.peekAt(null),
    hold: () => page.hold(),
    undo() {
      held = -1;
      page.change({corners: before});
    },
    pan: (dx, dy) => page.pan(dx, dy),
    zoom: (px, py, factor) => page.zoom(px, py, factor),
  }, signal);

  const even = Array.from({length: LINE_PARTS + 1}, (_, k) => k / LINE_PARTS);
  const lines = Array.from({length: LINES_ACROSS}, (_, k) => k / (LINES_ACROSS - 1))
    .flatMap(share => [even.map(along => [along, share]), even.map(along => [share, along])]);

  // Over the points: the square as it lies there, its corners, and where the picture that is seen stands.
  return {
    draw(context, z) {
      const {px, py} = map.projection;
      const spot = code => {
        const [x, y] = chart.place(code);
        return [px(x), py(y)];
      };
      const {square, state} = page;
      for (const line of lines) {
        const isEdge = [0, 1].some(k => line.every(place => place[k] === line[0][k]) && line[0][k] % 1 === 0);
        strokeLine(context, line.map(place => spot(square.at(place))), map.theme.ink, isEdge ? 1.5 : 1, isEdge ? 0.8 : 0.3);
      }
      CORNER_PLACES.forEach((_, k) => drawAnchor(context, spot(state.corners[k].z), k, k === page.chosen, map.theme));
      drawHere(context, spot(z), map.theme);
    },
  };
}
