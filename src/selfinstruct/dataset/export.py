"""Writing a run in one of the formats, to a file, to one a side of a split, or to standard output.

Rows are made, written and counted one at a time, so that memory does not grow with the run.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from sys import maxsize

from selfinstruct.dataset.formats import Columns, ExportedRow, FileKind, RunFormat, TaskFormat, find_format
from selfinstruct.dataset.pairs import no_pairs
from selfinstruct.dataset.reviewed import ReviewPolicy
from selfinstruct.dataset.scored import no_scored_tasks
from selfinstruct.dataset.shards import ShardedFile, pattern_of
from selfinstruct.dataset.source import Source
from selfinstruct.dataset.splits import Split
from selfinstruct.dataset.statistics import DatasetStatistics, Tally
from selfinstruct.dataset.writers import WRITERS, to_line
from selfinstruct.errors import ConfigError
from selfinstruct.store.directory import keep_run_files
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.reader import RunReader

__all__ = ["WrittenFile", "export", "shortfall", "write_sides"]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """path: None for standard output. side, tasks: of a split; empty and 0 where nothing was split.
    shards: where the rows are in several files, these; `path` is then the pattern that they match."""

    path: Path | None
    rows: int
    side: str = ""
    tasks: int = 0
    shards: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files themselves; none for standard output."""
        return self.shards or (() if self.path is None else (self.path,))


def export(
    reader: RunReader,
    format_name: str,
    out: Path | None = None,
    *,
    split: Split | None = None,
    include_seeds: bool = False,
    system: str = "",
    outputs: str = ORIGINAL,
    reviews: ReviewPolicy = "apply",
    min_score: float | None = None,
    with_scores: bool = False,
    with_ids: bool = False,
    conversational: bool = False,
    with_attributes: bool = False,
) -> tuple[WrittenFile, ...]:
    """Write the run as it is now. Files are replaced as a whole.

    out: with a split, the name of a side comes at the end of its stem (`data-train.jsonl`). None is
        standard output, in UTF-8 whatever the locale.
    include_seeds and what follows it: as in `Source`.

    Raises ConfigError for an unknown format, an option that it has no use for, and a side without a
    task; UserError for a path that is one of a run's own files; MissingExtraError where a package is
    missing; BrokenPipeError where standard output is read no further; and what `atomic_write` raises.
    """
    chosen = find_format(format_name)
    if out is not None:
        keep_run_files(out)
    if isinstance(chosen, RunFormat):
        scored = min_score is not None or with_scores or with_ids or conversational or with_attributes
        if split or include_seeds or system or outputs != ORIGINAL or reviews != "apply" or scored:
            raise ConfigError(
                f"{format_name!r} is a record of the run, not its data set: it cannot be split, and seeds,"
                " system messages, other outputs, attributes, scores and reviews have no place in it.",
                "Leave out `split`, `include_seeds`, `system`, `outputs` and the options on reviews, scores,"
                " ids and attributes.",
            )
        return (_write_rows(chosen.rows(reader), out),)
    source = Source(
        reader,
        chosen,
        include_seeds,
        system,
        outputs,
        reviews,
        min_score=min_score,
        with_scores=with_scores,
        with_ids=with_ids,
        conversational=conversational,
        with_attributes=with_attributes,
    )
    if chosen.pairs and next(source.rows(), None) is None:
        raise no_pairs(reader, reviews, min_score)
    if out is None:
        if split or chosen.kind != "jsonl":
            what = "`split` writes several files" if split else f"The format {format_name!r} is not text"
            raise ConfigError(f"{what}, which standard output cannot take.", "Name a file with `out`.")
    elif split:
        sides = {name: out.with_name(f"{out.stem}-{name}{out.suffix}") for name in split.names}
        return write_sides(source, split, sides)[0]
    rows = (row for _, rows in source.rows() for row in rows)
    return (_write_rows(rows, out, chosen.kind, source.columns),)


def write_sides(
    source: Source, split: Split, paths: Mapping[str, Path], *, shard_rows: int = maxsize
) -> tuple[tuple[WrittenFile, ...], DatasetStatistics]:
    """A file for each side, all of them or none, and the paper's statistics of all that is in them.

    shard_rows: a side with more rows gets several files, each with at most so many.
    Raises ConfigError where a side has no task: readers refuse a file without rows. And what `export` does.
    """
    keep_run_files(*paths.values())
    tally = Tally()
    tasks, rows = Counter[str](), Counter[str]()
    with ExitStack() as files:
        kind, columns = source.format.kind, source.columns
        opened = {
            name: files.enter_context(ShardedFile(paths[name], kind, columns, shard_rows))
            for name in split.names
        }
        write = {name: file.write for name, file in opened.items()}
        for task, task_rows in source.rows():
            side = split.side(task.instruction)
            tasks[side] += 1
            for row in task_rows:
                write[side](row)
                rows[side] += 1
            tally.add(task)
        for name in split.names:
            if not tasks[name]:
                if not tasks:
                    raise _nothing(source)
                raise _nothing_in(name, split, tasks.total())
    written = []
    for name in split.names:
        several = len(opened[name].files) > 1
        path, shards = (pattern_of(paths[name]), opened[name].files) if several else (paths[name], ())
        written.append(WrittenFile(path, rows[name], name, tasks[name], shards))
    return tuple(written), tally.statistics()


def shortfall(format_name: str, files: Iterable[WrittenFile]) -> str:
    """A sentence for the user whose file is too short for the readers of its format; else nothing."""
    chosen = find_format(format_name)
    least = chosen.least_rows if isinstance(chosen, TaskFormat) else 0
    short = [file for file in files if file.rows < least and file.side in ("", "train")]
    if not short:
        return ""
    return f"{short[0].rows} rows are too few: {format_name} takes a training file from {least} rows on."


def _nothing(source: Source) -> ConfigError:
    """Why a source has no task."""
    if source.format.pairs:
        return no_pairs(source.reader, source.reviews, source.min_score)
    return no_scored_tasks(source.reader, source.outputs, source.reviews, source.min_score)


def _nothing_in(side: str, split: Split, tasks: int) -> ConfigError:
    share = dict(split.sides)[side]
    return ConfigError(
        f"None of the {tasks:,} tasks falls to {side}, whose share is {share:.3g}: a task's side is decided"
        " by its instruction.",
        "Make the share larger, or export more tasks.",
    )


def _write_rows(
    rows: Iterable[ExportedRow], out: Path | None, kind: FileKind = "jsonl", columns: Columns | None = None
) -> WrittenFile:
    """All into one file, or as lines to standard output."""
    if out is not None:
        with WRITERS[kind](out, columns or {}) as write:
            return WrittenFile(out, _count(map(write, rows)))
    sys.stdout.flush()
    with storage_errors(Path("standard output")):
        written = _count(sys.stdout.buffer.write(to_line(row).encode()) for row in rows)
        sys.stdout.buffer.flush()
    return WrittenFile(None, written)


def _count(writes: Iterable[object]) -> int:
    return sum(1 for _ in writes)
