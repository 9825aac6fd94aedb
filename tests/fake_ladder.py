"""The fake training of `fake_pipeline` at several betas, some of which come to harm."""

from fake_pipeline import execute as fine

from vae_core.errors import DataError
from vae_core.events import Diverged, Finished

DIVERGES, FAILS = 0.5, 0.7  # beta


def execute(config, checkpoint, control, run, changes=()):
    for event in fine(config, checkpoint, control, run, changes):
        if isinstance(event, Finished) and config.objective.beta == DIVERGES:
            yield Diverged(event.step, "The loss was nan at step 3.", event.weights)
            return
        if isinstance(event, Finished) and config.objective.beta == FAILS:
            raise DataError("The pictures are gone. Bring them back.")
        yield event
