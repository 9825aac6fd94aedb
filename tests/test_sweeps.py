"""Ladders of separately trained models: their records, and how they come about through the service."""

import json
import math

import fake_ladder
import numpy as np
import pytest
from fake_ladder import DIVERGES, FAILS
from fake_pipeline import rows, until
from small_training import config as small
from small_training import of, pictures, same
from small_training import run as trained

from vae_core import sweep_record
from vae_core.config import RunConfig
from vae_core.errors import ConfigError, LadderError, LadderNotFoundError, RunBusyError, ServiceError
from vae_core.events import Checkpoint, Finished, Started
from vae_core.jobs import TrainingService
from vae_core.recorder import Recorder
from vae_core.runs import RunStore
from vae_core.sweeping import Sweeps, prepare, train_in_turn, warm
from vae_core.sweeps import LadderStore, standings

LONG = 10_000  # steps, never reached


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    service = TrainingService(
        RunStore(tmp_path_factory.mktemp("ladders")), workers=2, execute=fake_ladder.execute
    )
    yield service
    service.close()


def config(steps=5, name=""):
    return RunConfig.parse({"name": name, "training": {"epochs": steps}})


def ended(sweeps, ladder):
    return until(lambda: not sweeps.store.held(ladder) and sweeps.store.get(ladder))


def states(sweeps, ladder):
    return [one.state for one in standings(sweeps.store.get(ladder), sweeps.store.runs)]


def value(store, run):
    return int(store.get(run).checkpoint().weights["value"].item())


@pytest.mark.parametrize(
    ("betas", "sentence"),
    [
        ([1], "at least two betas"),
        ([], "at least two betas"),
        ([10, 1], "not in order"),
        ([0.1, 1, 1], "hold one twice"),
        ([0, 1], "A beta is 0;"),
        ([-1, 1], "A beta is -1;"),
        ([1, 2000], "A beta is 2000;"),
        ([1, math.nan], "A beta is nan;"),
        ([1, "two"], "should be numbers"),
        ([10**400, 1], "should be numbers"),
        ([0.1 * k for k in range(1, 27)], "These are 26 betas"),
    ],
)
def test_betas_that_no_ladder_can_have(betas, sentence):
    with pytest.raises(ConfigError, match=sentence):
        LadderStore().create(config(), betas, [0])
    assert LadderStore().list() == []


@pytest.mark.parametrize(
    ("changes", "seeds", "sentence"),
    [
        ({"model.kind": "ae"}, [0], "has no beta"),
        ({"model.kind": "multirate"}, [0], "learns every beta at once"),
        ({}, [], "seeds are missing"),
        ({}, [0, 0], "hold one twice"),
        ({}, [-1], "whole numbers from 0"),
        ({}, range(60), "120 trainings, at most 100"),
        ({"data.limit": 1}, [0], "one picture is needed"),
    ],
)
def test_settings_and_seeds_that_no_ladder_can_have(changes, seeds, sentence):
    with pytest.raises(ConfigError, match=sentence):
        LadderStore().create(config().override(changes), [0.1, 1], list(seeds))


