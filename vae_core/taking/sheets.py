"""What a model draws, as a sheet to print: 300 dots an inch, each pixel of a picture a square of whole dots.

The traversal moves one dimension at a time, those that carry something, from the 0.5 % to the 99.5 % quantile
of the codes; all others stay at their medians. The manifold (after Kingma & Welling 2014, figure 4) moves the
two dimensions that say most, at even quantiles: as many codes lie between two pictures as between any others.
Quantiles are those of the aggregate posterior, see `latent.quantiles`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from vae_core import latent
from vae_core.errors import ExportError
from vae_core.film_parts import Look, write
from vae_core.models import VAE
from vae_core.run import Run
from vae_core.taking import portable
from vae_core.taking.kinds import SHEETS
from vae_core.taking.paper import EDGE, GAP, LINE, NAMES, WIDTH, zoom_of
from vae_core.taking.whole import whole

Tell = Callable[[float], None]

DPI = 300
STEPS, SIDE = SHEETS["traversal"], SHEETS["manifold"]  # pictures in a row
ENDS = (0.005, 0.5, 0.995)  # quantiles: where a traversal begins, where others stay, where it ends
CODES = 5_000  # encoded pictures at most that quantiles are made from
MOST_DOTS = 200_000_000  # of a sheet


@dataclass(frozen=True)
class Sheet:
    """A sheet; picture (row, column) is `zoom` times as large, from `origin` + (column, row) * `step`."""

    image: Image.Image
    origin: tuple[int, int]  # dots
    step: tuple[int, int]
    zoom: int


@dataclass(frozen=True)
class Codes:
    """The codes of a run's evaluation pictures, and how much each dimension says."""

    mu: np.ndarray  # (N, Z)
    log_var: np.ndarray  # (N, Z)
    kl: np.ndarray  # (Z,) nats

    @property
    def active(self) -> np.ndarray:
        """Numbers of the dimensions that are not dead, the most telling first. Raises ExportError."""
        order = np.argsort(-self.kl, kind="stable")
        found = order[self.kl[order] > latent.ACTIVE]
        if not len(found):
            raise ExportError("No dimension of this run says anything; train with a smaller beta.")
        return found


def save(
    run: Run, path: Path, sheet: str, beta: float | None = None, tell: Tell = lambda share: None
) -> None:
    """The "traversal" or "manifold" of a run as PNG. Raises ExportError, ConfigError, RunError, StorageError.

    `tell` hears the share done and may raise to call it off.
    """
    tell(0.0)
    model = portable.model_of(run, beta)
    codes = codes_of(model, run.examples().images[:CODES])
    tell(0.4)
    about = f"{run.title}, β = {run.config.beta if beta is None else beta:g}"
    made = (traversal if sheet == "traversal" else manifold)(model, codes, about)
    tell(0.8)
    note = PngInfo()
    note.add_itxt("Title", f"{about}: {sheet}")
    note.add_itxt("Software", "Latentscape")
    with whole(path) as temporary:
        made.image.save(temporary, "PNG", dpi=(DPI, DPI), pnginfo=note)
        tell(1.0)


def codes_of(model: VAE, images: np.ndarray) -> Codes:
    """Of pictures (N, C, H, W)."""
    mu, log_var = latent.encode(model, images)
    with torch.no_grad():
        kl = model.rates(torch.from_numpy(mu), torch.from_numpy(log_var)).numpy()
    return Codes(mu, log_var, kl)


def traversal(model: VAE, codes: Codes, about: str) -> Sheet:
    """A row of STEPS pictures for each dimension that is not dead. Raises ExportError where all are."""
    rows = codes.active
    low, centre, high = latent.quantiles(codes.mu, codes.log_var, ENDS)
    z = np.repeat(centre[None, None], len(rows), 0).repeat(STEPS, 1).astype(np.float32)  # (R, STEPS, Z)
    for row, dimension in enumerate(rows):
        z[row, :, dimension] = np.linspace(low[dimension], high[dimension], STEPS)
    words = (
        about,
        f"Traversal of the {len(rows)} dimensions of {model.latent} that say something, the first says most.",
        "Each from the 0.5 % to the 99.5 % quantile of the codes, all others at their medians.",
    )
    sheet = laid_out(decoded(model, z), words, NAMES)
    for row, k in enumerate(rows):
        top = sheet.origin[1] + row * sheet.step[1]
        _say(sheet.image, (EDGE, top), f"z{k + 1}", bold=True)
        if sheet.step[1] > 3 * LINE:
            _say(sheet.image, (EDGE, top + LINE), f"{codes.kl[k]:.2f} nats")
            _say(sheet.image, (EDGE, top + 2 * LINE), f"{low[k]:.1f} to {high[k]:.1f}")
        else:
            _say(sheet.image, (EDGE + 110, top), f"{codes.kl[k]:.2f} nats")
    return sheet


