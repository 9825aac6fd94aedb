"""Hands on the dial of an explorer's page."""

import math
from typing import Any

from dial_bundle import HIGH, LOW
from mounting import Stage


def dial_of(stage: Stage) -> Any:
    return stage.page.get_by_role("slider", name="β, the weight of the rate")


def field(stage: Stage) -> Any:
    return stage.page.get_by_role("textbox", name="β, the weight of the rate, as a number")


def words(stage: Stage) -> Any:
    return stage.find(".ls-dial-words").first


def at(stage: Stage, beta: float) -> tuple[float, float]:
    """Where a beta stands on the dial."""
    box = dial_of(stage).bounding_box()
    share = math.log(beta / LOW) / math.log(HIGH / LOW)
    return box["x"] + share * box["width"], box["y"] + 22


def wait_for_beta(stage: Stage, beta: float, key: str = "beta") -> None:
    close = f"Math.abs(Math.log(explorer.getState().{key} / {beta})) < 0.02"
    stage.page.wait_for_function(close)
    stage.frame()


def turn(stage: Stage, beta: float) -> None:
    field(stage).fill(str(beta))
    field(stage).press("Enter")
    wait_for_beta(stage, beta)
