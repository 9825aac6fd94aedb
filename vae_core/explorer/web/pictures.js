// The examples' own pictures in the place of their dots, once one has zoomed in far enough for them to have room.

import {keepApart} from './cloud.js';

const PICTURES_FILL = 0.5; // of the map is covered at most, were the points spread evenly
const PICTURES_BEGIN = 1.3; // times nearer than the whole map: the first pictures
const PICTURES_GROWN = 1.8; // and from here they have their full size
const PICTURE_LEAST = 14; // CSS pixels
const PICTURE_MOST = 56;
const PICTURE_FRAME = 1.5; // in the colour of the dot

// {use(thumbs or null), draw(context, map, shown), rowAt(px, py)}; thumbs of thumbs.js.
export function createPictures() {
  let thumbs = null;
  let drawn = []; // [row, left, top, width, height] in CSS pixels, in the order drawn
  // Where others fade before a group, only its own have pictures.
  const rowsOf = remember((dots, front) => dots.order.filter(n => n < thumbs.count && (!front?.fades || front.mask[n])).sort());
  const kept = remember((places, rows, side) => keepApart(places, Array.from(rows), side));

  return {
    use(given) {
      thumbs = given;
      rowsOf.forget();
    },

    draw(context, map, shown) {
      drawn = [];
      if (!thumbs) return;
      const {projection: {view, scale, px, py, width, height}, theme} = map;
      const rows = rowsOf(shown.dots, shown.front);
      const side = pictureSide(rows.length, map.fitted.span / view.span, width * height, thumbs.shape);
      if (!side) return;
      const looks = shown.paint.looks(theme.isDark);
      const [, high, wide] = thumbs.shape;
      const [w, h] = [wide, high].map(length => side * length / Math.max(high, wide));
      context.imageSmoothingEnabled = side < Math.max(high, wide);
      for (const row of kept(shown.places, rows, (side + 2 * PICTURE_FRAME + 2) / scale)) {
        const [left, top] = [px(shown.places.x[row]) - w / 2, py(shown.places.y[row]) - h / 2].map(Math.round);
        if (left > width || top > height || left + w < 0 || top + h < 0) continue;
        const [colour] = looks[shown.paint.kinds[row]];
        context.fillStyle = colour;
        context.fillRect(left - PICTURE_FRAME, top - PICTURE_FRAME, w + 2 * PICTURE_FRAME, h + 2 * PICTURE_FRAME);
        context.drawImage(thumbs.canvas(row), left, top, w, h);
        drawn.push([row, left, top, w, h]);
      }
    },

    // The example whose picture is drawn there, -1 without.
    rowAt(px, py) {
      const isUnder = ([, left, top, w, h]) => px >= left && px <= left + w && py >= top && py <= top + h;
      return drawn.find(isUnder)?.[0] ?? -1;
    },
  };
}

// CSS pixels of a picture's longer side for `count` pictures on a map of `area` square pixels; 0 where there is no
// room for any. From their own size on they are enlarged by whole numbers.
export function pictureSide(count, zoom, area, [, height, width]) {
  const room = Math.sqrt(PICTURES_FILL * area / Math.max(1, count)) * zoom;
  const grown = Math.max(0, Math.min(1, (zoom - PICTURES_BEGIN) / (PICTURES_GROWN - PICTURES_BEGIN)));
  const side = Math.min(PICTURE_MOST, room) * grown;
  const own = Math.max(height, width);
  return side < PICTURE_LEAST ? 0 : side < own ? side : own * Math.floor(side / own);
}

// The function with its last answer kept for the same arguments.
function remember(make) {
  let [given, answer] = [null, null];
  const kept = (...now) => {
    if (!given || now.some((part, k) => part !== given[k])) [given, answer] = [now, make(...now)];
    return answer;
  };
  kept.forget = () => { given = null; };
  return kept;
}
