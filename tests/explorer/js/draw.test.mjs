// How a data set's pictures lie on their ground, and drawings made like them.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}`);
const {describeInk, inkAmount, lengthOf, measureInk} = await load('ink.js');
const {averageArea, centreInk, settlePicture} = await load('settle.js');
const {paintStrokes} = await load('strokes.js');

const near = (a, b, within = 1e-6) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);
const shape = [1, 28, 28];

// A bar of `value` on `ground`: [left, top, right, bottom] in pixels.
function bar([left, top, right, bottom], value = 1, ground = 0, [channels, height, width] = shape) {
  return Float32Array.from({length: channels * height * width}, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return x >= left && x < right && y >= top && y < bottom ? value : ground;
  });
}

const setOf = (pictures, of = shape) => measureInk({count: pictures.length, shape: of, values: row => pictures[row]});
// An L whose mass is at the middle of the frame, wherever its box is, 20 pixels long.
const massed = [0, 1, 2, 3].map(k => {
  const picture = bar([12, 4, 14, 24]);
  bar([14, 20, 14 + k, 24]).forEach((value, i) => { picture[i] = Math.max(picture[i], value); });
  return centreInk(picture, shape, shape, {background: [0], place: 'mass', centre: [0.5, 0.5]});
});

test('a set drawn like MNIST is recognised by its lengths and its centres of mass', () => {
  const style = setOf(massed);
  assert.equal(style.place, 'mass');
  near(style.extent, 20 / 28);
  style.centre.forEach(value => near(value, 0.5, 0.02));
  assert.deepEqual([style.background, style.isPlain, style.colours], [[0], true, [[1]]]);
});

test('a set that fills its frame is recognised by its boxes, dark ink on light paper too', () => {
  const topped = half => bar([14 - half, 0, 14 + half, 28], 0.5, 1).map((value, i) => (value < 1 && i < 28 * half ? 0.25 : value));
  const style = setOf([6, 8, 10].map(topped));
  assert.deepEqual([style.place, style.extent, style.centre], ['box', 1, [0.5, 0.5]]);
  assert.deepEqual([style.background, style.colours], [[1], [[0.25]]]);
});

test('pictures that lie anywhere, or have no ground, are left where they are', () => {
  const anywhere = [[2, 2], [20, 3], [4, 20], [18, 18]].map(([x, y]) => bar([x, y, x + 6, y + 6]));
  assert.equal(setOf(anywhere).place, '');
  const noise = Array.from({length: 4}, (_, k) => Float32Array.from({length: 784}, (_, i) => ((i * 7919 + k * 104729) % 1000) / 1000));
  assert.deepEqual([setOf(noise).place, setOf(noise).isPlain], ['', false]);
});

test('colours to draw with are those of the set', () => {
  const of = [3, 8, 8];
  const picture = colour => Float32Array.from({length: 192}, (_, i) => ([2, 3, 4].includes(i % 8) ? colour[Math.floor(i / 64)] : 0));
  const {colours, background} = setOf([picture([1, 0, 0]), picture([1, 0, 0]), picture([0, 0, 1])], of);
  assert.deepEqual(background, [0, 0, 0]);
  assert.deepEqual(colours, [[1, 0, 0], [0, 0, 1]]);
});

test('the width of a bar is found', () => {
  const {stroke, bounds} = describeInk(inkAmount(bar([4, 12, 24, 15]), shape, [0]), shape);
  near(stroke, 3, 0.7);
  assert.deepEqual(bounds, [4, 12, 24, 15]);
  assert.equal(describeInk(new Float32Array(784), shape), null);
});

test('areas are averaged, and what hangs over the edge is ground', () => {
  const made = averageArea(Float32Array.of(1, 0, 0, 1), [1, 2, 2], [0, 0], 2, [1, 1, 1], [0]);
  near(made[0], 0.5);
  near(averageArea(Float32Array.of(1), [1, 1, 1], [-0.5, 0], 1, [1, 1, 1], [0.25])[0], 0.5 * 1 + 0.5 * 0.25);
});

test('a picture of another size and place gets the length and the centre of the set', () => {
  const style = setOf(massed);
  const drawn = bar([10, 30, 22, 90], 1, 0, [1, 112, 112]);
  const found = describeInk(inkAmount(settlePicture(drawn, [1, 112, 112], shape, style), shape, [0]), shape);
  near(lengthOf(found.bounds), 20);
  found.mass.forEach((value, k) => near(value, style.centre[k] * 28, 0.51));
});

test('strokes get the length and the place of the set and keep their width', () => {
  const style = setOf(massed);
  const line = (points, width = 2) => ({points, width, colour: [1], isEraser: false});
  for (const stroke of [line([[3, 3], [3, 12]]), line([[2, 26], [26, 20], [14, 2]])]) {
    const found = describeInk(inkAmount(paintStrokes([stroke], shape, style), shape, [0]), shape);
    near(lengthOf(found.bounds), 20, 1);
    near(found.stroke, 2, 0.6);
    found.mass.forEach((value, k) => near(value, style.centre[k] * 28, 0.51));
  }
});

test('a dot stays a dot, and what is rubbed out is gone', () => {
  const style = setOf(massed);
  const dot = {points: [[5, 5]], width: 3, colour: [1], isEraser: false};
  const {bounds} = describeInk(inkAmount(paintStrokes([dot], shape, style), shape, [0]), shape);
  assert.ok(lengthOf(bounds) <= 4);
  const out = {...dot, width: 6, colour: [0], isEraser: true};
  near(Math.max(...paintStrokes([dot, out], shape, {...style, place: ''})), 0);
});

test('on a picture, strokes stay where they are made', () => {
  const base = new Float32Array(784).fill(0.5);
  const made = paintStrokes([{points: [[4.5, 4.5]], width: 3, colour: [1], isEraser: false}], shape, setOf(massed), base);
  near(made[4 * 28 + 4], 1);
  near(made[20 * 28 + 20], 0.5);
  near(base[4 * 28 + 4], 0.5);
});
