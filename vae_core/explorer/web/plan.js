// Turns an op list into steps between stretches of memory, called slots, each used again once it is free: a chain
// needs two of them, a residual block one more for what it adds in the end.

import {FOLDING, OPERATIONS} from './ops.js';
import {isDoubledConv, prepareDoubled} from './ops_conv.js';
import {countOf, DIAL_BYTES, refuseModel} from './ops_parts.js';

const STEP_LIMIT = 2000;
const NESTING_LIMIT = 16;
const WORK_LIMIT = 1e10; // multiplications a picture: seconds

// planNet(specs, shape of what comes in, net as in ops.js) -> {shape, steps: [{run, pieces (perhaps), x, y (slots)}],
// slots: [values of a row], input, output (slots), room: bytes of scratch memory, kept: bytes before it that stay from
// row to row, turns: what brings these to the dial}. Throws where an operation does not fit.
export function planNet(specs, shape, net) {
  const keep = bytes => (plan.kept += 16 * Math.ceil(bytes / 16));
  const plan = {net: {...net, keep}, steps: [], slots: [], free: [], room: 0, work: 0, seen: 0, kept: DIAL_BYTES, turns: []};
  const input = acquireSlot(plan, countOf(shape));
  const made = planChain(plan, specs, {shape, slot: input, isOwn: true}, 0);
  const {steps, slots, room, kept, turns} = plan;
  return {shape: made.shape, steps, slots, input, output: made.slot, room, kept, turns};
}

// `state` is {shape, slot, isOwn}: values that someone else still needs are not one's own to overwrite.
function planChain(plan, specs, state, depth) {
  if (!Array.isArray(specs)) refuseModel('its list of operations is damaged');
  if (depth > NESTING_LIMIT) refuseModel('its operations are nested too deeply');
  for (let i = 0; i < specs.length; ) {
    if ((plan.seen += 1) > STEP_LIMIT) refuseModel('it has too many operations');
    if (specs[i]?.op === 'residual') {
      state = planResidual(plan, specs[i], state, depth);
      i += 1;
      continue;
    }
    const {layer, used} = nextLayer(specs, i, state.shape, plan.net);
    state = planLayer(plan, layer, state);
    i += used;
  }
  return state;
}

// The layer at place i, and how many operations it stands for.
function nextLayer(specs, i, shape, net) {
  const spec = specs[i];
  const normAt = place => (specs[place]?.op === 'batch_norm' ? specs[place] : undefined);
  if (spec?.op === 'upsample' && shape.length === 3 && isDoubledConv(spec, specs[i + 1], shape, net)) {
    const norm = normAt(i + 2);
    return {layer: prepareDoubled(specs[i + 1], shape, net, norm), used: norm ? 3 : 2};
  }
  if (typeof spec?.op !== 'string' || !Object.hasOwn(OPERATIONS, spec.op)) {
    refuseModel(`it needs the operation ${spec?.op}, which this explorer does not know`);
  }
  const norm = FOLDING.includes(spec.op) ? normAt(i + 1) : undefined;
  return {layer: OPERATIONS[spec.op](spec, shape, net, norm), used: norm ? 2 : 1};
}

function planLayer(plan, layer, state) {
  const {shape, inPlace, run, pieces, turn, room = 0, work = 0} = layer;
  if (turn) plan.turns.push(turn);
  plan.room = Math.max(plan.room, room);
  plan.work += work + countOf(shape);
  if (plan.work > WORK_LIMIT) refuseModel('it takes too many multiplications for one picture');
  if (!run) return {...state, shape};
  if (inPlace) {
    const own = ownState(plan, state);
    plan.steps.push({run, pieces, x: own.slot, y: own.slot});
    return {...own, shape};
  }
  const slot = acquireSlot(plan, countOf(shape));
  plan.steps.push({run, pieces, x: state.slot, y: slot});
  releaseState(plan, state);
  return {shape, slot, isOwn: true};
}

// y = body(x) + shortcut(x), or + x.
function planResidual(plan, {body, shortcut}, state, depth) {
  const shared = {...state, isOwn: false};
  const made = ownState(plan, planChain(plan, body, shared, depth + 1));
  const added = shortcut === undefined ? shared : planChain(plan, shortcut, shared, depth + 1);
  if (`${made.shape}` !== `${added.shape}`) {
    refuseModel(`a residual block adds ${added.shape.join('x')} to ${made.shape.join('x')} values`);
  }
  const count = countOf(made.shape);
  plan.steps.push({
    run: (arithmetic, batch, x, y) => arithmetic.add(batch * count, x, y),
    x: added.slot,
    y: made.slot,
  });
  releaseState(plan, added);
  releaseState(plan, state);
  return made;
}

// The same values where they may be overwritten: a copy if they are not one's own.
function ownState(plan, state) {
  if (state.isOwn) return state;
  const count = countOf(state.shape);
  const slot = acquireSlot(plan, count);
  const run = (arithmetic, batch, x, y) => arithmetic.take(batch, count, count, x, y);
  plan.steps.push({run, x: state.slot, y: slot});
  return {...state, slot, isOwn: true};
}

function acquireSlot(plan, count) {
  const slot = plan.free.length ? plan.free.pop() : plan.slots.push(0) - 1;
  plan.slots[slot] = Math.max(plan.slots[slot], count);
  return slot;
}

function releaseState(plan, {slot, isOwn}) {
  if (isOwn) plan.free.push(slot);
}
