// A bundle is one safetensors file: an 8-byte header length, a JSON header, tensors without gaps. The header's
// metadata holds the explorer's own JSON (vae_core/explorer/bundle.py writes it). Half precision is widened here.

const BUNDLE_FORMAT = 1;
const HEADER_LIMIT = 4 << 20;
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
  const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  if (!(bytes instanceof Uint8Array) || bytes.length < 8) refuseBundle('it is empty or cut short');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuseBundle('it is of another kind');
  if (8 + length > bytes.length) refuseBundle('it is cut short');
  const header = bundleJson(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const note = header.__metadata__?.latentscape;
  if (typeof note !== 'string') refuseBundle('it was not made by Latentscape');
  const tensors = readTensors(header, bytes.subarray(8 + length));
  const meta = bundleJson(note);
  checkMeta(meta);
  checkPoints(meta, tensors);
  return {meta, tensors};
}

function refuseBundle(reason) {
  throw new Error(`This model file cannot be opened: ${reason}. Export or download it again.`);
}

function bundleJson(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    refuseBundle('its header is not readable');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuseBundle('its header is not readable');
  return value;
}

function readTensors(header, body) {
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  for (const [name, entry] of entries) checkEntry(name, entry);
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  const tensors = Object.create(null);
  let end = 0;
  for (const [name, {dtype, shape, data_offsets: [start, stop]}] of entries) {
    if (start !== end) refuseBundle(`the tensor ${name} overlaps another or leaves a gap`);
    if (stop > body.length) refuseBundle('it is cut short');
    tensors[name] = {shape, data: viewTensor(name, dtype, body.subarray(start, stop))};
    end = stop;
  }
  if (end !== body.length) refuseBundle('something is appended to it');
  return tensors;
}

function checkEntry(name, entry) {
  const count = value => Number.isSafeInteger(value) && value >= 0;
  const {dtype, shape, data_offsets: offsets} = entry ?? {};
  if (!TENSOR_TYPES.has(dtype)) refuseBundle(`the tensor ${name} is of an unknown type`);
  if (!Array.isArray(shape) || !shape.every(count)) refuseBundle(`the tensor ${name} has no proper shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(count)) {
    refuseBundle(`the tensor ${name} has no proper place`);
  }
  const size = shape.reduce((product, n) => product * n, TENSOR_TYPES.get(dtype).BYTES_PER_ELEMENT);
  if (offsets[1] - offsets[0] !== size) refuseBundle(`the tensor ${name} does not have the size of its shape`);
}

function viewTensor(name, dtype, bytes) {
  const Type = TENSOR_TYPES.get(dtype);
  const aligned = bytes.byteOffset % Type.BYTES_PER_ELEMENT ? bytes.slice() : bytes;
  const stored = new Type(aligned.buffer, aligned.byteOffset, bytes.length / Type.BYTES_PER_ELEMENT);
  const finite = dtype === 'F16' ? stored.every(half => (half & 0x7c00) !== 0x7c00) : stored.every(Number.isFinite);
  if (!finite) refuseBundle(`the tensor ${name} holds values that are not numbers`);
  return dtype === 'F16' ? widenHalf(stored) : stored;
}

// Finite half-precision bits -> Float32Array. Moved to their places in a float32 they read 2^112 too small
// (exponent bias 127 instead of 15); the product is exact, subnormal numbers included.
export function widenHalf(halves) {
  const bits = Uint32Array.from(halves, half => ((half & 0x8000) << 16) | ((half & 0x7fff) << 13));
  return new Float32Array(bits.buffer).map(value => value * 2 ** 112);
}

function checkMeta(meta) {
  const numbers = (list, length) =>
    Array.isArray(list) && list.length === length && list.every(Number.isFinite);
  const size = value => Number.isInteger(value) && value > 0;
  if (meta.format !== BUNDLE_FORMAT) {
    refuseBundle(`it has format ${JSON.stringify(meta.format)}, this explorer reads format ${BUNDLE_FORMAT}`);
  }
  const {latent, shape, decoder, kl, range, center, labels} = meta;
  if (typeof meta.title !== 'string') refuseBundle('its title is missing');
  if (!size(latent)) refuseBundle('its number of latent dimensions is missing');
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every(size)) refuseBundle('its picture size is missing');
  if (!Array.isArray(decoder) || !decoder.every(spec => typeof spec?.op === 'string')) {
    refuseBundle('its list of operations is missing');
  }
  if (!numbers(kl, latent) || !numbers(center, latent)) refuseBundle('its latent dimensions are not described');
  if (!Array.isArray(range) || range.length !== latent || !range.every(pair => numbers(pair, 2) && pair[0] < pair[1])) {
    refuseBundle('its slider ranges are not proper');
  }
  if (!Array.isArray(labels) || !labels.every(label => typeof label === 'string')) {
    refuseBundle('its class names are not text');
  }
}

function checkPoints(meta, tensors) {
  const count = tensors['points.mu']?.shape[0];
  const expected = {
    'points.mu': [Float32Array, count, meta.latent],
    'points.log_var': [Float32Array, count, meta.latent],
    'points.label': [Int16Array, count],
    'points.index': [Int32Array, count],
    thumbs: [Uint8Array, count, ...meta.shape],
  };
  for (const [name, [Type, ...shape]] of Object.entries(expected)) {
    const tensor = tensors[name];
    if (name === 'thumbs' && !tensor) continue;
    if (!(tensor?.data instanceof Type) || tensor.shape.join() !== shape.join()) {
      refuseBundle(`${name} is missing or does not fit the rest`);
    }
  }
  if (tensors['points.label'].data.some(label => label < -1 || label >= meta.labels.length)) {
    refuseBundle('a point has a class without a name');
  }
}
