// What there is to say of a path: its length and smoothness among codes and among pictures, and how far it can be trusted.

import {element} from './layout.js';
import {shapeOf} from './path_curves.js';
import {PATH_KINDS} from './path_state.js';
import {formatNumber} from './words.js';

const HEADS = [
  ['', ''],
  ['Support', 'The share of encodings that lie at least as lonely: mean over the frames, and the least'],
  ['Length in z', 'Of all steps together, in latent units; in brackets the straight way from end to end'],
  ['In pictures', 'Of all steps together, as a multiple of the cross-fade'],
  ['Smoothness', 'Mean cosine between a step of the picture and the next: 1 straight on, 0 a right angle'],
  ['Largest step', 'The longest step of the picture by the mean one: 1 where all are alike'],
];

// {node, draw(rows, fade)}: `fade` holds the cross-fade's pictures or is null. Rows count only where they are whole.
export function createPathFigures() {
  const body = element('tbody');
  const head = element('tr', '', {}, ...HEADS.map(([textContent, title]) => element('th', '', {textContent, title, scope: 'col'})));
  const node = element('table', 'lp-figures', {}, element('thead', '', {}, head), body);
  let shown = '';
  return {
    node,
    draw(rows, fade) {
      const lines = describePaths(rows, fade);
      const text = lines.join('|');
      if (text === shown) return;
      shown = text;
      body.replaceChildren(...lines.map(line => element('tr', '', {}, ...line.map((cell, k) => (
        element(k ? 'td' : 'th', '', k ? {textContent: cell} : {textContent: cell, scope: 'row'}))))));
    },
  };
}

// Rows of text under HEADS.
export function describePaths(rows, fade) {
  const within = ({shares}) => shares.map((t, k) => (t >= 0 && t <= 1 ? k : -1)).filter(k => k >= 0);
  const faded = fade && shapeOf(within(rows[0]).map(k => fade[k]));
  const times = length => (faded?.length > 0 ? `${formatNumber(length / faded.length)}×` : '–');
  const spread = ({evenness}) => `${formatNumber(1 / evenness)}×`;
  const lines = rows.map(row => {
    const inside = within(row);
    const name = PATH_KINDS[row.kind];
    const codes = shapeOf(inside.map(k => row.codes[k]));
    const length = `${formatNumber(codes.length)} (${formatNumber(codes.direct)})`;
    const support = describeSupport(inside.map(k => row.standing[k]));
    if (!row.isWhole) return [name, support, length, '…', '…', '…'];
    const pictures = shapeOf(inside.map(k => row.pictures[k]));
    return [name, support, length, times(pictures.length), formatNumber(pictures.smoothness), spread(pictures)];
  });
  if (faded) lines.push(['Cross-fade', 'no codes', '–', times(faded.length), formatNumber(faded.smoothness), spread(faded)]);
  return lines;
}

export const percentOf = share => `${Math.round(100 * share)} %`;

function describeSupport(found) {
  if (found.some(one => !one)) return '…';
  const shares = found.map(({support}) => support);
  return `${percentOf(shares.reduce((sum, share) => sum + share, 0) / shares.length)}, least ${percentOf(Math.min(...shares))}`;
}

// A frame in words: "Frame 9 of 24 · support 71 % · nearest Sneaker, example 12".
export function describeFrame(at, count, row, titleOf) {
  const k = Math.round(at);
  const parts = [`Frame ${k + 1} of ${count}`];
  const share = row.shares[k];
  if (share < 0 || share > 1) parts.push('past the end');
  const found = row.standing[k];
  if (found) parts.push(`support ${percentOf(found.support)}`, `nearest ${titleOf(found.row)}`);
  return parts.join(' · ');
}
