// What the Interpolate page is set by: the kind of path, its spacing, and how it is played.

import {element} from './layout.js';
import {PATH_EASES, PATH_FRAMES, PATH_KINDS, PATH_REPEATS, PATH_SPEEDS} from './path_state.js';

const SCRUB = 100; // steps of the scrubber a frame
const KIND_HELP = {
  linear: 'The straight line between the codes',
  spherical: 'Along the great circle, the length changing evenly (slerp)',
  data: 'The shortest way over neighbouring examples, smoothed',
  geodesic: 'The shortest way in pictures, as the decoder makes them, that stays where data is (a geodesic)',
  drawn: 'Draw a way on the map',
};
const EASE_HELP = 'How the speed changes along the way';

// {kinds, transport, set(state, {isPlaying, isDrawing, reading, marks (frames of the anchors), missing (why there is no
// shortest way, if there is none)})}; `act`: choose({...part of the state}), draw(), toggle(), seek(at), step(by), screen().
export function createPathControls(act) {
  const choice = (options, label, name, choose, help = {}) => {
    const buttons = Object.entries(options).map(([value, textContent]) => {
      const button = element('button', 'lr-choice', {textContent, title: help[value] ?? ''});
      button.dataset.value = value;
      button.addEventListener('click', () => choose(value));
      return button;
    });
    const node = element('div', 'lr-choices', {role: 'group', ariaLabel: label}, ...buttons);
    return {node, buttons, set: value => buttons.forEach(button => { button.ariaPressed = String(button.dataset.value === String(value)); })};
  };
  const flag = (name, textContent, title) => {
    const button = element('button', 'ls-tool', {textContent, title});
    button.addEventListener('click', () => act.choose({[name]: button.ariaPressed !== 'true'}));
    return {button, set: state => { button.ariaPressed = String(state[name]); }};
  };
  const kind = choice(PATH_KINDS, 'Kind of path', 'kind', value => (value === 'drawn' ? act.draw() : act.choose({kind: value})), KIND_HELP);
  const by = choice({parameter: 'Even steps', change: 'Equal change'}, 'Spacing of frames', 'by', value => act.choose({by: value}),
    {parameter: 'Frames at even steps along the path', change: 'Frames at which the picture changes by the same amount each time'});
  const flags = [
    flag('isLoop', 'Back to 1', 'From the last anchor back to the first'),
    flag('hasBeyond', 'Past the ends', 'A few frames beyond the first and last anchor, greyed'),
    flag('isCompared', 'Compare kinds', 'The other kinds of path below'),
  ];
  const kinds = element('div', 'lp-kinds', {}, kind.node, by.node, element('div', 'lp-flags', {}, ...flags.map(({button}) => button)));
  const {transport, set: setTransport} = buildTransport(act);

  const shortest = kind.buttons.find(({dataset}) => dataset.value === 'geodesic');
  function set(state, {isPlaying, isDrawing, reading, marks, missing = ''}) {
    shortest.disabled = Boolean(missing);
    shortest.title = missing || KIND_HELP.geodesic;
    kind.set(isDrawing ? 'drawn' : state.kind);
    by.set(state.by);
    for (const each of flags) each.set(state);
    setTransport(state, isPlaying, reading, marks);
  }
  return {kinds, transport, set};
}

function buildTransport(act) {
  const button = (name, label, title, press) => {
    const made = element('button', `lr-button lr-${name}`, {ariaLabel: label, title}, element('span', `lr-icon lr-icon-${name}`, {ariaHidden: 'true'}));
    made.addEventListener('click', press);
    return made;
  };
  const play = button('play', 'Play', 'Play or pause (space)', act.toggle);
  const back = button('back', 'One frame back', 'One frame back (←)', () => act.step(-1));
  const forth = button('forth', 'One frame on', 'One frame on (→)', () => act.step(1));
  const screen = button('screen', 'Present', 'Present on the whole screen (f): a large picture, arrows from anchor to anchor', act.screen);
  const scrubber = element('input', 'lr-scrubber', {type: 'range', min: 0, max: SCRUB * (PATH_FRAMES - 1), step: 1, ariaLabel: 'Place along the path'});
  scrubber.addEventListener('input', () => act.seek(scrubber.valueAsNumber / SCRUB));
  const select = (label, options, name, title) => {
    const made = element('select', 'lp-select', {ariaLabel: label, title}, ...options.map(([value, textContent]) => element('option', '', {value, textContent})));
    made.addEventListener('change', () => act.choose({[name]: name === 'speed' ? Number(made.value) : made.value}));
    return made;
  };
  const strip = element('div', 'lr-strip lp-marks', {ariaHidden: 'true'});
  const speed = select('Speed', PATH_SPEEDS.map(value => [value, `${value === 0.5 ? '½' : value}×`]), 'speed', 'Speed');
  const ease = select('Easing', Object.entries(PATH_EASES), 'ease', EASE_HELP);
  const repeat = select('At the end', Object.entries(PATH_REPEATS), 'repeat', 'What follows at the end');
  const transport = element('div', 'lr-transport lp-transport', {role: 'group', ariaLabel: 'Player'},
    element('div', 'lr-steps', {}, back, play, forth), element('div', 'lr-track', {}, scrubber, strip), element('div', 'lr-rest', {}, speed, ease, repeat, screen));

  // The anchors' numbers under the scrubber.
  let shown = '';
  function mark(marks, count) {
    const text = `${marks} ${count}`;
    if (text === shown) return;
    shown = text;
    strip.replaceChildren(...marks.map((frame, k) => {
      const number = element('span', 'lp-mark', {textContent: k % count + 1});
      number.style.left = `${100 * frame / (PATH_FRAMES - 1)}%`;
      return number;
    }));
  }

  function set({at, ...state}, isPlaying, reading, marks) {
    mark(marks, state.anchors.length);
    scrubber.value = Math.round(at * SCRUB);
    scrubber.style.setProperty('--done', `${(100 * at / (PATH_FRAMES - 1)).toFixed(2)}%`);
    scrubber.setAttribute('aria-valuetext', reading);
    for (const [made, name] of [[speed, 'speed'], [ease, 'ease'], [repeat, 'repeat']]) {
      if (made.value !== String(state[name])) made.value = String(state[name]);
    }
    if (play.dataset.playing === String(isPlaying)) return;
    play.dataset.playing = String(isPlaying);
    play.ariaLabel = isPlaying ? 'Pause' : 'Play';
  }
  return {transport, set};
}

// Keys on the whole page; those that a control needs for itself stay its own.
export function bindPathKeys(root, act, signal) {
  root.addEventListener('keydown', event => {
    const {key, target, ctrlKey, metaKey, altKey} = event;
    if (ctrlKey || metaKey || altKey || target.matches('input:not([type=range]), select')) return;
    if (event.defaultPrevented && key !== ' ') return; // the dial's; the map, which pans with space, plays with it too
    const keys = {
      ArrowLeft: () => act.step(-1),
      ArrowRight: () => act.step(1),
      Home: () => act.seek(0),
      End: () => act.seek(PATH_FRAMES - 1),
      f: act.screen,
      Escape: act.escape,
    };
    if (key === ' ' && !target.matches('button')) keys[' '] = act.toggle;
    if (!keys[key]) return;
    keys[key]();
    event.preventDefault();
    event.stopPropagation();
  }, {signal});
}
