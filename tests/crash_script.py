"""Trains the real pipeline through the service, a second time with its worker killed on the way.

Argument: the home. Says both runs, a third with two threads, and whether this process had to import torch.
"""

import sys
import time
from pathlib import Path

from fake_pipeline import until, worker_processes

from vae_core.config import RunConfig
from vae_core.jobs import TrainingService
from vae_core.runs import RunStore

CONFIG = RunConfig.parse(
    {
        "data": {"limit": 300},
        "model": {"hidden": [32]},
        "training": {"epochs": 60, "batch": 16, "checkpoint_seconds": 0},
    }
)

service = TrainingService(RunStore(Path(sys.argv[1])), workers=1)
service.warm()
few = CONFIG.override({"training.epochs": 0.2, "training.threads": 2})
threaded, whole, killed = (service.submit(config) for config in (few, CONFIG, CONFIG))
until(lambda: not service.progress(whole).active)
until(lambda: service.progress(killed).step > 200)
time.sleep(time.time() % 0.3)  # somewhere between two checkpoints
for process in worker_processes():
    process.kill()
until(lambda: not service.progress(killed).active)
service.close()
print(whole, killed, threaded, "torch" in sys.modules)
