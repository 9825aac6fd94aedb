// The film strips of the Interpolate page, one below the other: the kinds of path, the nearest real examples, and always
// the cross-fade of the ends.

import {element} from './layout.js';
import {createFilm} from './path_film.js';
import {PATH_KINDS} from './path_state.js';

// {node, resize(), draw(rows, {at, fade, nearest, theme, why: where a shortest way is not to be had})}; `act`: seek(frame), hover(frame or -1, kind).
export function createFilms(shape, thumbShape, act) {
  const lines = new Map(); // by name
  const node = element('div', 'lp-films');
  const fixed = {nearest: thumbShape, fade: shape};
  let order = '';

  function lineOf(name) {
    if (!lines.has(name)) lines.set(name, buildFilm(name, fixed[name] ?? shape, !fixed[name], act));
    return lines.get(name);
  }

  function arrange(names) {
    if (names.join() === order) return;
    order = names.join();
    node.replaceChildren(...names.map(name => lineOf(name).figure), key);
    for (const name of names) lineOf(name).film.resize();
  }
  const key = buildKey();

  return {
    node,
    resize: () => lines.forEach(({film}) => film.resize()),
    draw(rows, {at, fade, nearest, theme, why}) {
      const kinds = rows.map(({kind}) => kind);
      arrange([...kinds, ...(nearest ? ['nearest'] : []), 'fade']);
      const style = {at, ink: theme.ink, accent: theme.latent, line: getComputedStyle(node).columnRuleColor};
      const {shares} = rows[0];
      for (const row of rows) {
        const {film, note} = lineOf(row.kind);
        film.draw({...style, pictures: row.pictures, standing: row.standing, shares: row.shares});
        const text = !row.isMeant ? (row.kind === 'geodesic' && why ? 'straight instead' : 'on its way') : row.spacing ? 'evening out' : '';
        if (note.textContent !== text) Object.assign(note, {textContent: text, title: text === 'straight instead' ? why : ''});
      }
      if (nearest) lineOf('nearest').film.draw({...style, pictures: nearest, shares});
      lineOf('fade').film.draw({...style, pictures: fade ?? [], shares});
    },
  };
}

function buildFilm(name, shape, hasBand, act) {
  const titles = {...PATH_KINDS, nearest: 'Nearest real', fade: 'Cross-fade'};
  const helps = {
    nearest: 'The real example whose code is nearest to each frame',
    fade: 'The pictures of the anchors blended pixel by pixel: what a path has to be better than',
  };
  const canvas = element('canvas', `lp-film lp-film-${name}`, {role: 'img', ariaLabel: `${titles[name]}: 24 frames`});
  const note = element('span', 'lp-note');
  const caption = element('figcaption', '', {title: helps[name] ?? ''}, titles[name], note);
  const film = createFilm(canvas, shape, hasBand);
  const frameAt = event => film.frameAt(event.offsetX, event.offsetY);
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    act.hover(-1);
    act.seek(frameAt(event));
  });
  canvas.addEventListener('pointermove', event => {
    if (event.buttons) act.seek(frameAt(event));
    else if (event.pointerType !== 'touch' && hasBand) act.hover(frameAt(event), name);
  });
  canvas.addEventListener('pointerleave', () => act.hover(-1));
  return {figure: element('figure', 'lp-line', {}, caption, canvas), film, note};
}

function buildKey() {
  return element('p', 'lp-key', {}, 'Support below each frame: ', element('span', '', {textContent: 'no data near'}),
    element('span', 'lp-scale', {ariaHidden: 'true'}), element('span', '', {textContent: 'in the thick of the data'}));
}
