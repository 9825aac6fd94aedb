// The nets' arithmetic on 128-bit vectors: the functions of plainArithmetic in plain.js, called from engine.js on
// WebAssembly memory. Here activations and matrix products; kernel_conv.c and kernel_norm.c hold the rest, and
// scripts/build_kernel.sh compiles all of it into kernel.js.
//
// Activations work in place and in whole vectors: buffers are multiples of 16 bytes, what lies behind `count` is
// never read by anyone. No fast-math: NaN stays NaN, and a row's result does not depend on the batch around it.
#include "kernel.h"

INLINE f32x4 polynomial(f32x4 x, const float *coefficients, const int count) { // highest power first
  f32x4 value = all(coefficients[0]);
  UNROLL for (int i = 1; i < count; i++) value = add(mul(value, x), all(coefficients[i]));
  return value;
}

// exp(x) - less, for less 0 or 1, to about one unit in the last place in both cases. exp(x) = 2^n exp(r) with
// |r| <= ln(2) / 2, where the Taylor series to r^7 is off by 5e-9. Outside [-87, 88] the nearest end is taken.
SHARED f32x4 exponential(f32x4 x, float less) {
  static const float taylor[] = {1 / 5040.f, 1 / 720.f, 1 / 120.f, 1 / 24.f, 1 / 6.f, 1 / 2.f, 1, 0};
  x = wasm_f32x4_min(wasm_f32x4_max(x, all(-87)), all(88));
  f32x4 n = wasm_f32x4_nearest(mul(x, all(1.44269504f)));
  f32x4 r = sub(sub(x, mul(n, all(0.693359375f))), mul(n, all(-2.12194440e-4f))); // ln(2) in two parts
  f32x4 power = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127)), 23);
  return add(mul(power, polynomial(r, taylor, 8)), sub(power, all(less)));
}

// x times the logistic function of u.
SHARED f32x4 gated(f32x4 x, f32x4 u) { return quotient(x, add(all(1), exponential(wasm_f32x4_neg(u), 0))); }

INLINE f32x4 hyperbolic_tangent(f32x4 x) {
  f32x4 m = exponential(add(x, x), 1);
  return quotient(m, add(m, all(2)));
}

// See gaussianUnit in plain.js.
INLINE f32x4 gaussian_unit(f32x4 x) {
  static const float series[] = {1.061405429f, -1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f, 0};
  f32x4 a = wasm_f32x4_abs(x);
  f32x4 t = quotient(all(1), add(all(1), mul(all(0.231641894f), a)));
  f32x4 tail = mul(polynomial(t, series, 6), exponential(mul(all(-0.5f), mul(x, x)), 0));
  return sub(positive(x), mul(mul(all(0.5f), a), tail));
}

// log(1 + exp(u)) = max(u, 0) + log(1 + t), t = exp(-|u|); log(1 + t) = 2 artanh(s), s = t / (2 + t) <= 1/3, where
// the series to s^13 is off by 1e-8.
INLINE f32x4 softened(f32x4 u) {
  static const float series[] = {2 / 13.f, 2 / 11.f, 2 / 9.f, 2 / 7.f, 2 / 5.f, 2 / 3.f, 2};
  f32x4 t = exponential(wasm_f32x4_neg(wasm_f32x4_abs(u)), 0);
  f32x4 s = quotient(t, add(all(2), t));
  return add(positive(u), mul(s, polynomial(mul(s, s), series, 7)));
}

// Mean of the continuous Bernoulli with logits x (Loaiza-Ganem and Cunningham 2019): 1 / (1 - exp(-x)) - 1 / x. Both
// terms are large near 0 and cancel; within [-2, 2] the series to x^13 is off by 1e-8.
INLINE f32x4 tilted_mean(f32x4 x) {
  static const float series[] = {1 / 74724249600.f, -691 / 1307674368000.f, 1 / 47900160.f, -1 / 1209600.f,
                                 1 / 30240.f,       -1 / 720.f,             1 / 12.f};
  f32x4 near = add(all(0.5f), mul(x, polynomial(mul(x, x), series, 7)));
  f32x4 away = quotient(all(-1), exponential(wasm_f32x4_neg(x), 1));
  return wasm_v128_bitselect(sub(away, quotient(all(1), x)), near, wasm_f32x4_gt(wasm_f32x4_abs(x), all(2)));
}

