// What the dial's beta is called elsewhere: the same loss written with other sums and means, and its code.

import {convertBeta, formatSignificant} from './lab_figures.js';
import {addLabSection, createLabCalm, formatBeta, hasLabView, setText} from './lab_surface.js';
import {element} from './layout.js';

const ELSEWHERE = 'What does this β mean elsewhere?';
const AS_IF = 'As if the likelihood were Gaussian: only β σ² counts';
const WITH_SIGMA = 'Losses without the decoder’s σ in them';
const COPIED_FOR = 1500; // milliseconds

export function createElsewhere(explorer) {
  if (!hasLabView(explorer, 'elsewhere')) return {};
  const sigma = element('input', '', {type: 'number', min: '0', step: 'any', inputMode: 'decimal', ariaLabel: 'Sigma of the decoder, in pixel units'});
  const scale = element('label', 'ls-group ls-elsewhere-sigma', {title: 'Of squared errors only β σ² counts; pixels run from 0 to 1'},
    element('span', '', {textContent: 'σ of the decoder'}), sigma);
  const title = element('span', '', {textContent: ELSEWHERE});
  const lists = [0, 1].map(() => element('ul', 'ls-conventions'));
  const scaledTitle = element('h4', '');
  const scaledPart = element('div', 'ls-elsewhere-scaled', {hidden: true}, element('header', '', {}, scaledTitle, scale), lists[1]);
  const lead = element('p', 'ls-lab-foot', {textContent: 'The weight of the KL divergence that makes each of these losses the same as ours, up to a common factor.'});
  const details = element('details', '', {}, element('summary', '', {}, title), lead, lists[0], scaledPart);
  const {node, head} = addLabSection(explorer, 'elsewhere', ELSEWHERE, details);
  head.remove(); // its summary is its title
  node.hidden = true; // until there is something to say
  const calm = createLabCalm(explorer);
  let rows = [];
  let toldFor = '';

  function tell() {
    const key = `${explorer.beta} ${sigma.value}`;
    if (!details.open || key === toldFor || !calm.isDue()) return;
    toldFor = key;
    setText(title, `What does β ${formatBeta(explorer.beta)} mean elsewhere?`);
    const width = Number(sigma.value) > 0 ? Number(sigma.value) : NaN;
    rows.forEach(row => row.write(explorer.beta, width));
  }

  const ask = () => {
    toldFor = '';
    explorer.scene.loop.ask();
  };
  details.addEventListener('toggle', ask);
  sigma.addEventListener('input', ask);
  sigma.addEventListener('keydown', event => event.stopPropagation());
  return {
    draw: tell,
    told({conventions}) {
      if (!conventions) return;
      const sound = (Array.isArray(conventions) ? conventions : []).filter(row => Number.isFinite(row?.factor) && typeof row.title === 'string');
      rows = sound.map(row => buildConvention(explorer, row));
      const parted = [false, true].map(isScaled => rows.filter((_, k) => Boolean(sound[k].sigma_power) === isScaled));
      lists.forEach((list, k) => list.replaceChildren(...parted[k].map(row => row.node)));
      const scaled = sound.find(row => row.sigma_power);
      scaledPart.hidden = !scaled;
      setText(scaledTitle, scaled?.exact === false ? AS_IF : WITH_SIGMA);
      sigma.value = formatSignificant(scaled?.sigma ?? 1, 4);
      node.hidden = !rows.length || explorer.hide.includes('elsewhere');
      ask();
    },
  };
}

// One line, and the code it opens. {node, write(beta, sigma)}
function buildConvention(explorer, convention) {
  const {title, unit = '', snippet, explanation = '', used = []} = convention;
  const number = element('b', 'ls-beta');
  const code = element('code', '');
  const open = element('button', 'ls-tool', {textContent: 'Code', ariaExpanded: 'false', title: `PyTorch of this loss: ${title}`});
  const copy = element('button', 'ls-tool', {textContent: 'Copy', title: 'Copies the code with this number'});
  const drawer = element('div', 'ls-snippet', {hidden: true}, element('pre', '', {tabIndex: 0, ariaLabel: 'Code'}, code), copy);
  const notes = [explanation, used.length ? `As in ${used.join('; ')}.` : ''].filter(Boolean).join(' ');
  const name = element('span', '', {textContent: title});
  const row = element('div', 'ls-convention', {}, number, element('div', '', {}, name, element('p', 'ls-muted', {textContent: notes})),
    element('span', 'ls-muted', {textContent: unit}), open);
  open.hidden = typeof snippet !== 'string';
  open.addEventListener('click', () => {
    drawer.hidden = !drawer.hidden;
    open.ariaExpanded = String(!drawer.hidden);
  });
  copy.addEventListener('click', () => copyCode(explorer, code, copy));
  return {
    node: element('li', '', {}, row, drawer),
    write(beta, sigma) {
      const value = formatSignificant(convertBeta(convention, beta, convention.sigma_power ? sigma : 1), 4);
      setText(number, value);
      if (typeof snippet === 'string') setText(code, snippet.replaceAll('{beta}', value));
    },
  };
}

// Into the clipboard, or marked, where a page may not write there.
async function copyCode(explorer, code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    explorer.say('Copied.');
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, COPIED_FOR);
  } catch {
    getSelection().selectAllChildren(code);
    explorer.say('Marked: copy it with Ctrl+C.');
  }
}
