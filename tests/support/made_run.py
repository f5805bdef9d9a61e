"""Runs with given tasks, written as pipeline/ would."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from selfinstruct.config import Config, LimitsConfig
from selfinstruct.records import ACCEPTED, Instance, JudgedInstance, JudgedInstruction, SeedTask, Task
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

__all__ = ["SEEDS", "TASKS", "make_run", "many_tasks"]

SEEDS = (
    SeedTask("seed_task_0", "greet", "Greet.", (Instance("", "Hello."), Instance("", " ")), False),
    SeedTask("moods", "", "Name a mood.", (Instance("rain", "gloom"),), True),
    SeedTask("seed_task_2", "", "Without an instance.", (), False),
)
TASKS = (
    Task("task_0", "写诗。\nZwei", False, (Instance("", '\u2028 "x"'),)),
    Task("task_1", "Sort {these} words.", False, (Instance("b a", "a b"), Instance("Words: d c", "c d"))),
    Task("task_2", "Is it a fruit?", True, (Instance("apple", "yes"), Instance("stone", "no"))),
)


def many_tasks(count: int) -> list[Task]:
    return [
        Task(
            f"task_{number}",
            f"Write about subject {number}.",
            bool(number % 3),
            (Instance("", f"It is {number}."),),
        )
        for number in range(count)
    ]


async def _write(directory: Path, tasks: Sequence[Task], seeds: Sequence[SeedTask], config: Config) -> None:
    writer = RunWriter.open(directory, config, seeds)
    writer.admit(0, [JudgedInstruction(task.instruction, ACCEPTED) for task in tasks])
    for number, task in enumerate(tasks):
        writer.classify(number, is_classification=task.is_classification)
        judged = [JudgedInstance(each.input, each.output, ACCEPTED) for each in task.instances]
        writer.settle(number, judged, None)
    await writer.aclose()


def make_run(
    directory: Path,
    tasks: Sequence[Task] = TASKS,
    seeds: Sequence[SeedTask] = SEEDS,
    config: Config | None = None,
) -> RunReader:
    """A run whose data set is these tasks."""
    config = config or Config(limits=LimitsConfig(tasks=max(1, len(tasks))))
    asyncio.run(_write(directory, tasks, seeds, config))
    return RunReader.open(directory)
