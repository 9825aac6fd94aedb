// The way in: mount(element, bundle bytes, {onChange, state, mini}). Knows nothing of who is outside.

import {parseBundle} from './bundle.js';
import {Explorer} from './explorer.js';
import {buildFailure} from './layout.js';
import {mountMini} from './mini.js';

// Fills `target` (in a document or a shadow tree) with an explorer. `onChange(state, {final})` hears of every change
// of hand once it has come to rest; `state` is described in state.js, and may be given in part. Returns
// {update({state}), getState(), destroy(), ready}: `ready` resolves to true with the first picture, to false where
// there is a sentence instead of an explorer.
export function mount(target, bundleBytes, {onChange = () => {}, state, mini = false} = {}) {
  if (mini) return mountMini(target, bundleBytes);
  let explorer = null;
  const stop = () => {
    explorer?.stop();
    explorer = null;
  };
  const fail = error => {
    stop();
    target.replaceChildren(buildFailure(sentenceOf(error)));
    return false;
  };
  const destroy = () => {
    stop();
    target.replaceChildren();
  };
  let ready;
  try {
    explorer = new Explorer(target, parseBundle(bundleBytes), onChange, state);
    ready = explorer.scene.ready.catch(fail);
  } catch (error) {
    ready = Promise.resolve(fail(error));
  }
  return {
    ready,
    destroy,
    update: change => explorer?.update(change?.state),
    getState: () => explorer?.read() ?? null,
  };
}

// Our own errors are sentences; anything else is the browser's.
function sentenceOf(error) {
  if (error.constructor === Error) return error.message;
  return `This browser could not show the model (${error.message}). Reload the page or try a current browser.`;
}
