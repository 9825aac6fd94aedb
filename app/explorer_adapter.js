/*
 * Between Streamlit and the browser part. Streamlit calls the default function on the same element again whenever
 * the data, the theme or the script's identity changes, so what is mounted is remembered by its element.
 *
 * An instance is one of three: bytes headed "bundle" only leave a model for others, bytes headed "miniature" draw
 * the small map of Home, a plain object {bundle, state, rev} is an explorer that waits for its bundle by id.
 */

// Shared by all instances on the page, even those of another copy of this text.
const shelf = (globalThis.latentscapeBundles ??= new Map());
const mounted = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  if (data instanceof Uint8Array) {
    const { head, bytes } = opened(data);
    if (head.role === 'miniature') return kept(component, digest(bytes), (element) => mountMini(element, bytes));
    shelve(head.id).put(bytes);
    return undefined;
  }
  return kept(component, data.bundle, (element, entry) => explorerLater(element, entry, data));
}

/* Mounts once for each element and subject; later calls only refresh what the mount talks to. */
function kept(component, subject, start) {
  const element = component.parentElement.querySelector('.latentscape');
  let entry = mounted.get(element);
  if (entry && entry.subject !== subject) { entry.stop(); entry = undefined; }
  if (!entry) {
    entry = { subject, turn: 0, gone: false, handle: undefined };
    entry.stop = () => { entry.gone = true; entry.handle?.destroy?.(); mounted.delete(element); };
    mounted.set(element, entry);
    entry.component = component;
    Promise.resolve(start(element, entry)).then(
      (handle) => { entry.handle = handle; if (entry.gone) handle?.destroy?.(); },
      (error) => { if (!entry.gone) element.textContent = `The map could not be shown: ${error.message}`; },
    );
  }
  entry.component = component;
  entry.refresh?.(component.data);
  const turn = ++entry.turn;
  // Streamlit ends a superseded call by calling what it returned: only the latest may take the mount down.
  return () => { if (entry.turn === turn) entry.stop(); };
}

async function explorerLater(element, entry, first) {
  let rev = first.rev;
  entry.refresh = (data) => {
    if (data.rev === rev || !entry.handle) return;
    rev = data.rev;
    entry.handle.update({ state: data.state });
  };
  const bytes = await shelve(first.bundle).bytes;
  if (entry.gone) return undefined;
  const onChange = (state, { final }) => { if (final) entry.component.setStateValue('state', state); };
  return mount(element, bytes, { state: first.state ?? undefined, onChange });
}

function shelve(id) {
  let place = shelf.get(id);
  if (!place) {
    place = {};
    place.bytes = new Promise((put) => { place.put = put; });
    shelf.set(id, place);
  }
  return place;
}

/* The line of JSON at the start, and a copy of the rest that begins where floats may begin. */
function opened(data) {
  const end = data.indexOf(10);
  return { head: JSON.parse(new TextDecoder().decode(data.subarray(0, end))), bytes: data.slice(end + 1) };
}

/* Cheap mark of a text of bytes, to see whether a repeated call brings the same. */
function digest(bytes) {
  let mark = bytes.length;
  for (let i = 0; i < bytes.length; i += 97) mark = (Math.imul(mark, 31) + bytes[i]) | 0;
  return `${bytes.length}:${mark}`;
}
