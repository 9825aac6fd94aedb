// Decodes what it is asked for, one JSON line in, one out, with the runtime's modules from the folder named first.
// {bundle, z (both base64), batches: rows of z for each call of decode, backend, wasm: 'real' | 'absent' | 'refused'}
// -> {backend, latent, shape, size, output} or {error}.
import {createInterface} from 'node:readline';
import {pathToFileURL} from 'node:url';

const folder = pathToFileURL(process.argv[2] + '/');
const {parseBundle} = await import(new URL('bundle.js', folder));
const {createDecoder} = await import(new URL('engine.js', folder));
const real = globalThis.WebAssembly;
const stands = {
  real,
  absent: undefined,
  refused: {instantiate: () => Promise.reject(new real.CompileError('blocked by CSP'))},
};

async function answer({bundle, z, batches, backend, wasm}) {
  globalThis.WebAssembly = stands[wasm];
  const decoder = await createDecoder(parseBundle(new Uint8Array(Buffer.from(bundle, 'base64'))), {backend});
  const bytes = new Uint8Array(Buffer.from(z, 'base64'));
  const codes = new Float32Array(bytes.buffer);
  const {latent, shape, size} = decoder;
  const parts = [];
  let start = 0;
  for (const batch of batches) {
    const output = decoder.decode(codes.subarray(start, (start += batch * latent)));
    parts.push(Buffer.from(output.slice().buffer));
  }
  return {backend: decoder.backend, latent, shape, size, output: Buffer.concat(parts).toString('base64')};
}

for await (const line of createInterface({input: process.stdin})) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = {error: error.message};
  }
  console.log(JSON.stringify(reply));
}
