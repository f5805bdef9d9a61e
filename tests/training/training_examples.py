"""Data and models that several tests of the room share."""

from __future__ import annotations

from pathlib import Path

from selfinstruct.config import Config
from selfinstruct.records import ACCEPTED, Instance, JudgedInstance, JudgedInstruction, SeedTask, Task
from selfinstruct.store.writer import RunWriter

__all__ = ["SEEDS", "TASKS", "write_run"]

SEEDS = (
    SeedTask("seed_task_0", "greet", "Greet the guest.", (Instance("Ann", "Hello, Ann."),), False),
    SeedTask("seed_task_1", "none", "Think of nothing.", (), False),
)
TASKS = tuple(
    Task(
        f"task_{number}",
        f"Count to {number + 1}.",
        False,
        tuple(
            Instance(given, f"{given} one to {number + 1}")
            for given in ("", "aloud", "silently")[: 1 + number % 3]
        ),
    )
    for number in range(12)
)


def write_run(directory: Path, tasks: tuple[Task, ...] = TASKS, seeds: tuple[SeedTask, ...] = SEEDS) -> Path:
    """A run that holds these tasks."""
    config = Config.model_validate({"limits": {"tasks": max(1, len(tasks))}})
    writer = RunWriter.open(directory, config, seeds)
    writer.admit(0, [JudgedInstruction(task.instruction, ACCEPTED) for task in tasks])
    for number, task in enumerate(tasks):
        writer.classify(number, is_classification=task.is_classification)
        judged = [JudgedInstance(each.input, each.output, ACCEPTED) for each in task.instances]
        writer.settle(number, judged, None)
    writer.close()
    return directory
