// What hands and keys do to a replay: play, scrub, step, speed, loop, the whole screen.

import {element} from './layout.js';
import {epochTicks} from './replay_data.js';

const SCRUBBER_STEPS = 10_000;
const FREE_KEYS = new Set([' ', 'k', 'ArrowLeft', 'ArrowRight', 'Home', 'End']); // also before the replay was touched
export const SPEEDS = [0.5, 1, 2, 4];

// {transport, options, set({...}), strip}. `act`: toggle(), seek(time), stepTo(by: moments), end(-1 | 1), speed(factor),
// loop(), view(v), screen().
export function createReplayControls(data, act) {
  const button = (name, label, title, press) => {
    const made = element('button', `lr-button lr-${name}`, {ariaLabel: label, title}, element('span', `lr-icon lr-icon-${name}`, {ariaHidden: 'true'}));
    made.addEventListener('click', press);
    return made;
  };
  const play = button('play', 'Play', 'Play or pause (space)', act.toggle);
  const back = button('back', 'One moment back', 'One moment back (←)', () => act.stepTo(-1));
  const forth = button('forth', 'One moment on', 'One moment on (→)', () => act.stepTo(1));
  const loop = button('loop', 'Repeat', 'Begin again at the end (l)', act.loop);
  const screen = button('screen', 'Whole screen', 'Whole screen (f)', act.screen);
  const scrubber = element('input', 'lr-scrubber', {type: 'range', min: 0, max: SCRUBBER_STEPS, step: 1, ariaLabel: 'Moment of the training'});
  scrubber.addEventListener('input', () => act.seek(scrubber.valueAsNumber / SCRUBBER_STEPS));
  const strip = element('div', 'lr-strip', {ariaHidden: 'true'});
  const track = element('div', 'lr-track', {}, scrubber, strip);
  const speeds = SPEEDS.map(factor => {
    const label = `${factor === 0.5 ? '½' : factor}×`;
    const made = element('button', 'lr-choice', {textContent: label, title: 'Speed (+ and −)', ariaLabel: `Speed ${label}`});
    made.addEventListener('click', () => act.speed(factor));
    return made;
  });
  const views = data.views.length < 2 ? [] : data.views.map((view, v) => {
    const made = element('button', 'lr-choice', {textContent: nameOfView(view, data), title: explainView(view, data)});
    made.addEventListener('click', () => act.view(v));
    return made;
  });
  const rate = element('div', 'lr-choices', {role: 'group', ariaLabel: 'Speed'}, ...speeds);
  const seen = element('div', 'lr-choices', {role: 'group', ariaLabel: 'How the cloud is seen'}, ...views);
  seen.hidden = !views.length;
  const steps = element('div', 'lr-steps', {}, back, play, forth);
  const transport = element('div', 'lr-transport', {role: 'group', ariaLabel: 'Replay'}, steps, track,
    element('div', 'lr-rest', {}, rate, loop, screen));

  // Writes kept moments, epochs and changes of course under the scrubber.
  function layStrip(width) {
    const left = time => `${(100 * time).toFixed(3)}%`;
    const at = (className, time, text = '') => {
      const made = element('span', className, {textContent: text});
      made.style.left = left(time);
      return made;
    };
    const ticks = epochTicks(data.epochs, 44 / Math.max(44, width));
    strip.replaceChildren(
      ...Array.from(data.times, time => at('lr-moment', time)),
      ...data.changes.map(change => Object.assign(at(`lr-change${change.beta === null ? ' lr-change-lr' : ''}`, change.time), {title: describeChange(change)})),
      ...ticks.map(({epoch, time}) => at('lr-epoch', time, epoch.toLocaleString('en', {maximumFractionDigits: 2}))),
    );
  }

  function set({time, text, isPlaying, speed, isLooping, view}) {
    scrubber.value = Math.round(time * SCRUBBER_STEPS);
    scrubber.style.setProperty('--done', `${(100 * time).toFixed(3)}%`);
    scrubber.setAttribute('aria-valuetext', text);
    if (play.dataset.playing !== String(isPlaying)) {
      play.dataset.playing = String(isPlaying);
      play.ariaLabel = isPlaying ? 'Pause' : 'Play';
    }
    speeds.forEach((made, k) => { made.ariaPressed = String(SPEEDS[k] === speed); });
    views.forEach((made, v) => { made.ariaPressed = String(v === view); });
    loop.ariaPressed = String(isLooping);
  }

  return {transport, seen, strip, set, layStrip};
}

// "β → 4", "learning rate × 0.5"
export function describeChange({beta, lr}) {
  const parts = [beta !== null && `β → ${Number(beta.toPrecision(4))}`, lr !== null && `learning rate × ${Number(lr.toPrecision(3))}`];
  return parts.filter(Boolean).join(', ');
}

function nameOfView({name, axes}, {views}) {
  if (name === 'axes') return views[0].axes.join() === axes.join() ? 'As it was' : axes.join(', ');
  return axes[0].startsWith('PCA') ? 'PCA' : 'Turned to match';
}

function explainView({name, axes}, {views}) {
  if (name === 'turned') return 'Every moment is turned and mirrored onto the next, so that only what is learnt moves';
  return views[0].axes.join() === axes.join() ? 'The dimensions as they were, turning and mirroring included'
    : `${axes.join(' and ')} as they were: the two dimensions that say most at the end`;
}

// Keys on the whole replay; those that a control needs for itself stay its own.
export function bindReplayKeys(root, act, signal) {
  const press = event => {
    const {key, target, ctrlKey, metaKey, altKey, shiftKey} = event;
    if (ctrlKey || metaKey || altKey) return;
    const keys = {
      ArrowLeft: () => act.stepTo(shiftKey ? -10 : -1),
      ArrowRight: () => act.stepTo(shiftKey ? 10 : 1),
      Home: () => act.end(-1),
      End: () => act.end(1),
      '+': () => act.faster(1),
      '=': () => act.faster(1),
      '-': () => act.faster(-1),
      k: act.toggle,
      l: act.loop,
      f: act.screen,
      Escape: () => act.alone(-1),
    };
    if (key === ' ' && !target.matches('button')) keys[' '] = act.toggle;
    if (!keys[key]) return;
    keys[key]();
    event.preventDefault();
    event.stopPropagation();
  };
  root.addEventListener('keydown', press, {signal});
  const whole = root.ownerDocument;
  const isIdle = () => [null, whole.body, whole.documentElement].includes(whole.activeElement);
  whole.addEventListener('keydown', event => {
    if (!event.defaultPrevented && isIdle() && isInSight(root) && FREE_KEYS.has(event.key)) press(event);
  }, {signal});
}

function isInSight(node) {
  const {top, bottom, height} = node.getBoundingClientRect();
  return height > 0 && top < innerHeight / 2 && bottom > 0;
}
