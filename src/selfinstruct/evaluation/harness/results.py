"""What lm-eval found: its own figures, and each item as a prediction like those of every other suite."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.harness.model import Answered
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors

__all__ = ["metrics_of", "predictions_of", "write_results"]

NO_FILTER = "none"


def metrics_of(found: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Of each task and group, its metrics by name, without the name of a filter where there is none, and `n`,
    the items; a group's are those of its tasks. What is no number, such as the error of a single item, is
    left out."""
    results = {
        name: {
            metric.removesuffix(f",{NO_FILTER}"): value
            for metric, value in values.items()
            if isinstance(value, int | float) and metric != "sample_len"
        }
        for name, values in found["results"].items()
    }
    counts = {name: number["effective"] for name, number in found["n-samples"].items()}
    groups: Mapping[str, Sequence[str]] = found.get("group_subtasks") or {}
    for name, values in results.items():
        values["n"] = counts[name] if name in counts else sum(_counted(name, groups, counts))
    return results


def _counted(group: str, groups: Mapping[str, Sequence[str]], counts: Mapping[str, int]) -> Iterator[int]:
    for name in groups.get(group, ()):
        if name in counts:
            yield counts[name]
        else:
            yield from _counted(name, groups, counts)


def predictions_of(
    found: Mapping[str, Any], answered: Mapping[str, Sequence[Answered]]
) -> tuple[Prediction, ...]:
    """One of each item of each task: what it was asked first, what was said, its scores in percent.

    Their category is the task. Scores are the metrics that each item has a number for, between 0 and 1, times
    100; with the name of the filter where there are several. Items of tasks without such a metric, such as
    perplexities, are left out. answered: how each text came about.
    """
    predictions: list[Prediction] = []
    for task, samples in found["samples"].items():
        how = iter(answered.get(task, ()))
        by_item: dict[Any, list[Mapping[str, Any]]] = {}
        for sample in samples:
            by_item.setdefault(sample["doc_id"], []).append(sample)
        for number, rows in sorted(by_item.items()):
            scores = {name: value for row in rows for name, value in _scores(row)}
            came = _whole([next(how, None) for _ in rows[0]["resps"]])
            if scores:
                predictions.append(_prediction(task, number, rows[0], scores, came))
    return tuple(predictions)


def _scores(sample: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    suffix = "" if sample["filter"] == NO_FILTER else f",{sample['filter']}"
    for metric in sample["metrics"]:
        value = sample[metric]
        if isinstance(value, bool | int | float) and 0 <= value <= 1:
            yield f"{metric}{suffix}", 100.0 * value


def _whole(came: Sequence[Answered | None]) -> Answered:
    """Of an item with several requests: cut or lost where one is."""
    known = [each for each in came if each is not None]
    lost = next((each.lost for each in known if each.lost), "")
    cut = any(each.finish_reason == "length" for each in known)
    first = known[0].finish_reason if known else ""
    return Answered("" if lost else "length" if cut else first, lost)


def _prediction(
    task: str, number: Any, sample: Mapping[str, Any], scores: Mapping[str, float], came: Answered
) -> Prediction:
    asked = [list(each) for each in sample["arguments"]]
    said, target = sample["resps"], sample["target"]
    choices = [str(each[1]) for each in asked] if _is_likelihood(said) else []
    if choices:
        answer = choices[max(range(len(choices)), key=lambda place: said[place][0][0])]
        right = _chosen(target, choices)
    else:
        answer = said[0][0] if said and said[0] and isinstance(said[0][0], str) else ""
        right = tuple(map(str, target)) if isinstance(target, list | tuple) and target else (str(target),)
    return Prediction(
        EvaluationItem(
            id=f"{task}/{number}",
            instruction=str(asked[0][0]).strip() or task,
            input="",
            references=right,
            category=task,
        ),
        answer.strip(),
        finish_reason=came.finish_reason,
        lost=came.lost,
        measured=dict(scores),
    )


def _is_likelihood(said: Sequence[Any]) -> bool:
    return bool(said) and all(len(each) and isinstance(each[0], list | tuple) for each in said)


def _chosen(target: Any, choices: Sequence[str]) -> tuple[str, ...]:
    """The right choices' texts, where the task numbers them."""
    numbers = target if isinstance(target, list | tuple) else [target]
    found = []
    for each in numbers:
        known = isinstance(each, int) or (isinstance(each, str) and each.isdecimal())
        found.append(choices[int(each)].strip() if known and int(each) < len(choices) else str(each).strip())
    return tuple(found) or ("",)


def write_results(
    out: Path, found: Mapping[str, Any], results: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """results.json, with `facts` about the evaluation before the results, in lm-eval's own units; and every
    answer."""
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