def test_a_record_comes_back_as_it_was():
    store = LadderStore()
    made = store.create(config(name="Mine"), [0.1, 1, 10], [3, 4], warm_start=True, owner="ada")
    made = made.changed(1, "digits-1", "digits-0", "It was stopped.")
    store.save(made)
    assert store.get(made.id) == made
    assert store.list() == [made]
    assert made.title == "Mine · β 0.1 to 10, 3 models"
    assert [(member.beta, member.seed) for member in made.members] == [
        (0.1, 3), (1, 3), (10, 3), (0.1, 4), (1, 4), (10, 4),
    ]  # fmt: skip
    assert made.config_of(made.members[5]).title() == "Mine · β 10 · seed 4"
    assert made.config_of(made.members[5]).training.seed == 4
    store.delete(made.id)
    with pytest.raises(LadderNotFoundError):
        store.get(made.id)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"format": 2}, "format 2"),
        ({"betas": [1, 0.1]}, "not in order"),
        ({"betas": "0.1, 1"}, "not those of a ladder"),
        ({"seeds": [True]}, "whole numbers"),
        ({"seeds": [0] * 5}, "hold one twice"),
        ({"config": {"model": {"latent": 0}}}, "model.latent is 0"),
        ({"config": {"model": {"kind": "ae"}}}, "has no beta"),
        ({"members": []}, "0 members"),
        ({"members": [{}, {}]}, "not described"),
        ({"members": [{"beta": 1, "seed": 0, "run": "", "start": "", "reason": ""}] * 2}, "not the one"),
        ({"id": "ladder-other"}, "not those of a ladder"),
        ({"warm_start": 1}, "not those of a ladder"),
        ({"owner": "x" * 1000}, "not those of a ladder"),
    ],
)
def test_damaged_records_are_refused_in_a_sentence(damage, sentence):
    store = LadderStore()
    made = store.create(config(), [0.1, 1], [0])
    path = store.folder / f"{made.id}.json"
    path.write_text(json.dumps({**made.value(), **damage}))
    with pytest.raises(LadderError, match=sentence):
        store.get(made.id)
    assert store.list() == []


@pytest.mark.parametrize("run", ["../../etc", "/etc/passwd", ".hidden", "a" * 200, 3])
def test_a_run_in_a_record_is_a_name_and_no_path(run):
    made = LadderStore().create(config(), [0.1, 1], [0])
    value = json.loads(json.dumps(made.value()))
    value["members"][0]["run"] = run
    with pytest.raises(LadderError, match="not the one"):
        sweep_record.read(made.id, value)


def test_a_record_that_is_no_json_or_a_link(tmp_path):
    store = LadderStore()
    made = store.create(config(), [0.1, 1], [0])
    path = store.folder / f"{made.id}.json"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(LadderError, match="not readable JSON"):
        store.get(made.id)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(LadderError, match="link"):
        store.get(made.id)
    for name in ("ladder-../../x", "nothing", "ladder-nothing"):
        with pytest.raises(LadderNotFoundError):
            store.get(name)


def test_a_warm_start_is_a_training_from_those_weights(tmp_path):
    """The run that `warm` readies ends bit for bit where a training that is handed the weights ends."""
    store, lower, upper = RunStore(), small(**{"objective.beta": 0.1}), small(**{"objective.beta": 3.0})
    first, second = store.create(lower), store.create(upper)
    end = record(first, trained(lower)[0])
    warm(second, first)
    assert second.state == "interrupted"
    begun = second.checkpoint()
    assert begun.step == 0
    same(begun.weights, end.weights)
    assert all((array == 0).all() for array in begun.optimizer.values())
    events, outcome = trained(upper, checkpoint=begun)

    fresh = of(Checkpoint, trained(upper)[0])[0]
    given = Checkpoint(0, end.weights, fresh.optimizer, fresh.progress)
    expected, _ = trained(upper, checkpoint=given)
    assert outcome.step == 60
    same(of(Checkpoint, events)[-1].weights, of(Checkpoint, expected)[-1].weights)


def record(run, events):
    """Writes a training to its run as the pipeline would; returns its last checkpoint."""
    images = (pictures(7).numpy() * 255).astype(np.uint8)
    start = Started(images, np.zeros(7, np.int64), np.arange(7), (), {}, 60, {})
    last = of(Checkpoint, events)[-1]
    with run.lock():
        recorder = Recorder(run)
        mu = np.zeros((7, 2), np.float32)
        for event in (start, *events, Finished(60, last.weights, mu, mu, {"rate": 1.0}, b"bundle")):
            recorder.write(event)
    return last


