// What the dial's beta buys and costs, in words: each from a defined figure with a line that says which. Advice, each
// with its reason; what the measurement found wrong.

import {readCurve} from './lab_curve.js';
import {carries, dimensionRates, sayActive, shareText, thinRows} from './lab_figures.js';
import {addLabSection, createLabCalm, formatBeta, formatLab, hasLabView, isLabResting, setText, shownRows, turnLabTo} from './lab_surface.js';
import {element} from './layout.js';

const LAB_LN2 = Math.LN2;
const ADVICE_NEAR = 0.03; // of log beta: the dial stands on an advice

// [key, caption, the line of explanation]; said() below writes the figures.
const LAB_WORDS = [
  ['active', 'dimensions carry information', 'Dimensions whose KL divergence from the prior, as a mean over the shown examples, is at least 0.01 nats. The others are noise to the decoder.'],
  ['rate', 'rate', 'The most that a code tells about its picture: the KL divergence of q(z|x) from the prior, a mean over held-out examples. In bits: divided by ln 2.'],
  ['distortion', 'distortion', 'What the decoder still has to be told: minus the log-likelihood of the picture given its code, a mean over held-out examples.'],
  ['precision', 'of prior samples look like data', 'Precision after Kynkäänniemi et al., 2019: the share of pictures drawn from the prior that lie as near to a real one as its third nearest other one does, in 16 principal components of the pictures. Other real pictures reach about 90 %. Recall: the share of real ones that lie as near to drawn ones.'],
  ['contrast', 'of the contrast is lost', 'A picture’s contrast is the standard deviation of its pixel values: how much smaller it is in reconstructions of held-out examples than in the originals.'],
  ['accuracy', 'of classes found from codes', 'Share of held-out examples whose class is that of most of their ten nearest training examples in latent space.'],
];

export function createLabWords(explorer) {
  if (!hasLabView(explorer, 'words')) return {};
  const {bundle, meta, points} = explorer;
  const curve = readCurve(meta.report?.curve);
  const explained = element('p', 'ls-words-why', {hidden: true});
  const tiles = new Map(LAB_WORDS.map(([key, caption, why]) => [key, buildTile(caption, why, () => explain(key))]));
  const list = element('div', 'ls-words', {}, ...[...tiles.values()].map(({node}) => node));
  const where = meta.dial.kind === 'separate' ? 'for each of the separate models' : `at ${curve?.rows.length} values of β`;
  const counted = curve ? `Measured ${where} on held-out examples, in between interpolated.` : '';
  const foot = element('p', 'ls-lab-foot', {textContent: counted});
  const advice = buildAdvice(explorer, meta.report?.advice);
  const health = buildHealth(meta.report?.health);
  addLabSection(explorer, 'words', 'What this β buys and costs', list, explained, foot, ...[advice?.node, health].filter(Boolean));
  const calm = createLabCalm(explorer);
  let toldFor = '';
  let rows = shownRows(explorer);
  let explaining = '';

  function explain(key) {
    explaining = explaining === key ? '' : key;
    explained.hidden = !explaining;
    tiles.forEach(({node}, other) => { node.ariaExpanded = String(other === explaining); });
    if (explaining) explained.textContent = tiles.get(key).why;
  }

  function tell(isExact) {
    const key = `${explorer.beta} ${explorer.state.hidden} ${isExact}`;
    if (key === toldFor || !(isExact || calm.isDue())) return;
    toldFor = key;
    const counted = isExact ? rows : thinRows(rows, points.latent);
    const rates = dimensionRates(points.mu, bundle.tensors['points.log_var'].data, points.latent, counted);
    const logBeta = curve && Math.min(curve.high, Math.max(curve.low, Math.log(explorer.beta)));
    const values = said(curve, logBeta, rates.filter(carries).length, points.latent);
    tiles.forEach((tile, name) => {
      if (tile.node.hidden === Boolean(values[name])) tile.node.hidden = !values[name];
      if (values[name]) tile.write(values[name]);
    });
    advice?.mark(explorer.beta);
  }

  return {
    draw() { tell(isLabResting(explorer)); },
    rested: () => explorer.scene.loop.ask(),
    changed(before) {
      if (before.hidden === explorer.state.hidden) return;
      rows = shownRows(explorer);
      toldFor = '';
    },
    summary: () => `${sayActive(Number(tiles.get('active').figure.textContent.split(' ')[0]), points.latent)}.`,
  };
}

