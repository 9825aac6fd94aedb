"""Home and Explore open at once: no torch, no scikit-learn, no Dask in the app's process for them."""

import subprocess
import sys
from pathlib import Path

from pages_world import make_run

ROOT = Path(__file__).resolve().parents[2]
VISIT = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app/streamlit_app.py", default_timeout=60).run()
assert not app.error and not app.exception
app.switch_page("../pages/explore.py").run()
assert not app.error and not app.exception and app.selectbox[0].value
print(sorted({"torch", "sklearn", "distributed"} & set(sys.modules)))
"""


def test_home_and_explore_need_nothing_heavy(store):
    make_run(store)
    result = subprocess.run([sys.executable, "-c", VISIT], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.strip().splitlines()[-1:] == ["[]"], result.stderr
