// Decoded pictures behind the points: what every place of the map looks like. Made a few at a time.

import {writePixels} from './picture.js';

const GAP = 6; // CSS pixels between pictures
const FAINT = 0.5; // so that the points stay in front
const BATCH_TIME = 3; // milliseconds aimed at, so that a slice stays below four

// plan(key, map, z, chart) starts over when the key is new; work(decoder) makes the next few and says whether there
// are more; draw(context, projection) puts them where they belong, also while the view moves on.
export function createGrid(shape) {
  const [channels, height, width] = shape;
  const sheet = new OffscreenCanvas(1, 1);
  const tile = new OffscreenCanvas(width, height);
  const side = cellSize(Math.max(height, width));
  let plan = null;
  let batch = 1;

  function stamp(values, [atX, atY]) {
    const {density} = plan.map;
    const context = tile.getContext('2d', {willReadFrequently: true});
    const image = context.createImageData(width, height);
    if (channels === 3) writePixels(values, shape, image.data);
    else for (let i = 0; i < width * height; i++) image.data[4 * i + 3] = 255 * values[i];
    context.putImageData(image, 0, 0);
    if (channels !== 3) tint(context, plan.map.theme.ink, width, height);
    const [w, h] = [width, height].map(length => (side - GAP) * density * length / Math.max(height, width));
    const target = sheet.getContext('2d');
    target.imageSmoothingEnabled = w < width;
    target.drawImage(tile, Math.round(atX * density - w / 2), Math.round(atY * density - h / 2), w, h);
  }

  return {
    plan(key, map, z, chart) {
      if (plan?.key === key) return;
      plan = {key, map, z, chart, projection: map.projection, cells: layCells(map, chart.axes, side)};
      sheet.width = map.width * map.density;
      sheet.height = map.height * map.density;
    },
    work(decoder) {
      if (!plan.cells.length) return false;
      const start = performance.now();
      const cells = plan.cells.splice(0, batch);
      const {x, y} = plan.projection;
      const Z = cells.flatMap(([px, py]) => plan.chart.move(plan.z, [x(px), y(py)]));
      const values = decoder.decode(Float32Array.from(Z));
      cells.forEach((cell, n) => stamp(values.subarray(n * decoder.size, (n + 1) * decoder.size), cell));
      const share = BATCH_TIME / Math.max(0.1, performance.now() - start);
      batch = Math.max(1, Math.min(2 * batch, Math.floor(batch * share)));
      return plan.cells.length > 0;
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

// One channel becomes ink on the map's paper, so that a dark background does not cover it.
function tint(context, ink, width, height) {
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = ink;
  context.fillRect(0, 0, width, height);
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
