"""How many runs the service takes at a time."""

import fake_pipeline
import pytest

from vae_core.config import RunConfig
from vae_core.errors import ConfigError, ServiceError
from vae_core.jobs import TrainingService
from vae_core.run_limits import RunLimits
from vae_core.runs import RunStore


def test_a_visitors_own_and_all():
    limits = RunLimits(visitor=2, all=4)
    limits.check(["ada", "ben", "ben"], "ada")
    with pytest.raises(ServiceError, match=r"You have 2 runs waiting or in training, .* may have 2"):
        limits.check(["ada", "ben", "ben"], "ben")
    limits.check(["", "", ""], "")  # a program is no visitor
    with pytest.raises(ServiceError, match="4 runs are waiting or in training here, and 4 is the most"):
        limits.check(["", "", "", "ada"], "ben")
    with pytest.raises(ServiceError, match="You have one run"):
        RunLimits(visitor=1).check(["ada"], "ada")


def test_a_machine_sets_its_own(monkeypatch):
    monkeypatch.delenv("LATENTSCAPE_RUNS", raising=False)
    assert RunLimits.current() == RunLimits()
    monkeypatch.setenv("LATENTSCAPE_RUNS", "visitor=3 all=7")
    assert RunLimits.current() == RunLimits(3, 7)
    for wrong in ("visitors=3", "visitor=0", "visitor=-1", "all=many", "all=99999", "all=²"):
        monkeypatch.setenv("LATENTSCAPE_RUNS", wrong)
        with pytest.raises(ConfigError, match="it should be like visitor=5 all=50"):
            RunLimits.current()


def test_the_service_counts_what_waits_and_what_trains(home, monkeypatch):
    """Nothing is left of a refused run; one that was cancelled makes room."""
    monkeypatch.setenv("LATENTSCAPE_RUNS", "visitor=2 all=3")
    monkeypatch.setattr("vae_core.conductor.Conductor.dispatch", lambda conductor: None)  # all of them wait
    config = RunConfig.parse({"training": {"epochs": 50}})
    service = TrainingService(RunStore(home), workers=1, execute=fake_pipeline.execute)
    try:
        first, second = service.submit(config, "ada"), service.submit(config, "ada")
        with pytest.raises(ServiceError, match="You have 2 runs"):
            service.submit(config, "ada")
        third = service.submit(config, "ben")
        with pytest.raises(ServiceError, match="3 runs are"):
            service.submit(config, "ben")
        assert len([run for run in service.store.list() if not run.starter]) == 3
        places = [(p.position, p.waiting) for p in map(service.progress, (second, third))]
        assert places == [(1, 2), (2, 2)]
        service.stop(first)
        while service.progress(first).active:
            pass
        service.submit(config, "ada")
        with pytest.raises(ServiceError, match="You have 2 runs"):
            service.resume(first)
    finally:
        service.close()


def test_a_run_whose_folder_cannot_be_read_is_let_go(home, monkeypatch):
    def refuse(*_):
        raise OSError("gone")

    monkeypatch.setattr("vae_core.conductor.Conductor.dispatch", lambda conductor: None)
    service = TrainingService(RunStore(home), execute=fake_pipeline.execute)
    run = service.store.create(RunConfig())
    with monkeypatch.context() as patch:
        patch.setattr("vae_core.jobs.Job", refuse)
        with pytest.raises(OSError, match="gone"):
            service.resume(run.id)
    service.resume(run.id)
    assert service.progress(run.id).active
    service.close()
