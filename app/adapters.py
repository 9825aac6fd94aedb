"""The scripts of what Interpolate mounts: browser part, address.js, and an adapter, its Streamlit half."""

from pathlib import Path

from vae_core.explorer.build import runtime_js

HERE = Path(__file__).parent


def script(adapter: str) -> str:
    """All of it, with the adapter of that file name."""
    parts = [(HERE / name).read_text("utf-8") for name in ("address.js", adapter)]
    return "\n".join([runtime_js(), *parts])
