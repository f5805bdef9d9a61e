"""What judging a run's instances came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.ratings.scores import PASSING
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.store.judged import InstanceVerdict, JudgePaths

__all__ = ["JudgeResult"]


@dataclass(frozen=True, slots=True)
class JudgeResult:
    """Of the instances that were to be judged, in all invocations; equal texts count once.

    verdicts: the file that holds those of all samples and outputs. instances: to be judged; judged: with a
        score. waiting: still to be asked about.
    problems: verdicts without a score, by reason, the commonest first.
    mean: of the scores; None without any. scores: how many instances have each, rounded down. passed: how
        many have 4 or more. questions: of the three, how many answers were yes, and how many there are.
    rubric: its SHA-256. warning: for people; empty unless
    the judge wrote what it judges.
    seconds: this invocation's.
    """

    run: Path
    judge: str
    outputs: str
    verdicts: Path
    instances: int
    judged: int
    waiting: int
    problems: Mapping[str, int]
    mean: float | None
    scores: Mapping[str, int]
    passed: int
    questions: Mapping[str, tuple[int, int]]
    rubric: str
    warning: str
    batch: BatchOutcome
    seconds: float

    @classmethod
    def of(
        cls,
        wanted: Set[str],
        every: Mapping[str, InstanceVerdict],
        *,
        paths: JudgePaths,
        outputs: str,
        rubric: str,
        warning: str,
        batch: BatchOutcome,
        seconds: float,
    ) -> JudgeResult:
        """wanted: the digests of what was to be judged. every: all verdicts of this judge."""
        given = [every[digest] for digest in wanted if digest in every]
        scores = [verdict.score for verdict in given if verdict.score is not None]
        counts = Counter(int(score) for score in scores)
        problems = Counter(verdict.problem for verdict in given if verdict.score is None)
        said = {
            name: [verdict.answers[name] for verdict in given if name in verdict.answers]
            for name in ("task", "input", "output")
        }
        return cls(
            run=paths.run.absolute(),
            judge=paths.name,
            outputs=outputs,
            verdicts=paths.verdicts.absolute(),
            instances=len(wanted),
            judged=len(scores),
            waiting=len(wanted) - len(given),
            problems=dict(sorted(problems.items(), key=lambda each: (-each[1], each[0]))),
            mean=sum(scores) / len(scores) if scores else None,
            scores={str(score): counts[score] for score in range(1, 6)},
            passed=sum(score >= PASSING for score in scores),
            questions={name: (sum(answers), len(answers)) for name, answers in said.items()},
            rubric=rubric,
            warning=warning,
            batch=batch,
            seconds=seconds,
        )

    def to_json(self) -> dict[str, Any]:
        """One object, as `judge --json` prints it."""
        return {
            "run": str(self.run),
            "judge": self.judge,
            "outputs": self.outputs,
            "verdicts": str(self.verdicts),
            "stopped": self.batch.stopped,
            "advice": self.batch.advice,
            "warning": self.warning,
            "rubric": self.rubric,
            "instances": self.instances,
            "judged": self.judged,
            "waiting": self.waiting,
            "problems": dict(self.problems),
            "mean_score": self.mean,
            "scores": dict(self.scores),
            "passed": self.passed,
            "questions": {
                name: {"yes": yes, "answered": answered} for name, (yes, answered) in self.questions.items()
            },
            **self.batch.counts(),
            "seconds": round(self.seconds, 3),
        }
