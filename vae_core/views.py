"""Views that are too long for an address, kept in the home under the checksum of what they hold."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vae_core.errors import UnreadableFileError, ViewNotFoundError
from vae_core.settings import settings
from vae_core.storage import make_folder, read_json, write_atomic

LIMIT = 64_000  # bytes of one view; a thousand classes and 128 dimensions are 6,000
_ID = re.compile(r"[0-9a-f]{16}")


class ViewStore:
    """`home` is the folder of this machine's runs, by default the one of the settings."""

    def __init__(self, home: Path | None = None) -> None:
        self.path = (home or settings().home) / "views"

    def put(self, run_id: str, query: Mapping[str, str]) -> str:
        """Keeps the parameters of an address for a run; their id, the same for the same ones.

        Raises StorageError where they cannot be written, ValueError for more than 64,000 bytes.
        """
        value = {"run": run_id, "query": dict(sorted(query.items()))}
        text = json.dumps(value, sort_keys=True).encode()
        if len(text) > LIMIT:
            raise ValueError(f"A view of {len(text):,} bytes; at most {LIMIT:,} are kept.")
        name = hashlib.sha256(text).hexdigest()[:16]
        file = self._file(name)
        if not file.exists():
            make_folder(self.path)
            write_atomic(file, text)
        return name

    def get(self, run_id: str, name: str) -> dict[str, str]:
        """The parameters kept under that id. Raises ViewNotFoundError where there are none for this run."""
        if not _ID.fullmatch(name):
            raise ViewNotFoundError("The address names no saved view. Ask for the link again.")
        try:
            value: dict[str, Any] = read_json(self._file(name), LIMIT)
        except UnreadableFileError:
            value = {}
        query = value.get("query")
        if value.get("run") != run_id or not isinstance(query, dict):
            raise ViewNotFoundError(
                f"The saved view {name} is not on this computer, or belongs to another run. "
                "Ask for the link again."
            )
        return {key: text for key, text in query.items() if isinstance(text, str)}

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.json"
