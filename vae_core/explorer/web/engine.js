// Runs a net in the browser: plans its memory once, then answers batches. WebAssembly where the browser allows it, the
// same operations in plain JavaScript where it does not.

import {KERNEL} from './kernel.js';
import {countOf, DIAL_BYTES, refuseModel} from './ops_parts.js';
import {plainArithmetic} from './plain.js';
import {planNet} from './plan.js';

const MEMORY_LIMIT = 512 << 20; // bytes of constants and of what one row needs
const ROWS_LIMIT = 32 << 20; // bytes of the rows that are worked on together, if it is more than one

// createDecoder(parsed bundle, {backend: 'auto' | 'wasm' | 'js'}) -> {latent, shape: [C, H, W], size, backend, decode,
// start, dial}. decode(Z: B * latent numbers, row by row) -> Float32Array of B * size, a view valid until the next call.
// start(z: latent numbers) -> a job: the same of one row, to be made in several goes. Its advance(milliseconds) works
// for so long and gives the values of decode(z), or null while they are not there. decode() may be called in between;
// another start() ends the job, and its advance() gives null for good. dial(log of beta) is for what is decoded or
// started from then on; a job under way keeps the beta it began with. Of separate models (meta.members) the one nearest
// to the dial is asked; `member` is its place.
export async function createDecoder({meta, tensors}, {backend = 'auto'} = {}) {
  const {latent, shape} = meta;
  const size = countOf(shape);
  const open = specs => openNet(specs, [latent], tensors, backend, meta.dial);
  const net = meta.dial?.kind === 'separate' ? await openMembers(meta, open) : await open(meta.decoder);
  if (net.made !== size) refuseModel(`it makes ${net.made} values, its pictures have ${size}`);
  return {
    latent,
    shape,
    size,
    backend: net.name,
    decode: net.run,
    start: net.start,
    dial: net.dial,
    get member() { return net.member; },
  };
}

// createEncoder(parsed bundle, parsed extras, {backend}) -> {latent, shape, backend, encode}. encode(B * C * H * W
// pixels in [0, 1]) -> {mu, logVar: Float32Array of B * latent each}: q(z | x) as posteriors.py makes it. dial(log of
// beta) as the decoder's.
export async function createEncoder({meta, tensors}, extras, {backend = 'auto'} = {}) {
  const {latent, shape, posterior} = meta;
  if (!meta.encoder) refuseModel('it came without its encoder');
  const together = Object.assign(Object.create(null), tensors, extras?.tensors);
  const {name, run, dial, made} = await openNet(meta.encoder, shape, together, backend, meta.dial);
  if (made !== 2 * latent) refuseModel(`its encoder makes ${made} values for ${latent} dimensions`);
  const {deterministic, log_var: fixed, ceiling} = posterior;
  const encode = pixels => {
    const rows = run(pixels);
    const batch = rows.length / made;
    const [mu, logVar] = [new Float32Array(batch * latent), new Float32Array(batch * latent)];
    for (let n = 0; n < mu.length; n++) {
      const place = Math.floor(n / latent) * made + (n % latent);
      mu[n] = rows[place];
      logVar[n] = deterministic === true ? fixed : softlyBelow(rows[place + latent], ceiling);
    }
    return {mu, logVar};
  };
  return {latent, shape, backend: name, encode, dial};
}

// ceiling - softplus(ceiling - v): nearly v where that is small, never above the ceiling.
function softlyBelow(v, ceiling) {
  const below = ceiling - v;
  return ceiling - (Math.max(below, 0) + Math.log1p(Math.exp(-Math.abs(below))));
}

