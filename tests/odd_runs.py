"""Archives of runs with something changed that may still be runs, for tests."""

import json
import random

from carried import Files, packed
from safetensors.numpy import load, save

JSON_FILES = ("report.json", "run.json", "metrics.jsonl", "log.jsonl", "marks.json", "explorer.bundle")
ODD = ("x", "<b>x</b>" * 40, "\u202e\n\r", None, [], {}, [[1]], 1e308, -1, 0, 10**30, float("nan"), True)


def changed(files: Files, chance: random.Random) -> bytes:
    """A few bytes of one file made others, with a checksum that is right again: it may still be a run."""
    name = chance.choice([name for name in sorted(files) if files[name]])
    content = bytearray(files[name])
    for _ in range(chance.randrange(1, 4)):
        at = chance.choice((chance.randrange(len(content)), chance.randrange(min(len(content), 600))))
        content[at] = chance.choice((chance.randrange(256), *b'"0-9e{[}],: '))
    return packed({**files, name: bytes(content)})


def odd_values(files: Files, chance: random.Random) -> bytes:
    """One value of what a run says of itself made another, somewhere in its JSON."""
    name = chance.choice(JSON_FILES)
    if name == "explorer.bundle":
        arrays = load(files[name])
        length = int.from_bytes(files[name][:8], "little")
        about = json.loads(json.loads(files[name][8 : 8 + length])["__metadata__"]["latentscape"])
        _odd(about, chance)
        return packed({**files, name: save(arrays, {"latentscape": json.dumps(about)})})
    lines = files[name].split(b"\n") if name.endswith("l") else [files[name]]
    place = chance.randrange(max(1, len(lines) - 1))
    value = json.loads(lines[place])
    _odd(value, chance)
    lines[place] = json.dumps(value).encode()
    return packed({**files, name: b"\n".join(lines)})


def _odd(value: object, chance: random.Random) -> None:
    """Goes down to a value and puts another in its place."""
    while isinstance(value, dict | list) and value:
        key = chance.choice(sorted(value)) if isinstance(value, dict) else chance.randrange(len(value))
        if not isinstance(value[key], dict | list) or not value[key] or chance.random() < 0.3:
            value[key] = chance.choice(
                (
                    "x",
                    "<b>x</b>" * 40,
                    None,
                    [],
                    {},
                    [[1]],
                    1e308,
                    -1,
                    0,
                    10**30,
                    float("nan"),
                    True,
                    "\u202e\n\r",
                )
            )
            return
        value = value[key]
