// What a reconstruction makes of its original, pixel by pixel. Pictures are C * H * W values, channel by channel.

const FULL_COLOUR = 0.5; // difference that is drawn in full colour, of pixel values in [0, 1]
const ABOVE = [[213, 94, 0], [230, 159, 0]]; // on light and on dark paper: Okabe and Ito's vermilion and orange,
const UNDER = [[0, 114, 178], [86, 180, 233]]; // their two blues

// Each side `factor` times smaller: means of squares of pixels, fewer at the far edges.
export function poolPixels(values, [channels, height, width], factor) {
  const [rows, columns] = [Math.ceil(height / factor), Math.ceil(width / factor)];
  const sums = new Float32Array(channels * rows * columns);
  const counts = new Float32Array(sums.length);
  for (let at = 0; at < values.length; at++) {
    const x = Math.floor(at % width / factor);
    const y = Math.floor(Math.floor(at / width) % height / factor);
    const to = (Math.floor(at / (height * width)) * rows + y) * columns + x;
    sums[to] += values[at];
    counts[to]++;
  }
  return sums.map((sum, at) => sum / counts[at]);
}

// The mean of the squared differences of two pictures, a pixel value.
export function meanSquare(a, b) {
  return a.reduce((sum, value, at) => sum + (value - b[at]) ** 2, 0) / a.length;
}

// How much brighter than the original the reconstruction is in each pixel, channels averaged: H * W values.
export function brightening(original, reconstruction, [channels, height, width]) {
  const size = height * width;
  const mean = at => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += reconstruction[c * size + at] - original[c * size + at];
    return sum / channels;
  };
  return Float32Array.from({length: size}, (_, at) => mean(at));
}

// As RGBA: the stronger the colour, the larger the difference.
export function writeDifference(values, isDark, target) {
  values.forEach((value, at) => {
    const colour = (value > 0 ? ABOVE : UNDER)[Number(isDark)];
    target.set([...colour, 255 * Math.min(1, Math.abs(value) / FULL_COLOUR)], 4 * at);
  });
}

// The same colours from darker to brighter, for a legend.
export function differenceGradient(isDark) {
  const name = ([red, green, blue], opacity) => `rgb(${red} ${green} ${blue} / ${opacity})`;
  const [low, high] = [UNDER, ABOVE].map(colours => colours[Number(isDark)]);
  return `linear-gradient(to right, ${name(low, 1)}, ${name(low, 0)}, ${name(high, 0)}, ${name(high, 1)})`;
}
