// What buttons and keys of the Interpolate page do.

import {moveAnchor} from './path_state.js';

// `page` is the PathPage of path.js.
export function createPathActs(page) {
  return {
    choose: part => page.change(part),
    draw: () => page.wantStroke(),
    toggle: () => page.player.toggle(),
    seek: at => page.player.seek(at),
    step: by => page.player.stepBy(by),
    screen: () => page.presenter.toggle(),
    escape: () => page.escape(),
    add: () => page.search.toggle(),
    go: k => page.player.seek(page.frames.marks()[k]),
    remove: k => page.change({anchors: page.state.anchors.filter((_, n) => n !== k)}),
    move(from, to) {
      page.change({anchors: moveAnchor(page.state.anchors, from, to)});
      page.bar.draw(page.state.anchors);
      page.bar.focus(to);
    },
    pick: row => page.addAnchor({z: page.codeOf(row), row}),
    type: z => page.addAnchor({z, row: -1}),
    close() {
      page.search.close();
      page.bar.add.focus({preventScroll: true});
    },
  };
}
