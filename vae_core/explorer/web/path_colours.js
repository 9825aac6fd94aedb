// Cividis (Nuñez, Anderton and Renslow, 2018), ten even stops: support, from none (dark blue) to full (yellow). It reads
// alike with every kind of colour vision.

const CIVIDIS = [
  [0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 156, 116],
  [195, 179, 105], [225, 204, 85], [254, 232, 56],
];

export function cividis(share) {
  const place = Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1);
  const k = Math.min(CIVIDIS.length - 2, Math.floor(place));
  const mix = CIVIDIS[k].map((value, c) => Math.round(value + (place - k) * (CIVIDIS[k + 1][c] - value)));
  return `rgb(${mix.join(' ')})`;
}
