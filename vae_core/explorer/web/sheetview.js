// The traversal sheet: every live dimension a row, pictures along it from end to end of what the data use, the rest of
// z as at the pin. A click on a picture goes there; the sheet can be saved as a picture.

import {plainKey} from './keyboard.js';
import {element} from './layout.js';
import {openSheet} from './sheet.js';
import {createSlices} from './slices.js';
import {rankDimensions} from './state.js';
import {createTile, tileSize} from './tiles.js';
import {formatNats, formatNumber, formatPoint, nameOf} from './words.js';

const GAP_X = 4; // CSS pixels between pictures,
const GAP_Y = 18; // and between rows, where the values stand
const HEAD = 24; // above the first row
const NAMES = 76; // for names and nats
const LARGEST = 72; // of a picture
const AROUND = 200; // of the sheet: its title, its foot, the page's edges
const FINE = 2; // screen pixels a CSS pixel at least, so that a saved sheet is sharp

export function createSheetView(explorer) {
  const {meta, parts, scene} = explorer;
  const {live} = rankDimensions(explorer.moving.peak);
  if (!live.length) return {};
  const tool = element('button', 'ls-tool', {textContent: 'Sheet', title: 'Every live dimension from end to end (s)'});
  tool.dataset.panel = 'sheet';
  parts.bar.append(tool);
  const slices = createSlices();
  let cells = [];
  let open = null;

  const show = () => {
    if (open) return;
    const {z} = explorer.state;
    const canvas = element('canvas', 'ls-traversal', {role: 'img'});
    canvas.ariaLabel = `${live.length} rows of pictures: each live dimension from end to end, the rest at ${formatPoint(z)}`;
    const note = element('p', 'ls-hint', {textContent: 'The rest of z stays at the pin. A click on a picture goes there.'});
    const save = element('button', 'ls-tool', {textContent: 'Save as PNG'});
    const foot = element('div', 'ls-sheet-foot', {}, note, save);
    open = openSheet(parts.root, 'What each dimension does', element('div', '', {}, canvas, foot), () => {
      [cells, open] = [[], null];
    });
    const sheet = traversal(canvas, explorer, live, z);
    cells = sheet.cells;
    canvas.addEventListener('click', event => {
      const to = sheet.codeAt(event.offsetX, event.offsetY);
      if (!to) return;
      open.close();
      explorer.travel(to);
    });
    save.addEventListener('click', () => savePicture(canvas, `${meta.title} traversal.png`));
    scene.loop.ask();
  };
  tool.addEventListener('click', show, {signal: scene.signal});

  return {
    help: [['s', 'Sheet: every live dimension from end to end']],
    draw() {
      if (!cells.length || !scene.decoder) return;
      slices.work(scene.decoder, cells);
      scene.loop.ask();
    },
    key(event) {
      if (plainKey(event) !== 's') return false;
      show();
      return true;
    },
    stop: () => open?.close(),
  };
}

// Lays the sheet out on the canvas, which is in the document: {cells (slices.js), codeAt(x, y) -> z or null}.
function traversal(canvas, {meta, kl, moving: {range}, scene: {map: {theme}}}, live, z) {
  const room = canvas.parentElement.clientWidth;
  const plan = planSheet(room, innerHeight - AROUND, live.length);
  const density = Math.max(FINE, devicePixelRatio);
  const context = canvas.getContext('2d');
  Object.assign(canvas, {width: plan.width * density, height: plan.height * density});
  Object.assign(canvas.style, {width: `${plan.width}px`, height: `${plan.height}px`});
  context.scale(density, density);
  context.fillStyle = theme.paper;
  context.fillRect(0, 0, plan.width, plan.height);
  const tile = createTile(meta.shape);
  const cells = live.flatMap((d, row) => {
    writeRow(context, plan, theme, row, [nameOf(d), formatNats(kl[d])]);
    return plan.values(range[d]).map((value, column) => ({
      z: z.map((old, k) => (k === d ? value : old)),
      put(pixels) {
        const [x, y] = plan.place(row, column);
        const {width, height} = tileSize(meta.shape, plan.side * density);
        const [left, top] = [x, y].map(start => Math.round((start + plan.side / 2) * density));
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.imageSmoothingEnabled = width < meta.shape[2];
        context.drawImage(tile.paint(pixels, theme.ink), Math.round(left - width / 2), Math.round(top - height / 2), width, height);
        context.setTransform(density, 0, 0, density, 0, 0);
        writeValue(context, theme, formatNumber(value), x + plan.side / 2, y + plan.side + GAP_Y / 2);
      },
    }));
  });
  const codeAt = (x, y) => {
    const cell = plan.cellAt(x, y);
    return cell && z.map((old, k) => (k === live[cell.row] ? plan.values(range[k])[cell.column] : old));
  };
  return {cells, codeAt};
}

// Where everything stands on a sheet `room` CSS pixels wide and preferably at most `tall` high, with `rows` dimensions.
export function planSheet(room, tall, rows) {
  const columns = room < 560 ? 7 : 11; // odd, so that one stands in the middle
  const pitch = (room - NAMES) / columns;
  const highest = Math.max(48, tall / rows - GAP_Y); // so that the sheet needs no scrolling, if that is possible
  const side = Math.floor(Math.max(16, Math.min(pitch - GAP_X, highest, LARGEST)));
  const place = (row, column) => [NAMES + column * pitch + (pitch - side) / 2, HEAD / 2 + row * (side + GAP_Y)];
  return {
    columns, side, place,
    width: room,
    height: HEAD + rows * (side + GAP_Y),
    values: ([low, high]) => Array.from({length: columns}, (_, k) => low + (high - low) * k / (columns - 1)),
    cellAt(x, y) {
      const column = Math.floor((x - NAMES) / pitch);
      const row = Math.floor((y - HEAD / 2) / (side + GAP_Y));
      return column >= 0 && column < columns && row >= 0 && row < rows ? {row, column} : null;
    },
  };
}

function writeRow(context, plan, theme, row, [name, nats]) {
  const y = plan.place(row, 0)[1] + plan.side / 2;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillStyle = theme.ink;
  context.font = `600 13px ${theme.font}`;
  context.fillText(name, 0, y - 8);
  context.globalAlpha = 0.7;
  context.font = `12px ${theme.font}`;
  context.fillText(nats, 0, y + 8);
  context.globalAlpha = 1;
}

function writeValue(context, theme, text, x, y) {
  context.textAlign = 'center';
  context.font = `10px ${theme.font}`;
  context.fillStyle = theme.ink;
  context.globalAlpha = 0.7;
  context.fillText(text, x, y);
  context.globalAlpha = 1;
}

function savePicture(canvas, name) {
  canvas.toBlob(blob => {
    const address = URL.createObjectURL(blob);
    element('a', '', {href: address, download: name.replace(/[^\p{L}\p{N} ._=-]/gu, '-')}).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000); // milliseconds: the browser has read it by then
  });
}
