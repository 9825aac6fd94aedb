// Undo and redo of the pin, the selection and the dial, one step a gesture, and a trail of the last steps on the map.

import {element} from './layout.js';

const LIMIT = 200; // steps kept
const TRAIL = 6; // steps drawn, the older the fainter
const NEAR = 5; // CSS pixels between two places of the trail
const STRONGEST = 0.5; // opacity

export function createHistory(explorer) {
  const {parts, scene} = explorer;
  const undo = buildTool('↶', 'Undo', 'Ctrl+Z', () => go(-1));
  const redo = buildTool('↷', 'Redo', 'Ctrl+Shift+Z', () => go(1));
  const node = element('div', 'ls-group', {role: 'group', ariaLabel: 'Steps'}, undo, redo);
  node.dataset.panel = 'history';
  parts.bar.append(node);
  const steps = createTimeline(stepOf(explorer.state, []), isSameStep, LIMIT);
  const trail = createTrail(explorer);
  let way = []; // codes the pin has passed since the last step

  function stepOf({z, selected, beta}, passed) {
    return {z, selected, beta, passed};
  }

  function keep() {
    if (steps.push(stepOf(explorer.state, way))) way = [];
    show();
  }

  function show() {
    undo.disabled = !steps.at(-1);
    redo.disabled = !steps.at(1);
  }

  function go(by) {
    if (explorer.reporter.isHeld()) return;
    explorer.depart();
    const step = steps.at(by);
    if (!step) return;
    explorer.say(by < 0 ? 'Undone.' : 'Redone.');
    explorer.travel(step.z, {selected: step.selected, beta: step.beta});
    steps.go(by);
    way = [];
    show();
  }

  show();
  return {
    help: [['Ctrl+Z', 'Undo a move or a selection'], ['Ctrl+Shift+Z', 'Redo it']],
    key({key, ctrlKey, metaKey, altKey, shiftKey}) {
      if (altKey || !(ctrlKey || metaKey)) return false;
      const by = {z: shiftKey ? 1 : -1, y: 1}[key.toLowerCase()];
      if (by) go(by);
      return Boolean(by);
    },
    changed(before) {
      const {chart, state: {z}} = explorer;
      if (before.z === z || !chart?.jacobian || !scene.map.projection) return;
      const far = ([x, y], [otherX, otherY]) => Math.hypot(x - otherX, y - otherY) * scene.map.projection.scale;
      if (far(chart.place(z), chart.place(way.at(-1) ?? steps.at(0).z)) > NEAR) way.push(z);
    },
    departs: keep,
    rested: keep,
    above(context, map) {
      trail.draw(context, map, steps.last(TRAIL), way);
    },
  };
}

// What was, is and may come again. push() keeps a step unless it is the current one again, and says so; at(by) is the
// step so many away, undefined past either end.
export function createTimeline(first, isSame, limit) {
  let steps = [first];
  let now = 0;
  return {
    at: by => steps[now + by],
    last: count => steps.slice(Math.max(0, now + 1 - count), now + 1),
    go(by) { now += by; },
    push(step) {
      if (isSame(step, steps[now])) return false;
      steps = [...steps.slice(0, now + 1), step].slice(-limit);
      now = steps.length - 1;
      return true;
    },
  };
}

export function isSameStep(a, b) {
  return a.selected === b.selected && a.beta === b.beta && a.z.every((value, d) => Math.abs(value - b.z[d]) < 5e-5);
}

// Places are worked out once for each chart: on some of them that takes a search.
function createTrail(explorer) {
  let chart = null;
  let places = new WeakMap();

  function placeOf(z) {
    if (chart !== explorer.chart) [chart, places] = [explorer.chart, new WeakMap()];
    if (!places.has(z)) places.set(z, chart.place(z));
    return places.get(z);
  }

  function draw(context, {projection: {px, py}, theme}, steps, way) {
    const passed = explorer.chart.jacobian ? step => step.passed : () => [];
    const lines = steps.slice(1).map((step, k) => [steps[k].z, ...passed(step), step.z]);
    lines.push([steps.at(-1).z, ...(explorer.chart.jacobian ? way : []), explorer.state.z]);
    context.strokeStyle = theme.latent;
    context.lineWidth = 1.5;
    lines.forEach((codes, k) => {
      context.globalAlpha = STRONGEST * (k + 1) / lines.length;
      context.beginPath();
      codes.map(placeOf).forEach(([x, y]) => context.lineTo(px(x), py(y)));
      context.stroke();
    });
    context.globalAlpha = 1;
  }
  return {draw};
}

function buildTool(textContent, name, keys, does) {
  const button = element('button', 'ls-tool ls-step', {textContent, ariaLabel: name, title: `${name} (${keys})`});
  button.addEventListener('click', does);
  return button;
}
