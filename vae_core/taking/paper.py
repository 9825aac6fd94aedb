"""The paper that sheets are laid out on, and about how many bytes one has, without torch."""

from vae_core.run import Run
from vae_core.taking import likely_pictures

WIDTH = 2480  # dots across A4; wider only where pictures are
EDGE, GAP, LINE = 150, 8, 44  # dots around the sheet, between pictures, of a line of text
NAMES = 420  # dots left of a traversal, for what each row is
HEAD, NAMED = 40_000, 11_000  # bytes, about, of the words above the pictures, and beside a row of them


def zoom_of(columns: int, width: int, names: int) -> int:
    """Dots along a pixel of pictures `width` wide, beside so many dots of words."""
    room = WIDTH - 2 * EDGE - names
    return max(1, (room - (columns - 1) * GAP) // (columns * width))


def size(run: Run, rows: int, columns: int, names: int = 0) -> int:
    """Bytes, about, of a sheet as PNG. Raises RunError, RunDamagedError."""
    zoom = zoom_of(columns, run.examples().images.shape[-1], names)
    words = HEAD + (NAMED * rows if names else 0)
    return words + likely_pictures.sheet_bytes(run, rows, columns, zoom)
