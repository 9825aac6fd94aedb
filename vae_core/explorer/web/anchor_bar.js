// The anchors of a path as a row of small pictures: dragged into another order, removed, gone to.

import {element} from './layout.js';
import {PATH_ANCHORS} from './path_state.js';
import {paintPixels} from './thumbs.js';

const DRAG_FROM = 6; // CSS pixels after which a press is a drag

// `act`: go(k), remove(k), move(from, to), add(). `nameOfAnchor(anchor)` and `pictureOfAnchor(anchor, k)` -> {values, shape}
// or null while it is still to come.
export function createAnchorBar(act, nameOfAnchor, pictureOfAnchor) {
  const list = element('div', 'lp-anchors', {role: 'list', ariaLabel: 'Anchors of the path'});
  const add = element('button', 'lp-add', {title: 'Add an anchor: an example, a sample, a code'}, element('span', '', {textContent: '+', ariaHidden: 'true'}), 'Add');
  add.addEventListener('click', act.add);
  const node = element('div', 'lp-anchor-bar', {}, list, add);
  let chips = [];
  let shown = '';

  function build(anchors) {
    const focused = chips.findIndex(({open}) => open === open.getRootNode().activeElement);
    chips = anchors.map((anchor, k) => buildAnchorChip(nameOfAnchor(anchor), k, anchors.length, act));
    bindOrder(list, chips, act.move);
    list.replaceChildren(...chips.map(({chip}) => chip));
    add.disabled = anchors.length >= PATH_ANCHORS[1];
    add.title = add.disabled ? 'Eight anchors are the most' : 'Add an anchor: an example, a sample, a code';
    if (focused >= 0) chips[Math.min(focused, chips.length - 1)].open.focus({preventScroll: true});
  }

  return {
    node,
    add,
    draw(anchors) {
      const names = anchors.map(nameOfAnchor).join('\n');
      if (names !== shown) build(anchors);
      shown = names;
      anchors.forEach((anchor, k) => {
        const found = pictureOfAnchor(anchor, k);
        if (!found || chips[k].values === found.values) return;
        chips[k].values = found.values;
        const picture = paintPixels(found.values, found.shape);
        Object.assign(chips[k].canvas, {width: picture.width, height: picture.height});
        chips[k].canvas.getContext('2d').drawImage(picture, 0, 0);
      });
    },
    focus: k => chips[k]?.open.focus({preventScroll: true}),
  };
}

function buildAnchorChip(name, k, count, act) {
  const canvas = element('canvas', '', {ariaHidden: 'true'});
  const title = `${name}. Drag to another place, Alt and arrows move it, Delete removes it.`;
  const open = element('button', 'lp-anchor-open', {title, ariaLabel: `Anchor ${k + 1}: ${title}`}, canvas,
    element('span', 'lp-number', {textContent: k + 1, ariaHidden: 'true'}), element('bdi', 'lp-anchor-name', {textContent: name}));
  const remove = element('button', 'lp-remove', {textContent: '✕', title: 'Remove', ariaLabel: `Remove anchor ${k + 1}`, hidden: count <= PATH_ANCHORS[0]});
  remove.addEventListener('click', () => act.remove(k));
  open.addEventListener('click', () => act.go(k));
  open.addEventListener('keydown', event => {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (by && event.altKey) act.move(k, Math.min(count - 1, Math.max(0, k + by)));
    else if (event.key === 'Delete' && count > PATH_ANCHORS[0]) act.remove(k);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {chip: element('div', 'lp-anchor', {role: 'listitem'}, open, remove), open, canvas, values: null};
}

// A chip taken by the hand is put where it is let go.
function bindOrder(list, chips, move) {
  chips.forEach(({chip, open}, from) => {
    let start = null; // where the hand came down
    let to = from;
    const end = () => {
      start = null;
      chip.style.translate = '';
      list.classList.remove('lp-sorting');
    };
    open.addEventListener('pointerdown', event => {
      if (event.button !== 0) return;
      open.setPointerCapture(event.pointerId);
      [start, to] = [[event.clientX, event.clientY], from];
    });
    open.addEventListener('pointermove', event => {
      if (!start) return;
      const [dx, dy] = [event.clientX - start[0], event.clientY - start[1]];
      if (!chip.style.translate && Math.hypot(dx, dy) < DRAG_FROM) return;
      list.classList.add('lp-sorting');
      chip.style.translate = `${dx}px ${dy}px`;
      const middle = ({offsetLeft, offsetTop, offsetWidth, offsetHeight}) => [offsetLeft + offsetWidth / 2, offsetTop + offsetHeight / 2];
      const [x, y] = middle(chip).map((place, k) => place + [dx, dy][k]);
      const isBefore = other => {
        const [left, top] = middle(other);
        return Math.abs(top - y) < other.offsetHeight / 2 ? left < x : top < y;
      };
      to = chips.filter((other, k) => k !== from && isBefore(other.chip)).length;
    });
    open.addEventListener('pointerup', () => {
      end();
      if (to !== from) move(from, to);
    });
    open.addEventListener('pointercancel', end);
  });
}
