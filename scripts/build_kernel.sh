#!/bin/sh
# Compiles the kernel's C sources in vae_core/explorer/web into web/kernel.js (or the file given). Needs clang and lld.
set -eu
web="$(dirname "$0")/../vae_core/explorer/web"
output="${1:-$web/kernel.js}"
module="$(mktemp)"
trap 'rm -f "$module"' EXIT

# The shipped module must not depend on what a compiler thinks worth unrolling or vectorising: it is done by hand.
flags='--target=wasm32 -Os -msimd128 -ffreestanding -nostdlib -fno-vectorize -fno-slp-vectorize -fno-unroll-loops
-Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all -Wl,--export=__heap_base -Wl,-z,stack-size=1024'
sources='kernel.c kernel_conv.c kernel_norm.c'
# shellcheck disable=SC2086  # flags and sources are words
(cd "$web" && clang $flags $sources -o "$module")

{
  echo "// Made from $sources by scripts/build_kernel.sh, with $(clang --version | sed -n 's/.*clang version \([0-9]*\).*/clang \1/p'):"
  echo "// clang $(echo "$flags" | tr '\n' ' ')$sources"
  echo "export const KERNEL = '$(base64 <"$module" | tr -d '\n')';"
} >"$output"
