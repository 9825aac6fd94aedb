// The rows of frames of the Interpolate page: one for each kind of path that is shown. What the hand does is followed at
// once, frame by frame from the hand outwards; what takes longer (equal change, support, ways along the data) comes when
// there is time.

import {alikeShares, arcCurve, crossFade, distanceBetween, drawnCurve, evenShares, joinCurves, legsOf, lineCurve, steadyCurve} from './path_curves.js';
import {PATH_FRAMES, strokeCodes} from './path_state.js';
import {createSlices} from './slices.js';

const BEYOND = 3; // frames past each end
const SLOW_SHARE = 4; // milliseconds of a page's frame for a strip that a slow decoder fills

// The curve of a kind through the anchors, and whether it is what was asked for: without roads laid, or without the legs
// of a geodesic (path_shortest.js), it is a straight one.
export function pathCurve(kind, {anchors, stroke, isLoop}, chart, roads, shortest = null) {
  const codes = anchors.map(({z}) => z);
  const legs = legsOf(codes, isLoop);
  const lines = () => joinCurves(legs.map(([a, b]) => lineCurve(a, b)));
  if (kind === 'spherical') return {curve: joinCurves(legs.map(([a, b]) => arcCurve(a, b))), isMeant: true};
  if (kind === 'data' && roads?.isDone) return {curve: joinCurves(legs.map(([a, b]) => roads.curve(a, b))), isMeant: true};
  if (kind === 'geodesic' && shortest) return {curve: joinCurves(shortest.map(steadyCurve)), isMeant: true};
  if (kind === 'drawn' && stroke) return {curve: drawnCurve(strokeCodes(stroke, codes[0], codes.at(-1), chart)), isMeant: true};
  return {curve: lines(), isMeant: kind === 'linear'};
}

// Shares of the way at the frames, from `inner` shares within the path: with a few more past its ends at the same pace.
export function framesAt(inner, hasBeyond) {
  if (!hasBeyond) return inner;
  const [first, last] = [inner[1] - inner[0], inner.at(-1) - inner.at(-2)];
  const before = Array.from({length: BEYOND}, (_, k) => -(BEYOND - k) * first);
  return [...before, ...inner, ...before.map((_, k) => 1 + (k + 1) * last)];
}

export const framesWithin = hasBeyond => PATH_FRAMES - (hasBeyond ? 2 * BEYOND : 0);

// One kind's frames: {kind, curve, isMeant, shares, codes, pictures, standing}, each list by frame; pictures and
// standing are null where they are still to come.
export class PathRow {
  constructor(kind) {
    Object.assign(this, {kind, inner: null, spacing: null, shares: []});
    this.codes = new Array(PATH_FRAMES).fill(null);
    this.pictures = new Array(PATH_FRAMES).fill(null);
    this.standing = new Array(PATH_FRAMES).fill(null);
    this.isStale = new Array(PATH_FRAMES).fill(true);
  }

  // Another path: frames of before stay to be seen until theirs have come.
  follow(curve, isMeant, state) {
    Object.assign(this, {curve, isMeant});
    const count = framesWithin(state.hasBeyond);
    this.spacing = state.by === 'change' ? {search: alikeShares(count), asked: null, reached: [], before: null} : null;
    if (this.inner?.length !== count || state.by !== 'change') this.inner = evenShares(count);
    this.place(state.hasBeyond);
  }

  place(hasBeyond) {
    this.shares = framesAt(this.inner, hasBeyond);
    this.shares.forEach((t, k) => {
      const code = this.curve(t);
      if (this.codes[k] && code.every((value, d) => value === this.codes[k][d])) return;
      this.codes[k] = code;
      this.isStale[k] = true;
      this.standing[k] = null;
    });
  }

  // The decoder or the examples have become others: all codes are new ones, however they read.
  forget() {
    this.codes.fill(null);
    this.isStale.fill(true);
    this.standing.fill(null);
  }

  put(k, code, values) {
    this.pictures[k] = values.slice();
    if (this.codes[k] === code) this.isStale[k] = false;
  }

  get isWhole() {
    return !this.isStale.includes(true);
  }

  // Goes on looking for shares of equal change; `decode(codes)` gives their pictures. True while there is more.
  space(decode, hasBeyond, until) {
    const own = this.spacing;
    while (own && performance.now() < until) {
      if (!own.asked) {
        const step = own.search.next(own.reached);
        if (step.done) {
          this.inner = step.value;
          this.spacing = null;
          this.place(hasBeyond);
          return false;
        }
        Object.assign(own, {asked: step.value, reached: [], before: null});
      }
      const picture = decode(this.curve(own.asked[own.reached.length]));
      if (!picture) return true;
      own.reached.push(own.before ? own.reached.at(-1) + distanceBetween(own.before, picture) : 0);
      own.before = picture.slice();
      if (own.reached.length === own.asked.length) own.asked = null;
    }
    return this.spacing !== null;
  }
}

// Decodes stale frames of rows, from a focus outwards: work(decoder, rows, focus, until) -> whether there is more. A row with
// a farFrom(k) of its own says what comes first.
export function createFilling() {
  const slices = createSlices();
  let underWay = null; // the frame whose picture a slow decoder is making

  return function work(decoder, rows, focus, until) {
    const cells = rows.flatMap((row, r) => row.codes.map((z, k) => ({row, z, k, far: row.farFrom?.(k) ?? Math.abs(k - focus) + 0.1 * r})))
      .filter(({row, k}) => row.isStale[k]).sort((a, b) => a.far - b.far);
    for (const cell of cells) cell.put = values => cell.row.put(cell.k, cell.z, values);
    if (underWay) cells.unshift(underWay); // finished, so that frames keep coming while a hand moves
    if (!decoder.isQuick()) {
      [underWay] = cells;
      const values = underWay && decoder.make(slices, underWay.z, SLOW_SHARE);
      if (values) {
        cells.shift().put(values);
        underWay = null;
      }
      return cells.length > 0;
    }
    underWay = null;
    while (cells.length && performance.now() < until) slices.work(decoder, cells);
    return cells.length > 0;
  };
}

// The cross-fade of the anchors' pictures at the frames; null until those are there. Frames that are as they were `before`
// stay the same arrays, so that nobody draws them again.
export function fadeFrames(pictures, shares, isLoop, before) {
  if (!pictures.length || pictures.some(picture => !picture)) return null;
  const stops = isLoop ? [...pictures, pictures[0]] : pictures;
  const legs = stops.length - 1;
  return shares.map((t, k) => {
    const leg = Math.min(legs - 1, Math.floor(Math.min(1, Math.max(0, t)) * legs));
    const made = {t, legs, from: stops[leg], to: stops[leg + 1]};
    const old = before?.[k];
    const isSame = old && Object.keys(made).every(name => old[name] === made[name]);
    return {...made, values: isSame ? old.values : crossFade(stops, t)};
  });
}
