"""What a large run costs to hold and to resume.

Data: a run whose pool holds 50,000 machine-written instructions of 5 to 30 words, drawn by Zipf's law from
20,000 words, written through the store as a generation writes them.
Metric: peak resident memory and seconds of `selfinstruct generate` going on with it for 200 more tasks
(scripted model), and of `status` and `export` reading it.
Pattern: the store is filled once; each command runs in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

from selfinstruct.pipeline.resolve import resolve
from selfinstruct.records import (
    ACCEPTED,
    Completion,
    JudgedInstance,
    JudgedInstruction,
    Neighbour,
    Prompt,
    Request,
    Sampling,
    Stage,
)
from selfinstruct.store.writer import RunWriter

TICKET = 8
WORDS = [f"word{number}" for number in range(20_000)]
WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))
NEIGHBOURS = tuple(Neighbour(index, 0.3) for index in range(10))


async def fill(directory: Path, pool: int) -> None:
    """A run with so many admitted tasks, each with a valid instance."""
    plan = resolve(directory, options={"limits.tasks": pool + 200})
    writer = RunWriter.open(directory, plan.config, plan.seeds)
    rng = random.Random(0)
    for ticket in range(pool // TICKET):
        texts = [
            " ".join(rng.choices(WORDS, cum_weights=WEIGHTS, k=rng.randint(5, 30))) for _ in range(TICKET)
        ]
        await reply(writer, Stage.INSTRUCTIONS, ticket, "\n".join(texts))
        writer.admit(ticket, [JudgedInstruction(text, ACCEPTED, NEIGHBOURS, 0.1) for text in texts])
        for task in range(ticket * TICKET, (ticket + 1) * TICKET):
            writer.classify(task, False)
            writer.settle(task, [JudgedInstance("", "an output of some words", ACCEPTED)], None)
    writer.close()


async def reply(writer: RunWriter, stage: Stage, subject: int, text: str) -> None:
    """One completed request."""
    request = Request(stage, subject, Prompt("", "", Sampling(0, 1, 0, 0, 1), 8), seed=0, shown=(0, 1))
    attempt = await writer.intend(request, reserved_prompt_tokens=0, reserved_completion_tokens=0)
    await writer.complete(attempt, request, Completion(text, "stop", 300, 200, False, 0.2))


def run(*arguments: object) -> tuple[float, float]:
    """Seconds and peak resident memory, in MB, of one command."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "selfinstruct", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    """Fill, run, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--pool", type=int, default=50_000)
    pool = options.parse_args().pool
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder, "run")
        asyncio.run(fill(directory, pool))
        size = (directory / "run.db").stat().st_size / 2**20
        print(f"a pool of {pool:,} in a run.db of {size:.0f} MB")
        for arguments in (
            ("generate", directory, "--json"),
            ("status", directory),
            ("export", directory, "--format", "jsonl"),
            ("export", directory, "--format", "candidates"),
        ):
            seconds, peak = run(*arguments)
            name = " ".join(str(argument) for argument in arguments if argument != directory)
            print(f"{name:32}{seconds:7.2f} s{peak:8.0f} MB")


if __name__ == "__main__":
    main()
