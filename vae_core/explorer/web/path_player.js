// Plays along the frames of a path, to and fro, with pauses. Where it stands is a number of frames, 0 to the last one.

const LEG_TIME = 2600; // milliseconds from anchor to anchor at speed 1
const PLAY_GAP = 100; // milliseconds at most that one frame makes good; a page in the background stands still
const STEP_GLIDE = 160; // milliseconds of a single step

// `read()` gives {at, speed, ease, repeat, marks (frames of the anchors), last}; `put(at)` takes where it has come to.
export function createPlayer(loop, read, put, rested) {
  const player = {isPlaying: false, toggle, stop, stepBy, seek, advance};
  let clock = 0; // share of the way played, before easing
  let direction = 1;
  let before = null;
  let finish = () => {};

  function toggle() {
    finish();
    player.isPlaying = !player.isPlaying;
    if (!player.isPlaying) return rested();
    const {at, last, repeat} = read();
    const isAtEnd = at >= last - 1e-6;
    direction = isAtEnd && repeat === 'swing' ? -1 : 1;
    clock = isAtEnd && direction > 0 ? 0 : clockOf(at, read());
    before = null;
    return loop.ask();
  }

  function stop() {
    finish();
    if (!player.isPlaying) return;
    player.isPlaying = false;
    rested();
  }

  function seek(at) {
    stop();
    put(Math.min(read().last, Math.max(0, at)));
    rested();
  }

  // To the frame before or after, from between two to the nearer one on that side.
  function stepBy(frames) {
    stop();
    const {at, last} = read();
    const from = frames > 0 ? Math.floor(at + 1e-6) : Math.ceil(at - 1e-6);
    const to = Math.min(last, Math.max(0, from + frames));
    finish = loop.glide(STEP_GLIDE, share => {
      put(at + (to - at) * share);
      if (share < 1) return;
      finish = () => {};
      rested();
    });
  }

  function advance(now) {
    if (!player.isPlaying) return;
    const state = read();
    const passed = before === null ? 0 : Math.min(PLAY_GAP, now - before);
    before = now;
    const legs = Math.max(1, state.marks.length - 1);
    clock += direction * passed * state.speed / (legs * LEG_TIME);
    if (clock >= 1 || clock <= 0) turn(state.repeat);
    const at = atOfClock(clock, state);
    put(loop.isStill.matches ? Math.round(at) : at); // where motion is unwelcome, frame by frame
    if (!player.isPlaying) rested();
  }

  // At an end: back, from the beginning, or no farther.
  function turn(repeat) {
    const isPast = clock >= 1;
    if (!isPast && direction > 0) return;
    clock = isPast ? 1 : 0;
    if (repeat === 'swing') direction = isPast ? -1 : 1;
    else if (repeat === 'loop') clock = 0;
    else player.isPlaying = false;
  }

  return player;
}

const smooth = share => share * share * (3 - 2 * share);

// The frame at a share of the time: 'soft' slows down at both ends, 'pauses' at every anchor.
export function atOfClock(clock, {ease, marks, last}) {
  const share = Math.min(1, Math.max(0, clock));
  if (ease === 'even') return share * last;
  if (ease === 'soft') return smooth(share) * last;
  const stops = [...new Set([0, ...marks, last])].sort((a, b) => a - b);
  const aim = share * last;
  const k = Math.min(stops.length - 2, stops.findLastIndex(stop => stop <= aim));
  const length = stops[k + 1] - stops[k];
  return stops[k] + length * smooth((aim - stops[k]) / length);
}

// The share of the time at which it stands at a frame: the easing undone, by halving.
export function clockOf(at, state) {
  let [low, high] = [0, 1];
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (atOfClock(middle, state) < at) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
