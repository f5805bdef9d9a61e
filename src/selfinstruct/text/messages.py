"""Numbers as people read them: how long, how many of each, how much; and texts cut to a length."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10

from selfinstruct.errors import RequestError

__all__ = ["dollars", "duration", "failures_in_words", "in_words", "number", "percent", "shortened"]


def dollars(amount: float) -> str:
    """`$1.23`; below a dollar with two digits that are not 0, `$0.00069`."""
    digits = 2 if amount >= 1 or amount <= 0 else 1 - floor(log10(amount))
    return f"${amount:,.{digits}f}"


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def in_words(counts: Mapping[str, int]) -> str:
    """`similar 12, too_short 3`, the commonest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)


def shortened(text: str, width: int) -> str:
    """Itself, or its beginning with an ellipsis: at most so many characters."""
    return text if len(text) <= width else f"{text[: max(0, width - 1)].rstrip()}…"


def failures_in_words(counts: Mapping[str, int]) -> dict[str, int]:
    """`{"rate limited": 3}` for `{"RateLimitedError": 3}`: failed attempts are kept by their error's class. A
    name stays as it is where no such class is here, as in a run of a newer version."""
    labels = {kind.__name__: kind.label for kind in RequestError.__subclasses__()}
    return {labels.get(name, name): count for name, count in counts.items()}


def number(value: int) -> str:
    """12,345"""
    return f"{value:,}"


def percent(share: float | None, digits: int = 0) -> str:
    """54 %, for 0.54; a dash where there is nothing to divide."""
    return "–" if share is None else f"{share * 100:.{digits}f}\N{NARROW NO-BREAK SPACE}%"
