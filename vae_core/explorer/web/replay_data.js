// What a replay holds (vae_core/replay.py packs it), and where every point is between two moments. Pure functions.
//
// Time is a share from 0 to 1: the square root of the steps done over all of them, in which the kept moments are about
// even, since a map changes most at the start.

import {openContainer} from './bundle.js';

const NEIGHBOURS_KEPT = 12;

// parseReplay(bytes) -> {title, total, epochs, isLive, names, changes [{step, beta, lr}], shape [C, H, W], steps,
// times (share of each moment), labels, count, views [{name, axes, spans, frames [Int16Array], scale}], originals and
// reconstructions {shape, data}, curves {step: {time, distortion, rate, beta, lr}, epoch: {time, distortion, rate}}}.
// Throws an Error whose message is a sentence for a person.
export function parseReplay(source) {
  const {meta, tensors} = openContainer(source);
  if (meta.format !== 1 || meta.kind !== 'replay' || !tensors.steps?.data.length) {
    throw new Error('This replay cannot be opened: it is of another kind. Reload the page or download it again.');
  }
  const timeOf = step => Math.sqrt(Math.min(1, step / meta.total));
  const count = tensors.labels.data.length;
  const frames = places => Array.from(tensors.steps.data, (_, k) => places.subarray(2 * count * k, 2 * count * (k + 1)));
  const curve = (kind, names) => Object.fromEntries([['time', Float32Array.from(tensors[`curves.${kind}.step`].data, timeOf)],
    ...names.map(name => [name, tensors[`curves.${kind}.${name}`].data])]);
  return {
    title: meta.title,
    total: meta.total,
    epochs: meta.epochs,
    isLive: meta.live,
    names: meta.labels.map((label, k) => label.replace(/\s+/g, ' ').trim() || `class ${k}`),
    changes: meta.changes.map(([step, beta, lr]) => ({step, beta, lr, time: timeOf(step)})),
    shape: meta.shape,
    steps: tensors.steps.data,
    times: Float32Array.from(tensors.steps.data, timeOf),
    labels: tensors.labels.data,
    count,
    views: meta.views.map((view, v) => ({...view, frames: frames(tensors[`places.${v}`].data)})),
    originals: tensors.originals,
    reconstructions: tensors.reconstructions,
    curves: {step: curve('step', ['distortion', 'rate', 'beta', 'lr']), epoch: curve('epoch', ['distortion', 'rate'])},
  };
}

// {k, part}: between moments k and k + 1, a share `part` of the way.
export function momentAt(times, time) {
  let k = 0;
  while (k < times.length - 2 && times[k + 1] <= time) k++;
  if (times.length < 2) return {k: 0, part: 0};
  const gap = times[k + 1] - times[k];
  return {k, part: gap > 0 ? Math.min(1, Math.max(0, (time - times[k]) / gap)) : 1};
}

// The number of the moment that is nearest.
export function nearestMoment(times, time) {
  const {k, part} = momentAt(times, time);
  return part > 0.5 ? k + 1 : k;
}

// Writes the points' places, two numbers each, into `target`: exactly those of a moment, and between two along a smooth
// curve through the neighbouring ones (Catmull and Rom 1974), so that nothing turns a corner.
export function placesAt({frames, scale}, {k, part}, target) {
  const last = frames.length - 1;
  const [before, from, to, after] = [k - 1, k, k + 1, k + 2].map(n => frames[Math.min(last, Math.max(0, n))]);
  const [a, b, c, d] = splineWeights(part).map(weight => weight * scale);
  for (let i = 0; i < target.length; i++) target[i] = a * before[i] + b * from[i] + c * to[i] + d * after[i];
  return target;
}

// How much each of four moments counts between the second and the third.
export function splineWeights(t) {
  return [
    t * (t * (2 - t) - 1) / 2,
    (t * t * (3 * t - 5) + 2) / 2,
    t * (t * (4 - 3 * t) + 1) / 2,
    t * t * (t - 1) / 2,
  ];
}

