// The way in: mount(element, bundle bytes, {onChange, state, mini}). Knows nothing of who is outside.

import {parseBundle} from './bundle.js';
import {Explorer} from './explorer.js';
import {mountSafely} from './failure.js';
import {mountMini} from './mini.js';

// Fills `target` (in a document or a shadow tree) with an explorer. `onChange(state, {final})` hears of every change
// of hand once it has come to rest; `state` is described in state.js, and may be given in part. Returns
// {update({state}), getState(), destroy(), ready}: `ready` resolves to true with the first picture, to false where
// there is a sentence instead of an explorer; then getState() is null.
export function mount(target, bundleBytes, {onChange = () => {}, state, mini = false} = {}) {
  if (mini) return mountMini(target, bundleBytes);
  const create = () => new Explorer(target, parseBundle(bundleBytes), onChange, state);
  const {ready, destroy, current} = mountSafely(target, create);
  return {
    ready,
    destroy,
    update: change => current()?.update(change?.state),
    getState: () => current()?.read() ?? null,
  };
}
