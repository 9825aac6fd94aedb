"""A ladder as one bundle: alignment against scipy, each member's pictures against the member itself, gaps."""

import json
import math

import numpy as np
import pytest
import torch
from ladders import BETAS, BROKEN, trained_ladder
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

from vae_core import ladder_bundle
from vae_core.errors import LadderError
from vae_core.explorer import bundle
from vae_core.explorer.operations import decoder_ops
from vae_core.ladder_bundle import pack, procrustes, turned
from vae_core.models import rebuild
from vae_core.sweeps import standings

THERE = [0, 2, 3]  # places of members that are there


@pytest.fixture(scope="module", params=["mlp", "conv"])
def ladder(request, tmp_path_factory):
    nets = {"mlp": {}, "conv": {"model__net": "conv", "model__channels": (4,), "model__blocks": 1}}
    return trained_ladder(tmp_path_factory.mktemp("ladder"), model__latent=3, **nets[request.param])


@pytest.fixture(scope="module")
def packed(ladder):
    return bundle.read(pack(*ladder))


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("latent", [1, 2, 3, 10, 64])
def test_alignment_is_that_of_scipy(latent):
    codes, onto = random(300, latent), random(300, latent, seed=1) + 0.3
    expected, _ = orthogonal_procrustes(codes, onto)
    assert procrustes(codes, onto) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_a_turn_or_mirroring_is_found_again(seed):
    turn = ortho_group.rvs(4, random_state=seed)  # its determinant is 1 or -1
    codes = random(200, 4, seed=seed) * [3, 2, 1, 0.5]
    assert procrustes(codes @ turn.T, codes) == pytest.approx(turn, abs=1e-7)


def test_dimensions_that_say_nothing_stay_where_they_are():
    codes = np.zeros((50, 4))
    codes[:, 1] = random(50)
    turn = procrustes(codes, codes[:, [1, 0, 2, 3]])
    assert turn @ turn.T == pytest.approx(np.eye(4), abs=1e-12)
    assert (codes @ turn)[:, 0] == pytest.approx(codes[:, 1])
    assert turn[2:, 2:] == pytest.approx(np.eye(2), abs=1e-6)
    assert procrustes(np.zeros((5, 3)), np.zeros((5, 3))) == pytest.approx(np.eye(3))


def test_variances_are_the_diagonal_of_the_turned_covariance():
    mu, log_var, turn = random(20, 3), random(20, 3, seed=1), ortho_group.rvs(3, random_state=2)
    made, variances = turned(mu, log_var, turn)
    assert made == pytest.approx(mu @ turn, abs=1e-6)
    for n in range(20):
        covariance = turn.T @ np.diag(np.exp(log_var[n])) @ turn
        assert np.exp(variances[n]) == pytest.approx(np.diag(covariance), rel=1e-5)


def test_every_member_draws_for_a_turned_code_what_it_draws_for_its_own(ladder, packed):
    store, made = ladder
    meta, tensors = packed
    for rung, place in enumerate(THERE):
        run = store.runs.get(made.members[place].run)
        model = rebuild(run.config.model, run.weights())
        mu, _ = run.latents()
        with torch.no_grad():
            own = model.decode(torch.from_numpy(mu)).mean.flatten(1).numpy()
        decoder, _ = decoder_ops(model.decoder)
        specs = meta["members"][place]["decoder"]
        z = tensors["ladder.mu"][rung].astype(np.float64)
        if specs[0].get("weight") == f"member.{place}.turn":
            z = z @ tensors[specs[0]["weight"]].T  # as a linear layer computes
            specs = specs[1:]
        assert z == pytest.approx(mu, abs=2e-6)
        assert [spec["op"] for spec in specs] == [spec["op"] for spec in (*decoder, *model.display_ops)]
        model_again = rebuild(run.config.model, run.weights())
        _load(model_again.decoder, specs, decoder, tensors)
        with torch.no_grad():
            drawn = model_again.decode(torch.from_numpy(z.astype(np.float32))).mean.flatten(1).numpy()
        assert drawn == pytest.approx(own, abs=2e-6)


def _load(decoder, specs, originals, tensors):
    """Gives the decoder the weights that the bundle's operations name, in place of its own."""
    names = dict(zip(_named(originals), _named(specs)))
    with torch.no_grad():
        for name, tensor in decoder.state_dict(prefix="decoder.").items():
            tensor.copy_(torch.from_numpy(tensors[names.pop(name)]))
    assert not names


def _named(specs):
    for spec in specs:
        for key, value in spec.items():
            if key in ("body", "shortcut"):
                yield from _named(value)
            elif isinstance(value, str) and key != "op":
                yield value


def test_clouds_lie_as_near_as_turning_can_bring_them(ladder, packed):
    store, made = ladder
    meta, tensors = packed
    own = [store.runs.get(made.members[place].run).latents()[0] for place in THERE]
    rungs = tensors["ladder.mu"]
    assert meta["dial"]["beta"] == 1.0
    assert np.array_equal(rungs[1], own[1])  # the reference lies as it is
    for rung in (0, 2):
        expected, _ = orthogonal_procrustes(own[rung].astype(float), own[1].astype(float))
        assert rungs[rung] == pytest.approx(own[rung] @ expected, abs=1e-4)
        assert np.square(rungs[rung]).sum(1) == pytest.approx(np.square(own[rung]).sum(1), rel=1e-4)
    assert np.array_equal(tensors["points.mu"], own[1])


