"""Data: from an upload to kept pictures, what is refused on the way, and who may do what with them."""

import io
import struct
import time
import zipfile

import numpy as np
import pytest
from conftest import seen
from pages_world import make_run
from PIL import Image
from test_train_page import buttons, widget

from app import data_reading, state
from vae_core import data
from vae_core.data.imports import Limits, Preparation, read
from vae_core.data.library import Library

ME, OTHER = "a" * 32, "b" * 32


def png(seed, size=(24, 20), channels=3):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], channels), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(stream, "PNG")
    return stream.getvalue()


def zipped(entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def pictures(count=12, channels=3):
    return {f"{'cat' if i % 2 else 'dog'}s/{i}.png": png(i, channels=channels) for i in range(count)}


@pytest.fixture
def bring(visit, monkeypatch):
    """Uploads files on the Data page and waits until they are read."""
    monkeypatch.setattr(data, "SOURCES", {"digits": data.SOURCES["digits"]})

    def go(*files):
        app = visit("data", session={"owner": ME})
        app.file_uploader[0].set_value([(name, content, "") for name, content in files]).run()
        return settled(app)

    return go


def settled(app):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = app.session_state.get("intake", None)
        if found is None or not found.reading.running:
            return app.run()
        time.sleep(0.02)
    raise AssertionError("reading did not end")


def field(app, name):
    key = state.data_key(name)
    every = (app.select_slider, app.segmented_control, app.toggle, app.number_input, app.text_input)
    return next(each for kind in (*every, app.selectbox, app.text_area) for each in kind if each.key == key)


def kept():
    return Library().list(ME)


def test_from_a_zip_to_training(bring, service):
    app = bring(("my cats.zip", zipped({**pictures(), "notes.txt": b"hello"})))
    assert not app.exception
    assert not app.error
    words = seen(app)
    assert "12 pictures" in words
    assert "all 24×20" in words
    assert "cats <i>6</i>" in words
    assert "notes.txt" in words
    assert "is no PNG" in words
    assert "1 left out" in app.expander[0].label
    assert (field(app, "colour").value, field(app, "size").value) == ("colour", 24)
    assert kept() == []
    primary = [button.label for button in app.button if button.proto.type == "primary"]
    assert primary == ["Keep these pictures"]

    buttons(app)["Keep these pictures"].click().run()
    (own,) = kept()
    assert (own.name, own.count, own.shape, own.skipped) == ("my cats", 12, (3, 24, 24), 1)
    assert (own.owner, own.shared, own.classes) == (ME, False, ("cats", "dogs"))
    assert "my cats" in seen(app)
    next(button for button in app.button if button.proto.type == "primary").click().run()
    assert widget(app, "data.source").value == own.source
    assert "my cats · 12" in widget(app, "data.source").options


def test_choices_are_seen_at_once_and_survive_a_visit_elsewhere(bring):
    app = bring(("x.zip", zipped(pictures())))
    field(app, "size").set_value(16).run()
    settled(app)
    field(app, "colour").set_value("grey").run()
    settled(app)
    field(app, "invert").set_value(True).run()
    settled(app)
    field(app, "fit").set_value("letterbox").run()
    settled(app)
    field(app, "cap").set_value(5).run()
    settled(app)
    app.switch_page("../pages/about.py").run()
    app.switch_page("../pages/data.py").run()
    field(app, "name").set_value("Five").run()
    buttons(app)["Keep these pictures"].click().run()
    (own,) = kept()
    assert (own.name, own.count) == ("Five", 5)
    wanted = Preparation(size=16, colour="grey", invert=True, fit="letterbox", cap=5)
    assert Preparation.parse(own.preparation) == wanted


def test_arrays_of_an_npz_are_chosen_from_what_it_holds(bring):
    generator = np.random.default_rng(0)
    stream = io.BytesIO()
    np.savez(
        stream,
        metadata=np.array([{}], object),
        small=generator.random((9, 8, 8)),
        images=generator.integers(0, 255, (30, 10, 10), np.uint8),
        kind=np.arange(30) % 3,
        label=np.arange(30) % 2,
    )
    app = bring(("x.npz", stream.getvalue()))
    assert (field(app, "images").value, field(app, "labels").value) == ("images", "label")
    listed = [name.split(" · ")[0] for name in field(app, "images").options]
    assert listed == [
        "small",
        "images",
        "kind",
        "label",
    ]
    field(app, "labels").set_value("kind").run()
    settled(app)
    buttons(app)["Keep these pictures"].click().run()
    (own,) = kept()
    assert (own.count, own.shape, own.classes) == (30, (1, 10, 10), ("0", "1", "2"))


def test_the_label_of_a_csv_is_chosen(bring):
    generator = np.random.default_rng(0)
    rows = [[*generator.integers(0, 255, 64), f"k{i % 2}"] for i in range(20)]
    names = ",".join([*(f"p{i}" for i in range(64)), "kind"])
    text = "\n".join([names, *(",".join(map(str, row)) for row in rows)])
    app = bring(("x.csv", text.encode()))
    assert len(app.error) == 1  # the first column was taken for the class
    field(app, "labels").set_value("kind").run()
    settled(app)
    assert not app.error
    buttons(app)["Keep these pictures"].click().run()
    assert (kept()[0].count, kept()[0].classes) == (20, ("k0", "k1"))


def test_an_idx_pair_and_single_pictures(bring):
    pixels = np.random.default_rng(0).integers(0, 255, (20, 9, 9), np.uint8)
    images = struct.pack(">HBBIII", 0, 8, 3, 20, 9, 9) + pixels.tobytes()
    labels = struct.pack(">HBBI", 0, 8, 1, 20) + bytes(i % 3 for i in range(20))
    app = bring(("labels", labels), ("pictures", images))
    buttons(app)["Keep these pictures"].click().run()
    app.file_uploader[0].set_value([(f"{i}.png", png(i), "") for i in range(5)]).run()
    settled(app)
    buttons(app)["Keep these pictures"].click().run()
    assert sorted((own.count, own.shape, own.classes) for own in kept()) == [
        (5, (3, 24, 24), ()),
        (20, (1, 9, 9), ("0", "1", "2")),
    ]


HOSTILE = {
    "../../etc/passwd.png": png(1),
    "/abs.png": png(2),
    "a.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "empty.png": b"",
    "inner.zip": zipped({"x.png": png(3)}),
    "<script>alert(1)</script>.png": b"no picture",
    "=cmd|' /C calc'!A0.png": b"no picture",
    "again.png": png(0),
}


def test_hostile_entries_are_lines(bring):
    app = bring(("x.zip", zipped({**pictures(), **HOSTILE})))
    assert not app.exception
    assert not app.error
    words = seen(app)
    for reason in ("leads out", "absolute path", "is empty", "archive itself", "the same picture as"):
        assert reason in words
    assert "<script>" not in words
    report = app.session_state["intake"].reading.found.report
    assert report.skipped == len(HOSTILE)
    from app.data_report import as_csv

    lines = as_csv(report).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(HOSTILE)
    assert not [line for line in lines if line.startswith(("=", '"='))]
    buttons(app)["Keep these pictures"].click().run()
    assert kept()[0].count == 12


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.zip", b"PK\3\4 cut", "not a zip archive"),
        ("x.zip", zipped({"a.txt": b"hello"}), "gives no picture"),
        ("x.exe", b"MZ\x90\x00", "is not a folder, zip, npz, IDX or CSV"),
        ("x.csv", b"", "is empty"),
        ("x.csv", b"a,b\n1,2", "only one picture"),
        ("x.npz", zipped({"a.npy": b"junk"}), "not described"),
        ("\0/../\u202e.csv", b"1,2,3,4,5,6", "no square picture"),
        ("x.gz", b"\x1f\x8b\x08junk", "gzip"),
    ],
)
def test_a_bad_file_is_one_sentence_and_loses_nothing(bring, name, content, reason):
    app = bring((name, content))
    assert not app.exception
    (said,) = [error.value.replace("\\", "") for error in app.error]
    assert reason in said
    assert "Keep these pictures" not in buttons(app)
    buttons(app)["Choose other pictures"].click().run()
    assert app.file_uploader
    assert kept() == []


