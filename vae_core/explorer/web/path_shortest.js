// Shortest ways as the decoder sees them (vae_core/geodesics.py): they take its derivatives, so whoever mounts the page
// works them out; here they are asked for and kept, leg by leg, by the anchors they join.

import {legsOf} from './path_curves.js';
import {roundPath} from './path_state.js';

const SHORTEST_LEGS = 200; // that are kept

// `onAsk(place)`, or null where nobody can be asked, is to have take() called with an answer. {isAsked: whether one is
// awaited, can(state): whether ways may be had, legs(state) -> codes of each leg, or null, want(state), take(answer) ->
// whether it was a new one, why: a sentence where there is none}.
export function createShortest(onAsk, latent) {
  const kept = new Map(); // codes by the words of a leg
  const shortest = {isAsked: false, why: onAsk ? '' : NOBODY, can: state => Boolean(onAsk) || Boolean(legs(state)), legs, want, take};
  let asked = '';

  function legs(state) {
    const found = wordsOf(state).map(words => kept.get(words));
    return found.every(Boolean) ? found : null;
  }

  function want(state) {
    const words = wordsOf(state).join();
    if (!onAsk || asked === words || legs(state)) return;
    asked = words;
    Object.assign(shortest, {isAsked: true, why: ''});
    const {anchors, isLoop, beta} = roundPath(state);
    onAsk({anchors, isLoop, ...(beta ? {beta} : {}), turn: performance.now()}); // the same may be asked for once more
  }

  function take(answer) {
    const {way, beta = null, legs: made, error} = answer ?? {};
    if (!way) return false;
    const words = wordsOf({...way, beta: beta ?? undefined});
    if (words.join() === asked) Object.assign(shortest, {isAsked: false, why: error || ''});
    if (!Array.isArray(made) || made.length !== words.length || !made.every(leg => isLeg(leg, latent))) return Boolean(error);
    words.forEach((word, k) => kept.set(word, made[k]));
    while (kept.size > SHORTEST_LEGS) kept.delete(kept.keys().next().value);
    return true;
  }
  return shortest;
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
