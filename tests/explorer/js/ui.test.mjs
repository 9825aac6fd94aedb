// The explorer's pure parts. WEB names the folder of the modules.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}`);
const {
  acceptState, chooseAxis, firstState, moveInPlane, placeOnMap, rankDimensions, roundState, toggleClass,
} = await load('state.js');
const {fitView, panView, project, tickStep, zoomView} = await load('view.js');
const {classPlaces, nearestPoint, placePoints, readPoints} = await load('points.js');
const {placeLabels} = await load('labels.js');
const {pixelScale, writePixels} = await load('picture.js');
const {classColour, classShape} = await load('palette.js');
const {createReporter} = await load('reporter.js');
const words = await load('words.js');

const meta = {latent: 3, kl: [0.5, 0.005, 2], center: [0, 1, 2], labels: ['a', 'b', 'c']};
const points = {mu: Float32Array.of(1, 2, 3), count: 1};
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

function bundle(rows, labels) {
  const latent = rows[0]?.length ?? 2;
  return {
    meta: {latent, kl: Array(latent).fill(1)},
    tensors: {
      'points.mu': {shape: [rows.length, latent], data: Float32Array.from(rows.flat())},
      'points.log_var': {shape: [rows.length, latent], data: new Float32Array(rows.length * latent).fill(-50)},
      'points.label': {shape: [rows.length], data: Int16Array.from(labels)},
    },
  };
}

test('dimensions are ranked by rate and the dead set apart', () => {
  assert.deepEqual(rankDimensions(meta.kl), {live: [2, 0], dead: [1]});
});

test('the first state stands on an example and shows the two most telling dimensions', () => {
  assert.deepEqual(firstState(meta, points), {
    z: [1, 2, 3], axes: [0, 2], hidden: [], grid: false, view: null, chart: 'axes', selected: -1, colour: 'class', tint: -1,
    together: 'example', aligned: false,
  });
  assert.deepEqual(firstState(meta, {mu: new Float32Array(0), count: 0}).z, [0, 1, 2]);
  assert.deepEqual(firstState({latent: 1, kl: [1], center: [0]}, {count: 0}).axes, [0]);
});

test('a given state is taken where it makes sense and ignored where it does not', () => {
  const first = firstState(meta, points);
  const good = {
    z: [4, 5, 6], axes: [2, 1], hidden: [2, 0, 2], grid: true, view: [0, 0, 3], chart: 'pca', selected: 4,
    colour: 'error', tint: 2, together: 'z', aligned: true,
  };
  assert.deepEqual(acceptState(meta, first, good, 5), {...good, hidden: [0, 2]});
  const bad = {
    z: [1, NaN, 2], axes: [1, 1], hidden: [7, 'x', -1, 0.5], grid: 'yes', view: [0, 0, -1], other: 1, chart: 1,
    selected: 5, colour: null, tint: 3, together: 'both', aligned: 1,
  };
  assert.deepEqual(acceptState(meta, first, bad, 5), first);
  for (const nothing of [undefined, null, 5, 'z', {z: 'abc'}, {axes: [0, 3]}, {axes: [0]}, {view: [1, 2]}, {z: [1e999, 0, 0]}]) {
    assert.deepEqual(acceptState(meta, first, nothing), first);
  }
  assert.equal(acceptState(meta, {...first, view: [1, 2, 3]}, {view: null}).view, null);
});

test('what travels has four decimals', () => {
  const state = {...firstState(meta, points), z: [1 / 3, -0.00001, 2], view: [1 / 3, 0, 1e-7 / 3]};
  assert.deepEqual(roundState(state).z, [0.3333, -0, 2]);
  assert.deepEqual(roundState(state).view, [0.33333, 0, 3.3333e-8]);
});

test('moving on the map keeps the other dimensions', () => {
  assert.deepEqual(moveInPlane([1, 2, 3], [2, 0], [7, 8]), [8, 2, 7]);
  assert.deepEqual(moveInPlane([1], [0], [7, 8]), [7]);
  assert.deepEqual(placeOnMap([1, 2, 3], [2, 0]), [3, 1]);
  assert.deepEqual(placeOnMap([1], [0]), [1, 0]);
});

test('axes are chosen, and swapped where both would be the same', () => {
  assert.deepEqual(chooseAxis([0, 2], 0, 1), [1, 2]);
  assert.deepEqual(chooseAxis([0, 2], 0, 2), [2, 0]);
  assert.deepEqual(chooseAxis([0, 2], 1, 0), [2, 0]);
});

test('classes are toggled, alone or all', () => {
  assert.deepEqual(toggleClass([], 1, 3, false), [1]);
  assert.deepEqual(toggleClass([2, 1], 0, 3, false), [0, 1, 2]);
  assert.deepEqual(toggleClass([0, 1], 1, 3, false), [0]);
  assert.deepEqual(toggleClass([], 1, 3, true), [0, 2]);
  assert.deepEqual(toggleClass([0, 2], 1, 3, true), []);
});

