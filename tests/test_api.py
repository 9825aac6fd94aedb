import subprocess
import sys

import numpy as np
import pytest
from small_training import poison

import vae_core
from vae_core import RunConfig, decode, encode, export_html, fit, load, load_data, save
from vae_core.config import DataConfig
from vae_core.errors import ConfigError, DataError, DivergedError, RunDamagedError, RunError, RunNotFoundError
from vae_core.events import Step
from vae_core.pipeline import execute
from vae_core.run import Run
from vae_core.runs import Recorder, RunStore

SMALL = RunConfig.parse({"model": {"hidden": (16,)}, "data": {"limit": 200}, "training": {"epochs": 2}})


@pytest.fixture(scope="module")
def fitted():
    return fit(SMALL)


def test_every_public_name_is_there_and_nothing_else():
    assert len(vae_core.__all__) == 12
    for name in vae_core.__all__:
        assert callable(getattr(vae_core, name))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        vae_core.nonsense  # noqa: B018


def test_the_package_is_light_until_used():
    code = "import sys, vae_core as v; dir(v); print([m for m in ('torch', 'numpy') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_training_imports_neither_torchs_compiler_nor_scikit_learn():
    """Each costs a second, which is as long as the training of a first map."""
    code = (
        "import sys, vae_core as v; v.fit(v.recommended('digits').override({'training.epochs': 1}));"
        "print([m for m in ('torch._dynamo', 'sklearn', 'sympy') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_load_data():
    data = load_data("digits")
    assert data.images.shape == (1797, 1, 8, 8)
    assert len(load_data(DataConfig(limit=100)).train) < 100
    with pytest.raises(DataError, match="no data set 'cats'"):
        load_data("cats")


def test_fit_reports_progress():
    rows = []
    fitted = fit(SMALL, progress=rows.append)
    assert all(isinstance(row, Step) for row in rows)
    assert rows[-1].step == fitted.report["steps"]


def test_fit_with_a_data_set_of_ones_own():
    data = load_data(DataConfig(limit=60))
    assert fit(SMALL, dataset=data).report["n"] == len(data.test)


def test_fit_refuses_what_cannot_be():
    with pytest.raises(ConfigError, match="parameters"):
        fit(SMALL.override({"model.hidden": (4096, 4096, 4096)}))


def test_fit_says_that_it_diverged(monkeypatch):
    poison(monkeypatch, 1, 2)
    with pytest.raises(DivergedError, match=r"loss was nan .* choose a smaller training\.lr"):
        fit(SMALL)


def test_saved_and_loaded_is_the_same(fitted, tmp_path):
    again = load(save(fitted, tmp_path / "a" / "run"))
    assert again.config == fitted.config
    assert again.report == fitted.report
    assert again.bundle == fitted.bundle
    images = load_data("digits").images[:5]
    mu, _ = encode(again.model, images)
    np.testing.assert_array_equal(mu, encode(fitted.model, images)[0])
    np.testing.assert_array_equal(decode(again.model, mu), decode(fitted.model, mu))


def test_a_saved_folder_is_a_finished_run(fitted, tmp_path):
    assert Run(save(fitted, tmp_path / "run")).state == "finished"


def recorded(store, events):
    """A run in the store, as far as these events go."""
    run = store.create(SMALL)
    with run.lock():
        recorder = Recorder(run)
        for event in events:
            recorder.write(event)
    return run


def test_load_reads_runs_of_the_store(tmp_path):
    events = list(execute(SMALL))
    run = recorded(RunStore(tmp_path / "home", tmp_path / "none"), events)
    finished = load(run.path)
    np.testing.assert_array_equal(
        finished.model.decoder[0].weight.detach(), events[-1].weights["decoder.0.weight"]
    )
    assert finished.report["n"] == events[-1].report["n"]
    html = export_html(finished, tmp_path / "run.html")
    assert html.read_text().startswith("<!")


def test_load_gives_the_latest_weights_of_an_interrupted_run(tmp_path):
    run = recorded(RunStore(tmp_path / "home", tmp_path / "none"), list(execute(SMALL))[:-1])
    begun = load(run.path)
    assert begun.report == {}
    with pytest.raises(RunError, match="not finished"):
        export_html(begun, tmp_path / "run.html")


def test_half_precision_weights_are_read(fitted, tmp_path):
    from vae_core.storage import write_tensors

    folder = save(fitted, tmp_path / "run")
    half = {name: tensor.half().numpy() for name, tensor in fitted.model.state_dict().items()}
    write_tensors(folder / "model.safetensors", half, {})
    again = load(folder)
    np.testing.assert_array_equal(again.model.decoder[0].weight.detach(), half["decoder.0.weight"])


def test_load_refuses_in_sentences(fitted, tmp_path):
    with pytest.raises(RunNotFoundError, match="no folder"):
        load(tmp_path / "nothing")
    folder = save(fitted, tmp_path / "run")
    other = fitted.config.override({"model.hidden": (17,)})
    (folder / "config.json").write_text(other.to_json())
    with pytest.raises(RunDamagedError, match="not those of the network"):
        load(folder)
    (folder / "config.json").unlink()
    with pytest.raises(RunDamagedError, match=r"config\.json is missing"):
        load(folder)
