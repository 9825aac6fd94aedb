"""An app that trains and then waits to be ended; no `if __name__` keeps a worker from running it, too.

Arguments: the home, a file that gets a line each time this runs. Says its run, once that is under way.
"""

import signal
import sys
import tempfile
import time
from pathlib import Path

import fake_pipeline

from vae_core.config import RunConfig
from vae_core.jobs import TrainingService
from vae_core.runs import RunStore

signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in the background
home, marks = Path(sys.argv[1]), Path(sys.argv[2])
with marks.open("a") as file:
    file.write("ran\n")
tempfile.tempdir = str(marks.parent)  # to see what is left
service = TrainingService(RunStore(home), workers=2, execute=fake_pipeline.execute)
run = service.submit(RunConfig.parse({"training": {"epochs": 10_000}}))
while service.progress(run).step < 20:
    time.sleep(0.02)
print(run, flush=True)
time.sleep(600)
