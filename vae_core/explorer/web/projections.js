// What else the map can show than two dimensions: the plane of the principal components (pca.js), and maps that
// Python made, which are for the eye: they go from encoded example to encoded example.
//
// The host tells explorer.news.maps = {made: {kind: {places, trustworthiness, neighbours, fitted}}, can: [kinds that
// it can make], making: the kind being made or ''}; `places` is base64 of little-endian float32 (N, 2). It hears
// onEvent('map', kind) where one is asked for.

import {showHint} from './controls.js';
import {plainKey} from './keyboard.js';
import {formatBeta} from './lab_surface.js';
import {element} from './layout.js';
import {pcaChart, principalPlane} from './pca.js';
import {nearestOnMap, nearestPoint} from './points.js';

const MAP_NAMES = {tsne: 't-SNE', umap: 'UMAP', lda: 'LDA'};

export function createProjections(explorer) {
  const {points, charts, meta, parts, scene: {signal}} = explorer;
  if (meta.latent < 3) return {}; // the dimensions are the map
  let plane = null; // computed when it is first looked at,
  let planeAt = null; // of the cloud at this beta
  charts.pca = () => {
    if (!plane || (planeAt !== explorer.beta && !explorer.reporter?.isHeld())) {
      plane = principalPlane(points, plane);
      planeAt = explorer.beta;
    }
    return pcaChart(points, plane);
  };
  const maps = {}; // places by kind, once they are here
  let told = {};
  let wanted = ''; // the kind that was asked for
  let isShown = null; // the chart that the controls were brought to

  const select = element('select', '', {ariaLabel: 'What the map shows', title: 'What the map shows (m for the next)'});
  const group = element('label', 'ls-group ls-maps', {}, element('span', '', {textContent: 'Map'}), select);
  group.dataset.panel = 'maps';
  parts.bar.append(group);
  const edges = ['x', 'y'].map(axis => element('span', `ls-edge ls-axis-${axis}`));
  parts.stage.append(...edges);

  const known = () => ['axes', 'pca', ...Object.keys(maps)];
  const show = chart => {
    explorer.turn({chart});
    explorer.say(select.selectedOptions[0]?.textContent ?? '');
  };
  const ask = kind => {
    wanted = kind;
    select.value = explorer.chart.name;
    explorer.onEvent('map', kind);
  };
  select.addEventListener('change', () => {
    const [chart, kind] = select.value.split(':');
    if (chart === 'make') ask(kind);
    else show(chart);
  }, {signal});

  function fill() {
    const option = (value, textContent) => element('option', '', {value, textContent});
    const {making = ''} = told;
    const can = Array.isArray(told.can) ? told.can : [];
    const named = kind => Object.hasOwn(MAP_NAMES, kind) && !maps[kind];
    const made = Object.keys(maps).map(kind => option(kind, MAP_NAMES[kind]));
    const makes = can.filter(named).map(kind => {
      const isBusy = kind === making;
      const text = isBusy ? `${MAP_NAMES[kind]} is being made` : `Make ${MAP_NAMES[kind]} map…`;
      return Object.assign(option(`make:${kind}`, text), {disabled: Boolean(making)});
    });
    select.replaceChildren(option('axes', 'Axes'), option('pca', 'PCA plane'), ...made, ...makes);
    isShown = null;
  }

  function read({made = {}, ...rest}) {
    told = rest;
    for (const kind of Object.keys(MAP_NAMES)) {
      const places = readPlaces(made[kind]?.places, points.count);
      delete maps[kind];
      delete charts[kind];
      if (!places) continue;
      maps[kind] = places;
      charts[kind] = () => snapChart(explorer, kind, places, () => describeMap(made[kind], explorer));
    }
    fill();
  }

  fill();
  return {
    help: [['m', 'The next kind of map: two dimensions, PCA plane, maps that were made']],
    told(news) {
      if (!news.maps) return;
      read(news.maps);
      if (maps[wanted]) show(wanted);
      else if (explorer.chartOf(explorer.state).name !== explorer.chart.name) explorer.adopt(explorer.state); // its map has come, or gone
      if (!told.making) wanted = '';
    },
    // The plane is that of the cloud as it came to rest.
    rested() {
      if (explorer.chart.name === 'pca' && planeAt !== explorer.beta) explorer.turn({});
      else showHint(explorer);
    },
    draw() {
      if (isShown === explorer.chart) return;
      isShown = explorer.chart;
      select.value = isShown.name;
      edges.forEach((edge, k) => { edge.textContent = isShown.edges?.[k] ?? ''; });
    },
    key(event) {
      if (plainKey(event) !== 'm') return false;
      const all = known();
      show(all[(all.indexOf(explorer.chart.name) + 1) % all.length]);
      return true;
    },
  };
}

