"""Interpolate, Attributes: a direction from one group of examples to another, and what adding it does.

The groups are chosen here, the rest happens in the browser; directions_adapter.js is its other half.
"""

import base64
import hashlib
import json
from typing import Any

import numpy as np
import streamlit as st

from app import adapters, directions_saved, directions_state, directions_take, messages, services, state
from app.words import escaped
from vae_core import groups
from vae_core.attributes import LARGE, SMALL
from vae_core.directions import Direction
from vae_core.errors import LatentscapeError
from vae_core.explorer.build import runtime_css
from vae_core.groups import REST, VECTORS, Examples, Found
from vae_core.run import Run
from vae_core.tags import TagStore

TITLES = {"mean": "Difference of means", "lda": "LDA"}
HELP = (
    "The difference of means leads from the middle of one group to that of the other. LDA, Fisher's "
    "discriminant, leaves out what varies within the groups anyway."
)
APART = "Only what is orthogonal to that kept direction, so that adding it leaves that one as it is."
FIGURES = (
    "The effect is Cohen's d: how many standard deviations within the groups their means are apart along the "
    "direction; a large one begins at 0.8. Accuracy is balanced, of the discriminant on examples it was not "
    "made from: guessing gives 50 %. At cosine 1 both directions are the same."
)
_component = st.components.v2.component(
    "latentscape_directions",
    html='<div class="directions"></div>',
    css=runtime_css(),
    js=adapters.script("directions_adapter.js"),
)


def show(run: Run) -> None:
    """The page of a finished run. Call it outside fragments. Raises RunDamagedError or BundleError."""
    directions_state.begin(run.id)
    examples = _examples(run, str(run.path), services.stamp(run)).tagged(_tags(run))
    kept = {}
    with messages.in_plain_words():
        kept = directions_saved.kept(run, examples.mu.shape[1])
    with st.container(horizontal=True, vertical_alignment="bottom", key="directions-choice"):
        choice = _choose(run, examples, kept)
        ends = st.container(horizontal=True, width="content")
    found = direction = None
    if choice["having"]:
        with messages.in_plain_words():
            found = _found(run, examples, choice, kept)
            direction = _record(found, choice)
            _say(found, direction)
    else:
        messages.notice("No example has a label. Draw around two groups on the map below.")
    shown = [directions_saved.told(direction, "")] if direction else []
    shown += [directions_saved.told(kept[name]) for name in choice["added"]]
    begun = _typical(examples.mu, found.without) if found else 0
    with ends:
        if direction:
            directions_saved.keep(run, direction)
        directions_saved.manage(run, kept)
        directions_take.choose(run, examples.mu, begun, shown)
    directions_take.status(run)
    _mount(run, examples, found, begun, shown, choice)


@st.cache_resource(show_spinner=False, max_entries=16)
def _examples(_run: Run, path: str, stamp: int) -> Examples:
    return groups.read(services.bundle(_run)[0])


def _tags(run: Run) -> Any:
    try:
        return TagStore().list(run, state.owner())
    except LatentscapeError:
        return ()  # Explore says so with the next tag


def _choose(run: Run, examples: Examples, kept: dict[str, Direction]) -> dict[str, Any]:
    """What is chosen, {having, without, vector, apart, added}; `having` is empty where nothing can be."""
    asked = directions_state.chosen(run.id)
    own = [words for name in ("having", "without") if (words := asked.get(name)) and words != REST]
    named = groups.offered(examples)
    offered = [*named, *(words for words in dict.fromkeys(own) if words not in named)]
    choice = {
        "having": asked.get("having") or (offered[0] if offered else ""),
        "without": asked.get("without", REST),
        "vector": asked.get("vector", VECTORS[0]),
        "apart": asked["apart"] if asked.get("apart") in kept else "",
        "added": [name for name in asked.get("added", []) if name in kept],
    }
    if offered:
        _pick(run, choice, "having", "Examples having it", offered, groups.titled)
        _pick(run, choice, "without", "Examples without it", [REST, *offered], groups.titled)
        _pick(run, choice, "vector", "Direction", VECTORS, TITLES.__getitem__, HELP)
    if kept and offered:
        _pick(run, choice, "apart", "Orthogonal to", ["", *kept], lambda name: name or "none", APART)
    if kept:
        _add(run, list(kept), choice)
    return choice


def _found(run: Run, examples: Examples, choice: dict[str, Any], kept: dict[str, Direction]) -> Found:
    """Raises DirectionError or PathError."""
    words = {name: choice[name] for name in ("having", "without", "vector")}
    apart = kept[choice["apart"]].z if choice["apart"] else ()
    tagged = [examples.tags.get(text.removeprefix("tag="), ()) for text in words.values()]
    rows = [np.array(places, np.int64).tobytes() for places in tagged]  # compared sooner than numbers
    return _between(examples, str(run.path), services.stamp(run), rows, apart=apart, **words)