test('a projection goes both ways and keeps what is under the pointer when zooming', () => {
  const fitted = fitView({x: Float32Array.of(-2, 0, 2), y: Float32Array.of(-1, 0, 1)}, 800, 400);
  const before = project(fitted, 800, 400);
  close(before.x(before.px(1.25)), 1.25);
  close(before.y(before.py(-0.5)), -0.5);
  assert.ok(before.px(-2) > 0 && before.px(2) < 800 && before.py(1) > 0 && before.py(-1) < 400);
  const after = project(zoomView(before, 100, 300, 0.5, fitted), 800, 400);
  close(after.x(100), before.x(100));
  close(after.y(300), before.y(300));
  close(after.scale, 2 * before.scale);
  const moved = project(panView(before, 10, -20), 800, 400);
  close(moved.px(0), before.px(0) + 10);
  close(moved.py(0), before.py(0) - 20);
});

test('zoom has limits and says so', () => {
  const fitted = {x: 0, y: 0, span: 4};
  const far = zoomView(project(fitted, 100, 100), 0, 0, 1e9, fitted);
  assert.equal(zoomView(project(far, 100, 100), 0, 0, 2, fitted), far);
  const near = zoomView(project(fitted, 100, 100), 0, 0, 1e-9, fitted);
  close(near.span, 0.3);
  const wide = {x: 0, y: 0, span: 400};
  close(zoomView(project(wide, 100, 100), 0, 0, 1e-9, wide).span, 4);
});

test('a view fits any points: none, one, all the same', () => {
  for (const values of [[], [3], [3, 3, 3]]) {
    const {x, y, span} = fitView({x: Float32Array.from(values), y: Float32Array.from(values)}, 300, 200);
    assert.ok([x, y, span].every(Number.isFinite) && span > 0);
  }
});

test('noise about one place does not fill the map', () => {
  const noise = Float32Array.from({length: 100}, (_, n) => 2 + n % 7 / 1000);
  const {x, span} = fitView({x: noise, y: noise}, 300, 200);
  assert.ok(Math.abs(x - 2.003) < 1e-6);
  assert.equal(span, 3);
});

test('ticks stand at round numbers', () => {
  close(tickStep(4, 5), 1);
  close(tickStep(10, 5), 2);
  close(tickStep(0.07, 5), 0.02);
  assert.equal(words.formatTick(-0.4, 0.2), '−0.4');
  assert.equal(words.formatTick(20, 10), '20');
});

test('the nearest example is measured in spreads, not in units', () => {
  const wide = readPoints(bundle([[0, -100], [1, 0], [0, 100]], [0, 1, 2]));
  assert.equal(nearestPoint(wide, [0, 60], []), 2);
  assert.equal(nearestPoint(wide, [1, 0.5], []), 1);
  assert.equal(nearestPoint(readPoints(bundle([], [])), [0, 0], []), -1);
});

test('no example of a hidden class is the nearest', () => {
  const three = readPoints(bundle([[0, 0], [1, 1], [9, 9]], [0, 1, -1]));
  assert.equal(nearestPoint(three, [0, 0], [0]), 1);
  assert.equal(nearestPoint(three, [0, 0], [0, 1]), 2);
});

test('class names stand at medians, hidden and unknown classes nowhere', () => {
  const some = readPoints(bundle([[0, 0], [1, 5], [9, 6], [40, 4], [70, 7]], [0, 0, 0, 1, -1]));
  const places = placePoints(some, [0, 1]);
  assert.deepEqual(classPlaces(some, places, []), [{k: 0, count: 3, x: 1, y: 5}, {k: 1, count: 1, x: 40, y: 4}]);
  assert.deepEqual(classPlaces(some, places, [0]).map(({k}) => k), [1]);
});

test('a class that is mixed with all others has no name on the map', () => {
  const ring = n => [Math.cos(n) * (n % 10), Math.sin(n) * (n % 10)]; // about the origin
  const beside = n => [30 + n % 3, n % 2];
  const rows = Array.from({length: 300}, (_, n) => (n % 3 < 2 ? ring(n) : beside(n)));
  const points = readPoints(bundle(rows, rows.map((_, n) => n % 3)));
  const named = hidden => classPlaces(points, placePoints(points, [0, 1]), hidden).map(({k}) => k);
  assert.deepEqual(named([2]), []);
  assert.deepEqual(named([1, 2]), [0]);
  assert.deepEqual(named([]), [0, 1, 2]); // the two are not where the third is
});

