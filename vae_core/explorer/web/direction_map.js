// The map of the page of attributes: both groups, where the directions lead from the chosen example, and hands that choose
// an example or draw around a group.

import {addDirections, DIRECTION_REACH} from './direction_state.js';
import {bindGestures} from './gestures.js';
import {createLasso} from './lasso.js';
import {element} from './layout.js';
import {classColour, classGlyph} from './palette.js';

const GROUP_COLOURS = {having: 0, without: 4}; // as those of classes
const GROUP_WORDS = {having: 'those having it', without: 'those without it'};
const CHOICE_REACH = 8; // CSS pixels around an example within which a hand takes it

// The points of both groups in colour before all others: kinds 1 without, 2 having.
export function groupPaint(kinds) {
  const looks = isDark => [-1, GROUP_COLOURS.without, GROUP_COLOURS.having].map((k, kind) => [classColour(k, isDark), kind === 2 ? 1 : 0]);
  return {kinds: Uint16Array.from(kinds), total: 3, looks, isClass: false, front: {mask: Uint8Array.from(kinds, Math.sign), fades: false}};
}

// {tools, pick(group), draw(context, z)} for `page`, the DirectionPage; hears drawn(group, rows), chosen(z, row) and look().
export function bindDirectionMap(page) {
  const {scene: {map, signal}, parts: {map: canvas}} = page;
  const lassos = {};
  const marks = {};
  const buttons = Object.entries(GROUP_WORDS).map(([group, words]) => {
    lassos[group] = createLasso(page, 'lasso', {done: rows => take(group, rows), missed: () => pick(group)});
    const mark = element('span', 'la-mark', {ariaHidden: 'true', textContent: classGlyph(group === 'having' ? 10 : 0)});
    const button = element('button', 'ls-tool', {ariaPressed: 'false', title: `Draw around ${words} on the map`}, mark, `Draw ${words}`);
    marks[group] = mark;
    button.addEventListener('click', () => pick(group), {signal});
    return [group, button];
  });
  const tools = element('div', 'la-tools', {role: 'group', ariaLabel: 'Groups by hand'}, ...buttons.map(([, button]) => button));

  // Takes a lasso up, or puts it down.
  function pick(group) {
    const tool = page.tool === lassos[group] ? null : lassos[group];
    page.tool?.cancel();
    page.tool = tool;
    for (const [name, button] of buttons) button.ariaPressed = String(tool === lassos[name] && Boolean(tool));
    canvas.style.cursor = tool ? 'crosshair' : '';
    page.say(tool ? `Draw around ${GROUP_WORDS[group]}. Esc gives up.` : '');
  }

  function take(group, rows) {
    pick(group);
    page.drawn(group, rows);
  }

  const choose = (px, py) => {
    const {x, y, scale} = map.projection;
    const [row, at] = [page.rowAt(x(px), y(py), CHOICE_REACH / scale, px, py), [x(px), y(py)]];
    page.chosen(row >= 0 ? page.codeOf(row) : page.chart.move(page.start().z, at), row);
  };
  let before = null;
  bindGestures(canvas, {
    hover: () => {},
    leave: () => {},
    press(px, py) {
      before = page.place.start;
      if (page.tool) page.tool.down(px, py);
      else choose(px, py);
    },
    drag: (px, py) => (page.tool ? page.tool.move(px, py) : choose(px, py)),
    hold: () => page.hold(),
    release() {
      page.tool?.up();
      page.release();
    },
    undo() {
      page.tool?.cancel();
      if (!page.tool) page.change({start: before});
    },
    pan: (dx, dy) => page.pan(dx, dy),
    zoom: (px, py, factor) => page.zoom(px, py, factor),
    isBusy: () => Boolean(page.tool),
  }, signal);

  // Each direction as a line through where the others lead, the ring where the picture is from.
  function draw(context, z) {
    const {projection: {px, py}, theme} = map;
    for (const [group, k] of Object.entries(GROUP_COLOURS)) marks[group].style.color = classColour(k, theme.isDark);
    const spot = code => {
      const [x, y] = page.chart.place(code);
      return [px(x), py(y)];
    };
    const begun = page.start().z;
    page.directions.forEach((direction, k) => {
      const base = addDirections(begun, page.directions, page.place.amounts, direction);
      const end = share => spot(base.map((value, d) => value + share * direction.z[d]));
      for (const [colour, width] of [[theme.paper, 5], [theme.ink, k ? 1 : 2]]) {
        strokeArrow(context, end(-DIRECTION_REACH), end(DIRECTION_REACH), colour, width);
      }
    });
    for (const [colour, width, radius] of [[theme.paper, 6, 9], [theme.latent, 3, 9]]) strokeRing(context, spot(z), colour, width, radius);
    for (const [colour, width, radius] of [[theme.paper, 4, 4], [theme.ink, 1.5, 4]]) strokeRing(context, spot(begun), colour, width, radius);
    page.tool?.draw(context, map);
  }

  return {tools, pick, draw, isDrawing: () => Boolean(page.tool), drop: () => page.tool && pick(Object.keys(lassos).find(name => lassos[name] === page.tool))};
}

function strokeArrow(context, [fromX, fromY], [toX, toY], colour, width) {
  const angle = Math.atan2(toY - fromY, toX - fromX);
  Object.assign(context, {strokeStyle: colour, lineWidth: width, lineCap: 'round'});
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  for (const turn of [-1, 1]) {
    context.moveTo(toX, toY);
    context.lineTo(toX - 9 * Math.cos(angle + 0.45 * turn), toY - 9 * Math.sin(angle + 0.45 * turn));
  }
  context.stroke();
}

function strokeRing(context, [x, y], colour, width, radius) {
  Object.assign(context, {strokeStyle: colour, lineWidth: width});
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}