@st.cache_resource(show_spinner="Comparing both groups …", max_entries=64)
def _between(
    _examples: Examples, path: str, stamp: int, rows: Any, having: str, without: str, vector: str, apart: Any
) -> Found:
    """Once for the same groups: of a hundred thousand examples it takes seconds. `rows` are those of tags."""
    return groups.between(_examples, having, without, vector, np.array(apart) if apart else None)


def _pick(
    run: Run,
    choice: dict[str, Any],
    name: str,
    label: str,
    options: Any,
    title: Any,
    about: str | None = None,
) -> None:
    """A list whose choice is remembered beyond the page."""
    directions_state.put(run.id, f"pick-{name}", choice[name])
    st.selectbox(
        label,
        options,
        format_func=title,
        key=directions_state.key(run.id, f"pick-{name}"),
        on_change=_picked,
        args=(run.id, name),
        help=about,
        width=184,
    )


def _picked(run_id: str, name: str) -> None:
    directions_state.chosen(run_id)[name] = directions_state.value(run_id, f"pick-{name}")


def _add(run: Run, names: list[str], choice: dict[str, Any]) -> None:
    directions_state.put(run.id, "pick-added", choice["added"])
    st.multiselect(
        "Add kept directions",
        names,
        max_selections=directions_state.ADDED,
        key=directions_state.key(run.id, "pick-added"),
        on_change=_picked,
        args=(run.id, "added"),
        placeholder="None",
        width=240,
    )


def _record(found: Found, choice: dict[str, Any]) -> Direction:
    titles = [groups.titled(choice[name]) for name in ("having", "without")]
    effect = found.attribute.effect if choice["vector"] == "mean" else found.attribute.lda_effect
    accuracy = found.attribute.accuracy
    return Direction(
        "", tuple(found.z.tolist()), found.zero, titles[0], titles[1], choice["vector"], effect, accuracy
    )


def _say(found: Found, direction: Direction) -> None:
    """What the direction is worth, and what to know before believing it."""
    size = "large" if direction.effect >= LARGE else "medium" if direction.effect >= SMALL else "small"
    away, there = found.attribute.sizes
    st.markdown(
        f"**{escaped(direction.having)}** ({there:,}) − **{escaped(direction.without)}** ({away:,}) · effect "
        f"{direction.effect:.1f} σ, {size} · told apart in {100 * direction.accuracy:.0f} % of held-out "
        f"examples · means and LDA at cosine {found.attribute.cosine:.2f}",
        help=FIGURES,
    )
    if found.notes:
        st.warning("\n\n".join(map(escaped, found.notes)), icon=":material/warning:")


def _mount(
    run: Run,
    examples: Examples,
    found: Found | None,
    begun: int,
    shown: list[dict[str, Any]],
    choice: dict[str, Any],
) -> None:
    contents = services.bundle(run)[0]
    identity = hashlib.sha256(contents).hexdigest()[:16]
    kinds = np.zeros(len(examples.mu), np.uint8)
    if found:
        kinds[found.without], kinds[found.having] = 1, 2
    news = {"directions": shown, "kinds": base64.b64encode(kinds.tobytes()).decode(), "start": begun}
    head = json.dumps({"id": f"{run.id}/{identity}", "bundle": len(contents)}).encode() + b"\n"
    with st.container(key="directions-stage", gap=None):
        _component(
            key=directions_state.key(run.id),
            data={
                "id": f"{run.id}/{identity}",
                "run": run.id,
                "place": directions_state.start(run.id),
                "news": news,
                "words": directions_state.in_address(choice),
            },
            on_place_change=lambda: directions_state.take(run.id),
            on_event_change=lambda: _drawn(run, examples, choice),
        )
        _component(
            key=directions_state.key(run.id, "bytes"), data=head + contents + services.extras(run), height=1
        )


def _typical(mu: np.ndarray, rows: np.ndarray) -> int:
    """The example of a group that is nearest to its mean."""
    return int(rows[((mu[rows] - mu[rows].mean(0)) ** 2).sum(1).argmin()])


def _drawn(run: Run, examples: Examples, choice: dict[str, Any]) -> None:
    """A group drawn on the map is chosen, without examples of the other group, which stay there."""
    drawn = directions_state.drawn(run.id)
    if not drawn or not drawn[1] or max(drawn[1]) >= len(examples.mu):
        return
    group, rows = drawn
    other = choice["without" if group == "having" else "having"]
    taken: set[int] = set()
    if other not in ("", REST):
        with messages.in_a_toast():
            taken = set(groups.rows(examples, other).tolist())
    kept = sorted(set(rows) - taken)
    if len(kept) < len(set(rows)):
        st.toast(f"{len(set(rows)) - len(kept):,} of them are in the other group and stay there.")
    if kept:
        directions_state.chosen(run.id)[group] = f"rows={_ranges(kept)}"


def _ranges(rows: list[int]) -> str:
    """Places in order as 3,7-9."""
    ends = np.flatnonzero(np.diff(rows) != 1)
    firsts = [rows[0], *(rows[k + 1] for k in ends)]
    lasts = [*(rows[k] for k in ends), rows[-1]]
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in zip(firsts, lasts, strict=True))
