from pathlib import Path

import platformdirs
import pytest

from vae_core.errors import ConfigError
from vae_core.settings import settings

VARIABLES = ["LATENTSCAPE_HOME", "LATENTSCAPE_DATA"]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_without_variables_the_platforms_folders_serve():
    found = settings()
    assert found.home == Path(platformdirs.user_data_dir("latentscape", appauthor=False)).resolve()
    assert found.cache.parent == Path(platformdirs.user_cache_dir("latentscape", appauthor=False)).resolve()
    assert found.data is None
    assert found.starters.parts[-2:] == ("assets", "starters")


def test_an_empty_variable_counts_as_unset(monkeypatch):
    before = settings()
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")
    assert settings() == before


def test_relative_paths_become_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATENTSCAPE_HOME", "runs/../mine")
    monkeypatch.setenv("LATENTSCAPE_DATA", "sets")
    found = settings()
    assert found.home == tmp_path.resolve() / "mine"
    assert found.data == tmp_path.resolve() / "sets"


def test_a_tilde_is_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LATENTSCAPE_HOME", "~/runs")
    assert settings().home == tmp_path.resolve() / "runs"


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_folder_that_cannot_be_named(monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, "~nobody-of-that-name/runs")
    with pytest.raises(
        ConfigError, match=f"{variable} is '~nobody-of-that-name/runs', which names no folder"
    ):
        settings()


@pytest.mark.parametrize("variable", ["LATENTSCAPE_LIMITS", "LATENTSCAPE_RUNS"])
def test_pairs_that_are_none_are_shown_one_of_their_own(monkeypatch, variable):
    monkeypatch.setenv(variable, "many")
    example = {"LATENTSCAPE_LIMITS": "entries=5000", "LATENTSCAPE_RUNS": "visitor=5"}[variable]
    with pytest.raises(ConfigError, match=f"{variable} is 'many'; it should be like {example} "):
        settings()


def test_every_folder_is_absolute(monkeypatch):
    monkeypatch.setenv("LATENTSCAPE_DATA", ".")
    found = settings()
    assert all(folder.is_absolute() for folder in (found.home, found.data, found.cache, found.starters))


@pytest.mark.parametrize(("text", "size"), [("500 MB", 5e8), ("1.5gb", 1.5e9), (" 2 TB ", 2e12), ("", 2e10)])
def test_a_quota_is_a_size(monkeypatch, text, size):
    monkeypatch.setenv("LATENTSCAPE_QUOTA", text)
    assert settings().quota == size


@pytest.mark.parametrize("text", ["20", "GB", "-1 GB", "0 GB", "1e3 GB", "20 GB free", "nan GB"])
def test_a_quota_that_is_no_size(monkeypatch, text):
    monkeypatch.setenv("LATENTSCAPE_QUOTA", text)
    with pytest.raises(ConfigError, match="a size like 20 GB"):
        settings()


def test_a_precision_is_one_of_two_words(monkeypatch):
    monkeypatch.delenv("LATENTSCAPE_PRECISION", raising=False)
    assert settings().precision == "auto"
    monkeypatch.setenv("LATENTSCAPE_PRECISION", "float32")
    assert settings().precision == "float32"
    monkeypatch.setenv("LATENTSCAPE_PRECISION", "float16")
    with pytest.raises(ConfigError, match="it should be auto or float32"):
        settings()
