// A step in slow motion: one stage at a time, from the bytes that slow.py sends: {report, stages}.

const shownSteps = new WeakMap();
const leftAt = new Map(); // by run: the stage and the picture that were looked at last

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector('.slow');
  let view = shownSteps.get(element);
  if (!view) shownSteps.set(element, view = new SlowView(element));
  view.show(JSON.parse(new TextDecoder().decode(data)));
}

// The sign for filling the screen.
function corners() {
  return shape('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, shape('path', { d: 'M1 5V1h4M11 1h4v4M15 11v4h-4M5 15H1v-4' }));
}

class SlowView {
  constructor(element) {
    this.element = element;
    element.tabIndex = 0;
    element.addEventListener('keydown', (event) => this.key(event));
  }

  show({ report, stages }) {
    Object.assign(this, { report, stages });
    const left = leftAt.get(report.run) ?? { stage: 0, picture: 0 };
    this.stage = Math.min(left.stage, stages.length - 1);
    this.picture = Math.min(left.picture, report.x.length - 1);
    this.build();
    this.draw();
  }

  build() {
    this.steps = this.stages.map(({ title }, k) => this.button('', '', () => this.go(k), node('b', '', String(k + 1)), node('span', '', title)));
    this.back = this.button('move', 'Step back', () => this.go(this.stage - 1), '‹');
    this.next = this.button('move', 'Step forward', () => this.go(this.stage + 1), '›');
    this.full = this.button('move full', 'Fill the screen', () => this.fill(), corners());
    this.full.hidden = !this.element.requestFullscreen;
    this.chosen = this.report.x.map((values, k) => this.button('', `Follow picture ${k + 1}`, () => this.follow(k), photo('', values)));
    this.title = node('h3');
    this.title.setAttribute('aria-live', 'polite');
    this.stagePlace = node('div', 'picture');
    this.words = node('div', 'words');
    const list = node('nav', 'stages', ...this.steps);
    list.setAttribute('aria-label', 'Stages of the step');
    const thumbs = node('div', 'thumbs', node('span', '', 'Follow'), ...this.chosen);
    this.element.replaceChildren(
      list,
      node('div', 'head', this.back, this.next, this.title, this.full),
      node('div', 'stage', node('div', 'left', thumbs, this.stagePlace), this.words),
    );
  }

  button(name, label, action, ...children) {
    const made = node('button', name, ...children);
    made.type = 'button';
    if (label) made.setAttribute('aria-label', label);
    if (label) made.title = label;
    made.addEventListener('click', action);
    return made;
  }

  go(stage) {
    this.stage = Math.max(0, Math.min(this.stages.length - 1, stage));
    this.draw();
  }

  follow(picture) {
    this.picture = picture;
    this.draw();
  }

  key(event) {
    const moves = { ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1 };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in moves) this.go(this.stage + moves[event.key]);
    else if (event.key === 'Home') this.go(0);
    else if (event.key === 'End') this.go(this.stages.length - 1);
    else if (/^[1-8]$/.test(event.key) && this.report.x[event.key - 1]) this.follow(event.key - 1);
    else return;
    event.preventDefault();
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.element.requestFullscreen();
  }

  draw() {
    const { report, stage, picture } = this;
    leftAt.set(report.run, { stage, picture });
    const { id, title, text, formula } = this.stages[stage];
    const { picture: drawn, numbers } = stagePictures[id](report, picture);
    this.steps.forEach((button, k) => {
      if (k === stage) button.setAttribute('aria-current', 'step');
      else button.removeAttribute('aria-current');
    });
    this.chosen.forEach((button, k) => button.setAttribute('aria-pressed', String(k === picture)));
    this.back.disabled = stage === 0;
    this.next.disabled = stage === this.stages.length - 1;
    this.title.textContent = `${stage + 1} of ${this.stages.length} · ${title}`;
    this.stagePlace.replaceChildren(drawn);
    this.words.replaceChildren(
      marked(text, 'p'),
      node('div', 'formula', ...formula.split('\n').map((line) => marked(line, 'div'))),
      node('ul', 'numbers', ...numbers.filter(Boolean).map((line) => marked(line, 'li'))),
      ...this.code(id),
    );
    this.steps[stage].parentElement.scrollTo?.({ left: this.steps[stage].offsetLeft - 40 });
  }

  // The lines of our code that do it.
  code(id) {
    const lines = this.report.lines[id];
    if (!lines.length) return [];
    const shown = lines.map(({ file, number, text }) => node('div', 'code', node('span', 'where', `${file}, line ${number}`), node('pre', '', node('code', '', text))));
    return [node('div', 'lines', ...shown)];
  }
}
