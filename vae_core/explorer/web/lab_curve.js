// The measured rate-distortion curve of a run, and what can be said along it. Pure functions; rates and distortions in
// nats per example, the dial in log beta.

const LEAST_RATE = 1e-4; // nats an e-fold of beta, below which a curve stands still and has no slope

// A cubic through the points (x, y), x ascending, that rises and falls only where they do (Fritsch and Carlson, 1980;
// tangents are the weighted harmonic means of Fritsch and Butland, 1984): {value(x), slope(x)}, constant beyond the ends.
export function pchip(x, y) {
  const tangents = pchipTangents(x, y);
  const place = at => {
    let k = 0;
    while (k < x.length - 2 && at > x[k + 1]) k += 1;
    const width = x[k + 1] - x[k];
    return {k, width, t: Math.min(1, Math.max(0, (at - x[k]) / width))};
  };
  return {
    value(at) {
      if (x.length === 1) return y[0];
      const {k, width, t} = place(at);
      const [u, v] = [1 - t, t];
      return u * u * (1 + 2 * t) * y[k] + v * v * (3 - 2 * t) * y[k + 1] + width * u * v * (u * tangents[k] - v * tangents[k + 1]);
    },
    slope(at) {
      if (x.length === 1) return 0;
      const {k, width, t} = place(at);
      const mean = (y[k + 1] - y[k]) / width;
      return 6 * t * (1 - t) * mean + (1 - t) * (1 - 3 * t) * tangents[k] + t * (3 * t - 2) * tangents[k + 1];
    },
  };
}

function pchipTangents(x, y) {
  const last = x.length - 1;
  const widths = x.slice(1).map((at, k) => at - x[k]);
  const means = widths.map((width, k) => (y[k + 1] - y[k]) / width);
  if (last < 2) return x.map(() => means[0] ?? 0);
  const inner = k => {
    const [before, after] = [means[k - 1], means[k]];
    if (before * after <= 0) return 0;
    const [left, right] = [2 * widths[k] + widths[k - 1], widths[k] + 2 * widths[k - 1]];
    return (left + right) / (left / before + right / after);
  };
  const outer = (near, far) => {
    const tangent = ((2 * widths[near] + widths[far]) * means[near] - widths[near] * means[far]) / (widths[near] + widths[far]);
    if (tangent * means[near] <= 0) return 0;
    return means[near] * means[far] <= 0 && Math.abs(tangent) > 3 * Math.abs(means[near]) ? 3 * means[near] : tangent;
  };
  return x.map((_, k) => (k === 0 ? outer(0, 1) : k === last ? outer(last - 1, last - 2) : inner(k)));
}

// The rows of a report's curve that can be shown, by ascending beta, one for each beta.
export function curveRows(given) {
  const isSound = row => row && row.beta > 0 && [row.beta, row.rate, row.distortion].every(Number.isFinite);
  const rows = (Array.isArray(given) ? given : []).filter(isSound).sort((a, b) => a.beta - b.beta);
  return rows.filter((row, k) => k === 0 || row.beta > rows[k - 1].beta);
}

// {rows, low, high (log beta), at(logBeta) -> {rate, distortion}, slope(logBeta), figure(key, logBeta)} of sound rows;
// null without any. slope is dD/dR along the curve, null where it stands still. figure interpolates any other number of
// the rows, null where one is missing.
export function readCurve(given) {
  const rows = curveRows(given);
  if (!rows.length) return null;
  const logs = rows.map(row => Math.log(row.beta));
  const along = key => pchip(logs, rows.map(row => row[key]));
  const [rate, distortion] = [along('rate'), along('distortion')];
  const others = new Map();
  const figure = (key, logBeta) => {
    if (!others.has(key)) others.set(key, rows.every(row => Number.isFinite(row[key])) ? along(key) : null);
    return others.get(key)?.value(logBeta) ?? null;
  };
  return {
    rows,
    low: logs[0],
    high: logs.at(-1),
    figure,
    at: logBeta => ({rate: rate.value(logBeta), distortion: distortion.value(logBeta)}),
    slope(logBeta) {
      const run = rate.slope(logBeta);
      return Math.abs(run) < LEAST_RATE ? null : distortion.slope(logBeta) / run;
    },
  };
}

// [{logBeta, rate, distortion}] evenly along the dial.
export function sampleCurve(curve, count) {
  return Array.from({length: count}, (_, k) => {
    const logBeta = curve.low + (curve.high - curve.low) * k / Math.max(1, count - 1);
    return {logBeta, ...curve.at(logBeta)};
  });
}

// The place on a path of [{x, y, logBeta}] nearest to (atX, atY): {logBeta, away}. Between its points it is straight.
export function nearestOnPath(path, atX, atY) {
  let best = {logBeta: path[0].logBeta, away: Math.hypot(path[0].x - atX, path[0].y - atY)};
  for (let k = 1; k < path.length; k++) {
    const [from, to] = [path[k - 1], path[k]];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    const t = length ? Math.min(1, Math.max(0, ((atX - from.x) * dx + (atY - from.y) * dy) / length)) : 0;
    const away = Math.hypot(from.x + t * dx - atX, from.y + t * dy - atY);
    if (away < best.away) best = {logBeta: from.logBeta + t * (to.logBeta - from.logBeta), away};
  }
  return best;
}

// What part of the plane to show, {left, right, bottom, top} in nats: everything in `points` ([{rate, distortion}]) with
// room at the sides, the rate from 0 unless `isNear`.
export function planeWindow(points, isNear = false) {
  const spanOf = (values, share, least) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(share * (high - low), least);
    return [low - room, high + room];
  };
  const [left, right] = spanOf(points.map(point => point.rate), 0.08, 0.1);
  const [bottom, top] = spanOf(points.map(point => point.distortion), 0.1, 0.1);
  return {left: isNear ? Math.max(-0.02 * right, left) : -0.02 * right, right, bottom, top};
}

// The ends of the rows' error bars, two standard errors, so far as they leave the curve most of the room.
export function withErrors(rows) {
  const values = rows.map(row => row.distortion);
  const most = (Math.max(...values) - Math.min(...values)) / 4;
  return rows.flatMap(({rate, distortion, distortion_se: error = 0}) => {
    const away = Math.min(2 * (error || 0), most);
    return [-away, away].map(off => ({rate, distortion: distortion + off}));
  });
}

// Round values between low and high (exclusive of neither), `step` apart.
export function roundValues(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: Math.max(0, count)}, (_, k) => (first + k) * step);
}
