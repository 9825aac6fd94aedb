"""What an epoch's look at a model tells of its inside, for `training_health`; costs next to nothing.

Nothing here changes a model or draws from a generator that a training uses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from vae_core.likelihoods import LOG_VARIANCE_FLOOR, PixelGaussian
from vae_core.metrics.elbo import sigma
from vae_core.models import VAE
from vae_core.objectives import Terms

DIGITS = 4  # kept of a figure
PICTURES = 40  # whose decoded variances are looked at
VARIES = 0.01  # standard deviation over the pictures, white = 1, from which a pixel is more than a border
NEAR = 0.36  # above the floor of log-variances: a standard deviation of at most 1.2 times the smallest


class Relus:
    """Which units of a net's ReLUs gave anything, over all pictures that pass through."""

    def __init__(self, model: VAE) -> None:
        parts = {"encoder": model.encoder, "decoder": model.decoder}
        self._layers = {
            f"{name} {number}": layer
            for name, part in parts.items()
            for number, layer in enumerate((m for m in part.modules() if isinstance(m, nn.ReLU)), 1)
        }
        self._given: dict[str, Tensor] = {}  # what each unit gave in all

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Takes note of what passes meanwhile."""
        handles = [layer.register_forward_hook(self._hook(name)) for name, layer in self._layers.items()]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def silent(self) -> list[list[Any]] | None:
        """[layer, units that gave 0 throughout, units] for each ReLU in order; None where there is none.

        A unit is a number of a vector or a channel of a picture.
        """
        rows = [[name, int((given == 0).sum().item()), len(given)] for name, given in self._given.items()]
        return rows or None

    def _hook(self, name: str) -> Any:
        def note(layer: nn.Module, arguments: Any, output: Tensor) -> None:
            given = output.sum(dim=[0, *range(2, output.ndim)])  # nothing is negative; faster than a maximum
            self._given[name] = given + self._given[name] if name in self._given else given

        return note


def figures(model: VAE, terms: Terms, relus: Relus, evaluation: Tensor) -> dict[str, Any]:
    """The fields of an Epoch that tell of the inside of `model`, looked at with `terms` of `evaluation`."""
    rates = None if terms.rates is None else [_short(rate) for rate in terms.rates.mean(0).tolist()]
    shared = None if model.log_variance is None else _short(sigma(model))
    return {"rates": rates, "sigma": shared, "floored": _floored(model, evaluation), "silent": relus.silent()}


@torch.no_grad()
def _floored(model: VAE, evaluation: Tensor) -> float | None:
    """Share of decoded variances at their floor, of pixels that vary; None where pixels have none."""
    if model.likelihood.kind is not PixelGaussian:
        return None
    x = evaluation[:PICTURES]
    varying = x.std(0, correction=0) > VARIES  # (C, H, W)
    likelihood = model.decode(model.encode(x)[0])
    assert isinstance(likelihood, PixelGaussian)
    low = likelihood.log_variance[:, varying] < LOG_VARIANCE_FLOOR + NEAR
    return _short(low.float().mean().item()) if low.numel() else None


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
