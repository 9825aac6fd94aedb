"""Errors whose text is written for a person: what was wrong, what was found, what to do.

Everything a user can cause ends as one of these; anything else is a bug of ours.
"""

OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")  # in torch's words


class LatentscapeError(Exception):
    """Base of all errors meant for people. `str(error)` is one or two plain sentences."""


class ConfigError(LatentscapeError):
    """A setting is unknown, out of range, or does not go with another."""


class DataError(LatentscapeError):
    """A data set cannot be used as it is."""


class BadMagicError(DataError):
    """The file is not of the kind its name says."""


class TruncatedError(DataError):
    """The file ends before its header says it should."""


class ChecksumError(DataError):
    """The file's contents are not what its authors published."""


class LabelError(DataError):
    """Labels and images do not match."""


class EmptyDataError(DataError):
    """There is nothing in it, or too little to split."""


class DataMissingError(DataError):
    """The data set is not on this machine yet and has to be downloaded first."""


class NotYoursError(DataError):
    """The imported pictures belong to someone else."""


class ImportCancelledError(DataError):
    """The person who asked for the import called it off; nothing was kept."""


class DownloadError(DataError):
    """The download did not arrive; nothing was changed."""


class DownloadCancelledError(DownloadError):
    """The person who asked for the download called it off."""


class DivergedError(LatentscapeError):
    """A training was not finite again after its learning rate was halved."""


class RunError(LatentscapeError):
    """A stored run cannot be used."""


class RunNotFoundError(RunError):
    """No run has that id."""


class RunDamagedError(RunError):
    """A file of the run is missing, cut short, or not what it should be."""


class RunBusyError(RunError):
    """Another process is training this run."""


class ReplayError(LatentscapeError):
    """There is nothing to replay, or no film can be made of it here."""


class ViewNotFoundError(LatentscapeError):
    """No saved view of this run has that id."""


class StorageError(LatentscapeError):
    """Saving failed (disk full, folder not writable); what was saved before is untouched."""


class UnreadableFileError(LatentscapeError):
    """A file is missing, cut short, too large or not of its format; the text begins with its name."""


class PackError(LatentscapeError):
    """A network cannot be turned into a browser bundle."""


class BundleError(LatentscapeError):
    """A browser bundle cannot be read."""


class NewerFormatError(ConfigError, BundleError, UnreadableFileError):
    """A newer version of Latentscape wrote the file, with which nothing is wrong."""


class MapError(LatentscapeError):
    """The encoded examples cannot be laid out in this way."""


class CarryError(LatentscapeError):
    """A file that should hold a run from elsewhere does not, or not a whole one."""


class ExportError(LatentscapeError):
    """A file to take along cannot be made of this run, or not here."""


class PathError(LatentscapeError):
    """A path through a latent space cannot be made of what was given."""


class DirectionError(LatentscapeError):
    """A direction, or the groups that it leads from and to, cannot be had, kept, renamed or read as it is."""


class TagError(LatentscapeError):
    """A tag cannot be kept, renamed or read as it is."""


class ServiceError(LatentscapeError):
    """The training service cannot do what was asked."""


class LadderError(LatentscapeError):
    """A ladder of separately trained runs cannot be kept, read, or shown as it is."""


class LadderNotFoundError(RunNotFoundError):
    """No ladder has that id."""


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: Python's error, or torch's, which on a processor is a RuntimeError like any."""
    told = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in told for words in OUT_OF_MEMORY)
    )
