// The operations of a net. An operation is prepare(spec, shape, net) -> layer: it checks the spec from the bundle's
// op list against the shape that comes in (without the batch) and says what comes out. A layer is
// {shape, inPlace, work, room, run(arithmetic, batch, x, y, scratch), pieces}: multiplications a row, bytes of scratch
// memory (both 0 if absent); without run() only the shape changes. `pieces` are functions (arithmetic, x, y, scratch)
// that one after the other do for one row what run() does; a layer that never takes long has none. turn(arithmetic,
// scratch) is there where a layer depends on the dial, and called when that was moved. net.tensor(name) finds a tensor,
// net.place(numbers) puts constants into the net's memory and gives their address, net.keep(bytes) sets memory aside
// that stays, and says how far before `scratch` it lies. x, y and all addresses count bytes, since WebAssembly does.
// To add an operation: an entry here, its arithmetic in plain.js and in the kernel, its layer in pack.py.

import {prepareConv, prepareTransposed} from './ops_conv.js';
import {
  batchNormOf,
  checkedShape,
  countOf,
  DIAL_BYTES,
  epsOf,
  foldedInto,
  numbersOf,
  offsetsOf,
  pairOf,
  pictureShape,
  refuseModel,
  stretches,
} from './ops_parts.js';

const UNIT_WORK = 16; // multiplications that take as long as an activation of one value, about
const NORM_WORK = 8; // likewise a normalisation

export const OPERATIONS = {
  linear: prepareLinear,
  conv: prepareConv,
  conv_transposed: prepareTransposed,
  upsample: prepareUpsample,
  batch_norm: prepareBatchNorm,
  film: prepareFilm,
  layer_norm: prepareLayerNorm,
  group_norm: prepareGroupNorm,
  flatten: (spec, shape) => ({shape: [countOf(shape)]}),
  reshape: prepareReshape,
  subtract: prepareSubtract,
  take: prepareTake,
  relu: activation('relu'),
  leaky_relu: activation('leaky_relu', 'slope'),
  silu: activation('silu'),
  gelu: activation('gelu'),
  gelu_tanh: activation('gelu_tanh'),
  tanh: activation('tanh'),
  sigmoid: activation('sigmoid'),
  softplus: activation('softplus', 'beta', 'threshold'),
  continuous_bernoulli_mean: activation('continuous_bernoulli_mean'),
};

// Operations that take a batch norm behind them into their weights, as prepare(spec, shape, net, norm's spec). It is
// exact only there: before a padded convolution the zeros of its border would have to be normalised as well.
export const FOLDING = ['linear', 'conv', 'conv_transposed'];

// y (B, out) = x (B, in) W^T + b, W (out, in) as torch stores it.
function prepareLinear(spec, shape, net, norm) {
  const inputs = countOf(shape);
  const weight = net.tensor(spec.weight);
  if (weight?.shape.length !== 2 || weight.shape[1] !== inputs) {
    refuseModel(`the weights ${spec.weight} do not fit ${inputs} inputs`);
  }
  const made = checkedShape([weight.shape[0]]);
  const [outputs] = made;
  const folded = foldedInto(weight.data, offsetsOf(spec, outputs, net), norm, net, i => Math.floor(i / inputs));
  const [weights, offsets] = folded.map(net.place);
  const work = inputs * outputs;
  return {
    shape: made,
    work,
    run: (arithmetic, batch, x, y) => arithmetic.linear(batch, inputs, outputs, weights, offsets, x, y),
    pieces: stretches(outputs, 4, work).map(([from, to]) => (arithmetic, x, y) => {
      arithmetic.linear(1, inputs, to - from, weights + 4 * from * inputs, offsets + 4 * from, x, y + 4 * from);
    }),
  };
}

// Nearest neighbour as torch finds it, rounding included, to the size [rows, columns] or by whole factors `scale`.
function prepareUpsample(spec, shape, net) {
  const [channels, height, width] = pictureShape(spec, shape);
  const size = spec.scale === undefined ? pairOf(spec, 'size', 1, 65536) : pairOf(spec, 'scale', 1);
  const [rows, columns] = spec.scale === undefined ? size : [height * size[0], width * size[1]];
  const made = checkedShape([channels, rows, columns]);
  const [up, across] = [net.place(nearestPlaces(height, rows)), net.place(nearestPlaces(width, columns))];
  return {
    shape: made,
    run: (arithmetic, batch, x, y) =>
      arithmetic.upsample(batch * channels, height, width, rows, columns, up, across, x, y),
    pieces: stretches(channels, 1, countOf(made)).map(([from, to]) => (arithmetic, x, y) => {
      const [source, target] = [x + 4 * from * height * width, y + 4 * from * rows * columns];
      arithmetic.upsample(to - from, height, width, rows, columns, up, across, source, target);
    }),
  };
}

function nearestPlaces(from, to) {
  const step = Math.fround(from / to);
  return Int32Array.from({length: to}, (_, i) => Math.min(Math.floor(Math.fround(i * step)), from - 1));
}

function prepareBatchNorm(spec, shape, net) {
  const [channels] = shape;
  const plane = countOf(shape) / channels;
  const {scale, shift} = batchNormOf(spec, channels, net);
  const [factors, offsets] = [net.place(Float32Array.from(scale)), net.place(Float32Array.from(shift))];
  return {
    shape,
    inPlace: true,
    run: (arithmetic, batch, x) => arithmetic.affine(batch, channels, plane, factors, offsets, x),
    pieces: stretches(channels, 1, countOf(shape)).map(([from, to]) => (arithmetic, x) => {
      arithmetic.affine(1, to - from, plane, factors + 4 * from, offsets + 4 * from, x + 4 * from * plane);
    }),
  };
}

