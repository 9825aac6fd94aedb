"""Walls of the house: who may import whom, no pickle, nothing printed, pages short."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = sorted((ROOT / "vae_core").rglob("*.py"))
APP = sorted((ROOT / "app").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").glob("*.py")) + sorted((ROOT / "benchmarks").glob("*.py"))

# Modules that read or write pickles, and functions that do so unless told otherwise.
PICKLING_MODULES = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
PICKLING_CALLS = {
    "torch.load",
    "torch.save",
    "np.save",
    "numpy.save",
    "pd.read_pickle",
    "np.load",
    "numpy.load",
}


# From the top down: a module imports nothing from a floor above its own.
FLOORS = (
    "jobs",
    "conductor",
    "cluster",
    "worker",
    "pipeline",
    "training",
    "metrics",
    "latent",
    "models",
    "objectives nets likelihoods posteriors priors schedules optimizer",
    "sizes",
    "config",
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def test_there_is_something_to_check():
    assert len(CORE) > 15
    assert len(PAGES) >= 3
    assert len(APP) > 5


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_knows_no_screen(path):
    found = {name.split(".")[0] for name in imports(path)}
    assert not found & {"streamlit", "plotly", "app", "pages"}


@pytest.mark.parametrize("floor", range(len(FLOORS)), ids=lambda floor: FLOORS[floor])
def test_arrows_in_the_core_point_down(floor):
    above = {f"vae_core.{name}" for names in FLOORS[:floor] for name in names.split()}
    for name in FLOORS[floor].split():
        place = ROOT / "vae_core" / name
        files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        assert files
        for path in files:
            assert not {".".join(found.split(".")[:2]) for found in imports(path)} & above, path.name


@pytest.mark.parametrize("path", APP, ids=lambda path: str(path.relative_to(ROOT)))
def test_app_does_not_import_pages(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "pages"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_imports_no_other_page_and_stays_short(path):
    others = {"pages"} | {page.stem for page in PAGES}
    assert not [name for name in imports(path) if name.split(".")[0] in others]
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", CORE + APP + PAGES + SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_pickle_is_read_or_written(path):
    assert not {name.split(".")[0] for name in imports(path)} & PICKLING_MODULES
    assert not set(imports(path)) & PICKLING_CALLS
    for call in calls(path):
        name = ast.unparse(call.func)
        loud = any(
            word.arg == "allow_pickle" and isinstance(word.value, ast.Constant) and word.value.value is False
            for word in call.keywords
        )
        assert name not in PICKLING_CALLS or loud, f"{name} may use pickle; say allow_pickle=False"
        for word in call.keywords:
            assert not (word.arg == "allow_pickle" and ast.unparse(word.value) != "False")


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_never_prints(path):
    if path.name in {"__main__.py", "commands.py", "cli.py", "cli_output.py"}:
        return  # the command line
    assert not [call for call in calls(path) if ast.unparse(call.func) in {"print", "sys.stdout.write"}]


@pytest.mark.parametrize("path", CORE + APP, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path):
    assert len(path.read_text().splitlines()) <= 300


def test_light_modules_do_not_import_torch():
    """Home and Explore must open at once, so what they need comes without torch."""
    light = "vae_core, vae_core.config, vae_core.runs, vae_core.jobs"
    light += ", vae_core.explorer.bundle, vae_core.explorer.page, vae_core.explorer.extras"
    light += ", vae_core.sweeping, vae_core.ladder_bundle"
    code = f"import sys; import {light}; print([m for m in ('torch', 'sklearn') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_no_pickle_file_in_the_tree():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert not [name for name in tracked if name.endswith((".pkl", ".pickle", ".pt", ".pth", ".joblib"))]
