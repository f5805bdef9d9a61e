"""What judges said of a run's instances, beside what people said of the same ones.

    read_all_scores(run)        every judge's scores, by the texts that they are of
    judged_figures(reader)      Table 2 by judge and by people, agreement, calibration; plain values

A judge passes an instance that it gives `PASSING` or more. People call one wrong where most who rated it say
that not all three questions hold; where they are split, it is neither wrong nor right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.ratings.agreement import Agreement, agreement
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.ratings.questions import ALL_THREE, DECISION, QUESTIONS
from selfinstruct.ratings.shares import Share, mean_share
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.improved import ORIGINAL, chosen_tasks, improvement_directory, improvements
from selfinstruct.store.judged import (
    InstanceVerdict,
    JudgePaths,
    judges,
    kept_rubric,
    read_scores,
    rubric_digest,
)
from selfinstruct.store.rating_log import read_events
from selfinstruct.store.ratings import Event, Standing
from selfinstruct.store.reader import RunReader

__all__ = [
    "PASSING",
    "PEOPLE",
    "Calibration",
    "JudgeFigures",
    "JudgeTable",
    "JudgedOutputs",
    "Scores",
    "holds",
    "judged_figures",
    "read_all_scores",
    "wrote",
]

PASSING = 4
PEOPLE = "people"
"""What they are called among the judges, all together."""


@dataclass(frozen=True, slots=True)
class Scores:
    """verdicts: by judge, and by the digest of the texts (`instance_digest`)."""

    verdicts: Mapping[str, Mapping[str, InstanceVerdict]]

    def __bool__(self) -> bool:
        return any(self.verdicts.values())

    def of(self, digest: str) -> dict[str, float]:
        """By judge, of those that gave one."""
        return {
            judge: verdict.score
            for judge, by_digest in self.verdicts.items()
            if (verdict := by_digest.get(digest)) is not None and verdict.score is not None
        }

    def mean(self, digest: str) -> float | None:
        """Over judges; None where none gave a score."""
        scores = self.of(digest).values()
        return sum(scores) / len(scores) if scores else None


def read_all_scores(run: Path) -> Scores:
    """Raises StorageError for a damaged file."""
    return Scores({name: read_scores(run, name) for name in judges(run)})


@dataclass(frozen=True, slots=True)
class JudgeTable:
    """One judge, or people (`PEOPLE`), of the instances that the data set has now.

    questions: Table 2's lines by name, each of the instances whose question was answered.
    scores: how many instances have each score, rounded down; mean: of all; None without any.
    problems: instances without a score, by reason. rubric: its SHA-256; empty for people.
    itself: whether the judge is a model that wrote these outputs: models favor their own.
    """

    name: str
    instances: int
    questions: Mapping[str, Share]
    mean: float | None
    scores: Mapping[str, int]
    problems: Mapping[str, int]
    rubric: str
    itself: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one judge, where people rated the same instances.

    passed_wrong: of those that people called wrong, the share that the judge gave 4 or more;
    approved_wrong: and the share of which it said that all three hold.
    failed_right: of those that people called right, the share that it gave less than 4.
    """

    judge: str
    passed_wrong: Share
    approved_wrong: Share
    failed_right: Share


@dataclass(frozen=True, slots=True)
class JudgedOutputs:
    """Of the outputs of one name (`original`: the run's own).

    instances: in the data set. tables: people first, where they rated any. agreement: by question; of people
    as a whole, by majority, and each judge.
    """

    outputs: str
    instances: int
    tables: tuple[JudgeTable, ...]
    agreement: Mapping[str, Agreement]
    calibration: tuple[Calibration, ...]


