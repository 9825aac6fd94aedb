// The dial as it looks and as hands turn it: a slider on a logarithmic scale, a field for its number, marks.

import {dialScale, dialTicks, readBeta} from './dial_scale.js';
import {formatBeta} from './lab_surface.js';
import {element} from './layout.js';

const DIAL_GRIP = 22; // CSS pixels around the knob's middle within which a press takes hold of it where it is

// A dial over `range` {low, high, beta (its own)}; `label` says whose it is, `marks` are [{beta, title, why, kind}], `help`
// (one sentence, or two for its ends) is said below it as long as there is nothing else to say. `act`: turn(beta) of hand
// or key, glide(beta) on a jump, hold() and release() around a drag, say(sentence) to screen readers. Returns {node,
// show(beta, what (more words for screen readers)), say(sentence), call(symbol)}.
export function buildDial(range, {label, marks, help}, act, signal) {
  const scale = dialScale(range);
  const field = element('input', 'ls-dial-field', {type: 'text', inputMode: 'decimal', autocomplete: 'off', spellcheck: false, ariaLabel: `${label}, as a number`, title: 'β as a number'});
  const knob = element('span', 'ls-dial-knob');
  const fill = element('span', 'ls-dial-fill');
  const ticks = element('span', 'ls-dial-ticks', {ariaHidden: 'true'});
  const rail = element('span', 'ls-dial-rail', {}, fill);
  const slider = element('div', 'ls-dial-slider', {role: 'slider', tabIndex: 0, ariaLabel: label, ariaValueMin: range.low, ariaValueMax: range.high}, ticks, rail, knob);
  const own = element('span', 'ls-dial-own', {title: `β ${formatBeta(range.beta)}, the run’s own: double-click the dial to come back`});
  const words = element('p', 'ls-dial-words');
  let noted = null;
  const note = sentence => {
    if (noted === sentence) return;
    noted = sentence;
    words.replaceChildren(...(sentence ? [sentence] : help).map(textContent => element('span', '', {textContent})));
    words.classList.toggle('ls-dial-told', Boolean(sentence));
  };
  note('');
  const place = (node, beta) => node.style.setProperty('--ls-share', scale.share(beta));
  place(own, range.beta);
  const flags = marks.map(mark => buildMark(mark, {place, note, go: () => act.glide(mark.beta)}));
  const track = element('div', 'ls-dial-track', {}, own, slider, ...flags);
  const letter = element('span', 'ls-beta', {textContent: 'β', ariaHidden: 'true'});
  const number = element('label', 'ls-dial-number', {}, letter, field);
  const node = element('div', 'ls-dial-body', {}, number, track, words);

  const turn = beta => {
    note('');
    act.turn(scale.hold(beta));
  };
  let shown = range.beta;
  bindTrack(slider, track, scale, {...act, turn, shown: () => shown, home: () => act.glide(range.beta)}, signal);
  bindKeys(slider, scale, range, {turn, shown: () => shown, home: () => act.glide(range.beta)}, signal);
  const tell = sentence => {
    note(sentence);
    if (sentence) act.say(sentence);
  };
  bindField(field, range, {note: tell, go: beta => act.glide(beta), shown: () => shown}, signal);
  const sizes = new ResizeObserver(() => ticks.replaceChildren(...drawTicks(range, slider.clientWidth, place)));
  sizes.observe(slider);
  signal.addEventListener('abort', () => sizes.disconnect());

  return {
    node,
    say: note,
    call(symbol) { letter.textContent = symbol; },
    show(beta, what = '') {
      shown = beta;
      place(knob, beta);
      const [from, to] = [beta, range.beta].map(scale.share).sort((a, b) => a - b);
      fill.style.setProperty('--ls-from', from);
      fill.style.setProperty('--ls-to', to);
      slider.ariaValueNow = beta;
      slider.ariaValueText = `β ${formatBeta(beta)}${what && `, ${what}`}`;
      if (!field.matches(':focus')) field.value = formatBeta(beta);
    },
  };
}