def test_a_cold_ladder_trains_every_member_from_its_seed(service):
    sweeps = Sweeps(service)
    made = ended(sweeps, sweeps.start(config(), [0.1, 1, 10], [0, 1], warm_start=False, owner="ada"))
    assert sweeps.store.state(made) == "finished"
    assert states(sweeps, made.id) == ["finished"] * 6
    assert {value(service.store, member.run) for member in made.members} == {int(rows(5)[-1][2])}
    assert all(member.start == "" for member in made.members)
    run = service.store.get(made.members[4].run)
    assert (run.owner, run.config.objective.beta, run.config.training.seed) == ("ada", 1, 1)


def test_a_warm_ladder_climbs_from_neighbour_to_neighbour(service):
    sweeps = Sweeps(service)
    made = ended(sweeps, sweeps.start(config(), [0.1, 1, 10], [0], warm_start=True))
    runs = [member.run for member in made.members]
    assert [member.start for member in made.members] == ["", *runs[:2]]
    assert [value(service.store, run) for run in runs] == [
        int(rows(steps)[-1][2]) for steps in (5, 15 - 5, 15)
    ]


def test_members_that_fail_leave_gaps_and_the_next_starts_from_the_nearest_that_is_there(service):
    sweeps = Sweeps(service)
    made = ended(sweeps, sweeps.start(config(), [0.1, DIVERGES, FAILS, 1], [0], warm_start=True))
    assert states(sweeps, made.id) == ["finished", "diverged", "failed", "finished"]
    assert made.members[3].start == made.members[0].run
    found = standings(made, service.store)
    assert "nan at step 3" in found[1].reason
    assert found[2].reason == "The pictures are gone. Bring them back."
    assert sweeps.store.state(made) == "finished"
    with pytest.raises(RunBusyError), sweeps.store.lock(made.id):
        sweeps.resume(made.id)
    sweeps.resume(made.id)  # what failed is tried again, what diverged is not
    again = ended(sweeps, made.id)
    assert states(sweeps, made.id) == ["finished", "diverged", "failed", "finished"]
    assert [member.run for member in again.members] == [member.run for member in made.members]


def test_a_first_member_that_fails_lets_the_second_start_cold(service):
    sweeps = Sweeps(service)
    made = ended(sweeps, sweeps.start(config(), [DIVERGES, 1], [0], warm_start=True))
    assert states(sweeps, made.id) == ["diverged", "finished"]
    assert made.members[1].start == ""
    assert sweeps.store.state(made) == "failed"  # one model is no ladder


def test_cancelled_and_resumed(service):
    sweeps = Sweeps(service)
    name = sweeps.start(config(LONG), [0.1, 1, 10], [0], warm_start=False)
    begun = until(lambda: (s := states(sweeps, name)).count("running") == 2 and s)
    assert begun == ["running", "running", "waiting"]  # as many as there are workers
    until(lambda: all(service.progress(m.run).step > 3 for m in sweeps.store.get(name).members[:2]))
    sweeps.cancel(name)
    made = ended(sweeps, name)
    assert states(sweeps, name) == ["interrupted", "interrupted", "waiting"]
    assert sweeps.store.state(made) == "interrupted"
    assert [member.reason for member in made.members] == ["", "", ""]
    sweeps.resume(name)
    until(lambda: states(sweeps, name).count("running") == 2)
    assert [m.run for m in sweeps.store.get(name).members[:2]] == [m.run for m in made.members[:2]]
    sweeps.cancel(name)
    ended(sweeps, name)


def test_cancelling_after_a_run_was_deleted_waits_for_the_others(service, caplog):
    sweeps = Sweeps(service)
    name = sweeps.start(config(LONG), [0.1, 1], [0], warm_start=False)
    until(lambda: states(sweeps, name) == ["running", "running"])
    first, second = (member.run for member in sweeps.store.get(name).members)
    until(lambda: service.progress(first).step > 3)
    service.stop(first)
    until(lambda: states(sweeps, name)[0] == "failed")
    service.store.delete(first)
    sweeps.cancel(name)
    ended(sweeps, name)
    assert not service.progress(second).active
    assert caplog.text == ""