def manifold(model: VAE, codes: Codes, about: str, side: int = SIDE) -> Sheet:
    """`side` by `side` pictures, of one telling dimension alone a row. Raises ExportError as `traversal`."""
    chosen = codes.active[:2]
    (centre,) = latent.quantiles(codes.mu, codes.log_var, ENDS[1:2])
    even = (np.arange(side) + 0.5) / side
    places = latent.quantiles(codes.mu[:, chosen], codes.log_var[:, chosen], even.tolist())  # (side, 2)
    height = side if len(chosen) == 2 else 1
    z = np.repeat(centre[None, None], height, 0).repeat(side, 1).astype(np.float32)
    z[:, :, chosen[0]] = places[:, 0]
    if height > 1:
        z[:, :, chosen[1]] = places[::-1, 1, None]  # upwards
    across = f"z{chosen[0] + 1} from {places[0, 0]:.1f} to {places[-1, 0]:.1f} to the right"
    upwards = (
        f", z{chosen[1] + 1} from {places[0, 1]:.1f} to {places[-1, 1]:.1f} upwards" if height > 1 else ""
    )
    spacing = (
        "As many codes lie between two pictures as between any others; other dimensions at their medians."
    )
    return laid_out(decoded(model, z), (about, f"{across}{upwards}.", spacing), 0)


def decoded(model: VAE, z: np.ndarray) -> np.ndarray:
    """Codes (R, K, Z) -> pictures (R, K, C, H, W) uint8. Raises ExportError for too many large ones."""
    rows, columns, _ = z.shape
    if rows * columns * np.prod(model.shape) > MOST_DOTS:
        raise ExportError("The sheet would be larger than a printer takes; explore the run in a browser.")
    pictures = latent.to_bytes(latent.decode(model, z.reshape(rows * columns, -1)))
    return pictures.reshape(rows, columns, *pictures.shape[1:])


def laid_out(pictures: np.ndarray, words: Sequence[str], names: int) -> Sheet:
    """Pictures in a grid below a title and what it shows."""
    rows, columns, channels, height, width = pictures.shape
    zoom = zoom_of(columns, width, names)
    step = (zoom * width + GAP, zoom * height + GAP)
    origin = (EDGE + names, EDGE + round((len(words) + 1.5) * LINE))
    paper = (max(WIDTH, origin[0] + columns * step[0] + EDGE), origin[1] + rows * step[1] + EDGE)
    if paper[0] * paper[1] > MOST_DOTS:
        raise ExportError("The sheet would be larger than a printer takes; explore the run in a browser.")
    image = Image.new("RGB", paper, Look(False, 1).paper)
    write(image, (EDGE, EDGE), words[0], Look(False, 1).ink, 1.3 * LINE, width=paper[0] - 2 * EDGE, bold=True)
    for number, text in enumerate(words[1:]):
        _say(image, (EDGE, EDGE + round((number + 1.6) * LINE)), text)
    for row in range(rows):
        for column in range(columns):
            pixels = np.repeat(pictures[row, column], 3, 0) if channels == 1 else pictures[row, column]
            dots = pixels.transpose(1, 2, 0).repeat(zoom, 0).repeat(zoom, 1)
            image.paste(Image.fromarray(dots), (origin[0] + column * step[0], origin[1] + row * step[1]))
    write(
        image,
        (paper[0] - EDGE, paper[1] - EDGE + LINE),
        "Latentscape",
        Look(False, 1).quiet,
        0.7 * LINE,
        right=True,
    )
    return Sheet(image, origin, step, zoom)


def _say(image: Image.Image, place: tuple[int, int], text: str, bold: bool = False) -> None:
    look = Look(False, 1)
    colour = look.ink if bold else look.quiet
    write(image, place, text, colour, 0.8 * LINE, width=image.width - EDGE - place[0], bold=bold)
