"""The frames of a path as a table: CSV as `table` writes it, one row a frame.

Columns: `frame` from 1; `share` of the way, 0 at its beginning, 1 at its end, beyond them past the ends;
`anchor`, the name of the one that stands there; `support` in [0, 1], see `vae_core.support`, and
`nearest_number` and `nearest_label_name`, the nearest example, all three empty where they are not known;
`z1`.. the code. Torch is only needed for geodesics and steps of equal change.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vae_core import ways
from vae_core.errors import ExportError
from vae_core.first_way import first_way
from vae_core.run import Run
from vae_core.taking import journey, table
from vae_core.taking.journey import Journey
from vae_core.taking.kind import Choices, Tell

MOST = 10_000  # rows


def size(run: Run, choices: Choices) -> int:
    """Bytes, about. Raises ExportError for too few or too many rows."""
    digits = 10 * run.config.model.latent + 50
    return _count(choices) * digits + 8 * run.config.model.latent


def save(run: Run, path: Path, choices: Choices, tell: Tell = lambda share: None) -> None:
    """Raises ExportError, PathError, ConfigError, RunError, RunDamagedError, StorageError."""
    way, count = choices.way or first_way(run), _count(choices)
    found = journey.travelled(run, way, count, choices.beta, lambda share: tell(share / 2))
    table.write_csv(rows(found), path, lambda share: tell((1 + share) / 2))


def _count(choices: Choices) -> int:
    count = choices.count or ways.COUNT
    if not 2 <= count <= MOST:
        raise ExportError(f"A path's codes are 2 to {MOST:,} rows, asked for are {count}.")
    return count


def rows(found: Journey) -> pa.Table:
    """Of a path's frames."""
    examples, frames = found.examples, np.arange(len(found.codes))
    anchors: list[str | None] = [None] * len(frames)
    for mark, name in zip(found.marks, found.names, strict=True):
        if abs(mark - round(mark)) < 1e-6:
            anchors[round(mark)] = name
    near = np.maximum(found.nearest, 0)
    unknown = found.nearest < 0
    labels, names = examples.labels[near], examples.label_names
    known = (labels >= 0) & (labels < len(names)) & ~unknown
    columns: dict[str, Any] = {
        "frame": frames + 1,
        "share": found.shares,
        "anchor": pa.array(anchors, pa.string()).dictionary_encode(),
        "support": pa.array(found.support, mask=np.isnan(found.support)),
        "nearest_number": pa.array(examples.index[near], mask=unknown),
    }
    texts = [names[label] if is_known else None for label, is_known in zip(labels, known, strict=True)]
    columns["nearest_label_name"] = pa.array(texts, pa.string()).dictionary_encode()
    columns |= {f"z{k + 1}": np.ascontiguousarray(found.codes[:, k]) for k in range(found.codes.shape[1])}
    return pa.table(columns)