def test_too_much_at_once_is_said(bring, monkeypatch):
    monkeypatch.setenv("LATENTSCAPE_LIMITS", "upload_bytes=1000")
    app = bring(("x.zip", zipped(pictures())))
    assert app.error, seen(app)
    assert "at most 1,000 are read" in app.error[0].value.replace("\\", "")
    assert app.file_uploader


def test_reading_can_be_called_off_and_begun_again(bring, monkeypatch):
    original = data_reading.read

    def slow(*words, **options):
        while True:  # until it is called off
            options["progress"](1, 10)
            time.sleep(0.01)

    monkeypatch.setattr(data_reading, "read", slow)
    monkeypatch.setattr("test_data_page.settled", lambda app: app.run())
    app = bring(("x.zip", zipped(pictures())))
    reading = app.session_state["intake"].reading
    assert reading.running
    buttons(app)["Cancel"].click().run()
    deadline = time.monotonic() + 10
    while reading.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not reading.running
    app.run()
    assert "called off" in seen(app)
    monkeypatch.setattr(data_reading, "read", original)
    monkeypatch.undo()
    buttons(app)["Read them again"].click().run()
    deadline = time.monotonic() + 10
    while app.session_state["intake"].reading.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "12 pictures" in seen(app.run())


def test_a_name_that_cannot_be_used_keeps_the_upload(bring):
    app = bring(("x.zip", zipped(pictures())))
    field(app, "name").set_value("   ").run()
    buttons(app)["Keep these pictures"].click().run()
    assert "must be one line" in app.error[0].value
    field(app, "name").set_value("Fine").run()
    buttons(app)["Keep these pictures"].click().run()
    assert kept()[0].name == "Fine"


