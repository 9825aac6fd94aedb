// The presenter's view of a path: the whole screen, a large picture, the author's words; arrows glide from anchor to
// anchor, as the keys of a presenter's remote (page up and down) do.

import {element} from './layout.js';

const GLIDE_TIME = 1600; // milliseconds from anchor to anchor
const SWIPE = 40; // CSS pixels that make a stroke across the picture
const SAME_PLACE = 0.01; // frames
const HAND_HINT = 'Swipe, or touch a side of the picture: to the next anchor';
const KEY_HINT = '← → to the next anchor · space plays · Esc leaves';

// `page` is the PathPage of path.js, `words` {title, notes: [paragraphs]}. Returns {node (for the page's root), toggle(),
// draw()}. Its listeners end with the page's signal.
export function createPresenter(page, {title = '', notes = []} = {}) {
  const {root, parts: {frame}, scene: {signal, loop}} = page;
  const steps = element('div', 'lp-talk-steps', {role: 'group', ariaLabel: 'Anchors'});
  const close = element('button', 'ls-tool lp-talk-close', {textContent: 'Leave', title: 'Leave the presenter’s view (Esc)'});
  const text = notes.map(paragraph => element('p', '', {textContent: paragraph}));
  const hint = element('p', 'lp-talk-hint', {textContent: matchMedia('(pointer: coarse)').matches ? HAND_HINT : KEY_HINT});
  const node = element('section', 'lp-talk', {ariaLabel: 'Presenter’s view'},
    element('h2', '', {textContent: title}), ...text, steps, element('div', 'lp-talk-foot', {}, hint, close));
  let isOn = false;
  let aim = null; // the anchor that it glides to
  let turn = 0; // which glide is the latest
  let shown = '';
  let opener = null; // what had the focus before

  function toggle(wanted = !isOn) {
    if (wanted === isOn) return;
    isOn = wanted;
    if (isOn) opener = root.getRootNode().activeElement;
    turn += 1;
    aim = null;
    page.player.stop();
    root.classList.toggle('lp-presenting', isOn);
    document.documentElement.classList.toggle('ls-presenting', isOn);
    if (isOn) fill();
    else if (document.fullscreenElement) document.exitFullscreen();
    page.peekAt(null);
    (!isOn && root.contains(opener) ? opener : root).focus({preventScroll: true});
    page.rest();
  }

  // The whole screen; where that is refused, the window.
  async function fill() {
    try {
      await root.requestFullscreen?.();
      if (!isOn && document.fullscreenElement) await document.exitFullscreen(); // left meanwhile
    } catch { /* refused */ }
  }

  // From anchor to anchor; in a loop the last one is the first again.
  function go(k) {
    const marks = page.frames.marks();
    if (k < 0 || k >= marks.length) {
      if (!page.state.isLoop) return;
      page.put(marks.at(k < 0 ? -1 : 0));
      k = k < 0 ? marks.length - 2 : 1;
    }
    page.player.stop();
    const mine = ++turn;
    const [from, to] = [page.state.at, marks[k]];
    aim = k;
    loop.glide(GLIDE_TIME, share => {
      if (mine !== turn) return;
      page.put(from + (to - from) * share);
      if (share < 1) return;
      aim = null;
      page.rest();
    });
  }

  function step(by) {
    const marks = page.frames.marks();
    if (aim !== null) return go(aim + by);
    const {at} = page.state;
    const ahead = by > 0 ? marks.findIndex(mark => mark > at + SAME_PLACE) : marks.findLastIndex(mark => mark < at - SAME_PLACE);
    return go(ahead < 0 && by > 0 ? marks.length : ahead);
  }

  function play() {
    turn += 1;
    aim = null;
    page.player.toggle();
  }

  const keys = {
    ArrowRight: () => step(1), ArrowDown: () => step(1), PageDown: () => step(1),
    ArrowLeft: () => step(-1), ArrowUp: () => step(-1), PageUp: () => step(-1),
    Home: () => go(0), End: () => go(page.frames.marks().length - 1),
    ' ': play, f: () => toggle(false), Escape: () => toggle(false),
  };
  root.addEventListener('keydown', event => {
    const {key, target, ctrlKey, metaKey, altKey} = event;
    if (!isOn || ctrlKey || metaKey || altKey || !keys[key] || (key === ' ' && target.matches('button'))) return;
    keys[key]();
    event.preventDefault();
    event.stopImmediatePropagation();
  }, {signal, capture: true});
  document.addEventListener('keydown', event => {
    const {key, target, ctrlKey, metaKey, altKey} = event;
    if (isOn || key !== 'f' || ctrlKey || metaKey || altKey || target !== document.body) return;
    event.preventDefault();
    toggle(true);
  }, {signal});
  // Esc in full screen is the browser's own.
  document.addEventListener('fullscreenchange', () => { if (!document.fullscreenElement) toggle(false); }, {signal});
  close.addEventListener('click', () => toggle(false));
  signal.addEventListener('abort', () => document.documentElement.classList.remove('ls-presenting')); // or nothing scrolls

  // A stroke across the picture, or a touch of one half of it.
  let start = null;
  frame.addEventListener('pointerdown', ({clientX, clientY}) => { start = [clientX, clientY]; }, {signal});
  frame.addEventListener('pointerup', ({clientX, clientY}) => {
    if (!isOn || !start) return;
    const [across, down] = [clientX - start[0], clientY - start[1]];
    start = null;
    if (Math.abs(across) > SWIPE && Math.abs(across) > Math.abs(down)) return step(across < 0 ? 1 : -1);
    const {left, width} = frame.getBoundingClientRect();
    if (Math.hypot(across, down) < SWIPE) step(clientX < left + width / 2 ? -1 : 1);
  }, {signal});

  // One button an anchor, pressed where it stands.
  function draw() {
    if (!isOn) return;
    const marks = page.frames.marks();
    const names = page.state.anchors.map(anchor => page.pictures.nameOf(anchor));
    if (names.join('\n') !== shown) {
      shown = names.join('\n');
      steps.replaceChildren(...names.map((name, k) => {
        const button = element('button', 'lp-talk-step', {ariaLabel: `Anchor ${k + 1}: ${name}`, title: name}, String(k + 1));
        button.addEventListener('click', () => go(k));
        return button;
      }));
    }
    [...steps.children].forEach((button, k) => {
      const isHere = marks.some((mark, n) => n % names.length === k && Math.abs(mark - page.state.at) < 0.5); // twice in a loop
      button.ariaPressed = String(aim === null ? isHere : aim % names.length === k);
    });
  }

  return {node, toggle, draw};
}
