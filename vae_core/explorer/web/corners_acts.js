// What buttons, keys and hands on the square of the four-corner palette do.

import {keepInside, lengthenRoute, routeOf} from './corners_state.js';

// `page` is the CornersPage of corners.js.
export function createCornersActs(page) {
  const setChosen = corner => page.setCorner(page.chosen, corner);
  const move = place => {
    page.player.stop();
    page.square.focus = place;
    page.change({puck: place});
  };
  return {
    choose: part => page.change(part),
    open(k) {
      const isSame = page.chosen === k;
      page.chooseCorner(k);
      if (isSame) page.search.toggle();
      else page.search.open();
    },
    close() {
      page.search.close();
      page.chips.focus(page.chosen);
      page.touched();
    },
    pick: row => setChosen({z: page.codeOf(row), row}),
    type: z => setChosen({z, row: -1}),
    async upload(upload, file) {
      try {
        const {z, notes} = await upload(file);
        setChosen({z, row: -1});
        if (notes.length) page.say(notes.join(' '));
      } catch (error) {
        page.say(error.message);
      }
    },
    screen: () => (document.fullscreenElement ? document.exitFullscreen() : page.root.requestFullscreen?.().catch(() => {})), // some browsers refuse

    hold: () => page.hold(),
    release: () => page.release(),
    move,
    nudge: step => move(page.state.puck.map((share, k) => keepInside(share + step[k]))),
    peek: place => page.peekAt(place && {place}),
    isDrawing: () => page.isDrawing,

    draw() {
      page.player.stop();
      page.isDrawing = !page.isDrawing;
      if (page.isDrawing) page.say('Draw a path on the square. Esc gives up.');
      else page.change({});
    },
    // A path that was drawn is played at once, where motion is welcome.
    stroke(places) {
      const route = routeOf(places);
      if (!route) return page.say('Draw on the square from one place to another.');
      Object.assign(page, {isDrawing: false, at: 0});
      page.change({route});
      if (!page.scene.loop.isStill.matches) page.player.toggle();
      return undefined;
    },
    lengthen() {
      const route = lengthenRoute(page.state.route, page.state.puck);
      page.change({route});
      const count = route.length;
      page.say(count === 1 ? 'The path begins here; Enter adds another place.' : `The path has ${count} places.`);
    },
    shorten() {
      const route = page.state.route?.slice(0, -1);
      page.change({route: route?.length ? route : null});
    },
    clear() {
      page.player.stop();
      page.at = 0;
      page.change({route: null});
      page.controls.draw.focus({preventScroll: true});
    },
    toggle() {
      if (page.curve) page.player.toggle();
    },
    seek: at => page.player.seek(at),
    escape() {
      page.isDrawing = false;
      page.search.close();
      page.change({});
    },
  };
}

// Keys on the whole page; those that a control needs for itself stay its own.
export function bindCornersKeys(root, act, signal) {
  root.addEventListener('keydown', event => {
    const {key, target, ctrlKey, metaKey, altKey} = event;
    if (ctrlKey || metaKey || altKey || target.matches('input:not([type=range]), select')) return;
    if (key === ' ' && !target.matches('button')) act.toggle();
    else if (key === 'f') act.screen();
    else if (key === 'Escape') act.escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, {signal});
}
