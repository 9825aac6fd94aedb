"""Multi-rate runs of a second, trained by the whole pipeline, for tests of what is made of them."""

from pathlib import Path

import numpy as np
import torch

from vae_core import pipeline
from vae_core.config import RunConfig
from vae_core.models import rebuild
from vae_core.run import Run
from vae_core.runs import Recorder, RunStore

BETAS = (0.02, 5.0)
SETTINGS = {
    "data.source": "digits",
    "data.limit": 700,
    "data.map_points": 100,
    "model.kind": "multirate",
    "model.hidden": (24,),
    "objective.beta_low": BETAS[0],
    "objective.beta_high": BETAS[1],
    "training.epochs": 12,
    "training.batch": 64,
    "training.lr": 0.01,
}


def trained(home: Path, **changes: object) -> Run:
    """A finished run in `home`; changes are settings with "__" for the dot."""
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    config = RunConfig().override(SETTINGS | dotted)
    run = RunStore(home, home / "starters").create(config, "somebody")
    with run.lock():
        recorder = Recorder(run)
        for event in pipeline.execute(config, run=run.id):
            recorder.write(event)
    return run


def conditioned(run: Run, beta: float, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures (N, C, H, W) of codes z and encodings mu, log_var (M, Z) of the run's examples, from the net
    that is told log beta itself.
    """
    model = rebuild(run.config.model, run.weights())
    log_beta = torch.tensor([[beta]]).log()
    with torch.no_grad():
        pictures = model.decode(torch.from_numpy(z), log_beta).mean
        mu, log_var = model.encode(torch.from_numpy(run.examples().images / np.float32(255)), log_beta)
    return pictures.numpy(), mu.numpy(), log_var.numpy()
