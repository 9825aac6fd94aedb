"""How fluid the dial of beta is: frames a second while a hand drags it, and what a frame takes of them.

    python benchmarks/dial.py

The lab on a bare page in headless Chromium without a graphics card: 2,000 points, the strip of eight
pictures, plane, bars and prior all there; the nets are not trained. Frames a second suffer from whatever else
the machine does; what the listeners of a frame take of the main thread's own processor time does not.
"""

import json
from typing import Any

import numpy as np
import torch
from measuring import NO_WASM, SECONDS, drag, dragging, launch, percentiles, row
from mounting import Stage
from playwright.sync_api import sync_playwright

from vae_core.config import ModelConfig
from vae_core.explorer.pack import pack_model
from vae_core.film import FiLM
from vae_core.ladder import Ladder
from vae_core.models import MultiRate, build

POINTS, RUNGS = 2_000, 13
NETS: dict[str, tuple[dict[str, Any], tuple[int, int, int]]] = {
    "MLP 512-512, 1x28x28": ({"hidden": (512, 512), "latent": 8}, (1, 28, 28)),
    "conv, 1x32x32": ({"net": "conv", "latent": 8}, (1, 32, 32)),
}


def measure(browser: Any) -> None:
    for name, (settings, shape) in NETS.items():
        data = packed(settings, shape)
        for backend in ("wasm", "js"):
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            if backend == "js":
                tab.evaluate(NO_WASM)
            stage = Stage(tab, data, head=20, lab=True)
            tab.wait_for_timeout(2000)
            slider = stage.find(".ls-dial-slider").first
            row(f"dial, {name}, {backend}", dragging(tab, slider, (0.9, 0.4), (0.1, 0.4)))
            browser.start_tracing(page=tab, categories=["devtools.timeline"])
            drag(tab, slider, (0.1, 0.4), (0.9, 0.4), SECONDS)
            times = frame_times(json.loads(browser.stop_tracing())["traceEvents"])
            row("  a frame's own work", f"{percentiles(times)} of processor time, {len(times)} frames")
            tab.close()


def frame_times(events: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of processor time for each frame with a move of the pointer: the move, then what draws."""
    times, spent, moved = [], 0.0, False
    kinds = {"EventDispatch", "FireAnimationFrame"}
    for event in sorted((event for event in events if event["name"] in kinds), key=lambda event: event["ts"]):
        spent += event.get("tdur", 0) / 1000
        moved |= event["args"]["data"].get("type") == "pointermove"
        if event["name"] == "FireAnimationFrame":
            times += [spent] if moved else []
            spent, moved = 0.0, False
    return times


def packed(settings: dict[str, Any], shape: tuple[int, int, int]) -> bytes:
    """An untrained multi-rate net with a made-up cloud that shrinks as beta grows, and its curve."""
    model = build(ModelConfig.model_validate(settings | {"kind": "multirate"}), shape)
    assert isinstance(model, MultiRate)
    generator = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, FiLM):  # untrained, they change nothing
            torch.nn.init.normal_(module.output.weight, 0, 0.05, generator=generator)
    codes = np.random.default_rng(0).standard_normal((POINTS, model.latent)).astype(np.float32)
    log_betas = np.linspace(np.log(model.low), np.log(model.high), RUNGS)
    scales = 2 / (1 + np.exp(log_betas))[:, None, None]
    mu = (scales * codes).astype(np.float32)  # (K, N, Z)
    log_var = np.broadcast_to(np.log(0.02 + 0.5 / (1 + np.exp(-log_betas)))[:, None, None], mu.shape)
    ladder = Ladder(log_betas, mu, log_var.astype(np.float32), 0.0)
    middle = RUNGS // 2
    kl = np.linspace(3, 1, model.latent)
    words: dict[str, Any] = {"title": "", "run": "", "data": {}, "label_names": list("abc")}
    return pack_model(
        model,
        beta=float(np.exp(log_betas[middle])),
        mu=mu[middle],
        log_var=ladder.log_var[middle],
        labels=np.arange(POINTS) % 3,
        index=np.arange(POINTS),
        kl=kl,
        report={"curve": curve(log_betas, kl)},
        ladder=ladder,
        **words,
    )


def curve(log_betas: np.ndarray, kl: np.ndarray) -> list[dict[str, Any]]:
    """Of Gaussian channels, which every view of the lab can show."""
    rows = []
    for beta in np.exp(log_betas):
        rates = 0.5 * np.log1p(kl / beta)
        figures = {"rate": rates.sum(), "distortion": 200 + 0.5 * (kl * np.log1p(beta / kl)).sum()}
        shown = {name: float(value) for name, value in figures.items()}
        errors = {"rate_se": 0.1, "distortion_se": 0.5}
        rows.append({"beta": float(beta), "kl_per_dim": rates.tolist(), **shown, **errors})
    return rows


if __name__ == "__main__":
    with sync_playwright() as playwright:
        measure(launch(playwright))
