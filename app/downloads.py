"""Data sets on their way to this machine: one download a source, whoever asked, in a thread of its own."""

import logging
import threading
from dataclasses import dataclass, field

import streamlit as st

from vae_core import data
from vae_core.errors import DownloadCancelledError, LatentscapeError

_log = logging.getLogger(__name__)


@dataclass
class Download:
    """How a download stands; read by any number of pages."""

    source: str
    done: int = 0  # bytes
    total: int = 0  # bytes, 0 while unknown
    running: bool = True
    error: str = ""  # a sentence, empty while all is well
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def run(self) -> None:
        try:
            data.download(self.source, progress=self._count, cancel=self.cancelled.is_set)
        except DownloadCancelledError:
            pass
        except LatentscapeError as error:
            self.error = str(error)
        except Exception:
            _log.exception("Download of %s", self.source)
            self.error = (
                "The download failed for a reason we did not foresee; the server's log has it. Try again."
            )
        finally:
            self.running = False

    def _count(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@st.cache_resource(show_spinner=False)
def _downloads() -> dict[str, Download]:
    return {}


_lock = threading.Lock()


def current(source: str) -> Download | None:
    """The download of this source under way or last ended; None before the first."""
    return _downloads().get(source)


def start(source: str) -> None:
    """Begin, unless it is under way already."""
    with _lock:
        known = current(source)
        if known and known.running:
            return
        download = _downloads()[source] = Download(source)
    threading.Thread(target=download.run, name=f"download-{source}", daemon=True).start()


def cancel(source: str) -> None:
    """Call it off; nothing unfinished is kept."""
    download = current(source)
    if download:
        download.cancelled.set()
