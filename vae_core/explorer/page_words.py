"""The author's words on a one-file page: a title, and notes as paragraphs. Markup in them stays text."""

import re
from html import escape

TITLE_MOST = 120  # characters
NOTES_MOST = 4_000


def title(text: str) -> str:
    """A title on one line, no longer than TITLE_MOST."""
    return _clean(" ".join(text.split()))[:TITLE_MOST]


def paragraphs(notes: str) -> str:
    """Markup of notes, at most NOTES_MOST letters: an empty line begins a paragraph, others a line."""
    blocks = re.split(r"\n[ \t]*(?:\n[ \t]*)+", _clean(notes.replace("\r\n", "\n")).strip()[:NOTES_MOST])
    return "".join(f"<p>{escape(block).replace(chr(10), '<br>')}</p>" for block in blocks if block)


def _clean(text: str) -> str:
    """Without control characters and without those that turn the direction of what follows."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", " ", text)
