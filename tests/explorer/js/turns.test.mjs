// Who gets the one decoder, and when. WEB names the folder of the modules.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const {createTurns} = await import(`${pathToFileURL(process.env.WEB)}/turns.js`);

// Each picture takes `goes` calls of advance().
function slowDecoder(goes) {
  const started = [];
  return {size: 1, started, start: z => {
    started.push([...z]);
    let left = goes;
    return {advance: () => (left-- > 1 ? null : Float32Array.from(z))};
  }};
}

test('one picture at a time, in the order of asking', () => {
  const decoder = slowDecoder(3);
  const turns = createTurns(decoder);
  const [a, b] = [[1], [2]];
  assert.equal(turns.make('a', a, 5), null);
  assert.equal(turns.make('b', b, 5), null);
  assert.equal(turns.make('a', a, 5), null);
  assert.deepEqual(turns.make('a', a, 5), Float32Array.of(1));
  assert.equal(turns.make('b', b, 5), null);
  assert.deepEqual(decoder.started, [[1], [2]]);
});

test('another array begins anew, the first need not wait', () => {
  const decoder = slowDecoder(2);
  const turns = createTurns(decoder);
  const [a, b] = [[1], [2]];
  turns.make('a', a, 5);
  turns.make('a', [3], 5);
  assert.equal(turns.make('b', b, 5, true), null);
  assert.deepEqual(turns.make('b', b, 5, true), Float32Array.of(2));
  assert.deepEqual(decoder.started, [[1], [3], [2]]);
});

test('whoever no longer asks loses the turn', () => {
  const turns = createTurns(slowDecoder(2));
  const b = [2];
  turns.make('gone', [1], 5);
  let frames = 1;
  while (turns.make('b', b, 5) === null) assert.ok((frames += 1) < 100);
});

test('quick is judged by the last pictures', () => {
  const turns = createTurns(slowDecoder(1));
  assert.equal(turns.isQuick(), false);
  turns.make('a', [1], 5);
  assert.equal(turns.isQuick(), true);
});
