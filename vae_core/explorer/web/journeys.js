// Going somewhere by chance: a code of the prior or of the data, or a real example.

import {element} from './layout.js';

const SOURCES = {prior: 'from the prior', data: 'from the data'};

export function createJourneys(explorer) {
  const {bundle, meta, points, parts} = explorer;
  let source = 'prior';
  const random = element('button', 'ls-tool', {textContent: 'Random'});
  const options = Object.entries(SOURCES).map(([value, textContent]) => element('option', '', {value, textContent}));
  const choice = element('select', 'ls-more', {ariaLabel: 'Where random codes come from', title: 'Random codes from the prior or from the data'}, ...options);
  const surprise = element('button', 'ls-tool', {textContent: 'Surprise me', title: 'A real example (x)', disabled: !points.count});
  random.addEventListener('click', () => wander(source));
  surprise.addEventListener('click', meet);
  choice.addEventListener('change', () => {
    choose(choice.value);
    wander(source);
  });
  if (!points.count) choice.hidden = true;
  parts.bar.append(element('div', 'ls-group', {role: 'group', ariaLabel: 'By chance'}, element('span', 'ls-split', {}, random, choice), surprise));
  choose(source);

  function choose(name) {
    source = name;
    random.title = name === 'prior' ? 'A code drawn from the prior (r)' : 'A code drawn from q(z|x) of an example picked at random (Shift+R)';
  }

  function shown() {
    const {hidden} = explorer.state;
    return Array.from(points.label.keys()).filter(n => !hidden.includes(points.label[n]));
  }

  // A draw of the prior, the standard normal, or of the aggregate posterior 1/N sum_n q(z | x_n).
  function wander(name) {
    if (name === 'prior') {
      explorer.travel(drawFrom(Array(meta.latent).fill(0), Array(meta.latent).fill(1)));
    } else if (points.count) {
      const row = Math.floor(Math.random() * points.count);
      const logVar = bundle.tensors['points.log_var'].data.subarray(row * meta.latent, (row + 1) * meta.latent);
      const isPoint = meta.posterior?.deterministic === true;
      explorer.travel(drawFrom(explorer.codeOf(row), logVar.map(value => (isPoint ? 0 : Math.exp(value / 2)))));
    }
  }

  function meet() {
    const rows = shown();
    if (!rows.length) return;
    const selected = rows[Math.floor(Math.random() * rows.length)];
    explorer.travel(explorer.codeOf(selected), {selected});
  }

  const keys = {r: () => wander('prior'), R: () => wander('data'), x: meet};
  return {
    help: [['r', 'A random code from the prior'], ['Shift+R', 'A random code from the data'], ['x', 'Surprise me: a real example']],
    key({key, ctrlKey, metaKey, altKey}) {
      if (ctrlKey || metaKey || altKey || !keys[key]) return false;
      keys[key]();
      return true;
    },
  };
}

// A draw of a normal distribution with independent dimensions, by Box and Muller's way.
export function drawFrom(mean, sigma, random = Math.random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from(mean, (value, d) => value + sigma[d] * normal());
}
