import subprocess
import sys
from typing import get_args

import numpy as np
import pytest

from vae_core import data
from vae_core.config import DataConfig, Source


def test_the_config_names_every_source():
    assert tuple(data.SOURCES) == get_args(Source)


def test_importing_stays_light():
    heavy = "{'torch', 'sklearn', 'scipy', 'pandas'}"
    code = f"import sys, vae_core.data; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_loading_digits_stays_light():
    code = (
        "import sys; from vae_core import data; from vae_core.config import DataConfig;"
        "data.load(DataConfig()); print(*({'torch', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("source", get_args(Source))
def test_a_form_can_show_it(source):
    info = data.SOURCES[source]
    assert info.name == source
    for text in (info.title, info.source, info.licence):
        assert text.strip() == text != ""
    assert info.blurb.endswith(".")
    assert info.needs_download == (info.bytes > 0)


@pytest.mark.parametrize("source", get_args(Source))
def test_it_loads_as_announced(source):
    info = data.SOURCES[source]
    if not data.available(source):
        pytest.skip(f"{source} is not here; set LATENTSCAPE_DATA to a folder that has it.")
    told = []
    loaded = data.load(DataConfig(source=source), lambda done, total: told.append((done, total)))
    assert loaded.images.shape == (info.count, *info.shape)
    assert loaded.shape == info.shape
    assert loaded.label_names == info.classes
    assert set(np.unique(loaded.labels)) == set(range(len(info.classes)))
    assert (loaded.title, loaded.licence, loaded.source) == (info.title, info.licence, info.source)
    assert len(loaded.checksum) == 64
    assert told[-1] == (info.count, info.count)
    unit = loaded.to_unit(loaded.test[:100])
    assert unit.dtype == np.float32
    assert 0 <= unit.min() < unit.max() <= 1
