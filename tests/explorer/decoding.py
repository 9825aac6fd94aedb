"""The runtime's modules at work in Node, and decoders to put to it."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from vae_core.explorer import bundle
from vae_core.explorer.build import WEB
from vae_core.explorer.pack import decoder_ops

SERVER = Path(__file__).parent / "js" / "decode_server.mjs"


class RuntimeRefusal(Exception):
    """What the JavaScript side threw."""


class NodeRuntime:
    """A Node process that decodes on request."""

    def __init__(self, node: str, web: Path = WEB):
        command = [node, str(SERVER), str(web)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.requests, self.replies = self.process.stdin, self.process.stdout

    def decode(
        self,
        data: bytes,
        z: np.ndarray,
        backend: str = "auto",
        batches: list[int] | None = None,
        wasm: str = "real",
        beta: float | None = None,
    ) -> tuple[np.ndarray, str]:
        """Outputs (B, size) for z (B, latent), and the backend used; `batches` rows at a time."""
        whole = [len(z)] if batches is None else batches
        asked = {"bundle": _text(data), "z": _text(z), "batches": whole}
        return self._ask(**asked, backend=backend, wasm=wasm, beta=beta)

    def decode_in_pieces(
        self,
        data: bytes,
        z: np.ndarray,
        backend: str,
        milliseconds: float,
        beta: float | None = None,
        elsewhere: float | None = None,
    ) -> np.ndarray:
        """Outputs (B, size), each row made in several goes while the whole batch is decoded in between.

        At `beta`; the dial is turned to `elsewhere` once a row has begun.
        """
        asked = {"bundle": _text(data), "z": _text(z), "backend": backend, "wasm": "real"}
        return self._ask(**asked, pieces=milliseconds, beta=beta, elsewhere=elsewhere)[0]

    def encode(
        self,
        data: bytes,
        extras: bytes,
        images: np.ndarray,
        backend: str = "auto",
        beta: float | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Means and log-variances (B, latent) of images (B, C, H, W) in [0, 1]."""
        output, _ = self._ask(
            bundle=_text(data),
            extras=_text(extras),
            pixels=_text(images),
            backend=backend,
            wasm="real",
            beta=beta,
        )
        mu, log_var = np.split(output, 2)
        return mu, log_var

    def _ask(self, **request: Any) -> tuple[np.ndarray, str]:
        self.requests.write(json.dumps(request) + "\n")
        self.requests.flush()
        reply = json.loads(self.replies.readline())
        if "error" in reply:
            raise RuntimeRefusal(reply["error"])
        output = np.frombuffer(base64.b64decode(reply["output"]), "<f4")
        return output.reshape(-1, reply["size"]), reply["backend"]

    def close(self) -> None:
        self.requests.close()
        self.process.wait(10)
        self.replies.close()


def _text(data: bytes | np.ndarray) -> str:
    raw = data if isinstance(data, bytes) else np.ascontiguousarray(data, "<f4").tobytes()
    return base64.b64encode(raw).decode()


def describe(latent: int, shape: tuple[int, int, int], ops: list[dict[str, Any]]) -> dict[str, Any]:
    """A bundle's meta with everything that decoding does not look at filled in."""
    return {
        "format": 1,
        "title": "Test",
        "run": "test-1",
        "data": {"title": "", "licence": "", "source": ""},
        "likelihood": "gaussian",
        "beta": 1.0,
        "latent": latent,
        "shape": list(shape),
        "decoder": ops,
        "kl": [1.0] * latent,
        "range": [[-3.0, 3.0]] * latent,
        "center": [0.0] * latent,
        "labels": ["a", "b"],
        "report": {},
    }


def points(count: int, latent: int) -> dict[str, np.ndarray]:
    return {
        "points.mu": np.zeros((count, latent), np.float32),
        "points.log_var": np.zeros((count, latent), np.float32),
        "points.label": np.zeros(count, np.int16),
        "points.index": np.arange(count, dtype=np.int32),
    }


def packed(decoder: nn.Module, latent: int, shape: tuple[int, int, int]) -> bytes:
    """A bundle of `decoder` alone, with one point on its map."""
    ops, tensors = decoder_ops(decoder)
    return bundle.write(describe(latent, shape, ops), tensors | points(1, latent))


def torch_output(decoder: nn.Module, z: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return decoder(torch.from_numpy(z)).numpy()


def codes(batch: int, latent: int, seed: int = 0) -> np.ndarray:
    """Standard normal z (batch, latent) float32."""
    return np.random.default_rng(seed).standard_normal((batch, latent)).astype(np.float32)
