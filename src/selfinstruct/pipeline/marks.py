"""What the signals (`filters.signals`) say of a run's rows now: nothing of it is kept with the run."""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.config import Config
from selfinstruct.dataset.languages import language_code
from selfinstruct.filters.signals.flags import marks_of
from selfinstruct.filters.signals.table import choose_signals
from selfinstruct.records import Instance, Task, Verdict
from selfinstruct.store.lineage import Lineage

__all__ = ["marks_of_instances"]


def marks_of_instances(lineage: Lineage, config: Config) -> list[Sequence[Verdict]]:
    """Of each instance; of those that are rejected, none."""
    kept = tuple(Instance(each.input, each.output) for each in lineage.instances if each.verdict.accepted)
    task = Task(lineage.id, lineage.instruction, bool(lineage.is_classification), kept)
    found = iter(marks_of(task, choose_signals(language=language_code(config.recipe.language) or "")))
    return [next(found) if each.verdict.accepted else () for each in lineage.instances]