def test_a_member_stopped_by_hand_does_not_stop_the_others(service):
    sweeps = Sweeps(service)
    name = sweeps.start(config(60), [0.1, 1], [0], warm_start=True)
    run = until(lambda: sweeps.store.get(name).members[0].run)
    until(lambda: service.progress(run).step > 3)
    service.stop(run)
    made = ended(sweeps, name)
    assert states(sweeps, name) == ["failed", "finished"]
    assert made.members[0].reason == "It was stopped before its end."
    sweeps.resume(name)
    ended(sweeps, name)
    assert states(sweeps, name) == ["finished", "finished"]


def test_a_ladder_survives_the_end_of_its_app(tmp_path):
    store = RunStore(tmp_path / "shared")
    first = TrainingService(store, workers=1, execute=fake_ladder.execute)
    sweeps = Sweeps(first)
    name = sweeps.start(config(100), [0.1, 1], [0], warm_start=True)
    run = until(lambda: sweeps.store.get(name).members[0].run)
    until(lambda: first.progress(run).step > 10)
    first.close()
    made = ended(sweeps, name)
    with pytest.raises(ServiceError, match="closed"):
        sweeps.start(config(100), [0.1, 1], [0], warm_start=True)
    assert [ladder.id for ladder in sweeps.store.list()] == [name]
    assert sweeps.store.state(made) == "interrupted"
    assert states(sweeps, name) == ["interrupted", "waiting"]
    assert made.members[0].reason == ""
    second = TrainingService(store, workers=1, execute=fake_ladder.execute)
    try:
        again = Sweeps(second)
        again.resume(name)
        done = ended(again, name)
        assert states(again, name) == ["finished", "finished"]
        assert done.members[0].run == run
        assert value(store, done.members[1].run) == int(rows(200)[-1][2])
    finally:
        second.close()


def test_a_deleted_run_is_a_gap(service):
    sweeps = Sweeps(service)
    made = ended(sweeps, sweeps.start(config(), [0.1, 1, 10], [0], warm_start=False))
    service.store.delete(made.members[1].run)
    assert states(sweeps, made.id) == ["finished", "deleted", "finished"]
    assert standings(made, service.store)[1].reason == "Its run was deleted."


def test_in_turn_in_this_process():
    """What the command line does: a run that raises is a gap, one that stops ends it all."""
    store = LadderStore()
    made = store.create(config(), [0.1, DIVERGES, FAILS, 1], [0], warm_start=True)
    asked = []

    def train(run):
        asked.append(run.config.objective.beta)
        if len(asked) == 2:
            return False
        with run.lock():
            recorder = Recorder(run)
            from fake_pipeline import Always

            for event in fake_ladder.execute(run.config, run.checkpoint(), Always(), run.id):
                recorder.write(event)
        return True

    stopped = train_in_turn(store, made, train)
    assert [one.state for one in standings(stopped, store.runs)] == [
        "finished", "interrupted", "waiting", "waiting",
    ]  # fmt: skip
    done = train_in_turn(store, store.get(made.id), train)
    assert asked == [0.1, DIVERGES, DIVERGES, FAILS, 1]
    assert done == store.get(made.id)
    assert [one.state for one in standings(done, store.runs)] == [
        "finished",
        "diverged",
        "failed",
        "finished",
    ]
    assert done.members[3].start == done.members[0].run


def test_a_neighbour_whose_checkpoint_is_gone_is_passed_over():
    store = LadderStore()
    made = store.create(config(), [0.1, 1], [0], warm_start=True)
    made, first = prepare(store, made, 0)
    record(first, trained(small())[0])
    (first.path / "checkpoint" / "state.safetensors").unlink()
    made, second = prepare(store, made, 1)
    assert made.members[1].start == ""
    assert second.checkpoint() is None
