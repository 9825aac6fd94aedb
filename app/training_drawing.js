// What the picture of a training is drawn with. No state, no knowledge of trainings.

// [context, width, height] in CSS pixels, cleared, sharp on dense screens.
function sized(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const dense = devicePixelRatio || 1;
  const wanted = [Math.round(width * dense), Math.round(height * dense)];
  if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) [canvas.width, canvas.height] = wanted;
  const context = canvas.getContext('2d');
  context.setTransform(dense, 0, 0, dense, 0, 0);
  context.clearRect(0, 0, width, height);
  return [context, width, height];
}

function trace(context, [steps, values], x, y, width, alpha) {
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.lineJoin = 'round';
  context.beginPath();
  steps.forEach((step, i) => context.lineTo(x(step), y(values[i])));
  context.stroke();
  context.globalAlpha = 1;
}

// Half a side of the square that holds nearly all points.
function spanOf(places) {
  const sizes = Float32Array.from(places, Math.abs).sort();
  return Math.max(0.5, (sizes[Math.floor(sizes.length * 0.99)] ?? 3) * 1.15);
}

// What a curve covers; `share` below 1 lets its highest values, a first plunge, leave the frame.
function rangeOf(values, share) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!sorted.length) return [0, 1];
  const [low, high] = [sorted[0], sorted[Math.floor((sorted.length - 1) * share)]];
  const margin = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 0.05);
  return [low - margin, high + margin];
}

function ticks(low, high) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const list = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) list.push(Number(tick.toPrecision(6)));
  return list;
}

// A row of pictures (K, C, H, W), one pixel each, with a gap of one; the style sheet enlarges them.
function drawPictures(canvas, pictures) {
  if (!pictures) return;
  const [count, channels, height, width] = pictures.shape;
  const gap = Math.max(1, Math.round(width / 10));
  canvas.width = count * (width + gap) - gap;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const plane = height * width;
  for (let k = 0; k < count; k++) {
    const image = context.createImageData(width, height);
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = pictures[(k * channels + Math.min(c, channels - 1)) * plane + i];
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, k * (width + gap), 0);
  }
}

// A number in [0, 1) for a point that needs a second coordinate, the same every time.
function scatter(i) {
  return (i * 0.6180339887) % 1;
}

// Of a colour "rgb(r, g, b)", from 0 to 1.
function lightness(colour) {
  const parts = colour.match(/[\d.]+/g).map(Number);
  return (parts[0] + parts[1] + parts[2]) / 765;
}