@dataclass(frozen=True, slots=True)
class JudgeFigures:
    """judges: their names. outputs: only those that a judge gave a verdict on."""

    judges: tuple[str, ...]
    outputs: tuple[JudgedOutputs, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def judged_figures(reader: RunReader) -> JudgeFigures | None:
    """None where no judge was asked. Raises NotARunError for ratings of a newer version, StorageError for
    damaged files."""
    every = read_all_scores(reader.directory)
    if not every:
        return None
    people = list(Standing(read_events(reader.directory)).ratings())
    found = [
        _outputs(reader, name, every, [rating for rating in people if rating.system == name])
        for name in (ORIGINAL, *improvements(reader.directory))
    ]
    return JudgeFigures(tuple(every.verdicts), tuple(each for each in found if each is not None))


def _outputs(reader: RunReader, outputs: str, every: Scores, people: Iterable[Event]) -> JudgedOutputs | None:
    units = {
        instance_id(task.id, place): instance_digest(task.instruction, instance)
        for task in chosen_tasks(reader, outputs)
        for place, instance in enumerate(task.instances)
    }
    verdicts = {
        judge: {unit: by_digest[digest] for unit, digest in units.items() if digest in by_digest}
        for judge, by_digest in every.verdicts.items()
    }
    verdicts = {judge: given for judge, given in verdicts.items() if given}
    if not verdicts:
        return None
    rated: dict[str, list[Event]] = defaultdict(list)
    for rating in people:
        if DECISION in rating.answers and units.get(rating.item) == rating.digest:
            rated[rating.item].append(rating)
    tables = [_of_people(rated)] if rated else []
    tables += [_of_judge(reader, outputs, judge, given) for judge, given in verdicts.items()]
    labels = {name: _labels(name, rated, verdicts) for name in (*QUESTIONS, ALL_THREE)}
    agreed = {name: agreement(raters) for name, raters in labels.items()}
    right = labels[ALL_THREE][PEOPLE]
    return JudgedOutputs(
        outputs=outputs,
        instances=len(units),
        tables=tuple(tables),
        agreement={name: each for name, each in agreed.items() if each is not None},
        calibration=tuple(
            _calibration(judge, given, right)
            for judge, given in verdicts.items()
            if any(given[unit].score is not None for unit in given.keys() & right.keys())
        ),
    )


def _of_people(rated: Mapping[str, list[Event]]) -> JudgeTable:
    """Each instance with the share of its raters that said yes."""
    return JudgeTable(
        name=PEOPLE,
        instances=len(rated),
        questions={
            name: mean_share(
                sum(holds(rating.answers, name) is True for rating in group) / len(group)
                for group in rated.values()
            )
            for name in (*QUESTIONS, ALL_THREE)
        },
        mean=None,
        scores={},
        problems={},
        rubric="",
    )


def wrote(reader: RunReader, judge: Config, outputs: str) -> bool:
    """Whether a judge is a model that wrote these outputs. judge: the config of its requests."""
    written = reader.config()
    models = [written.model, *(own.model for _, own in written.stages if own is not None)]
    if outputs != ORIGINAL:
        models.append(RunReader(improvement_directory(reader.directory, outputs)).config().model)
    judging = judge.model
    return any((each.provider, each.name) == (judging.provider, judging.name) for each in models)


def _of_judge(
    reader: RunReader, outputs: str, judge: str, given: Mapping[str, InstanceVerdict]
) -> JudgeTable:
    paths = JudgePaths(reader.directory, judge)
    asked = read_run_config(paths.requests)
    scored = [verdict.score for verdict in given.values() if verdict.score is not None]
    held = {
        name: [holds(verdict.answers, name) for verdict in given.values()] for name in (*QUESTIONS, ALL_THREE)
    }
    counts = Counter(int(score) for score in scored)
    problems = Counter(verdict.problem for verdict in given.values() if verdict.problem)
    return JudgeTable(
        name=judge,
        instances=len(given),
        questions={
            name: mean_share(float(answer) for answer in answers if answer is not None)
            for name, answers in held.items()
        },
        mean=sum(scored) / len(scored) if scored else None,
        scores={str(score): counts[score] for score in range(1, 6)},
        problems=dict(sorted(problems.items(), key=lambda each: (-each[1], each[0]))),
        rubric=rubric_digest(kept_rubric(paths) or ""),
        itself=asked is not None and wrote(reader, asked, outputs),
    )


def holds(answers: Mapping[str, Any], question: str) -> bool | None:
    """What a judge's or a person's answers say of one question, or of all three (`ALL_THREE`): None where it
    was not answered. All three do not hold as soon as one does not."""
    asked = tuple(QUESTIONS) if question == ALL_THREE else (question,)
    said = [answers.get(name) for name in asked]
    return False if False in said else None if None in said else True


def _labels(
    question: str, rated: Mapping[str, list[Event]], verdicts: Mapping[str, Mapping[str, InstanceVerdict]]
) -> dict[str, dict[str, str]]:
    """By rater and instance, `yes` or `no`; of people by majority."""
    people = {}
    for unit, group in rated.items():
        yes = sum(holds(rating.answers, question) is True for rating in group)
        if 2 * yes != len(group):
            people[unit] = "yes" if 2 * yes > len(group) else "no"
    found = {PEOPLE: people}
    for judge, given in verdicts.items():
        held = {unit: holds(verdict.answers, question) for unit, verdict in given.items()}
        found[f"judge {judge}"] = {
            unit: "yes" if answer else "no" for unit, answer in held.items() if answer is not None
        }
    return found


def _calibration(judge: str, given: Mapping[str, InstanceVerdict], people: Mapping[str, str]) -> Calibration:
    def scores(said: str) -> list[float]:
        found = (given[unit].score for unit in given.keys() & people.keys() if people[unit] == said)
        return [score for score in found if score is not None]

    wrong = [given[unit] for unit in given.keys() & people.keys() if people[unit] == "no"]
    approved = (holds(verdict.answers, ALL_THREE) for verdict in wrong)
    return Calibration(
        judge=judge,
        passed_wrong=mean_share(float(score >= PASSING) for score in scores("no")),
        approved_wrong=mean_share(float(held) for held in approved if held is not None),
        failed_right=mean_share(float(score < PASSING) for score in scores("yes")),
    )
