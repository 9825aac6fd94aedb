"""A trained model as one HTML file, which opens from the file system and loads nothing.

It holds the bundle (half precision), what else was asked for, the modules of the explorer that this needs and
their style sheet, all packed as text (`page_pack`), and a script that unpacks them. Its content security
policy forbids everything but that script and its own style sheet, named by their hash, pictures that lie in
the page (`data:`), and what the script makes itself (`blob:`): a label that should slip through as markup
could still do nothing. Before the script runs, and where none does, a strip of pictures stands in its place.
"""

import base64
import hashlib
import io
import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from vae_core import conventions
from vae_core.config import NAMES, RunConfig
from vae_core.explorer import bundle as bundles
from vae_core.explorer import page_frame as frame
from vae_core.explorer import page_pack, page_parts, page_words
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.explorer.page_parts import Inside
from vae_core.storage import read_tensors

OPENS = ("z", "beta", "selected", "axes", "hidden", "view", "grid", "tint", "colour")  # of a view
UNUSED = ("thumbs",)  # tensors that the file's explorer does not look at
MAP_ALONE = Inside()


def html(
    bundle: bytes,
    title: str | None = None,
    config: RunConfig | None = None,
    view: Mapping[str, Any] | None = None,
    inside: Inside = MAP_ALONE,
) -> str:
    """The page for a bundle (`runs.Run.bundle()`), titled as the model is unless told otherwise.

    A bundle with a dial gets the views of the Beta lab, and with the run's config the conventions of beta.
    It opens at what `view` names of `web/state.js`, as far as the file holds what that needs.
    Raises BundleError for bytes that are no bundle, PackError for weights that half precision cannot hold.
    """
    small = bundles.drop(bundles.to_half(bundle), UNUSED)
    meta, tensors = bundles.read(small)
    held = _held_bytes(meta, small, config, inside)
    policy = {
        "default-src": "'none'",
        "script-src": f"{_hash(frame.SCRIPT)} blob: 'wasm-unsafe-eval'",
        "style-src": _hash(frame.STYLE),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return frame.PAGE.substitute(
        policy="; ".join(f"{name} {value}" for name, value in policy.items()),
        title=escape(page_words.title(title or "") or meta["title"]),
        notes=_notes(inside.notes),
        style=frame.STYLE,
        script=frame.SCRIPT,
        sections=_sections(meta, view, inside),
        contents="".join(page_pack.element(name, content) for name, content in held.items()),
        facts="\n".join(_facts(meta, tensors)),
    )


def _notes(notes: str) -> str:
    written = page_words.paragraphs(notes)
    return f'<div class="notes">{written}</div>\n' if written else ""


def _sections(meta: Mapping[str, Any], view: Mapping[str, Any] | None, inside: Inside) -> str:
    """Player, map and replay, in the order of looking; the still strip stands in the first."""
    has_player = inside.place is not None
    player_first = has_player and inside.comes_first
    still = _still(inside)
    kept = {name: view[name] for name in OPENS if name in view} if view else None
    middle = frame.MAP.substitute(
        lab=json.dumps("dial" in meta),
        view=escape(json.dumps(kept)),
        hide=escape(json.dumps([] if inside.sliders else ["sliders"])),
        heading='<h2 class="second">The map</h2>\n' if player_first else "",
        still="" if player_first else still,
    )
    parts = [middle]
    if has_player:
        player = frame.PATH.substitute(
            heading="" if player_first else "<h2>From picture to picture</h2>",
            place=escape(json.dumps(inside.place)),
            still=still if player_first else "",
        )
        parts.insert(0 if player_first else 1, player)
    return "\n".join([*parts, *([frame.REPLAY] if inside.moments else [])])


def _still(inside: Inside) -> str:
    """The strip of pictures that stands there until the script runs; without one a sentence."""
    if not len(inside.strip):
        return frame.NOSCRIPT
    pixels = np.moveaxis(np.concatenate(list(inside.strip[:, :3]), axis=2), 0, -1).squeeze()
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", optimize=True)
    height, width = pixels.shape[:2]
    return frame.STRIP.substitute(
        address="data:image/png;base64," + base64.b64encode(stream.getvalue()).decode(),
        width=min(960, 4 * width),
        height=round(min(960, 4 * width) * height / width),
        said=escape(inside.said or "Decoded pictures"),
    )


def _held_bytes(
    meta: Mapping[str, Any], small: bytes, config: RunConfig | None, inside: Inside
) -> dict[str, bytes]:
    """All that the script unpacks, by the names of its elements."""
    has_encoder, has_thumbs = _held(inside.extras)
    names, without = page_parts.modules(meta, inside, has_encoder)
    sheet = runtime_css() + ("" if has_thumbs else frame.PICTURELESS)
    news = _news(meta, config)
    held = {
        "bundle": small,
        "runtime": runtime_js(names, without).encode(),
        "sheet": sheet.encode(),
        "extras": inside.extras,
        "news": json.dumps(news).encode() if news else b"",
        "way": json.dumps(inside.news).encode() if inside.news else b"",
        "moments": inside.moments,
    }
    return {name: content for name, content in held.items() if content}


def _held(extras: bytes) -> tuple[bool, bool]:
    """Whether extras hold an encoder, and pictures."""
    tensors = read_tensors(extras, name="the extras")[0] if extras else {}
    return any(name.startswith("encoder.") for name in tensors), "thumbs" in tensors


def size(bundle: bytes, config: RunConfig | None = None, inside: Inside = MAP_ALONE) -> int:
    """Bytes of the page but for the strip, to a few hundred; sooner known than made. Raises as `html`."""
    small = bundles.drop(bundles.to_half(bundle), UNUSED)
    held = _held_bytes(bundles.read(small)[0], small, config, inside)
    texts = len(frame.PAGE.template) + len(frame.SCRIPT) + len(frame.STYLE) + len(inside.notes)
    return sum(page_pack.size(content) for content in held.values()) + texts + 1_500


def file_name(title: str) -> str:
    """What the page's file is called: the title without what a file system would take amiss, and without what
    turns the direction of letters, behind which another ending could hide."""
    title = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", title)
    return (re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f]', "-", title).strip(". ")[:100] or "run") + ".html"


def _news(meta: Mapping[str, Any], config: RunConfig | None) -> dict[str, Any]:
    """What the lab is told besides the bundle: how beta is called elsewhere."""
    if "dial" not in meta or config is None:
        return {}
    sigma = meta["report"].get("sigma")
    rows = conventions.as_news(config, meta["shape"], sigma if isinstance(sigma, int | float) else None)
    return {"conventions": rows}


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
