// What mouse, fingers and arrow keys on the map do to the explorer (gestures.js and keyboard.js tell them apart).

import {mixPoints} from './state.js';
import {panInto, panView, zoomView} from './view.js';

const PASSING = 60; // milliseconds; a pointer that goes farther than REACH within them does not stop at points

const RETURN = 200; // milliseconds a peek takes back to the pin
const KEY_STEP = 0.02; // of the map's shorter side
const REACH = 8; // CSS pixels within which a point is meant
const SLACK = 4; // CSS pixels a press may wander and still be a click

export function createHands(explorer) {
  const {scene} = explorer;
  let settlePeek = () => {};
  let pause = 0; // timer of a pointer that may have come to rest
  let last = {px: 0, py: 0, at: -Infinity}; // where it was
  let from = null; // the state when the hand went down, null without a press that is going on
  let start = null; // where it went down; null once it has become a drag

  const projection = () => scene.map.projection;
  const peekAt = peek => {
    explorer.peek = peek;
    explorer.touched();
  };
  const drop = () => {
    clearTimeout(pause);
    settlePeek();
    explorer.peek = null;
  };
  // The code under a place; dimensions off the map are those of `rest`.
  const under = (px, py, rest) => explorer.chart.move(rest, [projection().x(px), projection().y(py)]);
  // The example under a place: where the map goes from one to the next, whichever is nearest.
  const snapAt = (px, py) => explorer.chart.row?.([projection().x(px), projection().y(py)]);
  const rowAt = (px, py) => snapAt(px, py) ?? explorer.rowAt(px, py, REACH);

  // On a point its whole code is shown, elsewhere the pin's with the place of the pointer.
  const peekUnder = (px, py, isPassing) => {
    clearTimeout(pause);
    settlePeek();
    const row = explorer.tool || isPassing ? -1 : rowAt(px, py);
    const isWhole = row >= 0 && explorer.meta.latent > 2;
    peekAt({row, z: isWhole ? explorer.codeOf(row) : under(px, py, explorer.state.z)});
    if (isPassing) pause = setTimeout(() => peekUnder(px, py, false), PASSING);
  };

  // Pans as far as the pin needs to be seen.
  const reveal = () => {
    if (!projection()) return;
    const view = panInto(projection(), explorer.chart.place(explorer.state.z));
    if (view !== projection().view) explorer.look(view);
  };

  // Takes a press back and ignores the rest of it; true if there was one.
  const cancel = () => {
    if (!from) return false;
    explorer.change({z: from.z, selected: from.selected});
    from = null;
    return true;
  };

  return {
    drop,
    reveal,

    // A pointer that sweeps over the points moves smoothly on; the codes off the map would leap at each of them.
    hover(px, py) {
      const at = performance.now();
      const isPassing = at - last.at < PASSING && Math.hypot(px - last.px, py - last.py) > REACH;
      last = {px, py, at};
      peekUnder(px, py, isPassing);
    },

    isBusy: () => explorer.tool !== null,

    leave() {
      const {peek} = explorer;
      clearTimeout(pause);
      if (!peek) return;
      settlePeek = scene.loop.glide(RETURN, t => {
        explorer.peek = t < 1 ? {row: -1, z: mixPoints(peek.z, explorer.state.z, t)} : null;
      });
    },

    press(px, py) {
      drop();
      start = [px, py];
      if (explorer.tool) return explorer.tool.down(px, py);
      from = explorer.state;
      const row = rowAt(px, py);
      return row >= 0 ? explorer.select(row) : explorer.change({z: under(px, py, from.z)});
    },

    // A drag moves continuously: it does not jump to points on its way.
    drag(px, py) {
      if (explorer.tool) return explorer.tool.move(px, py);
      if (!from) return undefined;
      if (start && Math.hypot(px - start[0], py - start[1]) < SLACK) return undefined;
      start = null;
      return explorer.change({z: under(px, py, from.z), selected: snapAt(px, py) ?? from.selected});
    },

    // The press turned out to be the start of something else.
    undo() {
      if (explorer.tool) explorer.tool.cancel();
      else cancel();
    },

    pan: (dx, dy) => explorer.look(panView(projection(), dx, dy)),

    zoom(px, py, factor) {
      const view = zoomView(projection(), px, py, factor, scene.map.fitted);
      if (view === projection().view) return false;
      explorer.look(view);
      return true;
    },

    cancel,

    hold() {
      explorer.depart();
      explorer.reporter.hold();
    },

    release() {
      if (explorer.tool) explorer.tool.up();
      from = null;
      explorer.reporter.release();
    },

    nudge(right, up) {
      const {chart, state} = explorer;
      const [dx, dy] = [right, up].map(step => step * KEY_STEP * projection().view.span);
      explorer.arrive();
      drop();
      if (chart.step) explorer.select(chart.step(state.z, dx, dy));
      else {
        const [x, y] = chart.place(state.z);
        explorer.change({z: chart.move(state.z, [x + dx, y + dy])});
      }
      reveal();
    },
  };
}
