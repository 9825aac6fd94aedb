"""The embedded cluster: a Dask scheduler in this process, worker processes beside it, all on the loopback.

It knows nothing of run stores. What happens is told through one callback, from Dask's own threads.
"""

import logging
import multiprocessing.spawn
import shutil
import tempfile
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Variable

from vae_core.errors import StorageError
from vae_core.lock import hold, is_held
from vae_core.wishes import Wanted
from vae_core.worker import Assignment, Batch, Missing, Prepare, resend, train

SCRATCH = "latentscape-workers-"
STARTS = 3  # of the cluster, before it is given up
QUIET = logging.CRITICAL + 10  # a dead worker is our business, not news for the terminal

SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # we repeat ourselves, from the latest checkpoint
    "distributed.admin.low-level-log-length": 0,  # events pass through, nobody asks for old ones
    "distributed.admin.large-graph-warning-threshold": "1 TiB",  # a checkpoint travels with its task
    "distributed.worker.memory.target": False,  # nothing is ever spilled to disk
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.http.routes": [],  # Dask listens there even without a dashboard
    "distributed.worker.http.routes": [],
}

# So long after a worker was lost, Dask closes its nanny if the worker is away just then, perhaps because it
# came back and died again. Nannies replace their workers themselves, so this must never happen.
LASTING = {"distributed.deploy.lost-worker-timeout": "10000 days"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Joined:
    """A worker can be given work."""

    worker: str


@dataclass(frozen=True)
class Left:
    """A worker is gone, and with it what it did."""

    worker: str


@dataclass(frozen=True)
class Gone:
    """Dask is through with an attempt: its last word was sent, its worker died, or it failed (`trace`)."""

    ticket: int
    trace: str = ""
    died: bool = False


Message = Joined | Left | Batch | Missing | Gone


class Cluster:
    """Raises StorageError, OSError or RuntimeError where it cannot be started."""

    def __init__(self, tell: Callable[[Message], None], workers: int, warm: bool) -> None:
        self._tell = tell
        self._topic = f"latentscape-{uuid.uuid4().hex}"
        self._futures: dict[int, Future] = {}
        self._places: dict[int, str] = {}  # the worker of each attempt
        self._steering: dict[int, Variable] = {}
        _spawn_without_main()
        logging.getLogger("distributed").setLevel(QUIET)
        dask.config.set(LASTING)
        with ExitStack() as stack, dask.config.set(SETTINGS):
            folder = stack.enter_context(_scratch())
            stack.enter_context(dask.config.set({"temporary-directory": str(folder)}))  # the scheduler's
            self._cluster = _started(workers, folder)
            self._client = Client(self._cluster, set_as_default=False)
            self._cleanup = stack.pop_all()
        try:
            self._open(warm)
        except Exception:
            self.close()
            raise

    def start(self, worker: str, assignment: Assignment, wanted: Wanted) -> None:
        """Hands an attempt to a worker that has nothing to do. The ticket comes back with all it tells."""
        ticket = assignment.ticket
        self._places[ticket] = worker
        steering = self._steering[ticket] = Variable(f"{self._topic}-{ticket}", client=self._client)
        steering.set(asdict(wanted))
        what = (assignment, self._topic, steering.name)
        future = self._futures[ticket] = self._client.submit(train, *what, workers=[worker], pure=False)
        future.add_done_callback(lambda done: self._done(ticket, done))

    def steer(self, ticket: int, wanted: Wanted) -> None:
        """Says what is wanted of an attempt; its worker looks every 100 ms."""
        if steering := self._steering.get(ticket):
            steering.set(asdict(wanted))

    def ask(self, ticket: int, first: int) -> None:
        """Has its worker send again what it told of an attempt from event number `first` on, or Missing.

        Nobody waits for it here: a worker may be held up, and where it dies that is told.
        """

        def run(worker: str) -> None:
            with suppress(Exception):
                self._client.run(resend, ticket, first, self._topic, workers=[worker], on_error="ignore")

        if worker := self._places.get(ticket):
            threading.Thread(target=run, args=(worker,), name="gap", daemon=True).start()

    def release(self, ticket: int) -> None:
        """Forgets an attempt that is over."""
        self._places.pop(ticket, None)
        if future := self._futures.pop(ticket, None):
            future.release()
        if steering := self._steering.pop(ticket, None):
            steering.delete()

    def close(self) -> None:
        """Ends the worker processes and removes their folder."""
        with suppress(Exception):
            for topic in ("all", self._topic):
                self._client.unsubscribe_topic(topic)
            self._client.close(timeout=2)
        with suppress(Exception):
            self._cluster.close(timeout=10)
        self._cleanup.close()

    def _open(self, warm: bool) -> None:
        """Workers are told of once they are ready; who left while that was looked up is told of again."""
        self._client.subscribe_topic(self._topic, lambda event: self._tell(event[1]["batch"]))
        self._client.subscribe_topic("all", self._moved)
        self._client.register_plugin(Prepare(warm))
        known = self._workers()
        for worker in known:
            self._tell(Joined(worker))
        for worker in known - self._workers():
            self._tell(Left(worker))

    def _workers(self) -> set[str]:
        return set(self._client.scheduler_info(n_workers=-1)["workers"])

    def _moved(self, event: tuple[float, dict[str, Any]]) -> None:
        if event[1].get("action") == "add-worker":
            self._tell(Joined(event[1]["worker"]))
        elif event[1].get("action") == "remove-worker":
            self._tell(Left(event[1]["worker"]))

    def _done(self, ticket: int, future: Future) -> None:
        """Comes after all batches of the attempt: they took the same way, one after the other."""
        error = future.exception() if future.status == "error" else None
        died = isinstance(error, KilledWorker)
        is_fault = error is not None and not died
        self._tell(Gone(ticket, "".join(traceback.format_exception(error)) if is_fault else "", died))


def _started(workers: int, folder: Path, tries: int = STARTS) -> LocalCluster:
    """Dask gives up where a worker dies while it starts; runs that wait should not. Raises RuntimeError."""
    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=QUIET,
            local_directory=str(folder),
        )
    except RuntimeError:
        if tries == 1:
            raise
        logger.warning("A worker process died while it started; all are started anew.")
    return _started(workers, folder, tries - 1)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A temporary folder for the workers. What a killed app left behind goes, too.

    Raises StorageError where none can be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH))
    except OSError:
        raise StorageError(
            "there is no folder for temporary files that can be written to. "
            "Make room in the usual one, or name another with TMPDIR and start the app again"
        ) from None
    try:
        with hold(folder / "lock", "of the workers"):
            for other in folder.parent.glob(f"{SCRATCH}*"):
                if (other / "lock").exists() and not is_held(other / "lock"):
                    shutil.rmtree(other, ignore_errors=True)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _spawn_without_main() -> None:
    """Keeps Dask's worker processes from running this process's main script again.

    A spawned process imports the main script of its parent to find what was defined there. Streamlit puts the
    app's entry in that place, so every worker would run the page. Ours need nothing from it; other spawned
    processes keep Python's way.
    """
    original = multiprocessing.spawn.get_preparation_data
    if hasattr(original, "without_main"):
        return

    def prepare(name: str) -> dict[str, Any]:
        data = original(name)
        if name.startswith("Dask Worker process"):
            data.pop("init_main_from_path", None)
            data.pop("init_main_from_name", None)
        return data

    prepare.without_main = True  # type: ignore[attr-defined]
    multiprocessing.spawn.get_preparation_data = prepare
