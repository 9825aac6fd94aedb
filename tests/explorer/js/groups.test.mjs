// Groups, tags, the search: their pure parts. WEB names the folder of the modules.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}`);
const {countExamples, endTexts} = await load('colours.js');
const {joinRows, rowsInside} = await load('lasso.js');
const {findAll} = await load('search.js');
const {describeSpread, groupMoments, meanPicture, mostTypical} = await load('statistics.js');
const {createTags, freeName, readTags, tidyName} = await load('tags.js');

const everyone = () => true;

test('a box holds what lies between its sides', () => {
  const places = {x: Float32Array.of(0, 1, 2, 3), y: Float32Array.of(0, 1, 1, 5)};
  const box = [[0.5, 0.5], [2.5, 0.5], [2.5, 2], [0.5, 2]];
  assert.deepEqual(rowsInside(places, box, everyone), [1, 2]);
  assert.deepEqual(rowsInside(places, box, n => n !== 1), [2]);
  assert.deepEqual(rowsInside(places, [...box].reverse(), everyone), [1, 2]);
});

test('a lasso round in a circle holds what is nearer than its radius, and a crossing leaves a hole', () => {
  const random = Array.from({length: 4000}, (_, n) => [n * 0.618034 % 1 * 4 - 2, n * 0.754878 % 1 * 4 - 2]);
  const places = {x: Float32Array.from(random, ([x]) => x), y: Float32Array.from(random, ([, y]) => y)};
  const circle = radius => Array.from({length: 360}, (_, k) => [radius * Math.cos(k * Math.PI / 180), radius * Math.sin(k * Math.PI / 180)]);
  const within = (n, radius) => Math.hypot(places.x[n], places.y[n]) < radius;
  const clear = n => [1, 1.5].every(radius => Math.abs(Math.hypot(places.x[n], places.y[n]) - radius) > 0.001);
  const rows = [...places.x.keys()].filter(clear);
  assert.deepEqual(rowsInside(places, circle(1), clear), rows.filter(n => within(n, 1)));
  const ring = rowsInside(places, [...circle(1), [1, 0], [1.5, 0], ...circle(1.5)], clear);
  assert.ok(ring.every(n => !within(n, 0.99)) && ring.length > 100);
});

test('a group is new, grows with shift and shrinks with alt', () => {
  assert.deepEqual(joinRows([1, 9], [3, 4], 'new'), [3, 4]);
  assert.deepEqual(joinRows([1, 9], [3, 9], 'add'), [1, 3, 9]);
  assert.deepEqual(joinRows([1, 3, 9], [3, 5], 'remove'), [1, 9]);
});

test('what a group has in common', () => {
  const points = {latent: 2, mu: Float32Array.of(0, 0, 2, 4, 4, 8, 100, 100)};
  const {mean, deviation} = groupMoments(points, [0, 1, 2]);
  assert.deepEqual([...mean].map(value => Number(value.toFixed(9))), [2, 4]);
  assert.ok(Math.abs(deviation[0] - Math.sqrt(8 / 3)) < 1e-9 && Math.abs(deviation[1] - Math.sqrt(32 / 3)) < 1e-9);
  assert.deepEqual(mostTypical(points, [0, 1, 2], mean, [1, 2], 2), [1, 0]);
  assert.deepEqual(mostTypical(points, [3], mean, [1, 0], 5), [3]);
});

test('the spread in words', () => {
  const all = {deviation: [1, 2, 1]};
  const say = deviation => describeSpread({deviation}, all, [0, 1, 2]);
  assert.equal(say([0.1, 2, 0.7]), 'Close together in z1, spread like all examples in z2.');
  assert.equal(say([0.3, 0.2, 0.1]), 'Close together in z2, z3, z1.');
  assert.equal(say([1, 2, 1.2]), 'Spread like all examples.');
  assert.equal(say([0.8, 1.4, 1.2]), 'Somewhat closer together than all examples, most in z2.');
  assert.equal(describeSpread({deviation: []}, all, []), '');
});