// {x, y} from base64 of (count, 2) float32; null where it is anything else.
export function readPlaces(text, count) {
  if (typeof text !== 'string') return null;
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
  } catch {
    return null;
  }
  if (bytes.length !== 8 * count) return null;
  const both = new Float32Array(bytes.buffer);
  if (!both.every(Number.isFinite)) return null;
  return {x: both.filter((_, k) => k % 2 === 0), y: both.filter((_, k) => k % 2 === 1)};
}

// A chart on which every place means the nearest example that is shown, and a code stands where its nearest does.
export function snapChart(explorer, name, places, sentence) {
  const {points} = explorer;
  let standing = new WeakMap(); // rows of codes that were looked for,
  let {beta} = explorer; // among those of this beta
  let last = -1; // the row that a hand was on last, whose code is likely to be asked for next
  const isLast = z => last >= 0 && z.every((value, d) => value === points.mu[last * points.latent + d]);
  const rowOf = z => {
    if (beta !== explorer.beta) [standing, beta] = [new WeakMap(), explorer.beta];
    if (!standing.has(z)) standing.set(z, isLast(z) ? last : nearestPoint(points, z, []));
    return standing.get(z);
  };
  const row = ([x, y]) => (last = nearestOnMap(points, places, explorer.state.hidden, x, y, Infinity));
  const at = n => (n < 0 ? [0, 0] : [places.x[n], places.y[n]]);
  return {
    name,
    place: z => at(rowOf(z)),
    places: () => places,
    move(z, place) {
      const n = row(place);
      return n < 0 ? z : explorer.codeOf(n);
    },
    row,
    step(z, dx, dy) {
      const from = rowOf(z);
      return stepRow(points, places, explorer.state.hidden, from, dx, dy) ?? from;
    },
    origin: null,
    hasScale: false,
    axes: [],
    sentence,
  };
}

// The example nearest to where a step from example `from` leads, among those in that direction (up to 45° off);
// null where there is none.
export function stepRow({count, label}, {x, y}, hidden, from, dx, dy) {
  let [best, least] = [null, Infinity];
  const length = Math.hypot(dx, dy);
  for (let n = 0; n < count; n++) {
    const [right, up] = [x[n] - x[from], y[n] - y[from]];
    const along = (right * dx + up * dy) / length;
    if (along <= 0 || Math.abs(right * dy - up * dx) / length > along || hidden.includes(label[n])) continue;
    const distance = (right - dx) ** 2 + (up - dy) ** 2;
    if (distance < least) [best, least] = [n, distance];
  }
  return best;
}

function describeMap({trustworthiness}, {beta, meta: {dial}}) {
  const trust = Number.isFinite(trustworthiness) ? ` Trustworthiness ${trustworthiness.toFixed(2)} (1: neighbours here are neighbours in z).` : '';
  return `For the eye only: moving snaps to the z of the nearest encoded example; a z between examples stands at its nearest.${trust}${dial && beta !== dial.beta ? ` Made at β ${formatBeta(dial.beta)}: the dial does not move it.` : ''}`;
}
