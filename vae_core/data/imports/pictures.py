"""Picture files from a folder or a zip archive; the folder a file lies in is its label."""

import os
import re
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from vae_core import storage
from vae_core.data.dataset import Progress
from vae_core.data.imports import archive
from vae_core.data.imports.collecting import Collector
from vae_core.errors import DataError, UnreadableFileError

KINDS = {  # PIL's name of a format: how its files are called
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jfif", ".jpe"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
}
SUFFIXES = {suffix for suffixes in KINDS.values() for suffix in suffixes}
PACKED = (b"PK\3\4", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
SYSTEM = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|\._|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)

Place = tuple[str, Callable[[int], bytes | bytearray]]  # name with "/", and its bytes up to a limit


def read_zip(path: Path, collector: Collector, progress: Progress | None = None) -> None:
    """Every picture of an archive. Raises DataError where the archive itself cannot be read."""
    with storage.open_file(path, collector.limits.upload_bytes) as (file, size):
        places: list[Place] = []
        for member in archive.members(file, size, collector.limits.entries):
            if member.is_folder:
                continue
            name = member.name.replace(b"\\", b"/").decode("utf-8", "backslashreplace")
            problem = _refused(member)
            if problem:
                collector.report.skip(name, problem)
            else:
                places.append((name, partial(archive.inflate, file, member)))
        _take(places, collector, progress)


def read_folder(path: Path, collector: Collector, progress: Progress | None = None) -> None:
    """Every picture below a folder; links are not followed. Raises DataError for too many files."""
    places: list[Place] = []
    for folder, folders, names in os.walk(path):
        folders.sort()
        for linked in [name for name in folders if Path(folder, name).is_symlink()]:
            collector.report.skip(Path(folder, linked).relative_to(path).as_posix(), "is a link")
        for name in sorted(names):
            found = Path(folder, name)
            places.append((found.relative_to(path).as_posix(), partial(storage.read_bytes, found)))
        if len(places) > collector.limits.entries:
            raise DataError(
                f"{path} has more than {collector.limits.entries:,} files; at most so many are read."
            )
    _take(places, collector, progress)


def _refused(member: archive.Member) -> str:
    """Why an entry is not even looked at, or nothing."""
    try:
        name = member.name.decode("utf-8")
    except UnicodeDecodeError:
        return "has a name that is not UTF-8"
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "has an absolute path for a name"
    if ".." in parts or "\0" in name:
        return "has a name that leads out of the archive"
    if member.is_link:
        return "is a link"
    if member.encrypted:
        return "is encrypted"
    return ""


def _take(places: Sequence[Place], collector: Collector, progress: Progress | None) -> None:
    report, limits = collector.report, collector.limits
    wanted = []
    for place in places:
        if SYSTEM.search(place[0]):
            report.skip(place[0], "is a file of the operating system")
        else:
            wanted.append(place)
    count, cap = len(wanted), collector.preparation.cap
    likely = [place for place in wanted if Path(place[0]).suffix.lower() in SUFFIXES]
    if cap and len(likely) >= cap:
        wanted = likely  # texts and the like do not use up the cap
    chosen = collector.preparation.chosen(len(wanted))
    report.left_out = count - len(chosen)
    left = limits.inflated_bytes
    for done, index in enumerate(chosen, 1):
        name, read = wanted[index]
        most = min(limits.file_bytes, left)
        if most <= 0:
            report.skip(name, f"is beyond the {limits.inflated_bytes:,} bytes that are unpacked")
            continue
        try:
            values = read(most)
        except archive.EntryError as error:
            report.skip(name, str(error))
            left -= error.spent
        except UnreadableFileError as error:
            report.skip(name, str(error).removeprefix(f"{name.rpartition('/')[2]} "))
        else:
            left -= len(values)
            _add(name, values, collector)
        if progress:
            progress(done, len(chosen))


def _add(name: str, values: bytes | bytearray, collector: Collector) -> None:
    """One file to the pictures, or to the report."""
    suffix = Path(name).suffix.lower()
    report, most = collector.report, collector.limits.picture_pixels
    if not _is_utf8(name):
        report.skip(name, "has a name that is not UTF-8")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a limit of our own
            image = Image.open(BytesIO(values), formats=tuple(KINDS))
        with image:
            if image.width * image.height > most:
                collector.report.skip(
                    name, f"has {image.width}×{image.height} pixels, at most {most:,} are read"
                )
                return
            kind = str(image.format)
            image.load()
            taken = collector.add(name, image, name.split("/")[-2] if "/" in name else None)
    except Image.DecompressionBombError:
        report.skip(name, f"has far more than {most:,} pixels, the most that are read")
    except UnidentifiedImageError:
        report.skip(name, _foreign(suffix, values))
    except Exception as error:  # a decoder fed with damaged or hostile bytes may raise anything
        report.skip(name, f"is damaged ({type(error).__name__} while it was decoded)")
    else:
        if taken and suffix in SUFFIXES and suffix not in KINDS.get(kind, ()):
            report.remark(name, f"is in fact {kind}; it was read as such")


def _foreign(suffix: str, values: bytes | bytearray) -> str:
    if not values:
        return "is empty"
    if values.startswith(PACKED):
        return "is an archive itself; unpack it first"
    if suffix in SUFFIXES:
        return f"is called {suffix} but is no such picture, or is damaged"
    return "is no PNG, JPEG, WebP, GIF or BMP picture"


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # names of the file system carry foreign bytes as lone surrogates
        return False
    return True