// y = x (1 + scale) + shift, a pair for each unit of a vector or channel of a picture, where [scale, shift] = weight
// silu(hidden_weight dial + hidden_bias) + bias (feature-wise linear modulation, Perez et al. 2018).
function prepareFilm(spec, shape, net) {
  const [channels] = shape;
  const plane = countOf(shape) / channels;
  const [hiddenWeight, weight] = [net.tensor(spec.hidden_weight), net.tensor(spec.weight)];
  const features = weight?.shape[1];
  const fits = features > 0 && `${weight.shape}` === `${[2 * channels, features]}` && `${hiddenWeight?.shape}` === `${[features, 1]}`;
  if (!fits) refuseModel(`the weights ${spec.weight} of its film do not fit ${channels} channels`);
  const bias = numbersOf(spec, 'bias', 2 * channels, net).map((value, i) => (i < channels ? 1 + value : value));
  const [slopes, starts] = [hiddenWeight.data, numbersOf(spec, 'hidden_bias', features, net)].map(net.place);
  const [weights, offsets] = [weight.data, bias].map(net.place);
  const hidden = net.keep(4 * features);
  const factors = net.keep(4 * 2 * channels);
  return {
    shape,
    inPlace: true,
    work: 2 * channels * features,
    turn(arithmetic, scratch) {
      arithmetic.linear(1, 1, features, slopes, starts, scratch - DIAL_BYTES, scratch - hidden);
      arithmetic.silu(features, scratch - hidden);
      arithmetic.linear(1, features, 2 * channels, weights, offsets, scratch - hidden, scratch - factors);
    },
    run(arithmetic, batch, x, y, scratch) {
      const from = scratch - factors;
      arithmetic.affine(batch, channels, plane, from, from + 4 * channels, x);
    },
    pieces: stretches(channels, 1, countOf(shape)).map(([first, end]) => (arithmetic, x, y, scratch) => {
      const from = scratch - factors + 4 * first;
      arithmetic.affine(1, end - first, plane, from, from + 4 * channels, x + 4 * first * plane);
    }),
  };
}

function prepareLayerNorm(spec, shape, net) {
  if (shape.length !== 1) refuseModel('its layer_norm stands before pictures, it is for vectors');
  return normalisation(spec, shape, net, 1);
}

function prepareGroupNorm(spec, shape, net) {
  const {groups} = spec;
  if (!(Number.isInteger(groups) && groups > 0 && shape[0] % groups === 0)) {
    refuseModel(`its group_norm has ${groups} groups of ${shape[0]} channels`);
  }
  return normalisation(spec, shape, net, groups);
}

function normalisation(spec, shape, net, groups) {
  const [channels] = shape;
  const plane = countOf(shape) / channels;
  const weight = net.place(numbersOf(spec, 'weight', channels, net, 1));
  const bias = net.place(numbersOf(spec, 'bias', channels, net, 0));
  const eps = epsOf(spec);
  return {
    shape,
    inPlace: true,
    run: (arithmetic, batch, x) =>
      arithmetic.group_norm(batch, groups, channels / groups, plane, weight, bias, eps, x),
    pieces: stretches(groups, 1, NORM_WORK * countOf(shape)).map(([from, to]) => (arithmetic, x) => {
      const size = channels / groups;
      const first = 4 * from * size;
      arithmetic.group_norm(1, to - from, size, plane, weight + first, bias + first, eps, x + first * plane);
    }),
  };
}

function prepareReshape(spec, shape) {
  const made = checkedShape(spec.shape);
  if (countOf(made) !== countOf(shape)) refuseModel(`${countOf(shape)} values cannot have the shape ${made.join('x')}`);
  return {shape: made};
}

function prepareSubtract(spec, shape, net) {
  const count = countOf(shape);
  const value = net.tensor(spec.value);
  if (!value || value.data.length !== count) refuseModel(`the values ${spec.value} do not fit ${count} inputs`);
  const address = net.place(value.data);
  return {shape, inPlace: true, run: (arithmetic, batch, x) => arithmetic.subtract(batch, count, address, x)};
}

function prepareTake(spec, shape) {
  const width = countOf(shape);
  const {count} = spec;
  const isThere = Number.isInteger(count) && count > 0 && count <= width;
  if (!isThere) refuseModel(`its take wants ${count} of ${width} values`);
  return {shape: [count], run: (arithmetic, batch, x, y) => arithmetic.take(batch, width, count, x, y)};
}

function activation(name, ...parameters) {
  return (spec, shape) => {
    const values = parameters.map(parameter => spec[parameter]);
    if (!values.every(Number.isFinite)) refuseModel(`its ${name} lacks ${parameters.join(' or ')}`);
    const count = countOf(shape);
    return {
      shape,
      inPlace: true,
      run: (arithmetic, batch, x) => arithmetic[name](batch * count, x, ...values),
      pieces: stretches(count, 4, UNIT_WORK * count).map(([from, to]) => (arithmetic, x) => {
        arithmetic[name](to - from, x + 4 * from, ...values);
      }),
    };
  };
}
