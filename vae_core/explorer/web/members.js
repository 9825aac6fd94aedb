// What a group of examples has in common: their average picture and the one decoded from their mean code, how far apart
// they stand, who they are; and a name to keep them by.

import {countExamples} from './colours.js';
import {element} from './layout.js';
import {showCanvas} from './neighbours.js';
import {rankDimensions} from './state.js';
import {describeSpread, groupMoments, meanPicture, mostTypical} from './statistics.js';
import {paintPixels} from './thumbs.js';
import {formatNumber, nameOf} from './words.js';

const FIRST_MEMBERS = 16;
const MORE_MEMBERS = 48;
const MOST_MEMBERS = 304; // more are seen better on the map
const SPREAD_ROWS = 8;
const SPREAD_REACH = 2.5; // deviations of everybody to either side of everybody's mean

// {node, show(group or null), renew(group)}; `close()` gives the group up, `choose(rows, {title, tag})` makes another one.
export function createMembers(explorer, {close, choose}) {
  const {meta, points} = explorer;
  const node = element('section', 'ls-members', {ariaLabel: 'Group', hidden: true});
  node.dataset.panel = 'group';
  const {live} = rankDimensions(explorer.moving.peak);
  let isOpen = false; // the figure of spreads
  const measured = () => once(() => groupMoments(points, Uint32Array.from(points.label.keys())));
  let everybody = measured();

  function show(group) {
    node.hidden = !group || explorer.hide.includes('group');
    if (node.hidden) return node.replaceChildren();
    const moments = groupMoments(points, group.rows);
    const parts = [head(group), pictures(group.rows, moments), spread(moments), list(group.rows, moments), actions(group)];
    return node.replaceChildren(...parts.filter(Boolean));
  }

  function head({title, rows}) {
    const button = element('button', 'ls-close', {textContent: '✕', ariaLabel: 'No group', title: 'No group (Esc)'});
    button.addEventListener('click', () => {
      close();
      explorer.parts.map.focus({preventScroll: true});
    });
    const count = element('span', title ? 'ls-aside' : '', {textContent: countExamples(rows.length)});
    const name = title ? [element('bdi', 'ls-name-of', {textContent: title})] : [];
    return element('header', '', {}, element('h3', '', {}, ...name, count), button);
  }

  function pictures(rows, {mean}) {
    const thumbs = explorer.extras?.tensors.thumbs;
    const average = thumbs && meanPicture(thumbs, rows);
    const figures = [];
    if (average) {
      const text = average.count < rows.length ? `average of ${average.count.toLocaleString('en')}` : 'average picture';
      figures.push(figure(average.values, average.shape, text));
    }
    const centre = figure(new Float32Array(meta.shape.reduce((a, b) => a * b)), meta.shape, 'decoded mean');
    const button = element('button', 'ls-plain', {title: 'Go to the mean of their codes'}, centre);
    button.addEventListener('click', () => explorer.travel(Array.from(mean), {selected: -1}));
    explorer.scene.order(node, mean, decoded => showCanvas(centre.firstChild, paintPixels(decoded, meta.shape)));
    return element('div', 'ls-faces', {}, ...figures, button);
  }

  function spread({mean, deviation}) {
    const all = everybody();
    const shown = live.slice(0, SPREAD_ROWS);
    if (!shown.length) return null;
    const at = (d, value) => Math.max(0, Math.min(100, 50 + 50 * (value - all.mean[d]) / (SPREAD_REACH * (all.deviation[d] || 1))));
    const bar = (className, d, middle, reach) => {
      const [left, right] = [at(d, middle - reach), at(d, middle + reach)];
      const band = element('span', className);
      band.style.left = `${left}%`;
      band.style.width = `${Math.max(1, right - left)}%`;
      return band;
    };
    const rows = shown.map(d => {
      const title = `${nameOf(d)}: ${formatNumber(mean[d])} ± ${formatNumber(deviation[d])}; all examples ${formatNumber(all.mean[d])} ± ${formatNumber(all.deviation[d])}`;
      const track = element('span', 'ls-track', {}, bar('ls-all', d, all.mean[d], all.deviation[d]), bar('ls-band', d, mean[d], deviation[d]));
      return element('div', 'ls-spread-row', {title}, element('span', 'ls-name', {textContent: nameOf(d)}), track);
    });
    const summary = element('summary', '', {textContent: describeSpread({deviation}, all, live)});
    const key = element('p', 'ls-hint', {textContent: 'Mean ± one standard deviation: the group’s, and faintly that of all examples.'});
    return element('details', '', {open: isOpen, ontoggle: event => { isOpen = event.target.open; }}, summary, ...rows, key);
  }

  function list(rows, {mean}) {
    const {thumbs} = explorer;
    const pictured = thumbs ? rows.filter(row => row < thumbs.count) : [];
    const from = pictured.length ? pictured : rows;
    const ordered = mostTypical(points, from, mean, everybody().deviation, MOST_MEMBERS);
    const box = element('div', `ls-faces-list${pictured.length ? '' : ' ls-worded'}`, {role: 'group', ariaLabel: 'Members, most typical first'});
    const more = element('button', 'ls-grow', {});
    let shown = 0;
    const grow = count => {
      box.append(...ordered.slice(shown, shown + count).map(row => member(row, pictured.length > 0)));
      shown = Math.min(ordered.length, shown + count);
      more.textContent = `Show more of ${from.length.toLocaleString('en')}`;
      more.hidden = shown === ordered.length;
      box.append(more);
    };
    more.addEventListener('click', () => grow(MORE_MEMBERS));
    grow(FIRST_MEMBERS);
    return box;
  }

  function member(row, hasPicture) {
    const title = explorer.titleOf(row);
    const content = hasPicture ? [showPixels(explorer.thumbs.values(row), explorer.thumbs.shape)] : [title];
    const button = element('button', 'ls-plain', {title, ariaLabel: `Go to ${title}`}, ...content);
    button.addEventListener('click', () => explorer.travel(explorer.codeOf(row), {selected: row}));
    return button;
  }

  function actions(group) {
    const box = element('div', 'ls-actions');
    const action = (textContent, act, title = '') => {
      const button = element('button', 'ls-tool', {textContent, title});
      button.addEventListener('click', act);
      return button;
    };
    const ask = (value, act) => box.replaceChildren(nameForm(value, act, () => box.replaceChildren(...usual())));
    const usual = () => (group.tag ? [
      action('Colour by it', () => explorer.change({colour: `tag:${group.tag}`}), 'This tag in one colour, all others grey'),
      action('Rename', () => ask(group.tag, name => {
        const tag = explorer.tags.rename(group.tag, name);
        choose(group.rows, {title: tag, tag});
      })),
      action('Delete tag', () => explorer.tags.remove(group.tag)),
    ] : [action('Save as tag', () => ask(group.title, name => {
      const {name: tag} = explorer.tags.save(name, group.rows);
      choose(group.rows, {title: tag, tag});
    }), explorer.tags.isKept() ? 'Kept with this run' : 'Kept until this page is closed')]);
    box.append(...usual());
    if (!group.tag && explorer.tags.isFull()) box.replaceChildren();
    return box;
  }

  // Codes have changed.
  function renew(group) {
    everybody = measured();
    show(group);
  }

  return {node, show, renew};
}

// A field for a name with its button; Escape gives up.
function nameForm(value, act, giveUp) {
  const input = element('input', '', {value, maxLength: 40, required: true, ariaLabel: 'Name of the tag', placeholder: 'Name'});
  const form = element('form', 'ls-naming', {}, input, element('button', 'ls-tool', {textContent: 'Save'}));
  form.addEventListener('submit', event => {
    event.preventDefault();
    act(input.value);
  });
  form.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Escape') giveUp();
  });
  setTimeout(() => input.select());
  return form;
}

function figure(values, shape, text) {
  return element('figure', '', {}, showPixels(values, shape), element('figcaption', '', {textContent: text}));
}

// A canvas element with a picture of C * H * W values in [0, 1].
function showPixels(values, shape) {
  const [, height, width] = shape;
  const canvas = element('canvas');
  canvas.style.aspectRatio = `${width} / ${height}`;
  showCanvas(canvas, paintPixels(values, shape));
  return canvas;
}

function once(make) {
  let made = null;
  return () => (made ??= make());
}
