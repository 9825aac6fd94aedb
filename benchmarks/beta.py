"""One multi-rate training against seven separately trained beta-VAEs: how close, and at what cost.

    python benchmarks/beta.py                                    all of it: over an hour on one core
    python benchmarks/beta.py --data mnist --latent 2 --seeds 1  a part of it

The same net everywhere, 784-512-128-Z with a mirrored decoder. The separate ones train EPOCHS epochs each,
the multi-rate model as many times more as `recipes.multirate` says; "cost" is what that takes in CPU seconds,
in trainings of one beta. D + beta R on the 10,000 test pictures, one latent sample each, in nats a picture.
"Excess" is that of the multi-rate model over the separate one: in per cent of the separate one's D + beta R,
and in per cent of what that one gains over rate 0, where every picture is answered with the mean picture.

pythae (https://github.com/clementchadebec/benchmark_VAE) stands beside where it can be imported. It is no
dependency of ours: `pip install --target FOLDER --no-deps pythae==0.1.2 tqdm imageio` keeps the torch that is
there, and FOLDER in PYTHONPATH makes it found. Its nets are measured by our formulas, see beta_pythae.py.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import torch
from torch import Tensor

from vae_core import data
from vae_core.config import RunConfig
from vae_core.metrics.elbo import sampled_terms
from vae_core.models import VAE, at_beta, build
from vae_core.recipes import multirate
from vae_core.training import Trainer

BETAS = [10 ** (-2 + step / 2) for step in range(7)]
SOURCES = ("fashion-mnist", "mnist")
LATENTS = (16, 2)
EPOCHS = 3.0
# Rate and distortion of the multi-rate VAE of Bae et al. 2023 on MNIST, a ResNet trained for 8 epochs.
PUBLISHED = {0.01: (112.2, 47.5), 1.0: (30.2, 65.3), 10.0: (4.7, 141.6)}


@dataclass(frozen=True)
class Pictures:
    """Training and test pictures in [0, 1], (N, 1, 28, 28)."""

    train: Tensor
    test: Tensor
    nothing: float  # distortion at rate 0: every test picture decoded as the mean of the training pictures

    @classmethod
    def of(cls, source: str) -> "Pictures":
        dataset = data.load(RunConfig.parse({"data": {"source": source}}).data)
        train, test = (
            torch.from_numpy(dataset.to_unit(part)).contiguous() for part in (dataset.train, dataset.test)
        )
        mean = train.mean(0).clamp(1e-6, 1 - 1e-6)
        entropy = -(test * mean.log() + (1 - test) * (1 - mean).log())
        return cls(train, test, entropy.flatten(1).sum(1).double().mean().item())


@dataclass(frozen=True)
class Figure:
    """Mean distortion and rate in nats at one beta."""

    beta: float
    distortion: float
    rate: float

    @property
    def objective(self) -> float:
        return self.distortion + self.beta * self.rate


@dataclass(frozen=True)
class Cell:
    """What one data set, latent size and seed gave."""

    multi: list[Figure]
    alone: list[Figure]
    seconds: tuple[float, float]  # of CPU: the multi-rate training, the seven others together

    def excess(self) -> list[float]:
        return [m.objective / a.objective - 1 for m, a in zip(self.multi, self.alone)]

    def of_gain(self, nothing: float) -> list[float]:
        return [(m.objective - a.objective) / (nothing - a.objective) for m, a in zip(self.multi, self.alone)]

    def cost(self) -> float:
        """In trainings of a single beta."""
        return self.seconds[0] / (self.seconds[1] / len(self.alone))


def config(source: str, latent: int, seed: int, epochs: float, beta: float = 1.0) -> RunConfig:
    return RunConfig.parse(
        {
            "data": {"source": source},
            "model": {"hidden": (512, 128), "latent": latent},
            "objective": {"beta": beta},
            "training": {"epochs": epochs, "seed": seed},
        }
    )


def trained(settings: RunConfig, pictures: Pictures) -> tuple[VAE, float]:
    """A model and the CPU seconds of its training, without what a run watches and writes besides."""
    model = build(settings.model, (1, 28, 28), pictures.train.mean(0), settings.training.seed)
    trainer = Trainer(settings, model, pictures.train)
    began = time.process_time()
    while trainer.step < trainer.plan.steps:
        if failure := trainer.advance():
            raise SystemExit(f"The training with {settings.title()} failed: {failure}")
    return model.eval(), time.process_time() - began


def figure(model: VAE, pictures: Pictures, beta: float) -> Figure:
    terms = sampled_terms(at_beta(model, beta), pictures.test)
    return Figure(beta, terms.distortion.double().mean().item(), terms.rate.double().mean().item())


def cell(source: str, latent: int, seed: int, epochs: float, pictures: Pictures) -> Cell:
    """The multi-rate training stands amid the others, so that a machine that slows down is fair to both."""
    alone: list[Figure] = []
    single = multi_seconds = 0.0
    multi: list[Figure] = []
    for place, beta in enumerate(BETAS):
        if place == len(BETAS) // 2:
            settings = multirate(config(source, latent, seed, epochs))
            model, multi_seconds = trained(settings, pictures)
            multi = [figure(model, pictures, b) for b in BETAS]
        model, seconds = trained(config(source, latent, seed, epochs, beta), pictures)
        alone.append(figure(model, pictures, beta))
        single += seconds
    return Cell(multi, alone, (multi_seconds, single))


def table(found: Cell, nothing: float) -> None:
    print("    beta   multi: D      R   D+bR   alone: D      R   D+bR    excess   of the gain")
    for m, a, excess, share in zip(found.multi, found.alone, found.excess(), found.of_gain(nothing)):
        print(
            f"  {m.beta:6.3g}  {m.distortion:9.2f} {m.rate:6.2f} {m.objective:6.2f}"
            f"  {a.distortion:9.2f} {a.rate:6.2f} {a.objective:6.2f}   {excess:+7.2%}  {share:+11.2%}"
        )
    multi, seven = found.seconds
    print(
        f"  CPU: multi-rate {multi:.1f} s, seven alone {seven:.1f} s: the multi-rate training costs "
        f"{found.cost():.2f} single ones, seven cost {len(found.alone)}",
        flush=True,
    )


def summary(cells: dict[tuple[str, int], list[Cell]], nothing: dict[str, float]) -> None:
    print("\nOver all seeds: excess at each beta, median (worst); cost in single trainings, median")
    print("                      " + "".join(f"{beta:>18.3g}" for beta in BETAS) + "    cost")
    for (source, latent), found in cells.items():
        for name, rows in {
            "excess": [one.excess() for one in found],
            "of the gain": [one.of_gain(nothing[source]) for one in found],
        }.items():
            columns = [f"{statistics.median(c):+8.2%} ({max(c):+.2%})" for c in zip(*rows)]
            print(
                f"{source[:13]:13} {latent:2} {name:11}" + "".join(f"{text:>18}" for text in columns), end=""
            )
            print(f"  {statistics.median(one.cost() for one in found):6.2f}" if name == "excess" else "")
    print("", flush=True)


def published(found: Cell, latent: int) -> None:
    """Other figures of the same data; what compares is the shape of the curve, not its height."""
    print(
        f"\nMNIST, latent {latent}: rate / distortion beside those that Bae et al. 2023 published. Theirs is"
        "\na residual net trained for 8 epochs, ours a small MLP whose few latent dimensions bound its rate:"
        "\nat small betas theirs says more and draws sharper for it."
    )
    for one in found.multi:
        for beta, (rate, distortion) in PUBLISHED.items():
            if abs(one.beta / beta - 1) < 1e-6:
                print(
                    f"  beta {beta:5g}: theirs {rate:6.1f} / {distortion:6.1f}   ours {one.rate:6.1f} / ",
                    end="",
                )
                print(f"{one.distortion:6.1f}", flush=True)


def beside(source: str, latent: int, seed: int, epochs: float, pictures: Pictures, found: Cell) -> None:
    """pythae's beta-VAE at the same betas."""
    from beta_pythae import RATE, pythae_model

    print(f"\n{source}, latent {latent}, seed {seed}: pythae, {epochs:g} epochs for each beta, lr {RATE:g}")
    print("    beta  pythae: D      R   D+bR   ours alone   multi", flush=True)
    spent = 0.0
    for m, a in zip(found.multi, found.alone):
        began = time.process_time()
        model = pythae_model(pictures.train, latent, m.beta, max(1, round(epochs)), seed)
        spent += time.process_time() - began
        one = figure(model, pictures, m.beta)
        print(
            f"  {m.beta:6.3g}  {one.distortion:9.2f} {one.rate:6.2f} {one.objective:6.2f}"
            f"       {a.objective:6.2f}  {m.objective:6.2f}",
            flush=True,
        )
    multi, seven = found.seconds
    print(f"  CPU: pythae {spent:.1f} s for seven, ours {seven:.1f} s, one multi-rate model {multi:.1f} s")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="One multi-rate training against seven beta-VAEs.")
    parser.add_argument("--data", choices=SOURCES, nargs="+", default=SOURCES)
    parser.add_argument("--latent", type=int, nargs="+", default=LATENTS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--pythae-seeds", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=EPOCHS, help="of the separate trainings")
    options = parser.parse_args(words)
    torch.set_num_threads(1)
    sources = {source: Pictures.of(source) for source in options.data}
    nothing = {source: pictures.nothing for source, pictures in sources.items()}
    cells: dict[tuple[str, int], list[Cell]] = {}
    for seed in range(options.seeds):
        for latent in options.latent:
            for source, pictures in sources.items():
                print(
                    f"\n{source}, latent {latent}, seed {seed}: D at rate 0 is {pictures.nothing:.2f}",
                    flush=True,
                )
                found = cell(source, latent, seed, options.epochs, pictures)
                cells.setdefault((source, latent), []).append(found)
                table(found, pictures.nothing)
        summary(cells, nothing)
    for (source, latent), each in cells.items():
        if source == "mnist":
            published(each[0], latent)
    if options.pythae_seeds and not find_spec("pythae"):
        print("\npythae is not installed here; the head of this file says how to have it beside.")
        return
    for seed in range(min(options.pythae_seeds, options.seeds)):
        for (source, latent), each in cells.items():
            beside(source, latent, seed, options.epochs, sources[source], each[seed])


if __name__ == "__main__":
    main()
