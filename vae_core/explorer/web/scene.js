// What the explorer and its miniature share: a bundle's points, map, picture and decoder, kept in step with size
// and theme.

import {createDecoder} from './engine.js';
import {createLoop} from './loop.js';
import {createMap} from './map.js';
import {createPicture} from './picture.js';
import {watchTheme} from './theme.js';
import {createTurns} from './turns.js';
import {readNames} from './words.js';

const PICTURE_SHARE = 6; // milliseconds of a frame for the picture; the rest is the hand's
const ORDER_SHARE = 4; // likewise for a picture that someone else wants

// `canvases` of buildCanvases, already in the document. `draw` is the loop's, `arrange` is called when the map has
// another size. `scene.dial(log of beta)` is for pictures from then on. `scene.ready` resolves to true with the first.
export function createScene(bundle, points, canvases, {draw, arrange}) {
  const {meta} = bundle;
  const names = readNames(meta);
  const leaving = new AbortController();
  const map = createMap(canvases.map, points, names);
  const picture = createPicture(canvases.picture, meta.shape);
  const scene = {map, picture, loop: createLoop(draw), decoder: null, signal: leaving.signal};
  const orders = new Map(); // {z, put} by who wants it
  let wanted = null; // the code last asked for,
  let making = null; // the one whose picture is under way,
  let drawn = null; // and the one whose picture is seen
  let stands = null; // the dial, once it was moved

  const fit = () => {
    picture.fit(canvases.frame.clientWidth);
    map.resize();
    if (!map.isVisible()) return;
    arrange();
    draw();
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(canvases.map);
  sizes.observe(canvases.frame);
  watchTheme(canvases.map, () => {
    map.retheme();
    scene.loop.ask();
  }, leaving.signal);

  // The picture of z, in this frame if that takes no longer than `milliseconds`, else in pieces over the next ones. What
  // is under way is finished first, so that pictures keep coming while a hand moves on. True if z is another one.
  scene.show = (z, milliseconds = PICTURE_SHARE) => {
    if (!scene.decoder) return false;
    const isNew = wanted?.join() !== z.join();
    if (isNew) wanted = z;
    if (drawn === null) advance(Infinity); // before the first picture there is nothing to hold up
    const until = performance.now() + milliseconds;
    while (drawn !== wanted && performance.now() < until) advance(until - performance.now());
    if (drawn !== wanted) scene.loop.ask();
    orders.forEach((order, who) => serve(who, order));
    return isNew;
  };
  const advance = milliseconds => {
    making ??= wanted;
    const values = scene.decoder.make(scene, making, milliseconds, true);
    if (!values) return;
    picture.draw(values);
    [drawn, making] = [making, null];
  };

  scene.dial = log => {
    scene.decoder?.dial(log);
    if (wanted) wanted = [...wanted];
    stands = log;
    scene.loop.ask();
  };

  // Calls put(values) with the picture of z, now or some frames later; values are good until it returns. What the same
  // `who` wanted before is forgotten.
  scene.order = (who, z, put) => {
    const order = {z, put};
    orders.set(who, order);
    if (scene.decoder) serve(who, order);
  };
  const serve = (who, {z, put}) => {
    const values = scene.decoder.make(who, z, ORDER_SHARE);
    if (!values) return scene.loop.ask();
    orders.delete(who);
    return put(values);
  };

  scene.ready = createDecoder(bundle).then(decoder => {
    scene.decoder = createTurns(decoder);
    if (stands !== null) decoder.dial(stands);
    draw();
    return true;
  });
  scene.stop = () => {
    leaving.abort();
    sizes.disconnect();
    scene.loop.stop();
  };
  return scene;
}
