"""Layers of torch, as `portable.parts` names them, as an ONNX graph (opset 18) with any number of rows.

Written node by node, so that what a graph holds is what its specification names. https://onnx.ai/onnx/operators
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

OPSET, IR = 18, 9  # both of 2023, which runtimes in use know
Spec = Mapping[str, Any]
ROWS = "N"  # what the free first dimension is called
SERIES = 0.3  # logits nearer to 0 have the continuous Bernoulli's mean by its series, see tilted.py


class Graph:
    """A graph that grows by one node at a time; values are known by their names."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = arrays
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, np.ndarray] = {}

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """The name of the new node's first output; a second one is called the same with ".2"."""
        name = f"v{len(self._nodes)}"
        names = [name, f"{name}.2"][:outputs]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return name

    def constant(self, value: Any, kind: type = np.float32) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = np.array(value, kind)
        return name

    def weight(self, name: str) -> str:
        """Of the model, by its name there; nothing, which leaves an input out, where it has none."""
        if name not in self._arrays:
            return ""
        self._constants[name] = self._arrays[name]
        return name

    def model(
        self,
        given: tuple[str, list[int]],
        made: Mapping[str, tuple[str, list[int]]],
        about: Mapping[str, str],
    ) -> ModelProto:
        """What takes the input `given` (name and shape without rows) to outputs: name -> (value, shape)."""
        nodes = list(self._nodes)
        nodes += [helper.make_node("Identity", [value], [name]) for name, (value, _) in made.items()]
        graph = helper.make_graph(
            nodes,
            "Latentscape",
            [_value(*given)],
            [_value(name, shape) for name, (_, shape) in made.items()],
            [numpy_helper.from_array(array, name) for name, array in self._constants.items()],
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, producer_name="Latentscape", ir_version=IR, opset_imports=[opset])
        helper.set_model_props(model, dict(about))
        checker.check_model(model, full_check=True)
        return model


def layer(graph: Graph, spec: Spec, name: str, x: str) -> str:
    """The value that comes out of a layer of that name where `x` goes in."""
    if spec["layer"] == "Residual":
        return graph.add("Add", x, _sequence(graph, spec, name, x))
    return LAYERS[spec["layer"]](graph, spec, name, x)


def log_var(graph: Graph, raw: str, posterior: Mapping[str, Any], mean: str) -> str:
    """Log-variances of q(z | x) of the encoder's second half, see `posteriors.bounded`."""
    if "log_var" in posterior:  # the same for all, in the shape of the means
        zero = graph.add("Mul", mean, graph.constant(0.0))
        return graph.add("Add", zero, graph.constant(posterior["log_var"]))
    ceiling = graph.constant(posterior["ceiling"])
    return graph.add("Sub", ceiling, graph.add("Softplus", graph.add("Sub", ceiling, raw)))


def _value(name: str, shape: list[int]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [ROWS, *shape])


def _sequence(graph: Graph, spec: Spec, name: str, x: str) -> str:
    for place, part in enumerate(spec["layers"]):
        x = layer(graph, part, f"{name}.{place}", x)
    return x


