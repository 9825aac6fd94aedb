"""A ladder of four small models of digits, really trained; one of them diverges."""

from vae_core.config import RunConfig
from vae_core.data import load
from vae_core.events import Diverged, Finished
from vae_core.recorder import Recorder
from vae_core.runs import RunStore
from vae_core.sweeping import train_in_turn
from vae_core.sweeps import Ladder, LadderStore

BETAS, BROKEN = (0.05, 0.5, 1.0, 4.0), 0.5
SMALL = {
    "data": {"source": "digits", "limit": 400, "map_points": 100},
    "model": {"hidden": [24]},
    "training": {"epochs": 12, "batch": 32},
}


def trained_ladder(home, warm_start: bool = False, **changes) -> tuple[LadderStore, Ladder]:
    """In a home of its own, with a gap at BROKEN."""
    from vae_core.pipeline import execute

    store = LadderStore(RunStore(home))
    config = RunConfig.parse(SMALL).override(
        {key.replace("__", "."): value for key, value in changes.items()}
    )
    ladder = store.create(config, BETAS, [0], warm_start)
    dataset = load(config.data)

    def train(run) -> bool:
        with run.lock():
            recorder = Recorder(run)
            for event in execute(run.config, run.checkpoint(), None, dataset, run.id):
                if isinstance(event, Finished) and run.config.objective.beta == BROKEN:
                    event = Diverged(event.step, "The loss was nan at step 70.", event.weights)
                recorder.write(event)
        return True

    return store, train_in_turn(store, ladder, train)
