// The way in: mount(element, bundle bytes, {onChange, state, mini}). Knows nothing of who is outside.

import {parseBundle, parseExtras} from './bundle.js';
import {Explorer} from './explorer.js';
import {mountSafely} from './failure.js';
import {mountMini} from './mini.js';

// Fills `target` (in a document or a shadow tree) with an explorer. `onChange(state, {final})` hears of every change
// of hand once it has come to rest; `state` is described in state.js, and may be given in part. `onEvent(name, value)`
// hears what features ask of the host. `hide` names panels to leave out, `beside` is the bundle of a run to compare with.
// Returns
// {update({state}), extend(bytes), inform({name: value}), getState(), destroy(), ready}: `ready` resolves to true with
// the first picture, to false where there is a sentence instead of an explorer; then getState() is null. extend() takes
// the extras (pictures of the examples, the encoder), inform() what else features are to know.
export function mount(target, bundleBytes, {mini = false, ...options} = {}) {
  if (mini) return mountMini(target, bundleBytes);
  const create = () => new Explorer(target, parseBundle(bundleBytes), options);
  const {ready, destroy, current} = mountSafely(target, create);
  if (options.beside) current()?.inform({beside: options.beside});
  return {
    ready,
    destroy,
    update: change => current()?.update(change?.state),
    extend: bytes => current()?.extend(parseExtras(bytes)),
    inform: news => current()?.inform(news),
    getState: () => current()?.read() ?? null,
  };
}
