// What tells one run from another, in a few words.

import {formatBeta, formatLab} from './lab_surface.js';
import {element} from './layout.js';

// Titles of two runs; the ends of their names are added where the titles are the same.
export function titleRuns(first, second) {
  const isSame = first.title === second.title;
  return [first, second].map(({title, run}) => (isSame && typeof run === 'string' ? `${title} · ${run.slice(-4)}` : title));
}

// "β 1 · rate 18.7 · distortion 80.1 nats", in the colours these have everywhere; along a `curve` (lab_curve.js) at any β.
export function factsOf({beta: own, posterior, report: measured}, beta = own, curve = null) {
  const facts = [];
  const report = beta === own || !curve ? measured : curve.at(Math.log(beta));
  const isPlain = posterior?.deterministic === true;
  if (isPlain) facts.push(element('span', 'ls-beta', {textContent: 'autoencoder'}));
  else if (Number.isFinite(beta)) facts.push(element('span', 'ls-beta', {textContent: `β ${beta === own && !curve ? beta : formatBeta(beta)}`}));
  for (const name of isPlain ? ['distortion'] : ['rate', 'distortion']) {
    const value = report?.[name];
    if (Number.isFinite(value)) facts.push(element('span', `ls-${name}`, {textContent: `${name} ${formatLab(value)} nats`}));
  }
  return facts;
}