test('one dimension becomes a heap, highest where the points are dense', () => {
  const values = Array.from({length: 400}, (_, n) => [n < 300 ? n / 3000 : n / 40]);
  const {x, y} = placePoints(readPoints(bundle(values, values.map(() => 0))), [0]);
  const reach = (from, to) => Math.max(...y.slice(from, to).map(Math.abs));
  assert.ok(y.every(Number.isFinite));
  assert.ok(reach(0, 300) > 3 * reach(300, 400));
  assert.ok(reach(0, 300) <= (Math.max(...x) - Math.min(...x)) / 6);
  assert.ok(placePoints(readPoints(bundle([[2], [2]], [0, 0])), [0]).y.every(Number.isFinite));
});

test('names never overlap and stay on the map', () => {
  const items = Array.from({length: 60}, (_, n) => ({x: 200 + n % 7, y: 150 + n % 5, width: 50 + n}));
  const placed = placeLabels(items, 18, 400, 300);
  assert.ok(placed.length >= 5 && placed.length < 60);
  for (const [n, a] of placed.entries()) {
    assert.ok(a.x - a.width / 2 >= 0 && a.x + a.width / 2 <= 400 && a.y >= 0 && a.y <= 300);
    for (const b of placed.slice(0, n)) {
      assert.ok(Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= 18);
    }
  }
  assert.deepEqual(placeLabels([{x: -5, y: 10, width: 20}], 18, 400, 300), []);
});

test('pixels are enlarged by whole screen pixels unless that wastes the room', () => {
  assert.equal(pixelScale([1, 8, 8], 340, 1), 42);
  assert.equal(pixelScale([1, 28, 28], 340, 1), 12);
  assert.equal(pixelScale([1, 28, 28], 340, 2), 12);
  assert.equal(pixelScale([1, 7, 13], 340, 1), 26);
  assert.equal(pixelScale([3, 128, 128], 320, 1), 2);
  assert.equal(pixelScale([3, 128, 128], 320, 2), 2.5);
  assert.equal(pixelScale([3, 180, 180], 320, 1), 320 / 180);
});

test('pictures have one channel or three and are clamped', () => {
  const grey = new Uint8ClampedArray(8);
  writePixels([0.5, 2], [1, 1, 2], grey);
  assert.deepEqual([...grey], [128, 128, 128, 255, 255, 255, 255, 255]);
  const colour = new Uint8ClampedArray(8);
  writePixels([1, 0, 0, 1, -1, 0.2], [3, 1, 2], colour);
  assert.deepEqual([...colour], [255, 0, 0, 255, 0, 255, 51, 255]);
});

test('ten colours, then other shapes', () => {
  for (const isDark of [false, true]) {
    assert.equal(new Set(Array.from({length: 10}, (_, k) => classColour(k, isDark))).size, 10);
  }
  assert.equal(classColour(13, false), classColour(3, false));
  assert.notEqual(classShape(13), classShape(3));
  assert.equal(classColour(-1, false), classColour(9, false));
});

test('numbers and names are written for people', () => {
  assert.equal(words.formatNumber(-1.234), '−1.23');
  assert.equal(words.formatNumber(-0.001), '0.00');
  assert.equal(words.formatNats(2.06), '2.1 nats');
  assert.match(words.describePlane([0, 1], 8, 0), /^Nothing gets through/);
  assert.match(words.describePlane([0, 1], 8, 1), /z1 and z2; the other 6 dimensions stay/);
  assert.equal(words.formatPoint([1, -2, 0, 0, 5]), 'z = (1.00, −2.00, 0.00, 0.00, …)');
  assert.equal(words.shorten('a very long name 7', 8), 'a ve…me 7');
  assert.equal(words.shorten('short', 8), 'short');
  assert.deepEqual(words.readNames({labels: [' a\n b ', '', '<b>']}), ['a b', 'class 1', '<b>']);
  assert.deepEqual(words.readNames({labels: ['\u202egpj', '\u2067\u2069']}), ['gpj', 'class 1']);
});

test('changes are told at rest or on release, never while held, never twice', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  let state = 0;
  const sent = [];
  const reporter = createReporter(() => state, value => sent.push(value), () => {});
  reporter.changed();
  t.mock.timers.tick(500);
  assert.deepEqual(sent, []); // nothing is new
  state = 1;
  reporter.changed();
  t.mock.timers.tick(199);
  assert.deepEqual(sent, []);
  t.mock.timers.tick(1);
  assert.deepEqual(sent, [1]);
  reporter.hold();
  state = 2;
  reporter.changed();
  t.mock.timers.tick(5000);
  assert.deepEqual(sent, [1]);
  reporter.release();
  reporter.release();
  assert.deepEqual(sent, [1, 2]);
  state = 3;
  reporter.adopt(); // moved from outside
  reporter.changed();
  t.mock.timers.tick(500);
  assert.deepEqual(sent, [1, 2]);
});
