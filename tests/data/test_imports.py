"""Every kind of file that can be imported, against arrays the test made itself."""

import gzip
import struct

import numpy as np
import pytest
from picture_files import encoded, good, pack, pixels
from PIL import Image

from vae_core.config import fields
from vae_core.data.imports import Limits, Preparation, read
from vae_core.errors import BadMagicError, DataError, EmptyDataError, LabelError

SMALL = Preparation(size=8)


def test_every_class_that_may_be_taken_has_a_number_on_the_map():
    assert fields(Limits)["classes"].high <= np.iinfo(np.int16).max  # as bundles hold it


def expected(count=6):
    return np.stack([pixels(i) for i in range(count)])[:, None]


def as_set(images):
    return {image.tobytes() for image in images}


def unpack(folder, entries):
    for name, data in entries.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_zip_and_its_folder_give_the_same(tmp_path):
    from_zip = read(pack(tmp_path / "x.zip", good()), SMALL)
    from_folder = read(unpack(tmp_path / "x", good()), SMALL)
    for found in (from_zip, from_folder):
        assert as_set(found.images) == as_set(expected())
        assert found.classes == ("a", "b")
        for image, label in zip(found.images, found.labels):
            index = next(i for i in range(6) if np.array_equal(pixels(i), image[0]))
            assert label == index % 2
        assert found.report.lines == []


def test_every_format(tmp_path):
    array = np.kron(pixels(0, 2), np.ones((4, 4), np.uint8))  # blocks that JPEG keeps nearly
    files = {
        "a.png": encoded(array),
        "b.jpg": encoded(array ^ 1, "JPEG", quality=100),
        "c.webp": encoded(array ^ 2, "WEBP", lossless=True),
        "d.gif": encoded(array ^ 3, "GIF"),
        "e.bmp": encoded(array ^ 4, "BMP"),
    }
    found = read(pack(tmp_path / "x.zip", files), SMALL)
    assert found.report.lines == []
    assert found.labels is None
    assert found.images.shape == (5, 1, 8, 8)
    assert np.abs(found.images.astype(int) - array).max() <= 8


def test_colour_and_stored_entries(tmp_path):
    files = {f"{i}.png": encoded(pixels(i, 8, 3)) for i in range(3)}
    path = pack(tmp_path / "x.zip", files, method=0)
    found = read(path, Preparation(size=8, colour="colour"))
    assert np.array_equal(found.images, np.stack([pixels(i, 8, 3) for i in range(3)]).transpose(0, 3, 1, 2))


def test_preview(tmp_path):
    files = {f"{'ab'[i % 2]}/{i}.png": encoded(pixels(i, 8 + i % 2)) for i in range(50)}
    seen = read(pack(tmp_path / "x.zip", {**files, "c.txt": b"words"}), SMALL).preview()
    assert seen.count == 50
    assert seen.sizes == [(8, 8, 25), (9, 9, 25)]
    assert seen.classes == {"a": 25, "b": 25}
    assert seen.unlabelled == 0
    assert seen.pictures.shape == (20, 1, 8, 8)
    assert [line.name for line in seen.report.lines] == ["c.txt"]


def test_a_cap_looks_at_some(tmp_path):
    path = pack(tmp_path / "x.zip", good(20))
    found = read(path, Preparation(size=8, cap=5))
    assert len(found.images) == 5
    assert found.report.left_out == 15
    assert found.report.skipped == 0
    assert as_set(found.images) <= as_set(expected(20))


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (expected()[:, 0], expected()),
        (expected(), expected()),
        (expected().transpose(0, 2, 3, 1), expected()),
        (expected().reshape(6, 64), expected()),
        (np.asfortranarray(expected()[:, 0]), expected()),
        (expected()[:, 0].astype(np.float64), expected()),
        (expected()[:, 0] / np.float32(255), expected()),
        (expected()[:, 0].astype(">i4"), expected()),
        (expected()[:, 0] > 127, (expected() > 127) * np.uint8(255)),
        ((expected()[:, 0] > 127).astype(np.uint8), (expected() > 127) * np.uint8(255)),
    ],
)
def test_npz(tmp_path, array, shown):
    np.savez_compressed(tmp_path / "x.npz", pictures=array, kinds=np.array([3, 3, 10, 10, 2, 2]))
    found = read(tmp_path / "x.npz", SMALL, images="pictures", labels="kinds")
    assert np.array_equal(found.images, shown)
    assert found.classes == ("2", "3", "10")
    assert found.labels.tolist() == [1, 1, 2, 2, 0, 0]


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (np.array(["x", "y"] * 3), ("x", "y"), [0, 1] * 3),
        (np.array([b"x", b"y"] * 3), ("x", "y"), [0, 1] * 3),
        (np.array([0.0, 1.0, np.nan] * 2), ("0", "1"), [0, 1, -1] * 2),
    ],
)
def test_npz_labels(tmp_path, labels, classes, numbers):
    np.savez(tmp_path / "x.npz", a=expected(), b=labels)
    found = read(tmp_path / "x.npz", SMALL, images="a", labels="b")
    assert (found.classes, found.labels.tolist()) == (classes, numbers)


