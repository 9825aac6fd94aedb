"""Which files a run can be taken along as. The command line and the Runs page both ask here.

What is said before a file is made needs no torch.
"""

from importlib.util import find_spec
from pathlib import Path

from vae_core.explorer import bundle, page
from vae_core.run import Run
from vae_core.taking import film_kinds, paper
from vae_core.taking.kind import Choices, Kind, Tell
from vae_core.taking.palette_kind import PALETTE
from vae_core.training_health import ACTIVE

SHEETS = {"traversal": 11, "manifold": 15}  # and pictures in a row
LONGEST = 150  # bytes of a file's name before its ending
MODELS = ("png", "palette", "onnx", "torch", *film_kinds.FOLLOWING)  # kinds that are of one beta
NO_ONNX = (
    "ONNX files need the packages onnx and onnxruntime, which are not installed here. Install them with "
    "`pip install onnx onnxruntime`, or take the model along for torch."
)


def file_name(run: Run, kind: Kind, title: str = "") -> str:
    """What the file is called: its title, or the run's, without what a file system would take amiss."""
    stem = Path(page.file_name(title or run.title)).stem.encode("utf-8", "ignore")
    return stem[:LONGEST].decode("utf-8", "ignore") + (kind.endings() if kind.endings else kind.ending)


def _html_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import html_file

    return html_file.size(run, choices)


def _html(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import html_file

    html_file.write(run, path, choices, tell)


def _csv_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import table

    return table.csv_size(table.table(run))


def _csv(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import table

    table.write_csv(table.table(run), path, tell)


def _parquet_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import table

    found = table.table(run)
    return int(found.nbytes) + 1_000 + 220 * found.num_columns


def _parquet(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import table

    table.write_parquet(table.table(run), path, tell)


def _projector_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import projector

    return projector.size(run)


def _projector(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import projector

    projector.write(run, path, tell)


def _zip_size(run: Run, choices: Choices) -> int:
    from vae_core.carrying import size

    return size(run, choices.checkpoint)


def _zip(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.carrying import pack

    pack(run, path, choices.checkpoint, tell)


def _model_size(run: Run, choices: Choices) -> int:
    return sum(array.nbytes for array in run.weights().values()) + 8_000


def _torch(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import portable

    portable.write(run, path, choices.beta, tell)


def onnx_obstacle() -> str:
    """Why ONNX files cannot be made here, or nothing."""
    return "" if find_spec("onnx") and find_spec("onnxruntime") else NO_ONNX


def _onnx(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import onnx_files

    onnx_files.write(run, path, choices.beta, tell)


def _sheet_size(run: Run, choices: Choices) -> int:
    columns = SHEETS[choices.sheet]
    if choices.sheet == "manifold":
        return paper.size(run, columns, columns)
    telling = sum(kl > ACTIVE for kl in bundle.read(run.bundle())[0]["kl"])
    return paper.size(run, telling, columns, paper.NAMES)


def _sheet(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import sheets

    sheets.save(run, path, choices.sheet, choices.beta, tell)


def _svg_size(run: Run, choices: Choices) -> int:
    from vae_core.taking import svg_map

    return svg_map.size(run)


def _svg(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import svg_map

    svg_map.write(run, path, tell)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("html", "Web page (HTML)", "One file that opens in any browser.", ".html", _html_size, _html),
        *film_kinds.KINDS,
        Kind("csv", "Table (CSV)", "Encoded examples for a spreadsheet.", ".csv", _csv_size, _csv),
        Kind(
            "parquet",
            "Table (Parquet)",
            "The same for pandas and databases.",
            ".parquet",
            _parquet_size,
            _parquet,
        ),
        Kind(
            "projector",
            "Embedding Projector",
            "Codes, classes and pictures for TensorBoard's Projector, as a zip.",
            "-projector.zip",
            _projector_size,
            _projector,
        ),
        Kind(
            "png",
            "Sheet to print (PNG)",
            "What each dimension does, or a manifold, at 300 dots an inch.",
            "-sheet.png",
            _sheet_size,
            _sheet,
        ),
        PALETTE,
        Kind("svg", "Map (SVG)", "The map for print and drawing programs.", "-map.svg", _svg_size, _svg),
        Kind(
            "onnx",
            "Model (ONNX)",
            "Encoder and decoder for ONNX runtimes, as a zip.",
            "-onnx.zip",
            _model_size,
            _onnx,
            onnx_obstacle,
        ),
        Kind(
            "torch",
            "Model (torch)",
            "The model for torch alone, as a zip: safetensors, config, a short loader.",
            "-torch.zip",
            _model_size,
            _torch,
        ),
        Kind(
            "zip",
            "The whole run",
            "All of it as a zip, for another Latentscape to import.",
            "-run.zip",
            _zip_size,
            _zip,
        ),
    )
}