// A net on a machine of its own: {name of the backend, made: values of an output row, run(rows of numbers) -> rows,
// start(one row) -> job, dial(log of beta)}. Behind the constants lie what the dial says (dialOn), scratch memory and
// one row for a job, then the same with as many rows as it gets for run.
async function openNet(specs, shape, tensors, backend, range) {
  const machine = await openMachine(backend);
  const memory = layMemory(machine, tensors);
  const plan = planNet(specs, shape, memory.net);
  const one = plan.kept + roundUp(plan.room) + bytesOf(plan.slots, 1);
  memory.write(2 * one);
  const {dial, turn} = dialOn(machine, plan, range);
  const [width, made] = [countOf(shape), countOf(plan.shape)];
  const together = Math.max(1, Math.floor(ROWS_LIMIT / bytesOf(plan.slots, 1)));
  const scratch = memory.end() + one + plan.kept;
  const first = scratch + roundUp(plan.room);
  const slotsFrom = (from, batch) => plan.slots.map((_, k) => from + bytesOf(plan.slots.slice(0, k), batch));

  function run(numbers) {
    const rows = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    const batch = rows.length / width;
    if (!Number.isInteger(batch)) throw new Error(`Expected rows of ${width} values, got ${rows.length} values.`);
    const part = Math.min(batch, together);
    const slots = slotsFrom(first, part);
    const gathered = first + bytesOf(plan.slots, part); // where results go if there are several parts
    machine.reserve(gathered + (batch > part ? 4 * batch * made : 0));
    turn(scratch);
    for (let n = 0; n < batch; n += part) {
      const count = Math.min(part, batch - n);
      machine.floats().set(rows.subarray(n * width, (n + count) * width), slots[plan.input] / 4);
      for (const step of plan.steps) step.run(machine.arithmetic, count, slots[step.x], slots[step.y], scratch);
      const result = slots[plan.output] / 4;
      if (batch > part) machine.floats().copyWithin(gathered / 4 + n * made, result, result + count * made);
    }
    const from = (batch > part ? gathered : slots[plan.output]) / 4;
    return machine.floats().subarray(from, from + batch * made);
  }
  const start = jobsOn(machine, plan, turn, width, made, memory.end() + plan.kept, slotsFrom);
  return {name: machine.name, made, run, start, dial};
}

// What a dial turns, {dial(log of beta), turn(scratch)}. Jobs and batches have scratch memory of their own, and before it
// what the dial says to them (film in ops.js): turn() brings that to where the dial stands.
function dialOn(machine, {turns}, range) {
  if (turns.length && !range) refuseModel('it is for many β, but says nothing of their range');
  const place = log => (log - range.centre) * range.scale;
  const stands = new Map(); // by scratch memory
  let now = turns.length ? place(Math.log(range.beta)) : 0;
  return {
    dial: log => {
      if (turns.length) now = place(log);
    },
    turn: scratch => {
      if (!turns.length || stands.get(scratch) === now) return;
      stands.set(scratch, now);
      machine.floats()[(scratch - DIAL_BYTES) / 4] = now;
      for (const turn of turns) turn(machine.arithmetic, scratch);
    },
  };
}

// One net of several, whichever member's beta is nearest to the dial's.
async function openMembers({members, dial: {beta}}, open) {
  const there = members.map((member, place) => ({...member, place})).filter(({decoder}) => decoder);
  const nets = await Promise.all(there.map(({decoder}) => open(decoder)));
  if (nets.some(({made}) => made !== nets[0].made)) refuseModel('its members make pictures of different sizes');
  const nearest = log => {
    const away = there.map(member => Math.abs(Math.log(member.beta) - log));
    return away.indexOf(Math.min(...away));
  };
  let now = nearest(Math.log(beta));
  let last = null; // job
  return {
    name: nets[0].name,
    made: nets[0].made,
    run: numbers => nets[now].run(numbers),
    start: row => {
      const job = nets[now].start(row);
      last = job;
      return {advance: milliseconds => (last === job ? job.advance(milliseconds) : null)};
    },
    dial: log => { now = nearest(log); },
    get member() { return there[now].place; },
  };
}

