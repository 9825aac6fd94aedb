"""Everything that is needed to repeat a run: data, model, objective and training, as checked, frozen values.

Forms and command-line options are made from these fields (`options`), so each has bounds, a unit where it has
one, and one sentence of help that answers "what happens if I change it".
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import Field, ValidationError

from vae_core.errors import ConfigError, NewerFormatError, UnreadableFileError
from vae_core.migrations import FORMATS, lift
from vae_core.names import NAMES
from vae_core.sections import (
    OWN,
    DataConfig,
    ModelConfig,
    ObjectiveConfig,
    Section,
    Source,
    TrainingConfig,
)

__all__ = [
    "NAMES",
    "OWN",
    "SECTIONS",
    "DataConfig",
    "ModelConfig",
    "ObjectiveConfig",
    "Option",
    "RunConfig",
    "Section",
    "Source",
    "TrainingConfig",
    "allowed",
    "fields",
    "options",
    "short",
]

FORMAT = FORMATS["config"]
SHOWN = 5  # complaints spelled out in one error


class RunConfig(Section):
    """One run, whole. `RunConfig.parse` is the door for what came from a file, a form or a person."""

    format: Literal[1] = 1  # FORMAT
    name: str = Field(
        "",
        max_length=80,
        pattern=r"^[^\x00-\x1f\x7f]*$",  # one line of text, it is shown in lists
        description="What the run is called in lists; made from its settings if empty.",
    )
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "RunConfig":
        """A checked config from nested mappings, also of an older format.

        Raises ConfigError naming every bad field with its value and what is allowed.
        """
        try:
            if isinstance(value, Mapping):
                value = lift("config", value, name="The configuration", bare=FORMAT)
            return cls.model_validate(value)
        except NewerFormatError as error:
            raise NewerFormatError(f"{error}.") from None
        except UnreadableFileError as error:
            raise ConfigError(f"{error}.") from None
        except ValidationError as error:
            # A list of many wrong elements is one wrong setting.
            problems = list(
                {problem["loc"][:2]: problem for problem in error.errors(include_url=False)}.values()
            )
            sentences = [_sentence(problem) for problem in problems[:SHOWN]]
            if len(problems) > SHOWN:
                sentences.append(f"{len(problems) - SHOWN} more settings are wrong.")
            raise ConfigError(" ".join(sentences)) from None

    @classmethod
    def from_json(cls, text: str | bytes) -> "RunConfig":
        """As `parse`, from JSON text. Raises ConfigError also where the text is not JSON."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise ConfigError("The configuration is not readable JSON.") from None
        if not isinstance(value, dict):
            raise ConfigError("The configuration must be a JSON object.")
        return cls.parse(value)

    def to_json(self) -> str:
        return self.model_dump_json(indent=2)

    def override(self, changes: Mapping[str, Any]) -> "RunConfig":
        """A copy with some options changed, `{"training.lr": 0.003}`. Raises ConfigError."""
        value = self.model_dump()
        for path, new in changes.items():
            section, _, name = path.rpartition(".")
            if section and section not in SECTIONS:
                raise ConfigError(f"There is no setting {path!r}; sections are {', '.join(SECTIONS)}.")
            (value[section] if section else value)[name] = new
        return RunConfig.parse(value)

    def title(self) -> str:
        """The run's name, or one made of what matters most and of what is not as usual."""
        objective = self.objective
        kinds = {"ae": "autoencoder", "multirate": f"β {objective.beta_low:g} to {objective.beta_high:g}"}
        single = f"rate {objective.target_rate:g}" if self.aims_at_rate else f"β {self.beta:g}"
        kind = kinds.get(self.model.kind, single)
        parts = [self.data.source, f"{self.model.latent}-D", kind]
        usual = ModelConfig()
        for name in ("net", "likelihood"):
            choice = getattr(self.model, name)
            if choice != getattr(usual, name):
                parts.append(NAMES[choice])
        return self.name or " · ".join(parts)

    @property
    def kl(self) -> str:
        """How the rate is weighed; a plain autoencoder has none to weigh, whatever the setting."""
        return "constant" if self.model.kind == "ae" else self.objective.kl

    @property
    def aims_at_rate(self) -> bool:
        """Whether a rate is asked for and not a beta."""
        return self.kl in ("capacity", "controlled")

    @property
    def beta(self) -> float:
        """The weight of the rate that training uses: a plain autoencoder has none, whatever the setting.

        Of a multi-rate model the one that its map opens at and its headline figures are taken at, of a
        controlled rate the one it starts at; both lie in its range. Of a capacity its pull.
        """
        objective = self.objective
        if self.model.kind == "ae":
            return 0.0
        if self.model.kind == "multirate" or self.kl == "controlled":
            return min(max(objective.beta, objective.beta_low), objective.beta_high)
        return objective.pull if self.kl == "capacity" else objective.beta


