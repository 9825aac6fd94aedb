// What stages of a step are drawn with: elements, marked words, pictures of numbers, curves. Colours are those of
// the style sheet, or shades that are seen on light paper and on dark.

const SPACE = 'http://www.w3.org/2000/svg';
const SIGNS = { plus: [123, 97, 201], minus: [190, 135, 20] }; // neither is the colour of a quantity
const COST = [213, 94, 0];

function node(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}

// An element of a drawing; children that are text become its words.
function shape(tag, attributes, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function drawing(width, height, label, ...children) {
  return shape('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }, ...children);
}

// "{z:μ} = 1" -> elements; x, z, d, r, b are colours, sub and sup are small. Everything is text.
function marked(text, tag = 'span', name = '') {
  const made = node(tag, name);
  for (const part of text.split(/(\{\w+:[^}]*\})/)) {
    const found = /^\{(\w+):([^}]*)\}$/.exec(part);
    if (!found) made.append(part);
    else if (found[1] === 'sub' || found[1] === 'sup') made.append(node(found[1], '', found[2]));
    else made.append(node('i', `is-${found[1]}`, found[2]));
  }
  return made;
}

function fixed(value, digits = 2) {
  const text = value.toFixed(digits).replace('-', '−');
  return /^−0\.?0*$/.test(text) ? text.slice(1) : text;
}

// With as many digits as are of use: 0.0031, 1.2·10⁻⁵.
function brief(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 0.001 && size < 10000) return fixed(value, size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4);
  const power = Math.floor(Math.log10(size));
  return `${fixed(value / 10 ** power, 1)} · 10{sup:${String(power).replace('-', '−')}}`;
}

// "₁₂" for 12: where words of a drawing name a dimension.
function below(number) {
  return String(number).replace(/\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'[digit]);
}

// As a factor in a product.
function factor(text) {
  return text.startsWith('−') ? `(${text})` : text;
}

// With three digits that count, and none that says nothing: 1, 0.25, 30.
function plainly(value) {
  const rounded = Number(value.toPrecision(3));
  return rounded !== 0 && Math.abs(rounded) < 0.001 ? brief(value) : String(rounded).replace('-', '−');
}

function whole(value) {
  return value.toLocaleString('en');
}

// The largest of them all, in whatever depth.
function largest(values) {
  return values.flat(Infinity).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

// (H, W) or (1 or 3, H, W) numbers -> a canvas of as many pixels, each as `paint` says: [r, g, b, a].
function pixels(label, values, paint) {
  const planes = Array.isArray(values[0][0]) ? values : [values];
  const [height, width] = [planes[0].length, planes[0][0].length];
  const canvas = node('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) image.data.set(paint(...planes.map((plane) => plane[y][x])), 4 * (y * width + x));
  }
  context.putImageData(image, 0, 0);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

function photo(label, values) {
  return pixels(label, values, (...rgb) => [0, 1, 2].map((c) => 255 * (rgb[c] ?? rgb[0])).concat(255));
}

// More of it is more orange.
function heat(label, values) {
  const all = values.flat();
  const [low, high] = [Math.min(...all, 0), Math.max(...all)];
  return pixels(label, values, (value) => [...COST, 255 * (high > low ? (value - low) / (high - low) : 0)]);
}

// Of either sign: violet above 0, gold below.
function signed(label, values, most = largest(values)) {
  return pixels(label, values, (value) => shade(value, most));
}

function shade(value, most) {
  const share = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
  return [...(value < 0 ? SIGNS.minus : SIGNS.plus), 255 * share];
}

function titled(caption, ...children) {
  return node('figure', '', ...children, marked(caption, 'figcaption'));
}

function arrow() {
  const made = node('span', 'arrow', '→');
  made.setAttribute('aria-hidden', 'true');
  return made;
}

// Height of the standard normal's curve, 1 at its top.
function bell(x) {
  return Math.exp(-0.5 * x * x);
}

// A bell around `mu` as wide as `sigma`, its top `height` above `base`; x from -4 to 4 becomes 0 to `width`.
function bellPath(mu, sigma, width, base, height) {
  const points = [];
  for (let k = -40; k <= 40; k++) {
    const at = mu + sigma * k / 10;
    points.push(`${((at + 4) / 8 * width).toFixed(1)},${(base - height * bell(k / 10)).toFixed(1)}`);
  }
  return `M${points.join('L')}Z`;
}

// A bar from 0 at `zero` to `value`, as long as `scale` says.
function bar(name, value, zero, y, thickness, scale) {
  const length = value * scale;
  return shape('rect', {
    class: name, x: Math.min(zero, zero + length), y, width: Math.max(Math.abs(length), 0.75), height: thickness, rx: 1,
  });
}

// Dimensions of the highest rate of a picture, `count` of them at most, ascending.
function busiest(rates, count) {
  const order = rates.map((_, k) => k).sort((a, b) => rates[b] - rates[a] || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}
