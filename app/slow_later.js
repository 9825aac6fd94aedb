// Pictures of a step's later stages: the plane of codes, losses, gradients, the update.

// The batch's codes, and the followed picture's cloud, its middle and the point drawn from it.
function codePlane(report, k) {
  const { axes, mu } = report.cloud;
  const one = axes.length === 1;
  const sigmas = report.log_var[k].map((value) => Math.exp(value / 2));
  const own = (values) => [values[axes[0]], one ? 0 : values[axes[1]]];
  const [middle, drawn, wide] = [own(report.mu[k]), own(report.z[k]), own(sigmas)];
  const span = 1.15 * Math.max(2.2, largest([mu, middle, drawn]));
  const place = ([x, y]) => [200 + x / span * 200, 200 - y / span * 200];
  const plane = drawing(400, 400, 'Codes of the batch, the followed one in green');
  for (const ring of [1, 2]) plane.append(shape('circle', { class: 'ring', cx: 200, cy: 200, r: ring / span * 200 }));
  for (const [x, y] of mu) {
    const [cx, cy] = place([x, y ?? 0]);
    plane.append(shape('circle', { class: 'other', cx, cy, r: 3 }));
  }
  const [cx, cy] = place(middle);
  const [zx, zy] = place(drawn);
  if (report.noise) {
    for (const times of [2, 1]) {
      plane.append(shape('ellipse', { class: 'cloud', cx, cy, rx: times * wide[0] / span * 200, ry: one ? 4 : times * wide[1] / span * 200 }));
    }
    plane.append(shape('line', { class: 'jump', x1: cx, y1: cy, x2: zx, y2: zy }), shape('circle', { class: 'middle', cx, cy, r: 4 }));
  }
  plane.append(shape('circle', { class: 'point', cx: zx, cy: zy, r: 6 }));
  if (report.noise) plane.append(shape('text', { class: 'latent', x: cx - 8, y: cy - 8, 'text-anchor': 'end' }, 'μ'));
  plane.append(shape('text', { class: 'latent', x: zx + 9, y: zy + 5 }, 'z'));
  plane.append(shape('text', { x: 396, y: 216, 'text-anchor': 'end' }, `z${below(axes[0] + 1)}`));
  if (!one) plane.append(shape('text', { x: 206, y: 14 }, `z${below(axes[1] + 1)}`));
  return plane;
}

// Distortion and weighed rate of the pictures that are followed, and the sum.
function lossStage(report, k) {
  const isCapacity = report.kind === 'vae' && report.kl === 'capacity'; // whose pull weighs no single picture's rate
  const weighed = report.rate.map((rate, i) => (isCapacity ? rate : rate * report.betas[i]));
  const low = Math.min(0, ...report.distortion);
  const scale = 364 / (Math.max(...report.distortion, ...weighed, 0) - low || 1);
  const zero = 36 - low * scale;
  const bars = drawing(400, report.rate.length * 36, 'Distortion and weighed rate of each picture');
  report.rate.forEach((_, i) => {
    const row = shape('g', { class: i === k ? '' : 'quiet' });
    row.append(bar('distortion', report.distortion[i], zero, i * 36 + 4, 12, scale), bar('rate', weighed[i], zero, i * 36 + 17, 12, scale));
    row.append(shape('text', { x: 0, y: i * 36 + 21 }, String(i + 1)));
    bars.append(row);
  });
  const { distortion, rate, loss, beta } = report.means;
  const all = [`Means over the batch: {d:D} = ${fixed(distortion)}, {r:R} = ${fixed(rate)}, L = ${fixed(loss)} nats`];
  return { picture: titled(`{d:Distortion} and {r:${isCapacity ? 'rate' : 'weighed rate'}} of the pictures above, in nats`, node('div', 'wide', bars)), numbers: [ownLoss(report, k, beta), ...all] };
}

