"""Groups in words and directions between them, on encodings whose directions are known, and in real runs."""

import tracemalloc
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vae_core import groups
from vae_core.errors import DirectionError, LatentscapeError, PathError
from vae_core.explorer import bundle
from vae_core.groups import Examples, between
from vae_core.run import Run
from vae_core.settings import STARTERS
from vae_core.tags import Tag

COUNT = 600


def made(seed: int = 0, dead: int = 0) -> Examples:
    """Classes lie 3 apart along the first dimension, `size` grows along the second; `hue` is the class, nine
    times of ten."""
    random = np.random.default_rng(seed)
    labels = np.arange(COUNT) % 3
    size = random.random(COUNT)
    mu = random.normal(size=(COUNT, 4)) * 0.3
    mu[:, 0] += 3 * labels
    mu[:, 1] += 4 * size
    quiet = (
        np.concatenate([1e-5 * (labels[:, None] == 2) + 1e-7 * random.normal(size=(COUNT, 1))] * dead, 1)
        if dead
        else np.zeros((COUNT, 0))
    )
    hue = np.where(np.arange(COUNT) % 10, labels, (labels + 1) % 3).astype(np.float32)
    factors = {"size": size.astype(np.float32), "hue": hue, "same": labels.astype(np.float32)}
    live = np.array([True] * 4 + [False] * dead)
    codes = np.concatenate([mu, quiet], 1).astype(np.float32)
    return Examples(codes, labels, ("ant", "bee", "cat"), factors, live)


def test_words_name_the_examples_they_say():
    examples = made().tagged([Tag("odd ones", (7, 5, 10_000))])
    every = np.arange(COUNT)
    assert groups.rows(examples, "class=bee").tolist() == every[every % 3 == 1].tolist()
    assert groups.rows(examples, "class=2").tolist() == every[every % 3 == 2].tolist()
    assert groups.rows(examples, "tag=odd ones").tolist() == [5, 7]
    assert groups.rows(examples, "rows=3,7-9,8").tolist() == [3, 7, 8, 9]
    size = examples.factors["size"]
    high, low = (groups.rows(examples, f"size={end}") for end in ("high", "low"))
    assert len(high) == len(low) == COUNT // 3
    assert size[low].max() < size[high].min()
    assert groups.offered(examples)[:4] == ["class=ant", "class=bee", "class=cat", "size=high"]
    titles = [groups.titled(words) for words in ("class=bee", "size=low", "rows=3,7-9", "rows=4", "rest")]
    assert titles == ["bee", "size low", "4 drawn examples", "1 drawn example", "all others"]
    assert groups.offered(examples)[-1] == "tag=odd ones"


@pytest.mark.parametrize("ones", [0.1, 0.5, 0.9])
def test_of_two_values_each_is_an_end(ones):
    examples = made()
    values = (np.arange(COUNT) < ones * COUNT).astype(np.float32)
    examples.factors["worn"] = values  # type: ignore[index]
    assert np.array_equal(groups.rows(examples, "worn=high"), np.flatnonzero(values == 1))
    assert np.array_equal(groups.rows(examples, "worn=low"), np.flatnonzero(values == 0))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("seven", "names no group"),
        ("", "names no group"),
        ("class=dog", "no class 'dog'; there are ant, bee, cat"),
        ("class=3", "no class '3'"),
        ("class=-1", "no class"),
        ("weight=high", "no factor 'weight'; there are size, hue, same"),
        ("size=large", "high or its low end"),
        ("tag=boots", "no tag 'boots' here, nor any other"),
        ("rows=600", "places from 0 to 599"),
        ("rows=3-", "places from 0"),
        ("rows=0-9999999", "places from 0"),
        ("rows=" + "9" * 5_000_000, "places from 0"),
        ("rows=" + ",".join(["0-9999999"] * 100), "places from 0"),
        ("x" * 5_000_000, "names no group"),
    ],
)
def test_words_that_name_nothing_are_a_sentence(words, said):
    with pytest.raises(DirectionError, match=said) as caught:
        groups.rows(made(), words)
    assert len(str(caught.value)) < 300


def test_a_direction_is_the_one_the_data_was_made_with():
    found = between(made(), "class=cat", "class=ant")
    assert found.z == pytest.approx([6, 0, 0, 0], abs=0.2)
    assert found.zero == pytest.approx(0, abs=0.02)
    grown = between(made(), "size=high", "size=low")
    assert grown.z == pytest.approx([0, 4 * 2 / 3, 0, 0], abs=0.3)


