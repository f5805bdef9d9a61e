"""The steps of an experiment: commands of `selfinstruct`, printed before they are run."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results import Cost

__all__ = ["SEED", "System", "selfinstruct", "tune"]

SEED = "42"


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table. data: what the base is tuned on, a run or a file; None for the base as it is.

    tasks: of the data only the first so many; 0 leaves a run's seeds. stop: where answers end.
    """

    name: str
    title: str
    data: Path | None = None
    tasks: int | None = None
    stop: str | None = None


def tune(system: System, model: str, out: Path, *options: object) -> Cost:
    """The base tuned as the system wants, in a folder of out/tuned; what it took. options: of finetune."""
    tasks = () if system.tasks is None else ("--tasks", system.tasks)
    done = selfinstruct(
        "finetune", system.data, "--model", model, *tasks, "--seed", SEED, *options,
        "--out", out / "tuned" / system.name,
    )  # fmt: skip
    return Cost(done["data"]["learnt"], done["steps"], done["seconds"], done["losses"])


def selfinstruct(*words: object, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
    """Run the command, and say so; the object that it prints. Ends the experiment where the command fails.

    codes: exit codes after which the experiment goes on.
    """
    command = ["selfinstruct", *map(str, words)]
    print(f"$ {shlex.join(command)}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", *command, "--json"], stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    if done.returncode not in codes:
        sys.exit(done.returncode)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
