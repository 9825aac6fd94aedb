"""What every one-file page has: its markup, its script and its own style sheet."""

from string import Template

from vae_core.explorer.page_pack import UNPACK

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Latentscape">
<title>$title</title>
<style>$style</style>
</head>
<body>
<header><h1>$title</h1>
$notes</header>
$sections
<footer>$facts</footer>
$contents<script type="module">$script</script>
</body>
</html>
""")

STRIP = Template("""<figure class="still"><img src="$address" width="$width" height="$height" alt="$said">
<figcaption>$said. This page moves in a browser: open it there, with JavaScript allowed.
</figcaption></figure>""")
NOSCRIPT = "<noscript>This page decodes pictures in the browser: allow JavaScript to see them.</noscript>"

MAP = Template(
    '$heading<main id="explorer" data-lab="$lab" data-view="$view" data-hide="$hide">\n$still\n</main>'
)
PATH = Template('<section>$heading<div id="path" data-place="$place">\n$still\n</div></section>')
REPLAY = '<section><h2>How it formed</h2><div id="replay"></div></section>'

# The style sheet of `web/` comes with the script: what is shown without it needs STYLE alone.
SCRIPT = (
    UNPACK
    + """
const told = async (name) => JSON.parse(new TextDecoder().decode(await unpacked(name)));
const has = (name) => document.getElementById(name) !== null;
const code = new Blob([await unpacked('runtime')], {type: 'text/javascript'});
const {mount, mountPath, mountReplay} = await import(URL.createObjectURL(code));
const sheet = new CSSStyleSheet();
sheet.replaceSync(new TextDecoder().decode(await unpacked('sheet')));
document.adoptedStyleSheets = [sheet];
document.body.classList.add('alive');
const [bundle, extras] = [await unpacked('bundle'), has('extras') ? await unpacked('extras') : null];
if (has('path')) {
  const notes = [...document.querySelectorAll('.notes p')].map(text => text.innerText);
  const place = JSON.parse(document.getElementById('path').dataset.place);
  const [news, words] = [has('way') ? await told('way') : null, {title: document.title, notes}];
  mountPath(document.getElementById('path'), bundle, extras, {place, news, words});
}
const target = document.getElementById('explorer');
const {lab, view, hide} = target.dataset;
const state = JSON.parse(view) ?? undefined;
const explorer = mount(target, bundle, {lab: lab === 'true', state, hide: JSON.parse(hide)});
if (extras) explorer.extend(extras);
if (has('news')) explorer.inform(await told('news'));
if (has('moments')) mountReplay(document.getElementById('replay'), await unpacked('moments'));
"""
)

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --paper: #14171c; } }
body { max-width: 1760px; margin: 0 auto; padding: 16px; color: var(--ink); background: var(--paper);
  font: 14px/20px system-ui, sans-serif; }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 28px; font-weight: 600; overflow-wrap: anywhere; }
.notes { max-width: 72ch; margin: 0 0 16px; font-size: 16px; line-height: 24px; overflow-wrap: anywhere; }
.notes p { margin: 0 0 8px; }
.alive main { min-height: 80svh; }
body:not(.alive) h2 { display: none; }
body > section { margin-top: 40px; }
header + section { margin-top: 0; }
h2.second { margin-top: 40px; }
h2 { margin: 0 0 12px; font-size: 18px; line-height: 24px; font-weight: 600; }
.still { margin: 0; }
.still img { width: 100%; max-width: 960px; height: auto; image-rendering: pixelated; }
.still figcaption { font-size: 12px; line-height: 16px; }
.alive .still { visibility: hidden; }
footer { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 24px; font-size: 12px; line-height: 16px;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.distortion { color: color-mix(in srgb, #d55e00 75%, var(--ink)); }
.rate { color: color-mix(in srgb, #0072b2 75%, var(--ink)); }
.beta { color: color-mix(in srgb, #cc79a7 75%, var(--ink)); }
@media (min-width: 700px) { body { padding: 24px 32px; } }
"""

# Of a page without pictures of the examples, after the style sheet of `web/`.
PICTURELESS = ".ls .ls-example .ls-tile { width: 20px; height: 20px; border: 0; background: none; }\n"
