// Pictures of the encoded examples, as they travel in the extras.

import {writePixels} from './picture.js';

// readThumbs(extras or null) -> {count, shape [C, h, w], factor, values(row) -> Float32Array in [0, 1],
// canvas(row) -> OffscreenCanvas}; null where no pictures have come. `factor`: whole number by which each side was
// averaged down. Canvases are kept; do not draw on them.
export function readThumbs(extras) {
  const tensor = extras?.tensors.thumbs;
  if (!tensor) return null;
  const [count, ...shape] = tensor.shape;
  const size = shape.reduce((product, n) => product * n, 1);
  const made = new Map();
  const values = row => Float32Array.from(tensor.data.subarray(row * size, (row + 1) * size), value => value / 255);
  const canvas = row => {
    if (!made.has(row)) made.set(row, paintPixels(values(row), shape));
    return made.get(row);
  };
  return {count, shape, factor: extras.meta.factor, values, canvas};
}

// A canvas of the picture's own size, from C * H * W values in [0, 1].
export function paintPixels(values, shape) {
  const [, height, width] = shape;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  writePixels(values, shape, image.data);
  context.putImageData(image, 0, 0);
  return canvas;
}
