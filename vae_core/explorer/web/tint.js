// Which pixels a dimension moves: the decoder's derivative along it, in colours over the picture. Orange becomes
// brighter, blue darker, as the dimension grows. Shown while its name is pointed at or focused, or kept on by a click.

import {plainKey} from './keyboard.js';
import {element} from './layout.js';
import {rankDimensions} from './state.js';
import {nameOf} from './words.js';

const REACH_Z = 0.01; // half of the difference: its error stays below 1e-4 of the derivative, in single precision
const FAINTEST = 0.05; // a unit: where no pixel moves more, the tint stays faint
const SHARE_TINT = 4; // milliseconds of a frame
const BRIGHTER = [0xf0, 0x7a, 0x13];
const DARKER = [0x15, 0x7f, 0xd1];

export function createTint(explorer) {
  const {scene, meta, parts} = explorer;
  const [, height, width] = meta.shape;
  const canvas = element('canvas', 'ls-tint', {width, height, hidden: true, ariaHidden: 'true'});
  const key = element('p', 'ls-tint-key', {hidden: true});
  parts.frame.append(canvas, key);
  const {live} = rankDimensions(explorer.moving.peak);
  let pointed = -1;
  let names = null; // buttons, one for each dimension, once there are sliders
  let drawn = '';
  let started = null; // {wanted, codes, made}: the two pictures of a difference, until both are there

  const dimension = () => (pointed >= 0 ? pointed : explorer.state.tint);
  const point = d => {
    pointed = d;
    scene.loop.ask();
  };
  const toggle = d => {
    const isOn = explorer.state.tint === d;
    explorer.change({tint: isOn ? -1 : d});
    explorer.say(isOn || d < 0 ? 'No tint' : `Tinted: the pixels that ${nameOf(d)} moves`);
  };
  const mark = () => names?.forEach((name, d) => { name.ariaPressed = String(d === explorer.state.tint); });
  const begin = () => {
    names = explorer.sliders.rows.map(({name}, d) => {
      const title = 'Shows which pixels it moves; a click keeps it';
      const button = element('button', 'ls-name', {textContent: nameOf(d), title, ariaPressed: 'false'});
      const on = (type, then) => button.addEventListener(type, then, {signal: scene.signal});
      on('pointerenter', event => { if (event.pointerType === 'mouse') point(d); });
      on('pointerleave', () => point(-1));
      on('focus', () => { if (button.matches(':focus-visible')) point(d); });
      on('blur', () => point(-1));
      on('click', () => toggle(d));
      name.replaceWith(button);
      return button;
    });
    mark();
  };
  const hide = () => {
    drawn = '';
    if (!canvas.hidden) canvas.hidden = key.hidden = true;
  };

  // The derivative at z, or null while its pictures are under way.
  function work(z, d, wanted) {
    if (started?.wanted !== wanted) started = {wanted, codes: codesBeside(z, d), made: []};
    const {codes, made} = started;
    while (made.length < 2) {
      const values = scene.decoder.make(canvas, codes[made.length], SHARE_TINT);
      if (!values) return null;
      made.push(values.slice());
    }
    started = null;
    return slopeBetween(codes, made, d);
  }

  function paint(derived, d) {
    const slope = strongestChannel(derived, meta.shape);
    const context = canvas.getContext('2d');
    const image = context.createImageData(width, height);
    const most = paintSlope(slope, image.data);
    context.putImageData(image, 0, 0);
    key.replaceChildren(...describeTint(d, most));
    canvas.hidden = key.hidden = false;
  }

  return {
    help: [['t', 'Tints the pixels that a dimension moves: each dimension in turn, then none']],
    changed: mark,
    draw(z) {
      if (!names) begin();
      const d = dimension();
      if (d < 0 || !scene.decoder) return hide();
      const wanted = `${d} ${z} ${explorer.beta}`;
      Object.assign(canvas.style, {width: parts.picture.style.width, height: parts.picture.style.height});
      if (wanted === drawn) return undefined;
      if (!scene.decoder.isQuick() && !explorer.isResting()) { // it follows when the hand rests
        hide();
        return explorer.reporter.isHeld() ? undefined : scene.loop.ask();
      }
      const derived = work(z, d, wanted);
      if (!derived) return scene.loop.ask();
      drawn = wanted;
      return paint(derived, d);
    },
    rested() { if (dimension() >= 0) scene.loop.ask(); },
    key(event) {
      if (plainKey(event) !== 't' || !live.length) return false;
      toggle(live[live.indexOf(explorer.state.tint) + 1] ?? -1);
      return true;
    },
  };
}

// d decode(z) / d z_d by central differences: Float32Array of C * H * W.
export function derivative(decoder, z, d) {
  const codes = codesBeside(z, d);
  return slopeBetween(codes, codes.map(code => decoder.decode(code).slice()), d);
}

function codesBeside(z, d) {
  return [1, -1].map(side => Float32Array.from(z, (value, k) => (k === d ? value + side * REACH_Z : value)));
}

function slopeBetween([above, below], [brighter, darker], d) {
  const step = above[d] - below[d]; // as rounding left it
  return brighter.map((value, i) => (value - darker[i]) / step);
}

// Of several channels, the one that moves most at each pixel: H * W values.
export function strongestChannel(slope, [channels, height, width]) {
  const size = height * width;
  const strongest = slope.slice(0, size);
  for (let i = size; i < channels * size; i++) {
    if (Math.abs(slope[i]) > Math.abs(strongest[i % size])) strongest[i % size] = slope[i];
  }
  return strongest;
}

// Writes RGBA, as opaque as the pixel moves beside the one that moves most; gives how much that one does.
function paintSlope(slope, target) {
  const most = slope.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const full = Math.max(most, FAINTEST);
  slope.forEach((value, i) => {
    target.set(value > 0 ? BRIGHTER : DARKER, 4 * i);
    target[4 * i + 3] = 255 * Math.abs(value) / full;
  });
  return most;
}

function describeTint(d, most) {
  const sign = (className, text) => element('span', className, {textContent: text});
  if (most < FAINTEST / 10) return [sign('', `${nameOf(d)} moves nothing here`)];
  return [sign('', `${nameOf(d)} ↑`), sign('ls-brighter', 'brighter'), sign('ls-darker', 'darker')];
}
