// A picture of one's own as an anchor: settled as the data set's pictures are, then encoded.

import {readPicture} from './drop.js';
import {createEncoder} from './engine.js';
import {measureInk} from './ink.js';

// read(file) -> {z, notes: what was done to the picture}, with read.open() -> {encode(values) -> z, style of measureInk}; null
// where the model came without its encoder or without small pictures to take the style from. Both throw an Error whose message
// is a sentence. `beta()` is where a dial stands, null without one.
export function createUpload(bundle, extras, thumbs, beta = () => null) {
  const hasEncoder = Object.keys(extras?.tensors ?? {}).some(name => name.startsWith('encoder.'));
  if (!bundle.meta.encoder || !thumbs || !hasEncoder) return null;
  let made = null;
  const open = () => (made ??= createEncoder(bundle, extras).then(encoder => {
    const encode = values => {
      if (beta() !== null) encoder.dial(Math.log(beta()));
      return Array.from(encoder.encode(values).mu);
    };
    return {encode, style: measureInk(thumbs)};
  }));
  const read = async file => {
    const {encode, style} = await open();
    const {values, notes} = await readPicture(file, bundle.meta.shape, style);
    return {z: encode(values), notes};
  };
  return Object.assign(read, {open});
}

// Files dropped on `root`, and those chosen with the button that is returned, go to take(file).
export function bindUpload(root, take, button, signal) {
  const input = Object.assign(document.createElement('input'), {type: 'file', accept: 'image/*', hidden: true, ariaLabel: 'A picture of yours'});
  input.addEventListener('change', () => {
    if (input.files[0]) take(input.files[0]);
    input.value = '';
  });
  button.after(input);
  button.addEventListener('click', () => input.click());
  const hasFile = event => [...event.dataTransfer?.types ?? []].includes('Files');
  root.addEventListener('dragover', event => { if (hasFile(event)) event.preventDefault(); }, {signal});
  root.addEventListener('drop', event => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  }, {signal});
}
