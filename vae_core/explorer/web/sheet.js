// A sheet over the page: closed by its button, Escape or a click beside it.

import {element} from './layout.js';

// Opens at once. `root` is the explorer's own element; returns {node (the dialog), close()}. `closed()` is called
// however it ends.
export function openSheet(root, title, content, closed = () => {}) {
  const close = element('button', 'ls-close', {textContent: '✕', ariaLabel: 'Close', title: 'Close (Esc)'});
  const head = element('header', '', {}, element('h2', '', {textContent: title}), close);
  const node = element('dialog', 'ls-sheet', {ariaLabel: title}, head, content);
  root.append(node);
  close.addEventListener('click', () => node.close());
  node.addEventListener('click', event => { if (event.target === node) node.close(); });
  node.addEventListener('keydown', event => event.stopPropagation());
  node.addEventListener('close', () => {
    node.remove();
    closed();
  });
  node.showModal();
  return {node, close: () => node.close()};
}