#define IN_PLACE(count, x, expression)                       \
  for (float *end = x + count; x < end; x += 4) {            \
    f32x4 v = wasm_v128_load(x);                             \
    wasm_v128_store(x, expression);                          \
  }

EXPORT(relu) void relu(int count, float *x) { IN_PLACE(count, x, positive(v)) }

EXPORT(leaky_relu) void leaky_relu(int count, float *x, float slope) {
  IN_PLACE(count, x, wasm_v128_bitselect(v, mul(v, all(slope)), wasm_f32x4_gt(v, all(0))))
}

EXPORT(silu) void silu(int count, float *x) { IN_PLACE(count, x, gated(v, v)) }

EXPORT(gelu) void gelu(int count, float *x) { IN_PLACE(count, x, gaussian_unit(v)) }

EXPORT(gelu_tanh) void gelu_tanh(int count, float *x) {
  IN_PLACE(count, x, gated(v, mul(mul(v, all(1.59576912f)), add(all(1), mul(all(0.044715f), mul(v, v))))))
}

EXPORT(tanh) void tanh_(int count, float *x) { IN_PLACE(count, x, hyperbolic_tangent(v)) }

EXPORT(sigmoid) void sigmoid(int count, float *x) { IN_PLACE(count, x, gated(all(1), v)) }

EXPORT(softplus) void softplus(int count, float *x, float beta, float threshold) {
  IN_PLACE(count, x, wasm_v128_bitselect(v, quotient(softened(mul(v, all(beta))), all(beta)),
                                         wasm_f32x4_gt(mul(v, all(beta)), all(threshold))))
}

EXPORT(continuous_bernoulli_mean) void continuous_bernoulli_mean(int count, float *x) {
  IN_PLACE(count, x, tilted_mean(v))
}

// The lanes of a sum over w and x up to k, and what is left of the row behind it.
SHARED float total(f32x4 lanes, int k, int inputs, const float *w, const float *x) {
  float sum = (wasm_f32x4_extract_lane(lanes, 0) + wasm_f32x4_extract_lane(lanes, 1)) +
              (wasm_f32x4_extract_lane(lanes, 2) + wasm_f32x4_extract_lane(lanes, 3));
  for (; k < inputs; k++) sum += w[k] * x[k];
  return sum;
}

// A rows x columns corner of y = x W^T + b. Every sum is taken in the same order, whatever the corner's size.
INLINE void corner(const int rows, const int columns, int inputs, int outputs, const float *w, const float *b,
                   const float *x, float *y) {
  f32x4 sums[8];
  int k = 0;
  UNROLL for (int i = 0; i < rows * columns; i++) sums[i] = all(0);
  for (; k + 4 <= inputs; k += 4) {
    f32x4 weights[4];
    UNROLL for (int c = 0; c < columns; c++) weights[c] = wasm_v128_load(w + c * inputs + k);
    UNROLL for (int r = 0; r < rows; r++) {
      f32x4 values = wasm_v128_load(x + r * inputs + k);
      UNROLL for (int c = 0; c < columns; c++) {
        sums[r * columns + c] = add(sums[r * columns + c], mul(weights[c], values));
      }
    }
  }
  UNROLL for (int r = 0; r < rows; r++) {
    UNROLL for (int c = 0; c < columns; c++) {
      f32x4 lanes = sums[r * columns + c];
      y[r * outputs + c] = total(lanes, k, inputs, w + c * inputs, x + r * inputs) + b[c];
    }
  }
}

// y (batch, outputs) = x (batch, inputs) W^T + b, W (outputs, inputs). Four rows at a time walk all of W two of its
// rows at a time, so that W is read from far memory once; what is left over goes row by row.
EXPORT(linear) void linear(int batch, int inputs, int outputs, const float *w, const float *b, const float *x,
                           float *y) {
  int quads = batch & ~3;
  int n = 0;
  for (; n + 2 <= outputs; n += 2) {
    for (int r = 0; r < quads; r += 4) {
      corner(4, 2, inputs, outputs, w + n * inputs, b + n, x + r * inputs, y + r * outputs + n);
    }
  }
  for (int r = 0; r < batch; r++) {
    n = r < quads ? outputs & ~1 : 0;
    for (; n + 4 <= outputs; n += 4) {
      corner(1, 4, inputs, outputs, w + n * inputs, b + n, x + r * inputs, y + r * outputs + n);
    }
    for (; n < outputs; n++) {
      corner(1, 1, inputs, outputs, w + n * inputs, b + n, x + r * inputs, y + r * outputs + n);
    }
  }
}
