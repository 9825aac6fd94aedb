"""Groups of a run's examples in words, and the direction from one group to another. Needs no torch.

class=7        the examples of a class, by its name or its number from 0
size=high      the third of the examples with the largest values of a known factor; size=low, the smallest
tag=boots      a group that someone kept (`tags.py`)
rows=3,7-9     examples by their places among the run's evaluation points
rest           all examples that are not in the other group
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vae_core import attributes
from vae_core.attributes import Attribute
from vae_core.errors import DirectionError
from vae_core.explorer import bundle
from vae_core.tags import Tag

REST = "rest"
VECTORS = ("mean", "lda")
LONGEST = 2_000_000  # characters of a group in words
FEW = 12  # values of a factor, up to which each is a label of its own
DEAD_BELOW = 0.01  # nats of a dimension, below which it carries nothing; as on pages
SAME = 0.99  # Cramér's V, above which two labellings are one
SHOWN = 40  # characters of a name within a sentence


@dataclass(frozen=True)
class Examples:
    """The encoded evaluation pictures of a run, and what is known of each."""

    mu: np.ndarray  # (N, Z)
    labels: np.ndarray  # (N,) -1 where unknown
    names: tuple[str, ...]  # of the classes
    factors: Mapping[str, np.ndarray]  # (N,) each
    live: np.ndarray  # (Z,) bool: dimensions that carry something
    tags: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # places among the points

    def tagged(self, tags: Sequence[Tag]) -> "Examples":
        """The same with these groups; places that are not among the points are left out."""
        count = len(self.mu)
        return replace(self, tags={tag.name: tuple(n for n in tag.rows if n < count) for tag in tags})


@dataclass(frozen=True)
class Found:
    """A direction z (Z,): added once, a code has crossed from one group's mean to the other's along it.

    `zero` is where the mean of the examples without lies: (code @ z) / (z @ z) - zero is 0 there, 1 at
    the mean of those having it.
    """

    z: np.ndarray
    zero: float
    attribute: Attribute
    notes: list[str]
    having: np.ndarray  # places among the points, in order
    without: np.ndarray


def read(contents: bytes) -> Examples:
    """Of a run's bundle. Raises BundleError."""
    meta, tensors = bundle.read(contents)
    factors = {name: tensors[f"factors.{k}"] for k, name in enumerate(meta.get("factors", []))}
    mu = tensors["points.mu"].astype(np.float32, copy=False)
    live = np.array(meta["kl"]) >= DEAD_BELOW
    return Examples(mu, tensors["points.label"], tuple(meta["labels"]), factors, live)


def offered(examples: Examples) -> list[str]:
    """The words of all groups that have a name: classes with examples, ends of factors, tags."""
    classes = [f"class={name}" for k, name in enumerate(examples.names) if (examples.labels == k).any()]
    ends = [
        f"{name}={end}"
        for name, values in examples.factors.items()
        for end in ("high", "low")
        if len(values) and values.min() < values.max()
    ]
    return [*classes, *ends, *(f"tag={name}" for name in examples.tags)]


def titled(words: str) -> str:
    """What a person calls the group."""
    kind, _, name = words.partition("=")
    if words == REST:
        return "all others"
    if kind == "rows":
        found = _numbers(name)
        count = 0 if found is None else len(found)
        return f"{count:,} drawn example{'s' if count != 1 else ''}"
    return name if kind in ("class", "tag") else f"{kind} {name}"


def rows(examples: Examples, words: str) -> np.ndarray:
    """Places of a group's examples among the points, each once and in order. Raises DirectionError."""
    kind, equals, name = words.strip()[:LONGEST].partition("=")
    if not equals:
        raise DirectionError(
            f"{words[:SHOWN]!r} names no group of examples. Write class=NAME, FACTOR=high, FACTOR=low, "
            "tag=NAME or rows=3,7-9."
        )
    if kind == "class":
        return np.flatnonzero(examples.labels == _class(examples, name))
    if kind == "tag":
        if name not in examples.tags:
            raise DirectionError(f"There is no tag {name[:SHOWN]!r} here{_of(examples.tags)}.")
        return np.unique(np.array(examples.tags[name], np.int64))
    if kind == "rows":
        found = _numbers(name)
        if found is None or (len(found) and found[-1] >= len(examples.mu)):
            raise DirectionError(
                f"rows={name[:SHOWN]} names no examples of this run: write places from 0 to "
                f"{len(examples.mu) - 1}, such as 3,7-9."
            )
        return found
    if kind not in examples.factors:
        raise DirectionError(f"This run knows no factor {kind[:SHOWN]!r}{_of(examples.factors)}.")
    return _end(kind, examples.factors[kind], name)


