"""Cells of tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from selfinstruct.text.messages import percent

__all__ = ["amount", "decimal", "dollars", "is_number", "moment", "percent_of", "seconds"]

NUMBER = re.compile(r"[−+$]?\d[\d,.]*(?:\s?[%s])?(?: \(.*\))?=?|–")
"""With a unit, or with a share in brackets, or a shared rank (`2=`); or a dash for none."""


def is_number(cell: str) -> bool:
    """Whether a cell should be set flush right."""
    return NUMBER.fullmatch(cell) is not None


def amount(value: float | None) -> str:
    """`12,345`; a dash for none."""
    return "–" if value is None else f"{value:,.0f}"


def decimal(value: float | None, digits: int = 1) -> str:
    """`12.3`; a dash for none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def dollars(value: float | None) -> str:
    """`$1.23`, with more digits below a dollar; a dash for none."""
    if value is None:
        return "–"
    return (
        f"${value:,.2f}"
        if value >= 1 or value == 0
        else f"${value:.2g}"
        if value < 0.001
        else f"${value:.4f}"
    )


def moment(at: float) -> str:
    """`26 November 2026, 04:35 UTC`."""
    then = datetime.fromtimestamp(at, UTC)
    return f"{then.day} {then:%B %Y, %H:%M} UTC"


def percent_of(part: int, whole: int) -> str:
    """`54 %`; a dash where there is nothing to divide."""
    return percent(part / whole if whole else None)


def seconds(value: float | None) -> str:
    """`0.42 s`; a dash for none."""
    return "–" if value is None else f"{value:.2f} s"
