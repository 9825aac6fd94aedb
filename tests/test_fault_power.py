"""What a power failure may leave of files that grow: half a line, or bytes that were never written."""

import pytest
from synthetic import contents, record

from vae_core.config import RunConfig
from vae_core.progress import stored
from vae_core.runs import RunStore

HALVES = [b'{"time": "2026-01-01T00:00:00+00:00", "ki', b"\0" * 100, b"{"]


@pytest.mark.parametrize("half", HALVES, ids=["line", "zeros", "brace"])
def test_half_a_line_is_left_out_and_training_goes_on(half, home):
    whole, run = RunStore().create(RunConfig()), RunStore().create(RunConfig())
    record(whole)
    record(run, until=17)
    before = run.log()
    for name in ("log.jsonl", "metrics.jsonl"):
        with open(run.path / name, "ab") as file:
            file.write(half)
    assert stored(run).state == "interrupted"
    assert run.log() == before
    assert run.checkpoint() is not None  # what is logged is looked at for it
    record(run)
    assert [line["kind"] for line in run.log()] == ["started", "started", "finished"]
    assert contents(run) == contents(whole)


def test_a_second_half_line_is_cut_too(home):
    """By an attempt that did not get far."""
    run = RunStore().create(RunConfig())
    for until in (3, 9, 17):
        record(run, until=until)
        with open(run.path / "log.jsonl", "ab") as file:
            file.write(HALVES[0])
    record(run)
    assert [line["kind"] for line in run.log()] == ["started"] * 4 + ["finished"]
    assert run.state == "finished"
