"""What the ratings in a directory come to: Table 2 for generated data, Figure 6 for systems, agreement.

    ratings_of_run(reader)         of a run's ratings.db
    ratings_summary(directory)     of one beside predictions
    level_labels(run)              who gave which level to what, to compare another judge with people

An item counts once, however many people rated it: with the share of them that said yes, or gave the level.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfinstruct.ratings.agreement import Agreement, agreement
from selfinstruct.ratings.decisions import decide, instance_digest, instance_id
from selfinstruct.ratings.questions import (
    ACCEPTABLE,
    ALL_THREE,
    COMMENT,
    DECISION,
    DECISIONS,
    LEVEL,
    LEVELS,
    QUESTIONS,
)
from selfinstruct.ratings.shares import Share, mean_share
from selfinstruct.store.improved import chosen_tasks, improvements
from selfinstruct.store.rating_log import read_events
from selfinstruct.store.ratings import Event, Standing
from selfinstruct.store.reader import RunReader

__all__ = [
    "DataSummary",
    "QuestionSummary",
    "RaterComment",
    "RatingsSummary",
    "SystemSummary",
    "level_labels",
    "ratings_of_run",
    "ratings_summary",
    "summarize",
]

Unit = tuple[str, str]
"""What is rated: an item, and whose output to it."""


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """A line of Table 2. raters: the same of each rater's own items. agreement: None where no item has two
    raters."""

    name: str
    share: Share
    raters: Mapping[str, Share]
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class DataSummary:
    """Of the outputs of one name (`original`: the run's own).

    decisions: instances by what all raters together decided (`decisions.decide`).
    questions: the three, and all three at once.
    """

    outputs: str
    items: int
    decisions: Mapping[str, int]
    questions: tuple[QuestionSummary, ...]
    agreement: Agreement | None
    """On what is to become of them."""


@dataclass(frozen=True, slots=True)
class SystemSummary:
    """A bar of Figure 6. levels: the share of each level. acceptable: that of A and B."""

    system: str
    items: int
    levels: Mapping[str, float]
    acceptable: Share


@dataclass(frozen=True, slots=True)
class RaterComment:
    """Of an item, and of the outputs of one name to it."""

    item: str
    system: str
    rater: str
    text: str


@dataclass(frozen=True, slots=True)
class RatingsSummary:
    """raters: how many ratings of each stand. outdated: ratings of texts that have changed since; they count
    nowhere else. levels: agreement on the four; acceptable: on A and B against C and D. comments: what raters
    wrote beside their answers, in the order in which they did."""

    raters: Mapping[str, int]
    outdated: int
    data: tuple[DataSummary, ...]
    systems: tuple[SystemSummary, ...]
    levels: Agreement | None
    acceptable: Agreement | None
    comments: tuple[RaterComment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def ratings_summary(directory: Path, current: Mapping[Unit, str] | None = None) -> RatingsSummary | None:
    """None where no rating stands.

    current: the digests of texts as they are now; ratings of them as they were before are outdated. Of what
        is not among them all ratings count.

    Raises NotARunError for a ratings.db of a newer version, StorageError for a damaged one.
    """
    return summarize(Standing(read_events(directory)).ratings(), current)


def ratings_of_run(reader: RunReader) -> RatingsSummary | None:
    """As `ratings_summary`. A run's own texts never change, improved outputs may: ratings of those as they
    were before are outdated."""
    ratings = list(Standing(read_events(reader.directory)).ratings())
    improved = {rating.system for rating in ratings} & set(improvements(reader.directory))
    return summarize(
        ratings,
        {
            (instance_id(task.id, place), name): instance_digest(task.instruction, instance)
            for name in improved
            for task in chosen_tasks(reader, name)
            for place, instance in enumerate(task.instances)
        },
    )


def level_labels(directory: Path) -> dict[str, dict[Unit, str]]:
    """By rater: the level of each (item, system). `predictions.item_id` names items. Raises as above."""
    return _levels(Standing(read_events(directory)).ratings())


def summarize(ratings: Iterable[Event], current: Mapping[Unit, str] | None = None) -> RatingsSummary | None:
    """As `ratings_summary`, of the ratings that stand."""
    every = list(ratings)
    if not every:
        return None
    counting = [
        rating
        for rating in every
        if current is None or current.get((rating.item, rating.system), rating.digest) == rating.digest
    ]
    by_outputs: dict[str, list[Event]] = defaultdict(list)
    for rating in counting:
        if DECISION in rating.answers:
            by_outputs[rating.system].append(rating)
    levels = _levels(counting)
    names = [level.name for level in LEVELS]
    return RatingsSummary(
        raters=dict(sorted(Counter(rating.rater for rating in counting).items())),
        outdated=len(every) - len(counting),
        data=tuple(_data(outputs, by_outputs[outputs]) for outputs in sorted(by_outputs)),
        systems=_systems(levels),
        levels=agreement(levels, names),
        acceptable=agreement(
            _mapped(levels, lambda level: "AB" if level in ACCEPTABLE else "CD"), ("AB", "CD")
        ),
        comments=tuple(
            RaterComment(rating.item, rating.system, rating.rater, str(rating.answers[COMMENT]))
            for rating in sorted(counting, key=lambda rating: rating.number)
            if COMMENT in rating.answers
        ),
    )


def _data(outputs: str, ratings: list[Event]) -> DataSummary:
    items: dict[str, list[Event]] = defaultdict(list)
    for rating in ratings:
        items[rating.item].append(rating)
    decisions = Counter(decide(group).kind for group in items.values())
    asked = {name: (name,) for name in QUESTIONS} | {ALL_THREE: tuple(QUESTIONS)}
    return DataSummary(
        outputs=outputs,
        items=len(items),
        decisions={kind: decisions[kind] for kind in DECISIONS},
        questions=tuple(_question(name, answers, ratings) for name, answers in asked.items()),
        agreement=agreement(_by_rater(ratings, lambda rating: str(rating.answers[DECISION]))),
    )


def _question(name: str, answers: Iterable[str], ratings: list[Event]) -> QuestionSummary:
    """Yes, where these answers all are."""
    said = _by_rater(ratings, lambda rating: "yes" if all(map(rating.answers.get, answers)) else "no")
    return QuestionSummary(
        name=name,
        share=mean_share(_share_of("yes", given) for given in _by_unit(said).values()),
        raters={rater: mean_share(answer == "yes" for answer in own.values()) for rater, own in said.items()},
        agreement=agreement(said),
    )


def _systems(levels: Mapping[str, Mapping[Unit, str]]) -> tuple[SystemSummary, ...]:
    """Best first."""
    by_system: dict[str, list[list[str]]] = defaultdict(list)
    for (_, system), given in _by_unit(levels).items():
        by_system[system].append(given)
    found = [
        SystemSummary(
            system=system,
            items=len(items),
            levels={
                level.name: sum(_share_of(level.name, given) for given in items) / len(items)
                for level in LEVELS
            },
            acceptable=mean_share(sum(_share_of(level, given) for level in ACCEPTABLE) for given in items),
        )
        for system, items in by_system.items()
    ]
    return tuple(
        sorted(found, key=lambda each: (-(each.acceptable.share or 0), -each.levels["A"], each.system))
    )


def _levels(ratings: Iterable[Event]) -> dict[str, dict[Unit, str]]:
    return _by_rater(
        [rating for rating in ratings if LEVEL in rating.answers], lambda rating: str(rating.answers[LEVEL])
    )


def _by_rater(ratings: Iterable[Event], label: Callable[[Event], str]) -> dict[str, dict[Unit, str]]:
    found: dict[str, dict[Unit, str]] = defaultdict(dict)
    for rating in ratings:
        found[rating.rater][rating.item, rating.system] = label(rating)
    return dict(sorted(found.items()))


def _by_unit(raters: Mapping[str, Mapping[Unit, str]]) -> dict[Unit, list[str]]:
    found: dict[Unit, list[str]] = defaultdict(list)
    for labels in raters.values():
        for unit, label in labels.items():
            found[unit].append(label)
    return found


def _mapped(raters: Mapping[str, Mapping[Unit, str]], to: Callable[[str], str]) -> dict[str, dict[Unit, str]]:
    return {rater: {unit: to(label) for unit, label in labels.items()} for rater, labels in raters.items()}


def _share_of(label: str, given: list[str]) -> float:
    return given.count(label) / len(given)
