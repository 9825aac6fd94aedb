"""Makes a home with one of everything that carries a format, as this version writes it, in one zip.

    python tests/frozen_home.py tests/frozen/format-1.zip

Made once for each format and kept: test_frozen.py reads every one of them with today's code.
"""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from vae_core import carrying, pipeline
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.data.imports import Preparation, read
from vae_core.data.library import Library
from vae_core.maps import make_for
from vae_core.recorder import Recorder
from vae_core.runs import RunStore
from vae_core.storage import write_json
from vae_core.sweeps import LadderStore
from vae_core.tags import TagStore
from vae_core.views import ViewStore

RUN, HALF, DIAL = "frozen", "frozen-half", "frozen-dial"
OWNER = "f" * 32
SMALL = {
    "name": "Frozen",
    "data": {"source": "digits", "limit": 500, "map_points": 100},
    "model": {"hidden": [8], "latent": 3},
    "training": {"epochs": 2, "batch": 32},
}
MULTIRATE = {
    "model.kind": "multirate",
    "model.latent": 2,
    "objective.beta_low": 0.1,
    "objective.beta_high": 4.0,
}
QUERY = {"v": "1", "z": "0.5,-1,0.25", "axes": "1,3", "colour": "error"}


def made(store: RunStore, name: str, until: int = 0, **changes: object) -> None:
    """A run under a name of ours, stopped after step `until` if there is one."""
    run = store.create(RunConfig.parse(SMALL).override(changes), OWNER)
    control = Control()
    with run.lock():
        recorder = Recorder(run)
        for event in pipeline.execute(run.config, None, control, run=run.id):
            recorder.write(event)
            if until and getattr(event, "step", 0) >= until:
                control.stop()
    for step in run.snapshots()[2:-1]:
        (run.path / "snapshots" / f"{step:08d}.safetensors").unlink()
    run.path.rename(run.path.with_name(name))


def home(folder: Path) -> None:
    """Fills it."""
    store = RunStore(folder, folder / "none")
    made(store, RUN)
    made(store, HALF, until=3)
    made(store, DIAL, **MULTIRATE)
    run = store.get(RUN)
    write_json(
        run.path / "marks.json", {"format": 1, "name": "Kept", "marks": ["old"], "note": "From before."}
    )
    TagStore(folder).save(run, OWNER, "a group", [1, 2, 3], len(run.latents()[0]))
    make_for(run, "tsne")
    config = RunConfig.parse(SMALL)
    LadderStore(store).create(config, (0.1, 1.0), [0], False)
    ViewStore(folder).put(RUN, QUERY)
    pictures = folder / "pictures.npz"
    np.savez(pictures, images=np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8))
    Library(folder).add(read(pictures, Preparation(size=8)), "Own pictures", OWNER)
    pictures.unlink()
    carrying.pack(run, folder / "run.zip")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        os.environ["LATENTSCAPE_HOME"] = place
        home(Path(place))
        with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(Path(place).rglob("*")):
                if path.is_file() and path.stat().st_size and path.name != "lock":
                    packed.write(path, path.relative_to(place))
