// Charts, strips, tint and the traversal sheet: their pure parts. WEB names the folder of the modules.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}`);
const {pcaChart, principalPlane, symmetricEigen} = await load('pca.js');
const {readPlaces, snapChart, stepRow} = await load('projections.js');
const {stripValues} = await load('strips.js');
const {planSheet} = await load('sheetview.js');
const {strongestChannel} = await load('tint.js');
const {createSlices} = await load('slices.js');
const {tileSize} = await load('tiles.js');

const close = (a, b, within = 1e-9) => assert.ok(Math.abs(a - b) < within, `${a} is not ${b}`);
const random = seed => () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;

function cloud(count, latent, seed = 3) {
  const next = random(seed);
  const mu = Float32Array.from({length: count * latent}, (_, i) => next() * (1 + (i % latent)));
  return {mu, latent, count, label: new Int16Array(count), spread: Array(latent).fill(1)};
}

test('eigenvectors are orthonormal and keep their direction', () => {
  const n = 7;
  const next = random(5);
  const half = Array.from({length: n * n}, next);
  const matrix = Float64Array.from(half, (_, i) => half[i] + half[(i % n) * n + Math.floor(i / n)]);
  const {values, vectors} = symmetricEigen(matrix.slice(), n);
  const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  for (let i = 0; i < n; i++) {
    const vector = vectors.subarray(i * n, (i + 1) * n);
    for (let j = 0; j <= i; j++) close(dot(vector, vectors.subarray(j * n, (j + 1) * n)), i === j ? 1 : 0);
    for (let row = 0; row < n; row++) close(dot(matrix.subarray(row * n, (row + 1) * n), vector), values[i] * vector[row]);
  }
});

test('moving in the PCA plane is exact, comes back, and keeps what stands across it', () => {
  const points = cloud(50, 5);
  const chart = pcaChart(points, principalPlane(points));
  const z = [0.3, -1, 2, 0.1, 4];
  const moved = chart.move(z, [1.5, -0.25]);
  const [x, y] = chart.place(moved);
  close(x, 1.5);
  close(y, -0.25);
  chart.move(moved, chart.place(z)).forEach((value, d) => close(value, z[d]));
  const step = moved.map((value, d) => value - z[d]);
  const [a, b] = chart.jacobian.map(row => row.reduce((sum, weight, d) => sum + weight * step[d], 0));
  close(a * a + b * b, step.reduce((sum, value) => sum + value * value, 0)); // nothing moved across
  const places = chart.places();
  for (const n of [0, 7, 49]) {
    const at = chart.place(points.mu.subarray(5 * n, 5 * n + 5));
    close(places.x[n], at[0], 1e-5);
    close(places.y[n], at[1], 1e-5);
  }
  assert.deepEqual(chart.place([0, 0, 0, 0, 0]), chart.origin);
});

test('points without any spread still have a plane', () => {
  for (const count of [0, 1, 4]) {
    const {rows, shares} = principalPlane({mu: new Float32Array(3 * count), latent: 3, count});
    assert.deepEqual(shares, [0, 0]);
    assert.deepEqual(rows, [[1, 0, 0], [0, 1, 0]]);
  }
});

test('places are taken from base64 of the right length and nothing else', () => {
  const text = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer).toString('base64');
  assert.deepEqual(readPlaces(text, 2), {x: Float32Array.of(1, 3), y: Float32Array.of(2, 4)});
  const endless = Buffer.from(Float32Array.of(1, NaN, 3, 4).buffer).toString('base64');
  for (const wrong of [undefined, null, 7, 'é', '', text.slice(4), endless]) assert.equal(readPlaces(wrong, 2), null);
});

