// What the explorer and its miniature share: a bundle's points, map, picture and decoder, kept in step with size
// and theme.

import {createDecoder} from './engine.js';
import {createLoop} from './loop.js';
import {createMap} from './map.js';
import {createPicture} from './picture.js';
import {watchTheme} from './theme.js';
import {readNames} from './words.js';

// `canvases` of buildCanvases, already in the document. `draw` is the loop's, `arrange` is called when the map has
// another size. `scene.ready` resolves to true with the first picture.
export function createScene(bundle, points, canvases, {draw, arrange}) {
  const {meta} = bundle;
  const names = readNames(meta);
  const leaving = new AbortController();
  const map = createMap(canvases.map, points, names);
  const picture = createPicture(canvases.picture, meta.shape);
  const scene = {map, picture, loop: createLoop(draw), decoder: null, signal: leaving.signal, drawn: ''};

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

  // Decodes z unless its picture is there already.
  scene.show = z => {
    if (!scene.decoder || scene.drawn === z.join()) return false;
    scene.drawn = z.join();
    picture.draw(scene.decoder.decode(Float32Array.from(z)));
    return true;
  };
  scene.ready = createDecoder(bundle).then(decoder => {
    scene.decoder = decoder;
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
