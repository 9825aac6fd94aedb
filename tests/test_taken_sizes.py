"""The size of a file that is told before it is made, beside the file's own, for models that draw well."""

from itertools import pairwise

import numpy as np
import pytest

from vae_core.runs import RunStore
from vae_core.taking import likely_pictures
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS
from vae_core.ways import read

SURE = ("png", "palette", "projector", "parquet", "gif", "webp", "apng", "strip")


@pytest.mark.parametrize("name", SURE)
@pytest.mark.parametrize("starter", ["digits", "shapes-every-beta"])
def test_what_is_told_is_about_what_comes(name, starter, tmp_path):
    run, path = RunStore().get(starter), tmp_path / "made"
    through = read("7~120~33~50") if KINDS[name].follows else None
    choices = Choices(way=through, speed=4.0)
    told = KINDS[name].size(run, choices)
    KINDS[name].write(run, path, choices, lambda share: None)
    assert path.stat().st_size / 1.5 < told < path.stat().st_size * 1.5


def test_neighbours_on_a_path_are_never_told_from_one_picture():
    run = RunStore().get("digits")
    made = likely_pictures.drawn(run)[0]
    assert 1 < len(made) < len(run.examples().images)
    like = [row for row in range(len(made), 300) if run.examples().labels[row] == 0][:4]
    pictures = likely_pictures.of_rows(run, [0, 0, *like])
    assert np.array_equal(pictures[0], made[0])  # an example that was drawn stands for itself
    assert all((one != other).any() for one, other in pairwise(pictures))