def between(
    examples: Examples,
    having: str,
    without: str = REST,
    vector: str = "mean",
    apart: np.ndarray | None = None,
) -> Found:
    """The direction from the group `without` to the group `having`, both in words.

    `vector` is one of VECTORS, difference of means or Fisher's discriminant; with `apart` (Z,), what of it is
    orthogonal to that other direction. Dimensions that carry nothing stay as they are: the decoder does not
    look at them, but their encodings vary so little that a discriminant would see large differences there.

    Raises DirectionError, PathError for groups that say nothing.
    """
    if REST in (having, without) and having == without:
        raise DirectionError("All others than which? Choose a group of examples first.")
    chosen = {words: rows(examples, words) for words in (having, without) if words != REST}
    every = np.arange(len(examples.mu))
    there, away = (
        chosen[words] if words != REST else np.setdiff1d(every, chosen[other])
        for words, other in ((having, without), (without, having))
    )
    if not examples.live.any():
        raise DirectionError("Nothing gets through this model, so its codes know no attribute.")
    found = _whole(attributes.attribute(examples.mu[:, examples.live], away, there), examples.live)
    z = (found.mean if vector == "mean" else found.lda).astype(np.float64)
    if apart is not None:
        z = _spanning(attributes.without_part(z, apart), found.mean)
    zero = float(examples.mu[away].astype(np.float64).mean(0) @ z / (z @ z))
    notes = attributes.remarks(found, associations(examples, having, without, there, away))
    return Found(z.astype(np.float32), zero, found, notes, there, away)


def associations(
    examples: Examples, having: str, without: str, there: np.ndarray, away: np.ndarray
) -> dict[str, float]:
    """How much two groups also differ in what else is known: Cramér's V by name.

    Labellings that the groups were made of, or that say the same, are left out.
    """
    known = {"class": examples.labels} if len(examples.names) > 1 else {}
    known |= {name: _labelled(values) for name, values in examples.factors.items()}
    own = [known[kind] for words in (having, without) if (kind := words.partition("=")[0]) in known]
    both = np.concatenate([away, there])
    group = np.repeat([0, 1], [len(away), len(there)])
    others = {
        name: labels
        for name, labels in known.items()
        if not any(labels is each or attributes.association(labels, each) > SAME for each in own)
    }
    return {name: attributes.association(group, labels[both]) for name, labels in others.items()}


def _whole(found: Attribute, live: np.ndarray) -> Attribute:
    """With zeros for the dimensions that were left out."""
    mean, lda = np.zeros((2, len(live)), np.float32)
    mean[live], lda[live] = found.mean, found.lda
    return replace(found, mean=mean, lda=lda)


def _spanning(z: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """As long as the groups' means are apart along it."""
    share = float(difference @ z / (z @ z))
    if share <= 1e-3:
        raise DirectionError("Without what it shares with the other direction the groups no longer differ.")
    return z.astype(np.float64) * share


def _class(examples: Examples, name: str) -> int:
    if name in examples.names:
        return examples.names.index(name)
    if re.fullmatch(r"[0-9]{1,4}", name) and int(name) < len(examples.names):
        return int(name)
    raise DirectionError(f"This run knows no class {name[:SHOWN]!r}{_of(examples.names)}.")


def _end(factor: str, values: np.ndarray, end: str) -> np.ndarray:
    """The outer third; of few values, such as 0 and 1, as many as there are on that side."""
    if end not in ("high", "low"):
        raise DirectionError(f"A group by a factor is its high or its low end: {factor[:SHOWN]}=high.")
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    if low < high:
        return np.flatnonzero(values >= high if end == "high" else values <= low)
    is_above = bool((values > low).any())
    upper = values > low if is_above else values >= low
    return np.flatnonzero(upper if end == "high" else ~upper)


def _labelled(values: np.ndarray) -> np.ndarray:
    """A factor as labels: its values where they are few, else its thirds."""
    if len(np.unique(values)) <= FEW:
        return values
    return np.digitize(values, np.quantile(values, [1 / 3, 2 / 3]))


def _numbers(text: str) -> np.ndarray | None:
    """Whole numbers such as 3,7-9, each once and in order; None where anything else stands there.

    Many wide ranges over one another, which an address may hold, take no more memory than the widest.
    """
    ranges: list[tuple[int, int]] = []
    for part in text.split(","):
        found = re.fullmatch(r"([0-9]{1,7})(?:-([0-9]{1,7}))?", part)
        if not found:
            return None
        ranges.append((int(found[1]), int(found[2] or found[1])))
    named = np.zeros(max(last for _, last in ranges) + 1, bool)
    for first, last in set(ranges):
        named[first : last + 1] = True
    return np.flatnonzero(named)


def _of(names: Sequence[str] | Mapping[str, object]) -> str:
    shown = ", ".join(name[:SHOWN] for name in list(names)[:12])
    return f"; there are {shown}{', …' if len(names) > 12 else ''}" if names else ", nor any other"
