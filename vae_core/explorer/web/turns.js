// One decoder for everyone who wants pictures. Where it is slow they are made in slices of milliseconds, one picture
// at a time, so that no frame waits for them.

const QUICK = 6; // milliseconds a picture, at which it may as well be made in one go
const REMEMBERED = 5; // pictures whose median that is
const REFUSALS = 20; // refusals, a few frames of them, after which whoever no longer asks has lost the turn

// The decoder of engine.js with
//
//   isQuick()  whether a picture takes next to no time, judged by the last few
//   make(who, z, milliseconds, isFirst) -> its values (good until the next call), or null: it is under way, or someone
//              else's is; ask again in the next frame, with the same array z. Whoever `isFirst` need not wait.
export function createTurns(decoder) {
  const costs = [];
  let turn = null; // {who, z, job, cost, refused: how often others were since it last asked}

  function make(who, z, milliseconds, isFirst = false) {
    if (turn && turn.who !== who && !isFirst && (turn.refused += 1) < REFUSALS) return null;
    const start = performance.now();
    if (turn?.who !== who || turn.z !== z) turn = {who, z, job: decoder.start(Float32Array.from(z)), cost: 0};
    const values = turn.job.advance(milliseconds);
    turn.refused = 0;
    turn.cost += performance.now() - start;
    if (!values) return null;
    costs.push(turn.cost);
    if (costs.length > REMEMBERED) costs.shift();
    turn = null;
    return values;
  }

  const isQuick = () => costs.length > 0 && costs.slice().sort((a, b) => a - b)[costs.length >> 1] < QUICK;
  return {...decoder, isQuick, make, get member() { return decoder.member; }};
}
