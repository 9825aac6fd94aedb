// Class names on the map: each at the middle of its class, or as near to it as there is room.

const STEPS = [[0, 0], [0, -1], [0, 1], [-1, 0], [1, 0], [-1, -1], [1, -1], [-1, 1], [1, 1]];

// `items`: [{x, y, width}] in pixels, the most important first. Returns them with x and y moved so that no two
// overlap and all lie on the map; those without room are left out.
export function placeLabels(items, lineHeight, mapWidth, mapHeight) {
  const placed = [];
  for (const item of items) {
    if (item.x < 0 || item.y < 0 || item.x > mapWidth || item.y > mapHeight) continue;
    const isFree = box => !placed.some(other => overlap(box, other));
    const free = candidates(item, lineHeight, mapWidth, mapHeight).find(isFree);
    if (free) placed.push(free);
  }
  return placed;
}

function candidates(item, lineHeight, mapWidth, mapHeight) {
  const boxes = [1, 2, 3].flatMap(ring => STEPS.map(([dx, dy]) => {
    const x = within(item.x + dx * ring * (item.width / 4 + 8), item.width / 2 + 4, mapWidth);
    const y = within(item.y + dy * ring * lineHeight, lineHeight, mapHeight);
    return {...item, x, y, height: lineHeight};
  }));
  const away = box => Math.hypot(box.x - item.x, box.y - item.y);
  return boxes.sort((a, b) => away(a) - away(b));
}

function within(value, margin, size) {
  return Math.max(margin, Math.min(size - margin, value));
}

function overlap(a, b) {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 + 4 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}
