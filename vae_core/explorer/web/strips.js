// Behind each slider, what its dimension does: pictures decoded along it, the rest of z as at the pin. Made anew when
// the hand rests, a few at a time.

import {element} from './layout.js';
import {createSlices} from './slices.js';
import {createTile, tileSize} from './tiles.js';

const THUMB = 16; // CSS pixels of a slider's thumb: its middle stays half of them within the slider
const STEP = 2; // CSS pixels between pictures at least

export function createStrips(explorer) {
  if (explorer.hide.includes('strips')) return {};
  const {scene, meta} = explorer;
  const tile = createTile(meta.shape);
  const slices = createSlices();
  let strips = null; // one for each dimension, once there are sliders
  let cells = []; // pictures that are still to be made
  let isStale = true;
  explorer.parts.side.classList.add('ls-filmed');

  const sizes = new ResizeObserver(() => {
    isStale = true;
    scene.loop.ask();
  });
  const begin = () => {
    strips = explorer.sliders.rows.map(({input}) => addStrip(input));
    sizes.observe(explorer.sliders.node);
  };
  const plan = () => {
    isStale = false;
    const {ink} = scene.map.theme;
    cells = strips.flatMap((strip, d) => strip.plan(explorer.state, d, ink, meta.shape, tile));
  };

  return {
    changed() { isStale = true; },
    themed() { isStale = true; },
    rested() { if (isStale) scene.loop.ask(); },
    draw() {
      if (!strips) begin();
      if (!scene.decoder || explorer.reporter.isHeld()) return;
      if (explorer.isResting()) {
        if (isStale) plan();
        slices.work(scene.decoder, cells);
      }
      if (isStale || cells.length) scene.loop.ask();
    },
    stop: () => sizes.disconnect(),
  };
}

function addStrip(input) {
  const canvas = element('canvas', 'ls-strip', {ariaHidden: 'true'});
  canvas.dataset.panel = 'strips';
  input.before(canvas);
  let made = ''; // for what its pictures were made
  let laid = ''; // for what size

  return {
    // Cells for slices.js: nothing where the slider is folded away or its pictures are as they should be.
    plan({z, beta}, d, ink, shape, tile) {
      const {clientWidth, clientHeight} = input;
      const density = devicePixelRatio;
      const [low, high] = [input.min, input.max].map(Number);
      const others = z.map((value, k) => (k === d ? 0 : Math.round(1e4 * value)));
      const layout = `${clientWidth} ${clientHeight} ${density}`;
      const key = `${layout} ${low} ${high} ${ink} ${others} ${beta}`;
      if (!clientWidth || !input.checkVisibility() || key === made) return [];
      made = '';
      if (layout !== laid) Object.assign(canvas, {width: clientWidth * density, height: clientHeight * density});
      laid = layout;
      const {width, height} = tileSize(shape, clientHeight * density);
      const values = stripValues(clientWidth, (width / density) + STEP, low, high);
      return values.map(({at, value}, n) => ({
        z: z.map((old, k) => (k === d ? value : old)),
        put(pixels) {
          const context = canvas.getContext('2d');
          const left = Math.round(at * density - width / 2);
          context.imageSmoothingEnabled = width < shape[2];
          context.clearRect(left, 0, width, canvas.height);
          context.drawImage(tile.paint(pixels, ink), left, Math.round((canvas.height - height) / 2), width, height);
          if (n === values.length - 1) made = key;
        },
      }));
    },
  };
}

// [{at (CSS pixels from the left), value}]: as many pictures `wide` as fit a slider of `room`, evenly spread, each with
// the value at which the thumb's middle stands before the picture's.
export function stripValues(room, wide, low, high) {
  const count = Math.max(1, Math.floor(room / wide));
  return Array.from({length: count}, (_, n) => {
    const at = (n + 0.5) * room / count;
    const share = Math.min(1, Math.max(0, (at - THUMB / 2) / (room - THUMB)));
    return {at, value: low + share * (high - low)};
  });
}
