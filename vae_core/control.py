"""What someone outside may want of a training. Without torch, for whoever steers it."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    """What is to change before the next step; None leaves it as it is."""

    beta: float | None = None
    lr: float | None = None  # factor on the learning rate of the schedule
    snapshot: bool = False  # now, besides those of the plan


class Control:
    """What someone outside wants of a running training; for any thread, read before every step."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._ending = ""
        self._lock = threading.Lock()
        self._wish = NOTHING

    def pause(self) -> None:
        """Hold before the next step."""
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    def stop(self) -> None:
        """Save a checkpoint and leave; the run can be resumed."""
        self._ending = "stop"
        self._going.set()

    def finish(self) -> None:
        """End the training here, with report and bundle as if it had been planned so."""
        self._ending = "finish"
        self._going.set()

    def steer(self, beta: float | None = None, lr: float | None = None) -> None:
        """From the next step on train with this beta, with the schedule's learning rate times `lr`.

        `steering.check_wish` says what can be asked for. Of several wishes before a step the last one counts.
        """
        with self._lock:
            old = self._wish
            self._wish = Wish(old.beta if beta is None else beta, old.lr if lr is None else lr, old.snapshot)

    def snapshot(self) -> None:
        """Show the latent cloud before the next step."""
        with self._lock:
            self._wish = Wish(self._wish.beta, self._wish.lr, True)

    def wait(self) -> str:
        """Returns "stop", "finish", or "" to go on; blocks while paused."""
        if not self._ending:
            self._going.wait()
        return self._ending

    def take(self) -> Wish:
        """What is wished since it was last asked."""
        if self._wish == NOTHING:  # at almost every step
            return NOTHING
        with self._lock:
            wish, self._wish = self._wish, NOTHING
        return wish


NOTHING = Wish()
