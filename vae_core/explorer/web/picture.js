// The decoded picture, at its own size on the canvas and enlarged by whole screen pixels.

// Writes one picture (C * H * W values in [0, 1], channel by channel) as RGBA; clamping is the array's own.
export function writePixels(values, [channels, height, width], target) {
  const size = height * width;
  const [green, blue] = channels === 3 ? [size, 2 * size] : [0, 0];
  for (let i = 0; i < size; i++) {
    target[4 * i] = 255 * values[i];
    target[4 * i + 1] = 255 * values[green + i];
    target[4 * i + 2] = 255 * values[blue + i];
    target[4 * i + 3] = 255;
  }
}

// CSS pixels by which one picture pixel is enlarged: whole screen pixels, unless that wastes a fifth of the room.
export function pixelScale([, height, width], room, density) {
  const most = room / Math.max(height, width);
  const whole = Math.floor(most * density) / density;
  return whole >= 0.8 * most ? whole : most;
}

// {draw(values), fit(room)}
export function createPicture(canvas, shape) {
  const [, height, width] = shape;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', {willReadFrequently: true}); // pixels come from memory
  const image = context.createImageData(width, height);
  return {
    draw(values) {
      writePixels(values, shape, image.data);
      context.putImageData(image, 0, 0);
    },
    fit(room) {
      const scale = pixelScale(shape, room, devicePixelRatio);
      canvas.style.width = `${width * scale}px`;
      canvas.style.height = `${height * scale}px`;
    },
  };
}
