"""Every instruction that was parsed out of a reply, accepted or not, and why.

{"ticket": 17, "position": 3, "instruction": "…", "verdict": "rejected", "reason": "similar",
"nearest": "seed_task_3", "score": 0.74}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from selfinstruct.store.reader import RunReader

__all__ = ["rows"]


def rows(reader: RunReader) -> Iterator[Mapping[str, Any]]:
    """In admission order, up to the ticket that completed the data set."""
    return map(asdict, reader.candidates())
