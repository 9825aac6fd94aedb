// One animation-frame loop that sleeps until it is asked, and short glides that run in it.

// {ask() for a frame, glide(milliseconds, step) -> finish(), stop() for good}. `draw()` says whether it wants another
// frame; a glide's `step(t)` gets t from 0 to 1, slowing down, or 1 at once where motion is unwelcome.
export function createLoop(draw) {
  const glides = new Set();
  const isStill = matchMedia('(prefers-reduced-motion: reduce)');
  let frame = 0;
  const ask = () => { frame ||= requestAnimationFrame(tick); };

  function tick(now) {
    frame = 0;
    for (const advance of glides) advance(now);
    if (draw(now) || glides.size) ask();
  }

  function glide(milliseconds, step) {
    const start = performance.now();
    const advance = now => {
      const t = isStill.matches ? 1 : Math.min(1, Math.max(0, now - start) / milliseconds);
      if (t === 1) glides.delete(advance);
      step(t * (2 - t));
    };
    glides.add(advance);
    ask();
    return () => { if (glides.delete(advance)) step(1); };
  }

  return {
    ask,
    glide,
    isStill,
    stop() {
      glides.clear();
      cancelAnimationFrame(frame);
      frame = -1;
    },
  };
}
