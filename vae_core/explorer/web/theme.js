// Colours of the page, read from the style sheet, which takes them from Streamlit's variables where there are any.

// {ink, paper, latent, font, isDark} as the style sheet gives them to the map's canvas.
export function readTheme(canvas) {
  const style = getComputedStyle(canvas);
  const [ink, paper] = [style.color, style.backgroundColor];
  const isDark = brightness(ink) > brightness(paper);
  return {ink, paper, latent: style.caretColor, font: style.fontFamily, isDark};
}

// The variables change on an ancestor we do not know, and no event tells. But the style sheet gives the canvas a
// transition of a millisecond on its colours, and the end of a transition is an event.
export function watchTheme(canvas, changed, signal) {
  canvas.addEventListener('transitionend', changed, {signal});
}

// Of any colour the style sheet can name, from 0 to 765.
function brightness(colour) {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return red + green + blue;
}
