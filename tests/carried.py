"""Archives that pretend to be a run, for tests: made of a real one by one damage each."""

import io
import json
import random
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
from safetensors.numpy import load, save

Files = dict[str, bytes]
Damage = Callable[[Files, random.Random], bytes]


def files_of(archive: bytes) -> Files:
    """Name without the run's folder -> bytes."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def packed(files: Files, folder: str = "run/", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return buffer.getvalue()


def with_entry(files: Files, entry: zipfile.ZipInfo | str, content: bytes = b"x") -> bytes:
    """The run and one entry besides, under exactly that name."""
    buffer = io.BytesIO(packed(files))
    with zipfile.ZipFile(buffer, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there already
        archive.writestr(entry, content)
    return buffer.getvalue()


def slip(files: Files, chance: random.Random) -> bytes:
    names = (
        "../evil",
        "/etc/evil",
        "run/../../evil",
        "run\\..\\evil",
        "C:\\evil",
        "run/snapshots/../x",
        "~/evil",
    )
    return with_entry(files, chance.choice(names))


def link(files: Files, chance: random.Random) -> bytes:
    entry = zipfile.ZipInfo("run/latents.safetensors")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    left = {name: content for name, content in files.items() if name != "latents.safetensors"}
    return with_entry(left, entry, b"/etc/passwd")


def twice(files: Files, chance: random.Random) -> bytes:
    name = chance.choice(sorted(files))
    return with_entry(files, zipfile.ZipInfo(f"run/{name}"), files[name])


def other_case(files: Files, chance: random.Random) -> bytes:
    return with_entry(files, "run/" + chance.choice(sorted(files)).upper())


def bomb(files: Files, chance: random.Random) -> bytes:
    """A megabyte of archive that would be a gigabyte of report, and says it is ten bytes."""
    name = chance.choice(("report.json", "config.json", "run.json", "marks.json"))
    archive = bytearray(packed({**files, name: bytes(2**24)}))
    at = archive.rfind(b"run/" + name.encode()) - 46  # of its entry in the directory
    archive[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(archive)


def tensors(name: str, change: Callable[[dict[str, np.ndarray], random.Random], object]) -> Damage:
    """One of the run's tensor files with something else in it."""

    def damage(files: Files, chance: random.Random) -> bytes:
        arrays = load(files[name])
        length = int.from_bytes(files[name][:8], "little")
        about = json.loads(files[name][8 : 8 + length]).get("__metadata__")
        change(arrays, chance)
        return packed({**files, name: save(arrays, about)})

    return damage


def _misshape(arrays: dict[str, np.ndarray], chance: random.Random) -> None:
    name = chance.choice([key for key, array in sorted(arrays.items()) if array.ndim > 1])
    arrays[name] = np.concatenate([arrays[name], arrays[name][:1]])


def _spoil(arrays: dict[str, np.ndarray], chance: random.Random) -> None:
    name = chance.choice(
        [key for key, array in sorted(arrays.items()) if array.dtype.kind == "f" and array.size]
    )
    arrays[name].flat[chance.randrange(arrays[name].size)] = chance.choice((np.nan, np.inf))


def _lose(arrays: dict[str, np.ndarray], chance: random.Random) -> None:
    del arrays[chance.choice([key for key in sorted(arrays) if not key.endswith("labels")])]


def _lose_weight(arrays: dict[str, np.ndarray], chance: random.Random) -> None:
    del arrays[chance.choice([key for key in sorted(arrays) if key.startswith("decoder.")])]


def header(files: Files, chance: random.Random) -> bytes:
    """A tensor file whose header is said to be enormous."""
    name = chance.choice([name for name in sorted(files) if name.endswith(("safetensors", "bundle"))])
    length = struct.pack("<Q", chance.choice((2**63, 2**31, len(files[name]) * 2)))
    return packed({**files, name: length + files[name][8:]})


def version(files: Files, chance: random.Random) -> bytes:
    config = json.loads(files["config.json"]) | {"format": chance.choice((0, -1, 0.5, "1", None))}
    return packed({**files, "config.json": json.dumps(config).encode()})


def wide(files: Files, chance: random.Random) -> bytes:
    config = json.loads(files["config.json"])
    config["model"]["hidden"] = chance.choice(([10**9], [4096] * 100, [-1], ["a"], [1e308]))
    return packed({**files, "config.json": json.dumps(config).encode()})


def other_net(files: Files, chance: random.Random) -> bytes:
    config = json.loads(files["config.json"])
    config["model"]["latent"] = 3 + chance.randrange(60)
    return packed({**files, "config.json": json.dumps(config).encode()})


def crowd(files: Files) -> bytes:
    """A hundred thousand entries, all the same one."""
    archive = packed({"config.json": files["config.json"]})
    end = archive.rfind(b"PK\5\6")
    (start,) = struct.unpack_from("<I", archive, end + 16)
    directory = archive[start:end] * 100_000
    return (
        archive[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, len(directory), start, 0)
    )


def cut(files: Files, chance: random.Random) -> bytes:
    archive = packed(files)
    return archive[: chance.randrange(len(archive))]


def flipped(files: Files, chance: random.Random) -> bytes:
    """One bit of a file's content, whose checksum then says so."""
    archive = bytearray(packed(files, method=0))
    name = chance.choice([name for name in sorted(files) if files[name]])
    at = archive.find(files[name]) + chance.randrange(len(files[name]))
    archive[at] ^= 1 << chance.randrange(8)
    return bytes(archive)


