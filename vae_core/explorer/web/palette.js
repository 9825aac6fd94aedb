// Colours and shapes of classes: Paul Tol's muted set (personal.sron.nl/~pault) and grey, which stay apart for
// colour-blind eyes. The darkest are lifted on dark paper and the palest lowered on light paper, hue kept.
// From the eleventh class on the colours come again with another shape.

const ON_LIGHT = [
  '#CC6677', '#332288', '#C9B44F', '#117733', '#5FB4DE', '#882255', '#44AA99', '#999933', '#AA4499', '#8A9099',
];
const ON_DARK = [
  '#E07F90', '#8A7BE8', '#DDCC77', '#3FA866', '#88CCEE', '#C65590', '#5CC4B2', '#B5B54E', '#C871BD', '#A4ABB5',
];
const GLYPHS = '●▲■◆▼';

export function classColour(k, isDark) {
  const colours = isDark ? ON_DARK : ON_LIGHT;
  return colours[(k < 0 ? 9 : k) % 10];
}

export function classShape(k) {
  return k < 0 ? 0 : Math.floor(k / 10) % GLYPHS.length;
}

export function classGlyph(k) {
  return GLYPHS[classShape(k)];
}

// Adds a class's shape around (x, y) to the path of a canvas context. All shapes have about the same area.
export function traceShape(context, shape, x, y, radius) {
  if (shape === 0) {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const corners = shape === 1 || shape === 4 ? 3 : 4;
  const turn = [0, -0.25, 0.125, 0, 0.25][shape] * 2 * Math.PI;
  const reach = radius * (corners === 3 ? 1.5 : 1.25);
  for (let k = 0; k < corners; k++) {
    const angle = turn + k / corners * 2 * Math.PI;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  context.closePath();
}

// Ten stops of viridis (van der Walt and Smith, 2015): even steps look even, also to colour-blind eyes and in grey.
const VIRIDIS = [
  '#440154', '#482878', '#3e4989', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6ece58', '#b5de2b', '#fde725',
];

// Of a number on a scale from 0 to 1: more of it stands out more from the paper. The ends that the paper would
// swallow are left out.
export function scaleColour(t, isDark) {
  return viridis(isDark ? 0.22 + 0.78 * t : 0.88 * (1 - t));
}

export function viridis(t) {
  const at = Math.max(0, Math.min(1, t)) * (VIRIDIS.length - 1);
  const k = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const channel = place => {
    const [from, to] = [VIRIDIS[k], VIRIDIS[k + 1]].map(colour => Number.parseInt(colour.slice(place, place + 2), 16));
    return Math.round(from + (to - from) * (at - k)).toString(16).padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
