"""A view of the explorer as parameters of an address, and back. Whatever comes from an address is checked.

v        version of this form, 1
beta     where the dial of a run with a range of beta stands
beta2    where that of the picture beside stands
example  number of an example in its data set: the pin stands on its code
z        the pin, (Z,) numbers; with `example` what was kept of it and what was moved
axes     two dimensions, counted from 1 as on the page
chart    what the map shows, where that is not its axes
off      classes switched off, counted from 0
colour   what the points' colours mean, where that is not their class
tint     the dimension whose pixels are tinted, counted from 1
zoom     middle of the map and units along its shorter side
grid     1 for decoded pictures behind the points
pair     how a second run beside follows: z (else the same example), aligned, or both
saved    a view that was too long for an address, by its id (`vae_core.views`)
"""

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeGuard

import numpy as np

from app.link_model import Dial, LinkError, Model, View, numbers
from app.panels import LAB, PANELS

__all__ = [
    "CHARTS",
    "KEYS",
    "LAB",
    "LONGEST",
    "PANELS",
    "Dial",
    "LinkError",
    "Model",
    "View",
    "checked",
    "query",
    "read",
]

VERSION = 1
BETAS = ("beta", "beta2")
KEYS = (
    "v",
    *BETAS,
    "example",
    "z",
    "axes",
    "chart",
    "off",
    "colour",
    "tint",
    "zoom",
    "grid",
    "pair",
    "saved",
)
_PAIRED: View = {"together": "z", "aligned": True}  # what is not so anyway, and
_PAIR = {"together": "z", "aligned": "aligned"}  # how an address says it
CHARTS = ("axes", "pca", "umap", "tsne", "lda")
LONGEST = 2000  # characters of an address that every browser and chat takes
SAME = 2e-4  # z as it travels from the browser is rounded to four decimals,
SAME_DIALLED = 1e-3  # and its beta to a few digits


def query(view: View | None, model: Model) -> dict[str, str]:
    """A view that `checked` has passed as parameters, leaving out what is so anyway."""
    if not view:
        return {}
    selected = view.get("selected", -1)
    on_example = selected >= 0 and _stands_on(selected, view, model)
    parts = {
        "v": str(VERSION),
        **{key: f"{view[key]:.6g}" for key in BETAS if view.get(key)},
        "example": str(model.index[selected]) if selected >= 0 else "",
        "z": "" if on_example else _joined(view["z"], 3),
        "axes": ",".join(str(axis + 1) for axis in view.get("axes", ())),
        "chart": "" if view.get("chart") == "axes" else view.get("chart", ""),
        "off": ",".join(str(k) for k in view.get("hidden", ())),
        "colour": "" if view.get("colour") == "class" else view.get("colour", ""),
        "tint": str(view["tint"] + 1) if view.get("tint", -1) >= 0 else "",
        "zoom": _joined(view["view"], 4) if view.get("view") else "",
        "grid": "1" if view.get("grid") else "",
        "pair": ",".join(_PAIR[key] for key, value in _PAIRED.items() if view.get(key) == value),
    }
    return {key: text for key, text in parts.items() if text}


def _stands_on(row: int, view: View, model: Model) -> bool:
    """Whether z is the code of an example, at the beta of the view."""
    close = SAME_DIALLED if "beta" in view else SAME
    return np.allclose(model.at(view.get("beta")).mu[row], view["z"], rtol=0, atol=close)


def read(asked: Mapping[str, str], model: Model) -> tuple[View, list[str]]:
    """The view that parameters ask for, and a sentence for each one that does not fit and was passed over."""
    view: View = {}
    complaints = []
    if asked.get("v", str(VERSION)) != str(VERSION):
        complaints.append("This address was made by another version of Latentscape; what fits is shown.")
    for key, understand in _READERS.items():
        if key not in asked:
            continue
        try:
            view |= understand(asked[key], model.at(view.get("beta")) if key == "example" else model)
        except LinkError as error:
            view |= error.instead
            complaints.append(str(error))
    return view, complaints


def checked(value: Any, model: Model) -> View | None:
    """A view as the browser reports it: only what fits the model. None without a usable z."""
    if not isinstance(value, Mapping):
        return None
    z = numbers(value.get("z"), model.latent)
    if z is None:
        return None
    view: View = {"z": z}
    for key in BETAS:
        beta = value.get(key)
        if model.dial and isinstance(beta, int | float) and beta is not True and model.dial.holds(beta):
            view[key] = model.dial.nearest(beta)
    axes, hidden, zoom = value.get("axes"), value.get("hidden"), value.get("view")
    if _are_places(axes, model.latent) and len(axes) == min(2, model.latent) == len(set(axes)):
        view["axes"] = list(axes)
    if _are_places(hidden, model.classes):
        view["hidden"] = sorted(set(hidden))
    zoomed = numbers(zoom, 3)
    if zoomed and zoomed[2] > 0:
        view["view"] = zoomed
    for key, low, count in (("selected", -1, len(model.index)), ("tint", -1, model.latent)):
        if type(value.get(key)) is int and low <= value[key] < count:
            view[key] = value[key]
    for key, fits in (("chart", CHARTS.__contains__), ("colour", _is_colour)):
        if isinstance(value.get(key), str) and fits(value[key]):
            view[key] = value[key]
    for key in ("grid", "aligned"):
        if isinstance(value.get(key), bool):
            view[key] = value[key]
    if value.get("together") in ("example", "z"):
        view["together"] = value["together"]
    return view


