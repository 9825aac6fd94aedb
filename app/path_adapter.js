/*
 * Between Streamlit and the Interpolate page of `vae_core/explorer/web`. The bytes are headed by one line of JSON: {run,
 * stamp and length of the bundle, place to begin at}; the bundle follows, then the extras. Streamlit calls the default
 * function on the same element whenever they change. A second instance draws nothing: its plain {run, news} are told to
 * the page of that run.
 */

const paths = new WeakMap();
const MORE = { loop: 'isLoop', beyond: 'hasBeyond', compare: 'isCompared' }; // as in path_state.py

const inform = (globalThis.latentscapePathNews ??= new Map()); // by run: {news, tell(news)}, either may come first

export default function (component) {
  const { data, parentElement } = component;
  if (!(data instanceof Uint8Array)) return pass(data);
  const element = parentElement.querySelector('.path');
  const end = data.indexOf(10);
  const { run, stamp, bundle, place } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  const subject = `${run} ${stamp}`;
  let entry = paths.get(element);
  if (entry?.subject !== subject) {
    entry?.handle.destroy();
    entry = { subject, turn: 0 };
    paths.set(element, entry);
    const onChange = (found) => {
      keepInAddress(run, found);
      entry.component.setStateValue('place', found);
    };
    const [first, second] = [data.slice(end + 1, end + 1 + bundle), data.slice(end + 1 + bundle)];
    const onAsk = (wanted) => entry.component.setTriggerValue('ask', wanted);
    entry.handle = mountPath(element, first, second, { place, onChange, onAsk });
    listen(run, entry.handle);
    if (place.anchors) keepInAddress(run, entry.handle.getState()); // come back to from another page
  }
  entry.component = component;
  const turn = ++entry.turn;
  // Streamlit ends a superseded call by calling what it returned: only the latest may take the page down.
  return () => {
    if (entry.turn !== turn) return;
    entry.handle.destroy();
    if (paths.get(element) === entry) paths.delete(element);
  };
}

function listen(run, handle) {
  const { news } = inform.get(run) ?? {};
  inform.set(run, { news, tell: handle.inform });
  if (news) handle.inform(news);
}

function pass({ run, news }) {
  const { tell } = inform.get(run) ?? {};
  inform.set(run, { news, tell });
  tell?.(news);
  return undefined;
}

function keepInAddress(run, found) {
  if (!found) return;
  const { anchors, kind, by, stroke, axes, beta, at, ...flags } = found;
  const more = Object.keys(MORE).filter((name) => flags[MORE[name]]);
  putInAddress(run, {
    through: anchors.map(anchorWord).join('~'),
    way: kind,
    steps: by,
    more: more.join(),
    stroke: kind === 'drawn' ? stroke.map((place) => place.join()).join('~') : '',
    axes: axes?.join() ?? '',
    beta: beta ?? '',
    at: Math.round(at),
  });
}
