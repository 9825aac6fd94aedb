// Selection, neighbours, history, chance: the pure parts. WEB names the folder of the modules.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}`);
const {brightening, differenceGradient, meanSquare, poolPixels, writeDifference} = await load('difference.js');
const {ellipseOf} = await load('ellipse.js');
const {createTimeline, isSameStep} = await load('history.js');
const {drawFrom} = await load('journeys.js');
const {createNearest, createUsual, readMetric} = await load('nearest.js');
const {panInto, project} = await load('view.js');
const {whoseRest} = await load('controls.js');
const {axesChart} = await load('charts.js');
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test('steps are undone and redone, and a new one ends what could be redone', () => {
  const steps = createTimeline('a', (one, other) => one === other, 3);
  assert.equal(steps.at(-1), undefined);
  assert.ok(steps.push('b'));
  assert.ok(!steps.push('b')); // nothing new
  steps.push('c');
  steps.go(-1);
  assert.deepEqual([steps.at(-1), steps.at(0), steps.at(1), steps.at(2)], ['a', 'b', 'c', undefined]);
  steps.push('d');
  assert.deepEqual(steps.last(9), ['a', 'b', 'd']);
  assert.equal(steps.at(1), undefined);
  steps.push('e');
  assert.deepEqual(steps.last(9), ['b', 'd', 'e']); // three are kept
  assert.deepEqual(steps.last(2), ['d', 'e']);
});

test('a step is the same where neither pin nor selection have moved', () => {
  const step = {z: [1, 2], selected: 3};
  assert.ok(isSameStep(step, {z: [1, 2.00001], selected: 3}));
  assert.ok(!isSameStep(step, {z: [1, 2.001], selected: 3}));
  assert.ok(!isSameStep(step, {z: [1, 2], selected: -1}));
});

test('pictures are averaged down, ragged at the far edges', () => {
  const values = Float32Array.from([0, 2, 5, 4, 6, 7, 1, 3, 9]); // 3 by 3
  assert.deepEqual([...poolPixels(values, [1, 3, 3], 2)], [3, 6, 2, 9]);
  assert.deepEqual([...poolPixels(values, [3, 1, 3], 3)].map(Math.round), [2, 6, 4]);
});

