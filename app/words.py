"""Numbers, times and states as a person says them; escaping for text that a person or a file brought."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vae_core.config import NAMES

# What the words and colours of `facts` mean.
FACTS = """
**β** is the price of the rate: a larger one gives a simpler, rounder map and blurrier pictures.

**Distortion** is what the model draws wrong; smaller means pictures closer to the originals.

**Rate** is what describing a picture by its z costs; at 0 nothing gets through. A plain autoencoder does not
pay it: shown is ½|z|², how far out its codes lie.

**Nats** measure both, as bits do: one nat is 1.44 bits.
"""

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


def epochs(share: float, total: float) -> str:
    """264 of 1,500; with a decimal where there are fewer than ten."""
    done = share * total
    return f"{f'{done:.1f}' if total < 10 else f'{int(done + 1e-9):,}'} of {total:,g}"


def size(count: int) -> str:
    """A number of bytes in kB, MB or GB."""
    if count >= 1e9:
        return f"{count / 1e9:.3g} GB"
    if 1e6 <= count < 9.95e6:  # two digits, as of a GB: what is sent by mail is often of that size
        return f"{count / 1e6:.2g} MB"
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def facts(meta: Mapping[str, Any]) -> str:
    """A bundle in one line of Markdown: beta, distortion and rate in their colours, the likelihood."""
    parts = [f":violet[{_price(meta)}]"]
    for name, colour in (("distortion", "orange"), ("rate", "blue")):
        value = meta["report"].get(name)
        if isinstance(value, int | float):
            parts.append(f":{colour}[{name} **{value:.1f}** nats]")
    return f":small[{' · '.join([*parts, pixels(meta)])}]"


def pixels(meta: Mapping[str, Any]) -> str:
    """A bundle's likelihood: Continuous Bernoulli pixels; with its scale where that was learned."""
    name = escaped(NAMES.get(meta["likelihood"], meta["likelihood"]).partition(",")[0])
    sigma = meta["report"].get("sigma")
    return f"{name} pixels" + (f", σ {sigma:.3f}" if isinstance(sigma, int | float) else "")


def _price(meta: Mapping[str, Any]) -> str:
    """Beta, or that there is none; with a dial, that these figures are not of where it stands."""
    if meta.get("posterior", {}).get("deterministic") is True:
        return "plain autoencoder"
    return f"{'at ' if meta.get('dial') else ''}β **{number(meta['beta'])}**"


def plain(value: float) -> str:
    """Two significant digits, never an exponent: 250, 0.00031."""
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{round(value, digits):,.{max(0, digits)}f}"


def short(value: float) -> str:
    """Three significant digits without needless zeros: 4, 0.12, 1500."""
    return f"{float(f'{value:.3g}'):.10g}"


def number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else escaped(str(value))


def summary(meta: Mapping[str, Any]) -> str:
    """A bundle in one plain sentence."""
    latent, title = meta["latent"], meta["data"].get("title", "")
    dimensions = "1 dimension" if latent == 1 else f"{latent} dimensions"
    dial = meta.get("dial")
    price = f"β {dial['low']:g} to {dial['high']:g}" if dial else _price(meta).replace("*", "")
    return escaped(f"{title} in {dimensions}, {price}")
