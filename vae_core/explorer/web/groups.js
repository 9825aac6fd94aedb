// Groups of examples: drawn around on the map, found by name or kept as a tag. The others step back, and a panel shows
// what the group has in common (members.js).

import {countExamples} from './colours.js';
import {createLasso, joinRows} from './lasso.js';
import {element} from './layout.js';
import {createMembers} from './members.js';
import {maskOf} from './paints.js';
import {shorten} from './words.js';

const TOOL_KEYS = {l: 'lasso', b: 'box'};

export function createGroups(explorer) {
  const {points: {count}, parts, scene: {signal}} = explorer;
  let group = null; // {title, tag (its name, '' without), rows}
  let {beta} = explorer; // that the members are described at
  const close = () => choose([]);
  const members = createMembers(explorer, {close, choose});
  parts.panel.append(members.node);
  const chips = element('div', 'ls-tags', {role: 'group', ariaLabel: 'Tags', hidden: true});
  chips.dataset.panel = 'group';
  parts.legend.after(chips);

  const lassos = {};
  for (const shape of ['lasso', 'box']) lassos[shape] = createLasso(explorer, shape, {done, missed: close});
  const buttons = Object.entries(TOOL_KEYS).map(([key, shape]) => {
    lassos[shape].listen(signal);
    const title = `draw around examples to see what they have in common; Shift adds, Alt removes (${key})`;
    const ariaLabel = {lasso: 'Lasso', box: 'Box'}[shape];
    const button = element('button', `ls-tool ls-${shape}`, {ariaLabel, title: `${ariaLabel}: ${title}`, ariaPressed: 'false'});
    button.addEventListener('click', () => pick(shape), {signal});
    button.dataset.shape = shape;
    return button;
  });
  const tools = element('div', 'ls-group', {role: 'group', ariaLabel: 'Select a group'}, ...buttons);
  tools.dataset.panel = 'group';
  if (count) parts.bar.append(tools);

  // Takes a tool up, or puts it down.
  function pick(shape) {
    const tool = explorer.tool === lassos[shape] ? null : lassos[shape];
    explorer.tool?.cancel();
    explorer.tool = tool;
    showTool();
    explorer.say(tool ? `${tool.shape === 'lasso' ? 'Lasso' : 'Box'}: draw around examples on the map.` : 'The hand moves the pin again.');
  }

  function showTool() {
    for (const button of buttons) button.ariaPressed = String(explorer.tool === lassos[button.dataset.shape]);
    parts.map.classList.toggle('ls-drawing', Object.values(lassos).includes(explorer.tool));
  }

  function done(rows, mode) {
    const next = joinRows(group?.rows ?? [], rows, mode);
    choose(next, mode !== 'new' && group?.tag ? {title: '', tag: ''} : {});
  }

  // Shows these examples as a group; none: no group any more.
  function choose(rows, {title = '', tag = ''} = {}) {
    const before = group;
    group = rows.length ? {title, tag, rows} : null;
    if (!group && !before) return;
    explorer.front = group && {mask: maskOf(rows, count), fades: true};
    explorer.arrange();
    explorer.touched();
    members.show(group);
    markChips();
    explorer.say(summary() || 'No group.');
  }

  function summary() {
    return group ? `${group.title ? `${group.title}, ` : ''}${countExamples(group.rows.length)} in the group.` : '';
  }

  function showChips() {
    const tags = explorer.tags.all();
    chips.hidden = !tags.length || explorer.hide.includes('group');
    chips.replaceChildren(...tags.map(({name, rows}) => {
      const chip = element('button', 'ls-chip ls-tag', {title: `${name}: ${countExamples(rows.length)}`}, element('bdi', '', {textContent: shorten(name, 24)}));
      chip.dataset.tag = name;
      chip.addEventListener('click', () => (group?.tag === name ? close() : choose(rows, {title: name, tag: name})));
      return chip;
    }));
    markChips();
  }

  function markChips() {
    for (const chip of chips.children) chip.ariaPressed = String(chip.dataset.tag === group?.tag);
  }

  explorer.chooseGroup = choose;
  return {
    help: [['l b', 'Lasso, box: select a group; Shift adds, Alt removes'], ['Escape', 'Back: what is being drawn, the group, the tool, the selection']],
    key({key, ctrlKey, metaKey, altKey}) {
      if (ctrlKey || metaKey || altKey) return false;
      const shape = TOOL_KEYS[key.toLowerCase()];
      if (shape && count) pick(shape);
      else if (key === 'Escape') return escape();
      return Boolean(shape && count);
    },
    above: (context, map) => explorer.tool?.draw?.(context, map),
    tagged() {
      showChips();
      if (group?.tag && !explorer.tags.get(group.tag)) choose(group.rows);
    },
    extended: () => members.show(group),
    rested() {
      if (beta === (beta = explorer.beta)) return;
      members.renew(group);
    },
    summary,
  };

  // One thing at a time: what is being drawn, the group, the tool.
  function escape() {
    if (explorer.tool?.isDrawing?.()) explorer.tool.cancel();
    else if (group) close();
    else if (Object.values(lassos).includes(explorer.tool)) pick(explorer.tool.shape);
    else return false;
    return true;
  }
}
