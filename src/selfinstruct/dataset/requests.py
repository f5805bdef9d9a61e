"""The raw material: every completed request, its whole prompt and its reply.

{"stage": "answers", "ticket": 17, "task": "task_40", "position": 1, "prompt": "…", "completion": "…",
"finish_reason": "stop", "prompt_tokens": 812, "completion_tokens": 96}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from selfinstruct.store.reader import RunReader

__all__ = ["rows"]


def rows(reader: RunReader) -> Iterator[Mapping[str, Any]]:
    """Stage by stage, by ticket or task number in each."""
    return map(asdict, reader.requests())
