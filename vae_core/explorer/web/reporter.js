// Tells the outside where things came to rest: at once on release, after 200 ms without change otherwise, never
// while a button is down and never the same twice.

const REST = 200; // milliseconds

// `read()` gives what would be sent (JSON-able), `send` gets it, `rested()` is called every time.
export function createReporter(read, send, rested) {
  let timer = 0;
  let [isHeld, isGone] = [false, false];
  let last = JSON.stringify(read());

  function settle() {
    clearTimeout(timer);
    if (isGone) return;
    rested();
    const now = read();
    if (JSON.stringify(now) === last) return;
    last = JSON.stringify(now);
    send(now, {final: true});
  }

  return {
    isHeld: () => isHeld,
    hold() {
      isHeld = true;
      clearTimeout(timer);
    },
    release() {
      isHeld = false;
      settle();
    },
    changed() {
      clearTimeout(timer);
      if (!isHeld && !isGone) timer = setTimeout(settle, REST);
    },
    // The change came from outside: nothing to tell.
    adopt() {
      clearTimeout(timer);
      last = JSON.stringify(read());
      rested();
    },
    // For good: a picture that is still being read may yet change something.
    stop() {
      isGone = true;
      clearTimeout(timer);
    },
  };
}
