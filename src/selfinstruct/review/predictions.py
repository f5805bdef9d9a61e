"""Predictions of one or several systems, brought together item by item.

Reads what `evaluate` writes (DIR/predictions.jsonl) and files of other programs, JSON Lines with
`instruction`, `input`, `response` and perhaps `target`. Rows of different files belong together where they
ask the same: by instruction and input, white space around them aside, and not by their place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.rows import FileRow, read_rows
from selfinstruct.ratings.drawing import draw
from selfinstruct.review.items import Material, Response, ReviewItem
from selfinstruct.store.ratings import digest

__all__ = ["PREDICTIONS", "item_id", "items_of_predictions", "prediction_files"]

PREDICTIONS = "predictions.jsonl"
"""In the directory of an evaluation."""

SUFFIX = "_predictions"


def item_id(instruction: str, input: str, occurrence: int = 1) -> str:  # noqa: A002 - the field's name
    """What ratings call an item: a digest of what was asked, so that it is the same in all files.

    occurrence: 2 for the second time that one file asks the same, and so on.
    """
    name = digest(instruction.strip(), input.strip())
    return name if occurrence == 1 else f"{name}-{occurrence}"


def prediction_files(paths: Sequence[Path]) -> dict[str, Path]:
    """The systems' names and files. A name is the file's (`gpt3_predictions.jsonl` is gpt3), or that of the
    evaluation's directory; with its folder's before it where two would be the same.

    Raises UserError for a directory without predictions, and for the same file twice.
    """
    files = [path / PREDICTIONS if path.is_dir() else path for path in paths]
    for path, file in zip(paths, files, strict=True):
        if path.is_dir() and not file.exists():
            raise UserError(
                f"{path} holds neither a run nor {PREDICTIONS}.", "Name a run, or files of predictions."
            )
    doubles = [file for file, count in Counter(file.resolve() for file in files).items() if count > 1]
    if doubles:
        raise UserError(f"{doubles[0]} is given twice.", "Name each system's predictions once.")
    parts = [_name_parts(file.resolve()) for file in files]
    length = 1
    while len({part[-length:] for part in parts}) < len(parts):
        length += 1
    return {"/".join(part[-length:]): file for part, file in zip(parts, files, strict=True)}


def items_of_predictions(
    paths: Sequence[Path], directory: Path | None = None, *, sample: int | None = None, seed: int = 0
) -> tuple[Material, int]:
    """All items that any file has, and how many of them are not in every file.

    directory: where ratings are kept; None for the folder of the files, if that is one.

    Raises UserError naming the file, line and field of a row that cannot be shown.
    """
    files = prediction_files(paths)
    if directory is None:
        folders = {file.resolve().parent for file in files.values()}
        if len(folders) > 1:
            raise UserError(
                "The predictions are in several folders, so it is unclear where to save the ratings.",
                "Name a folder: `out=DIR`",
            )
        (directory,) = folders
    found: dict[str, ReviewItem] = {}
    for system, file in files.items():
        occurrences = Counter[str]()
        for row in read_rows(file):
            item = _item(row, system, occurrences)
            earlier = found.get(item.id)
            found[item.id] = item if earlier is None else _joined(earlier, item)
    partial = sum(len(item.responses) < len(files) for item in found.values())
    items = sorted(found.values(), key=lambda item: draw(seed, item.id))[:sample]
    name = " · ".join(files) if len(files) <= 2 else f"{len(files)} systems"
    material = Material(name, directory, tuple(items), len(found), "items", compares=True, seed=seed)
    return material, partial


def _name_parts(file: Path) -> tuple[str, ...]:
    """Of the path, without what says nothing."""
    *folders, _ = file.parts
    own = file.stem.removesuffix(SUFFIX)
    return tuple(folders) if file.name == PREDICTIONS else (*folders, own)


def _item(row: FileRow, system: str, occurrences: Counter[str]) -> ReviewItem:
    instruction, given = row.required("instruction").strip(), row.text("input").strip()
    if "response" not in row.fields:
        raise row.mistake(
            "there is no field 'response'", "Give every row the system's answer; it may be empty."
        )
    text = row.text("response").strip()
    asked = item_id(instruction, given)
    occurrences[asked] += 1
    return ReviewItem(
        id=item_id(instruction, given, occurrences[asked]),
        instruction=instruction,
        input=given,
        responses=(Response(system, text, digest(instruction, given, text)),),
        references=row.texts("target") if row.first_of("target") else (),
    )


def _joined(item: ReviewItem, other: ReviewItem) -> ReviewItem:
    """The responses of both."""
    return ReviewItem(
        item.id,
        item.instruction,
        item.input,
        item.responses + other.responses,
        item.references or other.references,
    )
