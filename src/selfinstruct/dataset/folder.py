"""A data set as the Hugging Face Hub keeps it: `datasets.load_dataset(FOLDER)` gives its splits.

FOLDER/
  README.md            the data card
  data/train.jsonl     or .parquet; one file a split
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
) -> tuple[WrittenFile, ...]:
    """Write the data files, then the card. Data files that an earlier card of ours names, and this one
    does not, are removed; all else in the folder is left alone.

    license_name: one of the Hub's identifiers; None where the user has not said.

    Raises ConfigError for a format that is no data set, a README.md that is not ours, a licence that
    cannot be one, and a split without a task; and what `export` does.
    """
    chosen = find_format(format_name)
    if not isinstance(chosen, TaskFormat):
        raise ConfigError(
            f"{format_name!r} is a record of the run, not a data set that a folder could hold.",
            "Name a file, or another format.",
        )
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
    paths = {name: f"data/{name}.{chosen.kind}" for name in split.names}
    with storage_errors(folder):
        earlier = _files_of_earlier_card(folder / CARD)
        (folder / "data").mkdir(parents=True, exist_ok=True)
    files, statistics = write_sides(source, split, {name: folder / path for name, path in paths.items()})
    facts = CardFacts(
        title=folder.resolve().name,
        config=reader.config(),
        format_name=format_name,
        format=replace(chosen, columns=source.columns),
        paths=tuple(paths.values()),
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
        for path in earlier - set(paths.values()):
            (folder / path).unlink(missing_ok=True)
    return files


def _files_of_earlier_card(card: Path) -> set[str]:
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
    return set(re.findall(r"^    path: (data/\w+\.(?:jsonl|parquet))$", text, re.MULTILINE))


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
