"""Formats of the files that we keep: which one this version writes, and what lifts an older one to it.

A file says its format in a field of its JSON, or of the description in a tensor file's header. Whoever reads
one hands both to `lift`, so that all other code knows today's format alone. To change a format: raise its
number in FORMATS, add the step from the one before to STEPS, and keep a file of the old one in tests/frozen.
So far every format is the first, and there is no step. Needs no torch.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vae_core.errors import NewerFormatError, UnreadableFileError

if TYPE_CHECKING:
    import numpy as np  # settings are read without it

About = dict[str, Any]
Arrays = dict[str, "np.ndarray"]
Step = Callable[[About, Arrays], None]  # changes both in place, from one format to the next

ABOUT = "latentscape"  # key under which a safetensors file of ours describes itself, in JSON
FORMATS = {
    "config": 1,  # config.json, and what a ladder says of its runs
    "run": 1,  # run.json
    "arrays": 1,  # a run's own tensor files, snapshots and checkpoint among them
    "bundle": 1,
    "marks": 1,
    "tags": 1,
    "directions": 1,
    "map": 1,
    "ladder": 1,
    "pictures": 1,  # one's own, about.json
}
STEPS: dict[tuple[str, int], Step] = {}  # by kind and the format that it starts from


def lift(
    kind: str, about: Mapping[str, Any], arrays: Arrays | None = None, name: str = "", bare: int | None = None
) -> About:
    """What a file of that kind says of itself, in today's format; `arrays`, what else it holds, are changed.

    `bare` is the format of a file that names none. Raises NewerFormatError where a newer version wrote it,
    UnreadableFileError for what is no format of ours or cannot be lifted; both call the file `name`.
    """
    found, now, name = about.get("format", bare), FORMATS[kind], name or f"The {kind}"
    if type(found) is not int or (found < now and (kind, found) not in STEPS):
        raise UnreadableFileError(f"{name} has format {_short(found)}, this version reads format {now}")
    if found > now:
        raise NewerFormatError(
            f"{name} has format {_short(found)}, and this version of Latentscape reads up to format {now}"
        )
    lifted = dict(about)
    for version in range(found, now):
        try:
            STEPS[kind, version](lifted, {} if arrays is None else arrays)
        except (LookupError, TypeError, ValueError):
            raise UnreadableFileError(f"{name} has format {version}, but not what belongs to it") from None
        lifted["format"] = version + 1
    return lifted


def description(metadata: Mapping[str, str], name: str) -> About:
    """What a tensor file of that name says of itself, empty where it does not. Raises UnreadableFileError."""
    from vae_core.storage import parse_object

    return parse_object(metadata.get(ABOUT, "{}").encode(), f"The description in {name}")


def lift_bytes(kind: str, data: bytes, arrays: Arrays, metadata: Mapping[str, str], name: str) -> bytes:
    """A tensor file in today's format: its bytes as they are, or made anew of its arrays and metadata.

    Raises as `lift`; what does not describe itself is left as it is.
    """
    about = description(metadata, name)
    if about.get("format", FORMATS[kind]) == FORMATS[kind]:
        return data
    from safetensors.numpy import save

    lifted = lift(kind, about, arrays, name)
    return save(arrays, {**metadata, ABOUT: json.dumps(lifted, ensure_ascii=False)})


def _short(value: Any) -> str:
    return repr(value)[:40] if isinstance(value, int | str | float | None) else "of another kind"
