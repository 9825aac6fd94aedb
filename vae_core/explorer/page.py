"""A trained model as one HTML file, which opens from the file system and loads nothing.

It holds the bundle (half precision) and the explorer's modules, both compressed and as base64, a script
that unpacks them, and a style sheet. Its content security policy forbids everything but that script and
style sheet, named by their hash, and what the script makes itself (`blob:`): a label that should slip
through as markup could still do nothing.
"""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any

import numpy as np

from vae_core import conventions
from vae_core.config import NAMES, RunConfig
from vae_core.explorer import bundle as bundles
from vae_core.explorer.build import runtime_css, runtime_js

OPENS = ("z", "beta", "selected")  # of a view; the rest may need what the file does not hold
UNUSED = ("thumbs",)  # tensors that the file's explorer does not look at

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
<header><h1>$title</h1></header>
<main id="explorer" data-lab="$lab" data-view="$view">
<noscript>This page decodes pictures in the browser: allow JavaScript to see them.</noscript>
</main>
$replay<footer>$facts</footer>
<script type="text/plain" id="bundle">$bundle</script>
<script type="text/plain" id="runtime">$runtime</script>
$news$moments<script type="module">$script</script>
</body>
</html>
""")

REPLAY = '<section><h2>How it formed</h2><div id="replay"></div></section>\n'

SCRIPT = """
const unpacked = async (name) => {
  const text = atob(document.getElementById(name).textContent);
  const bytes = Uint8Array.from(text, letter => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
};
const code = new Blob([await unpacked('runtime')], {type: 'text/javascript'});
const {mount, mountReplay} = await import(URL.createObjectURL(code));
const place = document.getElementById('explorer');
const {lab, view} = place.dataset;
const state = JSON.parse(view) ?? undefined;
const explorer = mount(place, await unpacked('bundle'), {lab: lab === 'true', state});
if (document.getElementById('news')) {
  explorer.inform(JSON.parse(new TextDecoder().decode(await unpacked('news'))));
}
if (document.getElementById('moments')) {
  mountReplay(document.getElementById('replay'), await unpacked('moments'));
}
"""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --paper: #14171c; } }
body { max-width: 1760px; margin: 0 auto; padding: 16px; color: var(--ink); background: var(--paper);
  font: 14px/20px system-ui, sans-serif; }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 28px; font-weight: 600; overflow-wrap: anywhere; }
main { min-height: 80svh; }
body > section { margin-top: 40px; }
body > section > h2 { margin: 0 0 12px; font-size: 18px; line-height: 24px; font-weight: 600; }
footer { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 24px; font-size: 12px; line-height: 16px;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.distortion { color: color-mix(in srgb, #d55e00 75%, var(--ink)); }
.rate { color: color-mix(in srgb, #0072b2 75%, var(--ink)); }
.beta { color: color-mix(in srgb, #cc79a7 75%, var(--ink)); }
.ls .ls-example .ls-tile { width: 20px; height: 20px; border: 0; background: none; } /* it has no pictures */
@media (min-width: 700px) { body { padding: 24px 32px; } }
"""


def html(
    bundle: bytes,
    title: str | None = None,
    config: RunConfig | None = None,
    view: Mapping[str, Any] | None = None,
    moments: bytes | None = None,
) -> str:
    """The page for a bundle (`runs.Run.bundle()`), titled as the model is unless told otherwise.

    A bundle with a dial gets the views of the Beta lab, and with the run's config the conventions of beta.
    It opens at the z, beta and selected example of `view`, as far as that names them; see `web/state.js`.
    `moments` (`replay.pack`) add a replay of its training below.
    Raises BundleError for bytes that are no bundle, PackError for weights that half precision cannot hold.
    """
    small = bundles.drop(bundles.to_half(bundle), UNUSED)
    meta, tensors = bundles.read(small)
    style = STYLE + runtime_css()
    policy = {
        "default-src": "'none'",
        "script-src": f"{_hash(SCRIPT)} blob: 'wasm-unsafe-eval'",
        "style-src": _hash(style),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return PAGE.substitute(
        policy="; ".join(f"{name} {value}" for name, value in policy.items()),
        title=escape(title or meta["title"]),
        style=style,
        script=SCRIPT,
        bundle=_packed(small),
        runtime=_packed(runtime_js().encode()),
        lab=json.dumps("dial" in meta),
        view=escape(json.dumps({name: view[name] for name in OPENS if name in view} if view else None)),
        news=_news(meta, config),
        replay=REPLAY if moments else "",
        moments=_script("moments", moments) if moments else "",
        facts="\n".join(_facts(meta, tensors)),
    )


def file_name(title: str) -> str:
    """What the page's file is called: the title without what a file system would take amiss."""
    return (re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f]', "-", title).strip(". ")[:100] or "run") + ".html"


def _news(meta: Mapping[str, Any], config: RunConfig | None) -> str:
    """What the lab is told besides the bundle: how beta is called elsewhere."""
    if "dial" not in meta or config is None:
        return ""
    sigma = meta["report"].get("sigma")
    rows = conventions.as_news(config, meta["shape"], sigma if isinstance(sigma, int | float) else None)
    return _script("news", json.dumps({"conventions": rows}).encode())


def _script(name: str, content: bytes) -> str:
    return f'<script type="text/plain" id="{name}">{_packed(content)}</script>\n'


def largest(half: bytes) -> int:
    """Bytes that the page of a bundle in half precision takes at most."""
    return len(half) * 4 // 3 + len(PAGE.template) + len(STYLE) + len(runtime_css()) + len(runtime_js()) // 2


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _facts(meta: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> list[str]:
    """The footer's statements as markup: what the model was trained on, what it is, how well it did."""
    data, report = meta["data"], meta["report"]
    parameters = sum(tensor.size for name, tensor in tensors.items() if name.startswith("decoder."))
    pixels = NAMES.get(meta["likelihood"], meta["likelihood"]).partition(",")[0]
    dimensions = "1 latent dimension" if meta["latent"] == 1 else f"{meta['latent']} latent dimensions"
    return [
        _fact("", f"Data: {data.get('title') or 'unnamed'}, licence: {data.get('licence') or 'not given'}"),
        _fact("", f"Decoder: {parameters:,} parameters, {dimensions}, {pixels} pixels"),
        *(
            _fact(term, f"{term} {report[term]:.1f} nats")
            for term in ("distortion", "rate")
            if isinstance(report.get(term), int | float)
        ),
        _fact("beta", f"β {_betas(meta)}"),
        _fact("", "made with Latentscape"),
    ]


def _betas(meta: Mapping[str, Any]) -> str:
    """The one beta of a model, or the range of its dial with the one that the figures are of."""
    dial = meta.get("dial")
    return f"= {meta['beta']:g}" + (f", dial from {dial['low']:g} to {dial['high']:g}" if dial else "")


def _fact(kind: str, text: str) -> str:
    return f'<span class="{kind}">{escape(text)}</span>' if kind else f"<span>{escape(text)}</span>"
