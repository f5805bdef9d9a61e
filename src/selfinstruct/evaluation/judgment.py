"""What a judge said of a system's answers, one by one and all together, and how it is kept.

DIR/judge/NAME/
  config.toml, run.db …   the batch of requests, stored as a run is
  verdicts.jsonl          one answer a line: {"id": "…", "answer": DIGEST, "level": "B", "reason": "…"}, or
                          with the `problem` in place of a level; from a judge that gives points
                          {"id": …, "answer": DIGEST, "points": 7, "reference": 9, "first": "answer", …}, both
                          null with a `problem`; replaced as a whole whenever judging ends

The digest names the answer that was judged: a verdict on another one than there is now is outdated.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from selfinstruct.evaluation.intervals import Interval, intervals
from selfinstruct.evaluation.judge_prompts import LEVELS
from selfinstruct.evaluation.points import PointsJudgment, PointsVerdict
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.evaluation.settings import EvaluationPaths
from selfinstruct.ratings.questions import ACCEPTABLE
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.encoding import clean_text, to_json
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.store.ratings import digest

__all__ = ["Judgment", "LevelVerdict", "answer_digest", "kept_judgments", "write_verdicts"]

VERDICTS = "verdicts.jsonl"


@dataclass(frozen=True, slots=True)
class LevelVerdict:
    """answer: its digest (`answer_digest`). level: empty where there is none. problem: why there is none:
    `unreadable`, what the request was lost for, or `outdated`."""

    id: str
    answer: str
    level: str
    reason: str
    problem: str = ""

    def to_json(self) -> dict[str, str]:
        """A row of the file."""
        found = {"level": self.level} if self.level else {"problem": self.problem}
        return {"id": self.id, "answer": self.answer, **found, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Judgment:
    """What one judge said of all answers.

    answers: how many there are. levels: how many of each. problems: answers without a level, by reason.
    acceptable, best: the share of A and B, and of A, among those that have one, in percent, with intervals;
    None where none has.
    """

    judge: str
    answers: int
    levels: dict[str, int]
    problems: dict[str, int]
    acceptable: Interval | None
    best: Interval | None
    verdicts: tuple[LevelVerdict, ...]

    @classmethod
    def of(
        cls, judge: str, verdicts: Sequence[LevelVerdict], predictions: Sequence[Prediction], seed: int
    ) -> Judgment:
        """verdicts: of these predictions, in their order; fewer, where judging was interrupted."""
        tasks = {each.item.id: each.item.task for each in predictions}
        answers = {each.item.id: answer_digest(each) for each in predictions}
        verdicts = [
            verdict
            if answers.get(verdict.id) == verdict.answer
            else replace(verdict, level="", problem="outdated")
            for verdict in verdicts
        ]
        judged = [verdict for verdict in verdicts if verdict.level]
        acceptable = best = None
        if judged:
            acceptable, best = intervals(
                [
                    [100.0 * (verdict.level in ACCEPTABLE) for verdict in judged],
                    [100.0 * (verdict.level == LEVELS[0]) for verdict in judged],
                ],
                [tasks.get(verdict.id, "") for verdict in judged],
                seed,
            )
        counts = Counter(verdict.level for verdict in judged)
        problems = Counter(verdict.problem for verdict in verdicts if not verdict.level)
        return cls(
            judge=judge,
            answers=len(predictions),
            levels={level: counts[level] for level in LEVELS},
            problems=dict(sorted(problems.items(), key=lambda each: (-each[1], each[0]))),
            acceptable=acceptable,
            best=best,
            verdicts=tuple(verdicts),
        )

    @property
    def label(self) -> str:
        """What `main` is, for people."""
        return "% A and B"

    @property
    def main(self) -> Interval | None:
        """The share of acceptable answers."""
        return self.acceptable

    def shares_by_item(self) -> dict[str, tuple[float, float]]:
        """`main` is the total of the first numbers over that of the second."""
        return {name: (100.0 * (level in ACCEPTABLE), 1.0) for name, level in self.levels_by_item().items()}

    def levels_by_item(self) -> dict[str, str]:
        """Of the answers that have one."""
        return {each.id: each.level for each in self.verdicts if each.level}

    def to_json(self) -> dict[str, Any]:
        """Shares in percent."""
        return {
            "answers": self.answers,
            "judged": sum(self.levels.values()),
            "levels": self.levels,
            "problems": self.problems,
            "A": None if self.best is None else self.best.mean,
            "A+B": None if self.acceptable is None else self.acceptable.mean,
            "intervals": {
                "A": None if self.best is None else self.best.to_json(),
                "A+B": None if self.acceptable is None else self.acceptable.to_json(),
            },
        }


def answer_digest(prediction: Prediction) -> str:
    """Names an answer and what it answers, as people's ratings do."""
    item = prediction.item
    return digest(item.instruction.strip(), item.input.strip(), prediction.response.strip())


class _Row(Protocol):
    def to_json(self) -> Mapping[str, Any]: ...


def write_verdicts(folder: Path, verdicts: Sequence[_Row]) -> None:
    """Replace those in a judge's folder. Raises what `atomic_write` raises."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / VERDICTS) as file:
        for verdict in verdicts:
            file.write(clean_text(to_json(verdict.to_json())) + "\n")


def kept_judgments(
    directory: Path, predictions: Sequence[Prediction], seed: int
) -> Iterator[Judgment | PointsJudgment]:
    """Of all judges that were asked in an evaluation's folder, by name. Raises StorageError for a damaged
    file."""
    tasks = {each.item.id: each.item.task for each in predictions}
    answers = {each.item.id: answer_digest(each) for each in predictions}
    for path in sorted(EvaluationPaths(directory).judges.glob(f"*/{VERDICTS}")):
        levels, points = _kept_verdicts(path)
        judge = path.parent.name
        if points:
            now = [
                each if answers.get(each.id) == each.answer else replace(each, problem="outdated")
                for each in points
            ]
            yield PointsJudgment.of(judge, now, tasks, seed)
        else:
            yield Judgment.of(judge, levels, predictions, seed)


def _kept_verdicts(path: Path) -> tuple[list[LevelVerdict], list[PointsVerdict]]:
    """Of one kind or the other."""
    levels, points = list[LevelVerdict](), list[PointsVerdict]()
    with storage_errors(path), path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            row = json.loads(line)
            try:
                name, answer, reason = row["id"], row["answer"], row["reason"]
                problem = row.get("problem", "")
                if "points" in row:
                    found = PointsVerdict(
                        name, answer, row["points"], row["reference"], row["first"], reason, problem
                    )
                    points.append(found)
                else:
                    levels.append(LevelVerdict(name, answer, row.get("level", ""), reason, problem))
            except (KeyError, TypeError) as error:
                raise damaged(path, f"line {number} is not a verdict") from error
    return levels, points
