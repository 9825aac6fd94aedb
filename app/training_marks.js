// What lies under and across the curves of a training: an earlier run's curve, the steps at which it was steered.

const GHOST_DASHES = [4, 3];

// Of an earlier run's values those that lie within so many epochs; a longer run is seen as far as this one goes.
function ghostWithin(epochs, values, last) {
  return [...values].filter((value, i) => epochs[i] <= last);
}

// An earlier run's curve, in the colour that is set.
function drawGhost(context, [epochs, values], x, y) {
  context.setLineDash(GHOST_DASHES);
  trace(context, [epochs, values], x, y, 1.5, 0.75);
  context.setLineDash([]);
}

// What a change [step, beta, lr] says: "β 4", "lr ×0.5" or both.
function changeInWords([, beta, lr]) {
  const short = (value) => Number(value.toPrecision(3)).toString();
  const parts = [];
  if (beta !== null) parts.push(`β ${short(beta)}`);
  if (lr !== null) parts.push(`lr ×${short(lr)}`);
  return parts.join(', ');
}

// A line at every change, and what it says where there is room: the newest first, at the side where it fits.
function drawSteered(context, steered, { x, left, right, top, bottom, beta, ink, paper, font }) {
  context.lineWidth = 1;
  for (const change of steered) {
    const at = Math.round(x(change[0])) + 0.5;
    context.strokeStyle = change[1] === null ? ink : beta;
    context.globalAlpha = 0.7;
    context.beginPath();
    context.moveTo(at, top);
    context.lineTo(at, bottom);
    context.stroke();
  }
  context.globalAlpha = 1;
  context.font = `600 11px ${font}`;
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  const boxes = steered.map((change) => {
    const [text, at] = [changeInWords(change), x(change[0])];
    const width = context.measureText(text).width;
    const start = at + 4 + width > right ? Math.max(left, at - 4 - width) : at + 4;
    return { text, colour: change[1] === null ? ink : beta, x: start + width / 2, y: top + 7, width: width + 6, height: 12 };
  });
  context.textAlign = 'center';
  for (const box of apart(boxes.reverse())) {
    context.lineWidth = 3;
    context.strokeStyle = paper;
    context.strokeText(box.text, box.x, box.y);
    context.fillStyle = box.colour;
    context.fillText(box.text, box.x, box.y);
  }
  context.textAlign = 'start';
  context.textBaseline = 'alphabetic';
}

// What is not as it should be, [[what, what to try]]; a status is read out only where it changes.
function showNotes(element, notes = []) {
  const said = JSON.stringify(notes);
  if (element.dataset.said === said) return;
  element.dataset.said = said;
  element.replaceChildren(...notes.map(([text, advice]) => {
    const [note, strong] = [document.createElement('p'), document.createElement('strong')];
    strong.textContent = text;
    note.append(strong, ` ${advice}`);
    return note;
  }));
}

// The lines under the curves that say what they are.
function keyInWords({ ghost, curves = [], ranged = false }) {
  const isMany = ranged || curves.length > 0;
  const [all, one] = isMany ? [', over all β', ', at the β where its map opens'] : ['', ''];
  const whose = ghost && (ghost.held ? 'held out' : 'the pictures it learnt from');
  const under = ghost ? ` Dashed: ${ghost.label}, ${whose}.` : '';
  return `Pale: the pictures it learns from${all}. Strong: those held out${one}.${under} From left to right: epochs.`;
}

// When the cloud was looked at: ", after epoch 3.2"; nothing where that is not known.
function momentInWords({ seen, total, epochs }) {
  if (!(seen > 0 && total > 0)) return '';
  const epoch = (seen / total) * epochs;
  return `, after epoch ${epoch.toLocaleString('en', { maximumFractionDigits: epoch < 10 ? 1 : 0 })}`;
}
