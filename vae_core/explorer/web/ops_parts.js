// What operations share: reading their specs, which come from a file and may say anything.

export const SHAPE_LIMIT = 1 << 25; // values of one row
export const DIAL_BYTES = 16; // right before a net's scratch memory, where its dial stands
const PIECE = 1 << 16; // multiplications: a tenth of a millisecond in plain JavaScript, a few where nothing compiles it

export function refuseModel(reason) {
  throw new Error(`This model cannot be shown: ${reason}.`);
}

export function countOf(shape) {
  return shape.reduce((product, n) => product * n, 1);
}

// A shape of one to three positive whole numbers whose product memory can hold, or a refusal.
export function checkedShape(shape) {
  const isShape = Array.isArray(shape) && shape.length > 0 && shape.length <= 3;
  if (!isShape || !shape.every(n => Number.isSafeInteger(n) && n > 0)) refuseModel(`it makes the shape ${shape}`);
  if (countOf(shape) > SHAPE_LIMIT) refuseModel(`it makes ${shape.join('x')} values in one go`);
  return shape;
}

// Where a row is made piece by piece: the stretches [from, to) of `count` like things, whole multiples of `grain` as far
// as possible, each about a piece of their `work`.
export function stretches(count, grain, work) {
  const size = grain * Math.max(1, Math.floor((count * PIECE) / (Math.max(1, work) * grain)));
  return Array.from({length: Math.ceil(count / size)}, (_, k) => [k * size, Math.min(count, (k + 1) * size)]);
}

export function pictureShape(spec, shape) {
  if (shape.length !== 3) refuseModel(`its ${spec.op} needs pictures, it gets ${shape.join('x')} values`);
  return shape;
}

// A pair of whole numbers of the spec, or a refusal.
export function pairOf(spec, key, least, most = 64) {
  const pair = spec[key];
  if (!(Array.isArray(pair) && pair.length === 2 && pair.every(n => Number.isInteger(n) && n >= least && n <= most))) {
    refuseModel(`the ${key} of its ${spec.op} is not a pair of numbers from ${least} to ${most}`);
  }
  return pair;
}

// The `count` numbers of the tensor that the spec names, `absent` times each where it names none.
export function numbersOf(spec, key, count, net, absent) {
  if (spec[key] === undefined && absent !== undefined) return new Float32Array(count).fill(absent);
  const tensor = net.tensor(spec[key]);
  if (tensor?.shape.join() !== `${count}`) refuseModel(`the values ${spec[key]} do not fit ${count} channels`);
  return tensor.data;
}

// The offsets of an operation with weights, 0 where it has none.
export function offsetsOf(spec, outputs, net) {
  if (spec.bias === undefined) return new Float32Array(outputs);
  const bias = net.tensor(spec.bias);
  if (bias?.shape.join() !== `${outputs}`) refuseModel(`the offsets ${spec.bias} do not fit ${outputs} outputs`);
  return bias.data;
}

export function epsOf(spec) {
  if (!(Number.isFinite(spec.eps) && spec.eps >= 0)) refuseModel(`its ${spec.op} lacks eps`);
  return spec.eps;
}

// A batch norm with its running statistics: x scale + shift, in double precision.
export function batchNormOf(spec, channels, net) {
  const weight = numbersOf(spec, 'weight', channels, net, 1);
  const bias = numbersOf(spec, 'bias', channels, net, 0);
  const mean = numbersOf(spec, 'mean', channels, net);
  const variance = numbersOf(spec, 'var', channels, net);
  const eps = epsOf(spec);
  if (variance.some(v => !(v + eps > 0))) refuseModel(`the variances ${spec.var} are not positive`);
  const scale = Float64Array.from(weight, (w, c) => w / Math.sqrt(variance[c] + eps));
  return {scale, shift: Float64Array.from(bias, (b, c) => b - mean[c] * scale[c])};
}

// Weights and offsets with a batch norm (spec `norm`, or none) taken into them; outputOf(i) is the output of weight i.
export function foldedInto(weights, offsets, norm, net, outputOf) {
  if (!norm) return [weights, offsets];
  const {scale, shift} = batchNormOf(norm, offsets.length, net);
  return [weights.map((w, i) => w * scale[outputOf(i)]), offsets.map((b, o) => b * scale[o] + shift[o])];
}
