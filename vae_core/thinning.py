"""How many moments of a training are kept: enough to replay it, dense early, when the map changes most."""

from collections.abc import Sequence

MOST = 100  # of one run; schedules.snapshot_steps plans fewer, the rest is for those asked for by hand


def superfluous(steps: Sequence[int], most: int = MOST) -> list[int]:
    """Which of ascending, different `steps` go so that at most `most` >= 2 remain; first and last stay.

    One at a time goes the one whose neighbours lie closest together in the square root of the step, in which
    `schedules.snapshot_steps` are even. Of equals the latest goes.
    """
    kept = list(steps)
    gone = []
    while len(kept) > most:
        gaps = [kept[k + 1] ** 0.5 - kept[k - 1] ** 0.5 for k in range(1, len(kept) - 1)]
        narrow = min(range(len(gaps)), key=lambda k: (gaps[k], -k))
        gone.append(kept.pop(narrow + 1))
    return sorted(gone)
