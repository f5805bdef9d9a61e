"""What a model answered, item by item: the file that scores, judges and people read.

    {"id": "…", "task": "…", "category": "…", "instruction": "…", "input": "…", "target": "…",
     "response": "…", "finish_reason": "stop", "rougeL": 41.2, "exact_match": 0.0}

Where a score cannot be found by comparing texts, the row keeps it: `"scores": {"pass@1": 100.0}` in place of
the last two, with `verdict` and `detail` where there is a reason for it.

`task` and `category` are there where the item has them. `target` is a text, or a list where several answers
are right. Scores are in percent, so that their means are the set's. A request that was lost has an empty
response and `lost`, the reason, in place of a finish reason. Files of other programs need `instruction`,
`response` and `target` only, and of these `target` only where the suite's own file is not given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import FileRow, read_rows
from selfinstruct.evaluation.metrics import Score, score
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.encoding import clean_text, to_json

__all__ = ["Prediction", "predictions_for", "read_predictions", "write_predictions"]

OTHERS = "Give the tasks or the file that these predictions belong to."

NAMED = 5
"""At most so many items are named in a message."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """finish_reason: the endpoint's word for why the answer ends; empty where nobody says. lost: why there is
    no answer; empty where there is one, if only an empty one.

    measured: the scores in percent, by metric, where they are found otherwise than by comparing texts.
    verdict, detail: why they are what they are, as a snake_case reason and in words; empty where nobody says.
    """

    item: EvaluationItem
    response: str
    finish_reason: str = ""
    lost: str = ""
    measured: Mapping[str, float] | None = None
    verdict: str = ""
    detail: str = ""

    @property
    def cut(self) -> bool:
        """Whether the limit on its length ended it, rather than the model."""
        return self.finish_reason == "length"

    def score(self) -> Score:
        """As it was measured, or else by the item's references."""
        if self.measured is not None:
            return Score(1, self.measured)
        return score(self.response, self.item.references)

    def to_json(self, scored: Score) -> dict[str, Any]:
        """A row of the file."""
        item = self.item
        groups = {"task": item.task, "category": item.category}
        ending = {"lost": self.lost} if self.lost else {"finish_reason": self.finish_reason or None}
        return {
            "id": item.id,
            **{name: group for name, group in groups.items() if group},
            "instruction": item.instruction,
            "input": item.input,
            "target": item.references[0] if len(item.references) == 1 else list(item.references),
            "response": self.response,
            **ending,
            **(scored.values if self.measured is None else self._measured(scored)),
        }

    def _measured(self, scored: Score) -> dict[str, Any]:
        said = {"verdict": self.verdict, "detail": self.detail}
        return {"scores": dict(scored.values), **{name: text for name, text in said.items() if text}}


def write_predictions(path: Path, predictions: Sequence[Prediction], scores: Sequence[Score]) -> None:
    """Replace the file. Raises what `atomic_write` raises."""
    with atomic_write(path) as file:
        for prediction, scored in zip(predictions, scores, strict=True):
            file.write(clean_text(to_json(prediction.to_json(scored))) + "\n")


def read_predictions(path: Path) -> tuple[Prediction, ...]:
    """Of a file that says itself what would have been right; rows without an id are numbered.

    Raises UserError naming the line and the field, or both lines of an id that comes twice.
    """
    found: dict[str, tuple[FileRow, Prediction]] = {}
    for number, row in enumerate(read_rows(path)):
        prediction = _prediction(row, _own_item(row, number))
        _require_new(row, prediction.item, found)
        found[prediction.item.id] = row, prediction
    return tuple(prediction for _, prediction in found.values())


def predictions_for(
    items: Sequence[EvaluationItem], path: Path, source: str = "the suite"
) -> tuple[Prediction, ...]:
    """Of exactly these items, in their order, out of a file that has them in any. A row belongs to an item by
    its id, or, without one, by its instruction and input; white space around them does not matter.

    source: what to call where the items come from, in messages.
    Raises UserError naming lines and items: where rows are missing, surplus or double, or say something else
    than the source of what is asked or what is right.
    """
    by_id = {item.id: item for item in items}
    by_text = {_asked(item): item for item in items}
    alike = Counter(map(_asked, items))
    found: dict[str, tuple[FileRow, Prediction]] = {}
    for row in read_rows(path):
        item = _item_of(row, by_id, by_text, alike, source)
        _require_new(row, item, found)
        if row.first_of("target") and row.texts("target") != item.references:
            raise row.mistake(f"its target is not that of {item.id} in {source}", OTHERS)
        found[item.id] = row, _prediction(row, item)
    missing = [item.id for item in items if item.id not in found]
    if missing:
        named = ", ".join(missing[:NAMED]) + (" …" if len(missing) > NAMED else "")
        raise UserError(
            f"{path} has no prediction for {len(missing):,} of the {len(items):,} items: {named}.",
            "Add them; a system that gave no answer has an empty response.",
        )
    return tuple(found[item.id][1] for item in items)


def _asked(item: EvaluationItem) -> tuple[str, str]:
    return item.instruction.strip(), item.input.strip()


def _item_of(
    row: FileRow,
    by_id: dict[str, EvaluationItem],
    by_text: dict[tuple[str, str], EvaluationItem],
    alike: Counter[tuple[str, str]],
    source: str,
) -> EvaluationItem:
    asked = row.required("instruction").strip(), row.text("input").strip()
    name = row.id()
    if name and name not in by_id:
        raise row.mistake(f"id {name!r} is none of {source}", OTHERS)
    if name and _asked(by_id[name]) != asked:
        raise row.mistake(f"its instruction and input differ from those of {name} in {source}", OTHERS)
    if name:
        return by_id[name]
    if asked not in by_text:
        raise row.mistake(f"its instruction and input match no item of {source}", OTHERS)
    if alike[asked] > 1:
        raise row.mistake(
            f"{alike[asked]} items of {source} have its instruction and input", "Give every row its id."
        )
    return by_text[asked]


def _require_new(row: FileRow, item: EvaluationItem, found: dict[str, tuple[FileRow, Prediction]]) -> None:
    if item.id in found:
        raise row.mistake(
            f"{item.id} was there before, on line {found[item.id][0].line}", "Leave one of them out."
        )


def _own_item(row: FileRow, number: int) -> EvaluationItem:
    """As the row itself has it."""
    return EvaluationItem(
        id=row.id() or f"item_{number}",
        instruction=row.required("instruction").strip(),
        input=row.text("input").strip(),
        references=row.texts("target"),
        task=row.text("task"),
        category=row.text("category"),
    )


def _prediction(row: FileRow, item: EvaluationItem) -> Prediction:
    if "response" not in row.fields:
        raise row.mistake("there is no field 'response'", "Give every row an answer; it may be empty.")
    return Prediction(
        item,
        row.text("response"),
        row.text("finish_reason"),
        row.text("lost"),
        _scores(row),
        row.text("verdict"),
        row.text("detail"),
    )


def _scores(row: FileRow) -> dict[str, float] | None:
    """Those that the row keeps; None where texts are to be compared."""
    found = row.fields.get("scores")
    if not isinstance(found, dict) or not found:
        return None
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise row.mistake(f"the score {name!r} in field 'scores' is no number")
    return {name: float(value) for name, value in found.items()}
