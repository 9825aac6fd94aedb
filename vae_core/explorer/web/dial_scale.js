// Where betas stand on a logarithmic dial, which ones its scale names, and what a person may type. Pure functions.

const DIAL_DECADE_STEPS = 40; // of an arrow key
const DIAL_ROUND_STEPS = [1, 2, 5];
const DIAL_LABEL_ROOM = 36; // CSS pixels that a number of the scale takes
const DIAL_EVEN = 1e-9; // in log beta: two betas this close are one

// {share(beta) -> 0 to 1, beta(share), hold(beta) -> within the range, step(beta, count), leap(beta, direction)}.
// step() goes so many arrow keys' way, leap() to the next of 1, 2, 5 times a power of ten.
export function dialScale({low, high}) {
  const [first, last] = [Math.log(low), Math.log(high)];
  const hold = beta => Math.min(high, Math.max(low, beta));
  const rounds = roundBetas(low, high);
  return {
    share: beta => (Math.log(beta) - first) / (last - first),
    beta: share => (share <= 0 ? low : share >= 1 ? high : handPrecise(Math.exp(first + share * (last - first)))),
    hold,
    step: (beta, count) => hold(beta * 10 ** (count / DIAL_DECADE_STEPS)),
    leap(beta, direction) {
      const beyond = rounds.filter(({beta: other}) => direction * Math.log(other / beta) > DIAL_EVEN);
      return beyond.at(direction > 0 ? 0 : -1)?.beta ?? (direction > 0 ? high : low);
    },
  };
}

// The ticks of a dial `width` CSS pixels long: [{beta, share, text ('' where there is no room), isMajor}]. Its ends have
// their numbers, then the powers of ten, then twos and fives.
export function dialTicks(range, width) {
  const {share} = dialScale(range);
  const ends = [range.low, range.high];
  const inner = decadeTicks(range).filter(({beta}) => ends.every(end => Math.abs(Math.log(beta / end)) > DIAL_EVEN));
  const ticks = [...ends.map(beta => ({beta, rank: 0})), ...inner].map(tick => ({...tick, share: share(tick.beta), text: ''}));
  const taken = [];
  for (const tick of [...ticks].sort((a, b) => a.rank - b.rank || a.share - b.share)) {
    if (tick.rank > 2 || taken.some(other => Math.abs(other - tick.share) * width < DIAL_LABEL_ROOM)) continue;
    if (tick.rank === 2 && !hasRoomForAll(range, width)) continue;
    taken.push(tick.share);
    tick.text = plainNumber(tick.beta);
  }
  return ticks.map(({beta, rank, share: at, text}) => ({beta, share: at, text, isMajor: rank < 2}));
}

// Twos and fives are named in every decade or in none: from 2 to 5 and from 5 to 10 there is least room.
function hasRoomForAll({low, high}, width) {
  return width * Math.log(2) / Math.log(high / low) >= DIAL_LABEL_ROOM;
}

// {beta, rank}: 1 for powers of ten, 2 for twos and fives, 3 for the rest from 1 to 9.
function decadeTicks({low, high}) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (let digit = 1; digit < 10; digit++) {
      const beta = Number(`${digit}e${power}`);
      if (beta >= low && beta <= high) ticks.push({beta, rank: digit === 1 ? 1 : DIAL_ROUND_STEPS.includes(digit) ? 2 : 3});
    }
  }
  return ticks;
}

function roundBetas(low, high) {
  return decadeTicks({low, high}).filter(({rank}) => rank < 3);
}

// What a hand can tell apart.
const handPrecise = beta => Number(beta.toPrecision(4));

// "0.01", "1000": as short as it can be written.
const plainNumber = beta => String(Number(beta.toPrecision(3)));

// The number a person meant, NaN where it is none: a decimal comma is one too, "β" or "=" may stand before it.
export function readBeta(text) {
  const bare = text.trim().replace(/^[βB]?\s*=?\s*/iu, '').replace(',', '.');
  return /^\d*\.?\d+(e[+-]?\d+)?$|^\d+\.$/i.test(bare) ? Number(bare) : NaN;
}
