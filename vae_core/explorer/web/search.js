// Finding examples by number, class or tag: "17", "#17", "sneaker".

import {countExamples} from './colours.js';
import {element, paintMark} from './layout.js';

const FOUND = 8; // results at most

export function createSearch(explorer) {
  const {bundle, points, parts, names, scene: {signal}} = explorer;
  const members = names.map(() => 0);
  for (const k of points.label) if (k >= 0) members[k]++;
  const rowOf = new Map();
  bundle.tensors['points.index'].data.forEach((number, row) => rowOf.set(number, row));

  const id = `ls-found-${Math.random().toString(36).slice(2)}`;
  const hint = names.length ? 'a class or a number' : 'a number';
  const input = element('input', 'ls-search', {type: 'search', role: 'combobox', placeholder: 'Find', title: `Find ${hint} (/)`, autocomplete: 'off', spellcheck: false});
  const list = element('ul', 'ls-found', {role: 'listbox', ariaLabel: 'Found', id, hidden: true});
  const box = element('div', 'ls-finder', {}, input, list);
  for (const [name, value] of [['aria-label', `Find ${hint}`], ['aria-controls', id], ['aria-expanded', 'false'], ['aria-autocomplete', 'list']]) input.setAttribute(name, value);
  box.dataset.panel = 'search';
  if (points.count) parts.bar.append(box);

  let found = [];
  let marked = 0;

  function look() {
    found = findAll(input.value, {names, members, tags: explorer.tags.all(), rowOf});
    marked = 0;
    list.replaceChildren(...(found.length ? found.map(showResult) : [element('li', 'ls-aside', {textContent: `Nothing found. Try ${hint}.`})]));
    open(input.value.trim() !== '');
    mark();
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    input.ariaExpanded = String(isOpen);
  }

  function mark() {
    [...list.children].forEach((node, k) => { node.ariaSelected = String(k === marked && found.length > 0); });
    if (found.length && !list.hidden) input.setAttribute('aria-activedescendant', `${id}-${marked}`);
    else input.removeAttribute('aria-activedescendant');
  }

  function showResult(result, k) {
    const {kind, title, note, number} = result;
    const sign = element('span', 'ls-mark', {ariaHidden: 'true'});
    if (kind === 'class') paintMark(sign, number, explorer.scene.map.theme.isDark);
    if (kind === 'example' && points.label[number] >= 0) paintMark(sign, points.label[number], explorer.scene.map.theme.isDark);
    const side = kind === 'example' ? names[points.label[number]] ?? '' : note;
    const node = element('li', '', {role: 'option', id: `${id}-${k}`}, sign, element('bdi', '', {textContent: title}), element('span', 'ls-aside', {textContent: side}));
    node.addEventListener('pointerdown', event => event.preventDefault()); // the field keeps the focus
    node.addEventListener('click', () => take(result));
    return node;
  }

  function take({kind, title, number}) {
    open(false);
    input.value = '';
    parts.map.focus({preventScroll: true});
    if (kind === 'example') return meet(number);
    const tag = kind === 'tag' ? explorer.tags.get(title) : null;
    const rows = tag ? tag.rows : Array.from(points.label.keys()).filter(n => points.label[n] === number);
    const {hidden} = explorer.state;
    if (!tag && hidden.includes(number)) explorer.hideClasses(hidden.filter(k => k !== number));
    explorer.chooseGroup(rows, {title, tag: tag ? title : ''});
    return undefined;
  }

  function meet(row) {
    const {hidden} = explorer.state;
    const k = points.label[row];
    if (hidden.includes(k)) explorer.hideClasses(hidden.filter(other => other !== k));
    explorer.travel(explorer.codeOf(row), {selected: row});
    explorer.say(`At ${explorer.titleOf(row)}.`);
  }

  input.addEventListener('input', look, {signal});
  input.addEventListener('focus', () => { if (input.value) look(); }, {signal});
  input.addEventListener('blur', () => open(false), {signal});
  input.addEventListener('keydown', event => {
    const {key} = event;
    event.stopPropagation();
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      marked = (marked + (key === 'ArrowDown' ? 1 : -1) + found.length) % Math.max(1, found.length);
      mark();
    } else if (key === 'Enter') {
      if (list.hidden) look();
      if (found[marked]) take(found[marked]);
    } else if (key === 'Escape') {
      if (input.value) input.value = '';
      else parts.map.focus({preventScroll: true});
      open(false);
    } else return;
    event.preventDefault();
  }, {signal});

  return {
    help: [['/', 'Find an example, a class or a tag']],
    key({key, ctrlKey, metaKey, altKey}) {
      if (key !== '/' || ctrlKey || metaKey || altKey || !input.isConnected || box.hidden) return false;
      input.focus();
      return true;
    },
  };
}

// What a text means, best first: [{kind: 'class' | 'tag' | 'example', title, note, number}]. "#17" is an example,
// "17" also a class or tag of that name.
export function findAll(text, {names, members, tags, rowOf}) {
  const wanted = plainText(text);
  const bare = wanted.replace(/^#\s*/, '');
  if (!bare) return [];
  const rank = name => {
    const at = plainText(name).indexOf(wanted);
    return at < 0 ? -1 : plainText(name) === wanted ? 0 : at === 0 ? 1 : 2;
  };
  const classes = names.map((title, number) => ({kind: 'class', title, note: countExamples(members[number]), number}));
  const marks = tags.map(({name, rows}) => ({kind: 'tag', title: name, note: `tag, ${countExamples(rows.length)}`, number: -1}));
  const groups = [...classes, ...marks].map(item => ({item, at: rank(item.title)})).filter(({at}) => at >= 0)
    .sort((a, b) => a.at - b.at).map(({item}) => item);
  const row = /^\d{1,10}$/.test(bare) ? rowOf.get(Number(bare)) : undefined;
  const examples = row === undefined ? [] : [{kind: 'example', title: `example ${Number(bare)}`, note: '', number: row}];
  return wanted.startsWith('#') ? [...examples, ...groups].slice(0, FOUND) : [...groups, ...examples].slice(0, FOUND);
}

// Without case, accents and spaces around it.
function plainText(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
