"""How far a model that judged answers agrees with the people who rated the same ones.

An answer is known by its text, so that ratings count wherever they were made and
whatever the system was called there; those of an answer that is another one by now do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.ratings.agreement import Agreement, PairAgreement, agreement
from selfinstruct.ratings.questions import ACCEPTABLE, LEVEL, LEVELS
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
    answers: Mapping[str, str], judges: Mapping[str, Mapping[str, str]], directory: Path
) -> JudgesAndPeople | None:
    """answers: an item's name by the digest of its answer, as ratings have it. judges: by name, the level of
    each item that has one. directory: where the ratings are. None where nobody has rated an answer that a
    judge gave a level.

    Raises NotARunError for ratings of a newer version, StorageError for damaged ones.
    """
    people = _people(answers, directory)
    named = {f"judge {judge}": levels for judge, levels in judges.items()}
    both = {item for labels in people.values() for item in labels} & {
        item for labels in named.values() for item in labels
    }
    levels = agreement({**people, **named}, [level.name for level in LEVELS]) if both else None
    if levels is None:
        return None
    two = agreement(_on_two_levels({**people, **named}))
    assert two is not None, "the same items have as many raters"
    return JudgesAndPeople(
        tuple(named), {rater: len(labels) for rater, labels in people.items()}, levels, two
    )


def _people(answers: Mapping[str, str], directory: Path) -> dict[str, dict[str, str]]:
    """By rater: the level of each item."""
    found: dict[str, dict[str, str]] = {}
    for rating in Standing(read_events(directory)).ratings():
        if rating.digest in answers and LEVEL in rating.answers:
            found.setdefault(rating.rater, {})[answers[rating.digest]] = str(rating.answers[LEVEL])
    return found


def _on_two_levels(raters: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {
        rater: {item: "AB" if level in ACCEPTABLE else "CD" for item, level in labels.items()}
        for rater, labels in raters.items()
    }
