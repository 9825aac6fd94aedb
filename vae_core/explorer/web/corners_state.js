// Where the four-corner palette stands: plain JSON that travels to Python, into an address and back. Pure functions.
//
//   corners    [{z, row}], four: top left, top right, bottom left, bottom right; row is an example's place among the points,
//              -1 for no example
//   blend      a key of CORNER_BLENDS
//   puck       [u, v], shares of the square to the right and downwards
//   route      [[u, v], ...], a way for the puck drawn by hand, or null
//   hasSupport whether the square shows how far its pictures can be trusted; speed and repeat of playing the route

import {drawnCurve} from './path_curves.js';
import {PATH_REPEATS, PATH_SPEEDS} from './path_state.js';

export const CORNER_BLENDS = {bilinear: 'Bilinear', spherical: 'Spherical'};
export const CORNER_PLACES = [[0, 0], [1, 0], [0, 1], [1, 1]];
export const CORNER_NAMES = ['top left', 'top right', 'bottom left', 'bottom right'];
export const ROUTE_END = 100; // where the player stands at the route's end
const ROUTE_MOST = 48; // places of a route that are kept
const ROUTE_SHORTEST = 0.05; // sides of the square, below which a stroke was none

export function firstPalette(corners) {
  return {corners, blend: 'bilinear', puck: [0.5, 0.5], route: null, hasSupport: false, speed: 1, repeat: 'loop'};
}

// `state` with whatever of `given` makes sense for this model; it may come from an address. `codeOf(row)` for examples.
export function acceptPalette(state, given, {latent, count, codeOf}) {
  const next = {...state};
  if (!given || typeof given !== 'object') return next;
  const corners = readCorners(given.corners, latent, count, codeOf);
  if (corners) next.corners = corners;
  if (isPlace(given.puck)) next.puck = given.puck.map(keepInside);
  if (isRoute(given.route)) next.route = given.route.map(place => place.map(keepInside));
  if (Object.hasOwn(CORNER_BLENDS, given.blend)) next.blend = given.blend;
  if (PATH_SPEEDS.includes(given.speed)) next.speed = given.speed;
  if (Object.hasOwn(PATH_REPEATS, given.repeat)) next.repeat = given.repeat;
  if (typeof given.hasSupport === 'boolean') next.hasSupport = given.hasSupport;
  return next;
}

export const keepInside = share => Math.min(1, Math.max(0, share));

const isPlace = place => Array.isArray(place) && place.length === 2 && place.every(Number.isFinite);
const isRoute = route => Array.isArray(route) && route.length > 1 && route.length <= ROUTE_MOST && route.every(isPlace);

function readCorners(given, latent, count, codeOf) {
  if (!Array.isArray(given) || given.length !== 4) return null;
  const corners = given.map(corner => {
    const {z, row} = corner ?? {};
    if (Number.isInteger(row) && row >= 0 && row < count) return {z: codeOf(row), row};
    return Array.isArray(z) && z.length === latent && z.every(Number.isFinite) ? {z: [...z], row: -1} : null;
  });
  return corners.every(Boolean) ? corners : null;
}

// What travels: an example goes by its row alone.
export function roundPalette(state) {
  const round = decimals => value => Number(value.toFixed(decimals));
  const corners = state.corners.map(({z, row}) => (row >= 0 ? {row} : {z: z.map(round(4)), row}));
  return {...state, corners, puck: state.puck.map(round(3)), route: state.route?.map(place => place.map(round(3))) ?? null};
}

// A stroke on the square as a route: its places thinned out, null where it was no more than a touch.
export function routeOf(places) {
  if (lengthOfRoute(places) < ROUTE_SHORTEST) return null;
  const stride = Math.ceil((places.length - 1) / (ROUTE_MOST - 1));
  return places.filter((_, k) => k % stride === 0 || k === places.length - 1).slice(-ROUTE_MOST);
}

// A route with one more place, as by keyboard; the same where it is full or stands there.
export function lengthenRoute(route, place) {
  const last = route?.at(-1);
  if (route?.length >= ROUTE_MOST || (last && last.every((value, k) => value === place[k]))) return route;
  return [...route ?? [], place];
}

// The route as a function of a share of the way: smoothed, and back to its beginning where it is to be played in a loop.
export function routeCurve(route, isLoop) {
  const curve = drawnCurve(isLoop ? [...route, route[0]] : route, 0.02);
  return share => curve(share).map(keepInside);
}

export function lengthOfRoute(places) {
  return places.slice(1).reduce((sum, [u, v], k) => sum + Math.hypot(u - places[k][0], v - places[k][1]), 0);
}
