"""What lm-eval found, as plain numbers and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors

__all__ = ["metrics_of", "write_results"]


def metrics_of(found: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Of each task and group, its metrics by name, without the name of a filter where there is none, and `n`,
    the items. What is no number, such as the error of a single item, is left out."""
    results = {
        name: {
            metric.removesuffix(",none"): value
            for metric, value in values.items()
            if isinstance(value, int | float) and metric != "sample_len"
        }
        for name, values in found["results"].items()
    }
    for name, number in found["n-samples"].items():
        results[name]["n"] = number["effective"]
    return results


def write_results(
    out: Path, found: Mapping[str, Any], results: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """results.json, with `facts` about the evaluation before the results; and every answer."""
    folder = out / "answers"
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
    for task, samples in found["samples"].items():
        with atomic_write(folder / f"{task}.jsonl") as file:
            for sample in samples:
                file.write(json.dumps(_answer(sample), ensure_ascii=False, default=str) + "\n")
    whole = {
        **facts,
        "shots": found["n-shot"],
        "versions": found["versions"],
        "tasks": results,
    }
    with atomic_write(out / "results.json") as file:
        file.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")


def _answer(sample: Mapping[str, Any]) -> dict[str, Any]:
    """One item under one filter. asked: the arguments of each request; said: what came back."""
    return {
        "item": sample["doc_id"],
        "filter": sample["filter"],
        "asked": sample["arguments"],
        "said": sample["resps"],
        "answer": sample["filtered_resps"],
        "target": sample["target"],
        **{metric: sample[metric] for metric in sample["metrics"]},
    }