test('a map for the eye goes from example to example', () => {
  const points = {...cloud(4, 3), label: Int16Array.of(0, 0, 1, 0)};
  const codeOf = n => Array.from(points.mu.subarray(3 * n, 3 * n + 3));
  const explorer = {points, codeOf, state: {hidden: []}};
  const places = {x: Float32Array.of(0, 1, 2, 3), y: Float32Array.of(0, 0, 0, 0)};
  const chart = snapChart(explorer, 'tsne', places, '');
  assert.deepEqual(chart.move([9, 9, 9], [2.2, 5]), codeOf(2));
  assert.deepEqual(chart.place(codeOf(2)), [2, 0]);
  assert.deepEqual(chart.place(codeOf(3).map(value => value + 1e-3)), [3, 0]);
  assert.equal(chart.step(codeOf(0), 0.1, 0), 1);
  assert.equal(chart.step(codeOf(0), 2.9, 0), 3);
  assert.equal(chart.step(codeOf(0), -1, 0), 0); // nothing on that side
  assert.equal(chart.origin, null);
  explorer.state = {hidden: [1]};
  assert.equal(chart.row([2.1, 0]), 3);
  assert.equal(chart.step(codeOf(1), 0.1, 0), 3);
  explorer.state = {hidden: [0, 1]};
  assert.deepEqual(chart.move([9, 9, 9], [0, 0]), [9, 9, 9]);
});

test('a step goes in its direction only', () => {
  const places = {x: Float32Array.of(0, 1, -1, 0.1, 2), y: Float32Array.of(0, 0.9, 0, -3, 0)};
  const points = {count: 5, label: new Int16Array(5)};
  assert.equal(stepRow(points, places, [], 0, 1, 0), 1);
  assert.equal(stepRow(points, places, [], 0, 0, -1), 3);
  assert.equal(stepRow(points, places, [], 0, 0, 1), null); // the only one above is more than 45° off
});

test('pictures of a strip stand where the thumb stands for their value', () => {
  const strip = stripValues(200, 30, -3, 5);
  assert.equal(strip.length, 6);
  for (const {at, value} of strip) close(at, 8 + (200 - 16) * (value + 3) / 8);
  const [{value: first}] = stripValues(40, 5, -1, 1);
  assert.equal(first, -1); // before the thumb's first place
  assert.equal(stripValues(3, 30, -1, 1).length, 1);
});

test('a sheet fits its room, and a click finds its picture', () => {
  for (const [room, rows, columns] of [[860, 8, 11], [300, 30, 7]]) {
    const plan = planSheet(room, 700, rows);
    assert.equal(plan.columns, columns);
    assert.equal(plan.width, room);
    const [x, y] = plan.place(rows - 1, columns - 1);
    assert.ok(x + plan.side <= room && y + plan.side <= plan.height);
    assert.deepEqual(plan.cellAt(x + 1, y + 1), {row: rows - 1, column: columns - 1});
    assert.equal(plan.cellAt(5, y), null);
    assert.equal(plan.values([-2, 2])[(columns - 1) / 2], 0);
  }
});

test('of several channels the one that moves most counts', () => {
  const slope = Float32Array.of(1, -2, /**/ -3, 1, /**/ 2, 2);
  assert.deepEqual(strongestChannel(slope, [3, 1, 2]), Float32Array.of(-3, -2));
});

test('slices are decoded in turn and put once each', () => {
  const decoder = {size: 2, isQuick: () => true};
  decoder.decode = Z => Float32Array.from([...Z].flatMap(z => [z, -z]));
  const got = [];
  const cells = [1, 2, 3, 4, 5].map(z => ({z: [z], put: values => got.push([...values])}));
  const slices = createSlices();
  let turns = 0;
  while (slices.work(decoder, cells)) turns++;
  assert.ok(turns >= 1);
  assert.deepEqual(got, [1, 2, 3, 4, 5].map(z => [z, -z]));
});

test('small pictures grow by whole numbers and large ones shrink', () => {
  assert.deepEqual(tileSize([1, 8, 8], 28), {width: 24, height: 24});
  assert.deepEqual(tileSize([1, 28, 28], 28), {width: 28, height: 28});
  assert.deepEqual(tileSize([3, 20, 40], 28), {width: 28, height: 14});
});
