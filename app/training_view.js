// Draws a training in progress from the bytes of figures.pack. The class colours are those of the explorer.

const GLIDE = 420; // ms in which points go from one snapshot to the next
const COLLAPSED = 0.05; // spread of the cloud below which nothing gets through; the prior's is 1
const APART = 0.25; // share of the variance between classes from which on their names say something
const seenElements = new WeakMap();

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector('.training');
  let view = seenElements.get(element);
  if (!view) seenElements.set(element, view = new TrainingView(element));
  const turn = view.show(unpack(data));
  return () => { if (view.turn === turn) { view.stop(); seenElements.delete(element); } };
}

// {head fields, arrays by name}; the copy lets floats begin where they may.
function unpack(data) {
  const end = data.indexOf(10);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  const { buffer } = data.slice(end + 1);
  let at = 0;
  for (const [name, type, shape] of head.arrays) {
    const count = shape.reduce((product, n) => product * n, 1);
    const Kind = type === '<f4' ? Float32Array : Uint8Array;
    head[name] = Object.assign(new Kind(buffer, at, count), { shape });
    at += count * Kind.BYTES_PER_ELEMENT;
  }
  return head;
}

class TrainingView {
  constructor(element) {
    this.element = element;
    this.turn = 0;
    this.places = new Float32Array(0); // where the points are drawn now, two numbers each
    this.span = 3;
    this.build();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(element);
  }

  build() {
    const make = (tag, name, ...children) => {
      const made = document.createElement(tag);
      if (name) made.className = name;
      made.append(...children);
      return made;
    };
    const picture = (label) => {
      const canvas = make('canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', label);
      return canvas;
    };
    const curve = (kind, title) => {
      const value = make('span', 'value', '–');
      const canvas = picture(title);
      const caption = make('figcaption', '', make('span', 'name', title), value);
      return { canvas, value, figure: make('figure', kind, caption, canvas) };
    };
    this.cloud = picture('Held-out pictures in the latent space');
    this.note = make('div', 'below');
    this.curves = { distortion: curve('distortion', 'Distortion'), rate: curve('rate', 'Rate') };
    this.originals = picture('Held-out pictures');
    this.copies = picture('Their reconstructions');
    for (const canvas of [this.originals, this.copies]) [canvas.width, canvas.height] = [109, 10]; // keeps the place
    this.plane = curve('plane', 'Rate and distortion at every β');
    this.plane.figure.hidden = true;
    const curves = make('div', 'curves', this.curves.distortion.figure, this.curves.rate.figure, this.plane.figure);
    this.key = make('div', 'below');
    const pictures = make('div', 'pictures', 'Held out', this.originals, 'Rebuilt', this.copies);
    this.health = make('div', 'health');
    this.health.setAttribute('role', 'status');
    this.element.append(
      make('figure', 'cloud', this.cloud, this.note),
      make('div', 'side', make('div', '', curves, this.key), pictures, this.health),
    );
  }

  show(data) {
    this.data = data;
    this.reach = reachOf(data['step.step'].at(-1) ?? 0, data.total);
    this.aim();
    this.draw();
    showNotes(this.health, data.notes);
    return ++this.turn;
  }

