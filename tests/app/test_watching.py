"""Watching a training: what the tab says, what lies under the curves, what can be steered."""

import pytest

from app import watch_line
from vae_core.progress import Progress

TITLE = "digits · β 0.1"


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress("r", "queued", position=2), f"Place 2 · Waiting for its turn · {TITLE}"),
        (Progress("r", "starting", 0, 200), f"Getting ready · {TITLE}"),
        (Progress("r", "running", 1, 200), f"0 % · Training · {TITLE}"),
        (Progress("r", "running", 199, 200), f"99 % · Training · {TITLE}"),
        (Progress("r", "paused", 50, 200), f"25 % · Paused · {TITLE}"),
        (Progress("r", "stopping", 50, 200), f"25 % · Stopping · {TITLE}"),
        (Progress("r", "finished", 200, 200), f"Finished · {TITLE}"),
        (Progress("r", "failed", 50, 200), f"Failed · {TITLE}"),
    ],
)
def test_the_tab_says_how_far_it_is(progress, said):
    assert watch_line.tab(TITLE, progress) == f"{said} · Latentscape"
