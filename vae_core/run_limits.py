"""How many runs the training service takes at a time: of one visitor, and in all."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from vae_core.errors import ConfigError, ServiceError
from vae_core.settings import settings

VARIABLE = "LATENTSCAPE_RUNS"


@dataclass(frozen=True)
class RunLimits:
    """Runs that wait or are in training. LATENTSCAPE_RUNS="visitor=5 all=50" sets them for a machine."""

    visitor: int = 20
    all: int = 100

    @classmethod
    def current(cls) -> "RunLimits":
        """As set for this machine. Raises ConfigError for a name or number that cannot be."""
        names = [field.name for field in fields(cls)]
        given = settings().runs
        for name, text in given.items():
            if name not in names or not text.isdecimal() or not 0 < int(text) <= 10_000:
                raise ConfigError(
                    f"{VARIABLE} has {name}={text[:40]}; it should be like visitor=5 all=50, "
                    "with numbers from 1 to 10000."
                )
        return cls(**{name: int(text) for name, text in given.items()})

    def check(self, owners: Sequence[str], owner: str) -> None:
        """Raises ServiceError where one more run would be too many; `owners` are those of the runs there.

        The owner "" is whoever has the machine, a program or the command line, and no visitor.
        """
        own = owners.count(owner)
        if owner and own >= self.visitor:
            raise ServiceError(
                f"You have {_runs(own)} waiting or in training, and a visitor may have {self.visitor} at a "
                "time here. Wait until one is through, or cancel one."
            )
        if len(owners) >= self.all:
            raise ServiceError(
                f"{_runs(len(owners)).capitalize()} are waiting or in training here, and {self.all} is the "
                "most at a time. Try again later."
            )


def _runs(count: int) -> str:
    return "one run" if count == 1 else f"{count} runs"
