"""How much memory a training needs, and how much this machine has. Without torch.

The estimate counts what is large: pictures, weights with all that stands beside them, a step or a look at
held-out pictures, whichever takes more. Measured peaks of four trainings lay between 0.8 and 1.2 of it.
"""

import math
from contextlib import suppress
from pathlib import Path

import psutil

from vae_core import data
from vae_core.config import RunConfig
from vae_core.data import Dataset
from vae_core.errors import LatentscapeError
from vae_core.sizes import activation_count, parameter_count, widest

EVALUATED = 1000  # held-out pictures at a time
BESIDE = 3  # results of a layer's size at a time, where nothing is kept for gradients
KEPT = 4  # of what a picture becomes on its way: before and after each bend, and their gradients
COPIES = 8  # of the weights: Adam's two moments, gradients, the state to go back to
AVERAGED = 2  # more where they are averaged
PROCESS = 350_000_000  # bytes of a process that trains, before it has anything of its own: Python and torch

CGROUPS = ("memory.max", "memory/memory.limit_in_bytes")  # where a container's limit stands, both versions
CGROUP = Path("/sys/fs/cgroup")


def held(config: RunConfig, dataset: Dataset | None = None) -> int:
    """Bytes of what a training works with. Without a data set the source's known size is used.

    Raises DataMissingError for imported pictures that are gone.
    """
    info = data.info(config.data.source)
    shape = dataset.shape if dataset else info.shape
    pictures = len(dataset.train) if dataset else min(config.data.limit or info.count, info.count)
    step = KEPT * min(config.training.batch, pictures) * activation_count(config.model, shape)
    look = BESIDE * EVALUATED * widest(config.model, shape)
    copies = COPIES + (AVERAGED if config.training.average else 0)
    numbers = pictures * math.prod(shape) + copies * parameter_count(config.model, shape) + max(step, look)
    return 4 * numbers


def needed(config: RunConfig, dataset: Dataset | None = None) -> int:
    """Bytes of a process that trains this. Raises as `held`."""
    return PROCESS + held(config, dataset)


def machine() -> int:
    """Bytes that this machine has, or the container in which it runs."""
    total = int(psutil.virtual_memory().total)
    for name in CGROUPS:
        with suppress(OSError, ValueError):  # none there, or "max"
            total = min(total, int((CGROUP / name).read_text()))
    return total


def free() -> int:
    """Bytes that can be had just now without taking them from somebody."""
    return min(int(psutil.virtual_memory().available), machine())


def shown(size: int) -> str:
    """Bytes as a person says them."""
    return f"{size / 1e9:.1f} GB"


def comparison(config: RunConfig) -> str:
    """What it needs beside what there is, in one sentence; empty where the pictures are gone."""
    try:
        need = needed(config)
    except LatentscapeError:
        return ""
    return f"This training needs about {shown(need)} of memory, this machine has {shown(machine())}."
