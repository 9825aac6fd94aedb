// Many points: found, stamped, coloured, measured. WEB names the folder of the modules.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const load = name => import(`${pathToFileURL(process.env.WEB)}/${name}`);
const {createFinder, densities, keepApart} = await load('cloud.js');
const {classPaint, frontThere, maskOf, memberPaint, paintThere, scaleOf, scalePaint} = await load('paints.js');
const {scaleColour, viridis} = await load('palette.js');
const {pictureSide} = await load('pictures.js');
const {castDots, dotRadius, isCrowd, makeStamp, mixInks, stampDots} = await load('stamps.js');

// Numbers from 0 to 1, the same every time (a linear congruential generator).
function randoms(seed) {
  let state = seed;
  return () => (state = (1664525 * state + 1013904223) % 2 ** 32) / 2 ** 32;
}

function somePlaces(count, seed) {
  const random = randoms(seed);
  const gauss = () => random() + random() + random() - 1.5;
  return {x: Float32Array.from({length: count}, gauss), y: Float32Array.from({length: count}, gauss)};
}

test('the index finds what a look at every point finds', () => {
  const random = randoms(1);
  const label = Int16Array.from({length: 3000}, (_, n) => n % 4 - 1);
  const find = createFinder(label);
  for (const places of [somePlaces(3000, 2), {x: new Float32Array(3000), y: new Float32Array(3000).fill(7)}]) {
    places.x[5] = 1e6; // a straggler far away
    for (let trial = 0; trial < 300; trial++) {
      const [atX, atY, reach] = [4 * random() - 2, 4 * random() - 2, trial % 9 ? random() / 4 : Infinity];
      const hidden = trial % 3 ? [] : [0, 2];
      let [best, least] = [-1, Infinity];
      for (let n = 0; n < 3000; n++) {
        const distance = Math.hypot(places.x[n] - atX, places.y[n] - atY);
        if (distance <= reach && distance < least && !hidden.includes(label[n])) [best, least] = [n, distance];
      }
      const found = find(places, hidden, atX, atY, reach);
      assert.equal(found < 0, best < 0);
      if (found >= 0) assert.ok(Math.hypot(places.x[found] - atX, places.y[found] - atY) <= least + 1e-9);
    }
  }
  assert.equal(createFinder(new Int16Array(0))({x: new Float32Array(0), y: new Float32Array(0)}, [], 0, 0, 1), -1);
});

test('what is kept apart does not overlap, and what is left out would', () => {
  const places = somePlaces(2000, 3);
  const rows = Array.from({length: 2000}, (_, n) => n).filter(n => n % 7);
  const kept = keepApart(places, rows, 0.1);
  const clash = (a, b) => Math.abs(places.x[a] - places.x[b]) < 0.1 && Math.abs(places.y[a] - places.y[b]) < 0.1;
  assert.ok(kept.length > 50);
  kept.forEach((a, k) => kept.slice(k + 1).forEach(b => assert.ok(!clash(a, b))));
  for (const n of rows) assert.ok(kept.includes(n) || kept.some(other => clash(n, other)));
});

test('densities of an even square are its number of points on a unit of area', () => {
  const random = randoms(4);
  const side = () => 4 * random();
  const places = {x: Float32Array.from({length: 40_000}, side), y: Float32Array.from({length: 40_000}, side)};
  const found = densities(places, n => n % 2 === 0); // 20,000 on 16 units
  const inside = found.filter((_, n) => [places.x[n], places.y[n]].every(value => value > 0.5 && value < 3.5));
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  assert.ok(Math.abs(mean / 1250 - 1) < 0.03, `${mean}`);
  assert.ok(densities({x: new Float32Array(3), y: new Float32Array(3)}, () => true).every(Number.isFinite));
});

test('dots shrink in a crowd, grow when zoomed in, and few stay as they were', () => {
  assert.equal(dotRadius(500, 1), 3.6);
  assert.equal(dotRadius(2000, 1), 2.6);
  assert.equal(dotRadius(2000, 0.5), 2.6);
  assert.ok(dotRadius(100_000, 1) > 1 && dotRadius(100_000, 1) < 1.3);
  for (let zoom = 1; zoom < 100; zoom *= 1.1) {
    assert.ok(dotRadius(100_000, zoom * 1.1) >= dotRadius(100_000, zoom));
    assert.ok(dotRadius(100_000, zoom) <= 5.2);
  }
  assert.ok(isCrowd(100_000, 1) && !isCrowd(100_000, 10) && !isCrowd(2000, 1));
});

test('dots come in order: hidden ones not at all, the chosen last and the others faint', () => {
  const label = Int16Array.of(-1, 0, 1, 0, 1);
  const paint = classPaint({label}, 2);
  assert.deepEqual([...paint.kinds], [0, 1, 2, 1, 2]);
  const plain = castDots(paint, label, [1], null);
  assert.deepEqual([[...plain.order], [...plain.cast]], [[0, 1, 3], [0, 1, 1]]);
  const fading = castDots(paint, label, [], {mask: maskOf([1, 4], 5), fades: true});
  assert.deepEqual([[...fading.order], [...fading.cast]], [[0, 2, 3, 1, 4], [3, 5, 4, 1, 2]]);
  const tagged = castDots(memberPaint([0], 5), label, [], {mask: maskOf([0], 5), fades: false});
  assert.deepEqual([[...tagged.order], [...tagged.cast]], [[1, 2, 3, 4, 0], [0, 0, 0, 0, 1]]);
});

