// A bundle is one safetensors file: an 8-byte header length, a JSON header, tensors without gaps. The header's
// metadata holds the explorer's own JSON (vae_core/explorer/bundle.py writes it). Half precision is widened here.

import {checkDial} from './bundle_dial.js';

const BUNDLE_FORMAT = 1;
const HEADER_LIMIT = 4 << 20;
const POINT_LIMIT = 100_000;
const FACTOR_LIMIT = 64;
const TENSOR_TYPES = new Map([
  ['F32', Float32Array],
  ['F16', Uint16Array],
  ['I32', Int32Array],
  ['I16', Int16Array],
  ['U8', Uint8Array],
]);

// parseBundle(Uint8Array | ArrayBuffer) -> {meta, tensors: {name: {shape, data}}}. Float tensors come as
// Float32Array, whole numbers as stored. Throws an Error whose message is a sentence for a person.
export function parseBundle(source) {
  const {meta, tensors} = openContainer(source);
  checkMeta(meta);
  checkPoints(meta, tensors);
  checkDial({meta, tensors, refuse: refuseBundle, isNet});
  return {meta, tensors};
}

// The second file of a run (vae_core/explorer/extras.py) -> {meta, tensors} likewise: `thumbs`, the pictures of the
// first examples, meta.factor times smaller, and tensors `encoder.*`; either may be absent. The same errors.
export function parseExtras(source) {
  const {meta, tensors} = openContainer(source);
  checkFormat(meta.format);
  if (meta.kind !== 'extras') refuseBundle('it is of another kind');
  const {thumbs} = tensors;
  if (thumbs && !(thumbs.data instanceof Uint8Array && thumbs.shape.length === 4 && isPositive(meta.factor))) {
    refuseBundle('its small pictures are damaged');
  }
  return {meta, tensors};
}

// {meta, tensors} of any of our files.
export function openContainer(source) {
  const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  if (bytes.length < 8) refuseBundle('it is cut short');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuseBundle('it is of another kind');
  const header = bundleJson(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const meta = bundleJson(header.__metadata__?.latentscape);
  delete header.__metadata__;
  return {meta, tensors: readTensors(header, bytes.subarray(8 + length))};
}

function refuseBundle(reason) {
  throw new Error(`This model file cannot be opened: ${reason}. Export or download it again.`);
}

function bundleJson(text) {
  try {
    const value = JSON.parse(text);
    if (Object.getPrototypeOf(value) === Object.prototype) return value;
  } catch {
    // the same sentence as for JSON of another kind
  }
  return refuseBundle('its header is cut short or of another kind');
}

function readTensors(header, body) {
  const entries = Object.entries(header);
  for (const [name, entry] of entries) checkEntry(name, entry);
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  const tensors = Object.create(null);
  let end = 0;
  for (const [name, {dtype, shape, data_offsets: [start, stop]}] of entries) {
    if (start !== end) refuseBundle(`${name} overlaps another tensor or leaves a gap`);
    if (stop > body.length) refuseBundle('it is cut short');
    tensors[name] = {shape, data: readNumbers(name, dtype, body.subarray(start, stop))};
    end = stop;
  }
  if (end !== body.length) refuseBundle('something is appended to it');
  return tensors;
}

function checkEntry(name, entry) {
  const {dtype, shape, data_offsets: place} = entry ?? {};
  const count = value => Number.isSafeInteger(value) && value >= 0;
  const item = TENSOR_TYPES.get(dtype)?.BYTES_PER_ELEMENT;
  if (!item || !isList(shape, shape?.length, count) || !isList(place, 2, count)) {
    refuseBundle(`${name} is of an unknown type or shape`);
  }
  if (place[1] - place[0] !== shape.reduce((product, n) => product * n, item)) {
    refuseBundle(`${name} does not have the size of its shape`);
  }
}

function readNumbers(name, dtype, bytes) {
  const Type = TENSOR_TYPES.get(dtype);
  const {buffer, byteOffset} = bytes.byteOffset % Type.BYTES_PER_ELEMENT ? bytes.slice() : bytes;
  const stored = new Type(buffer, byteOffset, bytes.length / Type.BYTES_PER_ELEMENT);
  const numbers = dtype === 'F16' ? widenHalf(stored) : stored;
  if (numbers instanceof Float32Array && !numbers.every(Number.isFinite)) {
    refuseBundle(`${name} holds values that are not numbers`);
  }
  return numbers;
}

// Half-precision bits -> Float32Array. Moved to their places in a float32, they read 2^112 too small (exponent bias
// 127 instead of 15); the product is exact, subnormal numbers included. Infinity and NaN become NaN.
function widenHalf(halves) {
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; i++) {
    bits[i] = ((halves[i] & 0x8000) << 16) | ((halves[i] & 0x7fff) << 13);
    values[i] *= (halves[i] & 0x7c00) < 0x7c00 ? 2 ** 112 : NaN;
  }
  return values;
}

const isPositive = value => Number.isSafeInteger(value) && value > 0;
const isText = value => typeof value === 'string';
const isNet = specs => isList(specs, specs?.length, spec => isText(spec?.op));

function checkFormat(format) {
  if (format !== BUNDLE_FORMAT) {
    refuseBundle(`it has format ${format}, this explorer reads format ${BUNDLE_FORMAT}`);
  }
}

function checkMeta({format, title, latent, shape, decoder, kl, center, range, labels, encoder, posterior, factors}) {
  checkFormat(format);
  const isSilent = encoder === undefined && posterior === undefined;
  const sound = {
    title: isText(title),
    latent: isPositive(latent),
    shape: isList(shape, 3, isPositive),
    decoder: isNet(decoder),
    encoder: isSilent || (isNet(encoder) && encoder.length > 0),
    posterior: isSilent || Number.isFinite(posterior?.[posterior?.deterministic === true ? 'log_var' : 'ceiling']),
    factors: factors === undefined || (isList(factors, factors?.length, isText) && factors.length <= FACTOR_LIMIT),
    kl: isList(kl, latent, Number.isFinite),
    center: isList(center, latent, Number.isFinite),
    range: isList(range, latent, pair => isList(pair, 2, Number.isFinite) && pair[0] < pair[1]),
    labels: isList(labels, labels?.length, isText),
  };
  for (const name in sound) if (!sound[name]) refuseBundle(`its ${name} is missing or damaged`);
}

function isList(value, length, check) {
  return Array.isArray(value) && value.length === length && value.every(item => check(item));
}

function checkPoints({latent, shape, labels, factors = []}, tensors) {
  const count = tensors['points.mu']?.shape[0];
  if (count > POINT_LIMIT) refuseBundle(`its map has ${count} points, at most ${POINT_LIMIT} are shown`);
  const expected = {
    'points.mu': [Float32Array, count, latent],
    'points.log_var': [Float32Array, count, latent],
    'points.label': [Int16Array, count],
    'points.index': [Int32Array, count],
    thumbs: [Uint8Array, count, ...shape],
    'points.error': [Float32Array, count],
  };
  factors.forEach((_, k) => (expected[`factors.${k}`] = [Float32Array, count]));
  for (const name in expected) {
    if (['thumbs', 'points.error'].includes(name) && !tensors[name]) continue;
    const [Type, ...dimensions] = expected[name];
    if (!(tensors[name]?.data instanceof Type) || tensors[name].shape.join() !== dimensions.join()) {
      refuseBundle(`${name} is missing or does not fit the rest`);
    }
  }
  if (tensors['points.label'].data.some(label => label < -1 || label >= labels.length)) {
    refuseBundle('a point has a class without a name');
  }
}