// The sum in numbers, as far as it is a sum for one picture.
function ownLoss(report, k, beta) {
  const [distortion, rate, own] = [report.distortion[k], report.rate[k], report.losses[k]];
  if (report.kind === 'ae') return `L = {d:${fixed(distortion)}}`;
  if (report.kl === 'capacity' && report.kind === 'vae') {
    return `γ = ${plainly(beta)}, C = ${fixed(report.capacity)} nats, against the batch's mean rate {r:${fixed(report.means.rate)}}`;
  }
  if (report.kl === 'free_bits' && report.kind === 'vae') return `{b:β} = {b:${plainly(beta)}}; groups are counted over the whole batch.`;
  const sum = `{d:${fixed(distortion)}} + {b:${plainly(report.betas[k])}} · {r:${fixed(rate)}}`;
  if (report.kind === 'multirate') return `(${sum}) / (1 + {b:${plainly(report.betas[k])}}){sup:¼} = ${fixed(own)} nats`;
  return `${sum} = ${fixed(own)} nats`;
}

// Back from the picture over the code to the weights.
function gradientStage(report, k) {
  const chosen = busiest(report.rates[k], ROWS);
  const rate = report.by_mu[k].map((value, d) => value - report.by_z[k][d]);
  const most = Math.max(largest([chosen.map((d) => report.by_z[k][d]), chosen.map((d) => rate[d])]), 1e-12);
  const pulls = drawing(240, chosen.length * 26 + 4, 'What pulls at the code', shape('line', { class: 'axis', x1: 130, x2: 130, y1: 0, y2: chosen.length * 26 }));
  chosen.forEach((d, row) => {
    pulls.append(shape('text', { x: 0, y: row * 26 + 18 }, `μ${below(d + 1)}`));
    pulls.append(bar('distortion', -report.by_z[k][d], 130, row * 26 + 3, 9, 100 / most));
    if (report.kind !== 'ae') pulls.append(bar('rate', -rate[d], 130, row * 26 + 13, 9, 100 / most));
  });
  const d = chosen.reduce((best, each) => (Math.abs(report.by_mu[k][each]) > Math.abs(report.by_mu[k][best]) ? each : best), chosen[0]);
  const split = report.kind === 'ae' ? '' : ` = {d:${brief(report.by_z[k][d])}} + {r:${brief(rate[d])}}`;
  const numbers = [`∂L/∂{z:μ}{sub:${d + 1}} = ${brief(report.by_mu[k][d])}${split}`];
  const { name, index, gradient } = report.one;
  numbers.push(`The largest of all weights', as a mean over the batch: ${brief(gradient)}, of ${name}[${index.join(', ')}]`);
  if (report.difference !== null) {
    const apart = report.difference ? ` to ${brief(report.difference)} of the largest` : '';
    numbers.push(`Checked: the gradients that the training loop took are the same${apart}.`);
  }
  return {
    picture: node('div', 'two',
      titled('∂L by what the decoder says: gold pixels should grow brighter, violet ones darker', signed('Gradient at the picture', report.by_output[k])),
      titled(`Where μ is pulled: by {d:distortion}${report.kind === 'ae' ? '' : ' and by {r:rate}'}`, node('div', 'wide', pulls))),
    numbers,
  };
}

// Weights of the first layer, their gradients, the change; one weight's way in numbers.
function updateStage(report) {
  const { filters, one, means, after } = report;
  const row = (caption, values, paint) => titled(caption, node('div', values.length > 4 ? 'weights' : 'weights four', ...values.map(paint)));
  const rowOf = (caption, values) => {
    const most = largest(values);
    return row(caption, values, (map) => signed(caption, map, most));
  };
  const first = report.encoder.length ? 'first layer' : 'only layer';
  return {
    picture: node('div', '',
      rowOf(`Weights of the encoder's ${first}, those with most gradient`, filters.before),
      rowOf('Their gradients, brighter for show', filters.gradient),
      rowOf('What this step adds to them, brighter for show', filters.change)),
    numbers: [
      `${one.name}[${one.index.join(', ')}]: gradient ${brief(one.gradient)}; on average m̂ = ${brief(one.m)}, √v̂ = ${brief(one.v)}`,
      `${fixed(one.before, 5)} − ${brief(report.lr)} · ${factor(brief(one.m))} / ${brief(one.v)} = ${fixed(one.after, 5)}`,
      `The batch before: ${fixed(means.loss)} nats, after: ${fixed(after.loss)} nats`,
      ...(report.clip ? [`Gradients are clipped to a length of ${brief(report.clip)}.`] : []),
      ...(report.decay ? [`Weights shrink by lr · ${brief(report.decay)} as well.`] : []),
    ],
  };
}
