"""An app that does what it is told: a line of JSON in, one out. Argument: the home.

{"do": method of the service, ...} gives {"answer": ...}, {"refused": a sentence} or {"fault": a traceback}.
"""

import json
import sys
import traceback
from pathlib import Path

import fake_pipeline

from vae_core.config import RunConfig
from vae_core.errors import LatentscapeError
from vae_core.jobs import TrainingService
from vae_core.runs import RunStore

service = TrainingService(RunStore(Path(sys.argv[1])), workers=2, execute=fake_pipeline.execute)


def answer(do: str, steps: int = 0, **words: object) -> object:
    if do == "submit":
        return service.submit(RunConfig.parse({"training": {"epochs": steps}}))
    if do == "state":
        return service.progress(**words).state
    return getattr(service, do)(**words)


for line in sys.stdin:
    try:
        told = {"answer": answer(**json.loads(line))}
    except LatentscapeError as error:
        told = {"refused": str(error)}
    except Exception:
        told = {"fault": traceback.format_exc()}
    print(json.dumps(told), flush=True)
service.close()
