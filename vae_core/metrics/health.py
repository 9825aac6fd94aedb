"""Whether a model of many betas is sound: its rate must fall with beta and its distortion rise.

If one beta's model had the higher rate of two although its beta is larger, the other's would serve it better.
That holds of the pictures it learned from; on held-out ones the distortion also goes the wrong way where the
smaller beta overfits.
"""

from collections.abc import Sequence

import numpy as np

ERRORS = 2  # standard errors that a difference must exceed to count
SMALLEST = 0.01  # nats; less is nothing, however sure

ADVICE = (
    "There the model is not trained to its end, or knows its training pictures by heart: train longer "
    "against the first; more pictures or a larger β help against the second."
)


def violations(betas: Sequence[float], distortions: np.ndarray, rates: np.ndarray) -> list[str]:
    """A sentence for each neighbouring pair of betas between which rate or distortion goes the wrong way.

    `betas` (K,) ascend; `distortions` and `rates` (K, N) are nats of the same N examples with the same noise,
    so that the error of a difference is that of the paired differences. Where there are any, a last sentence
    says what to do.
    """
    found = [
        sentence
        for low in range(len(betas) - 1)
        for sentence in (
            _sentence("rate", "fall", betas[low], betas[low + 1], rates[low + 1] - rates[low]),
            _sentence(
                "distortion", "rise", betas[low], betas[low + 1], distortions[low + 1] - distortions[low]
            ),
        )
        if sentence
    ]
    return [*found, ADVICE] if found else []


def _sentence(figure: str, way: str, low: float, high: float, change: np.ndarray) -> str:
    """What is wrong with the change (N,) of a figure between two betas; empty if nothing is."""
    if len(change) < 2:
        return ""
    wrong = change.mean() if way == "fall" else -change.mean()
    error = change.std(ddof=1) / len(change) ** 0.5
    if wrong <= max(ERRORS * error, SMALLEST):
        return ""
    does = "rises" if way == "fall" else "falls"
    return (
        f"From β {low:.3g} to {high:.3g} the {figure} {does} by {wrong:.2f} ± {error:.2f} nats, "
        f"where it should {way}."
    )
