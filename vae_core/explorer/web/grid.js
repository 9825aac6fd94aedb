// Decoded pictures behind the points: what every place of the map looks like. Made a few at a time.

import {createSlices} from './slices.js';
import {createTile} from './tiles.js';

const GAP = 6; // CSS pixels between pictures
const FAINT = 0.5; // so that the points stay in front

// plan(map, z, chart, beta) starts over when it is about others; work(decoder) makes the next few and says whether there
// are more; draw(context, projection) puts them where they belong, also while the view moves on.
export function createGrid(shape) {
  const [, height, width] = shape;
  const sheet = new OffscreenCanvas(1, 1);
  const tile = createTile(shape);
  const slices = createSlices();
  const side = cellSize(Math.max(height, width));
  let plan = null;

  function stamp(values, [atX, atY]) {
    const {density} = plan.map;
    const [w, h] = [width, height].map(length => (side - GAP) * density * length / Math.max(height, width));
    const target = sheet.getContext('2d');
    target.imageSmoothingEnabled = w < width;
    target.drawImage(tile.paint(values, plan.map.theme.ink), Math.round(atX * density - w / 2), Math.round(atY * density - h / 2), w, h);
  }

  return {
    plan(map, z, chart, beta) {
      const {view, width: across, height: down} = map.projection;
      const rest = chart.move(z, [0, 0]).map(value => Math.round(1000 * value)); // moving there and back leaves a trace
      const key = JSON.stringify([view, across, down, map.density, map.theme.ink, chart.name, chart.axes, rest, beta]);
      if (plan?.key === key) return;
      const {x, y} = map.projection;
      const cell = ([px, py]) => ({z: chart.move(z, [x(px), y(py)]), put: values => stamp(values, [px, py])});
      plan = {key, map, projection: map.projection, cells: layCells(map, chart.axes, side).map(cell)};
      sheet.width = map.width * map.density;
      sheet.height = map.height * map.density;
    },
    work(decoder) {
      return slices.work(decoder, plan.cells);
    },
    draw(context, {px, py, scale}) {
      if (!plan) return;
      const {projection: old, map} = plan;
      const growth = scale / old.scale;
      context.globalAlpha = FAINT;
      context.drawImage(sheet, px(old.x(0)), py(old.y(0)), map.width * growth, map.height * growth);
      context.globalAlpha = 1;
    },
  };
}

// CSS pixels of a cell's longer side: near 48, and a whole multiple of the picture where that is possible.
function cellSize(pixels) {
  return GAP + (pixels > 72 ? 64 : Math.max(1, Math.round(44 / pixels)) * pixels);
}

// Middles of the cells in pixels, from the middle of the map outwards; with one axis a single row.
function layCells({width, height}, axes, side) {
  const places = length => {
    const count = Math.ceil(length / side);
    return Array.from({length: count}, (_, k) => length / 2 + (k - (count - 1) / 2) * side);
  };
  const rows = axes.length !== 1 ? places(height) : [height - side];
  const cells = rows.flatMap(y => places(width).map(x => [x, y]));
  const far = ([x, y]) => Math.hypot(x - width / 2, y - height / 2);
  return cells.sort((a, b) => far(a) - far(b));
}
