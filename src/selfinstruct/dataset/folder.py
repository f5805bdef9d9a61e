"""A data set as the Hugging Face Hub keeps it: `datasets.load_dataset(FOLDER)` gives its splits.

FOLDER/
  README.md            the data card
  data/train.jsonl     or .parquet; one file a split, or train-00000-of-00004.jsonl and so on for many rows
  data/test.jsonl
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from selfinstruct.config import ModelConfig
from selfinstruct.dataset.card import CardFacts, render_card
from selfinstruct.dataset.card_metadata import MARK, UNKNOWN_LICENSE, check_license
from selfinstruct.dataset.export import WrittenFile, write_sides
from selfinstruct.dataset.formats import TaskFormat, find_format
from selfinstruct.dataset.pairs import pair_effect
from selfinstruct.dataset.reviewed import ReviewPolicy, review_effect
from selfinstruct.dataset.scored import score_effect
from selfinstruct.dataset.shards import SHARD_ROWS, shards_of
from selfinstruct.dataset.source import Source, usable_seeds
from selfinstruct.dataset.splits import NO_SPLIT, Split
from selfinstruct.errors import ConfigError
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.improved import ORIGINAL, improvement_directory
from selfinstruct.store.notes import asked_otherwise
from selfinstruct.store.reader import RunReader

__all__ = ["CARD", "export_folder"]

CARD = "README.md"


def export_folder(
    reader: RunReader,
    format_name: str,
    folder: Path,
    *,
    split: Split | None = None,
    include_seeds: bool = False,
    system: str = "",
    outputs: str = ORIGINAL,
    reviews: ReviewPolicy = "apply",
    license_name: str | None = None,
    min_score: float | None = None,
    with_scores: bool = False,
    with_ids: bool = False,
    conversational: bool = False,
    with_attributes: bool = False,
    shard_rows: int | None = None,
) -> tuple[WrittenFile, ...]:
    """Write the data files, then the card. Data files that an earlier card of ours names, and this one
    does not, are removed; all else in the folder is left alone.

    license_name: one of the Hub's identifiers; None where the user has not said.
    shard_rows: rows in one file, at most; `SHARD_ROWS` unless given.

    Raises ConfigError for a format that is no data set, a README.md that is not ours, a licence that
    cannot be one, and a split without a task; and what `export` does.
    """
    chosen = find_format(format_name)
    if not isinstance(chosen, TaskFormat):
        raise ConfigError(
            f"{format_name!r} is a record of the run, not a data set that a folder could hold.",
            "Name a file, or another format.",
        )
    if shard_rows is not None and shard_rows < 1:
        raise ConfigError(f"`shard_rows` is {shard_rows}: a file has at least one row.", "Give 100000, say.")
    license_name = check_license(license_name or UNKNOWN_LICENSE)
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
    split = split or NO_SPLIT
    paths = {name: folder / "data" / f"{name}.{chosen.kind}" for name in split.names}
    with storage_errors(folder):
        earlier = _files_of_earlier_card(folder / CARD)
        (folder / "data").mkdir(parents=True, exist_ok=True)
    files, statistics = write_sides(source, split, paths, shard_rows=shard_rows or SHARD_ROWS)
    facts = CardFacts(
        title=folder.resolve().name,
        config=reader.config(),
        format_name=format_name,
        format=replace(chosen, columns=source.columns),
        paths=tuple(file.path.relative_to(folder).as_posix() for file in files if file.path is not None),
        files=files,
        statistics=statistics,
        summary=reader.summary(),
        asked_otherwise=asked_otherwise(reader.notes()),
        seeds=sum(1 for _ in usable_seeds(reader.seeds())) if include_seeds else 0,
        license_name=license_name,
        improved_by=_improver(reader, outputs),
        review=review_effect(reader, outputs, reviews),
        reviews=reviews,
        selected=_selection(source),
    )
    with atomic_write(folder / CARD) as card:
        card.write(render_card(facts))
    with storage_errors(folder):
        for path in earlier.difference(*(file.paths for file in files)):
            path.unlink(missing_ok=True)
    return files


def _files_of_earlier_card(card: Path) -> set[Path]:
    """Data files that an export to the same folder wrote; none where there was none.

    Raises ConfigError where the card is somebody else's, or the folder is none.
    """
    if card.parent.exists() and not card.parent.is_dir():
        raise ConfigError(f"{card.parent} is a file, not a folder.", "Name another folder.")
    if not card.exists():
        return set()
    text = card.read_text(encoding="utf-8", errors="replace")
    if MARK not in text:
        raise ConfigError(
            f"{card} is not a data card that selfinstruct wrote; it would be replaced.",
            "Name another folder, or move the file away.",
        )
    named = re.findall(r"^    path: data/(\w+)(-\*)?\.(jsonl|parquet)$", text, re.MULTILINE)
    files = [(card.parent / "data" / f"{side}.{kind}", several) for side, several, kind in named]
    return set().union(*(shards_of(path) if several else {path} for path, several in files))


def _selection(source: Source) -> str:
    """What judges' scores had to do with the rows."""
    if source.format.pairs:
        return pair_effect(source.reader, source.reviews, source.min_score).sentence()
    if source.min_score is None:
        return ""
    return score_effect(source.reader, source.outputs, source.reviews, source.min_score).sentence()


def _improver(reader: RunReader, outputs: str) -> ModelConfig | None:
    """The model that wrote the outputs, where it is not the run's own."""
    if outputs == ORIGINAL:
        return None
    return RunReader(improvement_directory(reader.directory, outputs)).config().model
