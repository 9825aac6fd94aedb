// What the palette is set by: blend and support, and the way that the puck is played along.

import {CORNER_BLENDS, CORNER_NAMES, ROUTE_END} from './corners_state.js';
import {element} from './layout.js';
import {PATH_REPEATS, PATH_SPEEDS} from './path_state.js';
import {paintPixels} from './thumbs.js';

const BLEND_HELP = {
  bilinear: 'Straight between the codes',
  spherical: 'Directions are spherical averages of the corners’ (Buss and Fillmore 2001), lengths change evenly: along an edge it is the slerp',
};

// {head, transport, set(state, {isPlaying, isDrawing, at})}; `act`: choose({...part of the state}), draw(), clear(), toggle(),
// seek(at), screen().
export function createCornerControls(act) {
  const press = (textContent, title, does) => {
    const button = element('button', 'ls-tool', {textContent, title});
    button.addEventListener('click', does);
    return button;
  };
  const blends = Object.entries(CORNER_BLENDS).map(([value, textContent]) => {
    const button = element('button', 'lr-choice', {textContent, title: BLEND_HELP[value]});
    button.addEventListener('click', () => act.choose({blend: value}));
    return [value, button];
  });
  const support = press('Support', 'Frames each picture in the colour of its support: how lonely its code lies among the data',
    () => act.choose({hasSupport: support.ariaPressed !== 'true'}));
  const draw = press('Draw a path', 'Draw on the square; by keyboard Enter adds where the puck stands', act.draw);
  const clear = press('Clear path', 'Without a path', act.clear);
  const head = element('div', 'lc-head', {},
    element('div', 'lr-choices', {role: 'group', ariaLabel: 'Blend'}, ...blends.map(([, button]) => button)), support, draw, clear);
  const {transport, set: setTransport} = buildRouteTransport(act);
  return {
    head,
    transport,
    draw,
    set(state, {isPlaying, isDrawing, at}) {
      for (const [value, button] of blends) button.ariaPressed = String(value === state.blend);
      support.ariaPressed = String(state.hasSupport);
      draw.ariaPressed = String(isDrawing);
      clear.hidden = transport.hidden = !state.route;
      setTransport(state, isPlaying, at);
    },
  };
}

function buildRouteTransport(act) {
  const play = element('button', 'lr-button lr-play', {ariaLabel: 'Play', title: 'Play or pause (space)'},
    element('span', 'lr-icon lr-icon-play', {ariaHidden: 'true'}));
  play.addEventListener('click', act.toggle);
  const scrubber = element('input', 'lr-scrubber', {type: 'range', min: 0, max: ROUTE_END, step: 0.1, ariaLabel: 'Place along the path'});
  scrubber.addEventListener('input', () => act.seek(scrubber.valueAsNumber));
  const select = (ariaLabel, options, read) => {
    const made = element('select', 'lp-select', {ariaLabel, title: ariaLabel}, ...options.map(([value, textContent]) => element('option', '', {value, textContent})));
    made.addEventListener('change', () => act.choose(read(made.value)));
    return made;
  };
  const speed = select('Speed', PATH_SPEEDS.map(value => [value, `${value === 0.5 ? '½' : value}×`]), value => ({speed: Number(value)}));
  const repeat = select('At the end', Object.entries(PATH_REPEATS), value => ({repeat: value}));
  const transport = element('div', 'lc-transport', {role: 'group', ariaLabel: 'Player'}, play, element('div', 'lr-track', {}, scrubber), speed, repeat);

  function set(state, isPlaying, at) {
    scrubber.value = at;
    scrubber.style.setProperty('--done', `${(100 * at / ROUTE_END).toFixed(1)}%`);
    for (const [made, name] of [[speed, 'speed'], [repeat, 'repeat']]) {
      if (made.value !== String(state[name])) made.value = String(state[name]);
    }
    if (play.dataset.playing === String(isPlaying)) return;
    play.dataset.playing = String(isPlaying);
    play.ariaLabel = isPlaying ? 'Pause' : 'Play';
  }
  return {transport, set};
}

// The four corners as buttons with their pictures: {nodes, draw(corners, chosen, isOpen), focus(k)}. `nameOf(corner)` and
// `pictureOf(corner, k)` -> {values, shape} or null while it is still to come.
export function createCornerChips(open, nameOf, pictureOf) {
  const chips = CORNER_NAMES.map((name, k) => {
    const canvas = element('canvas', '', {ariaHidden: 'true'});
    const button = element('button', 'lp-anchor-open lc-chip', {}, canvas,
      element('span', 'lp-number', {textContent: k + 1, ariaHidden: 'true'}));
    button.dataset.corner = k;
    button.addEventListener('click', () => open(k));
    return {button, canvas, name, values: null};
  });
  return {
    nodes: chips.map(({button}) => button),
    focus: k => chips[k].button.focus({preventScroll: true}),
    draw(corners, chosen, isOpen) {
      chips.forEach((chip, k) => {
        const label = `Corner ${k + 1}, ${chip.name}: ${nameOf(corners[k])}`;
        if (chip.button.ariaLabel !== label) Object.assign(chip.button, {ariaLabel: label, title: `${label}. Click to choose another.`});
        chip.button.ariaPressed = String(isOpen && k === chosen);
        chip.button.classList.toggle('lc-chosen', k === chosen);
        const found = pictureOf(corners[k], k);
        if (!found || chip.values === found.values) return;
        chip.values = found.values;
        const picture = paintPixels(found.values, found.shape);
        Object.assign(chip.canvas, {width: picture.width, height: picture.height});
        chip.canvas.getContext('2d').drawImage(picture, 0, 0);
      });
    },
  };
}
