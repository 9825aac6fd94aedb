// A second map and picture beside the explorer's, under one cursor: what it adds to the page, and how it follows from
// the one state that there is.

import {axesChart} from './charts.js';
import {Companion} from './companion.js';
import {factsOf} from './facts.js';
import {readCurve} from './lab_curve.js';
import {buildCanvases, element} from './layout.js';
import {alignClouds, matchRows, nearestPartner, pickPoints} from './pair.js';
import {pcaChart, principalPlane} from './pca.js';
import {frontThere, paintThere} from './paints.js';
import {nearestPoint} from './points.js';

// Of another run or of the same at another beta (`isTwin`); `titles` of both, leave() closes it.
export class Pair {
  constructor(explorer, bundle, leave, titles, isTwin = false) {
    Object.assign(this, {explorer, isTwin, metas: [explorer.meta, bundle.meta]});
    this.curves = this.metas.map(({dial, report}) => (dial ? readCurve(report?.curve) : null));
    const [first, second] = [explorer.bundle, bundle].map(({tensors}) => tensors['points.index'].data);
    this.match = matchRows(first, second);
    this.common = pickPoints(explorer.points, this.match.shared);
    this.hasSameClasses = bundle.meta.labels.join('\n') === explorer.meta.labels.join('\n');
    this.canvases = buildCanvases(bundle.meta, second.length);
    this.build(titles, leave);
    this.companion = new Companion(bundle, this.canvases, this.hands());
    if (explorer.beta !== null && !isTwin) this.companion.dial(explorer.beta);
    this.showFacts();
    this.arrange();
  }

  // What it adds to the page.

  build(titles, leave) {
    const {parts} = this.explorer;
    this.titles = titles.map(text => element('bdi', this.isTwin ? 'ls-beta' : '', {textContent: text, title: text}));
    this.facts = titles.map(() => element('div', 'ls-facts'));
    const [head, other] = this.titles.map(title => element('div', 'ls-head', {}, title));
    const close = element('button', 'ls-quiet', {textContent: '✕', ariaLabel: `Close ${titles[1]}`, title: `Close the ${this.isTwin ? 'map' : 'run'} beside`});
    close.addEventListener('click', leave);
    other.append(close);
    this.buildTools();
    const {stage, frame} = this.canvases;
    this.placed = [
      [parts.stage, 'before', head],
      [parts.hint, 'after', element('div', 'ls-beside-foot', {}, this.tools, this.sentence)],
      [parts.hint, 'after', stage],
      [parts.hint, 'after', other],
      [parts.frame, 'after', this.facts[1]],
      [parts.frame, 'after', frame],
      [parts.frame, 'after', this.facts[0]],
    ];
    for (const [place, side, node] of this.placed) place[side](node);
    parts.root.classList.add('ls-twin');
  }

  showFacts() {
    const betas = [this.explorer.beta, this.companion.beta];
    this.facts.forEach((node, k) => node.replaceChildren(...factsOf(this.metas[k], betas[k] ?? undefined, this.curves[k])));
  }

  buildTools() {
    const button = (text, title, choose) => {
      const node = element('button', 'ls-tool', {textContent: text, title});
      node.addEventListener('click', choose);
      return node;
    };
    const drive = together => () => this.explorer.change({together});
    const toggle = () => this.explorer.change({aligned: !this.explorer.state.aligned});
    this.example = button('Same example', 'The map beside shows the example nearest to the pin', drive('example'));
    this.point = button('Same z', 'The map beside decodes the same z', drive('z'));
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

  // A dial has been turned: the map beside goes to this beta.
  dial(beta) {
    const {explorer, match, common} = this;
    if (common !== explorer.points) this.common = pickPoints(explorer.points, match.shared);
    this.companion.dial(beta);
    this.pinned = null;
    this.showFacts();
  }

  // What was fitted to clouds that have moved since is fitted anew.
  rested() {
    const {explorer: {beta, chart, state}, companion} = this;
    const fitted = `${beta} ${companion.beta}`;
    if (this.fitted === (this.fitted = fitted)) return;
    Object.assign(this, {made: undefined, plane: undefined});
    if (!state.aligned && chart.name !== 'pca') return;
    this.wanted = null;
    this.arrange();
  }

  // Brings the map beside and its controls to the state.
  arrange() {
    const {explorer, companion, alignment} = this;
    const {state, chart, scene} = explorer;
    this.chart = chart;
    this.pinned = null;
    const isShared = chart.hasScale && Boolean(alignment || this.isSameZ || this.isTwin);
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

  // Where the examples of the second map stand on a chart of the first one.
  placesOn(chart) {
    return chart.hasScale ? chartThrough(chart, this.companion.points, this.alignment).places() : null;
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
    this.sentence.textContent = [describeDrive(this, shared.length, alignment), describeAlignment(state.aligned, alignment)]
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

function describeDrive({isSameZ, isTwin}, shared, alignment) {
  if (isSameZ && isTwin) return 'Both decode the same z.';
  if (isSameZ) return alignment ? '' : 'Both decode the same z. Two runs seldom agree on what it means: Align helps.';
  if (!shared) return 'The two maps have no example in common.';
  if (isTwin) return 'Shows the example nearest to the pin, as it is encoded and decoded at this β.';
  return 'Shows the example nearest to the pin, as this run encodes and decodes it.';
}

function describeAlignment(isWanted, alignment) {
  if (!isWanted) return '';
  if (!alignment) return 'There is nothing to align: one of the clouds is a single point.';
  return `Aligned, this cloud explains ${Math.round(100 * alignment.agreement)} % of the spread of the first.`;
}
