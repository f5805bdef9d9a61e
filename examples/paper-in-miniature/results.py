"""The experiment's outcome as results.json and, for people, results.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Cost", "write_results"]

SETTINGS = ("confidence", "resamples", "drawn", "seed")
"""Of intervals, beside the measures."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a tuning. examples: learnt from. steps: updates. losses: nats a token, as `finetune` has them."""

    examples: int
    steps: int
    seconds: float
    losses: Mapping[str, float | None]


def write_results(
    out: Path,
    results: Mapping[str, Mapping[str, Any]],
    titles: Mapping[str, str],
    costs: Mapping[str, Cost],
    generation: Mapping[str, Any],
) -> None:
    """results: what `compare` printed, by suite. titles: by system. generation: as `status`."""
    kept = {
        "results": results,
        "tuning": {name: asdict(cost) for name, cost in costs.items()},
        "generation": generation,
    }
    (out / "results.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    parts = [_table(suite, compared, titles) for suite, compared in results.items()]
    parts.append(_costs(titles, costs, generation))
    (out / "results.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _table(suite: str, compared: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """A row a system; its difference from the base is paired, and so narrower than the intervals."""
    differences = {each["system"]: each for each in compared["differences"]}
    first, *others = (name for name in compared["systems"][0]["intervals"] if name not in SETTINGS)
    lines = [
        f"### {suite}: {compared['n']:,} items\n",
        "| "
        + " | ".join(
            (
                "system",
                _title(first),
                "95 %",
                "above the base",
                *map(_title, others),
                "words per answer",
                "cut",
            )
        )
        + " |",
        "|---|--:|--:|--:|" + "--:|" * len(others) + "--:|--:|",
    ]
    for system in compared["systems"]:
        low, high = system["intervals"][first]
        gain = "–"
        if system["name"] in differences:
            difference = differences[system["name"]]
            least, most = difference["intervals"][first]
            gain = f"{difference[first]:+.1f} ({least:+.1f} to {most:+.1f})"
        more = "".join(f"| {system[name]:.1f} " for name in others)
        lines.append(
            f"| {titles[system['name']]} | {system[first]:.1f} | {low:.1f} to {high:.1f} | {gain} "
            f"{more}| {system['words']:.1f} | {system['cut'] / compared['n']:.0%} |"
        )
    return "\n".join(lines)


def _title(measure: str) -> str:
    return {"rougeL": "ROUGE-L"}.get(measure, measure.replace("_", " "))


def _costs(titles: Mapping[str, str], costs: Mapping[str, Cost], generation: Mapping[str, Any]) -> str:
    tokens = generation["prompt_tokens"] + generation["completion_tokens"]
    lines = [
        "### Training\n",
        f"{generation['tasks']:,} tasks with {generation['instances']:,} instances were written in"
        f" {generation['requests']:,} requests of {tokens:,} tokens.\n",
        "| tuning | examples | updates | seconds | first loss | last loss | held out before | after |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, cost in costs.items():
        losses = [cost.losses[key] for key in ("first", "last", "held_out_before", "held_out_after")]
        cells = " | ".join("–" if loss is None else f"{loss:.2f}" for loss in losses)
        lines.append(
            f"| {titles[name]} | {cost.examples:,} | {cost.steps:,} | {cost.seconds:.0f} | {cells} |"
        )
    return "\n".join(lines)