@pytest.mark.parametrize(
    ("arrays", "names", "error", "words"),
    [
        ({"a": expected(), "b": np.arange(6)}, {}, DataError, "Arrays in x.npz: a, b"),
        ({"a": expected()}, {"images": "c"}, DataError, "no array 'c'"),
        ({"a": np.array([{}, []], object)}, {"images": "a"}, DataError, "object"),
        ({"a": expected() * 100.0}, {"images": "a"}, DataError, "from 0 to 255"),
        ({"a": np.zeros(5)}, {"images": "a"}, DataError, "shape"),
        ({"a": np.zeros((0, 8, 8))}, {"images": "a"}, DataError, "0"),
        ({"a": expected(), "b": np.arange(5)}, {"images": "a", "labels": "b"}, LabelError, "one for each"),
        ({"a": np.ones((9, 8, 8))}, {"images": "a"}, EmptyDataError, "the same picture as"),
    ],
)
def test_npz_that_cannot_be_used(tmp_path, arrays, names, error, words):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(error, match=words):
        read(tmp_path / "x.npz", SMALL, **names)


def test_pixels_that_are_no_numbers_cost_one_picture(tmp_path):
    array = expected()[:, 0] / 255
    array[2, 0, 0] = np.nan
    array[4, 0, 0] = np.inf
    np.savez(tmp_path / "x.npz", array)
    found = read(tmp_path / "x.npz", SMALL)
    assert len(found.images) == 4
    assert [line.name for line in found.report.lines] == ["arr_0[2]", "arr_0[4]"]


@pytest.mark.parametrize("squeeze", [bytes, gzip.compress])
def test_idx(tmp_path, squeeze):
    (tmp_path / "i").write_bytes(
        squeeze(struct.pack(">HBBIII", 0, 8, 3, 6, 8, 8) + expected().astype(np.uint8).tobytes())
    )
    (tmp_path / "l").write_bytes(squeeze(struct.pack(">HBBI", 0, 8, 1, 6) + bytes([0, 1, 2, 0, 1, 2])))
    found = read(tmp_path / "i", SMALL, labels=str(tmp_path / "l"))
    assert np.array_equal(found.images, expected())
    assert found.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert read(tmp_path / "i", SMALL).labels is None
    with pytest.raises(BadMagicError):
        read(tmp_path / "i", SMALL, labels=str(tmp_path / "i"))
    with pytest.raises(DataError, match="no file"):
        read(tmp_path / "i", SMALL, labels=str(tmp_path))


@pytest.mark.parametrize("divider", [",", ";", "\t"])
@pytest.mark.parametrize("column", ["named", "first", "none"])
def test_csv(tmp_path, divider, column):
    rows = [[*map(str, pixels(i).ravel())] for i in range(6)]
    marks = ["cat", "dog"] * 3
    if column != "none":
        rows = [[mark, *row] for mark, row in zip(marks, rows)]
    if column == "named":
        rows = [["label", *(f"p{i}" for i in range(64))], *rows]
    (tmp_path / "x.csv").write_text("\n".join(divider.join(row) for row in rows))
    if column == "first":
        with pytest.raises(DataError, match="which column holds the label"):
            read(tmp_path / "x.csv", SMALL)
    found = read(tmp_path / "x.csv", SMALL, labels="1" if column == "first" else "")
    assert np.array_equal(found.images, expected())
    assert found.classes == (() if column == "none" else ("cat", "dog"))


def test_bad_rows_are_lines(tmp_path):
    rows = [",".join(map(str, pixels(i).ravel())) for i in range(5)]
    rows[1] = "1,2,3"
    rows[3] = rows[3].replace(",", ",x", 1)
    rows += ["-1" + ",0" * 63, "nan" + ",0" * 63, "", rows[0]]
    (tmp_path / "x.csv").write_text("\n".join(rows))
    found = read(tmp_path / "x.csv", SMALL)
    assert np.array_equal(found.images, expected(5)[[0, 2, 4]])
    assert [line.name for line in found.report.lines] == ["line 2", "line 4", "line 6", "line 7", "row[3]"]
    assert found.report.skipped == 5


def test_limits_on_the_whole(tmp_path):
    path = pack(tmp_path / "x.zip", good(6))
    with pytest.raises(DataError, match="at most 10 bytes"):
        read(path, SMALL, Limits(upload_bytes=10))
    with pytest.raises(DataError, match="more than 5 files"):
        read(path, SMALL, Limits(entries=5))
    with pytest.raises(DataError, match="5 files"):
        read(unpack(tmp_path / "x", good(6)), SMALL, Limits(entries=5))
    with pytest.raises(LabelError, match="2 different labels, at most 1"):
        read(path, SMALL, Limits(classes=1))
    found = read(path, SMALL, Limits(total_pixels=3 * 64))
    assert len(found.images) == 3
    assert found.report.skipped == 3
    size = len(encoded(pixels(0)))
    found = read(path, SMALL, Limits(inflated_bytes=2 * size + 20))
    assert len(found.images) == 2
    assert found.report.skipped == 4


def test_nothing_left(tmp_path):
    with pytest.raises(EmptyDataError, match=r"a\.txt is no PNG"):
        read(pack(tmp_path / "x.zip", {"a.txt": b"hello"}), SMALL)
    with pytest.raises(EmptyDataError, match="only one picture"):
        read(pack(tmp_path / "y.zip", good(1)), SMALL)
    with pytest.raises(EmptyDataError, match="no picture"):
        read(pack(tmp_path / "z.zip", {}), SMALL)
    (tmp_path / "one.png").write_bytes(encoded(pixels(0)))
    with pytest.raises(DataError, match="put single pictures into a folder"):
        read(tmp_path / "one.png", SMALL)
    with pytest.raises(DataError, match="missing"):
        read(tmp_path / "nowhere.zip", SMALL)


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.fromarray(pixels(i)) for i in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    folder = unpack(tmp_path / "x", {"a.gif": (tmp_path / "a.gif").read_bytes(), "b.png": encoded(pixels(9))})
    assert np.array_equal(read(folder, SMALL).images[0, 0], pixels(0))
