"""Which of some names a misspelt one was probably meant as. Names that only look alike are not suggested."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["closest", "did_you_mean"]

BEGINNING, PART = 3, 4
"""Letters that a name may be cut short to, and of one of its parts: `out` is no way to say `price-out`."""
LETTERS_PER_EDIT = 3
"""One letter may be wrong, missing, extra or swapped with its neighbor for so many of the longer name."""
SUGGESTED = 3
_BETWEEN = re.compile(r"[-_. ]")


def closest(given: str, names: Iterable[str]) -> list[str]:
    """At most three of the names, in their order: those that begin with the misspelt one or have it as a part
    (`cost`, `max-cost`), or else those with the fewest edits. Empty where nothing is near: `genrate` and
    `gen` are near `generate`, but `merge` is not near `serve`.

    Leading hyphens and case do not matter.
    """
    from rapidfuzz.distance import OSA  # where something is misspelt, and nowhere else

    wanted, plain = _plain(given), {name: _plain(name) for name in names}
    within = [name for name, own in plain.items() if _is_within(wanted, own)]
    edits = {name: OSA.distance(wanted, own) for name, own in plain.items()}
    near = [
        name for name, own in plain.items() if edits[name] <= max(len(wanted), len(own)) // LETTERS_PER_EDIT
    ]
    fewest = min((edits[name] for name in near), default=0)
    return (within or [name for name in near if edits[name] == fewest])[:SUGGESTED]


def did_you_mean(given: str, names: Iterable[str]) -> str:
    """The question, with the names in quotes; empty where there is nothing to suggest."""
    close = [repr(name) for name in closest(given, names)]
    return f"Did you mean {' or '.join(close)}?" if close else ""


def _plain(name: str) -> str:
    return name.lstrip("-").casefold().replace("_", "-")


def _is_within(wanted: str, name: str) -> bool:
    begins = len(wanted) >= BEGINNING and name.startswith(wanted)
    return begins or (len(wanted) >= PART and wanted in _BETWEEN.split(name))
