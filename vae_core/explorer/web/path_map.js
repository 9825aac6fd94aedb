// The path on the map, and hands on it: anchors are set, dragged and drawn there.

import {bindGestures} from './gestures.js';
import {cividis} from './path_colours.js';
import {PATH_ANCHORS} from './path_state.js';

const ANCHOR_REACH = 16; // CSS pixels around an anchor within which a hand takes it
const EXAMPLE_REACH = 8; // and around an example
const ANCHOR_RADIUS = 10;
const LINE_PLACES = 120; // places of the line
const FULL = 2 * Math.PI;
const SHORTEST = 12; // CSS pixels of a stroke, below which it was none

// `page` is the PathPage of path.js.
export function bindPathMap(page) {
  const {scene: {map, signal}, parts: {map: canvas}} = page;
  let held = null; // {anchor} that follows the hand, or {stroke}
  let before = null; // anchors before a press that may yet be the start of another gesture

  const placeAt = (px, py) => [map.projection.x(px), map.projection.y(py)];
  const anchorAt = (px, py) => {
    const away = page.state.anchors.map(({z}) => {
      const [x, y] = page.chart.place(z);
      return Math.hypot(map.projection.px(x) - px, map.projection.py(y) - py);
    });
    const nearest = away.indexOf(Math.min(...away));
    return away[nearest] <= ANCHOR_REACH ? nearest : -1;
  };
  const rowAt = (px, py) => page.rowAt(...placeAt(px, py), EXAMPLE_REACH / map.projection.scale, px, py);
  // The example there, else the code: across the map it stays as in `z`.
  const anchorFrom = (px, py, z) => {
    const row = rowAt(px, py);
    return row >= 0 ? {z: page.codeOf(row), row} : {z: page.chart.move(z, placeAt(px, py)), row: -1};
  };

  function press(px, py) {
    before = page.state;
    if (page.isDrawing) {
      held = {stroke: [[px, py]]};
      return page.touched();
    }
    const found = anchorAt(px, py);
    if (found >= 0) {
      held = {anchor: found};
      return page.grab(found);
    }
    const {anchors} = page.state;
    if (anchors.length >= PATH_ANCHORS[1]) return page.say('Eight anchors are the most. Remove one first.');
    page.change({anchors: [...anchors, anchorFrom(px, py, anchors.at(-1).z)]});
    held = {anchor: anchors.length};
    return page.grab(anchors.length);
  }

  function drag(px, py) {
    if (held?.stroke) {
      held.stroke.push([px, py]);
      return page.touched();
    }
    const {anchors} = page.state;
    if (!anchors[held?.anchor]) return undefined; // it may have been removed by a key meanwhile
    const moved = {z: page.chart.move(anchors[held.anchor].z, placeAt(px, py)), row: -1};
    return page.change({anchors: anchors.map((anchor, k) => (k === held.anchor ? moved : anchor))});
  }

  function release() {
    if (held?.stroke) takeStroke(held.stroke);
    held = null;
    page.release();
  }

  function takeStroke(pixels) {
    const [first, last] = [pixels[0], pixels.at(-1)];
    const length = pixels.slice(1).reduce((sum, [x, y], k) => sum + Math.hypot(x - pixels[k][0], y - pixels[k][1]), 0);
    if (length < SHORTEST || Math.hypot(last[0] - first[0], last[1] - first[1]) < SHORTEST) {
      return page.say('Draw from one place on the map to another.');
    }
    const base = page.state.anchors[0].z;
    const ends = [first, last].map(place => anchorFrom(...place, base));
    return page.takeStroke(pixels.map(([px, py]) => placeAt(px, py)), ends);
  }

  function hover(px, py) {
    canvas.style.cursor = page.isDrawing ? 'crosshair' : anchorAt(px, py) >= 0 ? 'grab' : 'copy';
    const row = page.isDrawing || anchorAt(px, py) >= 0 ? -1 : rowAt(px, py);
    page.peekAt(row >= 0 ? {z: page.codeOf(row), row} : null);
  }

  bindGestures(canvas, {
    hover, press, drag, release,
    leave: () => page.peekAt(null),
    hold: () => page.hold(),
    undo() {
      held = null;
      page.change({anchors: before.anchors, kind: before.kind, at: before.at});
    },
    pan: (dx, dy) => page.pan(dx, dy),
    zoom: (px, py, factor) => page.zoom(px, py, factor),
    isBusy: () => page.isDrawing,
  }, signal);

  return {
    // Over the points: the way, its frames by their support, the anchors, a stroke under the hand, and where the picture
    // that is seen stands.
    draw(context, z) {
      const {px, py} = map.projection;
      const spot = z => {
        const [x, y] = page.chart.place(z);
        return [px(x), py(y)];
      };
      const {state, frames: {main, rows}} = page;
      const whole = Array.from({length: LINE_PLACES + 1}, (_, k) => spot(main.curve(k / LINE_PLACES)));
      for (const row of rows.slice(1)) {
        strokeLine(context, Array.from({length: LINE_PLACES + 1}, (_, k) => spot(row.curve(k / LINE_PLACES))), map.theme.ink, 1, 0.5);
      }
      strokeLine(context, whole, map.theme.paper, 6, 0.85);
      strokeLine(context, whole, map.theme.ink, 2, 1);
      main.codes.forEach((z, k) => drawFrame(context, spot(z), main, k, map.theme));
      if (held?.stroke) strokeLine(context, held.stroke, map.theme.latent, 3, 1);
      else state.anchors.forEach(({z}, k) => drawAnchor(context, spot(z), k, k === held?.anchor, map.theme));
      drawHere(context, spot(z), map.theme);
    },
  };
}

export function strokeLine(context, places, colour, width, opacity) {
  context.globalAlpha = opacity;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = context.lineCap = 'round';
  context.beginPath();
  places.forEach(([x, y]) => context.lineTo(x, y));
  context.stroke();
  context.globalAlpha = 1;
}

function drawFrame(context, [x, y], row, k, theme) {
  const found = row.standing[k];
  const isBeyond = row.shares[k] < 0 || row.shares[k] > 1;
  context.beginPath();
  context.arc(x, y, 4, 0, FULL);
  context.globalAlpha = isBeyond ? 0.4 : 1;
  context.fillStyle = found ? cividis(found.support) : theme.paper;
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.25;
  context.fill();
  context.stroke();
  context.globalAlpha = 1;
}

// A ring that leaves room for an anchor's number.
export function drawHere(context, [x, y], theme) {
  for (const [colour, width] of [[theme.paper, 6], [theme.latent, 3]]) {
    context.beginPath();
    context.arc(x, y, ANCHOR_RADIUS + 5, 0, FULL);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}

export function drawAnchor(context, [x, y], k, isHeld, theme) {
  context.beginPath();
  context.arc(x, y, ANCHOR_RADIUS + (isHeld ? 2 : 0), 0, FULL);
  context.fillStyle = theme.latent;
  context.strokeStyle = theme.paper;
  context.lineWidth = 2.5;
  context.fill();
  context.stroke();
  context.fillStyle = '#fff';
  context.font = `700 12px ${theme.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(String(k + 1), x, y + 0.5);
}
