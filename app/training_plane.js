// The rate-distortion curve of a multi-rate model as it forms: the newest over fainter earlier ones. Each is a list of
// [beta, distortion, rate] with beta ascending.

const PLANE_EDGE = { left: 40, right: 12, top: 10, bottom: 32 };

// What the plane covers: the newest curve whole, of earlier ones what lies within half its size of it.
function planeRanges(curves) {
  const newest = curves.at(-1);
  return [2, 1].map((place) => {
    const own = newest.map((point) => point[place]);
    const room = Math.max(Math.max(...own) - Math.min(...own), 1) / 2;
    const near = curves.flat().map((point) => point[place])
      .filter((value) => value >= Math.min(...own) - room && value <= Math.max(...own) + room);
    const [low, high] = [Math.min(...near), Math.max(...near)];
    const margin = Math.max((high - low) * 0.08, 0.05);
    return [place === 2 ? Math.max(0, low - margin) : low - margin, high + margin];
  });
}

function planeInWords(curve) {
  const points = curve.map(([beta, distortion, rate]) => `${distortion.toFixed(1)} and ${rate.toFixed(1)} nats at beta ${beta}`);
  return `Distortion and rate: ${points.join(', ')}`;
}

function drawForming(canvas, curves, { ink, line, distortion, rate, beta, font }) {
  const [context, width, height] = sized(canvas);
  const [rates, distortions] = planeRanges(curves);
  const { left, right, top, bottom } = PLANE_EDGE;
  const x = (nats) => left + (nats - rates[0]) / (rates[1] - rates[0]) * (width - left - right);
  const y = (nats) => top + (1 - (nats - distortions[0]) / (distortions[1] - distortions[0])) * (height - top - bottom);
  context.font = `11px ${font}`;
  drawPlaneTicks(context, { width, height, x, y, rates, distortions, ink, line });
  context.textBaseline = 'top';
  context.fillStyle = distortion;
  context.fillText('↑ distortion, nats', left + 6, 0);
  context.fillStyle = rate;
  context.textAlign = 'right';
  context.fillText('rate, nats →', width - right, height - 12);
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, height - bottom + 1);
  context.clip();
  context.strokeStyle = ink;
  curves.forEach((curve, age) => {
    const isNewest = age === curves.length - 1;
    const strength = isNewest ? 1 : 0.08 + 0.27 * (age + 1) / curves.length;
    trace(context, [curve.map((point) => point[2]), curve.map((point) => point[1])], x, y, isNewest ? 2 : 1.25, strength);
  });
  context.restore();
  markBetas(context, curves.at(-1), { x, y, beta, width });
}

// Dots of the newest curve, with beta at its ends.
function markBetas(context, curve, { x, y, beta, width }) {
  context.fillStyle = beta;
  context.textBaseline = 'bottom';
  curve.forEach(([value, distortion, rate], k) => {
    context.beginPath();
    context.arc(x(rate), y(distortion), 3, 0, 2 * Math.PI);
    context.fill();
    if (k > 0 && k < curve.length - 1) return;
    const isRight = x(rate) > width - 60;
    context.textAlign = isRight ? 'right' : 'left';
    context.fillText(`β ${value}`, x(rate) + (isRight ? 4 : 7), y(distortion) - (isRight ? 6 : 2));
  });
  context.textAlign = 'start';
  context.textBaseline = 'alphabetic';
}

function drawPlaneTicks(context, { width, height, x, y, rates, distortions, ink, line }) {
  const { left, right, top, bottom } = PLANE_EDGE;
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of ticks(...distortions)) {
    context.moveTo(left, Math.round(y(tick)) + 0.5);
    context.lineTo(width - right, Math.round(y(tick)) + 0.5);
  }
  for (const tick of ticks(...rates)) {
    context.moveTo(Math.round(x(tick)) + 0.5, top);
    context.lineTo(Math.round(x(tick)) + 0.5, height - bottom);
  }
  context.stroke();
  context.fillStyle = ink;
  context.globalAlpha = 0.7;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const tick of ticks(...distortions)) context.fillText(tick.toLocaleString('en'), left - 6, y(tick));
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const tick of ticks(...rates)) context.fillText(tick.toLocaleString('en'), x(tick), height - bottom + 4);
  context.textAlign = 'left';
  context.globalAlpha = 1;
}
