// What the kernel's parts share: 128-bit vectors of four floats.
#ifndef KERNEL_H
#define KERNEL_H
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))
#define SHARED static __attribute__((noinline)) // once in the module: it stays small
#define UNROLL _Pragma("clang loop unroll(full)")

typedef v128_t f32x4;

INLINE f32x4 all(float v) { return wasm_f32x4_splat(v); }
INLINE f32x4 add(f32x4 a, f32x4 b) { return wasm_f32x4_add(a, b); }
INLINE f32x4 sub(f32x4 a, f32x4 b) { return wasm_f32x4_sub(a, b); }
INLINE f32x4 mul(f32x4 a, f32x4 b) { return wasm_f32x4_mul(a, b); }
INLINE f32x4 quotient(f32x4 a, f32x4 b) { return wasm_f32x4_div(a, b); }
INLINE f32x4 positive(f32x4 v) { return wasm_f32x4_max(v, all(0)); }
INLINE f32x4 load(const float *x) { return wasm_v128_load(x); }
INLINE void store(float *x, f32x4 v) { wasm_v128_store(x, v); }

#endif
