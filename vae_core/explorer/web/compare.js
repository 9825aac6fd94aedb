// Compare: a second run on the same data beside the first, under one cursor. The host gives it as inform({beside:
// bundle bytes}), or null to close it; closed by hand, the host hears of the event 'beside' with null.

import {parseBundle} from './bundle.js';
import {axesChart} from './charts.js';
import {Companion} from './companion.js';
import {describeRun, titleRuns} from './facts.js';
import {buildCanvases, element} from './layout.js';
import {alignClouds, matchRows, nearestPartner, pickPoints} from './pair.js';
import {pcaChart, principalPlane} from './pca.js';
import {frontThere, paintThere} from './paints.js';
import {nearestPoint} from './points.js';

export function createCompare(explorer) {
  let pair = null;
  let notice = null;
  const close = () => {
    pair?.stop();
    notice?.remove();
    [pair, notice] = [null, null];
  };
  const fail = error => {
    close();
    notice = element('p', 'ls-notice', {role: 'alert', textContent: `The run beside cannot be shown. ${error.message}`});
    notice.dataset.panel = 'compare';
    explorer.parts.below.append(notice);
  };
  const open = bytes => {
    close();
    if (!bytes || explorer.hide.includes('compare')) return;
    const leave = () => {
      close();
      explorer.onEvent('beside', null);
    };
    try {
      pair = new Pair(explorer, parseBundle(bytes), leave);
      pair.companion.ready.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  return {
    told: news => {
      if ('beside' in news) open(news.beside);
    },
    draw: (z, row) => pair?.draw(z, row),
    changed: before => pair?.changed(before),
    stop: close,
  };
}

class Pair {
  constructor(explorer, bundle, leave) {
    this.explorer = explorer;
    const [first, second] = [explorer.bundle, bundle].map(({tensors}) => tensors['points.index'].data);
    this.match = matchRows(first, second);
    this.common = pickPoints(explorer.points, this.match.shared);
    this.hasSameClasses = bundle.meta.labels.join('\n') === explorer.meta.labels.join('\n');
    this.canvases = buildCanvases(bundle.meta, second.length);
    this.build(bundle.meta, leave);
    this.companion = new Companion(bundle, this.canvases, this.hands());
    this.arrange();
  }

  // What it adds to the page.

  build(meta, leave) {
    const {parts, meta: own} = this.explorer;
    const [title, other] = titleRuns(own, meta);
    const head = (text, ...tools) => element('div', 'ls-head', {}, element('bdi', '', {textContent: text, title: text}), ...tools);
    const close = element('button', 'ls-quiet', {textContent: '✕', ariaLabel: `Close ${other}`, title: 'Close the run beside'});
    close.addEventListener('click', leave);
    this.buildTools();
    const {stage, frame} = this.canvases;
    this.placed = [
      [parts.stage, 'before', head(title)],
      [parts.hint, 'after', element('div', 'ls-beside-foot', {}, this.tools, this.sentence)],
      [parts.hint, 'after', stage],
      [parts.hint, 'after', head(other, close)],
      [parts.frame, 'after', describeRun(meta)],
      [parts.frame, 'after', frame],
      [parts.frame, 'after', describeRun(own)],
    ];
    for (const [place, side, node] of this.placed) place[side](node);
    parts.root.classList.add('ls-twin');
  }

  buildTools() {
    const button = (text, title, choose) => {
      const node = element('button', 'ls-tool', {textContent: text, title});
      node.addEventListener('click', choose);
      return node;
    };
    const drive = together => () => this.explorer.change({together});
    const toggle = () => this.explorer.change({aligned: !this.explorer.state.aligned});
    this.example = button('Same example', 'The run beside shows the example nearest to the pin', drive('example'));
    this.point = button('Same z', 'The run beside decodes the same z', drive('z'));
    this.align = button('Align', 'Turns, mirrors and scales the cloud beside onto the first one (Procrustes)', toggle);
    const choice = element('div', 'ls-group', {role: 'group', ariaLabel: 'What both runs show'}, this.example, this.point);
    this.tools = element('div', 'ls-pair-tools', {}, choice, element('div', 'ls-group', {}, this.align));
    this.sentence = element('p', 'ls-hint');
  }

  // How the two belong together.

  get isSameZ() {
    return this.explorer.state.together === 'z' && this.hasSameSize;
  }

  get hasSameSize() {
    return this.companion.meta.latent === this.explorer.meta.latent;
  }

  // The alignment if it is wanted and possible. It is made once.
  get alignment() {
    if (!this.explorer.state.aligned) return null;
    const {explorer: {points}, companion, match} = this;
    if (this.made === undefined) this.made = match.shared.length > 1 ? alignClouds(points, companion.points, match) : null;
    return this.made;
  }

  // The code beside for a code of the first run (and its example's row or -1); null where there is none.
  codeFor(z, row) {
    const {explorer, match, common, companion} = this;
    if (this.isSameZ) return this.alignment ? this.alignment.back(z) : z;
    const hasPartner = row >= 0 && match.partner[row] >= 0;
    const nearest = hasPartner ? row : match.shared[nearestPoint(common, z, explorer.state.hidden)];
    return nearest === undefined ? null : companion.codeOf(match.partner[nearest]);
  }

  // The first run's code, and its example's row or -1, for a place on the map beside.
  meantBy(place) {
    const {explorer, companion, match} = this;
    if (this.isSameZ) {
      const code = companion.chart.move(companion.pinned, place);
      return {row: -1, z: this.alignment ? this.alignment.forth(code) : code};
    }
    const row = match.origin[nearestPartner(match, companion.points, companion.places, companion.hidden, ...place)];
    return row === undefined ? null : {row, z: explorer.codeOf(row)};
  }

  // A hand on the map beside moves the one state there is.
  hands() {
    const {explorer} = this;
    const {reporter, hands} = explorer;
    let from = null;
    const put = place => {
      const meant = this.meantBy(place);
      if (meant) explorer.change({z: meant.z, selected: meant.row});
    };
    return {
      hover: place => {
        hands.drop();
        explorer.peek = this.meantBy(place);
        explorer.touched();
      },
      leave: () => hands.leave(),
      press: put,
      drag: put,
      undo: () => explorer.change({z: from.z, selected: from.selected}),
      hold: () => {
        explorer.depart();
        from = explorer.state;
        reporter.hold();
      },
      release: () => reporter.release(),
      look: view => (view ? explorer.look(view) : explorer.resetView()),
    };
  }

  changed(before) {
    const {state} = this.explorer;
    if (['together', 'aligned', 'hidden'].some(key => before[key] !== state[key])) this.arrange();
  }

  // Brings the map beside and its controls to the state.
  arrange() {
    const {explorer, companion, alignment} = this;
    const {state, chart, scene} = explorer;
    this.chart = chart;
    this.pinned = null;
    const isShared = chart.hasScale && Boolean(alignment || this.isSameZ);
    const wanted = JSON.stringify([isShared, chart.name, isShared && [chart.axes, Boolean(alignment)]]);
    if (this.wanted !== wanted) {
      const shown = isShared ? chartThrough(chart, companion.points, alignment) : this.ownChart(chart.name);
      companion.turn(shown, isShared ? scene.map : null);
    }
    this.wanted = wanted;
    companion.hide(this.hasSameClasses ? state.hidden : []);
    this.showTools();
    explorer.touched();
  }

  // Of the same kind as the first one's where there is one: its own principal plane, else its most telling dimensions.
  ownChart(name) {
    const {points, meta, ownChart} = this.companion;
    if (name !== 'pca' || meta.latent < 3) return ownChart;
    return (this.plane ??= pcaChart(points, principalPlane(points)));
  }

  showTools() {
    const {explorer: {state}, isSameZ, hasSameSize, alignment, match: {shared}} = this;
    this.example.ariaPressed = String(!isSameZ);
    this.point.ariaPressed = String(isSameZ);
    this.point.disabled = !hasSameSize;
    if (!hasSameSize) this.point.title = 'The two runs have different numbers of latent dimensions';
    this.align.ariaPressed = String(Boolean(state.aligned));
    this.align.disabled = shared.length < 2;
    this.sentence.textContent = [describeDrive(isSameZ, shared.length, alignment), describeAlignment(state.aligned, alignment)]
      .filter(Boolean).join(' ');
  }

  draw(z, row) {
    const {explorer: {state, peek, chart}, companion} = this;
    if (this.chart !== chart) this.arrange();
    this.dress();
    if (this.pinned !== state.z) this.pinnedCode = this.codeFor(state.z, -1);
    this.pinned = state.z;
    const shown = peek ? this.codeFor(z, row) : this.pinnedCode;
    if (shown && this.pinnedCode) companion.follow(this.pinnedCode, shown);
  }

  // Every example has the colour that it has on the first map, and the group is the same.
  dress() {
    const {explorer: {paint, front}, match: {origin}} = this;
    if (this.paint === paint && this.front === front) return;
    Object.assign(this, {paint, front});
    this.companion.dress(paint && paintThere(paint, origin), frontThere(front, origin));
  }

  stop() {
    const {parts} = this.explorer;
    this.companion.stop();
    this.placed.forEach(([, , node]) => node.remove());
    parts.root.classList.remove('ls-twin');
  }
}

// The first run's chart, for codes of the second one: as they are, or through an alignment.
function chartThrough(chart, points, alignment) {
  const {forth, back} = alignment ?? {forth: code => code, back: z => z};
  const {latent, count} = points;
  const places = () => {
    const codes = Array.from({length: count}, (_, n) => forth(Array.from(points.mu.subarray(n * latent, (n + 1) * latent))));
    if (chart.axes.length === 1) {
      const mu = Float32Array.from(codes.flat());
      return axesChart({latent: codes[0]?.length ?? 1, mu}, chart.axes).places();
    }
    const at = codes.map(chart.place);
    return {x: Float32Array.from(at, ([x]) => x), y: Float32Array.from(at, ([, y]) => y)};
  };
  return {...chart, place: code => chart.place(forth(code)), places, move: (code, at) => back(chart.move(forth(code), at))};
}

function describeDrive(isSameZ, shared, alignment) {
  if (isSameZ) return alignment ? '' : 'Both decode the same z. Two runs seldom agree on what it means: Align helps.';
  if (!shared) return 'The two maps have no example in common.';
  return 'Shows the example nearest to the pin, as this run encodes and decodes it.';
}

function describeAlignment(isWanted, alignment) {
  if (!isWanted) return '';
  if (!alignment) return 'There is nothing to align: one of the clouds is a single point.';
  return `Aligned, this cloud explains ${Math.round(100 * alignment.agreement)} % of the spread of the first.`;
}
