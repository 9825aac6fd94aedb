"""Reading uploaded pictures in a thread of their own, so that nobody waits and anybody can call it off."""

import logging
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from app.data_upload import Upload
from vae_core.data.imports import Collected, Limits, Preparation, read
from vae_core.errors import DataError, EmptyDataError, ImportCancelledError, LatentscapeError

AT_ONCE = 2  # on the whole server; each may hold a gigabyte while it reads
GLANCE = 40  # pictures looked at before all are
SMALLEST = 8  # pixels, of a prepared picture
TINT = 2  # of 255, between the colours of a pixel on average, from where on pictures are coloured
_turns = threading.BoundedSemaphore(AT_ONCE)
_log = logging.getLogger(__name__)


@dataclass
class Reading:
    """How the reading of one upload, prepared in one way, stands. Read by the page, written by the thread.

    Without a preparation one is made that suits the pictures.
    """

    upload: Upload
    preparation: Preparation | None
    images: str
    labels: str
    limits: Limits
    done: int = 0
    total: int = 0  # pictures, 0 while unknown
    waits: bool = False  # for other visitors' readings
    running: bool = True
    error: str = ""  # a sentence, empty while all is well
    glance: np.ndarray | None = None  # (n, C, H, W) uint8, some pictures as they will be seen
    found: Collected | None = None  # all of them, their pixels on disk
    counts: bool = False  # whether all pictures are being read, and no longer a few
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def start(self) -> "Reading":
        threading.Thread(target=self._run, name="reading", daemon=True).start()
        return self

    def cancel(self) -> None:
        self.cancelled.set()

    def _run(self) -> None:
        try:
            self._wait()
            try:
                self._read()
            finally:
                _turns.release()
        except ImportCancelledError:
            pass
        except LatentscapeError as error:
            self.error = str(error)
        except MemoryError:
            self.error = "The server's memory does not suffice for that; try a smaller size or fewer."
        except Exception:
            _log.exception("Reading %s", self.upload.title)
            self.error = "Reading failed for a reason we did not foresee; the server's log has it. Try again."
        finally:
            self.running = False

    def _wait(self) -> None:
        """For a turn."""
        while not _turns.acquire(timeout=0.2):
            self.waits = True
            self._count(0, 0)
        self.waits = False

    def _read(self) -> None:
        preparation = self.preparation = self.preparation or self._suitable()
        if self.upload.contents.kind == "pictures":
            self.glance = self._some(preparation)
        self.counts = True
        found = self._all(preparation)
        self.found = self._on_disk(found)

    def _suitable(self) -> Preparation:
        """Colour where there is some; the pictures' own size where it is small."""
        side, coloured = self.upload.contents.side, self.upload.contents.is_coloured
        if self.upload.contents.kind == "pictures":
            with suppress(EmptyDataError):  # reading all of them will say so
                few = self._all(Preparation(size=8, colour="colour", cap=GLANCE))
                side = max(few.sizes.most_common(1)[0][0])
                spread = few.images.max(1).astype(int) - few.images.min(1)
                coloured = bool(spread.mean() > TINT)
        usual = Preparation()
        size = side if SMALLEST <= side <= usual.size else usual.size
        return Preparation(size=size, colour="colour" if coloured else "grey")

    def _some(self, preparation: Preparation) -> np.ndarray | None:
        cap = min(preparation.cap or GLANCE, GLANCE)
        try:
            return self._all(preparation.model_copy(update={"cap": cap})).preview().pictures
        except DataError as error:
            if isinstance(error, ImportCancelledError):
                raise
            return None

    def _all(self, preparation: Preparation) -> Collected:
        labels = str(self.upload.labels) if self.upload.labels else self.labels
        return read(
            self.upload.path,
            preparation,
            self.limits,
            images=self.images,
            labels=labels,
            progress=self._count,
        )

    def _count(self, done: int, total: int) -> None:
        if self.cancelled.is_set():
            raise ImportCancelledError("The reading was called off; nothing was kept.")
        if self.counts:
            self.done, self.total = done, total

    def _on_disk(self, found: Collected) -> Collected:
        """The same with its pixels in the upload's folder, so that an open page costs no memory."""
        path = Path(self.upload.folder.name, f"{uuid.uuid4().hex}.npy")
        try:
            pixels = np.lib.format.open_memmap(path, "w+", np.uint8, found.images.shape)
            pixels[:] = found.images
            pixels.flush()
            images = np.lib.format.open_memmap(path, "r").view(np.ndarray)
            path.unlink()  # the space is given back once nobody looks at it any more
        except OSError as error:
            raise DataError(f"The pictures could not be kept: {error.strerror}. Try again later.") from None
        return replace(found, images=images)
