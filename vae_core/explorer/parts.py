"""What the checks of a bundle's description share: how it is refused, and what is a number."""

import sys
from typing import Any

from vae_core.errors import BundleError


def refusal(reason: str) -> BundleError:
    """The error that says why a bundle is refused; `reason` is the end of a sentence."""
    return BundleError(f"The explorer bundle cannot be used: {reason}.")


def is_count(value: Any) -> bool:
    """Whether it is a whole number that memory could hold."""
    return type(value) is int and 0 <= value < 2**48


def is_number(value: Any) -> bool:
    """Whether it is a finite number."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max  # JSON has endless whole numbers


def are_numbers(values: Any, length: int) -> bool:
    """Whether it is a list of `length` finite numbers."""
    return isinstance(values, list) and len(values) == length and all(is_number(v) for v in values)


def are_operations(values: Any) -> bool:
    """Whether it is a list of operations, as far as their form goes."""
    return isinstance(values, list) and all(
        isinstance(spec, dict) and isinstance(spec.get("op"), str) for spec in values
    )
