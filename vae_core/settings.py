"""Where things live on this machine. Environment variables are read here and nowhere else."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

STARTERS = Path(__file__).resolve().parent.parent / "assets" / "starters"


@dataclass(frozen=True)
class Settings:
    """Absolute folders. `data` is searched before `cache`, where downloads are kept."""

    home: Path
    data: Path | None
    cache: Path
    starters: Path


def settings() -> Settings:
    """Folders from LATENTSCAPE_HOME and LATENTSCAPE_DATA, else the platform's user folders."""
    home = os.environ.get("LATENTSCAPE_HOME") or platformdirs.user_data_dir("latentscape", appauthor=False)
    data = os.environ.get("LATENTSCAPE_DATA")
    cache = platformdirs.user_cache_dir("latentscape", appauthor=False)
    return Settings(
        home=Path(home).expanduser().resolve(),
        data=Path(data).expanduser().resolve() if data else None,
        cache=Path(cache).resolve() / "data",
        starters=STARTERS,
    )
