// Where anchors come from besides the map: a strip of examples that can be searched, a draw from the prior, a
// picture of one's own, a typed code.

import {element} from './layout.js';

const EXAMPLES_SHOWN = 60; // examples at first and with every "More"

// `examples`: {count, label, names, titleOf(row), nameOfRow(row), thumbs() or null}; `act`: pick(row), type(z), close().
// `latent` numbers make a code, `words` say what is done. {node, file and draw (buttons for pictures of one's own), open(),
// close(), toggle()}.
export function createAnchorSearch(examples, latent, act, words = {pick: 'Go through', type: 'Add', label: 'Add an anchor'}) {
  const field = element('input', '', {type: 'search', placeholder: 'Class or number', ariaLabel: 'Search the examples'});
  const strip = element('div', 'lp-examples', {role: 'group', ariaLabel: 'Examples'});
  const sample = element('button', 'ls-tool', {textContent: 'Random sample', title: 'A code drawn from the prior, the standard normal distribution'});
  const file = element('button', 'ls-tool', {textContent: 'Open a picture', title: 'A picture of yours, encoded; or drop one on the page'});
  const draw = element('button', 'ls-tool', {textContent: '✎ Draw', title: 'Draw a picture of your own', hidden: true});
  const typed = element('input', '', {placeholder: Array.from({length: Math.min(3, latent)}, () => '0').join(', ') + (latent > 3 ? ', …' : ''), ariaLabel: `A code: ${latent} numbers`});
  const wrong = element('p', 'lp-wrong', {role: 'alert', hidden: true});
  const form = element('form', 'lp-typed', {}, element('label', '', {textContent: 'z ='}), typed, element('button', 'ls-tool', {textContent: words.type}));
  const close = element('button', 'ls-tool lp-close', {textContent: '✕', title: 'Close (Esc)', ariaLabel: 'Close'});
  const node = element('section', 'lp-search', {ariaLabel: words.label, hidden: true},
    element('div', 'lp-search-head', {}, field, sample, file, draw, form, close), wrong, strip);

  field.addEventListener('input', () => list(EXAMPLES_SHOWN));
  sample.addEventListener('click', () => act.type(Array.from({length: latent}, normalDraw)));
  close.addEventListener('click', act.close);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const z = readCode(typed.value, latent);
    wrong.hidden = Boolean(z);
    if (z) act.type(z);
    else wrong.textContent = `A code of this model has ${latent} ${latent === 1 ? 'number' : 'numbers'}, such as ${Array.from({length: Math.min(latent, 4)}, () => '0.5').join(', ')}${latent > 4 ? ', …' : ''}.`;
  });
  node.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Escape') act.close();
  });

  function list(most) {
    const rows = searchExamples(examples, field.value);
    const shown = rows.slice(0, most).map(exampleButton);
    const more = element('button', 'ls-tool', {textContent: `More of ${rows.length.toLocaleString('en')}`});
    more.addEventListener('click', () => list(most + EXAMPLES_SHOWN));
    if (rows.length > most) shown.push(more);
    strip.replaceChildren(...(shown.length ? shown : ['No example is called that.']));
  }

  function exampleButton(row) {
    const thumbs = examples.thumbs();
    const title = examples.titleOf(row);
    const button = element('button', 'lp-example', {title, ariaLabel: `${words.pick} ${title}`});
    if (thumbs && row < thumbs.count) {
      const picture = thumbs.canvas(row);
      const canvas = element('canvas', '', {width: picture.width, height: picture.height});
      canvas.getContext('2d').drawImage(picture, 0, 0);
      button.append(canvas);
    } else button.append(element('bdi', '', {textContent: examples.nameOfRow(row)}));
    button.addEventListener('click', () => act.pick(row));
    return button;
  }

  return {
    node,
    file,
    draw,
    open() {
      node.hidden = false;
      list(EXAMPLES_SHOWN);
      field.focus({preventScroll: true});
    },
    close() { node.hidden = true; },
    toggle() { if (node.hidden) this.open(); else this.close(); },
  };
}

// Rows whose name holds the words, or with that number; with none asked for, of each class in turn.
export function searchExamples({count, label, titleOf}, words) {
  const asked = words.trim().toLowerCase();
  const rows = Array.from({length: count}, (_, row) => row);
  if (asked) return rows.filter(row => titleOf(row).toLowerCase().includes(asked));
  const turns = new Map();
  const turn = rows.map(row => {
    const next = turns.get(label[row]) ?? 0;
    turns.set(label[row], next + 1);
    return next;
  });
  return rows.sort((a, b) => turn[a] - turn[b] || label[a] - label[b] || a - b);
}

// `latent` numbers from text, null where it holds anything else.
export function readCode(text, latent) {
  const parts = text.replaceAll('−', '-').split(/[\s,;]+/).filter(Boolean);
  const z = parts.map(Number);
  return z.length === latent && z.every(Number.isFinite) ? z : null;
}

// Box and Muller (1958).
function normalDraw() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
