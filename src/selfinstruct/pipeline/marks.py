"""What the signals (`filters.signals`) say of a run's rows now: nothing of it is kept with the run."""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.config import Config
from selfinstruct.dataset.languages import language_code
from selfinstruct.filters.signals.flags import SignalCounts, count_flags, marks_of
from selfinstruct.filters.signals.table import choose_signals
from selfinstruct.records import Instance, Task, Verdict
from selfinstruct.store.lineage import Lineage
from selfinstruct.store.reader import RunReader

__all__ = ["flags_of_run", "marks_of_instances"]


def flags_of_run(reader: RunReader) -> SignalCounts:
    """Of its data set, or of a large one's sample, the same of the same run. Works while the run goes on."""
    config = reader.config()
    return count_flags(reader.tasks(), _language(config), seed=config.seed)


def marks_of_instances(lineage: Lineage, config: Config) -> list[Sequence[Verdict]]:
    """Of each instance; of those that are rejected, none."""
    kept = tuple(Instance(each.input, each.output) for each in lineage.instances if each.verdict.accepted)
    task = Task(lineage.id, lineage.instruction, bool(lineage.is_classification), kept)
    found = iter(marks_of(task, choose_signals(language=_language(config))))
    return [next(found) if each.verdict.accepted else () for each in lineage.instances]


def _language(config: Config) -> str:
    return language_code(config.recipe.language) or ""
