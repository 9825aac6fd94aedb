// Small decoded pictures among the page's own surfaces: behind the points, behind the sliders, on the sheet.

import {writePixels} from './picture.js';

// {paint(values, ink) -> canvas of the picture's own size, good until the next paint}. A picture of one channel
// becomes ink on whatever lies below, so that its dark background does not cover the page; one of three is as it is.
export function createTile(shape) {
  const [channels, height, width] = shape;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', {willReadFrequently: true});
  const image = context.createImageData(width, height);
  return {
    paint(values, ink) {
      if (channels === 3) writePixels(values, shape, image.data);
      else for (let i = 0; i < width * height; i++) image.data[4 * i + 3] = 255 * values[i];
      context.globalCompositeOperation = 'source-over';
      context.putImageData(image, 0, 0);
      if (channels === 3) return canvas;
      context.globalCompositeOperation = 'source-in';
      context.fillStyle = ink;
      context.fillRect(0, 0, width, height);
      return canvas;
    },
  };
}

// {width, height} in screen pixels of a picture in a box of `room` by `room` of them: enlarged by a whole number,
// or made smaller where it does not fit.
export function tileSize([, height, width], room) {
  const longer = Math.max(height, width);
  const scale = longer > room ? room / longer : Math.floor(room / longer);
  return {width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale))};
}
