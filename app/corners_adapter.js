/*
 * Between Streamlit and the four-corner palette of `vae_core/explorer/web`. The bytes are headed by one line of JSON: {run,
 * stamp and length of the bundle, place to begin at}; the bundle follows, then the extras. Streamlit calls the default
 * function on the same element whenever they change.
 */

const palettes = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  const element = parentElement.querySelector('.corners');
  const end = data.indexOf(10);
  const { run, stamp, bundle, place } = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
  const subject = `${run} ${stamp}`;
  let entry = palettes.get(element);
  if (entry?.subject !== subject) {
    entry?.handle.destroy();
    entry = { subject, turn: 0 };
    palettes.set(element, entry);
    const onChange = (found) => {
      keepCornersInAddress(run, found);
      entry.component.setStateValue('place', found);
    };
    const parts = [data.slice(end + 1, end + 1 + bundle), data.slice(end + 1 + bundle)];
    entry.handle = mountCorners(element, ...parts, { place, onChange });
    if (place.corners) keepCornersInAddress(run, entry.handle.getState()); // come back to from another page
  }
  entry.component = component;
  const turn = ++entry.turn;
  // Streamlit ends a superseded call by calling what it returned: only the latest may take the page down.
  return () => {
    if (entry.turn !== turn) return;
    entry.handle.destroy();
    if (palettes.get(element) === entry) palettes.delete(element);
  };
}

function keepCornersInAddress(run, found) {
  if (!found) return;
  const { corners, blend, puck, route, hasSupport } = found;
  putInAddress(run, {
    corners: corners.map(anchorWord).join('~'),
    blend: blend === 'bilinear' ? '' : blend,
    puck: puck.join(),
    route: route ? route.map((stop) => stop.join()).join('~') : '',
    show: hasSupport ? 'support' : '',
  });
}
