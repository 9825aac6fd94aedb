"""A step in slow motion against the loop itself, against formulas by hand, and against our sources."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from small_training import config

from vae_core.commands import main
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.errors import DataError, RunError
from vae_core.events import Checkpoint
from vae_core.likelihoods import LIKELIHOODS
from vae_core.models import build
from vae_core.pipeline import execute
from vae_core.runs import Recorder, RunStore
from vae_core.slow_lines import STAGES, stage_lines
from vae_core.slow_motion import SlowTrainer
from vae_core.slow_report import described, one_weight, rounded
from vae_core.slow_walk import step_of, walk
from vae_core.training import Trainer

ROOT = Path(__file__).resolve().parents[1]
IMAGES = torch.rand(130, 1, 8, 8, generator=torch.Generator().manual_seed(2))
NETS = [{"model.net": "mlp"}, {"model.net": "conv", "model.channels": (8,), "model.dense": 8}]
KINDS = ("vae", "ae", "multirate")
SETTINGS = [
    {},
    {"model.norm": "batch", "objective.kl": "free_bits"},
    {"model.hidden": (), "objective.kl": "capacity"},
    {"model.tied": True, "objective.kl": "controlled"},
    {"training.clip": 0.5, "training.weight_decay": 0.1, "training.average": 0.9},
]


def trainer(kind, settings, steps=3):
    torch.set_num_threads(1)
    betas = (settings.objective.beta_low, settings.objective.beta_high)
    model = build(settings.model, (1, 8, 8), IMAGES.mean(0), settings.training.seed, betas)
    made = kind(settings, model, IMAGES)
    for _ in range(steps):
        assert not made.advance()
    return made


def same_as_the_loop(settings):
    """Walks the fourth step; holds it against one that nobody watched."""
    plain, slow = trainer(Trainer, settings), trainer(SlowTrainer, settings)
    walked = step_of("a", "now", slow)
    plain.advance()
    assert (slow.step, slow.lr, slow.beta) == (plain.step, plain.lr, plain.beta)
    assert slow.sums == plain.sums
    for (name, own), other in zip(slow.model.state_dict().items(), plain.model.state_dict().values()):
        np.testing.assert_array_equal(own.numpy(), other.numpy(), err_msg=name)
    return walked


@pytest.mark.parametrize(
    ("likelihood", "kind", "net"),
    [
        ("bernoulli", "vae", NETS[0]),
        ("gaussian", "ae", NETS[1]),
        ("continuous_bernoulli", "multirate", NETS[0]),
        ("gaussian_shared", "multirate", NETS[1]),
        ("gaussian_pixel", "vae", NETS[1]),
        ("laplace", "ae", NETS[0]),
    ],
)
def test_losses_gradients_and_weights_are_those_of_the_loop(kind, likelihood, net):
    walked = same_as_the_loop(config(**net, **{"model.kind": kind, "model.likelihood": likelihood}))
    seen, terms = walked.seen, walked.seen.terms
    np.testing.assert_allclose(seen.nats.flatten(1).sum(1), terms.distortion, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(seen.rates.sum(1), terms.rate, rtol=1e-5, atol=1e-5)
    for own, used in zip(seen.gradients, walked.trainer.used):
        torch.testing.assert_close(own, used, rtol=1e-4, atol=1e-5)
    if kind == "ae":
        assert seen.noise is None
        torch.testing.assert_close(seen.z, seen.mu)
    else:
        torch.testing.assert_close(seen.z, seen.mu + (0.5 * seen.log_var).exp() * seen.noise)


@pytest.mark.parametrize("changes", SETTINGS, ids=str)
def test_any_objective_and_optimiser_is_walked_through(changes):
    walked = same_as_the_loop(config(**changes))
    report = described(walked)
    one = one_weight(walked)
    assert one["after"] == pytest.approx(one["before"] + one["change"], abs=1e-6)
    assert report["difference"] < 1e-5
    json.dumps(report, allow_nan=False)


def test_the_loss_falls_apart_as_the_formula_says():
    report = described(same_as_the_loop(config(**{"objective.beta": 2.5, "objective.warmup": 0.0})))
    assert set(report["betas"]) == {2.5}
    for loss, distortion, rate in zip(report["losses"], report["distortion"], report["rate"]):
        assert loss == pytest.approx(distortion + 2.5 * rate, rel=1e-4)


def test_the_gradient_at_the_code_is_what_a_small_move_of_it_costs():
    """By finite differences through the net itself, in double precision."""
    slow = trainer(SlowTrainer, config(**{"objective.beta": 1.0, "objective.warmup": 0.0}))
    walked = step_of("a", "now", slow)
    seen = walked.seen
    model = trainer(Trainer, slow.config).model.double()

    def loss(mu):
        sigma = (0.5 * seen.log_var.double()).exp()
        z = mu + sigma * seen.noise.double()
        rate = 0.5 * (mu**2 + sigma**2 - seen.log_var.double() - 1).sum(1)
        return (-model.decode(z).log_prob(seen.x.double()) + rate).detach()

    step = torch.zeros_like(seen.mu.double())
    step[:, 0] = 1e-5
    slope = (loss(seen.mu + step) - loss(seen.mu - step)) / 2e-5
    torch.testing.assert_close(seen.by_mu[:, 0].double(), slope, rtol=1e-3, atol=1e-3)


def test_several_batches_in_a_step_are_walked_through_by_the_first():
    walked = same_as_the_loop(config(**{"training.accumulate": 2}))
    report = described(walked)
    assert report["parts"] == 2
    assert report["difference"] is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("likelihood", "more"),
    list(zip(LIKELIHOODS, [*NETS, {"objective.kl": "free_bits"}, {"objective.kl": "capacity"}, *NETS])),
)
def test_every_line_that_is_shown_stands_in_our_code(kind, likelihood, more):
    settings = config(**more, **{"model.kind": kind, "training.clip": 1.0, "training.accumulate": 2})
    found = stage_lines(settings, LIKELIHOODS[likelihood])
    assert tuple(found) == STAGES
    for stage, lines in found.items():
        assert lines or (kind, stage) == ("ae", "noise")
        for line in lines:
            source = (ROOT / line.file).read_text().splitlines()
            count = len(line.text.splitlines())
            there = [text.strip() for text in source[line.number - 1 : line.number - 1 + count]]
            assert there == [text.strip() for text in line.text.splitlines()]


def stored(tmp_path, until=math.inf, **changes):
    """A run of digits in a store, trained until some step; to its end without."""
    base = {"data": {"source": "digits", "limit": 200}, "training": {"checkpoint_seconds": 0}}
    settings = RunConfig.parse(base).override(
        {
            "model.hidden": (8,),
            "training.epochs": 6,
            "training.batch": 16,
            "training.checkpoint_seconds": 0,
            **changes,
        }
    )
    run = RunStore().create(settings)
    control = Control()
    with run.lock():
        recorder = Recorder(run)
        for event in execute(settings, None, control, run=run.id):
            recorder.write(event)
            if isinstance(event, Checkpoint) and event.step >= until:
                control.stop()
    return RunStore().get(run.id)


def test_an_interrupted_run_is_walked_on_from_where_it_was_saved(tmp_path):
    run = stored(tmp_path, until=5)
    walked = walk(run, "now")
    assert run.state == "interrupted"
    assert walked.trainer.step == run.checkpoint().step + 1
    assert not walked.notes
    first = walk(run, "start")
    assert first.trainer.step == 1
    np.testing.assert_allclose(first.seen.mu.mean(), 0, atol=2)


def test_a_finished_run_takes_one_step_more_and_without_its_memory_too(tmp_path):
    run = stored(tmp_path)
    steps = run.report()["steps"]
    before = run.file("checkpoint/state.safetensors").read_bytes()
    walked = walk(run, "now")
    assert 0.8 * steps < walked.trainer.step < steps
    assert walked.trainer.lr > 0
    assert "has ended" in walked.notes[0]
    assert run.file("checkpoint/state.safetensors").read_bytes() == before
    run.file("checkpoint/state.safetensors").unlink()
    again = walk(run, "now")
    assert "memory" in again.notes[1]
    torch.testing.assert_close(again.seen.mu, walked.seen.mu)
    assert again.trainer.adam.steps[0].item() > 10
    assert again.after[1].mean() < again.seen.losses.mean() + 0.1


def test_what_cannot_be_walked_through_is_refused_in_words(tmp_path, monkeypatch):
    run = stored(tmp_path, until=5)
    run.file("snapshots/00000000.safetensors").unlink()
    other = stored(tmp_path, until=5, **{"training.seed": 3})
    (other.path / "snapshots" / "00000000.safetensors").rename(
        run.path / "snapshots" / "00000000.safetensors"
    )
    with pytest.raises(RunError, match="did not begin with fresh weights"):
        walk(run, "start")
    run.about["data"]["checksum"] = "another"
    with pytest.raises(DataError, match="not those"):
        walk(run, "start")
    assert "held-out" in walk(run, "now").notes[0]


def test_the_command_says_it_for_people_and_for_programs(tmp_path, capsys):
    run = stored(tmp_path, until=5)
    assert main(["step", run.id]) == 0
    told = capsys.readouterr().out
    assert "vae_core/posteriors.py" in told
    assert all(stage in told for stage in STAGES)
    assert main(["step", run.id, "--json", "--at", "start"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["share"] for row in rows][-1] == 1
    assert rows[-1]["step"] == 1
    assert main(["step", "none"]) == 2


def test_rounding_keeps_so_many_digits_that_count():
    values = torch.tensor([[123456.0, 0.00012345678, -0.0], [math.inf, math.nan, -1.0]])
    assert rounded(values, 3) == [[123000.0, 0.000123, 0.0], [None, None, -1.0]]
