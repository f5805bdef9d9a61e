"""One data set of several runs: near-duplicates dropped, ids that say where a task is from.

OUT/
  dataset.jsonl   a task a line, as in a run; its id is `RUN/task_17`
  dropped.jsonl   a task a line that is not in it: id, instruction, reason, nearest, score

Runs count in the order in which they are given: of two tasks that are alike, the first stays. A task is
`similar` if its ROUGE-L F1 with one that stays is above the threshold, the same comparison as within a run.
Where there are embeddings, it is `same_meaning` if their cosine is above a threshold, likewise.
What people rejected in a review is left out, and what they edited is merged as they wrote it, as in exports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from selfinstruct.dataset.formats import JSONL_COLUMNS, Rendering, jsonl_rows
from selfinstruct.dataset.near_meanings import ByMeaning
from selfinstruct.dataset.reviewed import reviewed_tasks
from selfinstruct.dataset.writers import open_jsonl
from selfinstruct.errors import ConfigError
from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import Task
from selfinstruct.store.copying import new_directory
from selfinstruct.store.directory import MERGED_FILES
from selfinstruct.store.reader import RunReader

__all__ = ["Dropped", "Merged", "MergedRun", "instructions_of", "merge_named", "merge_runs"]

AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Dropped:
    """A task that is not in the merged data set. nearest: the id of the one that it is like; score: their
    ROUGE-L F1, or their cosine where the reason is `same_meaning`."""

    id: str
    instruction: str
    reason: str
    nearest: str
    score: float


@dataclass(frozen=True, slots=True)
class MergedRun:
    """What came of one run. name: what its ids begin with. kept and dropped add up to tasks."""

    name: str
    path: Path
    tasks: int
    kept: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge came to."""

    out: Path
    runs: tuple[MergedRun, ...]

    @property
    def dataset(self) -> Path:
        """The data set, a task a line."""
        return self.out / MERGED_FILES[0]

    @property
    def dropped(self) -> Path:
        """What is not in it, and why, a task a line."""
        return self.out / MERGED_FILES[1]

    @property
    def tasks(self) -> int:
        """Of the data set."""
        return sum(run.kept for run in self.runs)

    def to_json(self) -> dict[str, Any]:
        """One object, as `merge --json` prints it."""
        return {
            "out": str(self.out),
            "dataset": str(self.dataset),
            "dropped": str(self.dropped),
            "tasks": self.tasks,
            "runs": [asdict(run) | {"path": str(run.path)} for run in self.runs],
        }


def merge_runs(
    runs: Sequence[Path], out: Path, *, max_similarity: float = 0.7, meaning: ByMeaning | None = None
) -> Merged:
    """Write the merged data set into `out`, a new folder, which is there as a whole or not at all.

    max_similarity: ROUGE-L F1; a task above it with one that is merged already is dropped.
    meaning: the embeddings of all tasks (`instructions_of`); None where meaning does not count.
    Raises ConfigError for fewer than two runs, a run that is given twice, a threshold out of range and a
    folder that is there already; what reading a run raises; StorageError.
    """
    if len(runs) < 2:
        raise ConfigError("There is nothing to merge.", "Name at least two runs.")
    if not 0 <= max_similarity <= 1:
        raise ConfigError(f"`max_similarity` is {max_similarity}.", "Give a share between 0 and 1.")
    names = _names([path.resolve() for path in runs])
    return merge_named(
        dict(zip(names, runs, strict=True)), out, max_similarity=max_similarity, meaning=meaning
    )


def merge_named(
    runs: Mapping[str, Path],
    out: Path,
    *,
    max_similarity: float,
    seeds: Iterable[Task] = (),
    meaning: ByMeaning | None = None,
) -> Merged:
    """As `merge_runs`, of one run or more, by the names that their ids begin with.

    seeds: tasks that come first, under their own ids, and are compared with none. meaning: of the
        runs' tasks alone.
    """
    readers = [RunReader.open(path) for path in runs.values()]
    merging = _Merging(max_similarity, meaning)
    merged: list[MergedRun] = []
    with new_directory(out) as growing:
        growing_merge = Merged(growing, ())
        with (
            open_jsonl(growing_merge.dataset, JSONL_COLUMNS) as keep,
            open_jsonl(growing_merge.dropped, {}) as drop,
        ):
            for row in (row for seed in seeds for row in jsonl_rows(seed, Rendering())):
                keep(row)
            for (name, path), reader in zip(runs.items(), readers, strict=True):
                counts = {True: 0, False: 0}
                for task, dropped in merging.judge(name, reader):
                    counts[dropped is None] += 1
                    if dropped is not None:
                        drop(asdict(dropped))
                    else:
                        for row in jsonl_rows(task, Rendering()):
                            keep(row)
                merged.append(
                    MergedRun(name, path.absolute(), sum(counts.values()), counts[True], counts[False])
                )
    return Merged(out.absolute(), tuple(merged))


def instructions_of(runs: Sequence[Path]) -> Iterator[str]:
    """Of all their tasks, in the order in which they are merged."""
    for path in runs:
        for task in reviewed_tasks(RunReader.open(path)):
            yield task.instruction


class _Merging:
    """The tasks merged so far, as novelty sees them."""

    def __init__(self, max_similarity: float, meaning: ByMeaning | None) -> None:
        self._meaning = meaning
        self._index = NoveltyIndex(
            max_similarity=max_similarity, neighbours=1, ascii_tokens=False, complete_up_to=0
        )
        self._ids: list[str] = []

    def judge(self, name: str, reader: RunReader) -> Iterator[tuple[Task, Dropped | None]]:
        """Each task of a run under its new id; None where it stays."""
        waiting = iter(reviewed_tasks(reader))
        while tasks := list(islice(waiting, AT_A_TIME)):
            meanings = None if self._meaning is None else self._meaning.compare(len(tasks))
            texts = [task.instruction for task in tasks]
            judged = self._index.judge(texts, None if meanings is None else meanings.judge)
            for place, (task, verdict) in enumerate(zip(tasks, judged, strict=True)):
                task = replace(task, id=f"{name}/{task.id}")
                if verdict.verdict.reason is None:
                    self._ids.append(task.id)
                    yield task, None
                else:
                    by_meaning = meanings.results.get(place) if meanings is not None else None
                    near = by_meaning or verdict.neighbours[0]
                    yield (
                        task,
                        Dropped(
                            task.id,
                            task.instruction,
                            verdict.verdict.reason,
                            self._ids[near.index],
                            near.score,
                        ),
                    )


def _names(runs: Sequence[Path]) -> list[str]:
    """The runs' folders, with as many of those above them as tell them apart. Raises ConfigError for a run
    that is given twice."""
    for path in runs:
        if runs.count(path) > 1:
            raise ConfigError(f"The run {path} is given twice.", "Name different ones.")
    deepest = max(len(path.parts) for path in runs)
    for parts in range(1, deepest + 1):
        names = ["/".join(path.parts[-parts:]).lstrip("/") for path in runs]
        if len(set(names)) == len(names):
            return names
    raise AssertionError("different paths differ somewhere")
