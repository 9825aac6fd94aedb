// How the explorer gets from one code, chart or view to another: everything glides to where it now belongs.

import {showControls} from './controls.js';
import {mixPlaces} from './points.js';
import {mixPoints} from './state.js';
import {mixViews} from './view.js';

const GLIDE = 200; // milliseconds

// For an explorer: settleView() and arrive() end a glide of the view, or of the pin and the dial, at once.
export function createGlides(explorer) {
  return {
    settleView() {},
    arrive() {},

    // Glides to a code, in sight; `part` is what else changes, beta gradually as well.
    travel(z, {beta, ...part} = {}) {
      explorer.depart();
      const from = explorer.state;
      const mixBeta = t => (beta === undefined || beta === from.beta ? {} : {beta: t < 1 ? from.beta * (beta / from.beta) ** t : beta});
      explorer.change(part);
      explorer.arrive = explorer.scene.loop.glide(GLIDE, t => {
        explorer.change({z: t < 1 ? mixPoints(from.z, z, t) : z, ...mixBeta(t)});
        explorer.hands.reveal();
      });
    },

    // Another chart or other axes, or a chart that was made anew.
    turn(part) {
      const {map, loop} = explorer.scene;
      explorer.settleView();
      const from = explorer.places;
      const oldView = map.projection?.view;
      explorer.change({...part, view: null});
      explorer.chart = explorer.chartOf(explorer.state);
      const to = explorer.chart.places();
      showControls(explorer);
      if (!map.isVisible()) { explorer.places = to; return; }
      map.fitted = explorer.fit(to);
      explorer.settleView = loop.glide(GLIDE, t => {
        explorer.places = t < 1 ? mixPlaces(from, to, t) : to;
        explorer.arrange(mixViews(oldView, map.fitted, t));
      });
    },

    look(view) {
      explorer.settleView();
      explorer.change({view: [view.x, view.y, view.span]});
      explorer.arrange();
      showControls(explorer);
    },

    resetView() {
      const {map, loop} = explorer.scene;
      explorer.settleView();
      const from = map.projection.view;
      explorer.change({view: null});
      showControls(explorer);
      explorer.settleView = loop.glide(GLIDE, t => explorer.arrange(mixViews(from, map.fitted, t)));
    },
  };
}
