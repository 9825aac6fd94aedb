// Two betas of one run side by side, under one cursor: a second map and picture with a dial of their own, from the same
// bundle.

import {Pair} from './beside.js';
import {dialHands} from './dial.js';
import {buildDial} from './dial_control.js';
import {formatBeta} from './lab_surface.js';
import {element} from './layout.js';

const TWIN_GLIDE = 240; // milliseconds
const TWIN_APART = 10; // times as large or small the second beta is at first, unless it is the run's own

export function createTwins(explorer) {
  const {meta, parts, scene, hide} = explorer;
  if (!meta.dial || hide.includes('twins')) return {};
  let twin = null; // {pair, dial}
  const button = element('button', 'ls-tool', {textContent: 'Compare two β', title: 'A second map of this run with a dial of its own', ariaPressed: 'false'});
  button.dataset.panel = 'twins';
  parts.bar.append(button);
  button.addEventListener('click', () => {
    const isOpen = explorer.state.beta2 !== null;
    explorer.depart();
    explorer.change({beta2: isOpen ? null : otherBeta(explorer)});
    explorer.say(isOpen ? 'One map.' : 'Two maps of the same run.');
  }, {signal: scene.signal});

  function open() {
    const leave = () => {
      explorer.change({beta2: null});
      button.focus();
    };
    const pair = new Pair(explorer, twinBundle(explorer), leave, ['', ''], true);
    const hands = dialHands(explorer, beta2 => explorer.change({beta2}), beta2 => glideTwin(explorer, beta2));
    const dial = buildDial(meta.dial, {label: 'β of the map beside', marks: [], help: []}, hands, scene.signal);
    dial.call('β₂');
    explorer.callDial?.('β₁');
    parts.dial.append(dial.node);
    twin = {pair, dial};
    explorer.beside = chart => pair.placesOn(chart);
  }

  function close() {
    twin.pair.stop();
    twin.dial.node.remove();
    [twin, explorer.beside] = [null, null];
    explorer.refit();
    explorer.callDial?.('β');
  }

  // Brings the second map to the state.
  function sync() {
    const {beta, beta2} = explorer.state;
    if (beta2 === null ? twin : !twin) beta2 === null ? close() : open();
    button.ariaPressed = String(Boolean(twin));
    if (!twin) return;
    const {pair, dial} = twin;
    pair.dial(beta2);
    explorer.refit();
    dial.show(beta2);
    [beta, beta2].forEach((value, k) => { pair.titles[k].textContent = `β${'₁₂'[k]} ${formatBeta(value)}`; });
  }

  let isBegun = false;
  return {
    told(news) {
      if (!('beside' in news)) return;
      button.disabled = Boolean(news.beside);
      if (news.beside && explorer.state.beta2 !== null) explorer.change({beta2: null});
    },
    changed(before) {
      const {beta2} = explorer.state;
      if (beta2 !== before.beta2) sync();
      twin?.pair.changed(before);
    },
    dialled: () => twin && sync(),
    rested: () => twin?.pair.rested(),
    draw(z, row) {
      if (!isBegun) sync();
      isBegun = true;
      twin?.pair.draw(z, row);
    },
    stop: () => twin?.pair.stop(),
  };
}

// The run's own beta, or one that is far from it where the dial stands there.
function otherBeta({beta, meta: {dial}}) {
  const {low, high, beta: own} = dial;
  const isNear = Math.abs(Math.log(beta / own)) < Math.log(TWIN_APART) / 2;
  if (!isNear) return own;
  return beta * TWIN_APART <= high ? beta * TWIN_APART : Math.max(low, beta / TWIN_APART);
}

function glideTwin(explorer, wanted) {
  explorer.depart();
  const from = explorer.state.beta2;
  explorer.arrive = explorer.scene.loop.glide(TWIN_GLIDE, t => {
    explorer.change({beta2: t < 1 ? from * (wanted / from) ** t : wanted});
  });
}

// The same bundle, with codes of its own to move.
function twinBundle({bundle: {meta, tensors}, moving: {own: [mu, logVar]}}) {
  const moved = (name, data) => ({...tensors[name], data: data.slice()});
  return {meta, tensors: {...tensors, 'points.mu': moved('points.mu', mu), 'points.log_var': moved('points.log_var', logVar)}};
}
