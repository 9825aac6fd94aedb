"""The kinds of file that are of a path: films, the strip to print, its codes as a table.

What is said of them before one is made needs no torch.
"""

from functools import partial
from pathlib import Path

from vae_core.run import Run
from vae_core.taking.kind import Choices, Kind, Tell

FILMS = ("gif", "webp", "apng", "mp4")
FOLLOWING = (*FILMS, "strip", "codes")  # kinds that are of a path, and of one beta

# Fields of Choices, and options of the command line, that go with these kinds.
OPTIONS = {
    "labels": FILMS,
    "count": (*FOLLOWING, "palette"),
    "repeat": FILMS,
    "speed": FILMS,
    "ease": FILMS,
    "pixels": FILMS,
    "dark": FILMS,
    "nearest": ("strip",),
}


def _film_size(kind: str, run: Run, choices: Choices) -> int:
    from vae_core.taking import film_make

    return film_make.size(kind, run, choices)


def _film(kind: str, run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import film_make

    film_make.save(kind, run, path, choices, tell)


def _strip_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import strip

    return strip.size(run, choices)


def _strip(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import strip

    strip.save(run, path, choices, tell)


def _codes_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import path_table

    return path_table.size(run, choices)


def _codes(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import path_table

    path_table.save(run, path, choices, tell)


def _video_obstacle() -> str:
    from vae_core.taking import film_files

    return film_files.video_obstacle()


def _video_remark() -> str:
    from vae_core.taking import film_files

    return film_files.video_remark()


def _video_ending() -> str:
    from vae_core.taking import film_files

    return film_files.video_ending()


def _of_film(name: str, title: str, help: str, ending: str) -> Kind:
    return Kind(name, title, help, ending, partial(_film_size, name), partial(_film, name), follows=True)


KINDS = (
    _of_film("gif", "Film (GIF)", "The path as an animated GIF; plays anywhere by itself.", ".gif"),
    _of_film("webp", "Film (WebP)", "The path as an animated WebP: small and exact, for web pages.", ".webp"),
    _of_film("apng", "Film (APNG)", "The path as an animated PNG, exact in every pixel.", ".apng"),
    Kind(
        "mp4",
        "Film (video)",
        "The path as a video, for slides.",
        ".mp4",
        partial(_film_size, "mp4"),
        partial(_film, "mp4"),
        _video_obstacle,
        _video_remark,
        True,
        _video_ending,
    ),
    Kind(
        "strip",
        "Film strip to print (PNG)",
        "The path's pictures side by side above the cross-fade, at 300 dots an inch.",
        "-strip.png",
        _strip_size,
        _strip,
        follows=True,
    ),
    Kind(
        "codes",
        "The path's codes (CSV)",
        "Each frame's code, support and nearest example, for a spreadsheet.",
        "-path.csv",
        _codes_size,
        _codes,
        follows=True,
    ),
)
