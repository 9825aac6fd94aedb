// What follows the dial in the same frame: the cloud, the pin that stands on an example, the decoder, the map.

import {showControls} from './controls.js';

const STANDS = 1e-3; // latent units that a pin may be off its example's code: links round it

// begin(state, given) brings everything to the first state, of which `given` came from outside; follow(before,
// isPinned) to the explorer's state, if its beta is another: unless z was given with it, a pin on the selected example
// stays on it; settle() to where the dial came to rest.
export function createDialling(explorer) {
  const {points, moving} = explorer;

  const standsOn = ({z, selected}) => {
    if (!(selected >= 0)) return false;
    return explorer.codeOf(selected).every((value, d) => Math.abs(value - z[d]) < STANDS);
  };

  return {
    begin(state, given) {
      if (!explorer.meta.dial || state.beta === explorer.meta.dial.beta) return state;
      moving.turn(state.beta);
      if (given.z !== undefined || !points.count) return state;
      return {...state, z: explorer.codeOf(Math.max(0, state.selected))};
    },

    follow(before, isPinned) {
      const {state, scene} = explorer;
      if (before.beta === state.beta) return;
      const stands = !isPinned && standsOn(before);
      moving.turn(state.beta);
      if (stands) explorer.state = {...state, z: explorer.codeOf(state.selected)};
      scene.dial(Math.log(state.beta));
      explorer.settleView();
      explorer.places = explorer.chart.places();
      explorer.tell('dialled');
      explorer.refit();
    },

    settle() {
      if (!moving.settle()) return;
      showControls(explorer);
      explorer.touched();
    },
  };
}