// Half a side of the square in sight.
export function spanAt({spans}, {k, part}) {
  const next = spans[Math.min(spans.length - 1, k + 1)];
  const eased = part * part * (3 - 2 * part);
  return spans[k] + (next - spans[k]) * eased;
}

// A curve's value at a time, straight between its rows; null before the first and where there are none.
export function valueAt({time}, values, at) {
  const last = time.length - 1;
  if (last < 0 || at < time[0] - 1e-6) return null;
  if (at >= time[last]) return values[last];
  let k = 0;
  while (time[k + 1] < at) k++;
  const gap = time[k + 1] - time[k];
  return gap > 0 ? values[k] + (values[k + 1] - values[k]) * Math.max(0, at - time[k]) / gap : values[k + 1];
}

// Of a quantity with both: the held-out figure where there is one, else what training itself says.
export function figureAt({step, epoch}, name, at) {
  return valueAt(epoch, epoch[name], at) ?? valueAt(step, step[name], at);
}

// Beta or learning rate in force: that of the row that covers the time, which is the first one after it.
export function inForceAt({step}, name, at) {
  const row = step.time.findIndex(time => time >= at);
  return step[name].at(row) ?? null;
}

// The examples that stand nearest to example n in `places`, nearest first, itself left out.
export function nearestTo(places, n, wanted) {
  const found = [];
  const [x, y] = [places[2 * n], places[2 * n + 1]];
  for (let i = 0; i < places.length / 2; i++) {
    if (i === n) continue;
    const distance = (places[2 * i] - x) ** 2 + (places[2 * i + 1] - y) ** 2;
    if (found.length < Math.min(wanted, NEIGHBOURS_KEPT) || distance < found.at(-1).distance) {
      const at = found.findIndex(other => other.distance > distance);
      found.splice(at < 0 ? found.length : at, 0, {i, distance});
      found.length = Math.min(found.length, wanted);
    }
  }
  return found.map(({i}) => i);
}

// The middle of each class among `places`: [{k, x, y, count}], and the share of the points' spread that lies between
// these middles, from 0 (classes on top of each other) to 1.
export function classMiddles(places, labels, names) {
  const middles = Array.from({length: names}, (_, k) => ({k, x: 0, y: 0, count: 0}));
  const whole = {x: 0, y: 0, count: 0};
  let squares = 0;
  for (let i = 0; i < labels.length; i++) {
    if (!middles[labels[i]]) continue;
    const [x, y] = [places[2 * i], places[2 * i + 1]];
    for (const group of [middles[labels[i]], whole]) {
      group.count += 1;
      group.x += x;
      group.y += y;
    }
    squares += x * x + y * y;
  }
  const kept = middles.filter(({count}) => count);
  for (const group of [whole, ...kept]) {
    group.x /= group.count || 1;
    group.y /= group.count || 1;
  }
  const total = squares - whole.count * (whole.x ** 2 + whole.y ** 2);
  const between = kept.reduce((sum, {x, y, count}) => sum + count * ((x - whole.x) ** 2 + (y - whole.y) ** 2), 0);
  return {middles: kept, share: total > 0 ? between / total : 0};
}

// Epochs to write on the axis of time, as [{epoch, time}]: both ends, and of round numbers as many as have room.
export function epochTicks(epochs, room) {
  const made = [0, epochs].map(epoch => ({epoch, time: Math.sqrt(epoch / epochs)}));
  const top = Math.floor(Math.log10(epochs));
  for (const digit of [1, 5, 2, 3]) {
    for (let power = top; power >= top - 2; power--) {
      const epoch = Number((digit * 10 ** power).toPrecision(1));
      const time = Math.sqrt(epoch / epochs);
      if (time < 1 && made.every(tick => Math.abs(tick.time - time) >= room)) made.push({epoch, time});
    }
  }
  return made.sort((a, b) => a.time - b.time);
}

// "3.2": a decimal where there are few, hundredths in the first one.
export function writeEpoch(time, epochs) {
  const epoch = time * time * epochs;
  return epochs >= 20 ? String(Math.floor(epoch + 1e-6)) : epoch.toFixed(epochs < 4 ? 2 : 1);
}