@pytest.fixture
def library(tmp_path, store, monkeypatch):
    """Three sets of 20 pictures: mine, one that somebody shares, and one that they do not."""
    monkeypatch.setattr(data, "SOURCES", {"digits": data.SOURCES["digits"]})
    library = Library()
    for seed, (name, owner) in enumerate((("Mine", ME), ("Theirs", OTHER), ("Secret", OTHER))):
        (tmp_path / "x.zip").write_bytes(zipped({f"{i % 2}/{i}.png": png(100 * seed + i) for i in range(20)}))
        library.add(read(tmp_path / "x.zip", Preparation(size=8)), name, owner)
    own = {found.name: found for found in [*library.list(ME), *library.list(OTHER)]}
    library.edit(own["Theirs"].source, OTHER, shared=True)
    return {name: library.get(found.source) for name, found in own.items()}


def test_who_sees_what(visit, library):
    app = visit("data", session={"owner": ME})
    words = seen(app)
    assert "Mine" in words
    assert "Theirs" in words
    assert "Secret" not in words
    changes = [each for each in app.button if each.key and each.key.startswith("save/")]
    assert [each.key for each in changes] == [f"save/{library['Mine'].id}"]


def test_names_classes_and_sharing(visit, library):
    mine = library["Mine"]
    app = visit("data", session={"owner": ME})
    field(app, f"{mine.id}/name").set_value("Ours").run()
    field(app, f"{mine.id}/classes").set_value("cat\ndog").run()
    next(each for each in app.button if each.key == f"save/{mine.id}").click().run()
    assert not app.error
    found = Library().get(mine.id)
    assert (found.name, found.classes, found.shared) == ("Ours", ("cat", "dog"), False)
    field(app, f"{mine.id}/shared:False").set_value(True).run()
    assert Library().get(mine.id).shared
    field(app, f"{mine.id}/classes").set_value("cat").run()
    next(each for each in app.button if each.key == f"save/{mine.id}").click().run()
    assert "There are 2 classes" in app.error[0].value
    assert Library().get(mine.id).classes == ("cat", "dog")


def test_deletion_is_confirmed(visit, library):
    mine = library["Mine"]
    app = visit("data", session={"owner": ME})
    next(each for each in app.button if each.key == f"delete/{mine.id}").click().run()
    assert Library().holds(mine.source)
    buttons(app)["Delete for good"].click().run()
    assert not Library().holds(mine.source)
    assert "Mine" not in seen(app)