function drawTicks(range, width, place) {
  return dialTicks(range, width).map(({beta, text, isMajor}) => {
    const tick = element('span', `ls-dial-tick${isMajor ? ' ls-major' : ''}`, {textContent: text});
    place(tick, beta);
    return tick;
  });
}

// A flag on the rail that tells its words when it is pointed at or focused, and turns the dial there.
function buildMark({beta, title, why, kind, isGap}, {place, note, go}) {
  const said = `${title}, β ${formatBeta(beta)}. ${why}`.trim();
  const flag = element('button', `ls-dial-mark ls-dial-${kind}`, {ariaLabel: isGap ? said : `Turn to ${said}`, title: said});
  const tell = () => note(said);
  const hush = () => note('');
  for (const type of ['pointerenter', 'focus']) flag.addEventListener(type, tell);
  for (const type of ['pointerleave', 'blur']) flag.addEventListener(type, hush);
  flag.addEventListener('click', () => {
    if (!isGap) go();
    note(said);
  });
  place(flag, beta);
  return flag;
}

function bindTrack(slider, track, scale, act, signal) {
  const on = (type, listener) => slider.addEventListener(type, listener, {signal});
  let off = null; // CSS pixels from the knob's middle to the finger, null without one
  const follow = ({clientX}) => {
    const {left, width} = slider.getBoundingClientRect();
    act.turn(scale.beta((clientX - off - left) / width));
  };
  on('pointerdown', event => {
    if (event.button !== 0 || off !== null) return;
    const {left, width} = slider.getBoundingClientRect();
    const away = event.clientX - left - scale.share(act.shown()) * width;
    off = Math.abs(away) <= DIAL_GRIP ? away : 0;
    slider.setPointerCapture(event.pointerId);
    track.classList.add('ls-dial-held');
    act.hold();
    if (!off) follow(event);
  });
  on('pointermove', event => {
    if (off !== null && slider.hasPointerCapture(event.pointerId)) follow(event);
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    on(type, () => {
      if (off === null) return;
      off = null;
      track.classList.remove('ls-dial-held');
      act.release();
    });
  }
  on('dblclick', act.home);
}

function bindKeys(slider, scale, {low, high}, {turn, shown, home}, signal) {
  const arrows = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1};
  const jumps = {
    PageUp: () => scale.leap(shown(), 1),
    PageDown: () => scale.leap(shown(), -1),
    Home: () => low,
    End: () => high,
  };
  slider.addEventListener('keydown', event => {
    const {key, shiftKey, ctrlKey, metaKey, altKey} = event;
    if (ctrlKey || metaKey || altKey) return;
    if (arrows[key]) turn(scale.step(shown(), arrows[key] * (shiftKey ? 5 : 1)));
    else if (jumps[key]) turn(jumps[key]());
    else if (key === 'Delete' || key === 'Backspace') home();
    else return;
    event.preventDefault();
  }, {signal});
}

// A number is taken on Enter or when the field is left, and said where it cannot be.
function bindField(field, {low, high}, {note, go, shown}, signal) {
  const on = (type, listener) => field.addEventListener(type, listener, {signal});
  let written = ''; // what stands there without having been typed
  const write = beta => { field.value = written = formatBeta(beta); };
  const take = () => {
    if (field.value === written) return;
    const beta = readBeta(field.value);
    const held = Math.min(high, Math.max(low, beta));
    const isIn = held === beta;
    field.ariaInvalid = String(!isIn);
    if (Number.isNaN(beta) || beta <= 0) {
      note('β is a number above 0, such as 0.3 or 4.');
      write(shown());
      return;
    }
    write(held);
    go(held);
    note(isIn ? '' : `β ${formatBeta(beta)} is outside the range that was trained: held at ${formatBeta(held)}.`);
  };
  on('focus', () => {
    written = field.value;
    field.select();
  });
  on('change', take);
  on('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Enter') {
      take();
      field.select();
    } else if (event.key === 'Escape') {
      write(shown());
      field.blur();
    }
  });
}
