// How latent codes and places on the map belong together. A chart is
//
//   name          as the state names it
//   place(z)      where a code stands on the map, [x, y]
//   places()      where the encoded examples stand, {x, y}
//   move(z, at)   the code at a place of the map; what the map does not show stays as in z
//   origin        where the prior's middle stands, null where the prior has no shape on this map
//   hasScale      whether places are latent units, worth ticks
//   axes          the dimensions along its edges, [] where there are none
//   jacobian      where places are linear in codes: two rows of Z numbers, place(z) = jacobian z + a constant
//   edges         what stands at the ends of its axes, two short texts; absent where dimensions are chosen there
//   row(at)       on a map that goes from example to example: the number of the one whose code move() gives
//   step(z, dx, dy)  on such a map: the number of the example one comes to from z by a step
//   sentence      what a hand on it does, '' for the usual; or a function of where the rest of a code stays (controls.js)
//
// Others than axes are made by features: explorer.charts holds them by name as functions of the state.

import {placePoints} from './points.js';
import {moveInPlane, placeOnMap} from './state.js';

export function axesChart(points, axes) {
  return {
    name: 'axes',
    place: z => placeOnMap(z, axes),
    places: () => placePoints(points, axes),
    move: (z, at) => moveInPlane(z, axes, at),
    origin: [0, 0],
    hasScale: true,
    axes,
    jacobian: [0, 1].map(k => Array.from({length: points.latent}, (_, d) => Number(d === axes[k]))),
    sentence: '',
  };
}
