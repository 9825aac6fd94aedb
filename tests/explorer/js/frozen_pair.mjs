// A run with a dial beside what was frozen of it. One JSON object in: {web, whole, frozen (base64), beta, z: rows of z};
// one out: the pictures of both, the cloud that the ladder gives at beta, and the points of the frozen one.
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';

const {web, whole, frozen, beta, z} = JSON.parse(readFileSync(0, 'utf8'));
const folder = pathToFileURL(web + '/');
const {parseBundle} = await import(new URL('bundle.js', folder));
const {createDecoder} = await import(new URL('engine.js', folder));
const {climbLadder} = await import(new URL('ladder.js', folder));

const bytesOf = text => new Uint8Array(Buffer.from(text, 'base64'));
const [first, second] = [whole, frozen].map(text => parseBundle(bytesOf(text)));
const decoders = await Promise.all([first, second].map(bundle => createDecoder(bundle)));
const codes = Float32Array.from(z.flat());
for (const decoder of decoders) decoder.dial(Math.log(beta));
const [turned, folded] = decoders.map(decoder => Array.from(decoder.decode(codes)));
const cloud = new Float32Array(first.tensors['points.mu'].data.length);
climbLadder(first.meta.ladder.log_betas, first.tensors['ladder.mu'].data, Math.log(beta), cloud);
const points = Array.from(second.tensors['points.mu'].data);
console.log(JSON.stringify({turned, folded, cloud: Array.from(cloud), points}));
