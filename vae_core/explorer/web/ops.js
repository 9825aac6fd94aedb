// The decoder's operations. An operation is {prepare(spec, shape, tensors, place) -> layer}: it checks the spec
// from the bundle's op list against the shape that comes in (without the batch) and says what comes out. A layer is
// {shape, inPlace, run(arithmetic, batch, x, y)}; place(Float32Array) puts a constant into the decoder's memory
// and gives its address. x, y and all addresses count bytes, since WebAssembly does. To add an operation: an entry
// here, its arithmetic in plainArithmetic below and in kernel.c, its layer in pack.py.

export const OPERATIONS = {
  linear: {prepare: prepareLinear},
  relu: activation('relu'),
  leaky_relu: activation('leaky_relu', 'slope'),
  silu: activation('silu'),
  gelu: activation('gelu'),
  gelu_tanh: activation('gelu_tanh'),
  tanh: activation('tanh'),
  sigmoid: activation('sigmoid'),
  softplus: activation('softplus', 'beta', 'threshold'),
};

// y (B, out) = x (B, in) W^T + b, W (out, in) as torch stores it.
function prepareLinear(spec, shape, tensors, place) {
  const weight = tensors[spec.weight];
  const bias = spec.bias === undefined ? null : tensors[spec.bias];
  const inputs = countOf(shape);
  const outputs = weight?.shape[0];
  if (!(weight?.data instanceof Float32Array) || weight.shape.length !== 2 || weight.shape[1] !== inputs) {
    refuseModel(`the weights ${spec.weight} do not fit ${inputs} inputs`);
  }
  if (bias !== null && (!(bias?.data instanceof Float32Array) || bias.shape.join() !== `${outputs}`)) {
    refuseModel(`the offsets ${spec.bias} do not fit ${outputs} outputs`);
  }
  const weights = place(weight.data);
  const offsets = place(bias ? bias.data : new Float32Array(outputs));
  return {
    shape: [outputs],
    inPlace: false,
    run: (arithmetic, batch, x, y) => arithmetic.linear(batch, inputs, outputs, weights, offsets, x, y),
  };
}

function activation(name, ...parameters) {
  return {
    prepare(spec, shape) {
      const values = parameters.map(parameter => spec[parameter]);
      if (!values.every(Number.isFinite)) refuseModel(`its ${name} lacks ${parameters.join(' or ')}`);
      const count = countOf(shape);
      return {shape, inPlace: true, run: (arithmetic, batch, x) => arithmetic[name](batch * count, x, ...values)};
    },
  };
}

export function refuseModel(reason) {
  throw new Error(`This model cannot be shown: ${reason}.`);
}

export function countOf(shape) {
  return shape.reduce((product, n) => product * n, 1);
}

// The arithmetic where WebAssembly is refused: the same functions as kernel.c exports, on the Float32Array that
// floats() gives. Sums run in double precision.
export function plainArithmetic(floats) {
  const each = f => (count, x, ...parameters) => {
    const values = floats();
    for (let i = x / 4, end = i + count; i < end; i++) values[i] = f(values[i], ...parameters);
  };
  return {
    linear(batch, inputs, outputs, weights, offsets, x, y) {
      const values = floats();
      for (let b = 0, out = y / 4; b < batch; b++) {
        for (let n = 0, w = weights / 4; n < outputs; n++) {
          let sum = values[offsets / 4 + n];
          for (let i = x / 4 + b * inputs, end = i + inputs; i < end; i++, w++) sum += values[w] * values[i];
          values[out++] = sum;
        }
      }
    },
    relu: each(v => Math.max(v, 0)),
    leaky_relu: each((v, slope) => (v > 0 ? v : v * slope)),
    silu: each(v => v * logistic(v)),
    gelu: each(gaussianUnit),
    gelu_tanh: each(v => v * logistic(GELU_SCALE * (v + GELU_CUBE * v ** 3))),
    tanh: each(Math.tanh),
    sigmoid: each(logistic),
    softplus: each((v, beta, threshold) => (v * beta > threshold ? v : Math.log1p(Math.exp(v * beta)) / beta)),
  };
}

// Hendrycks and Gimpel (2016), tanh form: 0.5 (1 + tanh(u)) = logistic(2u), u = sqrt(2/pi) (x + 0.044715 x^3).
const GELU_SCALE = 2 * Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

const logistic = v => 1 / (1 + Math.exp(-v));

// GELU x Phi(x) = max(x, 0) - |x| Phi(-|x|), with the complement of the error function by
// Abramowitz and Stegun (1964), 7.1.26: |error| <= 1.5e-7.
function gaussianUnit(v) {
  const a = Math.abs(v);
  const t = 1 / (1 + 0.3275911 * Math.SQRT1_2 * a);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.max(v, 0) - 0.5 * a * series * Math.exp(-0.5 * v * v);
}