// start(one row) -> job, see createDecoder; its scratch memory is at `scratch`, its row behind that.
function jobsOn(machine, plan, turn, width, made, scratch, slotsFrom) {
  const slots = slotsFrom(scratch + roundUp(plan.room), 1);
  const pieces = plan.steps.flatMap(({run, pieces: own, x, y}) => {
    const whole = (arithmetic, from, to, spare) => run(arithmetic, 1, from, to, spare);
    return (own ?? [whole]).map(piece => () => piece(machine.arithmetic, slots[x], slots[y], scratch));
  });
  let running = null;
  return row => {
    if (row.length !== width) throw new Error(`Expected ${width} values, got ${row.length} values.`);
    machine.reserve(slots[0] + bytesOf(plan.slots, 1));
    turn(scratch);
    machine.floats().set(row, slots[plan.input] / 4);
    let next = 0;
    const advance = milliseconds => {
      if (running !== job) return null;
      const end = performance.now() + milliseconds;
      while (next < pieces.length) {
        pieces[next++]();
        if (performance.now() >= end && next < pieces.length) return null;
      }
      const from = slots[plan.output] / 4;
      return machine.floats().subarray(from, from + made);
    };
    const job = {advance};
    running = job;
    return job;
  };
}

// Constants, placed one after the other and each once: {net for planNet, write(bytes of the rest), end()}.
function layMemory(machine, tensors) {
  const places = new Map();
  let used = machine.base;
  const refuseAbove = bytes => {
    if (bytes > MEMORY_LIMIT) refuseModel(`it needs ${Math.ceil(bytes / 2 ** 20)} MB of memory, at most 512 are given`);
  };
  const place = numbers => {
    if (!places.has(numbers)) {
      places.set(numbers, used);
      used += roundUp(4 * numbers.length);
      refuseAbove(used);
    }
    return places.get(numbers);
  };
  const tensor = name => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    return found?.data instanceof Float32Array ? found : undefined;
  };
  const write = more => {
    refuseAbove(used + more);
    machine.reserve(used);
    for (const [numbers, address] of places) {
      new numbers.constructor(machine.floats().buffer).set(numbers, address / 4);
    }
    places.clear();
  };
  return {net: {tensor, place}, write, end: () => used};
}

const bytesOf = (slots, batch) => slots.reduce((sum, count) => sum + roundUp(4 * batch * count), 0);

// A machine is a stretch of memory and the arithmetic on it: {name, base (first free address), reserve(bytes),
// floats() (the memory as it now is; growing it makes older views useless), arithmetic}.
async function openMachine(backend) {
  if (backend === 'js') return plainMachine();
  try {
    return await wasmMachine();
  } catch {
    if (backend === 'wasm') throw new Error('This browser does not run WebAssembly with SIMD here.');
    return plainMachine();
  }
}

async function wasmMachine() {
  const {instance} = await WebAssembly.instantiate(Uint8Array.from(atob(KERNEL), c => c.charCodeAt(0)));
  const {memory, __heap_base: heap, ...arithmetic} = instance.exports;
  let view = new Float32Array(memory.buffer);
  const floats = () => view;
  const reserve = bytes => {
    if (bytes <= view.byteLength) return;
    grown(() => memory.grow(Math.ceil((bytes - view.byteLength) / 65536)));
    view = new Float32Array(memory.buffer);
  };
  return {name: 'wasm', base: roundUp(heap.value), reserve, floats, arithmetic};
}

function plainMachine() {
  let memory = new Float32Array(0);
  let whole = new Int32Array(memory.buffer);
  const reserve = bytes => {
    if (bytes <= memory.byteLength) return;
    const larger = grown(() => new Float32Array(Math.ceil(bytes / 4)));
    larger.set(memory);
    memory = larger;
    whole = new Int32Array(memory.buffer);
  };
  const floats = () => memory;
  return {name: 'js', base: 0, reserve, floats, arithmetic: plainArithmetic(floats, () => whole)};
}

function grown(grow) {
  try {
    return grow();
  } catch {
    throw new Error('This browser gives no more memory. Close other pages, or ask for fewer pictures at a time.');
  }
}

// Addresses are multiples of 16 bytes, and so is every buffer: whole vectors may be read and written to its end.
const roundUp = bytes => Math.ceil(bytes / 16) * 16;
