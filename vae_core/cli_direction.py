"""`latentscape direction`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from vae_core import groups
from vae_core.groups import Found
from vae_core.runs import RunStore


def add_grammar(commands: Any) -> None:
    text = (
        "The direction of a run's latent space along which an attribute grows, from two groups of examples."
    )
    command = commands.add_parser("direction", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    text = (
        "The examples that have it: class=NAME, FACTOR=high or FACTOR=low (a known factor's outer third), or "
        "rows=3,7-9 (places among the run's evaluation points)."
    )
    command.add_argument("--having", metavar="GROUP", required=True, help=text)
    text = "Those that do not, in the same words; by default rest, all others."
    command.add_argument("--without", metavar="GROUP", default=groups.REST, help=text)
    text = "Difference of means (the default), or Fisher's linear discriminant."
    command.add_argument("--vector", choices=groups.VECTORS, default="mean", help=text)
    text = "A group to leave out: only what is orthogonal to the direction that leads to it from all others."
    command.add_argument("--apart-from", metavar="GROUP", help=text)
    text = "One JSON object: run, groups, effects, accuracy, cosine, sizes, the direction z, zero, notes."
    command.add_argument("--json", action="store_true", help=text)


def run(words: argparse.Namespace, out: Callable[[str], None], progress: Callable[[float], None]) -> None:
    """Raises RunNotFoundError, RunError, BundleError, DirectionError, PathError."""
    found = RunStore().get(words.run)
    examples = groups.read(found.bundle())
    apart = groups.between(examples, words.apart_from).z if words.apart_from else None
    made = groups.between(examples, words.having, words.without, words.vector, apart)
    if words.json:
        named = {"run": found.id, "having": words.having, "without": words.without, "vector": words.vector}
        out(json.dumps(named | _row(made)))
        return
    for line in _lines(words, made):
        out(line)


def _row(made: Found) -> dict[str, Any]:
    away, there = made.attribute.sizes
    return {
        "sizes": {"having": there, "without": away},
        "effect": _finite(made.attribute.effect),
        "lda_effect": _finite(made.attribute.lda_effect),
        "accuracy": made.attribute.accuracy,
        "cosine": made.attribute.cosine,
        "z": made.z.tolist(),
        "zero": made.zero,
        "notes": made.notes,
    }


def _finite(value: float) -> float | None:
    """Null for an effect without any spread, which JSON has no number for."""
    return value if abs(value) < float("inf") else None


def _lines(words: argparse.Namespace, made: Found) -> list[str]:
    found = made.attribute
    titles = [groups.titled(text) for text in (words.without, words.having)]
    return [
        f"from {titles[0]} ({found.sizes[0]:,}) to {titles[1]} ({found.sizes[1]:,})",
        f"{'effect':10} {found.effect:8.2f} standard deviations (Cohen's d)",
        f"{'accuracy':10} {found.accuracy:8.1%} of held-out examples told apart (LDA, balanced)",
        f"{'cosine':10} {found.cosine:8.2f} between difference of means and LDA",
        "z = " + ", ".join(f"{value:.4f}" for value in made.z),
        *made.notes,
    ]
