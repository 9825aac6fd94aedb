// A normal distribution of codes, as a linear map shows it.

// [[xx, xy], [xy, yy]] of jacobian diag(variance) jacobian^T, as [xx, xy, yy].
export function covarianceOnMap([across, up], variance) {
  const sum = (a, b) => variance.reduce((total, value, d) => total + a[d] * value * b[d], 0);
  return [sum(across, across), sum(across, up), sum(up, up)];
}

// Half axes of the ellipse at one standard deviation and the angle of the longer one to the horizontal axis,
// counter-clockwise in radians.
export function ellipseOf([xx, xy, yy]) {
  const middle = (xx + yy) / 2;
  const reach = Math.hypot((xx - yy) / 2, xy);
  const minor = Math.sqrt(Math.max(0, middle - reach));
  return {major: Math.sqrt(middle + reach), minor, angle: Math.atan2(2 * xy, xx - yy) / 2};
}

const THINNEST = 5; // CSS pixels of a half axis where the map has one dimension

// The ellipses of a normal distribution of codes at one and two standard deviations around `place` [x, y] of a linear
// chart; `variance` of each dimension.
export function drawSpread(context, {projection: {px, py, scale}, theme}, {jacobian}, place, variance) {
  const {major, minor, angle} = ellipseOf(covarianceOnMap(jacobian, variance));
  const thinnest = variance.length === 1 ? THINNEST : 0;
  for (const k of [2, 1]) {
    const shape = () => context.ellipse(px(place[0]), py(place[1]), k * major * scale, Math.max(thinnest, k * minor * scale), -angle, 0, 2 * Math.PI);
    traceTwice(context, [theme.paper, theme.latent], shape, 3 - k);
  }
}

// Twice, the wider one as a halo.
export function traceTwice(context, [halo, ink], shape, width) {
  for (const [colour, line] of [[halo, width + 2], [ink, width]]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    shape();
    context.stroke();
  }
}