@pytest.mark.parametrize("name", ["Theirs", "Secret"])
def test_a_source_in_hand_made_state(visit, library, store, name):
    """What is shared may be trained on; what is not is as if it were not there."""
    app = visit("train", session={"owner": ME, "source": library[name].source})
    assert not app.exception
    is_shared = name == "Theirs"
    assert (widget(app, "data.source").value == library[name].source) == is_shared
    assert ("not shared with you" in seen(app)) != is_shared
    assert name not in seen(app) or is_shared


def test_what_the_command_line_imported(visit, tmp_path, monkeypatch, store):
    """It is the visitor's on a server for the machine's owner alone, else nobody's until it is shared."""
    monkeypatch.setattr(data, "SOURCES", {"digits": data.SOURCES["digits"]})
    (tmp_path / "x.zip").write_bytes(zipped(pictures()))
    own = Library().add(read(tmp_path / "x.zip", Preparation(size=8)), "From a terminal")
    assert "From a terminal" in seen(visit("data", session={"owner": ME}))
    monkeypatch.setattr("app.own.is_local", lambda: False)
    assert "From a terminal" not in seen(visit("data", session={"owner": ME}))
    Library().edit(own.source, shared=True)
    app = visit("data", session={"owner": ME})
    assert "From a terminal" in seen(app)
    assert not [each for each in app.button if each.key and each.key.startswith("save/")]


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("localhost", {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("localhost", {"Host": "[::1]:8501"}, True),
        ("localhost", {}, True),
        ("localhost", {"Host": "localhost:8501", "Origin": "http://localhost:8501"}, True),
        ("localhost", {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}, True),
        ("localhost", {"Host": "127.0.0.1:8501", "Origin": "https://maps.example.org"}, False),
        ("localhost", {"Host": "localhost:8501", "Origin": "null"}, False),
        ("localhost", {"Host": "localhost.example.org:8501"}, False),
        ("localhost", {"Host": "localhost@example.org"}, False),
        ("localhost", {"Host": "[::1"}, False),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),
        ("localhost", {"Host": "maps.example.org"}, False),
        ("localhost", {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.7"}, False),
        ("localhost", {"Host": "localhost:8501", "Forwarded": "for=10.0.0.7"}, False),
        (None, {"Host": "localhost"}, False),
    ],
)
def test_whose_server_it_is(monkeypatch, address, headers, local):
    from types import SimpleNamespace

    from app import own

    fake = SimpleNamespace(get_option=lambda name: address, context=SimpleNamespace(headers=headers))
    monkeypatch.setattr(own, "st", fake)
    assert own.is_local() == local


def test_limits_of_this_machine(monkeypatch):
    monkeypatch.setenv("LATENTSCAPE_LIMITS", "entries=7 classes=3")
    assert Limits.of_this_machine() == Limits(entries=7, classes=3)


def test_built_in_sets_and_a_download_that_fails(visit, monkeypatch, store):
    monkeypatch.setattr("app.downloads.data.download", offline)
    app = visit("data")
    words = seen(app)
    for info in data.SOURCES.values():
        assert info.title in words
        assert info.licence in words
    next(each for each in app.button if each.key == "download/kmnist").click().run()
    time.sleep(0.1)
    assert "could not be downloaded" in app.run().error[0].value


def offline(source, progress=None, cancel=None):
    from vae_core.errors import DownloadError

    raise DownloadError("train-images-idx3-ubyte.gz could not be downloaded from codh.rois.ac.jp.")


def test_runs_on_pictures_that_are_not_shared_are_not_listed(visit, library, store):
    """Their owner sees them, and they stay when the pictures are deleted."""
    for name in ("Theirs", "Secret"):
        make_run(store, owner=OTHER, name=f"Run on {name}", data__source=library[name].source)
    mine = make_run(store, owner=ME, name="Run on mine", data__source=library["Mine"].source)
    Library().delete(library["Mine"].source, ME)

    def listed(owner):
        options = visit("explore", session={"owner": owner}).selectbox[0].options
        return sorted(option.split(" · ")[0] for option in options)

    assert listed(ME) == ["Run on Theirs", "Run on mine"]
    assert listed(OTHER) == ["Run on Secret", "Run on Theirs"]
    app = visit("explore", session={"owner": ME}, run=mine.id)
    assert not app.error
