"""Training longer: a new run that begins where a finished one ended, with its weights and its optimiser.

The finished run stays as it is. How beta and the learning rate go on follows from their schedules: `goes_on`
says it in words. Needs no torch.
"""

from typing import Any

from vae_core.config import RunConfig, options
from vae_core.data import titled
from vae_core.errors import ConfigError, RunDamagedError, RunError
from vae_core.events import Checkpoint
from vae_core.feedback import Plateau, RateControl
from vae_core.recorder import Recorder
from vae_core.run import CHECKPOINT, Run
from vae_core.runs import RunStore
from vae_core.steering import Steering
from vae_core.storage import write_json
from vae_core.sweeping import FRESH

NAME = 80  # characters of a run's name
LONGER = ", longer"
END = 2**62  # a step after all others, of a run that was not trained

LR = {
    "one_cycle": "The learning rate rises once more to {lr:g} and falls to nothing (one cycle).",
    "cosine": "The learning rate starts once more at {lr:g} and falls to nothing (cosine).",
    "constant": "The learning rate stays {lr:g}.",
    "plateau": "The learning rate goes on from {lr:g}, where it stood at the end.",
}
KL = {
    "linear": "β stays {beta:g}, without another warm-up.",
    "constant": "β stays {beta:g}.",
    "sigmoid": "β stays {beta:g}, without another rise.",
    "cyclical": "β goes through {cycles} more of its cycles, up to {beta:g}.",
    "free_bits": "β stays {beta:g}, free bits as they are.",
    "capacity": "The target rate stays {target:g} nats.",
    "controlled": "β goes on from where it held the rate at {target:g} nats.",
}


def longer(run: Run, epochs: float, store: RunStore, owner: str = "") -> Run:
    """A new run in `store`, not begun, that goes on from the end of `run` for `epochs` more.

    Its run.json says so under "longer". It appears whole or not at all. Raises RunError where `run` is not
    finished or has nothing to go on from, ConfigError for epochs that cannot be, DataMissingError,
    RunDamagedError, StorageError.
    """
    last = _last(run)
    config, (_, held) = continued(run, epochs), _kept(run, last)

    def fill(made: Run) -> None:
        made.about["longer"] = {"run": run.id, "epochs": config.training.epochs, "steps": last.step}
        if "data" in run.about:
            made.about["data"] = run.about["data"]  # other pictures are refused
        write_json(made.file("run.json"), made.about)
        recorder = Recorder(made)
        recorder.write(Checkpoint(0, last.weights, last.optimizer, {**FRESH, "feedback": held}))
        recorder.note("longer", run=run.id, step=last.step)

    return store.create(config, owner, fill)


def can_go_on(run: Run) -> bool:
    """Whether there is something that `longer` could go on from; opens no file."""
    kept = "frozen" not in run.about and (run.path / CHECKPOINT).is_file()
    return kept and not run.starter and run.state == "finished"


def continued(run: Run, epochs: float) -> RunConfig:
    """The settings with which `run` goes on: as at its end, with schedules that do not begin anew.

    Raises ConfigError for a number of epochs that is not allowed.
    """
    last = run.checkpoint()
    config, steering = run.config, Steering(run.config, run.changes())
    steering.rewind(last.step if last else END)  # a repeat that was ended early knows of later changes
    objective, training = config.objective, config.training
    lr, name, bounds = training.lr * steering.lr * _kept(run, last)[0], _name(run), options()["training.lr"]
    changes: dict[str, Any] = {
        "training.epochs": epochs,
        "training.lr": min(max(lr, bounds.low or lr), bounds.high or lr),
        "training.seed": (training.seed + 1) % 2**31,  # other batches and other noise than before
        "objective.warmup": 0.0,
        "objective.cycles": _cycles(config, epochs),
        "name": name[: NAME - len(LONGER)] + LONGER,
    }
    if steering.beta != config.beta:
        changes["objective.beta"] = steering.beta
    if objective.kl == "sigmoid":
        changes["objective.kl"] = "constant"
    if objective.kl == "capacity":
        changes["objective.rise"] = options()["objective.rise"].low
    return config.override(changes)


def _name(run: Run) -> str:
    """What the run is called, without the note that it is a longer one already."""
    return (run.marks.name or titled(run.config).title()).removesuffix(LONGER)


def goes_on(run: Run, epochs: float) -> list[str]:
    """How learning rate and beta go on, a sentence each. Raises ConfigError as `continued`."""
    config = continued(run, epochs)
    objective = config.objective
    said = [LR[config.training.lr_schedule].format(lr=config.training.lr)]
    if config.model.kind == "multirate":
        said.append("The whole range of β is learned on, without another warm-up.")
    elif config.model.kind == "vae":
        text = KL[run.config.kl]
        said.append(text.format(beta=config.beta, cycles=objective.cycles, target=objective.target_rate))
    return said


def _last(run: Run) -> Checkpoint:
    """Where a finished run ended."""
    if run.starter:
        raise RunError(f"Run {run.id} came with Latentscape without its optimiser; train one of your own.")
    if run.state != "finished":
        raise RunError(f"Run {run.id} is not finished, so it cannot be trained longer; resume it first.")
    if "frozen" in run.about:
        raise RunError(
            f"Run {run.id} was frozen from another one and has no optimiser to go on with; "
            "train its β alone, or the other one longer."
        )
    last = run.checkpoint()
    if last is None:
        raise RunDamagedError(
            f"Run {run.id} is damaged: its checkpoint is missing. Bring that file back, or train anew."
        )
    return last


def _kept(run: Run, last: Checkpoint | None) -> tuple[float, dict[str, Any]]:
    """What the course of a run had come to: a factor on its learning rate, and how its rate is held."""
    progress = last.progress if last else {}
    state = progress.get("feedback") or {}
    try:
        factor = float(progress.get("lr_scale", 1.0))
        if run.config.training.lr_schedule == "plateau" and "plateau" in state:
            factor *= Plateau().restored(state["plateau"]).factor
        if run.config.kl != "controlled" or "control" not in state:
            return factor, {}
        return factor, {"control": RateControl(0.0, 0.0).restored(state["control"]).stored()}
    except (AttributeError, TypeError, ValueError):
        raise RunDamagedError(
            f"Run {run.id} is damaged: its checkpoint does not say how training stood. Train anew."
        ) from None


def _cycles(config: RunConfig, epochs: Any) -> int:
    """As many cycles of beta as keep their length."""
    option = options()["objective.cycles"]
    if type(epochs) not in (int, float) or not 0 < epochs <= (options()["training.epochs"].high or 0):
        raise ConfigError(f"{epochs!r} more epochs were asked for; a number above 0 to 10,000 is allowed.")
    wanted = round(config.objective.cycles * epochs / config.training.epochs)
    return int(min(max(wanted, option.low or 1), option.high or wanted))
