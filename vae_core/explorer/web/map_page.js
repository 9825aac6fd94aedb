// What the pages of Interpolate have in common: a map of examples that a hand moves over, and what is drawn after it did.

import {fitView, panView, zoomView} from './view.js';

// A page has `scene`, `places` and `chart` of the map, `findRow`, and as it likes `view` and `paint`.
export class MapPage {
  touched() {
    this.changedAt = performance.now();
    this.scene.loop.ask();
  }

  // Another part of the map is seen.
  look(view) {
    this.view = view;
    this.arrange();
    this.touched();
  }

  pan(dx, dy) {
    this.look(panView(this.scene.map.projection, dx, dy));
  }

  // Whether that changed anything.
  zoom(px, py, factor) {
    const {map} = this.scene;
    const view = zoomView(map.projection, px, py, factor, map.fitted);
    if (view === map.projection.view) return false;
    this.look(view);
    return true;
  }

  // The example at a place of the map that lies px, py on the screen, -1 where there is none.
  rowAt(x, y, reach, px, py) {
    const row = this.scene.map.pictures.rowAt(px, py);
    return row >= 0 ? row : this.findRow(this.places, [], x, y, reach);
  }

  arrange() {
    const {map} = this.scene;
    if (!map.isVisible()) return;
    map.fitted = fitView(this.places, map.width, map.height);
    map.show(this.places, {hidden: [], chart: this.chart, paint: this.paint, view: this.view ?? map.fitted});
  }
}
