"""The suites by name: how each is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from selfinstruct.errors import ConfigError, UserError
from selfinstruct.evalsets.code import CODE_SUITES
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.jsonl import load_jsonl
from selfinstruct.evalsets.superni import PER_TASK, load_superni
from selfinstruct.evalsets.user_oriented import load_user_oriented
from selfinstruct.text.spelling import did_you_mean

__all__ = ["BENCHMARK_SUITES", "HARNESS", "SUITES", "items_digest", "load_items", "no_suite"]

HARNESS = "lm-eval:"

BENCHMARK_SUITES = (*CODE_SUITES, "gsm8k", "math", "mmlu", "wtq", "dolly", "infinitebench")
"""Those with prompts, answers and metrics of their own: `evaluation/benchmarks/`."""

SUITES = ("superni", "user-oriented", "jsonl", *BENCHMARK_SUITES)


def load_items(
    suite: str, path: Path, *, per_task: int = PER_TASK, examples: int = 0
) -> tuple[EvaluationItem, ...]:
    """All items of a suite of texts, ids differing. per_task, examples: of `superni`.

    Raises ConfigError for a name that is none, UserError for what cannot be read.
    """
    match suite:
        case "superni":
            items = load_superni(path, per_task=per_task, examples=examples)
        case "user-oriented":
            items = load_user_oriented(path)
        case "jsonl":
            items = load_jsonl(path)
        case _:
            raise no_suite(suite)
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise UserError(f"{path} has two items with the id {item.id!r}.", "Give each an id of its own.")
        seen.add(item.id)
    return items


def no_suite(name: str) -> ConfigError:
    """Of a name that is none."""
    meant = f"{did_you_mean(name, SUITES)} ".lstrip()
    return ConfigError(
        f"There is no suite named {name!r}.",
        f'{meant}There are: {", ".join(SUITES)}. For a task of lm-eval: `suite="{HARNESS}{name}"`',
    )


def items_digest(items: Sequence[EvaluationItem]) -> str:
    """SHA-256 that names these items, in this order."""
    canonical = json.dumps([asdict(item) for item in items], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
