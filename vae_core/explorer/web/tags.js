// Tags: groups of examples kept under a name. The host keeps them (told by news.tags, asked by events); without such a
// host they last as long as the page.

const TAG_LENGTH = 40; // characters of a name
const TAG_LIMIT = 50; // tags of a run

// Features hear `tagged()` whenever the tags are others. Events for the host: tag {name, rows}, tag-renamed {name, to}
// and tag-deleted {name}; rows are numbers of points.
export function createTags(explorer) {
  const {points: {count}} = explorer;
  let list = []; // [{name, rows}]
  let isKept = false;
  const become = next => {
    list = next;
    explorer.tell('tagged');
    explorer.touched();
  };

  explorer.tags = {
    all: () => list,
    get: name => list.find(tag => tag.name === name),
    isKept: () => isKept,
    isFull: () => list.length >= TAG_LIMIT,

    save(given, rows) {
      const tag = {name: freeName(given, list), rows: Array.from(rows)};
      become([...list, tag]);
      explorer.onEvent('tag', tag);
      return tag;
    },

    rename(name, given) {
      const others = list.filter(tag => tag.name !== name);
      const to = freeName(given, others);
      if (to === name) return name;
      explorer.onEvent('tag-renamed', {name, to});
      become(list.map(tag => (tag.name === name ? {...tag, name: to} : tag)));
      if (explorer.state.colour === `tag:${name}`) explorer.change({colour: `tag:${to}`});
      return to;
    },

    remove(name) {
      explorer.onEvent('tag-deleted', {name});
      become(list.filter(tag => tag.name !== name));
      if (explorer.state.colour === `tag:${name}`) explorer.change({colour: 'class'});
    },
  };

  return {
    told({tags}) {
      const given = readTags(tags, count);
      if (!given) return;
      isKept = true;
      become(given);
    },
  };
}

// The tags that a host tells, null where it tells nothing of the kind; what does not fit is left out.
export function readTags(tags, count) {
  if (!Array.isArray(tags)) return null;
  const isRow = row => Number.isInteger(row) && row >= 0 && row < count;
  const read = tags.filter(tag => typeof tag?.name === 'string' && Array.isArray(tag.rows))
    .map(({name, rows}) => ({name: tidyName(name), rows: [...new Set(rows.filter(isRow))].sort((a, b) => a - b)}));
  return read.filter(({name}, k) => name && read.findIndex(other => other.name === name) === k).slice(0, TAG_LIMIT);
}

// On one line, not too long.
export function tidyName(text) {
  return [...text.replace(/\s+/g, ' ').trim()].slice(0, TAG_LENGTH).join('').trim();
}

// The name, or with a number behind it where one of these has it.
export function freeName(text, tags) {
  const name = tidyName(text) || 'group';
  const isTaken = wanted => tags.some(tag => tag.name === wanted);
  if (!isTaken(name)) return name;
  let number = 2;
  while (isTaken(`${name.slice(0, TAG_LENGTH - 4)} ${number}`)) number++;
  return `${name.slice(0, TAG_LENGTH - 4)} ${number}`;
}
