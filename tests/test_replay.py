"""How a cloud formed: turned by Procrustes as scipy does it, rows the same examples, packed without loss."""

import json

import moving_clouds
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_clouds import COUNT, STEPS
from safetensors import safe_open
from safetensors.numpy import load
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes as scipy_procrustes

from vae_core import replay
from vae_core.errors import ReplayError, RunDamagedError
from vae_core.events import Snapshot
from vae_core.runs import RunStore
from vae_core.storage import write_tensors


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home", tmp_path / "starters")


def meta_of(packed, tmp_path):
    (tmp_path / "packed").write_bytes(packed)
    with safe_open(tmp_path / "packed", "numpy") as file:
        return json.loads(file.metadata()["latentscape"])


@given(st.integers(0, 1000), st.sampled_from([1, 2, 3, 7]), st.integers(2, 5))
@settings(deadline=None, max_examples=30)
def test_each_cloud_is_turned_onto_the_next_as_scipy_does_it(seed, latent, count):
    random = np.random.default_rng(seed)
    clouds = [random.normal(size=(30, latent)).astype(np.float32) for _ in range(count)]
    found = replay.aligned(clouds)
    np.testing.assert_array_equal(found[-1], clouds[-1])
    for k in range(count - 1):
        turn, _ = orthogonal_procrustes(clouds[k].astype(np.float64), found[k + 1])
        np.testing.assert_allclose(found[k], clouds[k] @ turn, atol=1e-5)


@pytest.mark.parametrize("latent", [2, 5])
def test_a_cloud_that_only_spins_does_not_move(latent):
    clouds = moving_clouds.spinning(latent)
    for cloud in replay.aligned(clouds):
        np.testing.assert_allclose(cloud, clouds[-1], atol=1e-4)


def test_a_turn_keeps_every_distance_and_the_prior():
    clouds = [moving_clouds.final(3, seed) for seed in range(4)]
    for before, after in zip(clouds, replay.aligned(clouds)):
        np.testing.assert_allclose(np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1), rtol=1e-5)
        assert scipy_procrustes(before, after)[2] < 1e-9  # the same shape


def test_what_moves_is_less_than_without_turning():
    random = np.random.default_rng(3)
    clouds = [moving_clouds.final() @ moving_clouds.rotation(0.4 * k) for k in range(8)]
    clouds = [cloud + random.normal(size=cloud.shape) * 0.05 for cloud in clouds]
    moved = [np.diff(np.stack(some), axis=0).std() for some in (replay.aligned(clouds), clouds)]
    assert moved[0] < moved[1] / 4


def test_principal_directions_are_those_of_the_covariance():
    cloud = np.random.default_rng(0).normal(size=(500, 4)) * [0.5, 3, 1, 2] + [9, 0, 0, 0]
    _, _, rows = np.linalg.svd(cloud - cloud.mean(0))
    found = replay.principal(cloud)
    np.testing.assert_allclose(np.abs(found.T), np.abs(rows[:2]), atol=1e-9)
    assert (found[np.abs(found).argmax(0), [0, 1]] > 0).all()


def test_the_picture_is_never_narrower_than_at_the_end_and_holds_the_widest_moment():
    places = np.stack(
        [cloud * size for cloud, size in zip([moving_clouds.final()] * 11, [0, 1, 9, 9, 9, 1, 1, 1, 1, 1, 1])]
    )
    found = replay.spans(places)
    reach = np.quantile(np.abs(places).max(2), replay.NEARLY_ALL, axis=1)
    assert len(found) == 11
    assert (found >= reach * replay.ROOM * 0.999).all()
    assert found[-1] == pytest.approx(reach[-1] * replay.ROOM)


def test_a_run_of_two_dimensions(store):
    run = moving_clouds.run(store, moving_clouds.spinning(), changes=[(25, 4.0, None), (49, None, 0.5)])
    made = replay.moments(run)
    assert made.steps.tolist() == STEPS
    assert (made.total, made.epochs, made.is_live) == (100, 10, False)
    assert [view.name for view in made.views] == ["turned", "axes"]
    assert {view.axes for view in made.views} == {("z1", "z2")}
    np.testing.assert_allclose(made.views[0].places[0], moving_clouds.final(), atol=1e-4)
    np.testing.assert_array_equal(made.views[1].places[3], moving_clouds.spinning()[3])
    assert [(change.step, change.beta, change.lr) for change in made.changes] == [
        (25, 4, None),
        (49, None, 0.5),
    ]
    assert made.reconstructions[:, 0, 0, 0, 0].tolist() == [20 * k for k in range(len(STEPS))]
    assert made.curves["step.step"].tolist() == STEPS[1:]
    np.testing.assert_allclose(made.curves["epoch.distortion"], [31 - step / 10 for step in STEPS[1:]])


