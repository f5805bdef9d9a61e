"""How far a model that judged answers agrees with the people who rated the same ones.

An answer is known by its text (`answer_digest`), so that ratings count wherever they were made and
whatever the system was called there; those of an answer that is another one by now do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.evaluation.judgment import Judgment, answer_digest
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.review.agreement import Agreement, PairAgreement, agreement
from selfinstruct.review.questions import ACCEPTABLE, LEVEL, LEVELS
from selfinstruct.store.rating_log import read_events
from selfinstruct.store.ratings import Standing

__all__ = ["JudgesAndPeople", "compare_judges"]


@dataclass(frozen=True, slots=True)
class JudgesAndPeople:
    """judges: their names. people: how many of these answers each rated. levels: agreement on the four;
    acceptable: on A and B against C and D."""

    judges: tuple[str, ...]
    people: dict[str, int]
    levels: Agreement
    acceptable: Agreement

    def pairs(self) -> list[tuple[PairAgreement, PairAgreement]]:
        """On four levels and on two, of each pair with a judge in it, and then of people among each other."""
        both = zip(self.levels.pairs, self.acceptable.pairs, strict=True)
        return sorted(both, key=lambda pair: not set(pair[0].raters) & set(self.judges))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "judges": list(self.judges),
            "people": self.people,
            "levels": self.levels.to_json(),
            "acceptable": self.acceptable.to_json(),
        }


def compare_judges(
    predictions: Sequence[Prediction], judgments: Sequence[Judgment], directory: Path
) -> JudgesAndPeople | None:
    """directory: where the ratings are. None where nobody has rated an answer that a judge gave a level.

    Raises NotARunError for ratings of a newer version, StorageError for damaged ones.
    """
    people = _people(predictions, directory)
    judges = {
        f"judge {judgment.judge}": {each.id: each.level for each in judgment.verdicts if each.level}
        for judgment in judgments
    }
    both = {item for labels in people.values() for item in labels} & {
        item for labels in judges.values() for item in labels
    }
    levels = agreement({**people, **judges}, [level.name for level in LEVELS]) if both else None
    if levels is None:
        return None
    two = agreement(_on_two_levels({**people, **judges}))
    assert two is not None, "the same items have as many raters"
    return JudgesAndPeople(
        tuple(judges), {rater: len(labels) for rater, labels in people.items()}, levels, two
    )


def _people(predictions: Sequence[Prediction], directory: Path) -> dict[str, dict[str, str]]:
    """By rater: the level of each item."""
    items = {answer_digest(each): each.item.id for each in predictions}
    found: dict[str, dict[str, str]] = {}
    for rating in Standing(read_events(directory)).ratings():
        if rating.digest in items and LEVEL in rating.answers:
            found.setdefault(rating.rater, {})[items[rating.digest]] = str(rating.answers[LEVEL])
    return found


def _on_two_levels(raters: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {
        rater: {item: "AB" if level in ACCEPTABLE else "CD" for item, level in labels.items()}
        for rater, labels in raters.items()
    }
