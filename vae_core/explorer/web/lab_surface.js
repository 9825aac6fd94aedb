// What the views of the beta lab share: sections beside the dial, canvases that know their size and whether they are
// seen, colours, and the way to another beta.

import {element} from './layout.js';

const LAB_GLIDE = 240; // milliseconds
const LAB_CALM = 90; // milliseconds between two texts while the dial moves, so that they can be read
export const LAB_COLOURS = {rate: '#0072B2', distortion: '#D55E00', beta: '#CC79A7', latent: '#009E73'};

// Whether this explorer shows the lab's view of that name.
export function hasLabView({parts, meta, hide}, name) {
  return Boolean(parts.lab && meta.dial) && !hide.includes(name);
}

// A section of the lab, in its place on the page.
export function addLabSection({parts}, name, title, ...children) {
  const head = element('header', '', {}, element('h3', '', {textContent: title}));
  const node = element('section', `ls-lab-view ls-lab-${name}`, {ariaLabel: title}, head, ...children);
  node.dataset.panel = name;
  parts.lab.append(node);
  return {node, head};
}

// "1.00", "0.010", "31.6": three figures that matter.
export function formatBeta(beta) {
  return beta >= 100 ? beta.toFixed(0) : beta >= 10 ? beta.toFixed(1) : beta >= 0.1 ? beta.toFixed(2) : beta.toPrecision(2);
}

// Nats or bits with one decimal and a real minus: the distortion of densities is often below 0.
export const formatLab = value => value.toFixed(1).replace('-', '−');

// Lets a canvas fill its box: {width, height, context, begin() -> context scaled to CSS pixels and empty,
// isDue(isResting)}.
// `changed()` is called when it has another size or comes into sight. What is out of sight waits until hands are off.
export function createSurface(canvas, changed, signal) {
  const context = canvas.getContext('2d');
  const surface = {width: 0, height: 0, density: 1, context};
  let isNear = true;
  surface.isDue = isResting => (isNear || isResting) && surface.width > 0 && surface.height > 0;
  surface.begin = () => {
    context.setTransform(surface.density, 0, 0, surface.density, 0, 0);
    context.clearRect(0, 0, surface.width, surface.height);
    return context;
  };
  const sizes = new ResizeObserver(() => {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === surface.width && height === surface.height && surface.density === devicePixelRatio) return;
    Object.assign(surface, {width, height, density: devicePixelRatio});
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    changed();
  });
  const sight = new IntersectionObserver(entries => {
    isNear = entries.at(-1).isIntersecting;
    if (isNear) changed();
  }, {rootMargin: '100px'});
  sizes.observe(canvas);
  sight.observe(canvas);
  signal.addEventListener('abort', () => {
    sizes.disconnect();
    sight.disconnect();
  });
  return surface;
}

// Glides to a beta, or stands there at once; a new gesture of hand or key.
export function turnLabTo(explorer, beta) {
  const {low, high} = explorer.meta.dial;
  const wanted = Math.min(high, Math.max(low, beta));
  explorer.depart();
  const [from, to] = [explorer.beta, wanted].map(Math.log);
  explorer.arrive = explorer.scene.loop.glide(LAB_GLIDE, t => {
    explorer.change({beta: t < 1 ? Math.exp(from + (to - from) * t) : wanted});
  });
}

// Lets text be written at most every so often while things move: isDue() says whether it is time, now or in a later
// frame that is asked for.
export function createLabCalm(explorer) {
  let last = -Infinity;
  return {
    isDue() {
      const now = performance.now();
      if (now - last < LAB_CALM) {
        explorer.scene.loop.ask();
        return false;
      }
      last = now;
      return true;
    },
  };
}

// Whether hands are off, so that what took too long while the dial moved can be made. Asks for frames until they are.
export function isLabResting(explorer) {
  const isResting = explorer.isResting();
  if (!isResting && !explorer.reporter.isHeld()) explorer.scene.loop.ask();
  return isResting;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The numbers of the examples whose classes are shown.
export function shownRows({points, state}) {
  const rows = Array.from({length: points.count}, (_, row) => row);
  return state.hidden.length ? rows.filter(row => !state.hidden.includes(points.label[row])) : rows;
}

// Colours of a theme for canvases: text that is quiet, lines that are. Mixed once, since a canvas that is given such a
// mixture reads it anew each time.
export function labInks(theme) {
  if (!LAB_INKS.has(theme)) LAB_INKS.set(theme, mixLabInks(theme));
  return LAB_INKS.get(theme);
}

const LAB_INKS = new WeakMap(); // by theme

function mixLabInks({ink, paper, isDark}) {
  const context = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const mix = (colour, share, other) => {
    context.fillStyle = `color-mix(in srgb, ${colour} ${share}%, ${other})`;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };
  const lift = colour => mix(colour, isDark ? 78 : 100, ink);
  return {
    ink,
    paper,
    muted: mix(ink, 64, paper),
    line: mix(ink, 14, paper),
    faint: mix(ink, 7, paper),
    rate: lift(LAB_COLOURS.rate),
    distortion: lift(LAB_COLOURS.distortion),
    beta: LAB_COLOURS.beta,
    betaText: mix(LAB_COLOURS.beta, 75, ink),
    latent: LAB_COLOURS.latent,
  };
}
