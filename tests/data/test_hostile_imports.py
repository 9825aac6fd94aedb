"""Archives and files made to do harm: a bad entry is a line, a bad whole a sentence."""

import os
import random
import stat
import struct
import tracemalloc
import warnings
import zipfile
import zlib

import numpy as np
import pytest
from picture_files import encoded, good, pack, pixels

from vae_core.data.imports import Limits, Preparation, read
from vae_core.data.library import Library
from vae_core.errors import DataError, LatentscapeError

SMALL = Preparation(size=8)
GOOD = {"ok/1.png": encoded(pixels(100)), "ok/2.png": encoded(pixels(101))}


def lines(found):
    return {line.name: line.reason for line in found.report.lines}


def entry(name, mode=0):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.create_system = 3
    return info


def bomb_png(width, height):
    """A header that announces a huge picture, and next to nothing of it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("/etc/passwd.png", None, "absolute path"),
        ("C:\\x.png", None, "absolute path"),
        ("../../x.png", None, "leads out"),
        ("a/../../x.png", None, "leads out"),
        ("a\\..\\x.png", None, "leads out"),
        (entry("link.png", stat.S_IFLNK | 0o777), b"/etc/passwd", "is a link"),
        ("words.txt", b"hello", "no PNG, JPEG"),
        ("words.png", b"hello", "is called .png"),
        ("empty.png", b"", "is empty"),
        ("inner.zip", b"PK\3\4" + bytes(40), "archive itself"),
        ("inner.png", b"PK\3\4" + bytes(40), "archive itself"),
        ("cut.png", encoded(pixels(5, 64))[:300], "damaged"),
        ("cut.jpg", encoded(pixels(5, 64), "JPEG")[:900], "damaged"),
        ("again.png", GOOD["ok/1.png"], "the same picture as ok/1.png"),
        ("huge.png", bomb_png(30_000, 30_000), "pixels"),
        ("large.png", bomb_png(10_000, 9_000), "10000×9000 pixels"),
        ("lying.png", bomb_png(500, 500), "damaged"),
        ("__MACOSX/._a.png", b"x", "operating system"),
        ("a/.DS_Store", b"x", "operating system"),
        ("picture.svg", b"<svg/>", "no PNG"),
        ("scan.tiff", b"II*\0" + bytes(50), "no PNG"),
    ],
)
def test_a_bad_entry_is_one_line(tmp_path, name, data, reason):
    data = encoded(pixels(7)) if data is None else data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read(pack(tmp_path / "x.zip", {**GOOD, name: data}), SMALL)
    assert len(found.images) == 2
    (line,) = found.report.lines
    assert reason in line.reason
    assert not line.taken
    assert found.report.skipped == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["x.zip"]


def test_names_that_are_not_text(tmp_path):
    path = pack(tmp_path / "x.zip", {**GOOD, "\u20ac1.png": encoded(pixels(1)), "a\nb\x1b[31m.txt": b""})
    data = path.read_bytes()
    path.write_bytes(data.replace("\u20ac".encode(), b"\xff\xfe\xfd"))
    found = read(path, SMALL)
    assert lines(found) == {
        "\\xff\\xfe\\xfd1.png": "has a name that is not UTF-8",
        "a\\nb\\x1b[31m.txt": "is empty",
    }


def test_mislabelled_pictures_are_read_with_a_remark(tmp_path):
    found = read(pack(tmp_path / "x.zip", {**GOOD, "a.jpg": encoded(pixels(1))}), SMALL)
    assert len(found.images) == 3
    (line,) = found.report.lines
    assert (line.name, line.taken, found.report.skipped) == ("a.jpg", True, 0)
    assert "PNG" in line.reason


def test_a_file_that_inflates_without_end(tmp_path):
    path = pack(tmp_path / "x.zip", {**GOOD, "bomb.bmp": bytes(50_000_000)})
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    found = read(path, SMALL, Limits(file_bytes=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines(found) == {"bomb.bmp": "unpacks to more than 1,000,000 bytes"}
    assert peak < 10_000_000


def flip(data, at, value):
    return data[:at] + bytes([value]) + data[at + 1 :]


def test_damage_in_one_entry(tmp_path):
    path = pack(tmp_path / "x.zip", {**GOOD, "a.png": encoded(pixels(1))}, method=0)
    data = path.read_bytes()
    place = data.index(b"a.png") - 30
    path.write_bytes(flip(data, place + 60, data[place + 60] ^ 1))
    assert "checksum" in lines(read(path, SMALL))["a.png"]
    path.write_bytes(flip(data, place, 0))
    assert "not where the archive says" in lines(read(path, SMALL))["a.png"]
    directory = data.rindex(b"PK\1\2")
    path.write_bytes(flip(data, directory + 8, 1))
    assert lines(read(path, SMALL)) == {"a.png": "is encrypted"}
    path.write_bytes(flip(data, directory + 10, 99))
    assert "method 99" in lines(read(path, SMALL))["a.png"]


@pytest.mark.parametrize("keep", [0, 1, 3, 100, -1, -22, -30])
def test_a_cut_archive_is_a_sentence(tmp_path, keep):
    path = pack(tmp_path / "x.zip", good())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError):
        read(path, SMALL)


def test_many_entries_need_zip64_and_work(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(66_000):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), b"")
        for name, data in GOOD.items():
            archive.writestr(name, data)
    found = read(path, SMALL)
    assert len(found.images) == 2
    assert found.report.skipped == 66_000
    with pytest.raises(DataError, match="more than 50,000"):
        read(path, SMALL, Limits(entries=50_000))


def test_links_and_pipes_in_a_folder(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.png").write_bytes(encoded(pixels(number)))
    (tmp_path / "secret.png").write_bytes(encoded(pixels(9)))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.png")
    (folder / "large.png").write_bytes(bytes(2000))
    with open(os.path.join(os.fsencode(folder), b"\xff.png"), "wb") as file:
        file.write(encoded(pixels(8)))
    found = read(folder, SMALL, Limits(file_bytes=1000))
    assert len(found.images) == 2
    reasons = lines(found)
    assert reasons["link.png"] == reasons["up"] == "is a link"
    assert reasons["pipe.png"] == "is not a regular file"
    assert "at most" in reasons["large.png"]
    assert reasons["\\udcff.png"] == "has a name that is not UTF-8"


def test_an_array_that_announces_too_much(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros((4, 8, 8), np.uint8))
    data = (tmp_path / "x.npz").read_bytes()
    start = data.index(b"\x93NUMPY")
    member = data[start : start + 128 + 256].replace(b"(4, 8, 8)", b"(99999999999, 8, 8)"[:9])
    pack(tmp_path / "y.npz", {"a.npy": member})
    with pytest.raises(DataError, match=r"Array a is not described"):
        read(tmp_path / "y.npz", SMALL)
    with pytest.raises(DataError, match="unpacks to more than"):
        read(tmp_path / "x.npz", SMALL, Limits(inflated_bytes=100))


def test_an_object_array_is_never_unpickled(tmp_path):
    class Loud:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    array = np.array([Loud(), 1], object)
    np.savez(tmp_path / "x.npz", a=array)
    with pytest.raises(DataError, match="only plain numbers"):
        read(tmp_path / "x.npz", SMALL)


def victims(folder):
    """A sound file of each kind."""
    folder.mkdir()
    pack(folder / "x.zip", good())
    np.savez(folder / "x.npz", np.stack([pixels(i) for i in range(6)]))
    rows = [",".join(map(str, pixels(i).ravel())) for i in range(6)]
    (folder / "x.csv").write_text("\n".join(rows))
    images = b"".join(pixels(i).tobytes() for i in range(6))
    (folder / "x").write_bytes(struct.pack(">HBBIII", 0, 8, 3, 6, 8, 8) + images)
    return sorted(folder.iterdir())


def harm(data, random):
    """The bytes with something wrong in them."""
    data = bytearray(data)
    for _ in range(random.choice([1, 2, 8, 50])):
        at = random.randrange(len(data))
        kind = random.randrange(5)
        if kind == 0:
            data[at] = random.randrange(256)
        elif kind == 1:
            data[at : at + 4] = random.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\1\0", b"\xff\0\0\x7f"]
            )
        elif kind == 2:
            del data[at : at + random.randrange(1, 20)]
        elif kind == 3:
            data[at:at] = data[: random.randrange(1, 40)]
        elif len(data) > 100:
            del data[at:]
        data = data or bytearray(b"x")
    return bytes(data)


def check_malformed(count, tmp_path, home):
    limits = Limits(file_bytes=2**20, inflated_bytes=2**22, entries=100, picture_pixels=10_000)
    sound = [path.read_bytes() for path in victims(tmp_path / "sound")]
    names = [path.name for path in sorted((tmp_path / "sound").iterdir())]
    taken, sentences = 0, []
    tracemalloc.start()
    for seed in range(count):
        chance = random.Random(seed)
        which = seed % len(names)
        path = tmp_path / names[which]
        path.write_bytes(harm(sound[which], chance))
        try:
            kept = Library().add(read(path, SMALL, limits), "fuzz")
        except LatentscapeError as error:
            sentences.append(str(error))
            continue
        taken += 1
        assert kept.images().shape[0] == kept.count >= 2
        assert sorted(file.name for file in kept.path.iterdir()) in (
            ["about.json", "images.npy"],
            ["about.json", "images.npy", "labels.npy"],
        )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < taken < count
    assert all(sentence.endswith((".", "?")) for sentence in sentences)
    assert peak < 100_000_000
    assert all(path.name[0] != "." for path in (home / "data").iterdir())


def test_malformed_files(tmp_path, home):
    check_malformed(30, tmp_path, home)


@pytest.mark.soak
def test_a_thousand_malformed_files(tmp_path, home):
    check_malformed(1000, tmp_path, home)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_follows_a_packed_entry_is_not_read(tmp_path, method):
    """Sizes that are larger than what is there, as Python's zipfile writes them for entries above 2 GB."""
    path = pack(tmp_path / "x.zip", GOOD, method)
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\1\2")
    data[directory + 20 : directory + 24] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    if method == zipfile.ZIP_DEFLATED:
        assert len(read(path, SMALL).images) == 2
    else:
        with pytest.raises(DataError, match="cut short"):
            read(path, SMALL)
