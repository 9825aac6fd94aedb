"""Where things live on this machine. Environment variables are read here and nowhere else."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from vae_core.errors import ConfigError

UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
QUOTA = "20 GB"
PRECISIONS = ("auto", "float32")  # auto: bfloat16 where the processor has it and the net suits
STARTERS = Path(__file__).resolve().parent.parent / "assets" / "starters"


@dataclass(frozen=True)
class Settings:
    """Absolute folders. `data` is searched before `cache`, where downloads are kept."""

    home: Path
    data: Path | None
    cache: Path
    starters: Path
    limits: dict[str, str]  # of what is read of imported pictures, by name; checked where they are used
    runs: dict[str, str]  # how many the training service takes, by name; checked in run_limits.py
    quota: int  # bytes that runs should stay below; pages say where they do not, nothing is refused for it
    precision: str  # of large matrix products in training, one of PRECISIONS


def settings() -> Settings:
    """Folders from LATENTSCAPE_HOME and LATENTSCAPE_DATA, else the platform's user folders.

    Raises ConfigError where a variable holds a path that cannot be made absolute, no pairs, or no size.
    """
    return Settings(
        home=_folder("LATENTSCAPE_HOME")
        or _absolute(platformdirs.user_data_dir("latentscape", appauthor=False)),
        data=_folder("LATENTSCAPE_DATA"),
        cache=_absolute(platformdirs.user_cache_dir("latentscape", appauthor=False)) / "data",
        starters=STARTERS,
        limits=_pairs("LATENTSCAPE_LIMITS", "entries=5000 classes=100"),
        runs=_pairs("LATENTSCAPE_RUNS", "visitor=5 all=50"),
        quota=_size("LATENTSCAPE_QUOTA", QUOTA),
        precision=_precision("LATENTSCAPE_PRECISION"),
    )


def _pairs(variable: str, example: str) -> dict[str, str]:
    """Words like those of the example, with spaces between them."""
    words = os.environ.get(variable, "").split()
    if not all("=" in word for word in words):
        raise ConfigError(f"{variable} is {' '.join(words)!r}; it should be like {example}.")
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _size(variable: str, default: str) -> int:
    """Bytes of a size like 20 GB or 500MB."""
    text = os.environ.get(variable) or default
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,3})?)\s*([MGT]B)\s*", text.upper())
    if not match or not float(match[1]):
        raise ConfigError(f"{variable} is {text[:40]!r}; it should be a size like 20 GB or 500 MB.")
    return round(float(match[1]) * UNITS[match[2]])


def _precision(variable: str) -> str:
    word = os.environ.get(variable) or PRECISIONS[0]
    if word not in PRECISIONS:
        raise ConfigError(f"{variable} is {word[:40]!r}; it should be {' or '.join(PRECISIONS)}.")
    return word


def _folder(variable: str) -> Path | None:
    value = os.environ.get(variable)
    try:
        return _absolute(value) if value else None
    except (RuntimeError, OSError):  # "~" of a user who does not exist, a loop of links
        raise ConfigError(
            f"{variable} is {value!r}, which names no folder; set it to an absolute path."
        ) from None


def _absolute(path: str) -> Path:
    return Path(path).expanduser().resolve()
