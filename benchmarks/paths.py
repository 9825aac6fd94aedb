"""What each kind of path is worth: how far data supports it, how real its pictures look, what it costs.

    python benchmarks/paths.py [--pairs 40] [--epochs 3]

Random pairs of held-out examples. For each kind, over the frames between the ends: the mean and the least
support (share of encodings at least as lonely), the distance in pixels to the nearest of 5,000 real pictures,
the length in pixels by that of the cross-fade, the smoothness there, and the time of making one path. The
cross-fade has no support, as it has no codes. Two nets for each set of pictures: 2 dimensions and 16.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

from vae_core import api, latent, paths
from vae_core.data_paths import Roads
from vae_core.geodesics import Doubt, geodesic
from vae_core.metrics.elbo import squared_errors
from vae_core.recipes import recommended
from vae_core.support import Support

FRAMES = 24
KNOWN = 5_000  # encodings that a run's map would show
KINDS = ("cross-fade", "linear", "spherical", "along data", "geodesic", "geodesic, straight start")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--epochs", type=float, default=3)
    words = parser.parse_args()
    for source in ("mnist", "fashion-mnist"):
        for dimensions in (2, 16):
            print(f"\n{source}, {dimensions} dimensions")
            print(f"{'':26}{'mean':>8}{'least':>8}{'nearest':>9}{'length':>8}{'smooth':>8}{'ms':>8}")
            measure(source, dimensions, words.pairs, words.epochs)


def measure(source: str, dimensions: int, pairs: int, epochs: float) -> None:
    config = recommended(source).override({"model.latent": dimensions, "training.epochs": epochs})
    run, data = api.fit(config), api.load_data(config.data)
    known = data.to_unit(data.test[:KNOWN])
    mu, log_var = latent.encode(run.model, known)
    scale = (latent.kl_per_dimension(mu, log_var) >= latent.ACTIVE).astype(float)
    error = squared_errors(run.model, torch.from_numpy(known), torch.from_numpy(mu)).numpy()
    doubt, roads = Doubt(mu, error, spread=float(known.var(0).mean())), Roads(mu, scale)
    support, real = Support(mu, scale), NearestNeighbors(n_neighbors=1).fit(known.reshape(len(known), -1))
    ends = data.test[KNOWN : KNOWN + 2 * pairs]
    codes, _ = latent.encode(run.model, data.to_unit(ends))
    decode = lambda z: latent.decode(run.model, z)  # noqa: E731
    mean = lambda z: run.model.decode(z).mean  # noqa: E731
    evenly = np.linspace(0, 1, FRAMES)

    def frames(curve: paths.Curve) -> np.ndarray:
        return curve(evenly).astype(np.float32)

    makers: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
        "linear": lambda a, b: frames(paths.line(a, b)),
        "spherical": lambda a, b: frames(paths.arc(a, b)),
        "along data": lambda a, b: frames(roads.curve(a, b)),
        "geodesic": lambda a, b: frames(paths.polyline(geodesic(a, b, mean, doubt, roads.route(a, b)))),
        "geodesic, straight start": lambda a, b: frames(paths.polyline(geodesic(a, b, mean, doubt))),
    }
    for kind in KINDS:
        rows = []
        for start, end in zip(codes[::2], codes[1::2]):
            fade = paths.cross_fade(*decode(np.stack([start, end])), FRAMES)
            began, standing = time.perf_counter(), None
            if kind == "cross-fade":
                pictures = fade
            else:
                path = makers[kind](start, end)
                standing = support.of(path[1:-1]).support
                pictures = decode(path)
            spent = time.perf_counter() - began
            nearest = real.kneighbors(pictures[1:-1].reshape(FRAMES - 2, -1))[0].mean()
            shape = paths.shape(pictures)
            held = (standing.mean(), standing.min()) if standing is not None else (np.nan, np.nan)
            rows.append((*held, nearest, shape.length / shape.direct, shape.smoothness, 1000 * spent))
        figures = np.median(rows, axis=0)
        print(
            f"{kind:26}"
            + "".join(f"{value:8.2f}" + (" " if n == 1 else "") for n, value in enumerate(figures))
        )


if __name__ == "__main__":
    main()
