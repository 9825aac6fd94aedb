// Separate models behind one dial. One JSON object in: {web, whole (base64), betas, z: rows of z for each beta}; one out:
// for each beta the place of the member that was asked, and its pictures.
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';

const {web, whole, betas, z} = JSON.parse(readFileSync(0, 'utf8'));
const folder = pathToFileURL(web + '/');
const {parseBundle} = await import(new URL('bundle.js', folder));
const {createDecoder} = await import(new URL('engine.js', folder));

const decoder = await createDecoder(parseBundle(new Uint8Array(Buffer.from(whole, 'base64'))));
console.log(JSON.stringify(betas.map((beta, k) => {
  decoder.dial(Math.log(beta));
  const pictures = Array.from(decoder.decode(Float32Array.from(z[k].flat())));
  return {member: decoder.member, pictures};
})));
