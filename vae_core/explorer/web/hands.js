// What mouse, fingers and arrow keys on the map do to the explorer (gestures.js and keyboard.js tell them apart).

import {mixPoints} from './state.js';
import {panView, zoomView} from './view.js';

const RETURN = 200; // milliseconds a peek takes back to the pin
const KEY_STEP = 0.02; // of the map's shorter side
const REACH = 8; // CSS pixels within which a point is meant
const SLACK = 4; // CSS pixels a press may wander and still be a click

export function createHands(explorer) {
  const {scene} = explorer;
  let settlePeek = () => {};
  let from = null; // the state when the hand went down
  let start = null; // where it went down; null once it has become a drag

  const projection = () => scene.map.projection;
  const peekAt = peek => {
    explorer.peek = peek;
    explorer.touched();
  };
  const drop = () => {
    settlePeek();
    explorer.peek = null;
  };
  // The code under a place; dimensions off the map are those of `rest`.
  const under = (px, py, rest) => explorer.chart.move(rest, [projection().x(px), projection().y(py)]);
  // The example under a place: where the map goes from one to the next, whichever is nearest.
  const snapAt = (px, py) => explorer.chart.row?.([projection().x(px), projection().y(py)]);
  const rowAt = (px, py) => snapAt(px, py) ?? explorer.rowAt(px, py, REACH);

  return {
    drop,

    // On a point its whole code is shown, elsewhere the pin's with the place of the pointer.
    hover(px, py) {
      settlePeek();
      const row = explorer.tool ? -1 : rowAt(px, py);
      const isWhole = row >= 0 && explorer.meta.latent > 2;
      peekAt({row, z: isWhole ? explorer.codeOf(row) : under(px, py, explorer.state.z)});
    },

    leave() {
      const {peek} = explorer;
      if (!peek) return;
      settlePeek = scene.loop.glide(RETURN, t => {
        explorer.peek = t < 1 ? {row: -1, z: mixPoints(peek.z, explorer.state.z, t)} : null;
      });
    },

    press(px, py) {
      drop();
      start = [px, py];
      if (explorer.tool) return explorer.tool.down(px, py);
      const row = rowAt(px, py);
      return row >= 0 ? explorer.select(row) : explorer.change({z: under(px, py, from.z)});
    },

    // A drag moves continuously: it does not jump to points on its way.
    drag(px, py) {
      if (explorer.tool) return explorer.tool.move(px, py);
      if (start && Math.hypot(px - start[0], py - start[1]) < SLACK) return undefined;
      start = null;
      return explorer.change({z: under(px, py, from.z), selected: snapAt(px, py) ?? from.selected});
    },

    // The press turned out to be the start of something else.
    undo() {
      if (explorer.tool) return explorer.tool.cancel();
      return explorer.change({z: from.z, selected: from.selected});
    },

    pan: (dx, dy) => explorer.look(panView(projection(), dx, dy)),

    zoom(px, py, factor) {
      const view = zoomView(projection(), px, py, factor, scene.map.fitted);
      if (view === projection().view) return false;
      explorer.look(view);
      return true;
    },

    hold() {
      from = explorer.state;
      explorer.reporter.hold();
    },

    release() {
      if (explorer.tool) explorer.tool.up();
      explorer.reporter.release();
    },

    nudge(right, up) {
      const {chart, state} = explorer;
      const {view, px, py, width, height} = projection();
      const [dx, dy] = [right, up].map(step => step * KEY_STEP * view.span);
      drop();
      if (chart.step) explorer.select(chart.step(state.z, dx, dy));
      else {
        const [x, y] = chart.place(state.z);
        explorer.change({z: chart.move(state.z, [x + dx, y + dy])});
      }
      const place = chart.place(explorer.state.z);
      const outside = (pixel, size) => Math.min(0, size - 20 - pixel) + Math.max(0, 20 - pixel);
      const [panX, panY] = [outside(px(place[0]), width), outside(py(place[1]), height)];
      if (panX || panY) explorer.look(panView(projection(), panX, panY));
    },
  };
}