test('a difference is how much brighter the reconstruction is', () => {
  const [original, made] = [[0.5, 0.5, 0, 1], [1, 0.5, 0.2, 0]];
  close(meanSquare(original, made), (0.25 + 0.04 + 1) / 4);
  assert.deepEqual([...brightening(original, made, [1, 2, 2])].map(value => value.toFixed(2)), ['0.50', '0.00', '0.20', '-1.00']);
  assert.deepEqual([...brightening([0, 0, 0, 0, 0, 0], [3, 0, 0, 6, 0, 0], [3, 1, 2])], [1, 2]);
  const pixels = new Uint8ClampedArray(12);
  writeDifference(Float32Array.of(0.25, -2, 0), false, pixels);
  assert.deepEqual([...pixels.filter((_, at) => at % 4 === 3)], [128, 255, 0]);
  assert.notDeepEqual([...pixels.slice(0, 3)], [...pixels.slice(4, 7)]);
  assert.match(differenceGradient(true), /^linear-gradient\(to right, rgb\(86 180 233/);
});

test('an ellipse stands along its axes, or at the angle of its tilt', () => {
  assert.deepEqual(ellipseOf([4, 0, 1]), {major: 2, minor: 1, angle: 0});
  const upright = ellipseOf([1, 0, 4]);
  assert.deepEqual([upright.major, upright.minor, upright.angle], [2, 1, Math.PI / 2]);
  close(ellipseOf([2, 1, 2]).angle, Math.PI / 4);
  assert.equal(ellipseOf([4, 0, 0]).minor, 0);
});

test('draws have the mean and the deviation they are drawn with', () => {
  let seed = 1;
  const random = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const draws = Array.from({length: 20_000}, () => drawFrom([3, -1], [2, 0], random));
  const mean = draws.reduce((sum, [x]) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, [x]) => sum + (x - mean) ** 2, 0) / draws.length;
  assert.ok(Math.abs(mean - 3) < 0.05 && Math.abs(variance - 4) < 0.15);
  assert.ok(draws.every(([, y]) => y === -1));
});

const many = (count, latent, seed = 7) => {
  let state = seed;
  const random = () => (state = state * 48271 % 2147483647) / 2147483647;
  const mu = Float32Array.from({length: count * latent}, () => 4 * random() - 2);
  const points = {count, latent, mu, label: Int16Array.from({length: count}, (_, n) => n % 3), spread: Float64Array.from({length: latent}, (_, d) => d + 1)};
  return {points, metric: readMetric(points, Array.from({length: latent}, (_, d) => 1 / (d + 1))), random};
};

test('a search in slices, bounded by the last one, finds what looking at all finds', () => {
  const {points: {count, latent, mu, label, spread}, points, metric, random} = many(5000, 3);
  const search = createNearest(points, metric, 3);
  for (let k = 0; k < 30; k++) {
    const z = Array.from({length: latent}, () => 5 * random() - 2.5);
    const hidden = k % 3 ? [] : [k % 2, 2];
    const distance = n => Math.hypot(...z.map((value, d) => (mu[n * latent + d] - value) / spread[d]));
    const all = [...Array(count).keys()].sort((a, b) => distance(a) - distance(b));
    search.begin(z, hidden);
    let slices = 1;
    while (!search.work(-Infinity)) slices++;
    assert.equal(slices, 5);
    assert.deepEqual(search.result.rows, all.filter(n => !hidden.includes(label[n])).slice(0, 3));
    search.result.distances.forEach((value, place) => close(value, distance(search.result.rows[place])));
    close(search.result.away, distance(all[0])); // of whatever class
  }
});

test('few examples or none are all that is found', () => {
  const {points, metric} = many(2, 2);
  const search = createNearest(points, metric, 3);
  search.begin([0, 0], []);
  assert.ok(search.work(Infinity));
  assert.equal(search.result.rows.length, 2);
  search.begin([0, 0], [0, 1]);
  search.work(Infinity);
  assert.deepEqual(search.result.rows, []);
  const usual = createUsual(points, metric);
  assert.ok(usual.isDone);
  assert.equal(usual.value, null);
  const none = createNearest({...points, count: 0}, metric, 3);
  none.begin([0, 0], []);
  assert.ok(none.work(Infinity));
  assert.deepEqual(none.result, {rows: [], distances: [], away: Infinity});
});

test('where nothing is live nothing is unusual, and dead dimensions make no code so', () => {
  const {points} = many(100, 2);
  assert.equal(createUsual(points, readMetric(points, [0, 0])).value, null);
  const metric = readMetric(points, [1, 0]);
  const search = createNearest(points, metric, 1);
  search.begin([points.mu[0], 50], []);
  search.work(Infinity);
  close(search.result.away, 0);
  assert.ok(search.result.distances[0] > 20);
});

test('a map is panned as far as needed to see a place', () => {
  const projection = project({x: 0, y: 0, span: 2}, 200, 100);
  assert.equal(panInto(projection, [1, 0.5]), projection.view);
  const {x, y, span} = panInto(projection, [3, 0]);
  assert.equal(span, 2);
  assert.equal(y, 0);
  close(project({x, y, span}, 200, 100).px(3), 180);
});

test('the rest is the pin’s, or that of the selected example while it is the same', () => {
  const points = {latent: 3, mu: Float32Array.of(1, 2, 3), count: 1};
  const explorer = {
    points, chart: axesChart(points, [0, 1]), codeOf: () => [1, 2, 3], titleOf: () => 'Bag, example 9', state: {z: [8, 9, 3], selected: 0},
  };
  assert.equal(whoseRest(explorer), 'as in Bag, example 9');
  assert.equal(whoseRest({...explorer, state: {z: [1, 2, 3.5], selected: 0}}), 'at the pin');
  assert.equal(whoseRest({...explorer, state: {z: [1, 2, 3], selected: -1}}), 'at the pin');
  assert.equal(whoseRest({...explorer, chart: {...explorer.chart, jacobian: undefined}}), 'at the pin');
});
