// The picture and the real numbers of each stage of a step: (report, k) -> {picture, numbers}, k being the picture
// of the batch that is followed. Numbers are lines of marked words.

const ROWS = 8; // dimensions that are drawn, those of the highest rate
const SHOWN = 4; // that are written out

const stagePictures = {
  pictures(report, k) {
    const [channels, height, width] = report.shape;
    const values = report.x[k].flat(Infinity);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      picture: node('div', 'hero', photo('The picture that is followed', report.x[k])),
      numbers: [
        report.held_out ? 'Pictures of the test split.' : `Step ${whole(report.step)} of ${whole(report.steps)}; ${whole(report.epoch_steps)} are an epoch.`,
        `${channels > 1 ? `${channels} colours × ` : ''}${height} × ${width} pixels; their mean is ${fixed(mean)}.`,
      ],
    };
  },

  encode(report, k) {
    const parts = [titled('{x:x}', photo('x', report.x[k])), ...hiddenLayers(report.encoder, k)];
    const codes = node('div', 'pair', codeBars('{z:μ}', report.mu[k], report.rates[k]));
    if (report.kind !== 'ae') codes.append(codeBars('{z:log σ}{sup:2}', report.log_var[k], report.rates[k]));
    parts.push(arrow(), codes);
    return { picture: flow(parts), numbers: [valuesOf('{z:μ', report.mu[k], report.rates[k])] };
  },

  spread(report, k) {
    const chosen = busiest(report.rates[k], ROWS);
    const isAe = report.kind === 'ae';
    const sigmas = report.log_var[k].map((value) => Math.exp(value / 2));
    const rows = chosen.map((d) => {
      const curve = drawing(240, 56, `Dimension ${d + 1}`, shape('path', { class: 'prior', d: bellPath(0, 1, 240, 50, 44) }));
      if (!isAe) curve.append(shape('path', { class: 'posterior', d: bellPath(report.mu[k][d], sigmas[d], 240, 50, 44) }));
      const x = (report.mu[k][d] + 4) * 30;
      curve.append(shape('line', { class: 'mean', x1: x, x2: x, y1: 4, y2: 52 }));
      const said = isAe ? `{z:μ} ${fixed(report.mu[k][d])}` : `{z:μ} ${fixed(report.mu[k][d])}  {z:σ} ${fixed(sigmas[d])}`;
      return titled(`{z:z}{sub:${d + 1}}  ${said}`, curve);
    });
    const numbers = isAe ? [] : [valuesOf('{z:σ', sigmas, report.rates[k])];
    return { picture: node('div', 'bells', ...rows), numbers: [valuesOf('{z:μ', report.mu[k], report.rates[k]), ...numbers, rest(report, chosen)] };
  },

  noise(report, k) {
    const dice = drawing(480, 220, 'Draws from the standard normal distribution', shape('path', { class: 'prior', d: bellPath(0, 1, 480, 180, 160) }));
    if (!report.noise) return { picture: node('div', 'wide', dice), numbers: ['No number is drawn.'] };
    const chosen = busiest(report.rates[k], 2 * ROWS);
    for (const d of chosen) {
      const [x, y] = [(report.noise[k][d] + 4) * 60, 180 - 160 * bell(report.noise[k][d])];
      dice.append(shape('line', { class: 'stem', x1: x, x2: x, y1: 180, y2: y }), shape('circle', { class: 'draw', cx: x, cy: y, r: 5 }));
    }
    for (const value of [-2, 0, 2]) dice.append(shape('text', { x: (value + 4) * 60, y: 204, 'text-anchor': 'middle' }, fixed(value, 0)));
    return { picture: node('div', 'wide', dice), numbers: [valuesOf('ε', report.noise[k], report.rates[k]), rest(report, chosen)] };
  },

  code(report, k) {
    const numbers = busiest(report.rates[k], SHOWN).map((d) => {
      const at = `{sub:${d + 1}}`;
      if (!report.noise) return `{z:z}${at} = {z:μ}${at} = ${fixed(report.z[k][d])}`;
      const sigma = Math.exp(report.log_var[k][d] / 2);
      return `{z:z}${at} = ${fixed(report.mu[k][d])} + ${fixed(sigma, 3)} · ${factor(fixed(report.noise[k][d]))} = ${fixed(report.z[k][d])}`;
    });
    return { picture: node('div', 'square', codePlane(report, k)), numbers };
  },

  decode(report, k) {
    const parts = [codeBars('{z:z}', report.z[k], report.rates[k]), ...hiddenLayers(report.decoder, k), arrow()];
    parts.push(titled('{x:x̂}', photo('x̂', report.mean[k])), titled('{x:x}, to compare', photo('x', report.x[k])));
    return { picture: flow(parts), numbers: [valuesOf('{z:z', report.z[k], report.rates[k])] };
  },

  distortion(report, k) {
    const [, height, width] = report.shape;
    const all = report.nats[k].flat();
    const worst = all.indexOf(Math.max(...all));
    const [y, x] = [Math.floor(worst / width), worst % width];
    const read = node('p', 'read');
    const map = heat('Distortion of each pixel', report.nats[k]);
    const tell = (row, column) => read.replaceChildren(marked(pixelSaid(report, k, row, column)));
    map.addEventListener('pointermove', (event) => {
      const box = map.getBoundingClientRect();
      const place = (at, size, count) => Math.max(0, Math.min(count - 1, Math.floor(at / size * count)));
      tell(place(event.clientY - box.top, box.height, height), place(event.clientX - box.left, box.width, width));
    });
    map.addEventListener('pointerleave', () => tell(y, x));
    tell(y, x);
    const three = [titled('{x:x}', photo('x', report.x[k])), titled('{x:x̂}', photo('x̂', report.mean[k])), titled('{d:nats}', map)];
    return {
      picture: node('div', '', node('div', 'three', ...three), read),
      numbers: [
        `All ${whole(height * width)} ${report.shape[0] > 1 ? 'pixels, colours together' : 'pixels'}: {d:D} = ${fixed(report.distortion[k], 1)} nats`,
        `Mean over the batch: {d:${fixed(report.means.distortion, 1)}} nats`,
      ],
    };
  },

  rate(report, k) {
    const chosen = busiest(report.rates[k], 3 * ROWS);
    const most = Math.max(...report.rates[k], 0.1);
    const thick = chosen.length > ROWS ? 14 : 24;
    const bars = drawing(400, chosen.length * thick + 8, 'Rate of each dimension');
    chosen.forEach((d, row) => {
      const y = 4 + row * thick;
      bars.append(bar('rate', report.rates[k][d], 40, y + 2, thick - 5, 290 / most), shape('text', { x: 0, y: y + thick - 5 }, `z${below(d + 1)}`));
      bars.append(shape('text', { x: 46 + report.rates[k][d] * 290 / most, y: y + thick - 5 }, fixed(report.rates[k][d])));
    });
    return {
      picture: node('div', 'wide', bars),
      numbers: [`Together: {r:R} = ${fixed(report.rate[k])} nats`, `Mean over the batch: {r:${fixed(report.means.rate)}} nats`, rest(report, chosen)],
    };
  },

  loss: (report, k) => lossStage(report, k),
  gradients: (report, k) => gradientStage(report, k),
  update: (report) => updateStage(report),
};

