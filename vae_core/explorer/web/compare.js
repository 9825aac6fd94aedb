// Compare: a second run on the same data beside the first, under one cursor. The host gives it as inform({beside:
// bundle bytes}), or null to close it; closed by hand, the host hears of the event 'beside' with null.

import {Pair} from './beside.js';
import {parseBundle} from './bundle.js';
import {titleRuns} from './facts.js';
import {element} from './layout.js';

export function createCompare(explorer) {
  let pair = null;
  let notice = null;
  const close = () => {
    pair?.stop();
    notice?.remove();
    [pair, notice] = [null, null];
  };
  const fail = error => {
    close();
    notice = element('p', 'ls-notice', {role: 'alert', textContent: `The run beside cannot be shown. ${error.message}`});
    notice.dataset.panel = 'compare';
    explorer.parts.below.append(notice);
  };
  const open = bytes => {
    close();
    if (!bytes || explorer.hide.includes('compare')) return;
    const leave = () => {
      close();
      explorer.onEvent('beside', null);
    };
    try {
      const bundle = parseBundle(bytes);
      pair = new Pair(explorer, bundle, leave, titleRuns(explorer.meta, bundle.meta));
      pair.companion.ready.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  return {
    told: news => {
      if ('beside' in news) open(news.beside);
    },
    draw: (z, row) => pair?.draw(z, row),
    changed: before => pair?.changed(before),
    dialled: () => pair?.dial(explorer.beta),
    rested: () => pair?.rested(),
    stop: close,
  };
}
