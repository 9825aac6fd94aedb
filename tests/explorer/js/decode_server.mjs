// Decodes what it is asked for, one JSON line in, one out, with the runtime's modules from the folder named first.
// {bundle, z (both base64), batches: rows of z for each call of decode, backend, wasm: 'real' | 'absent' | 'refused'}
// -> {backend, latent, shape, size, output} or {error}. With {extras}, {pixels} are encoded instead: output is of
// means, then log-variances. With {times} the decoder runs that often and output is milliseconds. With {pieces} each row
// is a job, worked on for that many milliseconds at a time; all rows are decoded in between, after 1, 2, 4, ... goes.
// With {beta} the dial stands there, and with {elsewhere} it is turned to that beta once a job has begun.
import {createInterface} from 'node:readline';
import {pathToFileURL} from 'node:url';

const folder = pathToFileURL(process.argv[2] + '/');
const {parseBundle, parseExtras} = await import(new URL('bundle.js', folder));
const {createDecoder, createEncoder} = await import(new URL('engine.js', folder));
const real = globalThis.WebAssembly;
const stands = {
  real,
  absent: undefined,
  refused: {instantiate: () => Promise.reject(new real.CompileError('blocked by CSP'))},
};

const bytesOf = text => new Uint8Array(Buffer.from(text, 'base64'));
const floatsOf = text => new Float32Array(bytesOf(text).buffer);
const textOf = floats => Buffer.from(floats.slice().buffer).toString('base64');

async function answer({bundle, extras, pixels, z, batches, backend, wasm, times, pieces, beta, elsewhere}) {
  globalThis.WebAssembly = stands[wasm];
  const parsed = parseBundle(bytesOf(bundle));
  if (extras) {
    const encoder = await createEncoder(parsed, parseExtras(bytesOf(extras)), {backend});
    if (beta) encoder.dial(Math.log(beta));
    const {mu, logVar} = encoder.encode(floatsOf(pixels));
    return {backend: encoder.backend, size: parsed.meta.latent, output: textOf(Float32Array.of(...mu, ...logVar))};
  }
  const decoder = await createDecoder(parsed, {backend});
  const turn = at => at && decoder.dial(Math.log(at));
  turn(beta);
  const codes = floatsOf(z);
  if (times) return {backend, size: 1, output: textOf(Float32Array.from({length: times}, () => timed(decoder, codes)))};
  const {latent, shape, size} = decoder;
  const parts = [];
  let start = 0;
  if (pieces !== undefined) {
    for (; start < codes.length; start += latent) {
      turn(beta);
      const row = codes.subarray(start, start + latent);
      parts.push(Buffer.from(inPieces(decoder, row, pieces, () => turn(elsewhere), () => decoder.decode(codes)).slice().buffer));
    }
  } else for (const batch of batches) {
    const output = decoder.decode(codes.subarray(start, (start += batch * latent)));
    parts.push(Buffer.from(output.slice().buffer));
  }
  return {backend: decoder.backend, latent, shape, size, output: Buffer.concat(parts).toString('base64')};
}

function inPieces(decoder, row, milliseconds, begun, interrupt) {
  const ended = decoder.start(row);
  const job = decoder.start(row);
  begun();
  for (let goes = 1; ; goes++) {
    const values = job.advance(milliseconds);
    if (ended.advance(milliseconds) !== null) throw new Error('A job that was ended went on.');
    if (values) return values;
    if (Number.isInteger(Math.log2(goes))) interrupt();
  }
}

function timed(decoder, codes) {
  const start = performance.now();
  decoder.decode(codes);
  return performance.now() - start;
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
