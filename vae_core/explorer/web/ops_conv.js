// Convolutions, plain and transposed. Both become the same two steps of the kernel: `pad` copies a picture into
// planes with zeros around it, one plane for each phase of the stride, and `gather` sums over taps, places in these
// planes, so that it always walks along rows, whatever the stride. A transposed convolution is one such sum for each
// phase of its output (Dumoulin and Visin 2016, section 4.6): no multiplication by an inserted zero.

import {checkedShape, foldedInto, offsetsOf, pairOf, pictureShape, refuseModel, stretches} from './ops_parts.js';

const TAP_LIMIT = 1 << 18; // of one output value

// y (B, O, H', W') from x (B, I, H, W), weight (O, I, kh, kw) as torch stores it.
export function prepareConv(spec, shape, net, norm) {
  const [channels, height, width] = pictureShape(spec, shape);
  const weight = kernelOf(spec, 1, channels, net);
  const [outputs, , kernelHeight, kernelWidth] = weight.shape;
  const [[strideY, strideX], [padY, padX]] = [pairOf(spec, 'stride', 1), pairOf(spec, 'padding', 0)];
  const rows = Math.floor((height + 2 * padY - kernelHeight) / strideY) + 1;
  const columns = Math.floor((width + 2 * padX - kernelWidth) / strideX) + 1;
  const made = checkedShape([outputs, rows, columns]);
  const size = channels * kernelHeight * kernelWidth;
  const outputOf = i => Math.floor(i / size);
  const [numbers, offsets] = foldedInto(weight.data, offsetsOf(spec, outputs, net), norm, net, outputOf);
  const planes = {
    channels,
    height,
    width,
    top: padY,
    left: padX,
    strideY,
    strideX,
    rows: Math.ceil((height + 2 * padY) / strideY),
    columns: Math.ceil((width + 2 * padX) / strideX),
  };
  const taps = [];
  for (let c = 0, k = 0; c < channels; c++) {
    for (let i = 0; i < kernelHeight; i++) {
      for (let j = 0; j < kernelWidth; j++, k++) taps.push([placeIn(planes, c, i, j), k]);
    }
  }
  const part = {taps, rows, columns, start: 0, row: columns, step: 1};
  return convolution(net, planes, [part], made, offsets, (o, k) => numbers[o * size + k]);
}

// y (B, O, H', W') from x (B, I, H, W), weight (I, O, kh, kw) as torch stores it.
export function prepareTransposed(spec, shape, net, norm) {
  const [channels, height, width] = pictureShape(spec, shape);
  const weight = kernelOf(spec, 0, channels, net);
  const [, outputs, kernelHeight, kernelWidth] = weight.shape;
  const [stride, padding] = [pairOf(spec, 'stride', 1), pairOf(spec, 'padding', 0)];
  const more = pairOf(spec, 'output_padding', 0);
  const extent = (from, k, axis) => (from - 1) * stride[axis] - 2 * padding[axis] + k + more[axis];
  const made = checkedShape([outputs, extent(height, kernelHeight, 0), extent(width, kernelWidth, 1)]);
  const area = kernelHeight * kernelWidth;
  const outputOf = i => Math.floor(i / area) % outputs;
  const [numbers, offsets] = foldedInto(weight.data, offsetsOf(spec, outputs, net), norm, net, outputOf);
  const weightOf = (o, k) => numbers[(Math.floor(k / area) * outputs + o) * area + (k % area)];
  return transposed(net, shape, made, [kernelHeight, kernelWidth], stride, padding, offsets, weightOf);
}

