// What a bundle says about a range of betas (vae_core/explorer/dials.py describes and checks the same): its dial, the
// ladder of clouds along it, separate models.

const RUNG_LIMIT = 64;
const MOVING_POINT_LIMIT = 2_000; // of a map with a ladder, each of whose rungs holds them all
const SAME_BETA = 1e-6; // log betas this close are the same

// Calls refuse(end of a sentence) where something does not fit; meta and points have been looked at before. isNet tells
// lists of operations.
export function checkDial({meta, tensors, refuse, isNet}) {
  const {dial, ladder, members} = meta;
  if (dial === undefined) {
    if (ladder !== undefined || members !== undefined) refuse('it has clouds or models for several β, and no dial that goes with them');
    return;
  }
  checkRange(dial, refuse);
  checkRungs(dial, ladder, refuse);
  const [count, latent] = tensors['points.mu'].shape;
  if (count > MOVING_POINT_LIMIT) refuse(`its map has ${count} points, at most ${MOVING_POINT_LIMIT} move along a dial`);
  for (const name of ['ladder.mu', 'ladder.log_var']) checkClouds(name, tensors[name], [ladder.log_betas.length, count, latent], refuse);
  if (dial.kind === 'separate') checkMembers(members, ladder.log_betas, isNet, refuse);
  else if (members !== undefined) refuse('it has separate models, and its dial is that of one');
}

function checkRange(dial, refuse) {
  if (!['conditioned', 'separate'].includes(dial?.kind)) refuse('its dial is of an unknown kind');
  const {kind, low, high, beta, centre, scale} = dial;
  if (![low, high, beta].every(Number.isFinite)) refuse('the range of its dial is not given in numbers');
  if (Math.min(low, high) <= 0) refuse(`its dial goes from β ${low} to ${high}, and every β must be above 0`);
  if (low === high) refuse(`the range of its dial is a single value, β ${low}`);
  if (low > high) refuse(`the range of its dial is reversed: it goes from β ${low} to ${high}`);
  if (beta < low * (1 - SAME_BETA) || beta > high * (1 + SAME_BETA)) refuse(`its map belongs to β ${beta}, and its dial goes from ${low} to ${high}`);
  if (kind === 'conditioned' && !(Number.isFinite(centre) && scale > 0 && scale < Infinity)) refuse('its dial does not say how log β is standardised');
}

function checkRungs(dial, ladder, refuse) {
  const knots = ladder?.log_betas;
  if (!Array.isArray(knots) || !knots.every(Number.isFinite)) refuse('the rungs of its ladder are not numbers');
  if (knots.length < 2 || knots.length > RUNG_LIMIT) refuse(`its ladder has ${knots.length} rungs, it needs 2 to ${RUNG_LIMIT}`);
  if (!knots.every((knot, k) => k === 0 || knot > knots[k - 1])) refuse('the rungs of its ladder do not ascend');
  for (const [end, knot] of [['low', knots[0]], ['high', knots.at(-1)]]) {
    if (Math.abs(knot - Math.log(dial[end])) > SAME_BETA) refuse(`its ladder and its dial differ at the ${end} end`);
  }
  const isUnknown = ladder.error === null && dial.kind === 'separate'; // between models nothing is known
  if (!isUnknown && !(Number.isFinite(ladder.error) && ladder.error >= 0)) refuse('the error of its ladder is missing or damaged');
}

function checkClouds(name, tensor, [rungs, ...cloud], refuse) {
  const {shape, data} = tensor ?? {};
  if (!(data instanceof Float32Array) || shape.length !== 3 || shape.slice(1).join() !== cloud.join()) {
    refuse(`${name} is missing or does not fit the rest`);
  }
  if (shape[0] !== rungs) refuse(`${name} has ${shape[0]} rungs for ${rungs} β: ${shape[0] < rungs ? 'a rung is missing' : 'there are rungs without a β'}`);
}

function checkMembers(members, knots, isNet, refuse) {
  if (!Array.isArray(members) || members.length < 2 || members.length > RUNG_LIMIT) refuse(`its separate models are not described, or not 2 to ${RUNG_LIMIT}`);
  const isText = value => typeof value === 'string';
  members.forEach((member, k) => {
    const name = `its separate model ${k + 1}`;
    if (!(Number.isFinite(member?.beta) && member.beta > 0)) refuse(`${name} has no β above 0`);
    if (![member.run, member.title, member.reason].every(isText)) refuse(`${name} is not described`);
    if (member.decoder === undefined ? !member.reason : member.reason) refuse(`${name} has either a decoder or a reason why not`);
    if (member.decoder !== undefined && !(isNet(member.decoder) && member.decoder.length > 0)) refuse(`the list of operations of ${name.slice(4)} is missing`);
    if (k > 0 && member.beta <= members[k - 1].beta) refuse('the β of its separate models do not ascend');
  });
  const there = members.filter(({decoder}) => decoder).map(({beta}) => Math.log(beta));
  const isSame = there.length === knots.length && there.every((log, k) => Math.abs(log - knots[k]) <= SAME_BETA);
  if (!isSame) refuse(`its ladder has ${knots.length} rungs that are not those of its ${there.length} separate models`);
}
