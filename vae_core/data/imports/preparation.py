"""How every imported picture is made alike, and how much is read of what a stranger may send."""

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from PIL import Image, ImageOps
from pydantic import Field, ValidationError

from vae_core.config import Section, allowed, fields, short
from vae_core.errors import ConfigError
from vae_core.settings import settings

HALF = 128  # greys from here on become white when binarised


class Choices(Section):
    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Self:
        """The door for what a person said.

        Raises ConfigError naming every bad field with its value and what is allowed.
        """
        known = fields(cls)
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            sentences = []
            for problem in error.errors(include_url=False):
                name = str(problem["loc"][0]) if problem["loc"] else ""
                if name in known:
                    sentences.append(
                        f"{name} is {short(problem['input'])}, allowed is {allowed(known[name])}."
                    )
                else:
                    sentences.append(f"There is no setting {short(name)}; known here: {', '.join(known)}.")
            raise ConfigError(" ".join(sentences[:5])) from None


class Preparation(Choices):
    """What is done to each picture."""

    size: int = Field(
        32,
        ge=8,
        le=128,
        description="Height and width of the prepared pictures; larger shows more and trains slower.",
        json_schema_extra={"unit": "px"},
    )
    fit: Literal["crop", "letterbox"] = Field(
        "crop",
        description="How a picture becomes square: cut to its middle, or whole between bars.",
    )
    colour: Literal["grey", "colour"] = Field(
        "grey", description="Grey keeps brightness only; colour has three times as many numbers to learn."
    )
    invert: bool = Field(
        False, description="Swap dark and light; dark ink on white paper trains better inverted."
    )
    binarise: bool = Field(
        False, description="Make each pixel black or white; suits line drawings and the Bernoulli likelihood."
    )
    cap: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Look at no more than this many pictures, always the same random ones; 0 looks at all.",
    )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of a prepared picture."""
        return (3 if self.colour == "colour" else 1), self.size, self.size

    def chosen(self, count: int) -> range | np.ndarray:
        """Which of `count` pictures are looked at under the cap, ascending."""
        if not self.cap or self.cap >= count:
            return range(count)
        return np.sort(np.random.default_rng(0).permutation(count)[: self.cap])


class Limits(Choices):
    """What is read at most. A picture above a limit is left out with a line in the report, a file refused."""

    upload_bytes: int = Field(2**29, ge=1, le=2**40, description="Bytes of the file that is imported.")
    file_bytes: int = Field(2**26, ge=1, le=2**40, description="Bytes of one picture's file, unpacked.")
    inflated_bytes: int = Field(2**30, ge=1, le=2**40, description="Bytes of all files together, unpacked.")
    picture_pixels: int = Field(
        50_000_000, ge=1, le=2**30, description="Height times width of one picture as it comes."
    )
    entries: int = Field(100_000, ge=1, le=10_000_000, description="Files in one archive or folder.")
    total_pixels: int = Field(2**28, ge=1, le=2**34, description="Numbers in all prepared pictures together.")
    classes: int = Field(1000, ge=1, le=30_000, description="Different labels.")  # a bundle holds 2**15

    @classmethod
    def of_this_machine(cls) -> Self:
        """The defaults, changed by LATENTSCAPE_LIMITS="entries=5000 classes=100". Raises ConfigError."""
        return cls.parse(settings().limits)


def plain_picture(image: Image.Image, colour: bool) -> Image.Image:
    """The first frame as 8-bit grey ("L") or "RGB", upright, transparent parts on white."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a pixel; convert("L") would clip instead of scale
        image = Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB" if colour else "L")


def prepare(image: Image.Image, preparation: Preparation) -> np.ndarray:
    """(C, size, size) uint8 from what `plain_picture` gives: fitted, then inverted, then binarised."""
    side = (preparation.size, preparation.size)
    bilinear = Image.Resampling.BILINEAR  # PIL widens it when shrinking, and it cannot overshoot
    if preparation.fit == "crop":
        pixels = np.asarray(ImageOps.fit(image, side, bilinear))
    else:
        scale = preparation.size / max(image.size)
        width, height = (min(max(round(extent * scale), 1), preparation.size) for extent in image.size)
        pixels = _barred(np.asarray(image.resize((width, height), bilinear)), preparation.size, _edge(image))
    if preparation.invert:
        pixels = 255 - pixels
    if preparation.binarise:
        pixels = np.where(pixels >= HALF, 255, 0).astype(np.uint8)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _edge(image: Image.Image) -> np.ndarray:
    """The median colour of the outermost pixels, () or (3,)."""
    pixels = np.asarray(image)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return np.median(edge, axis=0).astype(np.uint8)


def _barred(pixels: np.ndarray, size: int, colour: np.ndarray) -> np.ndarray:
    """The picture (H, W) or (H, W, 3) in the middle of a square of that colour."""
    square = np.empty((size, size, *pixels.shape[2:]), np.uint8)
    square[:] = colour
    top, left = (size - pixels.shape[0]) // 2, (size - pixels.shape[1]) // 2
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return square
