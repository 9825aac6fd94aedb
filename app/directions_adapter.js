/*
 * Between Streamlit and the page of attributes of `vae_core/explorer/web`. Two mounts: bytes headed by one line of JSON
 * ({id, bundle: its length}; the extras follow it) draw nothing and wait on a shelf; the other one is given {id, run, place,
 * news, words (what the address is to say)} and draws from them. Streamlit calls the default function on the same element
 * whenever they change.
 */

const shelf = (globalThis.latentscapeDirections ??= new Map()); // id -> {bytes, put}
const pages = new WeakMap();
const WORDS = ['having', 'without', 'vector', 'apart', 'added', 'start', 'amounts', 'analogy']; // as in directions_state.py

export default function (component) {
  const { data } = component;
  if (data instanceof Uint8Array) return shelveBytes(data);
  const element = component.parentElement.querySelector('.directions');
  let entry = pages.get(element);
  if (entry?.id !== data.id) {
    entry?.stop();
    entry = beginPage(element, data);
  }
  entry.component = component;
  entry.refresh();
  const turn = ++entry.turn;
  // Streamlit ends a superseded call by calling what it returned: only the latest may take the page down.
  return () => { if (entry.turn === turn) entry.stop(); };
}

function beginPage(element, { id, place, news }) {
  const target = document.createElement('div');
  const entry = { id, turn: 0, handle: null, isGone: false, told: JSON.stringify(news) };
  pages.set(element, entry);
  element.append(target);
  entry.stop = () => {
    entry.isGone = true;
    entry.handle?.destroy();
    target.remove();
    if (pages.get(element) === entry) pages.delete(element);
  };
  entry.refresh = () => {
    const { data } = entry.component;
    const text = JSON.stringify(data.news);
    if (entry.handle && text !== entry.told) {
      entry.told = text;
      entry.handle.inform(data.news);
    }
    if (entry.handle) keepInAddress(data, entry.handle.getState());
  };
  const onChange = (found) => {
    if (entry.isGone) return;
    keepInAddress(entry.component.data, found);
    entry.component.setStateValue('place', found);
  };
  const onEvent = (name, value) => entry.component.setTriggerValue('event', { name, value });
  shelved(id).bytes.then(([bundle, extras]) => {
    if (entry.isGone) return;
    entry.handle = mountDirections(target, bundle, extras, { place, news, onChange, onEvent });
    entry.refresh();
  });
  return entry;
}

function shelveBytes(data) {
  const end = data.indexOf(10);
  const { id, bundle } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  const here = shelved(id);
  here.put([data.slice(end + 1, end + 1 + bundle), data.slice(end + 1 + bundle)]);
  const turn = (here.turn = (here.turn ?? 0) + 1);
  return () => { if (here.turn === turn && shelf.get(id) === here) shelf.delete(id); };
}

function shelved(id) {
  if (!shelf.has(id)) {
    const here = {};
    here.bytes = new Promise((put) => { here.put = put; });
    shelf.set(id, here);
  }
  return shelf.get(id);
}

function keepInAddress({ run, words }, found) {
  if (!found) return;
  const { start, amounts, analogy } = found;
  const says = {
    ...words,
    start: start === null ? '' : anchorWord(start),
    amounts: amounts.map(([name, amount]) => `${amount}:${name}`).join('~'),
    analogy: analogy ? analogy.join('~') : '',
  };
  putInAddress(run, Object.fromEntries(WORDS.map((name) => [name, says[name] ?? ''])));
}
