"""A run's encoded examples as a table: CSV for spreadsheets, Parquet for everything else.

One row for each point of the map. Columns: `number` in the data set; `label` and `label_name`, empty where
unknown; `z1`.. the means and `log_var_z1`.. the log-variances of q(z | x); `squared_error` per pixel value of
the reconstruction, where it is known; `factor: NAME` for what is known to have made the picture. Parquet says
in its schema, under "latentscape", which run it is of. By pyarrow, which Streamlit
needs anyway; needs no torch.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from vae_core.explorer import bundle
from vae_core.migrations import ABOUT
from vae_core.run import Run
from vae_core.taking.whole import whole

Tell = Callable[[float], None]

ROWS = 8_192  # written between two looks at whether it is called off
SAMPLE = 500  # rows by which the size of a CSV file is told before
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel reads umlauts as something else

# A spreadsheet runs what begins so as a formula, also in the letters of full width. One that splits lines at
# another separator than ours sees a beginning behind each of those as well.
FORMULA = re.compile(r"(^|[;,|\t\r\n\"'])(?=\s*[=+\-@＝＋－＠])|^(?=[\t\r\n])")


def table(run: Run) -> pa.Table:
    """The encoded examples of a finished run. Raises RunError, RunDamagedError, BundleError."""
    meta, tensors = bundle.read(run.bundle())
    label = tensors["points.label"]
    columns: dict[str, Any] = {"number": tensors["points.index"]}
    if names := list(meta["labels"]):
        unknown = (label < 0) | (label >= len(names))
        columns["label"] = pa.array(label, mask=label < 0)
        places = pa.array(np.where(unknown, 0, label).astype(np.int32), mask=unknown)
        columns["label_name"] = pa.DictionaryArray.from_arrays(places, pa.array(names, pa.string()))
    for title, name in (("z", "points.mu"), ("log_var_z", "points.log_var")):
        codes = tensors[name].astype(np.float32)
        columns |= {f"{title}{k + 1}": np.ascontiguousarray(codes[:, k]) for k in range(codes.shape[1])}
    if "points.error" in tensors:
        columns["squared_error"] = tensors["points.error"].astype(np.float32)
    for k, factor in enumerate(meta.get("factors", ())):
        columns[f"factor: {factor}"] = tensors[f"factors.{k}"]
    about = {key: meta[key] for key in ("title", "run", "data", "beta", "latent", "shape", "likelihood")}
    return pa.table(columns).replace_schema_metadata({ABOUT: json.dumps(about)})


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet runs: an apostrophe stands before what would be a formula.

    As OWASP advises on CSV injection: before =, +, -, @, tab and carriage return; and behind separators.
    """
    return FORMULA.sub(r"\1'", text)


def write_csv(rows: pa.Table, path: Path, tell: Tell = lambda share: None) -> None:
    """UTF-8 with a byte order mark; numbers in the fewest digits that give them back.

    `tell` hears the share done and may raise to call it off. Raises StorageError.
    """
    with whole(path) as temporary, open(temporary, "xb") as file:
        _write_csv(rows, file, tell)


def _write_csv(rows: pa.Table, file: Any, tell: Tell = lambda share: None) -> None:
    safe = _safe(rows)
    file.write(BYTE_ORDER_MARK)
    with csv.CSVWriter(file, safe.schema) as writer:
        for part in _parts(safe, tell):
            writer.write_table(part)


def write_parquet(rows: pa.Table, path: Path, tell: Tell = lambda share: None) -> None:
    """`tell` as in `write_csv`. Raises StorageError."""
    with (
        whole(path) as temporary,
        parquet.ParquetWriter(temporary, rows.schema, use_dictionary=["label_name"]) as writer,
    ):
        for part in _parts(rows, tell):
            writer.write_table(part)


def csv_size(rows: pa.Table) -> int:
    """Bytes of it as CSV, about: by its first rows."""
    sample = io.BytesIO()
    _write_csv(rows.slice(0, SAMPLE), sample)
    return len(sample.getvalue()) * max(1, rows.num_rows) // max(1, min(rows.num_rows, SAMPLE))


def _safe(rows: pa.Table) -> pa.Table:
    """With names and texts that are `harmless`."""
    columns: Mapping[str, Any] = {harmless(name): _safe_column(rows[name]) for name in rows.column_names}
    return pa.table(columns)


def _safe_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    parts = []
    for part in column.chunks:
        texts = [harmless(text) for text in part.dictionary.to_pylist()]
        parts.append(pa.array(texts, pa.string()).take(part.indices))
    return pa.chunked_array(parts, pa.string())


def _parts(rows: pa.Table, tell: Tell) -> Iterator[pa.Table]:
    tell(0.0)
    for start in range(0, max(1, rows.num_rows), ROWS):
        yield rows.slice(start, ROWS)
        tell(min(1.0, (start + ROWS) / max(1, rows.num_rows)))
