"""What is kept of a ladder: one JSON object, checked when it is made and when it is read. Needs no torch."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from vae_core.config import RunConfig
from vae_core.errors import ConfigError, LadderError, UnreadableFileError
from vae_core.migrations import FORMATS, lift

FORMAT = FORMATS["ladder"]
IDENTIFIER = re.compile(r"ladder-[A-Za-z0-9._-]{1,90}")
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LOWEST, HIGHEST = 1e-4, 1e3  # beta
MOST_BETAS, MOST_MEMBERS = 25, 100
NAME, TEXT, REASON = 80, 300, 1000  # characters
SEEDS_END = 2**31


@dataclass(frozen=True)
class Member:
    """One training. `run` is empty until it was begun, `start` is the run whose weights it began with."""

    beta: float
    seed: int
    run: str = ""
    start: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Ladder:
    """Members stand seed by seed, within a seed by beta, ascending."""

    id: str
    config: RunConfig
    betas: tuple[float, ...]
    seeds: tuple[int, ...]
    warm_start: bool
    owner: str
    created: str  # ISO 8601, with a time zone
    members: tuple[Member, ...]

    def value(self) -> dict[str, Any]:
        """As JSON holds it; `read` is its inverse."""
        return {**asdict(self), "format": FORMAT, "config": self.config.model_dump(mode="json")}

    @property
    def shared(self) -> str:
        """What its members have in common, in a few words."""
        return self.config.name or f"{self.config.data.source} · {self.config.model.latent}-D"

    @property
    def label(self) -> str:
        """For lists."""
        return f"{self.shared} · β {self.betas[0]:g} to {self.betas[-1]:g}"

    @property
    def title(self) -> str:
        """Its label and how many models a seed has."""
        return f"{self.label}, {len(self.betas)} models"

    def places(self, seed: int) -> range:
        """Where the members of this seed stand in `members`, by beta. Raises LadderError for another seed."""
        if seed not in self.seeds:
            known = ", ".join(str(own) for own in self.seeds)
            raise LadderError(f"This ladder was not trained with seed {seed}; its seeds are {known}.")
        first = self.seeds.index(seed) * len(self.betas)
        return range(first, first + len(self.betas))

    def changed(self, place: int, run: str, start: str = "", reason: str = "") -> "Ladder":
        """A copy in which that member has another run, another one to start from, another reason."""
        old = self.members[place]
        member = Member(old.beta, old.seed, run, start, reason[:REASON])
        return replace(self, members=(*self.members[:place], member, *self.members[place + 1 :]))

    def config_of(self, member: Member) -> RunConfig:
        """The settings of a member's run."""
        name = self.config.name and f"{self.config.name[: NAME - 30]} · β {member.beta:g}"
        if name and len(self.seeds) > 1:
            name += f" · seed {member.seed}"
        changes = {"objective.beta": member.beta, "training.seed": member.seed, "name": name}
        return self.config.override(changes)


def checked_betas(betas: Sequence[Any]) -> tuple[float, ...]:
    """Betas of a ladder. Raises ConfigError saying what is wrong with them."""
    try:
        values = tuple(float(beta) for beta in betas)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(f"The betas are {_listed(betas)}; they should be numbers.") from None
    if len(values) < 2:
        raise ConfigError(
            "A ladder needs at least two betas, for example 0.1, 1 and 10; one is a single run."
        )
    if len(values) > MOST_BETAS:
        raise ConfigError(f"These are {len(values)} betas, a ladder has at most {MOST_BETAS}.")
    for value in values:
        if not LOWEST <= value <= HIGHEST:  # also where it is not a number
            raise ConfigError(f"A beta is {value:g}; in a ladder they lie from {LOWEST:g} to {HIGHEST:g}.")
    if len(set(values)) < len(values):
        raise ConfigError(f"The betas {_listed(values)} hold one twice; give each once.")
    if list(values) != sorted(values):
        raise ConfigError(f"The betas {_listed(values)} are not in order; give them from small to large.")
    return values


def checked_seeds(seeds: Sequence[Any], betas: int) -> tuple[int, ...]:
    """Seeds of a ladder of so many betas. Raises ConfigError."""
    if not seeds or not all(type(seed) is int and 0 <= seed < SEEDS_END for seed in seeds):
        raise ConfigError(f"The seeds are {_listed(seeds)}; they should be whole numbers from 0.")
    if len(set(seeds)) < len(seeds):
        raise ConfigError(f"The seeds {_listed(seeds)} hold one twice; give each once.")
    if len(seeds) * betas > MOST_MEMBERS:
        raise ConfigError(
            f"{betas} betas with {len(seeds)} seeds are {betas * len(seeds)} trainings, at most "
            f"{MOST_MEMBERS} make a ladder. Choose fewer of either."
        )
    return tuple(seeds)


def checked_kind(config: RunConfig) -> None:
    """Raises ConfigError for a model that cannot stand on a ladder."""
    if config.model.kind == "multirate":
        raise ConfigError(
            "A multi-rate model learns every beta at once, so it needs no ladder; train it as it is."
        )
    if config.model.kind != "vae":
        raise ConfigError(
            "A plain autoencoder has no beta, so it cannot stand on a ladder; choose model.kind vae."
        )


def read(ladder: str, value: Mapping[str, Any]) -> Ladder:
    """The ladder of that id from what `Ladder.value` gave. Raises ConfigError or LadderError."""
    try:
        value = lift("ladder", value, name="It")
    except UnreadableFileError as error:
        raise LadderError(f"{error}.") from None
    kinds: dict[str, type] = {"owner": str, "created": str, "betas": list, "seeds": list, "members": list}
    kinds |= {"config": dict, "warm_start": bool}
    proper = all(type(value.get(key)) is kind for key, kind in kinds.items())
    if not proper or value.get("id") != ladder or len(value["owner"] + value["created"]) > TEXT:
        raise LadderError("Its fields are not those of a ladder.")
    config = RunConfig.parse(value["config"])
    checked_kind(config)
    betas, seeds = checked_betas(value["betas"]), checked_seeds(value["seeds"], len(value["betas"]))
    places = [(beta, seed) for seed in seeds for beta in betas]
    if len(value["members"]) != len(places):
        raise LadderError(
            f"It has {len(value['members'])} members where its betas and seeds name {len(places)}."
        )
    members = tuple(_member(item, *place) for item, place in zip(value["members"], places))
    begun = [member.run for member in members if member.run]
    if len(set(begun)) < len(begun):
        raise LadderError("One run stands on it twice.")
    named = value["owner"], value["created"]
    return Ladder(ladder, config, betas, seeds, value["warm_start"], *named, members)


def _member(item: Any, beta: float, seed: int) -> Member:
    if not isinstance(item, dict) or set(item) != {field.name for field in fields(Member)}:
        raise LadderError("One of its members is not described as it should be.")
    run, start, reason = item["run"], item["start"], item["reason"]
    named = all(isinstance(name, str) and (not name or RUN.fullmatch(name)) for name in (run, start))
    if not named or not isinstance(reason, str) or (item["beta"], item["seed"]) != (beta, seed):
        raise LadderError("One of its members is not the one that its betas and seeds name.")
    return Member(beta, seed, run, start, reason[:REASON])


def _listed(values: Sequence[Any]) -> str:
    shown = ", ".join(f"{value:g}" if isinstance(value, float) else str(value)[:20] for value in values[:8])
    return (shown or "missing") + (", ..." if len(values) > 8 else "")
