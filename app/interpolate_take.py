"""What is taken along from Interpolate: the path that is looked at, or the palette between four corners."""

from collections.abc import Callable
from dataclasses import dataclass

from app import copy_code, corners_state, path_state, take_along, take_state
from vae_core.first_way import first_way
from vae_core.run import Run
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS
from vae_core.taking.palette_kind import first_palette
from vae_core.ways import Way


@dataclass(frozen=True)
class Taken:
    """What a mode of the page takes along."""

    kinds: tuple[str, ...]  # names of the kinds of file
    way: Callable[[str], Way | None]  # where a run's path or palette stands, None before it was moved
    first: Callable[[Run], Way]  # what the page begins with


PALETTE = "palette"
MODES = {
    "path": Taken(tuple(name for name in KINDS if name != PALETTE), path_state.way, first_way),
    "corners": Taken((PALETTE,), corners_state.way, first_palette),
}


def choose(run: Run, mode: str) -> None:
    """The buttons that open what there is to choose; none in a mode that has no file of its own."""
    if mode not in MODES:
        return
    taken = MODES[mode]

    def way() -> Way:
        return taken.way(run.id) or taken.first(run)

    if mode == "path":
        copy_code.of_path(run, take_state.key(mode, f"code/{run.id}"), way, path_state.beta(run.id))
    take_along.choose(
        run,
        mode,
        taken.kinds,
        way=way,
        view=lambda: _dial(run),
        usual=lambda: Choices(beta=path_state.beta(run.id), **path_state.playing(run.id)),
    )


def _dial(run: Run) -> str:
    """Where the dial of the page stands, as a share link says it; nothing without one."""
    beta = path_state.beta(run.id)
    return f"beta={beta:.6g}" if beta else ""


def status(run: Run, mode: str) -> None:
    """The file on its way, or ready."""
    if mode in MODES:
        take_along.status(run, mode)