test('the average picture is the mean of those that have one', () => {
  const thumbs = {shape: [2, 1, 1, 2], data: Uint8Array.of(0, 255, 51, 0)};
  const {values, shape, count} = meanPicture(thumbs, [0, 1, 7]);
  assert.deepEqual([shape, count], [[1, 1, 2], 2]);
  assert.ok(Math.abs(values[0] - 0.1) < 1e-6 && Math.abs(values[1] - 0.5) < 1e-6);
  assert.equal(meanPicture(thumbs, [7]), null);
});

test('names of tags are tidy and each its own', () => {
  assert.equal(tidyName('  odd \n shoes '), 'odd shoes');
  assert.equal(tidyName('x'.repeat(99)).length, 40);
  assert.equal(freeName(' ', []), 'group');
  assert.equal(freeName('a', [{name: 'a'}, {name: 'a 2'}]), 'a 3');
  assert.notEqual(freeName('x'.repeat(40), [{name: 'x'.repeat(40)}]), 'x'.repeat(40));
});

test('tags from outside are read with suspicion', () => {
  for (const nothing of [undefined, null, 'x', {}, 5]) assert.equal(readTags(nothing, 9), null);
  const read = readTags([{name: ' a ', rows: [3, 1, 3, 9, -1, 0.5, 'x']}, {name: 'a', rows: []}, {name: '', rows: []}, {name: 5, rows: []}, {name: 'b'}, null], 9);
  assert.deepEqual(read, [{name: 'a', rows: [1, 3]}]);
  assert.equal(readTags(Array.from({length: 99}, (_, n) => ({name: `${n}`, rows: []})), 9).length, 50);
});

test('tags are asked of the host and follow what it tells', () => {
  const asked = [];
  const explorer = {
    points: {count: 9}, state: {colour: 'tag:odd'}, tell() {}, touched() {},
    onEvent: (name, value) => asked.push([name, value]),
    change(part) { Object.assign(this.state, part); },
  };
  const feature = createTags(explorer);
  const {tags} = explorer;
  assert.equal(tags.isKept(), false);
  feature.told({tags: [{name: 'odd', rows: [1, 3]}]});
  assert.equal(tags.isKept(), true);
  assert.deepEqual(tags.save('odd', [5]), {name: 'odd 2', rows: [5]});
  assert.equal(tags.rename('odd', 'strange'), 'strange');
  assert.equal(explorer.state.colour, 'tag:strange');
  tags.remove('strange');
  assert.equal(explorer.state.colour, 'class');
  assert.deepEqual(tags.all().map(({name}) => name), ['odd 2']);
  assert.deepEqual(asked, [
    ['tag', {name: 'odd 2', rows: [5]}], ['tag-renamed', {name: 'odd', to: 'strange'}], ['tag-deleted', {name: 'strange'}],
  ]);
  feature.told({other: 1});
  assert.equal(tags.all().length, 1);
});

test('a search finds classes, tags and numbers, the best first', () => {
  const known = {
    names: ['7', 'Sneaker', 'Sandale à talon', 'Ankle boot, sneaker'], members: [1, 2, 3, 4],
    tags: [{name: 'sneaky', rows: [1]}], rowOf: new Map([[7, 70], [17, 0]]),
  };
  const found = text => findAll(text, known).map(({kind, title, number}) => `${kind} ${title} ${number}`);
  assert.deepEqual(found('17'), ['example example 17 0']);
  assert.deepEqual(found('7'), ['class 7 0', 'example example 7 70']);
  assert.deepEqual(found('#7'), ['example example 7 70']);
  assert.deepEqual(found(' SNEAK'), ['class Sneaker 1', 'tag sneaky -1', 'class Ankle boot, sneaker 3']);
  assert.deepEqual(found('a talon'), ['class Sandale à talon 2']);
  for (const nothing of ['', '  ', '#', '18', '99999999999999999999', 'zebra', '-1']) assert.deepEqual(found(nothing), []);
});

test('ends of a scale in numbers', () => {
  assert.deepEqual(endTexts({low: 0.0042, high: 0.0698, cut: [false, true]}), ['0.004', '≥ 0.070']);
  assert.deepEqual(endTexts({low: -2, high: 2, cut: [true, false]}), ['≤ −2.0', '2.0']);
  assert.deepEqual(endTexts({low: 3, high: 3, cut: [false, false]}), ['3.00', '3.00']);
  assert.equal(countExamples(1), '1 example');
  assert.equal(countExamples(1353), '1,353 examples');
});