// A nearest-neighbour doubling and the convolution of 3 x 3 behind it are one transposed convolution of 4 x 4 with
// stride 2, as every output pixel sees only 2 x 2 different inputs: 4 multiplications instead of 9, the same sums.
export function prepareDoubled(spec, shape, net, norm) {
  const [channels, height, width] = shape;
  const weight = kernelOf(spec, 1, channels, net);
  const [outputs] = weight.shape;
  const made = checkedShape([outputs, 2 * height, 2 * width]);
  const size = 9 * channels;
  const outputOf = i => Math.floor(i / size);
  const [numbers, offsets] = foldedInto(weight.data, offsetsOf(spec, outputs, net), norm, net, outputOf);
  const merged = [[2], [1, 2], [0, 1], [0]]; // rows of the kernel that meet the same input row
  const weightOf = (o, k) => {
    const start = o * size + 9 * Math.floor(k / 16);
    let sum = 0;
    for (const i of merged[Math.floor(k / 4) % 4]) for (const j of merged[k % 4]) sum += numbers[start + 3 * i + j];
    return sum;
  };
  return transposed(net, shape, made, [4, 4], [2, 2], [1, 1], offsets, weightOf);
}

// Whether prepareDoubled may take the place of an upsampling `spec` and the operation `next` to it.
export function isDoubledConv(spec, next, [, height, width], net) {
  const is = (pair, value) => Array.isArray(pair) && pair.length === 2 && pair.every(n => n === value);
  const doubles = spec.scale === undefined ? `${spec.size}` === `${[2 * height, 2 * width]}` : is(spec.scale, 2);
  if (!doubles || next?.op !== 'conv' || !is(next.stride, 1) || !is(next.padding, 1)) return false;
  return net.tensor(next.weight)?.shape.slice(2).join() === '3,3';
}

function kernelOf(spec, axis, channels, net) {
  const weight = net.tensor(spec.weight);
  if (weight?.shape.length !== 4 || weight.shape[axis] !== channels || weight.data.length === 0) {
    refuseModel(`the weights ${spec.weight} do not fit ${channels} channels`);
  }
  const taps = weight.data.length / weight.shape[1 - axis];
  if (taps > TAP_LIMIT) refuseModel(`its ${spec.op} sums ${taps} products, at most ${TAP_LIMIT} are summed`);
  return weight;
}

// The place of row i, column j of the padded picture among the planes.
function placeIn({channels, strideY, strideX, rows, columns}, channel, i, j) {
  const plane = ((i % strideY) * strideX + (j % strideX)) * channels + channel;
  return (plane * rows + Math.floor(i / strideY)) * columns + Math.floor(j / strideX);
}

// Output pixel o = stride j + phase meets, by tap k, input j + (phase + padding - k) / stride where that is whole.
function transposed(net, [channels, height, width], made, kernel, stride, padding, offsets, weightOf) {
  const vertical = phasesOf(height, made[1], kernel[0], stride[0], padding[0]);
  const horizontal = phasesOf(width, made[2], kernel[1], stride[1], padding[1]);
  const planes = {
    channels,
    height,
    width,
    top: vertical.before,
    left: horizontal.before,
    strideY: 1,
    strideX: 1,
    rows: vertical.room,
    columns: horizontal.room,
  };
  const parts = [];
  for (const up of vertical.phases) {
    for (const across of horizontal.phases) {
      const taps = [];
      for (let c = 0; c < channels; c++) {
        for (const [i, ki] of up.taps) {
          for (const [j, kj] of across.taps) {
            taps.push([placeIn(planes, c, i, j), (c * kernel[0] + ki) * kernel[1] + kj]);
          }
        }
      }
      const start = up.phase * made[2] + across.phase;
      parts.push({taps, rows: up.count, columns: across.count, start, row: stride[0] * made[2], step: stride[1]});
    }
  }
  return convolution(net, planes, parts, made, offsets, weightOf);
}

// One axis: zeros before it, its extent with zeros on both sides, and for each phase of the output how many pixels it
// has and its taps [place of the first, k].
function phasesOf(from, to, kernel, stride, padding) {
  const phases = [];
  let [before, end] = [0, from];
  for (let phase = 0; phase < Math.min(stride, to); phase++) {
    const count = Math.ceil((to - phase) / stride);
    const taps = [];
    for (let k = (phase + padding) % stride; k < kernel; k += stride) {
      const first = (phase + padding - k) / stride;
      taps.push([first, k]);
      before = Math.max(before, -first);
      end = Math.max(end, first + count);
    }
    phases.push({phase, count, taps});
  }
  for (const {taps} of phases) for (const tap of taps) tap[0] += before;
  return {before, room: before + end, phases};
}