def _joined(values: Any, decimals: int) -> str:
    return ",".join(f"{value:.{decimals}f}" for value in values)


def _are_places(values: Any, count: int) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < count for value in values)


def _is_colour(text: str) -> bool:
    return len(text) <= 100 and text.isprintable()


# Each takes the parameter's text and gives a part of the view, or raises LinkError.


def _beta(text: str, model: Model, key: str = "beta") -> View:
    dial = model.dial
    if dial is None:
        raise LinkError("This run was trained with one β, so the β in the address changes nothing.")
    known = f"this run knows β from {dial.low:g} to {dial.high:g}"
    try:
        beta = float(text)
    except ValueError:
        beta = math.nan
    if not (math.isfinite(beta) and beta > 0):
        raise LinkError(f"The β in the address is no number above 0: {text[:20]}; {known}.")
    nearest = dial.nearest(beta)
    if not dial.holds(beta):
        raise LinkError(
            f"The address asks for β {beta:g}, and {known}. Showing β {nearest:g}.", {key: nearest}
        )
    return {key: nearest}


def _example(text: str, model: Model) -> View:
    known = re.fullmatch(r"\d{1,9}", text) and np.flatnonzero(model.index == int(text))
    if known is None or len(known) == 0:
        raise LinkError(f"The example in the address is not on this map: {text[:20]}.")
    return {"selected": int(known[0]), "z": model.mu[known[0]].tolist()}


def _z(text: str, model: Model) -> View:
    z = numbers(text.split(","), model.latent)
    if z is None:
        dimensions = f"{model.latent} latent dimension{'s' if model.latent > 1 else ''}"
        raise LinkError(
            f"The z in the address does not fit: this run has {dimensions}, each a number. "
            "Showing where it begins instead."
        )
    return {"z": z}


def _axes(text: str, model: Model) -> View:
    axes = _counted(text, 1, model.latent)
    if axes is None or not len(axes) == len(set(axes)) == min(2, model.latent):
        raise LinkError(
            f"The axes in the address do not fit: two different dimensions from 1 to {model.latent}. "
            "Showing the first two instead."
        )
    return {"axes": axes}


def _chart(text: str, model: Model) -> View:
    if text not in CHARTS:
        raise LinkError(f"The chart in the address is none of {', '.join(CHARTS)}.")
    return {"chart": text}


def _off(text: str, model: Model) -> View:
    hidden = _counted(text, 0, model.classes)
    if hidden is None:
        raise LinkError(f"The classes in the address do not fit: this run has {model.classes}, from 0.")
    return {"hidden": sorted(set(hidden))}


def _colour(text: str, model: Model) -> View:
    if not _is_colour(text):
        raise LinkError("The colour in the address is not readable.")
    return {"colour": text}


def _tint(text: str, model: Model) -> View:
    tints = _counted(text, 1, model.latent)
    if tints is None or len(tints) != 1:
        raise LinkError(f"The tint in the address is no dimension from 1 to {model.latent}.")
    return {"tint": tints[0]}


def _zoom(text: str, model: Model) -> View:
    zoom = numbers(text.split(","), 3)
    if zoom is None or zoom[2] <= 0:
        raise LinkError("The zoom in the address is not three numbers, the last above 0.")
    return {"view": zoom}


def _grid(text: str, model: Model) -> View:
    return {"grid": text == "1"}


def _pair(text: str, model: Model) -> View:
    words = text.split(",")
    if not set(words) <= set(_PAIR.values()):
        raise LinkError("What the address says of the run beside is neither z nor aligned.")
    return {key: _PAIRED[key] for key, word in _PAIR.items() if word in words}


def _counted(text: str, first: int, count: int) -> list[int] | None:
    """Whole numbers from `first`, as numbers from 0; None where one is out of place."""
    parts = text.split(",")
    if not all(re.fullmatch(r"\d{1,4}", part) for part in parts):
        return None
    found = [int(part) - first for part in parts]
    return found if all(0 <= number < count for number in found) else None


_READERS: dict[str, Callable[[str, Model], View]] = {
    "beta": _beta,
    "beta2": partial(_beta, key="beta2"),
    "example": _example,  # after beta, which says where its code lies
    "z": _z,  # after the example, whose code it overrides
    "axes": _axes,
    "chart": _chart,
    "off": _off,
    "colour": _colour,
    "tint": _tint,
    "zoom": _zoom,
    "grid": _grid,
    "pair": _pair,
}