test('a run beside has the colours and the front of the same examples', () => {
  const paint = memberPaint([2], 3);
  const there = paintThere(paint, [2, -1, 0]);
  assert.deepEqual([...there.kinds], [1, 2, 0]);
  assert.equal(there.total, 3);
  for (const isDark of [false, true]) {
    const [grey, member] = paint.looks(isDark);
    assert.deepEqual(there.looks(isDark), [grey, member, grey]);
  }
  assert.deepEqual([...there.front.mask], [1, 0, 0]);
  assert.equal(frontThere(null, [0]), null);
});

test('a stamp lands where its point stands, and one that does not fit is left out', () => {
  const mask = {side: 4, middle: 2, alphas: Uint8Array.of(0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 100, 0, 0, 0, 0, 0)};
  const image = {pixels: new Uint32Array(100), width: 10, height: 10};
  const places = {x: Float32Array.of(0, 1, 9), y: Float32Array.of(0, 1, 0)};
  const dots = {order: Uint32Array.of(0, 1, 2), cast: Uint16Array.of(0, 0, 0)};
  const way = {scale: 2, shiftX: 3, shiftY: 5};
  stampDots(image, places, dots, [makeStamp(mask, 0x332211, 0.8, 10, true)], way);
  const inked = [...image.pixels.keys()].filter(i => image.pixels[i]);
  assert.deepEqual(inked, [24, 25, 34, 42, 43, 52]); // around (5, 3) and (3, 5), y upwards
  assert.ok(inked.every(i => image.pixels[i] === 0xcc332211));
  image.pixels.fill(0);
  stampDots(image, places, dots, [makeStamp(mask, 0x332211, 0.8, 10, false)], way);
  assert.equal(image.pixels[35] >>> 24, 80);
  assert.equal(image.pixels[34] >>> 24, 204);
});

test('inks mix as light through coloured glass does', () => {
  const random = randoms(5);
  const channels = word => [0, 8, 16, 24].map(shift => word >>> shift & 255);
  for (let trial = 0; trial < 2000; trial++) {
    const [under, over] = [0, 0].map(() => Math.floor(random() * 2 ** 32));
    const [a, b] = [over >>> 24, under >>> 24].map(alpha => alpha / 255);
    const alpha = a + b * (1 - a); // Porter and Duff, "Compositing digital images", 1984: over
    const mixed = channels(mixInks(under, over));
    assert.ok(Math.abs(mixed[3] - 255 * alpha) <= 1);
    for (let c = 0; c < 3; c++) {
      const wanted = (channels(over)[c] * a + channels(under)[c] * b * (1 - a)) / (alpha || 1);
      assert.ok(!alpha || Math.abs(mixed[c] - wanted) <= 2, `${mixed[c]} is not ${wanted}`);
    }
  }
});

test('pictures come with zooming, never before, and are whole multiples of themselves', () => {
  const side = (count, zoom) => pictureSide(count, zoom, 880 * 630, [1, 28, 28]);
  assert.equal(side(100, 1), 0);
  assert.equal(side(2000, 1.2), 0);
  assert.ok(side(2000, 1.8) > 14 && side(2000, 1.8) < 28);
  assert.equal(side(2000, 3), 28);
  assert.equal(side(2000, 20), 56);
  assert.equal(pictureSide(300, 4, 880 * 630, [1, 8, 8]) % 8, 0);
  assert.equal(pictureSide(300, 9, 880 * 630, [3, 128, 64]), 56);
});

test('a scale leaves out stragglers and says so', () => {
  const values = Float32Array.from({length: 1000}, (_, n) => n);
  values[0] = -5000;
  const scale = scaleOf(values);
  assert.deepEqual(scale, {low: 10, high: 989, cut: [true, true]});
  const {kinds, total} = scalePaint(values, scale);
  assert.deepEqual([kinds[0], kinds[999], Math.max(...kinds)], [0, 63, total - 1]);
  assert.deepEqual([...scalePaint(Float32Array.of(2, 2), scaleOf([2, 2])).kinds], [0, 0]);
  assert.deepEqual(scaleOf([]), {low: 0, high: 1, cut: [false, false]});
});

// CIE 1931 luminance of an sRGB colour (IEC 61966-2-1).
function luminance(colour) {
  const linear = at => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
}

test('more on a scale is ever lighter on dark paper, ever darker on light paper, and never the paper itself', () => {
  assert.equal(viridis(0), '#440154');
  assert.equal(viridis(1), '#fde725');
  for (const [isDark, paper] of [[false, 1], [true, 0.008]]) {
    const lights = Array.from({length: 64}, (_, k) => luminance(scaleColour(k / 63, isDark)));
    lights.slice(1).forEach((light, k) => assert.ok(isDark ? light > lights[k] : light < lights[k]));
    for (const light of lights) {
      const contrast = (Math.max(light, paper) + 0.05) / (Math.min(light, paper) + 0.05);
      assert.ok(contrast > 1.4, `contrast ${contrast}`);
    }
  }
});
