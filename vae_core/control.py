"""What someone outside may want of a training. Without torch, for whoever steers it."""

import threading


class Control:
    """What someone outside wants of a running training; for any thread, read before every step."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._wish = ""

    def pause(self) -> None:
        """Hold before the next step."""
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    def stop(self) -> None:
        """Save a checkpoint and leave; the run can be resumed."""
        self._wish = "stop"
        self._going.set()

    def finish(self) -> None:
        """End the training here, with report and bundle as if it had been planned so."""
        self._wish = "finish"
        self._going.set()

    def wait(self) -> str:
        """Returns "stop", "finish", or "" to go on; blocks while paused."""
        if not self._wish:
            self._going.wait()
        return self._wish
