"""Matrix products of linear layers in training, by the fastest way that the processor has.

torch leaves products in float32 to a library that makes no use of AVX-512 on every processor; oneDNN, which
torch has on board for its convolutions, does. On an AMD EPYC with AVX-512 it takes half the time for the same
numbers, to float32 rounding. Processors with instructions for bfloat16 take half of that again, with factors
of 8 bits each and sums in float32 (Kalamkar et al. 2019); weights, moments, activations and every term of the
loss stay in float32, and whatever looks at a model uses the weights as they are.

Layers too small to gain go torch's usual way, so a small net trains bit for bit alike everywhere.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vae_core.config import RunConfig
from vae_core.settings import settings
from vae_core.sizes import Shape, multiply_adds

LEAST = 2**22  # multiplications of one product, from where another way than torch's pays
LEAST_NET = 2**18  # multiplications for one picture, from where a net is worth bfloat16
# On Fashion-MNIST a Bernoulli likelihood ends within 0.02 nats of float32 with 8 and with 16 latents. With 2
# any change of rounding moves a training's end by up to half a nat, so nothing was shown; a continuous one
# ends 12 nats apart.
ROUNDABLE = ("bernoulli",)
LEAST_LATENT = 8


def precision(config: RunConfig, shape: Shape) -> str:
    """ "bfloat16" or "float32": how the large products of a training on pictures of `shape` are made.

    Only plain multilayer nets take bfloat16, where it was measured to change nothing that counts and the
    processor has it. LATENTSCAPE_PRECISION set to float32 rules it out, as a repeat of a run without it
    wants.
    """
    model = config.model
    is_plain = (model.kind, model.net, model.norm, model.tied) == ("vae", "mlp", "none", False)
    is_safe = model.likelihood in ROUNDABLE and model.latent >= LEAST_LATENT
    suits = is_plain and is_safe and multiply_adds(model, shape) >= LEAST_NET
    return "bfloat16" if suits and settings().precision == "auto" and has_bfloat16() else "float32"


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself: emulated it is many times slower than float32."""
    known = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name)() for name in known if hasattr(torch.cpu, name))


def has_onednn() -> bool:
    """Whether oneDNN's products are there, on a processor where they gain."""
    return (
        torch.backends.cpu.get_cpu_capability() == "AVX512"
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )


ONEDNN = has_onednn()


def linear(x: Tensor, layer: nn.Linear, narrow: bool) -> Tensor:
    """What `layer` makes of x (B, inputs): (B, outputs), float32; `narrow` allows bfloat16 on the way."""
    weight, bias = layer.weight, layer.bias
    if x.ndim != 2 or x.dtype != torch.float32 or len(x) * weight.numel() < LEAST:
        return layer(x)
    if narrow:
        return _Narrow.apply(x, weight, bias)
    return _Exact.apply(x, weight, bias) if ONEDNN else layer(x)


class _Exact(torch.autograd.Function):
    """x Wᵀ + b in float32 by oneDNN."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x, weight)
        return _by_onednn(x, weight, bias)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient: Tensor):  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        of_x, _, of_bias = ctx.needs_input_grad
        gradient = gradient.contiguous()
        return (
            _by_onednn(gradient, weight.t()) if of_x else None,
            _by_onednn(gradient.t(), x.t()),
            gradient.sum(0) if of_bias else None,
        )


class _Narrow(torch.autograd.Function):
    """x Wᵀ + b with x, W and their gradients rounded to bfloat16; b and its gradient stay as they are."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # type: ignore[no-untyped-def]
        x, weight = x.bfloat16(), weight.bfloat16()
        ctx.save_for_backward(x, weight)
        product = F.linear(x, weight)
        return product.float() if bias is None else torch.add(product, bias)  # which is float32

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient: Tensor):  # type: ignore[no-untyped-def]
        x, weight = ctx.saved_tensors
        of_x, _, of_bias = ctx.needs_input_grad
        rounded = gradient.bfloat16()
        return (
            (rounded @ weight).float() if of_x else None,
            (rounded.t() @ x).float(),
            gradient.sum(0) if of_bias else None,
        )


def _by_onednn(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x (B, I), weight (O, I), bias (O,) -> (B, O); either may be a transposed view."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
