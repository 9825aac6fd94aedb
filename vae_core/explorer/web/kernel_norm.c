// Normalisation, and sums and copies of whole rows.
#include "kernel.h"

// x <- x scale + shift, a pair for each channel, x (batch, channels, plane).
EXPORT(affine) void affine(int batch, int channels, int plane, const float *scale, const float *shift, float *x) {
  for (int i = 0; i < batch * channels; i++, x += plane) {
    float factor = scale[i % channels], offset = shift[i % channels];
    int k = 0;
    for (; k + 4 <= plane; k += 4) store(x + k, add(mul(load(x + k), all(factor)), all(offset)));
    for (; k < plane; k++) x[k] = x[k] * factor + offset;
  }
}

// The sum of (x - less)^power, power 1 or 2. Short sums in single precision, their sum in double.
SHARED double moment(int count, const float *x, float less, int power) {
  double sum = 0;
  int k = 0;
  while (k + 4 <= count) {
    f32x4 lanes = all(0);
    for (int end = k + 256; k + 4 <= count && k < end; k += 4) {
      f32x4 v = sub(load(x + k), all(less));
      lanes = add(lanes, power == 1 ? v : mul(v, v));
    }
    sum += (double)wasm_f32x4_extract_lane(lanes, 0) + wasm_f32x4_extract_lane(lanes, 1) +
           wasm_f32x4_extract_lane(lanes, 2) + wasm_f32x4_extract_lane(lanes, 3);
  }
  for (; k < count; k++) sum += power == 1 ? x[k] - less : (x[k] - less) * (x[k] - less);
  return sum;
}

// x (batch, groups, channels, plane): each group to mean 0 and variance 1, then a weight and a bias for each of
// its channels (Wu and He 2018; Ba, Kiros and Hinton 2016 with one group and planes of one value).
EXPORT(group_norm) void group_norm(int batch, int groups, int channels, int plane, const float *weight,
                                   const float *bias, float eps, float *x) {
  int count = channels * plane;
  for (int n = 0; n < batch * groups; n++) {
    float mean = moment(count, x, 0, 1) / count;
    double variance = moment(count, x, mean, 2) / count;
    float factor = 1 / __builtin_sqrt(variance + eps);
    int first = n % groups * channels;
    for (int c = first; c < first + channels; c++, x += plane) {
      float scale = weight[c] * factor, offset = bias[c];
      int k = 0;
      for (; k + 4 <= plane; k += 4) {
        store(x + k, add(mul(sub(load(x + k), all(mean)), all(scale)), all(offset)));
      }
      for (; k < plane; k++) x[k] = (x[k] - mean) * scale + offset;
    }
  }
}

// y <- y + x.
EXPORT(add) void add_(int count, const float *x, float *y) {
  for (int k = 0; k < count; k += 4) store(y + k, add(load(y + k), load(x + k)));
}

// x <- x - v in every row, v (count).
EXPORT(subtract) void subtract(int batch, int count, const float *v, float *x) {
  for (int n = 0; n < batch; n++, x += count) {
    int k = 0;
    for (; k + 4 <= count; k += 4) store(x + k, sub(load(x + k), load(v + k)));
    for (; k < count; k++) x[k] -= v[k];
  }
}

// y (batch, count): the first numbers of each row of x (batch, width).
EXPORT(take) void take(int batch, int width, int count, const float *x, float *y) {
  for (int n = 0; n < batch; n++, x += width) {
    for (int k = 0; k < count; k++) *y++ = x[k];
  }
}
