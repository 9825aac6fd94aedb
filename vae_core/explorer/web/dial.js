// The dial of beta: turns the whole explorer, says what it is made of, marks what the run's report advises.

import {buildDial} from './dial_control.js';
import {formatBeta, turnLabTo} from './lab_surface.js';
import {plainKey} from './keyboard.js';

const USUAL_HELP = ['← Smaller β keeps more of every picture', 'Larger β draws codes towards the prior →'];

export function createDial(explorer) {
  const {meta, parts, scene, hide} = explorer;
  if (!meta.dial || hide.includes('dial')) return {};
  const hands = dialHands(explorer, beta => explorer.change({beta}), beta => turnLabTo(explorer, beta));
  const dial = buildDial(meta.dial, {label: 'β, the weight of the rate', marks: dialMarks(meta), help: helpOf(meta)}, hands, scene.signal);
  parts.dial.dataset.panel = 'dial';
  parts.dial.append(dial.node);
  let member = -1; // of separate models the one whose pictures are shown
  const tell = () => {
    member = scene.decoder?.member ?? -1;
    if (!meta.members || member < 0) return;
    dial.say(`Separate models: pictures are those of the one trained at β ${Number(meta.members[member].beta.toPrecision(4))}.`);
  };
  const show = () => {
    dial.show(explorer.beta, explorer.beta === meta.dial.beta ? 'the run’s own' : '');
    tell();
  };
  show();
  explorer.callDial = dial.call;

  return {
    help: [[', .', 'Turn the dial of β down, up'], ['Page keys on the dial', 'To the next of 1, 2, 5, 10, …'], ['Delete on the dial', 'Back to the run’s own β; a double-click does it too']],
    key(event) {
      const direction = {',': -1, '.': 1}[plainKey(event)];
      if (direction) hands.nudge(direction);
      return Boolean(direction);
    },
    dialled: show,
    draw() {
      if (meta.members && scene.decoder?.member !== undefined && scene.decoder.member !== member) tell();
    },
    summary: () => `β ${formatBeta(explorer.beta)}.`,
  };
}

// What hands on a dial do to the explorer; `turn(beta)` follows a drag, `glide(beta)` a jump.
export function dialHands(explorer, turn, glide) {
  const {reporter} = explorer;
  return {
    turn,
    glide,
    hold() {
      explorer.depart();
      reporter.hold();
    },
    release: () => reporter.release(),
    say: sentence => explorer.say(sentence),
    nudge(direction) {
      const {low, high} = explorer.meta.dial;
      explorer.arrive();
      turn(Math.min(high, Math.max(low, explorer.beta * 10 ** (direction / 40))));
    },
  };
}

// [{beta, title, why, kind}]: what the report advises, and separate models, those that failed as gaps.
export function dialMarks({dial, report, members = []}) {
  const {low, high} = dial;
  const isIn = beta => Number.isFinite(beta) && beta >= low && beta <= high;
  const text = value => (typeof value === 'string' ? value : '');
  const advice = Array.isArray(report?.advice) ? report.advice : [];
  const models = members.map(({beta, title, reason, decoder}) => ({
    beta, title: decoder ? title : `No model: ${title}`, why: reason, kind: decoder ? 'model' : 'gap', isGap: !decoder,
  }));
  const hints = advice.map(({beta, title, why}) => ({beta, title: text(title), why: text(why), kind: 'advice'}));
  return [...models, ...hints].filter(({beta}) => isIn(beta));
}

function helpOf({members}) {
  if (!members) return USUAL_HELP;
  const failed = members.filter(({decoder}) => !decoder).length;
  const there = members.length - failed;
  return [`Separate models: ${there}${failed ? `, ${failed} failed` : ''}. The cloud moves on between them, pictures are the nearest one’s.`];
}
