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
