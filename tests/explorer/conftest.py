"""Fixtures of the explorer's tests."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from decoding import NodeRuntime, describe


@pytest.fixture(scope="session")
def runtime(node: str) -> Iterator[NodeRuntime]:
    server = NodeRuntime(node)
    yield server
    server.close()


@pytest.fixture
def meta() -> dict[str, Any]:
    """Of a decoder z (2,) -> sigmoid of a linear layer (6,), on a map of five points."""
    ops = [
        {"op": "linear", "weight": "decoder.0.weight", "bias": "decoder.0.bias"},
        {"op": "sigmoid"},
    ]
    return describe(2, (1, 2, 3), ops)


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        "decoder.0.weight": random.normal(size=(6, 2)).astype(np.float32),
        "decoder.0.bias": random.normal(size=6).astype(np.float32),
        "points.mu": random.normal(size=(5, 2)).astype(np.float32),
        "points.log_var": random.normal(size=(5, 2)).astype(np.float32),
        "points.label": np.array([0, 1, -1, 0, 1], np.int16),
        "points.index": np.array([3, 1, 4, 15, 9], np.int32),
        "thumbs": random.integers(0, 256, (5, 1, 2, 3)).astype(np.uint8),
    }
