"""The pictures to learn from: one module a source, all giving the same `Dataset`.

A new source is one module with a `SourceInfo`, one line in `SOURCES`, and its name in `config.Source`.
Imported pictures are sources too, called "own:<id>": `imports` reads them, `library` keeps them.
"""

from collections.abc import Callable

from vae_core.config import OWN, DataConfig, RunConfig
from vae_core.data import colour_shapes, digits, dsprites, files, kmnist, mnist, shapes
from vae_core.data.dataset import Dataset, Progress, SourceInfo
from vae_core.data.downloads import fetch
from vae_core.data.library import Library
from vae_core.errors import ChecksumError, DataError, DataMissingError

__all__ = ["SOURCES", "Dataset", "Progress", "SourceInfo", "available", "download", "info", "load", "titled"]

NAME = 80  # characters of a run's name

SOURCES: dict[str, SourceInfo] = {
    info.name: info
    for info in (
        digits.INFO,
        shapes.INFO,
        colour_shapes.SMALL,
        colour_shapes.LARGE,
        mnist.MNIST,
        mnist.FASHION_MNIST,
        kmnist.KMNIST,
        dsprites.INFO,
    )
}


def load(config: DataConfig, progress: Progress | None = None) -> Dataset:
    """The data set, split as the config says. Never downloads.

    `progress(done, total)` is told as parts of it are read. Raises DataMissingError where it has to be
    downloaded first, ChecksumError for a changed file, EmptyDataError where the limit leaves too little.
    """
    found = info(config.source)
    if not available(config.source):
        raise DataMissingError(
            f"{found.title} is not on this machine yet ({found.bytes / 1e6:.0f} MB). Download it on the "
            f"Train page or with vae_core.data.download({found.name!r}), or put its files into "
            f"{files.cache_folder(found.name)}."
        )
    return found.load(found, config, progress)


def available(source: str) -> bool:
    """Whether the source can be loaded without a download. Looks for the files, does not read them."""
    if source.startswith(OWN):
        return Library().holds(source)
    found = info(source)
    whole = all(files.find(source, file.name) for file in found.files)
    return whole or any(files.find(source, file.name) for file in found.instead)


def download(source: str, progress: Progress | None = None, cancel: Callable[[], bool] | None = None) -> None:
    """Fetches what is missing or damaged of a source into the download cache.

    `progress(done, total)` counts bytes; `cancel()` is asked for every piece, True calls the download off.
    Files become visible whole and verified, or not at all. Raises DownloadError (DownloadCancelledError when
    called off), ChecksumError, StorageError.
    """
    missing = [file for file in info(source).files if not _intact(source, file)]
    if missing:
        fetch(missing, files.cache_folder(source), progress, cancel)


def _intact(source: str, file: files.RemoteFile) -> bool:
    path = files.find(source, file.name)
    if path is None:
        return False
    try:
        files.verify(path, file)
    except ChecksumError:
        if path.parent == files.cache_folder(source):
            return False
        raise  # a person's own file: not ours to replace, and it hides what we would download
    return True


def info(source: str) -> SourceInfo:
    """A source by its name, built in or imported.

    Raises DataError for a name that is none, DataMissingError for imported pictures that are not here.
    """
    if source.startswith(OWN):
        return Library().get(source).info()
    if source not in SOURCES:
        raise DataError(f"There is no data set {source!r}; there are {', '.join(SOURCES)}.")
    return SOURCES[source]


def titled(config: RunConfig) -> RunConfig:
    """With a name where a run on imported pictures has none: it is called after them, not after their id."""
    if config.name or not config.data.source.startswith(OWN):
        return config
    title = info(config.data.source).title
    return config.override({"name": config.title().replace(config.data.source, title)[:NAME]})
