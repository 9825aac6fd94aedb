"""Lines of our own code, read where they stand: what is shown of them cannot go stale."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class CodeLine:
    """A statement of our code."""

    file: str  # from the root of the project, such as vae_core/posteriors.py
    number: int  # of its first line
    text: str  # as it stands there, moved to the left; several lines where it has several


@cache
def code_line(owner: Callable[..., Any] | type, fragment: str) -> CodeLine:
    """The smallest statement of a function or class in which `fragment` stands, the first of them.

    Raises LookupError where there is none.
    """
    lines, start = inspect.getsourcelines(owner)
    source = textwrap.dedent("".join(lines))
    statements = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and fragment in (ast.get_source_segment(source, node) or "")
    ]
    if not statements:
        raise LookupError(f"{owner.__qualname__} has no line with {fragment!r}.")
    found = min(statements, key=lambda node: ((node.end_lineno or 0) - node.lineno, node.lineno))
    text = textwrap.dedent("\n".join(source.splitlines()[found.lineno - 1 : found.end_lineno]))
    file = Path(inspect.getsourcefile(owner) or "").resolve().relative_to(ROOT)
    return CodeLine(file.as_posix(), start + found.lineno - 1, text)
