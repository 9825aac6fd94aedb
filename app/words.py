"""Numbers, times and states as a person says them; escaping for text that a person or a file brought."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

STATES = {
    "running": "training",
    "finished": "finished",
    "interrupted": "interrupted",
    "diverged": "diverged",
    "damaged": "damaged",
}


def escaped(text: str) -> str:
    """Text for Markdown whose special characters stand for themselves."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|~$:&" else letter for letter in text)


def ago(moment: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def when(moment: datetime, zone: str | None) -> str:
    """21 Nov 08:15, in the time zone of that name or UTC."""
    try:
        local = moment.astimezone(ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        local = moment
    return f"{local.day} {local:%b %H:%M}"


def duration(seconds: float) -> str:
    """1.4 s, 50 s, 3 min, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """A number of bytes in kB or MB."""
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def facts(meta: Mapping[str, Any]) -> str:
    """A bundle in one line of Markdown: beta, distortion and rate in their colours."""
    parts = [f":violet[β **{number(meta['beta'])}**]"]
    for name, colour in (("distortion", "orange"), ("rate", "blue")):
        value = meta["report"].get(name)
        if isinstance(value, int | float):
            parts.append(f":{colour}[{name} **{value:.1f}** nats]")
    return f":small[{' · '.join(parts)}]"


def number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else escaped(str(value))


def summary(meta: Mapping[str, Any]) -> str:
    """A bundle in one plain sentence."""
    latent, title = meta["latent"], meta["data"].get("title", "")
    dimensions = "1 dimension" if latent == 1 else f"{latent} dimensions"
    return escaped(f"{title} in {dimensions}, β {number(meta['beta'])}")
