// What the Interpolate page works out from its state, as there is time: rows of frames, the anchors' own pictures, support,
// ways along the data.

import {createSupport} from './path_near.js';
import {createRoads} from './path_roads.js';
import {createFilling, fadeFrames, pathCurve, PathRow} from './path_rows.js';
import {PATH_FRAMES} from './path_state.js';

const HAND_SHARE = 9; // milliseconds of a frame for pictures of the film, and
const REST_SHARE = 8; // for what waits until hands rest
const SUPPORT_SHARE = 2; // for support while they do not
const LIVE_ROADS = 8; // milliseconds a way along the data may take to follow the hand
const COMPARED = ['linear', 'spherical', 'data'];

// {rows: the chosen kind first, main, fade}; `dims` are the dimensions that count.
export class PathFrames {
  constructor(points, dims, chart, shortest) {
    Object.assign(this, {points, dims, chart, shortest, rows: [], roads: null, roadCost: Infinity, faded: null, wanted: null});
    this.support = createSupport(points, dims);
    this.fill = createFilling();
    this.anchorRow = Object.assign(new PathRow('anchors'), {codes: [], isStale: [], pictures: [], farFrom: () => -1});
  }

  // Pictures of the cross-fade at the frames, null while they are still to come.
  get fade() {
    return this.faded?.map(({values}) => values) ?? null;
  }

  get main() {
    return this.rows[0];
  }

  // Another state: the curves of the kinds that are shown, and where their frames are. While it `isHeld` by a hand, ways
  // that cannot keep up are left for later.
  follow(state, isHeld) {
    Object.assign(this, {state, isHeld});
    const others = state.isCompared ? [...COMPARED, ...(this.shortest.why(state) ? [] : ['geodesic'])] : [];
    const kinds = [...new Set([state.kind, ...others])];
    const old = new Map(this.rows.map(row => [row.kind, row]));
    const seen = this.main?.pictures ?? [];
    this.rows = kinds.map(kind => old.get(kind) ?? Object.assign(new PathRow(kind), {pictures: Array.from({length: PATH_FRAMES}, (_, k) => seen[k] ?? null)}));
    for (const row of this.rows) this.followRow(row);
    this.followAnchors(state.anchors);
  }

  followRow(row) {
    const isLate = row.kind === 'data' && this.isHeld && this.roadCost > LIVE_ROADS;
    const start = performance.now();
    const legs = row.kind === 'geodesic' ? this.shortest.legs(this.state) : null;
    const {curve, isMeant} = pathCurve(row.kind, this.state, this.chart, isLate ? null : this.roads, legs);
    if (row.kind === 'data' && isMeant) this.roadCost = performance.now() - start;
    row.follow(curve, isMeant, this.state);
  }

  // The examples' codes or the decoder have become others: nothing of before holds but what is seen, until it is made anew.
  forget() {
    Object.assign(this, {support: createSupport(this.points, this.dims), roads: null, wanted: null});
    Object.assign(this.anchorRow, {codes: [], isStale: []});
    this.rows.forEach(row => row.forget());
  }

  // Whether a shortest way is shown that is still to come; it is asked for once hands have rested for long enough.
  awaitShortest(isTime) {
    const isLacking = this.rows.some(row => row.kind === 'geodesic' && !row.isMeant) && this.shortest.isLacking(this.state);
    if (isLacking && isTime) this.shortest.want(this.state);
    return isLacking && !isTime;
  }

  followAnchors(anchors) {
    const {codes, isStale, pictures} = this.anchorRow;
    const kept = anchors.map(({z}) => codes.findIndex(code => sameCode(code, z)));
    Object.assign(this.anchorRow, {
      codes: anchors.map(({z}, k) => codes[kept[k]] ?? z),
      isStale: kept.map(k => isStale[k] ?? true),
      pictures: kept.map((k, n) => pictures[k < 0 ? n : k] ?? null),
    });
  }

  // Frames at which the anchors stand, from the first to the last.
  marks() {
    const {anchors, isLoop} = this.state;
    const legs = isLoop ? anchors.length : anchors.length - 1;
    return Array.from({length: legs + 1}, (_, k) => frameOf(this.main.shares, k / legs));
  }

  // The code at a place between frames.
  codeAt(at) {
    const k = Math.min(PATH_FRAMES - 2, Math.floor(at));
    const {shares, curve} = this.main;
    return curve(shares[k] + (at - k) * (shares[k + 1] - shares[k]));
  }

  // Goes on with whatever is still to come, from the frame `focus` outwards; true while there is more.
  work(decoder, focus, isAtRest) {
    const start = performance.now();
    const {rows} = this;
    const isFilling = !decoder || this.fill(decoder, [this.anchorRow, ...rows], focus, start + HAND_SHARE);
    this.faded = fadeFrames(this.anchorRow.pictures, this.main.shares, this.state.isLoop, this.faded);
    const until = performance.now() + (isAtRest ? REST_SHARE : SUPPORT_SHARE);
    const isStanding = this.stand(focus, until);
    if (!isAtRest) return true;
    if (!this.support.work(until) || !this.layRoads(until)) return true;
    return isFilling || isStanding || this.spaceRows(decoder, until);
  }

  // True once ways along the data can be gone, or nobody wants to.
  layRoads(until) {
    if (!this.rows.some(row => row.kind === 'data')) return true;
    this.roads ??= createRoads(this.points, this.dims);
    if (!this.roads.isDone && !this.roads.work(until)) return false;
    this.rows.filter(row => row.kind === 'data' && !row.isMeant).forEach(row => this.followRow(row));
    return true;
  }

  // Frames of equal change; true while there is more.
  spaceRows(decoder, until) {
    const decode = code => {
      if (!sameCode(this.wanted, code)) this.wanted = code; // a job of the decoder is known by its code's array
      return decoder.make(this, this.wanted, REST_SHARE);
    };
    return this.rows.some(row => row.space(decode, this.state.hasBeyond, until) || !row.isWhole);
  }

  // Support of frames, from the focus outwards; true while there is more.
  stand(focus, until) {
    if (!this.support.isDone) return true;
    const order = Array.from({length: PATH_FRAMES}, (_, k) => k).sort((a, b) => Math.abs(a - focus) - Math.abs(b - focus));
    for (const row of this.rows) {
      for (const k of order) {
        if (row.standing[k]) continue;
        if (performance.now() >= until) return true;
        row.standing[k] = this.support.of(row.codes[k]);
        if (!row.standing[k]) return false; // too few examples to say
      }
    }
    return false;
  }
}

const sameCode = (a, b) => Boolean(a) && a.length === b.length && a.every((value, d) => value === b[d]);

// The frame at which a share of the way is reached, between two frames if need be.
function frameOf(shares, t) {
  const k = Math.min(shares.length - 2, Math.max(0, shares.findLastIndex(share => share <= t + 1e-12)));
  return k + Math.min(1, Math.max(0, (t - shares[k]) / (shares[k + 1] - shares[k])));
}
