"""A run's codes for the Embedding Projector, in TensorBoard or at projector.tensorflow.org, as one zip.

`tensors.tsv` holds the means of q(z | x), a row for each point of the map, `metadata.tsv` number and class,
`sprite.png` their pictures in a square, row by row; `projector_config.pbtxt` says so to TensorBoard and
`config.json` to a Projector on a web page. Needs no torch.
"""

import io
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from vae_core.errors import RunDamagedError
from vae_core.explorer import bundle
from vae_core.explorer.extras import pooled
from vae_core.run import Run
from vae_core.taking.table import harmless
from vae_core.taking.whole import archive, entry

Tell = Callable[[float], None]

FOLDER = "projector"  # that the zip unpacks to
SPRITE_SIDE = 8192  # pixels of a texture that browsers take for certain
SAMPLE = 400  # pictures that the size is told from
ROWS = 2_000  # made into text between two looks at whether it is called off

PBTXT = """embeddings {{
  tensor_name: "{name}"
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
{sprite}}}
"""
SPRITE = """  sprite {{
    image_path: "sprite.png"
    single_image_dim: {width}
    single_image_dim: {height}
  }}
"""
README = """The codes of a run of Latentscape, for the Embedding Projector.

With TensorBoard: unpack this, run `tensorboard --logdir projector` and choose Projector.
Without: open https://projector.tensorflow.org and load tensors.tsv and metadata.tsv there.
"""


def write(run: Run, path: Path, tell: Tell = lambda share: None) -> None:
    """The zip of a finished run. `tell` hears the share done and may raise to call it off.

    Where the examples' pictures are not those of the map, the sprite is left out. Raises RunError,
    RunDamagedError, BundleError, StorageError.
    """
    meta, tensors = bundle.read(run.bundle())
    codes = tensors["points.mu"].astype(np.float32)
    images = _pictures(run, tensors["points.index"])
    with archive(path) as packed:
        tell(0.0)
        with packed.open(entry(FOLDER, "tensors.tsv"), "w") as file:
            for start, text in _numbers(codes):
                file.write(text.encode())
                tell(0.7 * start / len(codes))
        packed.writestr(entry(FOLDER, "metadata.tsv"), _labels(tensors, meta["labels"]))
        size = None
        if images is not None:
            picture, size = sprite(images)
            packed.writestr(entry(FOLDER, "sprite.png"), _png(picture))
        name = meta["title"] or run.id
        packed.writestr(entry(FOLDER, "projector_config.pbtxt"), _pbtxt(name, size))
        packed.writestr(entry(FOLDER, "config.json"), _json(name, codes.shape, size))
        packed.writestr(entry(FOLDER, "README.txt"), README)
        tell(1.0)


def size(run: Run) -> int:
    """Bytes of the zip, about."""
    tensors = bundle.read(run.bundle())[1]
    images = _pictures(run, tensors["points.index"])
    count, few = len(tensors["points.mu"]), 0
    if images is not None:
        some = pooled(images[:SAMPLE], _factor(images.shape))
        few = len(_png(sprite(some)[0])) * count // len(some)
    return 5 * tensors["points.mu"].size + 4 * count + few + 1_500


def sprite(images: np.ndarray) -> tuple[Image.Image, tuple[int, int]]:
    """Pictures (N, C, H, W) uint8 in a square, row by row, as large as fits; width and height of each."""
    side = math.ceil(math.sqrt(len(images)))
    small = pooled(images, _factor(images.shape))
    count, channels, height, width = small.shape
    sheet = np.zeros((side * side, channels, height, width), np.uint8)
    sheet[:count] = small
    grid = sheet.reshape(side, side, channels, height, width).transpose(0, 3, 1, 4, 2)
    pixels = grid.reshape(side * height, side * width, channels)
    return Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels), (width, height)


def _factor(shape: tuple[int, ...]) -> int:
    """By how much pictures (N, C, H, W) are made smaller, so that all of them fit."""
    return math.ceil(max(shape[2:]) * math.ceil(math.sqrt(shape[0])) / SPRITE_SIDE)


def _pictures(run: Run, index: np.ndarray) -> np.ndarray | None:
    """Those of all points (N, C, H, W), if the run has them."""
    try:
        examples = run.examples()
    except RunDamagedError:
        return None
    count = len(index)
    if count == 0 or not np.array_equal(examples.index[:count], index):
        return None
    return examples.images[:count]


def _png(picture: Image.Image) -> bytes:
    held = io.BytesIO()
    picture.save(held, "PNG", optimize=False)
    return held.getvalue()


def _numbers(codes: np.ndarray) -> Iterator[tuple[int, str]]:
    """Rows as text, in the fewest digits that give them back, with where each part starts."""
    for start in range(0, len(codes), ROWS):
        part = codes[start : start + ROWS].astype(str)
        yield start, "".join("\t".join(row) + "\n" for row in part)


def _labels(tensors: dict[str, np.ndarray], names: list[str]) -> str:
    """With a head, as two columns want one. The Projector knows no quotes, so names are one line each."""
    numbers, labels = tensors["points.index"].tolist(), tensors["points.label"].tolist()
    shown = [harmless(" ".join(name.split())) or f"class {k}" for k, name in enumerate(names)]
    classes = [shown[label] if 0 <= label < len(shown) else "unknown" for label in labels]
    return "number\tlabel\n" + "".join(f"{number}\t{name}\n" for number, name in zip(numbers, classes))


def _pbtxt(name: str, size: tuple[int, int] | None) -> str:
    quoted = "".join(letter if letter.isprintable() and letter not in '"\\' else " " for letter in name)
    picture = "" if size is None else SPRITE.format(width=size[0], height=size[1])
    return PBTXT.format(name=quoted, sprite=picture)


def _json(name: str, shape: tuple[int, ...], size: tuple[int, int] | None) -> str:
    about = {
        "tensorName": name,
        "tensorShape": list(shape),
        "tensorPath": "tensors.tsv",
        "metadataPath": "metadata.tsv",
    }
    sprite = {} if size is None else {"sprite": {"imagePath": "sprite.png", "singleImageDim": list(size)}}
    return json.dumps({"embeddings": [about | sprite]}, indent=2)
