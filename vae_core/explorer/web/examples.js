// What single examples are called, and their codes. `row` is an example's place among the points.

export function createExamples({tensors}, {mu, label, latent}, names) {
  const numberOf = row => `example ${tensors['points.index'].data[row]}`;
  const nameOfRow = row => names[label[row]] ?? numberOf(row);
  return {
    codeOf: row => Array.from(mu.subarray(row * latent, (row + 1) * latent)),
    numberOf, // "example 17"
    nameOfRow, // "Sneaker", or its number where it has no label
    titleOf: row => [...new Set([nameOfRow(row), numberOf(row)])].join(', '), // "Sneaker, example 17"
  };
}
