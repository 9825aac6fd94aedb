// Convolutions, plain and transposed, as ops_conv.js lays them out: `pad` copies a picture into planes with room
// around them, `gather` sums over its taps, which are places in those planes. One row of a batch at a time.
#include "kernel.h"

struct padding {
  int channels, height, width; // of the picture
  int top, left;               // zeros before it
  int step_y, step_x;          // every step_y-th row goes into the same plane, and so do columns
  int rows, columns;           // of a plane
  int count;                   // floats in all, a multiple of 4
};

// s (step_y, step_x, channels, rows, columns) from x (channels, height, width).
EXPORT(pad) void pad(const struct padding *p, const float *x, float *s) {
  int plane = p->rows * p->columns;
  for (int i = 0; i < p->count; i += 4) store(s + i, all(0));
  for (int c = 0; c < p->channels; c++) {
    for (int i = 0; i < p->height; i++, x += p->width) {
      int row = i + p->top;
      for (int j = 0; j < p->step_x && j < p->width; j++) {
        int column = j + p->left;
        int phase = row % p->step_y * p->step_x + column % p->step_x;
        float *to = s + (phase * p->channels + c) * plane + row / p->step_y * p->columns + column / p->step_x;
        for (int k = j; k < p->width; k += p->step_x) *to++ = x[k];
      }
    }
  }
}

struct gathering {
  int taps, channels, rows, columns; // of the output, or of the part of it that is made here
  int source_row;                    // floats from one row of the planes to the next
  int channel, row, step;            // floats from one output channel, row, column to the next
};

// Up to four lanes, `step` floats apart.
INLINE void put(float *y, int step, int count, f32x4 v) {
  if (step == 1 && count >= 4) {
    store(y, v);
    return;
  }
  y[0] = wasm_f32x4_extract_lane(v, 0);
  if (count > 1) y[step] = wasm_f32x4_extract_lane(v, 1);
  if (count > 2) y[2 * step] = wasm_f32x4_extract_lane(v, 2);
  if (count > 3) y[3 * step] = wasm_f32x4_extract_lane(v, 3);
}

// Four output channels at two stretches of four columns: the sums stay in eight registers.
INLINE void stretch(int taps, const int *places, const float *w, const float *b, const float *first,
                    const float *second, f32x4 *sums) {
  UNROLL for (int o = 0; o < 4; o++) sums[o] = sums[o + 4] = all(b[o]);
  for (const int *end = places + taps; places < end; places++, w += 4) {
    f32x4 x = load(first + *places), z = load(second + *places);
    UNROLL for (int o = 0; o < 4; o++) {
      f32x4 weight = wasm_v128_load32_splat(w + o);
      sums[o] = add(sums[o], mul(weight, x));
      sums[o + 4] = add(sums[o + 4], mul(weight, z));
    }
  }
}

// y(o, i, j) = b(o) + the sum over taps k of w(o / 4, k, o % 4) s(i source_row + j + places(k)). Stretches end with
// their row; what they read beyond it is not written.
EXPORT(gather) void gather(const struct gathering *g, const int *places, const float *w, const float *b,
                           const float *s, float *y) {
  for (int o = 0; o < g->channels; o += 4, w += 4 * g->taps, b += 4) {
    for (int i = 0, j = 0; i < g->rows;) {
      int at[2][2];
      for (int n = 0; n < 2; n++) { // the second is the first again where none is left
        at[n][0] = i < g->rows ? i : at[0][0];
        at[n][1] = i < g->rows ? j : at[0][1];
        j += 4;
        if (j >= g->columns) j = 0, i++;
      }
      f32x4 sums[8];
      stretch(g->taps, places, w, b, s + at[0][0] * g->source_row + at[0][1],
              s + at[1][0] * g->source_row + at[1][1], sums);
      for (int n = 0; n < 2; n++) {
        float *to = y + o * g->channel + at[n][0] * g->row + at[n][1] * g->step;
        UNROLL for (int c = 0; c < 4; c++) {
          if (o + c < g->channels) put(to + c * g->channel, g->step, g->columns - at[n][1], sums[4 * n + c]);
        }
      }
    }
  }
}

// y (planes, rows, columns) from x (planes, height, width): the pixel at (up[i], across[j]) goes to (i, j).
EXPORT(upsample) void upsample(int planes, int height, int width, int rows, int columns, const int *up,
                               const int *across, const float *x, float *y) {
  for (int p = 0; p < planes; p++, x += height * width) {
    for (int i = 0; i < rows; i++, y += columns) {
      const float *row = x + up[i] * width;
      for (int j = 0; j < columns; j++) y[j] = row[across[j]];
    }
  }
}
