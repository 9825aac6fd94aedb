"""Betas worth looking at, each for a reason that names its figure. None is the best one. Without torch."""

from collections.abc import Mapping, Sequence
from typing import Any

WITHIN = 0.02  # of the best accuracy
PRECISION = 0.8  # that prior samples should reach
BENT = 0.05  # of the way between the ends of the curve; less is no knee

Row = Mapping[str, Any]
Advice = dict[str, Any]


def advise(curve: Sequence[Row]) -> list[Advice]:
    """Of a report's curve, rows ascending in beta: [{"key", "beta", "title", "why"}], at most one of a key.

    "knee": the row farthest from the chord between the ends, rate and distortion each scaled to run from 0
    to 1 (Satopää et al. 2011). Both axes are linear, since then the curve's slope is -beta and the knee lies
    where it equals the chord's: where a nat of rate buys what it does on average over the curve. "accuracy":
    the largest beta whose kNN accuracy is within 2 % of the best. "precision": the smallest whose prior
    samples reach a precision of 0.8. Advice whose figures are missing is left out.
    """
    found = (_knee(curve), _accuracy(curve), _precision(curve))
    return [advice for advice in found if advice]


def _knee(curve: Sequence[Row]) -> Advice | None:
    rows = [row for row in curve if _has(row, "rate") and _has(row, "distortion")]
    if len(rows) < 3:
        return None
    low, high = rows[0], rows[-1]
    rates, distortions = low["rate"] - high["rate"], high["distortion"] - low["distortion"]
    if rates <= 0 or distortions <= 0:
        return None

    def depth(row: Row) -> float:
        """How far below the chord, along either scaled axis; the distance is this over the root of 2."""
        return (
            1 - (row["rate"] - high["rate"]) / rates - (row["distortion"] - low["distortion"]) / distortions
        )

    knee = max(rows[1:-1], key=depth)
    if depth(knee) < BENT:
        return None
    above = _gain(high, knee)
    if above <= 0:  # the curve falls apart beyond it
        return None
    return _advice(
        "knee",
        knee,
        "Knee of the curve",
        f"Here the curve of rate and distortion lies farthest from the straight line between its ends: up to "
        f"{knee['rate']:.1f} nats, every nat of rate takes {above:.1f} nats off the distortion on average, "
        f"after that {_little(_gain(knee, low))}. It depends on the range of β.",
    )


def _gain(start: Row, end: Row) -> float:
    """Nats of distortion that a nat of rate saves between two rows."""
    rate = end["rate"] - start["rate"]
    return (start["distortion"] - end["distortion"]) / rate if rate > 0 else 0.0


def _little(gain: float) -> str:
    """What a nat takes off beyond the knee; held-out pictures may even be drawn worse there."""
    if gain < 0.01:
        return "nothing" if gain <= 0 else "next to nothing"
    return f"only {gain:.2g}"


def _accuracy(curve: Sequence[Row]) -> Advice | None:
    rows = [row for row in curve if _has(row, "accuracy")]
    if len(rows) < 2:
        return None
    best = max(rows, key=lambda row: row["accuracy"])
    last = max((row for row in rows if row["accuracy"] >= (1 - WITHIN) * best["accuracy"]), key=_beta)
    end = "; no larger one was measured" if last is rows[-1] else ""
    return _advice(
        "accuracy",
        last,
        "Classes still apart",
        f"The largest β measured whose kNN accuracy is within {WITHIN:.0%} of the best: "
        f"{last['accuracy']:.1%} of held-out examples have the class of most of their ten neighbours, the "
        f"best is {best['accuracy']:.1%} at β {best['beta']:.3g}{end}.",
    )


def _precision(curve: Sequence[Row]) -> Advice | None:
    rows = [row for row in curve if _has(row, "precision")]
    enough = [row for row in rows if row["precision"] >= PRECISION]
    if not enough:
        return None
    first = min(enough, key=_beta)
    end = "; no smaller one was measured" if first is rows[0] else ""
    return _advice(
        "precision",
        first,
        "Samples look like data",
        f"The smallest β measured at which at least {PRECISION:.0%} of pictures drawn from the prior lie "
        f"among data (kNN-based precision): {first['precision']:.1%}{end}.",
    )


def _advice(key: str, row: Row, title: str, why: str) -> Advice:
    return {"key": key, "beta": row["beta"], "title": title, "why": why}


def _has(row: Row, name: str) -> bool:
    return isinstance(row.get(name), int | float)


def _beta(row: Row) -> float:
    return float(row["beta"])
