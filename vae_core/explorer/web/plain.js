// The arithmetic where WebAssembly is refused: the same functions as the kernel's C files export, on the Float32Array
// that floats() gives and, for places and sizes, ints() of the same memory. Addresses count bytes. Sums run in double
// precision.

export function plainArithmetic(floats, ints) {
  const each = f => (count, x, ...parameters) => {
    const values = floats();
    for (let i = x / 4, end = i + count; i < end; i++) values[i] = f(values[i], ...parameters);
  };
  return {
    relu: each(v => Math.max(v, 0)),
    leaky_relu: each((v, slope) => (v > 0 ? v : v * slope)),
    silu: each(v => v * logistic(v)),
    gelu: each(gaussianUnit),
    gelu_tanh: each(v => v * logistic(GELU_SCALE * (v + GELU_CUBE * v ** 3))),
    tanh: each(Math.tanh),
    sigmoid: each(logistic),
    softplus: each((v, beta, threshold) => (v * beta > threshold ? v : Math.log1p(Math.exp(v * beta)) / beta)),
    continuous_bernoulli_mean: each(tiltedMean),
    ...plainRows(floats, ints),
    ...plainNorms(floats),
    ...plainConvolution(floats, ints),
  };
}

function plainRows(floats, ints) {
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
    add(count, x, y) {
      const values = floats();
      for (let k = 0; k < count; k++) values[y / 4 + k] += values[x / 4 + k];
    },
    subtract(batch, count, v, x) {
      const values = floats();
      for (let k = 0; k < batch * count; k++) values[x / 4 + k] -= values[v / 4 + (k % count)];
    },
    take(batch, width, count, x, y) {
      const values = floats();
      for (let n = 0; n < batch; n++) {
        const start = x / 4 + n * width;
        values.copyWithin(y / 4 + n * count, start, start + count);
      }
    },
    upsample(planes, height, width, rows, columns, up, across, x, y) {
      const values = floats();
      const places = ints();
      for (let p = 0, out = y / 4; p < planes; p++) {
        for (let i = 0; i < rows; i++) {
          const row = x / 4 + (p * height + places[up / 4 + i]) * width;
          for (let j = 0; j < columns; j++) values[out++] = values[row + places[across / 4 + j]];
        }
      }
    },
  };
}

function plainNorms(floats) {
  return {
    affine(batch, channels, plane, scale, shift, x) {
      const values = floats();
      for (let i = 0, k = x / 4; i < batch * channels; i++) {
        const [factor, offset] = [values[scale / 4 + (i % channels)], values[shift / 4 + (i % channels)]];
        for (const end = k + plane; k < end; k++) values[k] = values[k] * factor + offset;
      }
    },
    group_norm(batch, groups, channels, plane, weight, bias, eps, x) {
      const values = floats();
      const count = channels * plane;
      for (let n = 0, k = x / 4; n < batch * groups; n++) {
        let [mean, variance] = [0, 0];
        for (let i = 0; i < count; i++) mean += values[k + i] / count;
        for (let i = 0; i < count; i++) variance += (values[k + i] - mean) ** 2 / count;
        const factor = 1 / Math.sqrt(variance + eps);
        for (let c = 0; c < channels; c++) {
          const at = ((n % groups) * channels + c) * 4;
          const [scale, offset] = [values[(weight + at) / 4] * factor, values[(bias + at) / 4]];
          for (const end = k + plane; k < end; k++) values[k] = (values[k] - mean) * scale + offset;
        }
      }
    },
  };
}

// See kernel_conv.c for what the sizes mean.
function plainConvolution(floats, ints) {
  return {
    pad(sizes, x, s) {
      const values = floats();
      const [channels, height, width, top, left, stepY, stepX, rows, columns, count] = ints().subarray(sizes / 4);
      values.fill(0, s / 4, s / 4 + count);
      for (let c = 0, from = x / 4; c < channels; c++) {
        for (let i = top; i < top + height; i++) {
          for (let j = left; j < left + width; j++) {
            const plane = ((i % stepY) * stepX + (j % stepX)) * channels + c;
            const place = (plane * rows + Math.floor(i / stepY)) * columns + Math.floor(j / stepX);
            values[s / 4 + place] = values[from++];
          }
        }
      }
    },
    gather(sizes, places, weights, bias, s, y) {
      const values = floats();
      const whole = ints();
      const [taps, channels, rows, columns, sourceRow, channel, row, step] = whole.subarray(sizes / 4, sizes / 4 + 8);
      const tapsAt = whole.subarray(places / 4, places / 4 + taps);
      for (let o = 0; o < channels; o += 4) {
        const block = values.subarray(weights / 4 + o * taps, weights / 4 + (o + 4) * taps);
        const [b0, b1, b2, b3] = values.subarray(bias / 4 + o, bias / 4 + o + 4);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            let [y0, y1, y2, y3] = [b0, b1, b2, b3];
            const source = s / 4 + i * sourceRow + j;
            for (let k = 0, w = 0; k < taps; k++, w += 4) {
              const v = values[source + tapsAt[k]];
              y0 += block[w] * v;
              y1 += block[w + 1] * v;
              y2 += block[w + 2] * v;
              y3 += block[w + 3] * v;
            }
            const to = y / 4 + o * channel + i * row + j * step;
            values[to] = y0;
            if (o + 1 < channels) values[to + channel] = y1;
            if (o + 2 < channels) values[to + 2 * channel] = y2;
            if (o + 3 < channels) values[to + 3 * channel] = y3;
          }
        }
      }
    },
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

// See tilted_mean in kernel.c; in double precision a shorter series reaches less far and serves as well.
function tiltedMean(v) {
  const u = v * v;
  if (u < 0.01) return 0.5 + v * (1 / 12 - u * (1 / 720 - u / 30240));
  return -1 / Math.expm1(-v) - 1 / v;
}
