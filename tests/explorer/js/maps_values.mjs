// Computes what it is asked for, with the modules from the folder named first: JSON in from stdin, JSON out.
// {bundle (base64), z, d} -> {mean, rows, shares, x, y, origin of the PCA plane; slope: the tint's derivative}
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';

const folder = pathToFileURL(process.argv[2] + '/');
const load = name => import(new URL(name, folder));
const {parseBundle} = await load('bundle.js');
const {createDecoder} = await load('engine.js');
const {pcaChart, principalPlane} = await load('pca.js');
const {readPoints} = await load('points.js');
const {derivative} = await load('tint.js');

const {bundle, z, d} = JSON.parse(readFileSync(0, 'utf8'));
const parsed = parseBundle(new Uint8Array(Buffer.from(bundle, 'base64')));
const points = readPoints(parsed);
const plane = principalPlane(points);
const chart = pcaChart(points, plane);
const {x, y} = chart.places();
const slope = derivative(await createDecoder(parsed), z, d);
const answer = {...plane, x: [...x], y: [...y], origin: chart.origin, slope: [...slope]};
console.log(JSON.stringify(answer));