// The layer of `parts` of the output, each with its own taps [place, k]; weightOf(output, k).
function convolution(net, planes, parts, made, offsets, weightOf) {
  const [outputs, rows, columns] = made;
  const {channels, height, width, top, left, strideY, strideX} = planes;
  const floats = strideY * strideX * channels * planes.rows * planes.columns + 4; // whole vectors read past the end
  checkedShape([floats]);
  const count = Math.ceil(floats / 4) * 4;
  const sizes = [channels, height, width, top, left, strideY, strideX, planes.rows, planes.columns, count];
  const padding = net.place(Int32Array.from(sizes));
  const bias = net.place(inFours(outputs, 1, o => offsets[o]));
  const gathers = parts.map(part => placeGather(net, part, planes, made, bias, weightOf));
  const [from, to] = [4 * channels * height * width, 4 * outputs * rows * columns];
  return {
    shape: made,
    work: parts.reduce((sum, part) => sum + workOf(part), 0) * outputs,
    room: 4 * count,
    run(arithmetic, batch, x, y, scratch) {
      for (let n = 0; n < batch; n++) {
        arithmetic.pad(padding, x + n * from, scratch);
        for (const gather of gathers) gather.run(arithmetic, y + n * to, scratch);
      }
    },
    pieces: [
      (arithmetic, x, y, scratch) => arithmetic.pad(padding, x, scratch),
      ...gathers.flatMap(gather => gather.pieces),
    ],
  };
}

const workOf = ({taps, rows, columns}) => taps.length * rows * columns; // an output channel

// One part of the output: {run(arithmetic, y, scratch), pieces: the same in fours of channels, or rows of these}.
function placeGather(net, part, planes, [outputs, rows, columns], bias, weightOf) {
  const {taps} = part;
  const sizes = new Map();
  const sizeOf = (channels, lines) => {
    const key = `${channels} ${lines}`;
    const extent = [taps.length, channels, lines, part.columns];
    const size = () => net.place(Int32Array.of(...extent, planes.columns, rows * columns, part.row, part.step));
    if (!sizes.has(key)) sizes.set(key, size());
    return sizes.get(key);
  };
  const places = net.place(Int32Array.from(taps, ([place]) => place));
  const weights = net.place(inFours(outputs, taps.length, (o, n) => weightOf(o, taps[n][1])));
  const cut = ([o, oEnd], [i, iEnd]) => {
    const size = sizeOf(oEnd - o, iEnd - i);
    const [own, offsets] = [weights + 4 * o * taps.length, bias + 4 * o];
    const [source, target] = [4 * i * planes.columns, 4 * (part.start + o * rows * columns + i * part.row)];
    return (arithmetic, y, scratch) => arithmetic.gather(size, places, own, offsets, scratch + source, y + target);
  };
  const pieces = stretches(outputs, 4, workOf(part) * outputs).flatMap(([o, oEnd]) => {
    const lines = stretches(part.rows, 1, workOf(part) * (oEnd - o));
    return lines.map(line => cut([o, oEnd], line));
  });
  return {
    run: cut([0, outputs], [0, part.rows]),
    pieces: pieces.map(piece => (arithmetic, x, y, scratch) => piece(arithmetic, y, scratch)),
  };
}

// Numbers of (outputs, taps) with four outputs side by side: (outputs / 4, taps, 4), 0 beyond the last.
function inFours(outputs, taps, numberOf) {
  const numbers = new Float32Array(Math.ceil(outputs / 4) * taps * 4);
  for (let o = 0; o < outputs; o++) {
    for (let k = 0; k < taps; k++) numbers[(Math.floor(o / 4) * taps + k) * 4 + (o % 4)] = numberOf(o, k);
  }
  return numbers;
}
