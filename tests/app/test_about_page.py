"""About shows where things are, as they were resolved."""

from conftest import seen

from vae_core.data import SOURCES


def test_folders_version_and_licences(visit, home, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENTSCAPE_DATA", str(tmp_path / "data <here>"))
    app = visit("about")
    assert not app.error
    words = seen(app)
    assert str(home.resolve()) in words
    assert "data &lt;here&gt;" in words  # text, not markup
    assert "Version" in words
    for info in SOURCES.values():
        assert info.licence in words
