// Decodes many pictures a few at a time, so that no frame waits for them.

const AIM = 3; // milliseconds of a slice, so that it stays below four
const HEAVY = 8; // milliseconds after which a slice is followed by as long a pause: a hand may want the processor

// {work(decoder, cells)}: takes the next few off `cells` ([{z, put(values)}]), decodes them, hands each its values
// (good until put returns), and says whether there are more.
export function createSlices() {
  let batch = 1;
  let resumeAt = 0;
  return {
    work(decoder, cells) {
      const start = performance.now();
      if (!cells.length || start < resumeAt) return cells.length > 0;
      const part = cells.splice(0, batch);
      const values = decoder.decode(Float32Array.from(part.flatMap(cell => cell.z)));
      part.forEach((cell, n) => cell.put(values.subarray(n * decoder.size, (n + 1) * decoder.size)));
      const now = performance.now();
      const took = now - start;
      batch = Math.max(1, Math.min(2 * batch, Math.floor(batch * AIM / Math.max(0.1, took))));
      if (took > HEAVY) resumeAt = now + took;
      return cells.length > 0;
    },
  };
}
