"""The lines of Python that draw the picture, or the path, one looks at, to copy. Needs no torch itself."""

from collections.abc import Sequence

from vae_core.cli_ways import spoken
from vae_core.run import Run
from vae_core.ways import COUNT, Way

DIGITS = 6  # of a coordinate: far finer than a grey level


def python(run: Run, z: Sequence[float], beta: float | None = None) -> str:
    """What makes picture.png of the code `z` (Z,); a model for every beta is asked at `beta`.

    The run is named by its id, so it is found in any home that holds it.
    """
    code = ", ".join(f"{value:.{DIGITS}g}" for value in z)
    dial = "from vae_core.models import at_beta\n" if beta is not None else ""
    model = f"at_beta(run.model, {beta:.{DIGITS}g})" if beta is not None else "run.model"
    return f"""# A picture of “{_title(run)}”, by its latent code.
from PIL import Image

from vae_core import decode, load
from vae_core.latent import to_bytes
{dial}from vae_core.runs import RunStore

run = load(RunStore().get({run.id!r}).path)
z = [[{code}]]
picture = to_bytes(decode({model}, z))[0]  # (channels, height, width), grey levels
Image.fromarray(picture.transpose(1, 2, 0).squeeze()).save("picture.png")
"""


def path(run: Run, way: Way, beta: float | None = None, count: int = COUNT) -> str:
    """What makes path.png: the film of `count` pictures along a way, side by side; `beta` as in `python`."""
    words = dict(word.removeprefix("--").split("=", 1) for word in spoken(way))
    named = ", ".join([repr(words.pop("through")), *(f"{name}={text!r}" for name, text in words.items())])
    dial = f", beta={beta:.{DIGITS}g}" if beta is not None else ""
    return f"""# A path through “{_title(run)}”: {count} pictures, side by side.
import numpy as np
from PIL import Image

from vae_core import ways
from vae_core.latent import to_bytes
from vae_core.runs import RunStore

run = RunStore().get({run.id!r})
way = ways.read({named})
frames = ways.frames(run, way, {count}{dial})  # their codes, support and nearest examples
strip = np.concatenate(to_bytes(ways.pictures(run, frames.codes{dial})), axis=-1)
Image.fromarray(strip.transpose(1, 2, 0).squeeze()).save("path.png")
"""


def _title(run: Run) -> str:
    """On one line: what ends a line would end the comment."""
    return " ".join(run.title.split())