@pytest.mark.parametrize(("latent", "axes"), [(1, ("z1",)), (3, ("PCA 1", "PCA 2"))])
def test_fewer_and_more_dimensions(store, latent, axes):
    run = moving_clouds.run(store, moving_clouds.growing(latent))
    made = replay.moments(run)
    assert made.views[0].axes == axes
    assert all(view.places.shape == (len(STEPS), COUNT, 2) for view in made.views)
    if latent == 1:
        np.testing.assert_allclose(made.views[0].places[-1][:, 0], moving_clouds.final(1)[:, 0])
    else:
        assert made.views[1].axes == ("z1", "z3")  # the widest ones


def test_a_training_that_goes_on_reaches_to_its_planned_end(store):
    run = moving_clouds.run(store, moving_clouds.growing()[:4], STEPS[:4], end=False)
    over = replay.moments(run)
    assert (over.total, over.epochs, over.is_live) == (9, pytest.approx(0.9), False)
    with run.lock():
        live = replay.moments(run)
    assert (live.total, live.epochs, live.is_live) == (100, 10, True)


def test_packed_it_looks_the_same(store, tmp_path):
    made = replay.moments(moving_clouds.run(store))
    packed = replay.pack(made)
    meta, tensors = meta_of(packed, tmp_path), load(packed)
    assert meta["kind"] == "replay"
    assert meta["labels"] == ["round", "flat", "tall"]
    for number, view in enumerate(made.views):
        places = tensors[f"places.{number}"]
        assert places.dtype == np.int16
        scale = meta["views"][number]["scale"]
        np.testing.assert_allclose(places * scale, view.places, atol=scale)
        assert scale < np.abs(view.places).max() / 30_000
    np.testing.assert_array_equal(tensors["originals"], made.examples.images)
    np.testing.assert_array_equal(tensors["reconstructions"], made.reconstructions)
    assert len(packed) < 40_000
    assert replay.pack(made) == packed


def test_clouds_that_lie_in_one_point_are_packed_too(store, tmp_path):
    run = moving_clouds.run(store, [np.zeros((COUNT, 2), np.float32)] * len(STEPS))
    meta = meta_of(replay.pack(replay.moments(run)), tmp_path)
    assert all(span > 0 for view in meta["views"] for span in view["spans"])


def test_long_curves_are_thinned_and_wrong_rows_passed_over():
    rows = [
        {"kind": "step", "step": n, "distortion": 1.0, "rate": n, "beta": 1, "lr": 0.1}
        for n in range(1, 5001)
    ]
    rows[7]["rate"] = "much"
    found = replay.curves(rows)
    assert len(found["step.rate"]) <= replay.ROWS
    assert found["step.step"][0] == 1
    assert found["step.step"][-1] == 5000
    assert 8 not in found["step.step"]
    np.testing.assert_array_equal(found["step.step"], found["step.rate"])
    assert len(found["epoch.step"]) == 0


def test_of_many_moments_as_many_are_read_as_a_run_keeps(store):
    run = moving_clouds.run(store)
    shot = run.snapshot(STEPS[-1])
    for step in range(200, 900):
        tensors = {"mu": shot.mu, "log_var": shot.log_var, "reconstructions": shot.reconstructions}
        write_tensors(run.file(f"snapshots/{step:08d}.safetensors"), tensors, {})
    made = replay.moments(run)
    assert 50 < len(made.steps) <= 100
    assert made.steps[0] == 0
    assert made.steps[-1] == 899


def test_a_run_without_moments_says_so(store):
    run = store.create(moving_clouds.RunConfig())
    with pytest.raises(ReplayError, match="has not begun to train"):
        replay.moments(run)


def test_of_the_starters_the_digits_can_be_watched_and_the_others_say_why_not():
    made = replay.moments(RunStore().get("digits"))
    assert len(made.steps) > 50
    np.testing.assert_allclose(made.views[0].places[-1], RunStore().get("digits").latents()[0], atol=2e-3)
    with pytest.raises(ReplayError, match="came without"):
        replay.moments(RunStore().get("fashion-mnist"))


def test_moments_of_another_shape_are_a_damaged_run(store):
    run = moving_clouds.run(store)
    shot = Snapshot(36, np.zeros((7, 2), np.float32), np.zeros((7, 2), np.float32), moving_clouds.drawn(1))
    tensors = {"mu": shot.mu, "log_var": shot.log_var, "reconstructions": shot.reconstructions}
    write_tensors(run.file("snapshots/00000036.safetensors"), tensors, {})
    with pytest.raises(RunDamagedError, match="do not match"):
        replay.moments(run)


def test_a_moment_that_is_thinned_out_while_it_is_read_is_passed_over(store, monkeypatch):
    run = moving_clouds.run(store)
    listed = run.snapshots()
    run.file("snapshots/00000036.safetensors").unlink()
    looks = iter([listed])
    real = type(run).snapshots
    monkeypatch.setattr(type(run), "snapshots", lambda self: next(looks, None) or real(self))
    assert replay.moments(run).steps.tolist() == [step for step in STEPS if step != 36]
