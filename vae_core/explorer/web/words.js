// Numbers and names as people read them.

const TURNING = /[\u202a-\u202e\u2066-\u2069]/g; // letters that turn the direction of all that follows

export const nameOf = d => `z${d + 1}`;
export const formatNumber = value => writeFixed(value, 2);
export const formatNats = value => `${value.toFixed(1)} nats`;

// "z3 · 1.2 nats"
export const describeAxis = (d, kl) => `${nameOf(d)} · ${formatNats(kl[d])}`;

// "z = (0.52, −1.31, …)", at most four numbers.
export function formatPoint(z) {
  return `z = (${z.slice(0, 4).map(formatNumber).join(', ')}${z.length > 4 ? ', …' : ''})`;
}

// As many decimals as the step between ticks needs.
export const formatTick = (value, step) => writeFixed(value, Math.max(0, -Math.floor(Math.log10(step))));

// Cut in the middle: long names often differ at their ends.
export function shorten(text, length) {
  const letters = [...text];
  const half = Math.floor(length / 2);
  return letters.length > length ? `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}` : text;
}

// Class names fit to be shown: on one line, never empty, nothing after them turned around.
export const readNames = ({labels}) => labels.map((label, k) => label.replace(TURNING, '').replace(/\s+/g, ' ').trim() || `class ${k}`);

// What there is to know about the map: that it shows nothing, or what a hand on it does. `live` is how many
// dimensions carry something, `whose` where the others stay.
export function describePlane(axes, latent, live, whose = 'at the pin') {
  if (!live) return 'Nothing gets through: every picture is encoded alike. A smaller β lets more through.';
  if (latent > 2) {
    const others = latent === 3 ? 'the other dimension stays' : `the other ${latent - 2} dimensions stay`;
    return `Moving on the map changes ${axes.map(nameOf).join(' and ')}; ${others} ${whose}.`;
  }
  const canHover = matchMedia('(hover: hover)').matches;
  const hands = canHover ? 'Hover to peek, click or drag to pin, scroll to zoom.' : 'Drag to move, two fingers to zoom.';
  return latent === 1 ? `One dimension: height only keeps points apart. ${hands}` : hands;
}

// With a real minus sign, which nothing that rounds to zero gets.
function writeFixed(value, decimals) {
  return value.toFixed(decimals).replace(/^-(0\.?0*)$/, '$1').replace('-', '−');
}