function pixelSaid(report, k, row, column) {
  const of = (values) => values.map((plane) => fixed(plane[row][column])).join(' ');
  return `Row ${row + 1}, column ${column + 1}: {x:x} ${of(report.x[k])}, {x:x̂} ${of(report.mean[k])}, {d:${fixed(report.nats[k][row][column])} nats}`;
}

// "μ₁ = 0.83, μ₄ = −1.20": of the dimensions that say most; `name` is marked, its mark left open or none.
function valuesOf(name, values, rates) {
  const end = name.includes('{') ? '}' : '';
  return busiest(rates, SHOWN).map((d) => `${name}${end}{sub:${d + 1}} = ${fixed(values[d])}`).join(',  ');
}

function rest(report, chosen) {
  const more = report.rates[0].length - chosen.length;
  return more > 0 ? `${more} dimensions with a lower rate are left out.` : '';
}

// The hidden layers of a net with arrows before them: cells of units, or small maps.
function hiddenLayers(layers, k) {
  return layers.flatMap(({ shape: size, values }) => {
    const own = values[k];
    const most = largest(own);
    if (size.length === 1) return [arrow(), titled(`${whole(size[0])} units`, node('div', 'units', ...own.map((value) => cell(value, most))))];
    const maps = own.map((map) => signed('A map of a hidden layer', map, most));
    return [arrow(), titled(`${size[0]} maps, ${size[1]} × ${size[2]}`, node('div', 'maps', ...maps))];
  });
}

// From left to right; many parts are drawn smaller.
function flow(parts) {
  return node('div', parts.length > 8 ? 'flow many' : 'flow', ...parts);
}

function cell(value, most) {
  const made = node('i');
  const [red, green, blue, alpha] = shade(value, most);
  made.style.background = `rgb(${red} ${green} ${blue} / ${(alpha / 255).toFixed(2)})`;
  return made;
}

// Bars of codes, right above 0 and left below.
function codeBars(caption, values, rates) {
  const chosen = busiest(rates, 2 * ROWS);
  const most = Math.max(largest(values), 1);
  const high = Math.min(16, 112 / chosen.length);
  const tall = chosen.length * high + 8;
  const bars = drawing(72, tall, caption.replace(/[{}]/g, ''), shape('line', { class: 'axis', x1: 36, x2: 36, y1: 0, y2: tall }));
  chosen.forEach((d, row) => bars.append(bar('latent', values[d], 36, 4 + row * high, high - 2, 34 / most)));
  return titled(caption, node('div', 'bars', bars));
}