def _centred(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("Sub", x, graph.weight(f"{name}.mean"))


def _linear(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("Gemm", x, *_weights(graph, name), transB=1)


def _conv(graph: Graph, spec: Spec, name: str, x: str) -> str:
    options = spec["options"]
    more = {"output_padding": options["output_padding"]} if "output_padding" in options else {}
    kind = "ConvTranspose" if more else "Conv"
    pads = [*options["padding"], *options["padding"]]
    return graph.add(kind, x, *_weights(graph, name), strides=options["stride"], pads=pads, **more)


def _upsample(graph: Graph, spec: Spec, name: str, x: str) -> str:
    sizes = graph.constant(spec["options"]["size"], np.int64)
    ways: dict[str, Any] = {
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
        "axes": [2, 3],
    }
    return graph.add("Resize", x, "", "", sizes, mode="nearest", **ways)


def _batch_norm(graph: Graph, spec: Spec, name: str, x: str) -> str:
    parts = (graph.weight(f"{name}.{key}") for key in ("weight", "bias", "running_mean", "running_var"))
    return graph.add("BatchNormalization", x, *parts, epsilon=spec["options"]["eps"])


def _layer_norm(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("LayerNormalization", x, *_weights(graph, name), epsilon=spec["options"]["eps"])


def _group_norm(graph: Graph, spec: Spec, name: str, x: str) -> str:
    """ONNX has changed its mind about this one: as instances of one channel each, then scaled."""
    groups, channels = spec["options"]["num_groups"], spec["options"]["num_channels"]
    rows = graph.add("Reshape", x, graph.constant([0, groups, -1], np.int64))
    ones, zeros = graph.constant(np.ones(groups)), graph.constant(np.zeros(groups))
    normal = graph.add("InstanceNormalization", rows, ones, zeros, epsilon=spec["options"]["eps"])
    flat = graph.add("Reshape", normal, graph.constant([0, channels, -1], np.int64))
    column = graph.constant([channels, 1], np.int64)
    weight, bias = (graph.add("Reshape", part, column) for part in _weights(graph, name))
    scaled = graph.add("Add", graph.add("Mul", flat, weight), bias)
    return graph.add("Reshape", scaled, graph.add("Shape", x))


def _flatten(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("Flatten", x, axis=1)


def _unflatten(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("Reshape", x, graph.constant([0, *spec["options"]["unflattened_size"]], np.int64))


def _leaky_relu(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("LeakyRelu", x, alpha=spec["options"]["negative_slope"])


def _silu(graph: Graph, spec: Spec, name: str, x: str) -> str:
    return graph.add("Mul", x, graph.add("Sigmoid", x))


def _gelu(graph: Graph, spec: Spec, name: str, x: str) -> str:
    """x Phi(x), by the error function."""
    erf = graph.add("Erf", graph.add("Mul", x, graph.constant(math.sqrt(0.5))))
    share = graph.add("Mul", graph.add("Add", erf, graph.constant(1.0)), graph.constant(0.5))
    return graph.add("Mul", x, share)


def _continuous_bernoulli_mean(graph: Graph, spec: Spec, name: str, x: str) -> str:
    """1/2 + 1 / (2 tanh(l / 2)) - 1 / l, and 1/2 + l/12 - l^3/720 + l^5/30240 - l^7/1209600 near 0."""
    half, one = graph.constant(0.5), graph.constant(1.0)
    near = graph.add("Less", graph.add("Abs", x), graph.constant(SERIES))
    square = graph.add("Mul", x, x)
    series = graph.constant(-1 / 1209600)
    for factor in (1 / 30240, -1 / 720, 1 / 12):
        series = graph.add("Add", graph.add("Mul", series, square), graph.constant(factor))
    series = graph.add("Add", graph.add("Mul", series, x), half)
    away = graph.add("Where", near, one, x)
    slope = graph.add("Div", half, graph.add("Tanh", graph.add("Mul", away, half)))
    exact = graph.add("Sub", graph.add("Add", slope, half), graph.add("Div", one, away))
    return graph.add("Where", near, series, exact)


def _plain(kind: str) -> Callable[[Graph, Spec, str, str], str]:
    return lambda graph, spec, name, x: graph.add(kind, x)


def _weights(graph: Graph, name: str) -> list[str]:
    """Weight and bias, as far as there are any."""
    return [part for part in (graph.weight(f"{name}.{key}") for key in ("weight", "bias")) if part]


LAYERS: dict[str, Callable[[Graph, Spec, str, str], str]] = {
    "Sequential": _sequence,
    "Centred": _centred,
    "Linear": _linear,
    "Conv2d": _conv,
    "ConvTranspose2d": _conv,
    "Upsample": _upsample,
    "BatchNorm1d": _batch_norm,
    "BatchNorm2d": _batch_norm,
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "Flatten": _flatten,
    "Unflatten": _unflatten,
    "LeakyReLU": _leaky_relu,
    "SiLU": _silu,
    "GELU": _gelu,
    "ContinuousBernoulliMean": _continuous_bernoulli_mean,
    "ReLU": _plain("Relu"),
    "Tanh": _plain("Tanh"),
    "Sigmoid": _plain("Sigmoid"),
    "Softplus": _plain("Softplus"),
}
