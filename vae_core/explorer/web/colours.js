// What the dots' colours mean: a choice above the map, and below it a scale that says so.

import {densities} from './cloud.js';
import {element} from './layout.js';
import {formatBeta} from './lab_surface.js';
import {memberColour, memberPaint, scaleOf, scalePaint} from './paints.js';
import {scaleColour} from './palette.js';
import {placePoints} from './points.js';
import {rankDimensions} from './state.js';
import {formatTick, nameOf, shorten} from './words.js';

const DIMENSIONS = 12; // at most are offered, the most telling
const STOPS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export function createColours(explorer) {
  const {bundle, meta, names, points, parts} = explorer;
  const select = element('select', 'ls-colour', {ariaLabel: 'Colours of the dots', title: 'What the colours of the dots mean'});
  const label = element('label', 'ls-group', {}, element('span', 'ls-label', {textContent: 'Colour'}), select);
  label.dataset.panel = 'colour';
  parts.bar.append(label);
  const scale = buildScale();
  parts.legend.before(scale.node);
  select.addEventListener('change', () => {
    explorer.change({colour: select.value});
    explorer.say(`Colours: ${select.selectedOptions[0].textContent}. ${scale.node.textContent}`);
  }, {signal: explorer.scene.signal});

  let painted = null; // {places, hidden} that the colours were made for
  offer();

  // Groups of [value, text] that this model has something for.
  function offered() {
    const {live} = rankDimensions(explorer.moving.peak);
    const plain = [['class', names.length ? 'Class' : 'None']];
    if (bundle.tensors['points.error']) plain.push(['error', 'Reconstruction error']);
    if (points.count) plain.push(['density', 'Density']);
    return {
      '': plain,
      'Known factor': (meta.factors ?? []).map(name => [`factor:${name}`, shorten(name, 24)]),
      Dimension: live.slice(0, DIMENSIONS).map(d => [`z${d + 1}`, nameOf(d)]),
      Tag: explorer.tags.all().map(({name}) => [`tag:${name}`, shorten(name, 24)]),
    };
  }

  function offer() {
    const build = ([value, textContent]) => element('option', '', {value, textContent});
    select.replaceChildren(...Object.entries(offered()).flatMap(([title, options]) => {
      const nodes = options.map(build);
      return !nodes.length ? [] : title ? [element('optgroup', '', {label: title}, ...nodes)] : nodes;
    }));
    select.value = explorer.state.colour;
    if (!select.value) select.value = 'class';
  }

  // {title, values (a number of each point)} or {title, rows}; null for the classes and for whatever is not there.
  function read(colour) {
    const [kind, name] = split(colour);
    const error = bundle.tensors['points.error']?.data;
    if (kind === 'error' && error) return {title: `squared error of the reconstruction${whereMade(meta)}, mean over pixels`, values: error};
    if (kind === 'density' && points.count) {
      const title = explorer.chart?.hasScale === false ? 'how close together examples stand' : 'examples on one unit square of the map';
      return {title, values: densities(explorer.places, n => !explorer.state.hidden.includes(points.label[n]))};
    }
    if (kind === 'factor' && meta.factors?.includes(name)) {
      return {title: name, values: bundle.tensors[`factors.${meta.factors.indexOf(name)}`].data};
    }
    if (kind === 'z' && name < meta.latent) return {title: `${nameOf(name)} of each example`, values: placePoints(points, [name, name]).x};
    const tag = kind === 'tag' ? explorer.tags.get(name) : null;
    return tag ? {title: tag.name, rows: tag.rows} : null;
  }

  function repaint() {
    const {colour, hidden} = explorer.state;
    painted = {hidden, places: explorer.places};
    const current = read(colour); // {title, values} or {title, rows}
    const ends = current?.values && scaleOf(current.values);
    if (!current) explorer.paint = undefined;
    else explorer.paint = ends ? scalePaint(current.values, ends) : memberPaint(current.rows, points.count);
    parts.root.classList.toggle('ls-by-value', current !== null);
    if (current) scale.tell(current, ends);
    scale.node.hidden = !current || explorer.hide.includes('colour');
    scale.tint(explorer.scene.map.theme.isDark);
    select.value = current ? colour : 'class';
    explorer.arrange();
    explorer.touched();
  }

  return {
    draw() {
      if (!painted) repaint(); // once there are places
    },
    dialled() {
      if (/^z\d/.test(explorer.state.colour)) repaint();
    },
    changed(before) {
      if (before.colour !== explorer.state.colour) repaint();
    },
    // Densities follow points that moved or were hidden.
    rested() {
      const {places, hidden} = painted ?? explorer;
      if (explorer.state.colour === 'density' && (places !== explorer.places || hidden !== explorer.state.hidden)) repaint();
    },
    tagged() {
      offer();
      if (explorer.state.colour.startsWith('tag:')) repaint();
    },
    themed: () => scale.tint(explorer.scene.map.theme.isDark),
  };
}

// What was made once, with the bundle, belongs to the run's own beta.
function whereMade({dial}) {
  return dial ? ` at β ${formatBeta(dial.beta)}` : '';
}

// 'z3' -> ['z', 2], 'tag:a:b' -> ['tag', 'a:b'], 'error' -> ['error', ''].
function split(colour) {
  if (/^z[1-9]\d{0,3}$/.test(colour)) return ['z', Number(colour.slice(1)) - 1];
  const at = colour.indexOf(':');
  return at < 0 ? [colour, ''] : [colour.slice(0, at), colour.slice(at + 1)];
}

// {node, tell(what, ends), tint(isDark)}
function buildScale() {
  const [low, high, title] = ['ls-low', 'ls-high', 'ls-ramped-title'].map(name => element('span', name));
  const bar = element('span', 'ls-ramp', {ariaHidden: 'true'});
  const node = element('div', 'ls-ramped', {}, low, bar, high, title);
  node.dataset.panel = 'colour';
  let isRamp = true;
  return {
    node,
    tell({title: text, rows}, ends) {
      isRamp = ends !== undefined;
      title.textContent = isRamp ? text : `${shorten(text, 40)} · ${countExamples(rows.length)}`;
      [low.textContent, high.textContent] = isRamp ? endTexts(ends) : ['', ''];
      bar.classList.toggle('ls-dot', !isRamp);
    },
    tint(isDark) {
      const stops = STOPS.map(t => scaleColour(t, isDark)).join(', ');
      bar.style.background = isRamp ? `linear-gradient(to right, ${stops})` : memberColour(isDark);
    },
  };
}

// The numbers at the ends of a scale, '≤ 0.01' where some lie beyond.
export function endTexts({low, high, cut}) {
  const step = (high - low) / 20 || 0.01;
  return [low, high].map((value, k) => `${cut[k] ? '≤≥'[k] + ' ' : ''}${formatTick(value, step)}`);
}

export function countExamples(count) {
  return count === 1 ? '1 example' : `${count.toLocaleString('en')} examples`;
}