SECTIONS: dict[str, type[Section]] = {
    "data": DataConfig,
    "model": ModelConfig,
    "objective": ObjectiveConfig,
    "training": TrainingConfig,
}


@dataclass(frozen=True)
class Option:
    """One field as a form or a command line needs it. `path` is "section.name"."""

    path: str
    kind: type  # int, float, bool, str or tuple
    default: Any
    low: float | None  # of a tuple: what each of its numbers may be
    high: float | None
    choices: tuple[Any, ...]  # empty unless the field is a list to choose from
    unit: str
    help: str
    low_excluded: bool = False  # the value must lie above `low`
    lengths: tuple[int, int] = (0, 0)  # how many numbers a tuple may have, least and most
    example: str = ""  # of a tuple


def options() -> dict[str, Option]:
    """Every setting of data, model, objective and training, by path."""
    return {
        path: option
        for section, model in SECTIONS.items()
        for path, option in fields(model, f"{section}.").items()
    }


def fields(model: type[Section], prefix: str = "") -> dict[str, Option]:
    """The settings of one section, by their names after `prefix`."""
    return {prefix + name: _option(prefix + name, field) for name, field in model.model_fields.items()}


def _option(path: str, field: Any) -> Option:
    bounds = _bounds(field.metadata, "ge", "gt", "le")
    lengths = _bounds(field.metadata, "min_length", "max_length")
    extra = field.json_schema_extra or {}
    closed = get_origin(field.annotation) is Literal
    choices = get_args(field.annotation) if closed else tuple(extra.get("choices", ()))
    kind = type(choices[0]) if choices else (get_origin(field.annotation) or field.annotation)
    if kind is tuple:
        number = get_args(field.annotation)[0]  # Annotated with a Field of its own
        bounds = _bounds(number.__metadata__[0].metadata, "ge", "le")
    return Option(
        path,
        kind,
        field.default,
        low=bounds.get("ge", bounds.get("gt")),
        high=bounds.get("le"),
        choices=choices,
        unit=extra.get("unit", ""),
        help=field.description or "",
        low_excluded="gt" in bounds,
        lengths=(lengths.get("min_length", 0), lengths.get("max_length", 0)),
        example=extra.get("example", ""),
    )


def _bounds(rules: Iterable[Any], *names: str) -> dict[str, Any]:
    return {name: getattr(rule, name) for rule in rules for name in names if hasattr(rule, name)}


def _sentence(problem: Mapping[str, Any]) -> str:
    """One pydantic complaint in plain words: the field, the value, what is allowed."""
    parts = [str(part) for part in problem["loc"][:2]]  # without the place in a list
    path = ".".join(parts)
    found = short(problem.get("input"))
    if problem["type"] in ("extra_forbidden", "invalid_key"):
        known = SECTIONS[parts[0]] if len(parts) > 1 else RunConfig
        return f"There is no setting {short(path)}; known here: {', '.join(known.model_fields)}."
    if path in options() and options()[path].kind is tuple:
        return f"{path}: {_allowed(path)}."  # which of many values was wrong would only lengthen it
    return f"{path or 'The configuration'} is {found}, allowed is {_allowed(path)}."


def _allowed(path: str) -> str:
    if path == "name":
        return "one line of at most 80 characters"
    option = options().get(path)
    if option is None:
        return "an object with " + ", ".join(SECTIONS.get(path, RunConfig).model_fields)
    return allowed(option)


def allowed(option: Option) -> str:
    """What may stand there, as the end of a sentence."""
    if option.choices:
        more = f", or {OWN} and the id of imported pictures" if option.path == "data.source" else ""
        return "one of " + ", ".join(str(choice) for choice in option.choices) + more
    if option.kind is bool:
        return "true or false"
    if option.kind is tuple:
        least, most = option.lengths
        count = f"{least} to {most}" if least else f"up to {most}"
        each = f"each a whole number from {option.low} to {option.high}"
        return f"{count} widths, {each}, for example {option.example}"
    number = "a whole number" if option.kind is int else "a number"
    start = "above" if option.low_excluded else "from"
    low, high = (f"{bound:g}" if isinstance(bound, float) else bound for bound in (option.low, option.high))
    return f"{number} {start} {low} to {high}"


def short(value: Any) -> str:
    """The value as typed, cut to what fits a sentence."""
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or a very deep nesting
        return "too large to show"
    return shown if len(shown) <= 60 else shown[:57] + "..."
