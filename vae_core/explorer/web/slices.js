// Decodes many pictures a few at a time, so that no frame waits for them.

const AIM = 3; // milliseconds of a slice, so that it stays below four
const PATIENCE = 8; // milliseconds of a slice where a picture takes several: there is time, no hand is at work

// {work(decoder of turns.js, cells)}: takes the next few off `cells` ([{z, put(values)}]), decodes them, hands each its
// values (good until put returns), and says whether there are more.
export function createSlices() {
  let batch = 1;
  const slices = {work: (decoder, cells) => {
    if (!cells.length) return false;
    if (decoder.isQuick()) makeSome(decoder, cells);
    else makeOne(decoder, cells);
    return cells.length > 0;
  }};

  function makeSome(decoder, cells) {
    const start = performance.now();
    const part = cells.splice(0, batch);
    const values = decoder.decode(Float32Array.from(part.flatMap(cell => cell.z)));
    part.forEach((cell, n) => cell.put(values.subarray(n * decoder.size, (n + 1) * decoder.size)));
    const took = performance.now() - start;
    batch = Math.max(1, Math.min(2 * batch, Math.floor(batch * AIM / Math.max(0.1, took))));
  }

  function makeOne(decoder, cells) {
    const values = decoder.make(slices, cells[0].z, PATIENCE);
    if (values) cells.shift().put(values);
  }
  return slices;
}