@pytest.mark.parametrize("vector", groups.VECTORS)
@pytest.mark.parametrize("apart", [None, np.array([1.0, 0.5, 0, 0])])
def test_the_groups_means_stand_at_0_and_1(vector, apart):
    examples = made()
    found = between(examples, "class=cat", "rest", vector, apart)
    z = found.z.astype(float)
    means = [examples.mu[rows].astype(float).mean(0) for rows in (found.without, found.having)]
    assert [mean @ z / (z @ z) - found.zero for mean in means] == pytest.approx([0, 1], abs=1e-4)
    assert np.array_equal(np.sort(np.concatenate([found.without, found.having])), np.arange(COUNT))
    if apart is not None:
        assert found.z @ apart == pytest.approx(0, abs=1e-4)


def test_lda_is_scikit_learns_in_the_dimensions_that_carry_something():
    """A dead dimension that happens to know the class, in 1e-5, is not looked at."""
    examples = made(dead=1)
    found = between(examples, "class=cat", vector="lda")
    peer = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", priors=[0.5, 0.5])
    axis = peer.fit(examples.mu[:, :4], examples.labels == 2).scalings_[:, 0]
    cosine = axis @ found.z[:4] / np.linalg.norm(axis) / np.linalg.norm(found.z)
    assert abs(cosine) == pytest.approx(1, abs=1e-2)  # it weighs the groups otherwise
    assert found.z[4] == 0


def test_another_label_that_goes_along_is_told_and_the_same_one_is_not():
    notes = between(made(), "class=cat", "class=ant").notes
    assert [note for note in notes if "hue" in note]
    assert not [note for note in notes if "same" in note or "differ in size" in note]
    drawn = between(
        made(), "rows=" + ",".join(str(n) for n in range(0, 60, 3)), "rows=1-2,4-5,7-8,10-11"
    ).notes
    assert [note for note in drawn if "differ in class" in note]
    assert not [note for note in between(made(), "size=high").notes if "also differ" in note]


def test_groups_that_give_no_direction_are_refused():
    examples = made()
    with pytest.raises(DirectionError, match="All others than which"):
        between(examples, "rest", "rest")
    with pytest.raises(PathError, match="both groups"):
        between(examples, "class=ant", "class=ant")
    with pytest.raises(PathError, match="at least 5"):
        between(examples, "rows=1-3")
    along = between(examples, "class=ant").z
    with pytest.raises(PathError, match="nothing is left"):
        between(examples, "class=ant", apart=along)
    silent = Examples(examples.mu, examples.labels, examples.names, {}, np.zeros(4, bool))
    with pytest.raises(DirectionError, match="Nothing gets through"):
        between(silent, "class=ant")


def test_in_real_runs_size_is_known_and_the_kind_of_shape_hardly():
    examples = groups.read(Run(STARTERS / "shapes-every-beta").bundle())
    size = between(examples, "size=high", "size=low")
    assert size.attribute.effect > 3
    assert size.attribute.accuracy > 0.95
    heart = between(examples, "class=heart")
    assert any("hardly" in note for note in heart.notes)


def test_random_words_are_a_sentence_or_a_group():
    random = np.random.default_rng(1)
    letters = list("class=size,rows-0123~high low\n\x00é²")
    examples = made()
    for _ in range(300):
        words = "".join(random.choice(letters, random.integers(0, 20)))
        with suppress(LatentscapeError):
            assert groups.rows(examples, words).ndim == 1
        assert isinstance(groups.titled(words), str)


def test_wide_ranges_over_one_another_take_little_memory():
    words = "rows=" + ",".join(["0-9999999"] * 90)  # as long as an address may be
    tracemalloc.start()
    assert groups.titled(words) == "10,000,000 drawn examples"
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 200e6


def test_groups_of_unequal_size_are_held_against_other_labels_example_by_example():
    """A factor that says the group has Cramér's V of 1, one that is even in both has none."""
    every = np.arange(COUNT)
    twin, even = (every < 60).astype(np.float32), (every % 2).astype(np.float32)
    examples = replace(made(), factors={"twin": twin, "even": even})
    found = groups.associations(examples, "rows=0-59", "rows=60-299", every[:60], every[60:300])
    assert found["twin"] == pytest.approx(1)
    assert found["even"] == pytest.approx(0)


def test_dimensions_of_a_run_that_carry_less_than_a_hundredth_of_a_nat_are_left_out():
    meta, tensors = bundle.read(Run(STARTERS / "fashion-mnist", starter=True).bundle())
    rates = [0.0, 0.009, 0.01, *meta["kl"][3:]]
    examples = groups.read(bundle.write(meta | {"kl": rates}, tensors))
    assert examples.live[:3].tolist() == [False, False, True]
    assert not groups.between(examples, "class=0").z[:2].any()