def noise(files: Files, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 4000))


def json_noise(files: Files, chance: random.Random) -> bytes:
    name = chance.choice(("report.json", "metrics.jsonl", "log.jsonl"))
    texts = [b"[]\n", b"{\n", b"[" * 100_000 + b"\n", b"nan\n", b"\xff\xfe\n"]
    if name == "metrics.jsonl":
        texts.append(b'{"n": "x"}\n')  # an object, but no row
    return packed({**files, name: chance.choice(texts)})


def missing(files: Files, chance: random.Random) -> bytes:
    name = chance.choice(("config.json", "model.safetensors", "explorer.bundle", "latents.safetensors"))
    return packed({other: content for other, content in files.items() if other != name})


def odd_name(files: Files, chance: random.Random) -> bytes:
    """Names that some system or reader would take for another."""
    name = chance.choice(
        (
            "snapshots/００００００００.safetensors",
            "snapshots/-0000001.safetensors",
            "report.json ",
            "report.json\n",
            "CON",
            "report.json:hidden",
            "./report.json",
            "x" * 5000,
            "snapshots/x/00000001.safetensors",
            "checkpoint",
        )
    )
    return with_entry(files, "run/" + name)


def not_numbers(files: Files, chance: random.Random) -> bytes:
    """Settings that JSON can hold and no run has."""
    config = json.loads(files["config.json"])
    value = chance.choice((float("nan"), float("inf"), -1, 1e300, 10**400, "1", None, [], {}, True, "\ud800"))
    section = chance.choice(("data", "model", "objective", "training"))
    config[section][chance.choice(sorted(config[section]))] = [value, {"x": value}]
    return packed({**files, "config.json": json.dumps(config).encode()})


def deep(files: Files, chance: random.Random) -> bytes:
    """JSON nested deeper than a reader can follow, also in the header of a tensor file."""
    text = b'{"a":' * 100_000
    name = chance.choice(("config.json", "run.json", "report.json", "latents.safetensors"))
    return packed({**files, name: (struct.pack("<Q", len(text)) if "tensors" in name else b"") + text})


def overlapping(files: Files, chance: random.Random) -> bytes:
    """An entry that says it lies where another does."""
    archive = bytearray(packed(files))
    name = chance.choice([name for name in sorted(files) if name != "config.json"])
    at = archive.rfind(b"run/" + name.encode()) - 46
    archive[at + 42 : at + 46] = struct.pack("<I", chance.choice((0, 1, len(archive), 2**32 - 1)))
    return bytes(archive)


def encrypted(files: Files, chance: random.Random) -> bytes:
    archive = bytearray(packed(files))
    at = archive.rfind(b"run/" + chance.choice(sorted(files)).encode()) - 46
    archive[at + 8] |= 1
    return bytes(archive)


def fewer_points(files: Files, chance: random.Random) -> bytes:
    """Codes of fewer examples than there are pictures."""
    snapshots = [name for name in sorted(files) if name.startswith("snapshots/")]

    def shorten(arrays: dict[str, np.ndarray], chance: random.Random) -> None:
        for name in ("mu", "log_var"):
            arrays[name] = arrays[name][:-1]

    name = chance.choice(["latents.safetensors", *snapshots])
    return tensors(name, shorten)(files, chance)


def newer(files: Files, chance: random.Random) -> bytes:
    """What a later version of Latentscape may write."""
    name = chance.choice(("config.json", "run.json", "latents.safetensors", "explorer.bundle"))
    if name.endswith(".json"):
        return packed({**files, name: json.dumps(json.loads(files[name]) | {"format": 2}).encode()})
    length = int.from_bytes(files[name][:8], "little")
    about = json.loads(json.loads(files[name][8 : 8 + length])["__metadata__"]["latentscape"])
    note = {"latentscape": json.dumps(about | {"format": 2})}
    return packed({**files, name: save(load(files[name]), note)})


def two_runs(files: Files, chance: random.Random) -> bytes:
    return with_entry({"config.json": files["config.json"]}, "other/report.json", b"{}")


DAMAGES: dict[str, Damage] = {
    **{
        damage.__name__: damage
        for damage in (slip, link, twice, other_case, bomb, header, version, wide, other_net, cut, flipped)
    },
    **{damage.__name__: damage for damage in (noise, json_noise, missing, two_runs, odd_name, not_numbers)},
    **{damage.__name__: damage for damage in (deep, overlapping, encrypted, fewer_points, newer)},
    **{
        f"{how} in {name}": tensors(name, change)
        for how, change in (("shape", _misshape), ("nan", _spoil), ("loss", _lose))
        for name in ("model.safetensors", "latents.safetensors", "checkpoint/state.safetensors")
    },
    **{
        f"{how} in explorer.bundle": tensors("explorer.bundle", change)
        for how, change in (("shape", _misshape), ("nan", _spoil), ("loss", _lose_weight))
    },
    "shape in examples": tensors("examples.safetensors", _misshape),
}


def hostile(files: Files, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` archives, each with the name of its damage; every kind comes in turn."""
    names = sorted(DAMAGES)
    for number in range(count):
        name = names[number % len(names)]
        yield f"{name} ({number})", DAMAGES[name](files, random.Random(f"{seed}/{number}"))
