// Two runs on the same data: which rows belong together, and clouds turned onto each other.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const {alignClouds, matchRows, nearestPartner, pickPoints} = await import(`${pathToFileURL(process.env.WEB)}/pair.js`);
const {titleRuns} = await import(`${pathToFileURL(process.env.WEB)}/facts.js`);

const cloud = rows => ({count: rows.length, latent: rows[0].length, mu: Float32Array.from(rows.flat()), label: Int16Array.from(rows, (_, n) => n)});
const near = (a, b) => a.forEach((value, d) => assert.ok(Math.abs(value - b[d]) < 1e-6, `${a} is not ${b}`));

test('rows are matched by the numbers of their examples', () => {
  const match = matchRows(Int32Array.of(7, 3, 9), Int32Array.of(9, 8, 7, 1));
  assert.deepEqual(Array.from(match.partner), [2, -1, 0]);
  assert.deepEqual(Array.from(match.origin), [2, -1, 0, -1]);
  assert.deepEqual(match.shared, [0, 2]);
});

test('points are reduced to the shared ones, and kept where all are', () => {
  const points = cloud([[1, 2], [3, 4], [5, 6]]);
  assert.equal(pickPoints(points, [0, 1, 2]), points);
  const {count, mu, label} = pickPoints(points, [2, 0]);
  assert.deepEqual([count, [...mu], [...label]], [2, [5, 6, 1, 2], [2, 0]]);
});

test('the nearest partner has one, and a class that is shown', () => {
  const points = cloud([[0, 0], [1, 0], [2, 0]]);
  const places = {x: [0, 1, 2], y: [0, 0, 0]};
  assert.equal(nearestPartner({origin: [5, -1, 6]}, points, places, [], 0.9, 0), 0);
  assert.equal(nearestPartner({origin: [5, -1, 6]}, points, places, [0], 0.9, 0), 2);
  assert.equal(nearestPartner({origin: [-1, -1, -1]}, points, places, [], 0, 0), -1);
});

test('a cloud that is only turned, mirrored, scaled and moved is found again whole', () => {
  const first = [[0, 0], [1, 0], [0, 2], [3, 1]];
  const second = first.map(([x, y]) => [5 - 2 * y, 1 - 2 * x]);
  const match = matchRows(Int32Array.of(0, 1, 2, 3), Int32Array.of(0, 1, 2, 3));
  const {forth, back, agreement} = alignClouds(cloud(first), cloud(second), match);
  assert.ok(Math.abs(agreement - 1) < 1e-6);
  first.forEach((z, n) => {
    near(forth(second[n]), z);
    near(back(z), second[n]);
  });
});

test('dimensions that say nothing stay as they are', () => {
  const first = [[0, 0, 0], [1, 0, 0], [2, 0, 0]];
  const match = matchRows(Int32Array.of(0, 1, 2), Int32Array.of(0, 1, 2));
  near(alignClouds(cloud(first), cloud(first), match).forth([1, 0.5, -0.25]), [1, 0.5, -0.25]);
});

test('a point cannot be aligned', () => {
  const match = matchRows(Int32Array.of(0, 1), Int32Array.of(0, 1));
  assert.equal(alignClouds(cloud([[1], [1]]), cloud([[0], [2]]), match), null);
});

test('runs of the same title get the ends of their names', () => {
  assert.deepEqual(titleRuns({title: 'a', run: 'x-1234'}, {title: 'b', run: 'y-5678'}), ['a', 'b']);
  assert.deepEqual(titleRuns({title: 'a', run: 'x-1234'}, {title: 'a', run: 'y-5678'}), ['a · 1234', 'a · 5678']);
  assert.deepEqual(titleRuns({title: 'a'}, {title: 'a'}), ['a', 'a']);
});
