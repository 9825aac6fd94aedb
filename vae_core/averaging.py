"""The average of a model's weights over the last steps, looked at and kept in place of the last ones."""

import copy

import torch
from torch import Tensor

from vae_core.events import RAW, Arrays
from vae_core.models import VAE, load_weights

START = 10  # steps about which the average begins to remember more than the last few


class Average:
    """An exponential moving average (Polyak & Juditsky 1992; Kingma & Ba 2015, section 7.2).

    What a batch norm keeps of the batches it saw is averaged alike, so that it fits the averaged weights.
    Early on the average is shorter, so that it soon forgets where the training began; its length follows from
    the step alone, and no state is needed besides the average itself.
    """

    def __init__(self, model: VAE, decay: float):
        self.model = copy.deepcopy(model).eval()  # the averaged one
        self.decay = decay
        self._trained = model
        self._mine, self._theirs = _tensors(self.model), _tensors(model)

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Take in the weights after `step` steps: average = decay average + (1 - decay) weights."""
        decay = min(self.decay, step / (START + step))
        torch._foreach_lerp_(self._mine, self._theirs, 1 - decay)

    def raw(self) -> Arrays:
        """Copies of the weights themselves, as a checkpoint keeps them beside the optimiser's state."""
        tensors = self._trained.state_dict()
        return {name + RAW: tensor.numpy().copy() for name, tensor in tensors.items()}

    def load(self, weights: Arrays, optimizer: Arrays) -> None:
        """Take over an average and, where `optimizer` has them, the weights themselves; a start from another
        run's weights has none. Raises as `load_weights` does."""
        load_weights(self.model, weights)
        raw = {name.removesuffix(RAW): array for name, array in optimizer.items() if name.endswith(RAW)}
        load_weights(self._trained, raw or weights)

    def settle(self) -> None:
        """Makes the average the model's weights, at the end of a training."""
        for own, averaged in zip(self._theirs, self._mine):
            with torch.no_grad():
                own.copy_(averaged)


def _tensors(model: VAE) -> list[Tensor]:
    """Weights and running statistics, each once, also where two layers share them."""
    return [*model.parameters(), *model.buffers()]
