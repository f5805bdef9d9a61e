"""What a verb prints, on terminals and pipes that cannot encode all of it too."""

from __future__ import annotations

import codecs
import io
import json
import sys
import unicodedata

__all__ = ["print_json", "print_text", "printable", "tolerate_narrow_streams"]

_LOOKALIKES = {
    "→": "->", "…": "...", "−": "-", "–": "-", "—": "-", "×": "x", "±": "+/-", "≥": ">=", "≤": "<=",
    "“": '"', "”": '"', "‘": "'", "’": "'", "✓": "ok", "•": "*", "·": "*",
    "↑": "up", "↓": "down", "κ": "kappa", "α": "alpha", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
"""What stands in ASCII for the characters that our own texts use."""


def tolerate_narrow_streams() -> None:
    """From now on, what standard output or error cannot encode is replaced instead of raising an error:
    `PYTHONIOENCODING=ascii`, `LC_ALL=C`, Latin-1."""
    codecs.register_error(_replace.__name__, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_replace.__name__)


def printable(text: str) -> str:
    """A model's text for a terminal: control characters, which could rewrite the screen, as escapes (`x1b`
    behind a backslash). Line breaks and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs") else ascii(char)[1:-1]
        for char in text
    )


def print_text(text: str, *, err: bool = False) -> None:
    """A line on standard output or standard error, as the stream can show it."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def print_json(value: object) -> None:
    """One line of JSON on standard output. Its characters are data: those that the stream cannot encode are
    escaped, never replaced."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    print_text(text)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """A handler of `codecs.register_error`. A byte of a file's name that cannot be decoded is written as it
    is, so that a path can be copied."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    char = error.object[error.start]
    if "\udc80" <= char <= "\udcff":
        return bytes([ord(char) - 0xDC00]), error.start + 1
    return _LOOKALIKES.get(char, "?"), error.start + 1
