// What the Interpolate page's map shows: any two dimensions, or the plane of the two largest principal components. And
// where the dial of a model for every beta stands, which moves the examples on it.

import {axesChart} from './charts.js';
import {dialHands, dialMarks} from './dial.js';
import {buildDial} from './dial_control.js';
import {element} from './layout.js';
import {pcaChart, principalPlane} from './pca.js';
import {chooseAxis, rankDimensions} from './state.js';
import {describeAxis} from './words.js';

const DIAL_GLIDE = 300; // milliseconds of a jump

// chart(axes, isHeld) of the points as they lie now; axes null for the map's own. At every beta directions face as at first,
// so that an address leads to the same map. While the dial is held the plane stays: of many dimensions it takes longer than
// a frame.
export function createPathCharts(points) {
  const {latent} = points;
  const first = latent > 2 ? principalPlane(points) : null;
  let plane = first;
  return (axes, isHeld = false) => {
    if (axes) return axesChart(points, axes);
    if (!first) return axesChart(points, latent > 1 ? [0, 1] : [0]);
    if (!isHeld) plane = principalPlane(points, first);
    return pcaChart(points, plane);
  };
}

// Choices of the map's axes: {node, set(axes)}; nothing to choose with two dimensions. `choose(axes or null)`.
export function createAxesChoice({latent, kl}, choose) {
  if (latent < 3) return {node: '', set() {}};
  const {live, dead} = rankDimensions(kl);
  const ranked = [...live, ...dead];
  let axes = null;
  const kind = element('select', '', {ariaLabel: 'What the map shows'},
    element('option', '', {value: 'plane', textContent: 'Principal plane'}), element('option', '', {value: 'axes', textContent: 'Two dimensions'}));
  const selects = [0, 1].map(k => {
    const made = element('select', '', {ariaLabel: k ? 'Upward axis' : 'Axis to the right'},
      ...ranked.map(d => element('option', '', {value: d, textContent: describeAxis(d, kl)})));
    made.addEventListener('change', () => choose(chooseAxis(axes, k, Number(made.value))));
    return made;
  });
  kind.addEventListener('change', () => choose(kind.value === 'axes' ? ranked.slice(0, 2).sort((a, b) => a - b) : null));
  const node = element('div', 'lp-axes', {}, kind, ...selects);
  return {
    node,
    set(shown) {
      axes = shown;
      kind.value = shown ? 'axes' : 'plane';
      selects.forEach((made, k) => {
        made.hidden = !shown;
        if (shown) made.value = shown[k];
      });
    },
  };
}

// The dial over the page, null without one. `page` is the PathPage of path.js.
export function createPathDial(page) {
  const {meta, scene} = page;
  if (!meta.dial) return null;
  const glide = beta => {
    const [from, to] = [page.state.beta, beta].map(Math.log);
    scene.loop.glide(DIAL_GLIDE, t => page.turn(t === 1 ? beta : Math.exp(from + t * (to - from))));
  };
  const help = ['← Smaller β keeps more of every picture', 'Larger β draws codes towards the prior →'];
  const hands = dialHands(page, beta => page.turn(beta), glide);
  hands.release = () => {
    page.reporter.release();
    page.lay();
    page.frames.follow(page.state, false);
    page.arrange();
    page.touched();
  };
  const dial = buildDial(meta.dial, {label: 'β, the weight of the rate', marks: dialMarks(meta), help}, hands, scene.signal);
  return {node: dial.node, show: beta => dial.show(beta, beta === meta.dial.beta ? 'the run’s own' : '')};
}
