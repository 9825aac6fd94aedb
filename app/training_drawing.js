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

// How far the points (N, width) spread: their standard deviation along the wider dimension.
function spreadOf(points, width) {
  const count = points.length / width;
  let widest = 0;
  for (let j = 0; j < width; j++) {
    let [sum, squares] = [0, 0];
    for (let i = j; i < points.length; i += width) sum += points[i];
    for (let i = j; i < points.length; i += width) squares += (points[i] - sum / count) ** 2;
    widest = Math.max(widest, Math.sqrt(squares / count));
  }
  return widest;
}

// Half a side of the square that holds all points but some far off; that of the prior where nothing is spread out.
function spanOf(places, isCollapsed) {
  if (isCollapsed) return 3;
  const sizes = Float32Array.from(places, Math.abs).sort();
  const usual = sizes[Math.floor(sizes.length * 0.99)] ?? 3;
  return Math.max(0.5, Math.min((sizes.at(-1) ?? 3) * 1.06, usual * 1.5));
}

// The middle of each class that has points: [{k, x, y}], and the share of the points' variance that lies
// between these middles, from 0 (classes on top of each other) to 1. `places` are (N, 2).
function classMiddles(places, classes, names) {
  const middles = Array.from({ length: names }, (_, k) => ({ k, x: 0, y: 0, count: 0 }));
  const whole = { x: 0, y: 0, count: 0 };
  const each = (visit) => classes.forEach((k, i) => middles[k] && visit(middles[k], places[2 * i], places[2 * i + 1]));
  each((middle, x, y) => {
    for (const group of [middle, whole]) {
      group.count += 1;
      group.x += (x - group.x) / group.count;
      group.y += (y - group.y) / group.count;
    }
  });
  let [total, between] = [0, 0];
  each((middle, x, y) => {
    total += (x - whole.x) ** 2 + (y - whole.y) ** 2;
    between += (middle.x - whole.x) ** 2 + (middle.y - whole.y) ** 2;
  });
  return { middles: middles.filter(({ count }) => count), share: total > 0 ? between / total : 0 };
}

// Those of the boxes {x, y, width, height} around their middles that overlap none kept before.
function apart(boxes) {
  const kept = [];
  for (const box of boxes) {
    const meets = (other) => Math.abs(box.x - other.x) < (box.width + other.width) / 2
      && Math.abs(box.y - other.y) < (box.height + other.height) / 2;
    if (!kept.some(meets)) kept.push(box);
  }
  return kept;
}

const SOON = 500; // steps within sight from the start

// How many steps the curves show: all, or while that would squeeze them a half, a quarter ... of all.
function reachOf(step, total) {
  let reach = total;
  while (step < reach / 2 && reach >= 2 * SOON) reach /= 2;
  return reach;
}

// What a curve covers: its last value always; of the highest twentieth, a first plunge or a spike, no more
// than `room` times the height of the rest.
function rangeOf(values, last, room) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!sorted.length) return [0, 1];
  const usual = sorted[Math.floor((sorted.length - 1) * 0.95)];
  const limit = usual + room * (usual - sorted[0]);
  const low = Math.min(sorted[0], last);
  const high = Math.max(sorted.findLast((value) => value <= limit), last);
  const margin = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 0.05);
  return [low - margin, high + margin];
}

// Round numbers within the range, two at least.
function ticks(low, high) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  let list = [];
  for (const step of [10, 5, 2, 1, 0.5].map((n) => n * power).filter((step, i, all) => !(all[i + 1] >= rough))) {
    list = [];
    for (let n = Math.ceil(low / step); n * step <= high; n++) list.push(Number((n * step).toPrecision(6)));
    if (list.length > 1) break;
  }
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
