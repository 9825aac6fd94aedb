// What anchors of a path are called, and pictures of them and of examples near it.

// {nameOf(anchor), pictureOf(anchor, k) -> {values, shape}, null while it is still to come, nearest() -> at each frame the
// picture of the example nearest to it, or null; null where there are no small pictures}. `page` is the PathPage of path.js.
export function createPathPictures(page) {
  const {meta, thumbs} = page;
  const kept = new Map();
  const thumbOf = row => {
    if (!kept.has(row)) kept.set(row, {values: thumbs.values(row), shape: thumbs.shape});
    return kept.get(row);
  };
  const has = row => Boolean(thumbs) && row >= 0 && row < thumbs.count;
  const number = value => value.toFixed(1).replace('-', '−');
  return {
    nameOf: ({row, z}) => (row >= 0 ? page.titleOf(row) : `z = ${z.slice(0, 2).map(number).join(', ')}${z.length > 2 ? ', …' : ''}`),
    pictureOf({row}, k) {
      if (has(row)) return thumbOf(row);
      const values = page.frames.anchorRow.pictures[k];
      return values ? {values, shape: meta.shape} : null;
    },
    nearest: () => thumbs && page.frames.main.standing.map(found => (found && has(found.row) ? thumbOf(found.row).values : null)),
  };
}
