"""The lines of Python that draw the picture one looks at, to copy. Needs no torch itself."""

from collections.abc import Sequence

from vae_core.run import Run

DIGITS = 6  # of a coordinate: far finer than a grey level


def python(run: Run, z: Sequence[float], beta: float | None = None) -> str:
    """What makes picture.png of the code `z` (Z,); a model for every beta is asked at `beta`.

    The run is named by its id, so it is found in any home that holds it.
    """
    code = ", ".join(f"{value:.{DIGITS}g}" for value in z)
    title = " ".join(run.title.split())  # what ends a line would end the comment
    dial = "from vae_core.models import at_beta\n" if beta is not None else ""
    model = f"at_beta(run.model, {beta:.{DIGITS}g})" if beta is not None else "run.model"
    return f"""# A picture of “{title}”, by its latent code.
from PIL import Image

from vae_core import decode, load
from vae_core.latent import to_bytes
{dial}from vae_core.runs import RunStore

run = load(RunStore().get({run.id!r}).path)
z = [[{code}]]
picture = to_bytes(decode({model}, z))[0]  # (channels, height, width), grey levels
Image.fromarray(picture.transpose(1, 2, 0).squeeze()).save("picture.png")
"""
