"""Where things live on this machine. Environment variables are read here and nowhere else."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from vae_core.errors import ConfigError

STARTERS = Path(__file__).resolve().parent.parent / "assets" / "starters"


@dataclass(frozen=True)
class Settings:
    """Absolute folders. `data` is searched before `cache`, where downloads are kept."""

    home: Path
    data: Path | None
    cache: Path
    starters: Path


def settings() -> Settings:
    """Folders from LATENTSCAPE_HOME and LATENTSCAPE_DATA, else the platform's user folders.

    Raises ConfigError where a variable holds a path that cannot be made absolute.
    """
    return Settings(
        home=_folder("LATENTSCAPE_HOME")
        or _absolute(platformdirs.user_data_dir("latentscape", appauthor=False)),
        data=_folder("LATENTSCAPE_DATA"),
        cache=_absolute(platformdirs.user_cache_dir("latentscape", appauthor=False)) / "data",
        starters=STARTERS,
    )


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
