"""What is taken along from Interpolate: the path that is looked at, or the palette between four corners."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app import copy_code, corners_state, path_state, take_along, take_state
from vae_core import ways
from vae_core.errors import PathError
from vae_core.first_way import first_way
from vae_core.run import Run
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS
from vae_core.taking.palette_kind import first_palette
from vae_core.way_cloud import cloud_of
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
    taken, beta = MODES[mode], _beta(run)

    def way() -> Way:
        return _fitting(run, taken)

    if mode == "path":
        copy_code.of_path(run, take_state.key(mode, f"code/{run.id}"), way, beta)
    take_along.choose(
        run,
        mode,
        taken.kinds,
        way=way,
        view=lambda: f"beta={beta:.6g}" if beta else "",  # as a share link says it
        usual=lambda: Choices(beta=beta, **path_state.playing(run.id)),
    )


def _fitting(run: Run, taken: Taken) -> Way:
    """What one looks at. An address may name what another run has: the page begins with its own then."""
    way = taken.way(run.id)
    if way is None:
        return taken.first(run)
    try:
        ways.stops(way, cloud_of(run))
    except PathError:
        return replace(way, anchors=taken.first(run).anchors)
    return way


def _beta(run: Run) -> float | None:
    """Where the dial of the page stands, within its range; None without one, or before it was turned."""
    beta, objective = path_state.beta(run.id), run.config.objective
    if beta is None or run.config.model.kind != "multirate":
        return None
    return min(objective.beta_high, max(objective.beta_low, beta))


def status(run: Run, mode: str) -> None:
    """The file on its way, or ready."""
    if mode in MODES:
        take_along.status(run, mode)
