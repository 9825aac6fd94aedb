// The scale of the dial, what a person may type, and the state it is kept in.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}.js`);
const {dialScale, dialTicks, readBeta} = await load('dial_scale');
const {acceptState, firstState, roundState} = await load('state');
const {createTimeline, isSameStep} = await load('history');
const {meanRates} = await load('moving');

const RANGE = {low: 0.01, high: 10, beta: 1};
const named = width => dialTicks(RANGE, width).filter(({text}) => text).map(({text}) => text);

test('ends, powers of ten, then twos and fives have numbers as there is room', () => {
  assert.deepEqual(named(100).sort(), ['0.01', '10'].sort());
  assert.deepEqual(named(300).sort(), ['0.01', '0.1', '1', '10'].sort());
  assert.deepEqual(named(1000).map(Number).sort((a, b) => a - b), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]);
});

test('a range between round numbers has its own ends and keeps others off them', () => {
  const ticks = dialTicks({low: 0.093, high: 7}, 900).filter(({text}) => text);
  assert.deepEqual(ticks.slice(0, 2).map(({text, share}) => [text, share]), [['0.093', 0], ['7', 1]]);
  assert.ok(!ticks.some(({text}) => text === '0.1'));
});

test('the scale is logarithmic, and its ends are exact', () => {
  const scale = dialScale(RANGE);
  assert.ok(Math.abs(scale.share(0.1) - 1 / 3) < 1e-12);
  assert.deepEqual([-1, 0, 1, 2].map(scale.beta), [0.01, 0.01, 10, 10]);
  assert.equal(scale.beta(2 / 3), 1);
  assert.deepEqual([0.001, 3, 99].map(scale.hold), [0.01, 3, 10]);
});

test('forty arrow keys are a power of ten, and none leads out of the range', () => {
  const {step} = dialScale(RANGE);
  let beta = 0.1;
  for (let k = 0; k < 40; k++) beta = step(beta, 1);
  assert.ok(Math.abs(beta - 1) < 1e-9);
  assert.equal(step(9.9, 5), 10);
  assert.equal(step(0.0101, -1), 0.01);
});

test('page keys go to the next of 1, 2, 5, and to the ends', () => {
  const {leap} = dialScale({low: 0.03, high: 7});
  assert.deepEqual([leap(0.3, 1), leap(0.5, 1), leap(0.5, -1), leap(6, 1), leap(0.04, -1)], [0.5, 1, 0.2, 7, 0.03]);
});

test('numbers are read as people type them', () => {
  const good = {'0.32': 0.32, '0,32': 0.32, ' 4 ': 4, '1e-2': 0.01, '.5': 0.5, '3.': 3, 'β 0,7': 0.7, 'β=2': 2, '1E1': 10};
  for (const [text, value] of Object.entries(good)) assert.equal(readBeta(text), value, text);
  for (const text of ['', 'one', '1,000.5', '-3', '0x10', '1 2', 'Infinity', '1e', '∞']) assert.ok(Number.isNaN(readBeta(text)), text);
});

const meta = {latent: 2, labels: [], kl: [1, 1], center: [0, 0], dial: RANGE};
const points = {mu: Float32Array.of(1, 2), count: 1};

test('the state has a beta only where there is a dial, held within its range', () => {
  const {dial, ...plain} = meta;
  assert.ok(!('beta' in firstState(plain, points)));
  assert.ok(!('beta' in acceptState(plain, firstState(plain, points), {beta: 3, beta2: 2}, 1)));
  const first = firstState(meta, points);
  assert.deepEqual([first.beta, first.beta2], [1, null]);
  const after = given => acceptState(meta, first, given, 1);
  assert.deepEqual([0.5, 1e-9, 1e9].map(beta => after({beta}).beta), [0.5, 0.01, 10]);
  for (const beta of [null, '2', NaN, [2], undefined]) assert.equal(after({beta}).beta, 1);
  assert.equal(after({beta2: 99}).beta2, 10);
  assert.equal(acceptState(meta, {...first, beta2: 2}, {beta2: null}, 1).beta2, null);
  assert.equal(acceptState(meta, {...first, beta2: 2}, {beta2: 'x'}, 1).beta2, 2);
});

test('five figures of a beta travel', () => {
  const state = {...firstState(meta, points), beta: 0.012345678, beta2: 1 / 3};
  assert.deepEqual([roundState(state).beta, roundState(state).beta2], [0.012346, 0.33333]);
  assert.equal(roundState({...state, beta2: null}).beta2, null);
});

test('a turn of the dial is a step of its own', () => {
  const steps = createTimeline({z: [0], selected: -1, beta: 1}, isSameStep, 9);
  assert.ok(!steps.push({z: [0], selected: -1, beta: 1}));
  assert.ok(steps.push({z: [0], selected: -1, beta: 2}));
});

test('rates are the mean divergence to the prior', () => {
  const [first, second] = meanRates(Float32Array.of(0, 1, 0, 3), Float32Array.of(0, 0, 0, Math.log(0.5)), 2);
  assert.equal(first, 0);
  assert.ok(Math.abs(second - (0.5 + (9 + 0.5 - 1 - Math.log(0.5)) / 2) / 2) < 1e-6);
});
