// Where a replay stands in time, and what moves it: playing, a hand, a training that goes on. Time is a share, see
// replay_data.js.

import {momentAt, nearestMoment} from './replay_data.js';

const PLAYED_WHOLE = 14_000; // milliseconds that a training takes to be watched at speed 1
const PLAYED_GAP = 100; // milliseconds at most that one frame makes good; a page in the background stands still
const HAND_GLIDE = 220; // milliseconds from one moment to the next by hand
const CATCH_UP = 700; // and to one that has just come
const AT_END = 1e-4;

// `loop` of loop.js; `rested()` is called when time has come to stand.
export class ReplayClock {
  constructor(loop, rested) {
    Object.assign(this, {loop, rested, time: 0, speed: 1, isPlaying: false, isLooping: false, isFollowing: false, aim: null});
  }

  // The kept moments, ascending shares; `step` of `total` is where it stands, else at the end.
  load({times, total, isLive}, step = null) {
    this.finish();
    Object.assign(this, {times, isLive});
    this.time = step === null ? this.last : Math.min(this.last, Math.sqrt(step / total));
  }

  get last() {
    return this.times.at(-1);
  }

  get isAtEnd() {
    return this.time >= this.last - AT_END;
  }

  toggle() {
    this.finish();
    if (!this.isPlaying && this.isAtEnd) this.time = 0;
    Object.assign(this, {isPlaying: !this.isPlaying, isFollowing: false, before: null, due: this.time});
    if (!this.isPlaying) this.rested();
    this.loop.ask();
  }

  // By hand; from the end on it runs along with a training that goes on.
  seek(time) {
    this.finish();
    this.time = Math.min(this.last, Math.max(0, time));
    this.isPlaying = false;
    this.isFollowing = this.isLive && this.isAtEnd;
    this.rested();
    this.loop.ask();
  }

  stepBy(moments) {
    this.glideTo(nearestMoment(this.times, this.aim ?? this.time) + moments);
  }

  glideTo(moment, milliseconds = HAND_GLIDE) {
    this.finish();
    const chosen = Math.min(this.times.length - 1, Math.max(0, moment));
    const [from, to] = [this.time, this.times[chosen]];
    Object.assign(this, {aim: to, isPlaying: false, isFollowing: this.isLive && chosen === this.times.length - 1});
    this.stopGlide = this.loop.glide(milliseconds, share => {
      this.time = share === 1 ? to : from + (to - from) * share;
      if (share < 1) return;
      this.stopGlide = this.aim = null;
      this.rested();
    });
  }

  catchUp() {
    this.glideTo(this.times.length - 1, CATCH_UP);
  }

  // Ends a glide where it leads to.
  finish() {
    this.stopGlide?.();
  }

  // One frame of playing.
  advance(now) {
    const passed = this.before === null ? 0 : Math.min(PLAYED_GAP, now - this.before);
    this.before = now;
    this.due = Math.min(this.last, this.due + passed * this.speed / PLAYED_WHOLE);
    // Where motion is unwelcome moments follow each other without any between them.
    const isEnd = this.due >= this.last;
    this.time = this.loop.isStill.matches && !isEnd ? this.times[momentAt(this.times, this.due).k] : this.due;
    if (!isEnd) return;
    if (this.isLooping) {
      this.due = 0;
      return;
    }
    Object.assign(this, {isPlaying: false, isFollowing: this.isLive});
    this.rested();
  }

  // The step that it stands at, or is on its way to.
  stepOf(total) {
    return Math.round((this.aim ?? this.time) ** 2 * total);
  }
}
