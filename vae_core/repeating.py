"""A run trained anew: the same settings and, at the same steps, the same changes of its course.

On the same kind of processor and torch version it ends with the same weights, bit for bit.
"""

from vae_core.errors import RunError
from vae_core.recorder import Recorder
from vae_core.run import Run
from vae_core.runs import RunStore

ORIGINS = {"frozen", "longer", "warm"}  # what run.json or the log say of runs that began with others' weights


def repeat(store: RunStore, run: Run, owner: str = "") -> Run:
    """A new run that has not begun. Whoever trains it passes on its `changes()`, which its log knows already.

    Raises RunError where its first weights were not drawn by its seed; RunDamagedError, StorageError.
    """
    config, changes = run.config, run.changes()
    noted = {line.get("kind") for line in run.log()}
    if ORIGINS & noted or ORIGINS & set(run.about):
        raise RunError(
            f"Run {run.id} began with the weights of another run, so its settings alone do not repeat it. "
            "Repeat the run that it came from."
        )

    def fill(made: Run) -> None:
        recorder = Recorder(made)
        for change in changes:
            recorder.note("steered", step=change.step, beta=change.beta, lr=change.lr)

    return store.create(config, owner, fill)
