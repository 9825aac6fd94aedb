"""Memory: what a training is said to need, what the machine has, and what is made of the two."""

import numpy as np
import psutil
import pytest

from vae_core import memory
from vae_core.advice import on_memory
from vae_core.checks import check
from vae_core.config import RunConfig
from vae_core.data import Dataset
from vae_core.errors import ConfigError
from vae_core.recipes import recommended

GIGA = 10**9


def test_the_parts_of_the_estimate_counted_by_hand():
    """784-100-4 and back: two nets with biases, 50 pictures, a step of 10 of them."""
    images = np.zeros((60, 1, 28, 28), np.uint8)
    dataset = Dataset("d", "D", images, None, (), np.arange(50), np.arange(50, 60), "", "", "")
    config = RunConfig.parse({"model": {"hidden": [100], "latent": 2}, "training": {"batch": 10}})
    weights = 784 * 100 + 100 + 100 * 4 + 4 + 2 * 100 + 100 + 100 * 784 + 784
    look = 3 * 1000 * 784  # more than the step's 4 * 10 * (784 + 100 + 4 + 100 + 784)
    assert memory.held(config, dataset) == 4 * (50 * 784 + 8 * weights + look)
    assert memory.needed(config, dataset) - memory.held(config, dataset) == memory.PROCESS


def test_a_larger_net_batch_or_data_set_needs_more():
    small = recommended("mnist")
    for change in ({"model.hidden": (2048, 2048)}, {"training.batch": 8192}, {"training.average": 0.99}):
        assert memory.needed(small.override(change)) > memory.needed(small)
    assert memory.needed(small.override({"data.limit": 1000})) < memory.needed(small)


def test_the_machine_is_the_container_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    total = psutil.virtual_memory().total
    assert memory.machine() == total
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.machine() == total
    (tmp_path / "memory.max").write_text(f"{GIGA // 2}\n")
    assert memory.machine() == GIGA // 2
    assert memory.free() <= GIGA // 2
    (tmp_path / "memory.max").write_text(f"{total * 8}\n")  # as unlimited ones say
    assert memory.machine() == total


def test_what_the_machine_cannot_hold_is_refused_with_both_figures(monkeypatch):
    monkeypatch.setattr("vae_core.checks.machine", lambda: GIGA // 2)
    check(recommended("digits"))
    with pytest.raises(ConfigError, match=r"about 0\.\d GB of memory, this machine has 0\.5 GB\. Choose"):
        check(recommended("fashion-mnist"))


def test_what_may_run_out_is_remarked_on(monkeypatch):
    monkeypatch.setattr("vae_core.advice.machine", lambda: 8 * GIGA)
    monkeypatch.setattr("vae_core.advice.free", lambda: 4 * GIGA)
    assert on_memory(recommended("fashion-mnist")) == ""
    monkeypatch.setattr("vae_core.advice.free", lambda: GIGA // 4)
    remark = on_memory(recommended("fashion-mnist"))
    assert "of this machine's 8.0 GB, 0.2 GB are free now" in remark


def test_the_comparison_is_one_sentence_and_never_an_error(monkeypatch):
    monkeypatch.setattr(memory, "machine", lambda: 8 * GIGA)
    assert memory.comparison(RunConfig()).endswith(" GB of memory, this machine has 8.0 GB.")
    gone = RunConfig.parse({"data": {"source": "own:0123456789abcdef"}})
    assert memory.comparison(gone) == ""
