"""Small variational autoencoders: train them, walk their latent spaces, tune beta.

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vae_core.api import export_html, fit, load, load_data, save
    from vae_core.config import RunConfig
    from vae_core.latent import decode, encode, interpolate, traverse
    from vae_core.models import build
    from vae_core.recipes import recommended

HOMES = {
    "RunConfig": "config",
    "build": "models",
    "decode": "latent",
    "encode": "latent",
    "export_html": "api",
    "fit": "api",
    "interpolate": "latent",
    "load": "api",
    "load_data": "api",
    "recommended": "recipes",
    "save": "api",
    "traverse": "latent",
}

__all__ = [
    "RunConfig",
    "build",
    "decode",
    "encode",
    "export_html",
    "fit",
    "interpolate",
    "load",
    "load_data",
    "recommended",
    "save",
    "traverse",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
