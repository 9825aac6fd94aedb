#!/bin/sh
# Compiles vae_core/explorer/web/kernel.c into web/kernel.js (or the file given). Needs clang and lld.
set -eu
web="$(dirname "$0")/../vae_core/explorer/web"
output="${1:-$web/kernel.js}"
module="$(mktemp)"
trap 'rm -f "$module"' EXIT

# The shipped module must not depend on what a compiler thinks worth unrolling or vectorising: it is done by hand.
flags='--target=wasm32 -Os -msimd128 -ffreestanding -nostdlib -fno-vectorize -fno-slp-vectorize -fno-unroll-loops
-Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all -Wl,--export=__heap_base -Wl,-z,stack-size=1024'
# shellcheck disable=SC2086  # the flags are words
clang $flags "$web/kernel.c" -o "$module"

{
  echo "// Made from kernel.c by scripts/build_kernel.sh, with $(clang --version | sed -n 's/.*clang version \([0-9]*\).*/clang \1/p'):"
  echo "// clang $(echo "$flags" | tr '\n' ' ')kernel.c"
  echo "export const KERNEL = '$(base64 <"$module" | tr -d '\n')';"
} >"$output"
