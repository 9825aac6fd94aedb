import dataclasses
import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_core.config import DataConfig
from vae_core.data.dataset import Dataset, fingerprint, hold_out, keep_split
from vae_core.errors import DataError, EmptyDataError, LabelError


def make(**changes):
    parts = {
        "name": "toy",
        "title": "Toy",
        "images": np.arange(4 * 7 * 13, dtype=np.uint8).reshape(4, 1, 7, 13),
        "labels": np.array([0, 1, -1, 1]),
        "label_names": ("a", "b"),
        "train": np.array([0, 3]),
        "test": np.array([2]),
        "source": "",
        "licence": "",
        "checksum": "",
    }
    return Dataset(**(parts | changes))


def test_shape_and_pictures_as_floats_and_bytes():
    data = make()
    assert data.shape == (1, 7, 13)
    unit = data.to_unit(data.train)
    assert (unit.shape, unit.dtype) == ((2, 1, 7, 13), np.float32)
    np.testing.assert_allclose(unit * 255, data.images[[0, 3]], rtol=1e-6)
    np.testing.assert_array_equal(data.to_bytes(data.test), data.images[[2]])


def test_sixteen_greys_survive_the_way_through_bytes():
    greys = (np.arange(17, dtype=np.float32) / 16).reshape(1, 1, 1, 17).repeat(4, axis=0)
    data = make(images=greys)
    assert data.to_bytes(np.array([1])).ravel().tolist() == [round(255 * i / 16) for i in range(17)]
    np.testing.assert_array_equal(data.to_unit(np.array([0])), greys[:1])


def test_what_is_given_out_is_a_copy():
    for images in (make().images, np.zeros((4, 1, 2, 2), np.float32)):
        data = make(images=images)
        data.to_unit(np.arange(4))[:] = 0.5
        data.to_bytes(np.arange(4))[:] = 77
        assert not np.any(data.images == (0.5 if images.dtype == np.float32 else 400))
        np.testing.assert_array_equal(data.images, images)
        assert not np.shares_memory(data.to_unit(np.arange(4)), data.images)
        assert not np.shares_memory(data.to_bytes(np.arange(4)), data.images)


def test_no_labels_is_fine():
    assert make(labels=None, label_names=()).labels is None


NAN = np.full((4, 1, 2, 2), np.nan, np.float32)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"images": np.zeros((4, 7, 13), np.uint8)}, DataError, "shape"),
        ({"images": np.zeros((4, 1, 7, 13))}, DataError, "float64"),
        ({"images": np.zeros((0, 1, 7, 13), np.uint8)}, EmptyDataError, "no pictures"),
        ({"images": np.zeros((4, 1, 0, 13), np.uint8)}, EmptyDataError, "no pictures"),
        ({"images": NAN}, DataError, "from 0 to 1"),
        ({"images": np.full((4, 1, 2, 2), 1.5, np.float32)}, DataError, "from 0 to 1"),
        ({"labels": np.array([0, 1])}, LabelError, "4 pictures but labels of shape"),
        ({"labels": np.zeros(4)}, LabelError, "float64"),
        ({"labels": np.array([0, 1, 2, 0])}, LabelError, "from 0 to 2, but there are 2 names"),
        ({"labels": np.array([0, 1, -2, 0])}, LabelError, "from -2 to 1"),
        ({"factors": {"size": np.zeros(3)}}, DataError, "values of size"),
        ({"train": np.array([], np.int64)}, EmptyDataError, "to train on"),
        ({"test": np.array([], np.int64)}, EmptyDataError, "held out"),
        ({"test": np.array([4])}, DataError, "beyond its 4"),
        ({"test": np.array([-1])}, DataError, "beyond its 4"),
        ({"test": np.array([3])}, DataError, "twice"),
        ({"test": np.array([2.0])}, DataError, "int64"),
        ({"test": np.array([[2]])}, DataError, "one row"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, error, words):
    with pytest.raises(error, match=words):
        make(**changes)


def test_fingerprint_is_sha256_of_pixels_then_labels():
    images, labels = make().images, make().labels
    plain = hashlib.sha256(
        images.tobytes() + b"".join(int(i).to_bytes(8, "little", signed=True) for i in labels)
    )
    assert fingerprint(images, labels) == plain.hexdigest()
    assert fingerprint(images[:, :, :, ::-1], labels) != plain.hexdigest()


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=80),
    st.sampled_from([0.01, 0.1, 0.2, 0.33, 0.5]),
    st.integers(0, 2**31 - 1),
)
@settings(deadline=None, max_examples=100)
def test_hold_out_is_a_stratified_partition(labels, share, seed):
    labels = np.array(labels)
    train, test = hold_out("Toy", labels, DataConfig(test_share=share, split_seed=seed))
    assert sorted([*train, *test]) == list(range(len(labels)))
    assert len(test) == min(max(round(len(labels) * share), 1), len(labels) - 1)
    for label in range(5):
        fair = len(test) * np.mean(labels == label)
        assert abs(np.sum(labels[test] == label) - fair) < 1 + 1e-9


def test_hold_out_follows_the_seed():
    labels = np.arange(300) % 10
    splits = [hold_out("Toy", labels, DataConfig(split_seed=seed))[1].tolist() for seed in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]


def test_held_out_pictures_are_spread_evenly():
    """Each picture is held out as often as another: 2,000 seeds, share 0.2, to five standard errors."""
    labels = np.repeat([0, 1], [40, 10])
    counts = np.zeros(50)
    for seed in range(2000):
        counts[hold_out("Toy", labels, DataConfig(split_seed=seed))[1]] += 1
    assert counts.sum() == 2000 * 10
    assert np.abs(counts - 400).max() < 5 * np.sqrt(2000 * 0.2 * 0.8)


def test_hold_out_with_a_limit():
    labels = np.arange(300) % 10
    train, test = hold_out("Toy", labels, DataConfig(limit=50, test_share=0.3))
    assert (len(train), len(test)) == (35, 15)
    assert not set(train) & set(test)
    train, test = hold_out("Toy", labels, DataConfig(limit=1000))
    assert len(train) + len(test) == 300


def test_two_pictures_are_enough_and_one_is_not():
    train, test = hold_out("Toy", np.array([0, 0]), DataConfig())
    assert sorted([*train, *test]) == [0, 1]
    with pytest.raises(EmptyDataError, match=r"1 picture.*at least 2.*add pictures"):
        hold_out("Toy", np.array([0]), DataConfig())
    with pytest.raises(EmptyDataError, match=r"raise data\.limit"):
        hold_out("Toy", np.zeros(9, np.int64), DataConfig(limit=1))
    with pytest.raises(EmptyDataError, match="0 picture"):
        hold_out("Toy", np.array([], np.int64), DataConfig())


def test_the_authors_split_is_kept():
    train, test = keep_split("Toy", 60, 10, DataConfig(split_seed=3, test_share=0.5))
    assert train.tolist() == list(range(60))
    assert test.tolist() == list(range(60, 70))
    train, test = keep_split("Toy", 60, 10, DataConfig(limit=14))
    assert (len(train), len(test)) == (12, 2)
    assert train.max() < 60 <= test.min()
    train, test = keep_split("Toy", 60, 10, DataConfig(limit=2))
    assert (len(train), len(test)) == (1, 1)
    with pytest.raises(EmptyDataError, match=r"raise data\.limit"):
        keep_split("Toy", 60, 10, DataConfig(limit=1))


def test_a_limited_split_follows_the_seed():
    splits = [keep_split("Toy", 60, 10, DataConfig(limit=20, split_seed=s))[0].tolist() for s in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().title = "Other"
