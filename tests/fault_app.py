"""An app that trains the real pipeline until it is killed. Arguments: the home, the config.

Holds its run at once and says its id; goes on when it is told a line.
"""

import sys
import time
from pathlib import Path

from fake_pipeline import until

from vae_core.config import RunConfig
from vae_core.jobs import TrainingService
from vae_core.runs import RunStore

service = TrainingService(RunStore(Path(sys.argv[1])), workers=1)
run = service.submit(RunConfig.from_json(sys.argv[2]))
until(lambda: service.progress(run).rows)
service.pause(run)
print(run, flush=True)
sys.stdin.readline()
service.unpause(run)
time.sleep(600)
