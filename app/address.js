/* For the adapters of Interpolate: what is shown, in the address. `anchor_words.py` reads anchors. */

const anchorWord = ({ row, z }) => (row >= 0 ? String(row) : `z${z.join()}`);

// A reload begins a new session: what `says` names is put there, without a step of the browser's history, unless the
// address is of another run by now. What is '' is left out.
function putInAddress(run, says) {
  const address = new URL(location.href);
  const asked = address.searchParams;
  if (asked.get('run') !== run) return;
  for (const [name, text] of Object.entries(says)) {
    if (text === '') asked.delete(name);
    else asked.set(name, text);
  }
  history.replaceState(history.state, '', address);
}
