/*
 * Between Streamlit and the replay of `vae_core/explorer/web`. The bytes are headed by one line of JSON: {run, stamp of
 * what follows, place to begin at}. Streamlit calls the default function on the same element whenever they change.
 */

const replays = new WeakMap();
const REPLAY_PLACES = { at: 'step', example: 'selected', view: 'view', speed: 'speed' }; // as in replay_view.py

export default function (component) {
  const { data, parentElement } = component;
  const element = parentElement.querySelector('.replay');
  const end = data.indexOf(10);
  const { run, stamp, place } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  let entry = replays.get(element);
  if (entry?.run !== run) {
    entry?.handle.destroy();
    entry = { run, stamp, turn: 0 };
    replays.set(element, entry);
    const onRest = (found) => {
      keepInAddress(run, found);
      entry.component.setStateValue('place', { run, ...found });
    };
    entry.handle = mountReplay(element, data.slice(end + 1), { place, onRest });
  } else if (entry.stamp !== stamp) entry.handle.update(data.slice(end + 1));
  Object.assign(entry, { stamp, component });
  const turn = ++entry.turn;
  // Streamlit ends a superseded call by calling what it returned: only the latest may take the replay down.
  return () => {
    if (entry.turn !== turn) return;
    entry.handle.destroy();
    if (replays.get(element) === entry) replays.delete(element);
  };
}

// A reload begins a new session: where it stands is in the address, without a step of the browser's history.
function keepInAddress(run, found) {
  const address = new URL(location.href);
  if (address.searchParams.get('run') !== run) return;
  for (const [name, field] of Object.entries(REPLAY_PLACES)) address.searchParams.set(name, found[field]);
  history.replaceState(history.state, '', address);
}
