"""A few tasks of a data set on a terminal: a first look, before anybody trusts it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from selfinstruct.cli.output import printable

__all__ = ["print_samples", "shortened"]

SAMPLES = 5
SHOWN_CHARACTERS = 300


def print_samples(dataset: Path, console: Console) -> None:
    """Five tasks chosen at random, in their order, each with one of its instances. The same data set always
    shows the same ones."""
    with dataset.open(encoding="utf-8") as file:
        count = sum(1 for _ in file)
        chosen = sorted(random.Random(count).sample(range(count), min(SAMPLES, count)))
        console.print(Text(f"{len(chosen)} of the tasks, chosen at random", style="bold"))
        file.seek(0)
        places = set(chosen)
        for number, line in enumerate(file):
            if number in places:
                _print_task(json.loads(line), console)


def _print_task(task: dict[str, Any], console: Console) -> None:
    kind = "  classification" if task["is_classification"] else ""
    console.print(Text.assemble((task["id"], "bold cyan"), (kind, "dim")))
    console.print(Padding(Text(shortened(task["instruction"])), (0, 0, 0, 2)))
    instance = task["instances"][0]
    if instance["input"]:
        console.print(Padding(Text(f"input   {shortened(instance['input'])}", style="dim"), (0, 0, 0, 2)))
    console.print(Padding(Text(f"output  {shortened(instance['output'])}", style="green"), (0, 0, 0, 2)))


def shortened(text: str) -> str:
    """One line of at most 300 characters."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 1]}…"
