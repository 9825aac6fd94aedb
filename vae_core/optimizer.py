"""Adam on named parameters, with a state that is nothing but named arrays; and the clipping of gradients."""

from collections.abc import Collection, Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from vae_core.events import Arrays

SLOW = 0.1  # of the rate, for parameters that are to move slowly


class Adam:
    """Adam (Kingma & Ba 2015), fused.

    Stands on torch's functional form: constructing the first `torch.optim.Adam` of a process imports torch's
    compiler, which takes a second, as long as a whole training on digits.
    """

    def __init__(
        self,
        parameters: Iterable[tuple[str, nn.Parameter]],
        beta2: float,
        slow: Collection[str] = (),
        decay: float = 0.0,
    ):
        """`slow` names parameters that move at SLOW of the rate.

        `decay` is by what share of the rate weights shrink in each step, apart from the gradient (Loshchilov
        & Hutter 2019). Biases, norms and a learned variance, which are no matrices, do not.
        """
        named = dict(parameters)
        self.names = list(named)
        self.parameters: list[Tensor] = list(named.values())
        self.beta2 = beta2
        self.decay = decay
        self.means = [torch.zeros_like(p) for p in self.parameters]
        self.squares = [torch.zeros_like(p) for p in self.parameters]
        self.steps = [torch.zeros(()) for _ in self.parameters]
        places = range(len(self.names))
        self._paces = [(1.0, [place for place in places if self.names[place] not in slow])]
        if slow:
            self._paces.append((SLOW, [place for place in places if self.names[place] in slow]))

    @torch.no_grad()
    def step(self, gradients: Iterable[Tensor], lr: float) -> None:
        """Move every parameter against its gradient."""
        given = list(gradients)
        for pace, places in self._paces:
            self._move(places, given, pace * lr)

    def _move(self, places: list[int], gradients: list[Tensor], lr: float) -> None:
        def at(tensors: list[Tensor]) -> list[Tensor]:
            return [tensors[place] for place in places]

        if self.decay:
            torch._foreach_mul_([p for p in at(self.parameters) if p.ndim > 1], 1 - lr * self.decay)
        adam(
            at(self.parameters),
            at(gradients),
            at(self.means),
            at(self.squares),
            [],
            at(self.steps),
            fused=True,
            foreach=False,
            lr=lr,
            beta1=0.9,
            beta2=self.beta2,
            eps=1e-8,
            weight_decay=0.0,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> Arrays:
        """Copies, by name: "<parameter>.exp_avg" and ".exp_avg_sq" in its shape, ".step" a scalar."""
        return {key: tensor.numpy().copy() for key, tensor in self._tensors().items()}

    def load(self, state: Arrays) -> None:
        """Take over what `state` gave. Raises KeyError or ValueError where names or shapes do not fit."""
        for key, tensor in self._tensors().items():
            np.copyto(tensor.numpy(), _fitting(state[key], tensor))

    def _tensors(self) -> dict[str, Tensor]:
        kinds = {"exp_avg": self.means, "exp_avg_sq": self.squares, "step": self.steps}
        return {
            f"{name}.{kind}": tensor
            for kind, tensors in kinds.items()
            for name, tensor in zip(self.names, tensors)
        }


def clipped(gradients: list[Tensor], longest: float) -> list[Tensor]:
    """The gradients; together longer than `longest`, they are shortened to that (Pascanu et al. 2013)."""
    length = torch.nn.utils.get_total_norm(gradients)
    shrink = (longest / (length + 1e-6)).clamp(max=1.0)
    return [gradient * shrink for gradient in gradients]


def _fitting(array: np.ndarray, tensor: Tensor) -> np.ndarray:
    if array.shape != tuple(tensor.shape):
        raise ValueError(f"expected shape {tuple(tensor.shape)}, found {array.shape}")
    return array
