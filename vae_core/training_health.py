"""Notes on how a training goes: what is wrong, the figure behind it, what to try. Silent where all is well.

They follow from a run's rows alone, so they can be asked at any moment, and again of a finished run. A note
that is given without need is worse than one that comes late: each waits until what it says has lasted.
Needs no torch.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vae_core.advice import against_collapse
from vae_core.config import RunConfig
from vae_core.course import Course
from vae_core.events import Examples
from vae_core.run import Run

ACTIVE = 0.01  # nats, as latent.ACTIVE: a dimension that carries less says nothing
SURE = 0.3  # share of a training before which nothing is said of its code
LASTING = 2  # looks at the held-out pictures that must say the same
IDLE = 0.5  # share of the dimensions that may say nothing, less than it
GROWING = 1.05  # from look to look; a rate that still does may yet suffice
FINE = 6.0  # nats in each dimension in use; a posterior is then a 400th of the map wide
RISING = 3  # looks since the smallest held-out loss
LOST = 0.05  # share of what was learned that the held-out loss has risen by
JITTER = 3.0  # times the usual difference between two looks
FLOOR = 1.2 / 255  # of a learned standard deviation, whose smallest is one grey level
FLOORED = 0.5  # share of the varying pixels whose variance may be at its floor
SILENT = 0.75  # share of a layer's units; half of them is not rare where all goes well
WINDOW = 5  # rows of the curves whose median counts
THROWN = 0.5  # share of what was learned that the training falls back by,
SHARE = 0.01  # of the first row's distortion, at least
NOISE = 15.0  # and times what a quarter of the rows differ by from the next, at least


@dataclass(frozen=True)
class Facts:
    """What is known of the pictures besides."""

    pictures: int = 0  # trained on; 0 where unknown
    classes: float = 0.0  # nats that naming a picture's class takes; 0 where it has none


@dataclass(frozen=True)
class Note:
    """One thing that is not as it should be."""

    kind: str
    text: str  # what is seen, with its figure
    advice: str  # what to try
    step: int  # from where on it is seen
    dimensions: tuple[int, ...] = ()  # that it is about, counted from 0


def of_run(run: Run) -> list[Note]:
    """Notes on a stored run. Raises RunDamagedError."""
    rows = run.metrics()
    return notes_on(run, rows, facts_of(run)) if rows else []


def notes_on(run: Run, rows: Iterable[Mapping[str, Any]], facts: Facts) -> list[Note]:
    """Notes on a run by its `rows` so far. Raises RunDamagedError where its settings cannot be read."""
    total = run.about.get("total_steps")
    return notes(run.config, rows, total if type(total) is int else 0, facts)


def facts_of(run: Run) -> Facts:
    """Of a run that has begun. Raises RunDamagedError."""
    about = run.about.get("data")
    pictures = about.get("train") if isinstance(about, dict) else 0
    return Facts(pictures if type(pictures) is int else 0, entropy(run.examples()))


def entropy(examples: Examples) -> float:
    """Nats of the classes of these pictures: by so much a code must tell pictures apart to name them."""
    counts = np.unique(examples.labels[examples.labels >= 0], return_counts=True)[1]
    shares = counts / counts.sum() if len(counts) else np.ones(1)
    return float(-(shares * np.log(shares)).sum())


def notes(
    config: RunConfig, rows: Iterable[Mapping[str, Any]], total: int, facts: Facts | None = None
) -> list[Note]:
    """Notes on a training of `total` steps (0: unknown) by its rows so far, the gravest first."""
    course = Course(config, rows, total)
    found = {note.kind: note for check in CHECKS if (note := check(course, facts or Facts()))}
    collapse, relu = found.get("collapse"), found.get("relu")
    if collapse and relu and collapse.step <= relu.step:
        del found["relu"]  # units fall silent where there is nothing to say
    return list(found.values())


def _thrown(course: Course, facts: Facts) -> Note | None:
    """A learning rate that is too high throws the training back, behind weights that it had before."""
    if len(course.step) < 2 * WINDOW or course.config.model.kind == "multirate":
        return None
    excess, learned = course.behind(WINDOW)
    noise = NOISE * np.quantile(np.abs(np.diff(course.distortion)), 0.25)
    least = max(noise, SHARE * abs(course.distortion[0]))
    behind = np.flatnonzero(excess > np.maximum(THROWN * learned, least))
    if not len(behind):
        return None
    worst = behind[np.argmax(excess[behind])]
    return Note(
        "lr",
        f"The learning rate looks too high: around step {int(course.step[worst]):,} the loss was "
        f"{excess[worst]:,.1f} nats above the smallest before, when {learned[worst]:,.1f} had been won.",
        f"Try a third of the learning rate ({course.config.training.lr / 3:.2g}), or clip long gradients.",
        int(course.step[behind[0]]),
    )


def _collapsed(course: Course, facts: Facts) -> Note | None:
    """Posterior collapse: q(z | x) of a dimension is the prior, whatever x (Bowman et al. 2016)."""
    looks = [look for look in course.level if look.rates]
    if len(looks) < LASTING or course.share < SURE or course.config.model.kind != "vae":
        return None
    every = len(looks[-1].rates or ())
    gone = [d for d in range(every) if all(_rate(look.rates, d) < ACTIVE for look in looks[-LASTING:])]
    if len(gone) < IDLE * every:
        return None
    since = next(
        (look for look, before in _backwards(course.looks) if not _all_below(before, gone)), looks[-1]
    )
    when = f"since epoch {max(1, round(since.epoch))}"
    config, beta = course.config, float(course.beta[-1])
    low = f"less than {ACTIVE:g} nats"
    if len(gone) == every:
        which = "its one dimension" if every == 1 else f"each of the {every} dimensions"
        text = f"The code says nothing, {when}: {which} carries {low}, so all pictures are drawn alike."
        advice = f"Try {against_collapse(config, beta, 'a lower learning rate')}."
    else:
        verbs = ("says", "carries") if len(gone) == 1 else ("say", "carry")
        text = (
            f"{len(gone)} of {every} dimensions {verbs[0]} nothing, {when}: {_named(gone)} {verbs[1]} {low}."
        )
        advice = f"To use them, try {against_collapse(config, beta)}; else {every - len(gone)} will do."
    return Note("collapse", text, advice, since.step, tuple(gone))


def _backwards(looks: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    """Each look with the one before it, from the last; before the first there is None."""
    return zip(reversed(looks), [*reversed(looks[:-1]), None])


def _all_below(look: Any, dimensions: Sequence[int]) -> bool:
    return bool(look and look.rates) and all(_rate(look.rates, d) < ACTIVE for d in dimensions)


def _rate(rates: Sequence[float] | None, dimension: int) -> float:
    return rates[dimension] if rates and dimension < len(rates) else math.inf


def _named(dimensions: Sequence[int], most: int = 8) -> str:
    names = [f"z{dimension + 1}" for dimension in dimensions]
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _low(course: Course, facts: Facts) -> Note | None:
    """A rate below the nats that naming a picture's class takes: q(z | x) cannot tell what it shows.

    The mutual information of picture and code is at most the rate (Hoffman & Johnson 2016).
    """
    looks = course.level
    if len(looks) < LASTING or course.share < SURE or not facts.classes:
        return None
    if course.config.model.kind != "vae" or course.config.aims_at_rate:
        return None
    rates = [look.rate for look in looks[-LASTING:]]
    if max(rates) >= facts.classes or max(rates) < course.config.model.latent * ACTIVE:  # that is collapse
        return None
    if course.share < 1 and rates[-1] > GROWING * rates[0]:
        return None
    return Note(
        "rate low",
        f"The rate is far below what the pictures need: {looks[-1].rate:.1f} nats, while it takes "
        f"{facts.classes:.1f} to say which class a picture is of.",
        f"Try a smaller β (it is {course.beta[-1]:.3g}), more latent dimensions, or longer training.",
        looks[-LASTING].step,
    )


def _high(course: Course, facts: Facts) -> Note | None:
    """A rate at which the map is nearly all gaps.

    A posterior takes up about e^-R of the prior's mass, so the codes of N pictures at most N e^-R of it.
    """
    looks = [look for look in course.level if look.rates]
    if len(looks) < LASTING or course.share < SURE or course.config.model.kind != "vae" or not facts.pictures:
        return None
    each = [_fineness(look.rates or ()) for look in looks[-LASTING:]]
    if min(each) < FINE or looks[-1].rate < math.log(facts.pictures):
        return None
    share = facts.pictures * math.exp(-looks[-1].rate)
    return Note(
        "rate high",
        f"The rate is far above what the pictures need: {looks[-1].rate:.1f} nats, {each[-1]:.1f} in each "
        f"dimension in use. The codes of all {facts.pictures:,} pictures together fill {_percent(share)} of "
        "the map, and what lies between them was never learned.",
        f"Try a larger β (it is {course.beta[-1]:.3g}), more latent dimensions, or a wider likelihood.",
        looks[-LASTING].step,
    )


def _fineness(rates: Sequence[float]) -> float:
    """Nats in each dimension in use."""
    used = [rate for rate in rates if rate >= ACTIVE]
    return sum(used) / len(used) if used else 0.0


def _percent(share: float) -> str:
    if share < 1e-5:
        return "less than a thousandth of a per cent"
    return f"{100 * share:.2g} %"


def _gap(course: Course, facts: Facts) -> Note | None:
    """Overfitting: the held-out loss rises while that of the pictures trained on still falls."""
    looks = course.level
    if len(looks) <= RISING + 1:
        return None
    held, trained = course.losses()
    best = int(held.argmin())
    if len(held) - best <= RISING or not np.isfinite(trained).all():
        return None
    rise, fall = held[-RISING:].min() - held[best], trained[best] - trained[-RISING:].mean()
    weight = 1.0 if course.config.aims_at_rate else float(course.beta[-1])
    learned = course.distortion[0] + weight * course.rate[0] - held[best]
    usual = float(np.median(np.abs(np.diff(held))))
    if rise <= max(LOST * learned, JITTER * usual) or fall <= 0:
        return None
    return Note(
        "gap",
        f"Held-out pictures fare worse since epoch {looks[best].epoch:.0f}: their loss rose by {rise:.1f} "
        f"nats while that of the pictures trained on fell by {fall:.1f}. It learns them by heart.",
        "Try fewer epochs, patience (which ends in time), weight decay, a smaller net, or more pictures.",
        looks[best].step,
    )


def _at_floor(course: Course, facts: Facts) -> Note | None:
    """A learned variance that ran to its floor: the likelihood then rewards the last grey level."""
    looks = [look for look in course.looks if look.sigma is not None or look.floored is not None]
    if len(looks) < LASTING:
        return None
    sigma, floored = looks[-1].sigma, looks[-1].floored
    if sigma is not None and all((look.sigma or 1.0) < FLOOR for look in looks[-LASTING:]):
        found = f"standard deviation has run to its floor, {255 * sigma:.2f} grey levels of 255"
    elif floored is not None and all((look.floored or 0.0) > FLOORED for look in looks[-LASTING:]):
        found = f"variance has run to its floor for {floored:.0%} of the pixels that vary"
    else:
        return None
    return Note(
        "variance",
        f"The decoder's {found}. Ever smaller errors now outweigh all else.",
        "Try a fixed sigma (the Gaussian likelihood, 0.1), or continuous Bernoulli.",
        looks[-LASTING].step,
    )


def _dying(course: Course, facts: Facts) -> Note | None:
    """Dying ReLUs: units that give 0 for every picture and so get no gradient any more (Lu et al. 2020)."""
    looks = [look for look in course.looks if look.silent]
    if len(looks) < LASTING:
        return None
    dead = [
        (name, silent, units)
        for name, silent, units in looks[-1].silent or ()
        if all(look.silence(name) > SILENT for look in looks[-LASTING:])
    ]
    if not dead:
        return None
    name, silent, units = max(dead, key=lambda row: row[1] / row[2])
    first = looks[0].silence(name)
    since = next(
        (look for look, before in _backwards(looks) if not before or before.silence(name) <= SILENT),
        looks[0],
    )
    return Note(
        "relu",
        f"ReLUs are dying: {silent} of {units} units of the {_layer(name)} give 0 for every "
        f"held-out picture ({first:.0%} did after the first look).",
        "Try leaky ReLU or SiLU, or a lower learning rate: a dead unit gets no gradient and stays dead.",
        since.step,
    )


def _layer(name: str) -> str:
    part, _, number = name.partition(" ")
    return f"{part}'s layer {number}"


CHECKS: tuple[Callable[[Course, Facts], Note | None], ...] = (
    _thrown, _collapsed, _low, _high, _gap, _at_floor, _dying,
)  # fmt: skip
