/*
 * Between Streamlit and the browser part. Streamlit calls the default function on the same element again whenever
 * the data or the theme changes, so what is mounted is remembered by its element.
 *
 * An instance is one of three: bytes headed "bundle" or "extras" only leave something for others, bytes headed
 * "miniature" draw the small map of Home, a plain object {bundle, beside, state, rev, news, hide, lab} is an explorer that
 * waits for its bundle by id, and takes the extras of the same id and the bundle of a run beside when they come.
 */

// Bundles by id, for all instances on the page.
const shelf = (globalThis.latentscapeBundles ??= new Map());
const mounted = new WeakMap();

// What an address says of a place, as in links.py.
const PLACES = ['v', 'beta', 'beta2', 'example', 'z', 'axes', 'chart', 'off', 'colour', 'tint', 'zoom', 'grid', 'pair', 'saved'];

export default function (component) {
  const { data } = component;
  if (!(data instanceof Uint8Array)) {
    return kept(component, data.bundle, (place, entry) => mountLater(place, entry, data));
  }
  const { head, bytes } = opened(data);
  if (head.role === 'miniature') return kept(component, head.id, (place) => mountMini(place, bytes));
  return shelve(head.role === 'extras' ? `extras/${head.id}` : head.id, bytes);
}

// Mounts once for each element and subject; later calls only refresh what the mount listens to.
function kept(component, subject, start) {
  const element = component.parentElement.querySelector('.latentscape');
  let entry = mounted.get(element);
  if (entry?.subject !== subject) {
    entry?.stop();
    entry = begin(element, subject);
    entry.component = component;
    Promise.resolve(start(entry.place, entry)).then((handle) => {
      entry.handle = handle;
      if (entry.gone) handle?.destroy();
      else entry.refresh?.();
    });
  }
  entry.component = component;
  entry.refresh?.();
  const turn = ++entry.turn;
  // Streamlit ends a superseded call by calling what it returned: only the latest may take the mount down.
  return () => { if (entry.turn === turn) entry.stop(); };
}

// A place of its own in the element, so that a late goodbye never touches what came after.
function begin(element, subject) {
  const place = document.createElement('div');
  const entry = { subject, place, turn: 0, gone: false };
  entry.stop = () => {
    entry.gone = true;
    entry.handle?.destroy();
    place.remove();
    if (mounted.get(element) === entry) mounted.delete(element);
  };
  element.append(place);
  mounted.set(element, entry);
  return entry;
}

async function mountLater(place, entry, first) {
  let { rev } = first;
  let told = '';
  let second = null;
  // Python moves z by a new revision; a call for any other reason must not.
  entry.refresh = () => {
    const { data } = entry.component;
    if (!entry.handle) return;
    const news = JSON.stringify(data.news ?? {});
    if (news !== told) entry.handle.inform(JSON.parse(news));
    told = news;
    if (data.beside !== second) putBeside(data.beside);
    if (data.rev === rev) return;
    rev = data.rev;
    entry.handle.update({ state: data.state });
  };
  const putBeside = async (id) => {
    second = id;
    const beside = id ? await shelfPlace(id).bytes : null;
    if (!entry.gone && second === id) entry.handle.inform({ beside });
  };
  const bytes = await shelfPlace(first.bundle).bytes;
  if (entry.gone) return undefined;
  const onChange = (found, { final }) => {
    if (!final || entry.gone) return;
    keepBeta(found.beta);
    entry.component.setStateValue('state', found);
  };
  const onEvent = (name, value) => entry.component.setTriggerValue('event', { name, value });
  const { state, hide, lab } = first;
  const handle = mount(place, bytes, { state: state ?? undefined, hide, lab, onChange, onEvent });
  shelfPlace(`extras/${first.bundle}`).bytes.then((extras) => { if (!entry.gone) handle.extend(extras); });
  return handle;
}

// A reload begins a new session: what it should find again stands in the address, of which places.py keeps the same.
// Streamlit would make a step of the browser's history of every rest.
function keepBeta(beta) {
  const address = new URL(location.href);
  const asked = address.searchParams;
  if (!(beta > 0) || !(asked.has('run') || asked.has('ladder'))) return;
  for (const key of PLACES) asked.delete(key);
  asked.append('beta', String(Number(beta.toPrecision(6))));
  history.replaceState(history.state, '', address);
}

function shelve(id, bytes) {
  const here = shelfPlace(id);
  here.put(bytes);
  const turn = ++here.turn;
  return () => { if (here.turn === turn && shelf.get(id) === here) shelf.delete(id); };
}

function shelfPlace(id) {
  let here = shelf.get(id);
  if (!here) {
    here = { turn: 0 };
    here.bytes = new Promise((put) => { here.put = put; });
    shelf.set(id, here);
  }
  return here;
}

// The line of JSON at the start, and a copy of the rest that begins where floats may begin.
function opened(data) {
  const end = data.indexOf(10);
  return { head: JSON.parse(new TextDecoder().decode(data.subarray(0, end))), bytes: data.slice(end + 1) };
}