def test_what_the_bundle_says_of_the_ladder(ladder, packed):
    store, made = ladder
    meta, tensors = packed
    assert meta["dial"] == {"kind": "separate", "low": 0.05, "high": 4.0, "beta": 1.0}
    assert meta["ladder"]["log_betas"] == pytest.approx([math.log(beta) for beta in (0.05, 1, 4)])
    assert meta["ladder"]["error"] is None
    assert (meta["run"], meta["title"]) == (made.id, "digits · 3-D · β 0.05 to 4, 4 models")
    assert [member["beta"] for member in meta["members"]] == list(BETAS)
    assert [bool(member["reason"]) for member in meta["members"]] == [False, True, False, False]
    assert "decoder" not in meta["members"][1]
    assert "nan at step 70" in meta["members"][1]["reason"]
    assert "encoder" not in meta
    assert "points.error" not in tensors
    curve = meta["report"]["curve"]
    reports = [store.runs.get(made.members[place].run).report() for place in THERE]
    for row, report, beta in zip(curve, reports, (0.05, 1, 4), strict=True):
        assert row["beta"] == beta
        for name in ("rate", "rate_se", "distortion", "distortion_se", "elbo", "active", "accuracy"):
            assert row[name] == report[name]
        assert len(row["kl_per_dim"]) == 3
    assert curve[1]["kl_per_dim"] == pytest.approx(reports[1]["kl_per_dim"], abs=0.5)
    assert any(f"β {BROKEN:g} is missing" in sentence for sentence in meta["report"]["health"])
    json.dumps(meta, allow_nan=False)


def test_single_dimensions_add_up_to_at_most_the_rate(ladder, packed):
    """What the diagonal leaves out can only make the sum smaller (Hadamard)."""
    store, made = ladder
    for row, place in zip(packed[0]["report"]["curve"], THERE):
        mu, log_var = (array.astype(float) for array in store.runs.get(made.members[place].run).latents())
        whole = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(1).mean()
        assert 0 < sum(row["kl_per_dim"]) <= whole * (1 + 1e-6)


def test_members_that_cannot_be_shown_are_gaps_with_a_reason(tmp_path):
    store, made = trained_ladder(tmp_path)
    last = store.runs.get(made.members[3].run)
    contents = last.bundle()
    meta, tensors = bundle.read(contents)
    tensors["points.index"] = tensors["points.index"] + 1
    (last.path / "explorer.bundle").write_bytes(bundle.write(meta, tensors))
    members = bundle.read(pack(store, made))[0]["members"]
    assert "other pictures" in members[3]["reason"]
    (last.path / "explorer.bundle").write_bytes(contents[:1000])
    assert "damaged" in bundle.read(pack(store, made))[0]["members"][3]["reason"]
    store.runs.delete(last.id)
    members = bundle.read(pack(store, made))[0]["members"]
    assert members[3]["reason"] == "Its run was deleted."
    store.runs.delete(made.members[0].run)
    with pytest.raises(LadderError, match="needs two finished models and has 1"):
        pack(store, made)
    with pytest.raises(LadderError, match="not trained with seed 7; its seeds are 0"):
        pack(store, made, seed=7)


def test_figures_that_are_none_are_left_out(tmp_path):
    store, made = trained_ladder(tmp_path)
    path = store.runs.get(made.members[3].run).path / "explorer.bundle"
    meta, tensors = bundle.read(path.read_bytes())
    meta["report"] |= {"rate": "much", "accuracy": [1]}
    path.write_bytes(bundle.write(meta, tensors))
    row = bundle.read(pack(store, made))[0]["report"]["curve"][-1]
    assert (row["rate"], row["accuracy"], row["distortion"]) == (None, None, meta["report"]["distortion"])


def test_large_ladders_travel_in_half_precision(ladder, monkeypatch):
    whole = len(pack(*ladder))
    monkeypatch.setattr(ladder_bundle, "HALVED", 1000)
    assert len(pack(*ladder)) < 0.6 * whole


def test_figures_that_go_the_wrong_way_are_named():
    rows = [
        {"beta": beta, "rate": rate, "rate_se": 0.1, "distortion": distortion, "distortion_se": None}
        for beta, rate, distortion in ((0.1, 5.0, 9.0), (1.0, 5.4, 8.0), (10.0, 5.5, 8.0))
    ]
    (sentence,) = ladder_bundle._risen(rows)
    assert sentence.startswith("The rate rises from β 0.1 to 1")


def test_the_reason_of_a_divergence_comes_from_its_run(ladder):
    store, made = ladder
    assert [one.state for one in standings(made, store.runs)] == [
        "finished",
        "diverged",
        "finished",
        "finished",
    ]
