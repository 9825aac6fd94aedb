// Shortest ways as the decoder sees them (vae_core/geodesics.py): they take its derivatives, so whoever mounts the page
// works them out; here they are asked for and kept, leg by leg, by the anchors they join.

import {legsOf} from './path_curves.js';
import {roundPath} from './path_state.js';

const SHORTEST_LEGS = 200; // that are kept

// `onAsk(place)`, or null where nobody can be asked, is to have take() called with an answer. {legs(state) -> codes of each
// leg, or null, why(state) -> a sentence where they cannot be had, isLacking(state): whether they are neither here nor on
// their way nor refused, want(state), again(): what was refused may be asked for once more, take(answer) -> whether it said
// something}.
export function createShortest(onAsk, latent) {
  const kept = new Map(); // codes by the words of a leg
  let awaited = ''; // words of the way that was asked for last, until it comes
  let refused = {words: '', why: ''};

  function legs(state) {
    const found = wordsOf(state).map(words => kept.get(words));
    return found.every(Boolean) ? found : null;
  }

  function why(state) {
    if (!onAsk) return legs(state) ? '' : NOBODY;
    return refused.words === wordsOf(state).join() ? refused.why : '';
  }

  const isLacking = state => !legs(state) && !why(state) && awaited !== wordsOf(state).join();

  function want(state) {
    if (!isLacking(state)) return;
    awaited = wordsOf(state).join();
    const {anchors, isLoop, beta} = roundPath(state);
    onAsk({anchors, isLoop, ...(beta ? {beta} : {}), turn: performance.now()}); // the same may be asked for once more
  }

  function take(answer) {
    const {way, beta, legs: made, error} = answer ?? {};
    if (!Array.isArray(way?.anchors)) return false;
    const words = wordsOf({...way, beta});
    if (words.join() === awaited) {
      awaited = '';
      refused = {words: words.join(), why: error || ''};
    }
    if (!Array.isArray(made) || made.length !== words.length || !made.every(leg => isLeg(leg, latent))) return Boolean(error);
    words.forEach((word, k) => kept.set(word, made[k]));
    while (kept.size > SHORTEST_LEGS) kept.delete(kept.keys().next().value);
    return true;
  }
  return {legs, why, isLacking, want, take, again() { refused = {words: '', why: ''}; }};
}

const NOBODY = 'Shortest ways are worked out by Latentscape itself; a page by itself has none.';

// What each leg is kept by: examples by their row, codes as they travel, the dial.
function wordsOf(state) {
  const {anchors, beta} = roundPath({at: 0, ...state});
  const words = anchors.map(({row, z}) => (row >= 0 ? row : `z${z}`));
  return legsOf(words, state.isLoop).map(([from, to]) => `${from} ${to} ${beta ?? ''}`);
}

function isLeg(codes, latent) {
  const isCode = code => Array.isArray(code) && code.length === latent && code.every(Number.isFinite);
  return Array.isArray(codes) && codes.length > 1 && codes.every(isCode);
}