// {name: [figure, small print, caption or nothing for the usual]} of what is known at a place of the curve.
function said(curve, logBeta, active, latent) {
  const values = {active: [`${active} of ${latent}`, '', latent === 1 ? 'dimension carries information' : '']};
  if (!curve) return values;
  const {rate, distortion} = curve.at(logBeta);
  const value = key => curve.figure(key, logBeta);
  values.rate = [`${rate.toFixed(1)} nats`, `${(rate / LAB_LN2).toFixed(1)} bits`];
  const bits = value('bits_per_pixel');
  values.distortion = [`${formatLab(distortion)} nats`, bits === null ? '' : `${bits.toFixed(2)} bits per pixel with the rate`];
  const [precision, recall, contrast, accuracy] = ['precision', 'recall', 'contrast', 'accuracy'].map(value);
  if (precision !== null) values.precision = [shareText(precision), recall === null ? '' : `recall ${shareText(recall)}`];
  if (contrast !== null) values.contrast = contrast > 1.005 ? [shareText(contrast - 1), '', 'more contrast than the originals'] : [shareText(1 - contrast), ''];
  if (accuracy !== null) values.accuracy = [shareText(accuracy), ''];
  return values;
}

function buildTile(caption, why, explain) {
  const figure = element('b', '');
  const small = element('span', 'ls-muted');
  const words = element('span', 'ls-word-caption', {textContent: caption});
  const node = element('button', 'ls-word', {title: why, ariaExpanded: 'false'}, figure, words, small);
  node.addEventListener('click', explain);
  return {
    node, why, figure,
    write([value, more, other]) {
      setText(figure, value);
      setText(small, more);
      setText(words, other || caption);
    },
  };
}

// {node, mark(beta)}: betas to go to, none of them the best one; null without any.
function buildAdvice(explorer, given) {
  const sound = (Array.isArray(given) ? given : []).filter(item => item?.beta > 0 && typeof item.title === 'string');
  if (!sound.length) return null;
  const items = sound.map(({beta, title, why}) => {
    const number = element('b', 'ls-beta', {textContent: `β ${formatBeta(beta)}`});
    const button = element('button', 'ls-advice-go', {title: `Turns the dial to β ${formatBeta(beta)}`}, number, element('span', '', {textContent: title}));
    button.addEventListener('click', () => turnLabTo(explorer, beta));
    return {beta, button, node: element('li', '', {}, button, element('span', 'ls-muted', {textContent: typeof why === 'string' ? why : ''}))};
  });
  const node = element('div', 'ls-advice', {}, element('h4', '', {textContent: 'Places to look at, none of them best for everything'}),
    element('ul', '', {}, ...items.map(item => item.node)));
  const mark = beta => items.forEach(item => {
    const pressed = String(Math.abs(Math.log(beta / item.beta)) < ADVICE_NEAR);
    if (item.button.ariaPressed !== pressed) item.button.ariaPressed = pressed;
  });
  return {node, mark};
}

function buildHealth(given) {
  const notes = (Array.isArray(given) ? given : []).filter(note => typeof note === 'string' && note);
  if (!notes.length) return null;
  return element('div', 'ls-lab-health', {}, element('h4', '', {textContent: 'What the measurement found'}),
    element('ul', '', {}, ...notes.map(textContent => element('li', '', {textContent}))));
}
