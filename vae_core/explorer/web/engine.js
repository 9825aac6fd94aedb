// Runs a decoder: plans its memory once, then decodes batches. WebAssembly where the browser allows it, the same
// operations in plain JavaScript where it does not.

import {KERNEL} from './kernel.js';
import {OPERATIONS, countOf, plainArithmetic, refuseModel} from './ops.js';

// createDecoder(parsed bundle, {backend: 'auto' | 'wasm' | 'js'}) -> {latent, shape: [C, H, W], size, backend,
// decode}. decode(Z: B * latent numbers, row by row) -> Float32Array of B * size, a view valid until the next decode.
export async function createDecoder({meta, tensors}, {backend = 'auto'} = {}) {
  const machine = await openMachine(backend);
  const constants = [];
  let used = machine.base;
  const place = data => {
    const address = used;
    constants.push([address, data]);
    used += roundUp(4 * data.length);
    return address;
  };
  const layers = planLayers(meta, tensors, place);
  machine.reserve(used);
  for (const [address, data] of constants) machine.floats().set(data, address / 4);

  const {latent, shape} = meta;
  const size = countOf(shape);
  const widest = Math.max(latent, ...layers.map(layer => countOf(layer.shape)));
  let room = 0; // bytes of each of the two buffers between which layers alternate

  function decode(Z) {
    const batch = Z.length / latent;
    if (!Number.isInteger(batch)) throw new Error(`Expected rows of ${latent} values, got ${Z.length} values.`);
    const needed = roundUp(4 * batch * widest);
    if (needed > room) {
      machine.reserve(used + 2 * needed);
      room = needed;
    }
    let x = used;
    let y = used + room;
    machine.floats().set(Z, x / 4);
    for (const layer of layers) {
      layer.run(machine.arithmetic, batch, x, y);
      if (!layer.inPlace) [x, y] = [y, x];
    }
    return machine.floats().subarray(x / 4, x / 4 + batch * size);
  }
  return {latent, shape, size, backend: machine.name, decode};
}

function planLayers(meta, tensors, place) {
  let shape = [meta.latent];
  const layers = meta.decoder.map(spec => {
    if (!Object.hasOwn(OPERATIONS, spec.op)) {
      refuseModel(`it needs the operation ${spec.op}, which this explorer does not know`);
    }
    const layer = OPERATIONS[spec.op].prepare(spec, shape, tensors, place);
    shape = layer.shape;
    return layer;
  });
  const made = countOf(shape);
  const size = countOf(meta.shape);
  if (made !== size) refuseModel(`it makes ${made} values, its pictures have ${size}`);
  return layers;
}

// A machine is a stretch of memory and the arithmetic on it: {name, base (first free address), reserve(bytes),
// floats() (the memory as it now is; growing it makes older views useless), arithmetic}.
async function openMachine(backend) {
  if (backend === 'js') return plainMachine();
  try {
    return await wasmMachine();
  } catch {
    if (backend === 'wasm') throw new Error('This browser does not run WebAssembly with SIMD here.');
    return plainMachine();
  }
}

async function wasmMachine() {
  const {instance} = await WebAssembly.instantiate(Uint8Array.from(atob(KERNEL), c => c.charCodeAt(0)));
  const {memory, __heap_base: heap, ...arithmetic} = instance.exports;
  let view = new Float32Array(memory.buffer);
  const floats = () => view;
  const reserve = bytes => {
    if (bytes <= view.byteLength) return;
    memory.grow(Math.ceil((bytes - view.byteLength) / 65536));
    view = new Float32Array(memory.buffer);
  };
  return {name: 'wasm', base: roundUp(heap.value), reserve, floats, arithmetic};
}

function plainMachine() {
  let memory = new Float32Array(0);
  const floats = () => memory;
  const reserve = bytes => {
    if (bytes <= memory.byteLength) return;
    const larger = new Float32Array(bytes / 4);
    larger.set(memory);
    memory = larger;
  };
  return {name: 'js', base: 0, reserve, floats, arithmetic: plainArithmetic(floats)};
}

// Addresses are multiples of 16 bytes, and so is every buffer: whole vectors may be read and written to its end.
const roundUp = bytes => Math.ceil(bytes / 16) * 16;
