"""DATA on the command line: a run, an exported file, or a folder that `export` wrote for the Hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from selfinstruct.dataset.scored import chosen_by_score, no_scored_tasks
from selfinstruct.dataset.source import usable_seeds
from selfinstruct.errors import ConfigError, MissingExtraError, NotARunError
from selfinstruct.paths import read_bytes
from selfinstruct.records import Task
from selfinstruct.seeds.decoding import decode
from selfinstruct.seeds.json_rows import read_json
from selfinstruct.seeds.rows import SeedProblem
from selfinstruct.store.directory import MERGED_FILES, RunPaths, holds_merge
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.reader import RunReader
from selfinstruct.training.examples import Data, Example, Instructed, instances_of
from selfinstruct.training.rows import TrainingRow, examples_of_rows

__all__ = ["is_run", "read_data"]

WHAT = "Give a run, a file that `selfinstruct export` wrote, or a folder that it wrote."


def read_data(
    path: Path,
    *,
    tasks: int | None = None,
    include_seeds: bool | None = None,
    outputs: str | None = None,
    min_score: float | None = None,
) -> Data:
    """Everything that there is to train on.

    tasks: of the machine-written ones only the first so many; 0 leaves a run's seeds.
    include_seeds: whether a run's seed tasks are learnt too, as in the paper; None for yes.
    outputs: those that `improve` wrote under this name, in place of the run's own.
    min_score: only a run's instances with a mean score over judges of so much; seeds stay.

    What people rejected in a run's review is left out, and what they edited as they wrote it.

    Raises ConfigError where nothing is there or cannot be read, for rows that are flawed, and for options
    that only a run, or only rows with tasks, have a use for; what reading a run raises.
    """
    if not path.exists():
        raise ConfigError(f"There is no {path} to train on.", WHAT)
    if is_run(path):
        return _of_run(path, tasks, include_seeds is not False, outputs or ORIGINAL, min_score)
    idle = {"`include_seeds`": include_seeds, "`outputs`": outputs, "`min_score`": min_score}
    for option, given in idle.items():
        if given:
            raise ConfigError(f"{option} needs a run; {path} is none.", "Leave it out, or name the run.")
    if tasks == 0:
        raise ConfigError(f"`tasks=0` leaves a run's seeds; {path} is none.", "Use at least one task.")
    files = _files_of_folder(path) if path.is_dir() else (path,)
    file = files[0] if len(files) == 1 else files[0].with_name(f"train-*{files[0].suffix}")
    kind, examples = examples_of_rows(chain.from_iterable(map(_rows, files)), file.name)
    if all(isinstance(example, Instructed) for example in examples):
        groups = dict.fromkeys(example.group for example in examples)
        if tasks is not None:
            kept = set(islice(groups, tasks))
            examples = [example for example in examples if example.group in kept]
        return Data(kind, file, tuple(examples), min(len(groups), tasks or len(groups)))
    if tasks is not None:
        raise ConfigError(
            f"`tasks` cannot be used with {file.name}: its rows do not say which task they are of.",
            "Name the run, or export it as jsonl, alpaca or parquet.",
        )
    return Data(kind, file, tuple(examples), None)


def is_run(path: Path) -> bool:
    """Whether it is a run rather than a file or a folder of rows."""
    return RunPaths(path).database.exists()


def _of_run(
    path: Path, tasks: int | None, include_seeds: bool, outputs: str, min_score: float | None
) -> Data:
    reader = RunReader.open(path)
    chosen = chosen_by_score(reader, outputs, min_score=min_score)
    own = [task for task, _ in islice(chosen, tasks)]
    seeds = list(usable_seeds(reader.seeds())) if include_seeds else []
    if tasks == 0 and not include_seeds:
        raise ConfigError("`tasks=0` and `include_seeds=False` leave nothing to train on.", "Leave one out.")
    if not own and (tasks != 0 or not seeds):
        raise no_scored_tasks(reader, outputs, "apply", min_score)
    return Data(
        "run",
        path,
        tuple(_examples([*seeds, *own])),
        tasks=len(own),
        seeds=len(seeds),
        include_seeds=include_seeds,
        outputs=outputs,
        min_score=min_score,
        run=reader,
    )


def _examples(tasks: Iterable[Task]) -> Iterator[Example]:
    for task in tasks:
        yield from instances_of(task)


def _files_of_folder(folder: Path) -> tuple[Path, ...]:
    """The training side of what `export --out FOLDER/` wrote: `train`, in one file or in shards, or the only
    one there is; of what `merge` wrote, the data set."""
    if holds_merge(folder):
        return (folder / MERGED_FILES[0],)
    found = sorted((*folder.glob("data/*.jsonl"), *folder.glob("data/*.parquet")))
    named = [path for path in found if path.stem == "train"]
    shards = [path for path in found if re.fullmatch(r"train-\d{5}-of-\d{5}", path.stem)]
    if shards and not named and len({path.suffix for path in shards}) == 1:
        return tuple(shards)
    for candidates in (named, found):
        if len(candidates) == 1:
            return (candidates[0],)
    if not found:
        raise NotARunError(f"{folder} holds neither a run nor a data set (data/train.jsonl).", WHAT)
    names = ", ".join(path.name for path in found)
    raise ConfigError(f"{folder} holds several files and none is called train: {names}.", "Name one of them.")


def _rows(file: Path) -> Iterator[TrainingRow]:
    """With their places, counted from 1."""
    with storage_errors(file):
        if file.suffix == ".parquet":
            for number, fields in enumerate(_read_parquet(file), start=1):
                yield f"row {number}", fields
            return
        text = decode(read_bytes(file, ConfigError))
    if not isinstance(text, str):
        raise _unreadable(file, text)
    read = read_json(text)
    for problem in read.problems[:1]:
        raise _unreadable(file, problem)
    for row in read.rows:
        if not isinstance(row.value, dict):
            raise ConfigError(f"{file.name}, line {row.line}: not a JSON object.", WHAT)
        yield f"line {row.line}", row.value


def _unreadable(file: Path, problem: SeedProblem) -> ConfigError:
    where = f", line {problem.line}" if problem.line else ""
    return ConfigError(f"{file.name}{where}: {problem.message}.", problem.hint or WHAT)


def _read_parquet(file: Path) -> Iterator[dict[str, object]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise MissingExtraError(
            f"Reading {file.name} needs the package pyarrow, which is not installed.",
            "Install it with: pip install 'selfinstruct[parquet]'",
        ) from error
    try:
        with parquet.ParquetFile(file) as table:
            for batch in table.iter_batches():
                yield from batch.to_pylist()
    except ArrowException as error:
        raise ConfigError(f"{file} cannot be read as Parquet: {error}.", WHAT) from None
