// Whatever goes wrong ends as a sentence in the element, with the one thing to do, never as a blank area.

import {element} from './layout.js';

// Fills `target` by `create()`, which returns an object with `ready` (a promise of true) and `stop()`. Returns
// {ready, destroy(), current()}: `ready` resolves to false, and current() is null, where there is only a sentence.
export function mountSafely(target, create) {
  let current = null;
  const destroy = () => {
    current?.stop();
    current = null;
    target.replaceChildren();
  };
  const fail = error => {
    destroy();
    target.append(buildFailure(error));
    return false;
  };
  let ready = Promise.resolve(false);
  try {
    current = create();
    ready = current.ready.catch(error => current !== null && fail(error));
  } catch (error) {
    fail(error);
  }
  return {ready, destroy, current: () => current};
}

// Our own errors are sentences; anything else is the browser's.
function buildFailure(error) {
  const sentence = error.constructor === Error ? error.message
    : `This browser could not show the model (${error.message}). Reload the page or try a current browser.`;
  const box = element('div', 'ls-failure', {role: 'alert'},
    element('p', 'ls-failed', {textContent: 'The map could not be shown'}), element('p', '', {textContent: sentence}));
  return element('div', 'ls', {}, box);
}