  stop() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.element.replaceChildren();
  }

  // Sends the points on their way to the newest snapshot.
  aim() {
    const { points } = this.data;
    if (!points) return;
    const [count, width] = points.shape;
    const target = new Float32Array(count * 2);
    for (let i = 0; i < count; i++) {
      target[2 * i] = points[i * width];
      target[2 * i + 1] = width > 1 ? points[i * width + 1] : scatter(i) * 2 - 1;
    }
    if (this.target && this.target.every((value, i) => value === target[i])) return;
    const shown = this.data.axes.join();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches || shown !== this.shown
      || this.places.length !== target.length;
    this.shown = shown;
    this.isCollapsed = spreadOf(points, width) < COLLAPSED;
    this.from = still ? target : this.places.slice();
    this.spanFrom = still ? spanOf(target, this.isCollapsed) : this.span;
    this.target = target;
    this.spanTarget = spanOf(target, this.isCollapsed);
    this.began = performance.now() - (still ? GLIDE : 0);
    this.places = this.from.slice();
    cancelAnimationFrame(this.frame);
    this.glide();
  }

  glide() {
    const share = Math.min(1, (performance.now() - this.began) / GLIDE);
    const eased = share * share * (3 - 2 * share);
    for (let i = 0; i < this.places.length; i++) this.places[i] = this.from[i] + (this.target[i] - this.from[i]) * eased;
    this.span = this.spanFrom + (this.spanTarget - this.spanFrom) * eased;
    this.drawCloud();
    if (share < 1) this.frame = requestAnimationFrame(() => this.glide());
  }

  draw() {
    const style = getComputedStyle(this.element);
    this.ink = style.color;
    this.line = style.getPropertyValue('--line');
    this.paper = style.getPropertyValue('--paper');
    this.isDark = lightness(style.color) > 0.5;
    this.drawCloud();
    for (const kind of ['distortion', 'rate']) this.drawCurve(kind);
    this.drawPlane();
    drawPictures(this.originals, this.data.originals);
    drawPictures(this.copies, this.data.reconstructions);
  }

  drawCloud() {
    const [context, width, height] = sized(this.cloud);
    const { classes, axes } = this.data;
    const scale = Math.min(width, height) / 2 / this.span;
    const radius = Math.max(1.5, Math.min(3, 90 / Math.sqrt(this.places.length + 1)));
    if (axes.length > 1) this.drawPrior(context, width / 2, height / 2, scale);
    context.globalAlpha = 0.85;
    const count = this.places.length / 2;
    for (let i = 0; i < count; i++) {
      const k = classes ? classes[i] : -1;
      context.fillStyle = classColour(k, this.isDark);
      context.beginPath();
      traceShape(context, classShape(k), width / 2 + this.places[2 * i] * scale, height / 2 - this.places[2 * i + 1] * scale, radius);
      context.fill();
    }
    if (classes && !this.isCollapsed) this.drawNames(context, width, height, scale);
    const named = axes.map((axis) => `z${axis + 1}`).join(' and ');
    const isLate = this.data['step.step'].at(-1) > this.data.total / 20; // the start says nothing yet
    if (this.isCollapsed && isLate) {
      this.note.textContent = 'Nothing gets through: every picture is encoded alike. A smaller β lets more through.';
    } else this.note.textContent = count
      ? `${count.toLocaleString('en')} held-out pictures at their place in the latent space, ${named}${momentInWords(this.data)}`
      : 'Held-out pictures appear here as soon as training begins';
  }

  // Each class's name at the middle of its points, once classes part; one that would lie on another is left out.
  drawNames(context, width, height, scale) {
    const { labels = [], classes } = this.data;
    const { middles, share } = classMiddles(this.places, classes, labels.length);
    if (share < APART) return;
    context.font = `600 12px ${getComputedStyle(this.element).fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 3;
    context.lineJoin = 'round';
    context.globalAlpha = 1;
    const boxes = middles.map(({ k, x, y }) => {
      const name = labels[k].length > 16 ? `${labels[k].slice(0, 15)}…` : labels[k];
      const wide = context.measureText(name).width + 4;
      return { name, x: width / 2 + x * scale, y: height / 2 - y * scale, width: wide, height: 14 };
    });
    for (const { name, x, y } of apart(boxes)) {
      context.strokeStyle = this.paper;
      context.strokeText(name, x, y);
      context.fillStyle = this.ink;
      context.fillText(name, x, y);
    }
    context.textAlign = 'start';
    context.textBaseline = 'alphabetic';
  }

  // Where the prior lies: one and two standard deviations around the origin.
  drawPrior(context, x, y, scale) {
    context.strokeStyle = this.line;
    context.lineWidth = 1;
    for (const sigma of [1, 2]) {
      context.beginPath();
      context.arc(x, y, sigma * scale, 0, 2 * Math.PI);
      context.stroke();
    }
    context.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    context.fillStyle = this.ink;
    context.globalAlpha = 0.7;
    for (const sigma of [1, 2]) context.fillText(`${sigma}σ`, x + sigma * scale * 0.71 + 4, y - sigma * scale * 0.71 - 4);
  }

  drawCurve(kind) {
    const { canvas, value } = this.curves[kind];
    const [context, width, height] = sized(canvas);
    const rough = [this.data['step.step'], this.data[`step.${kind}`]];
    const held = [this.data['epoch.step'], this.data[`epoch.${kind}`]];
    const last = held[1].at(-1) ?? rough[1].at(-1);
    value.textContent = last === undefined ? '–' : `${last.toFixed(1)} nats`;
    canvas.setAttribute('aria-label', last === undefined ? kind : `${kind}, now ${last.toFixed(1)} nats`);
    const isRate = kind === 'rate';
    const ghost = this.data.ghost ? [this.data['ghost.epoch'], this.data[`ghost.${kind}`]] : [[], []];
    const epochs = this.data.epochs * (this.data.total ? this.reach / this.data.total : 1); // that are in sight
    const under = ghostWithin(...ghost, epochs);
    const [lowest, high] = rangeOf([...rough[1], ...held[1], ...under], last ?? under.at(-1), isRate ? 0.5 : 0);
    const low = isRate ? Math.max(lowest, -high / 12) : lowest; // there is no negative rate to make room for
    const [left, bottom] = [34, 16];
    const x = (step) => left + (step / Math.max(1, this.reach)) * (width - left - 4);
    const y = (nats) => 6 + (1 - (nats - low) / (high - low)) * (height - bottom - 10);
    this.drawFrame(context, width, height, { low, high, left, bottom, y, epochs });
    context.save();
    context.beginPath();
    context.rect(left, 0, width - left, height - bottom);
    context.clip();
    context.strokeStyle = getComputedStyle(canvas.parentElement.querySelector('figcaption')).color;
    drawGhost(context, ghost, (epoch) => left + (epoch / epochs) * (width - left - 4), y);
    trace(context, rough, x, y, 1.25, 0.45);
    trace(context, held, x, y, 2, 1);
    context.restore();
    const { steered = [] } = this.data;
    if (steered.length) canvas.ariaLabel += `; steered: ${steered.map(changeInWords).join('; ')}`;
    const { fontFamily: font } = getComputedStyle(this.element);
    const [beta, ink, paper] = [getComputedStyle(this.plane.value).color, this.ink, this.paper];
    drawSteered(context, steered, { x, left, right: width, top: 2, bottom: height - bottom, beta, ink, paper, font });
  }

  // A multi-rate model's rate-distortion curve as it forms.
  drawPlane() {
    const { curves = [], ranged = false } = this.data;
    const { figure, canvas, value } = this.plane;
    figure.hidden = !curves.length && !ranged; // one to come keeps its place
    this.key.textContent = keyInWords(this.data);
    if (!curves.length) return;
    const [first, last] = [curves.at(-1)[0][0], curves.at(-1).at(-1)[0]];
    value.textContent = `β ${first} to ${last}`;
    canvas.setAttribute('aria-label', planeInWords(curves.at(-1)));
    const inkOf = (node) => getComputedStyle(node).color; // canvases know no light-dark()
    const [distortion, rate] = ['distortion', 'rate'].map((name) => inkOf(this.curves[name].value));
    const { fontFamily: font } = getComputedStyle(this.element);
    drawForming(canvas, curves, { ink: this.ink, line: this.line, font, distortion, rate, beta: inkOf(value) });
  }

  drawFrame(context, width, height, { low, high, left, bottom, y, epochs }) {
    context.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    context.fillStyle = this.ink;
    context.strokeStyle = this.line;
    context.lineWidth = 1;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const tick of ticks(low, high)) {
      const at = Math.round(y(tick)) + 0.5;
      context.beginPath();
      context.moveTo(left, at);
      context.lineTo(width, at);
      context.stroke();
      context.globalAlpha = 0.7;
      context.fillText(tick.toLocaleString('en', { notation: tick < 10000 ? 'standard' : 'compact' }), left - 6, at);
      context.globalAlpha = 1;
    }
    context.globalAlpha = 0.7;
    context.textBaseline = 'bottom';
    if (this.data.total) context.fillText(epochs.toLocaleString('en', { maximumFractionDigits: this.reach < this.data.total && epochs > 10 ? 0 : 1 }), width - 4, height);
    context.textAlign = 'left';
    context.fillText('0', left, height);
    context.globalAlpha = 1;
  }
}
