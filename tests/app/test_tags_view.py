"""Tags on Explore: what the browser asks is checked, done and told; what cannot be is said."""

import pytest
from pages_world import make_run

from app import features, messages, services, state
from vae_core.errors import BundleError
from vae_core.tags import TagStore

ANNA = "a" * 32


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What was toasted; the visitor is Anna."""
    sentences: list[str] = []
    monkeypatch.setattr(state, "owner", lambda: ANNA)
    monkeypatch.setattr(messages.st, "toast", lambda text, **_: sentences.append(text))
    return sentences


def test_what_the_browser_asks_is_done_and_told(store, said):
    run = make_run(store)
    features.heard(run, "tag", {"name": "odd", "rows": [2, 1]})
    assert features.news(run)["tags"] == [{"name": "odd", "rows": (1, 2)}]
    features.heard(run, "tag-renamed", {"name": "odd", "to": "strange"})
    assert [tag.name for tag in TagStore().list(run, ANNA)] == ["strange"]
    features.heard(run, "tag-deleted", {"name": "strange"})
    assert features.news(run)["tags"] == []
    assert said == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("tag", {"name": "", "rows": [1]}, "1 to 40 characters"),
        ("tag", {"name": "a", "rows": [10**6]}, "not among the"),
        ("tag", {}, "1 to 40 characters"),
        ("tag-renamed", {"name": "nobody", "to": "x"}, "no tag"),
        ("tag-renamed", {"name": ["x"], "to": "x"}, "no tag"),
        ("tag", None, ""),
        ("tag-renamed", "x", ""),
        ("tag-deleted", 5, ""),
        ("tag-deleted", {"name": {}}, ""),
    ],
)
def test_what_cannot_be_is_said_and_nonsense_passed_over(store, said, name, value, words):
    run = make_run(store)
    features.heard(run, name, value)
    assert features.news(run)["tags"] == []
    assert len(said) == bool(words)
    assert all(words in sentence for sentence in said)


@pytest.mark.parametrize(("error", "words"), [(BundleError("It is gone."), "gone"), (KeyError(), "log")])
def test_what_goes_wrong_in_a_callback_is_a_sentence(store, said, monkeypatch, error, words):
    run = make_run(store)

    def codes(run):
        raise error

    monkeypatch.setattr(services, "codes", codes)
    features.heard(run, "tag", {"name": "odd", "rows": [1]})
    features.heard(run, "map", "tsne")
    assert len(said) == 2
    assert all(words in sentence for sentence in said)


def test_a_damaged_file_costs_the_tags_and_not_the_page(store, said, home):
    run = make_run(store)
    features.heard(run, "tag", {"name": "odd", "rows": [1]})
    (path,) = (home / "tags").rglob("*.json")
    path.write_bytes(b"{")
    assert features.news(run)["tags"] == []
    features.heard(run, "tag", {"name": "more", "rows": [1]})
    assert "cannot be read" in said[0]
