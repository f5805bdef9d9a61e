"""What a set of predictions comes to: means, by task and by category, and how sure they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfinstruct.evaluation.intervals import CONFIDENCE, RESAMPLES, Interval, intervals
from selfinstruct.evaluation.metrics import EXACT_MATCH, ROUGE_L, Score, mean_score, metric_names
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.text.tokens import count_words, tokenize

__all__ = ["NO_CATEGORY", "AnswerCounts", "Scores", "metric_intervals"]

NO_CATEGORY = "uncategorized"


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How the answers look, whether or not they are right.

    empty: those that are no more than white space, lost ones among them. cut: ended by the limit on their
    length; None where no answer tells how it ended. lost: requests without an answer, by reason, the
    commonest first.
    unscorable: to items whose references hold neither a-z nor 0-9: ROUGE-L is 0, whatever they say; 0 where
    it is not the metric. verdicts: why answers that were tried are right or not, the commonest first.
    words, reference_words: on average, as `count_words` has them; of each item's first reference.
    """

    empty: int
    cut: int | None
    lost: dict[str, int]
    unscorable: int
    verdicts: dict[str, int]
    words: float
    reference_words: float

    @classmethod
    def of(cls, predictions: Sequence[Prediction]) -> AnswerCounts:
        """Of one at least."""
        lost = Counter(each.lost for each in predictions if each.lost)
        verdicts = Counter(each.verdict for each in predictions if each.verdict)
        return cls(
            empty=sum(not each.response.strip() for each in predictions),
            cut=sum(each.cut for each in predictions)
            if any(each.finish_reason for each in predictions)
            else None,
            lost=_commonest_first(lost),
            unscorable=sum(
                not any(tokenize(reference, ascii_only=True) for reference in each.item.references)
                for each in predictions
                if each.measured is None
            ),
            verdicts=_commonest_first(verdicts),
            words=sum(count_words(each.response) for each in predictions) / len(predictions),
            reference_words=sum(count_words(_first(each.item.references)) for each in predictions)
            / len(predictions),
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """metrics: the overall means with their intervals, in percent, by name; the first is what the suite is
    ranked by.

    grouped: whether the intervals draw tasks rather than single items. tasks, categories: the means in each,
    in the order in which they first appear; empty where no item says. seed: of the intervals.
    """

    overall: Score
    metrics: Mapping[str, Interval]
    grouped: bool
    seed: int
    tasks: dict[str, Score]
    categories: dict[str, Score]
    answers: AnswerCounts

    @property
    def main(self) -> str:
        """The first metric's name."""
        return next(iter(self.metrics))

    @property
    def rouge_l(self) -> Interval:
        """Where answers are compared with texts."""
        return self.metrics[ROUGE_L]

    @property
    def exact_match(self) -> Interval:
        """The same."""
        return self.metrics[EXACT_MATCH]

    @classmethod
    def of(cls, predictions: Sequence[Prediction], scores: Sequence[Score], seed: int) -> Scores:
        """scores: of the predictions, of which there is one at least, in their order."""
        tasks = [each.item.task for each in predictions]
        categories = [each.item.category for each in predictions]
        return cls(
            overall=mean_score(scores),
            metrics=metric_intervals(scores, tasks, seed),
            grouped=any(tasks),
            seed=seed,
            tasks=_by(tasks, scores) if any(tasks) else {},
            categories=_by((name or NO_CATEGORY for name in categories), scores) if any(categories) else {},
            answers=AnswerCounts.of(predictions),
        )

    def headline(self) -> str:
        """The first metric's mean and interval, in percent."""
        return f"{self.main} {self.metrics[self.main]}"

    def to_json(self) -> dict[str, Any]:
        """Percent throughout, but for counts and words."""
        answers = self.answers
        return {
            **self.overall.to_json(),
            "intervals": {
                **{name: interval.to_json() for name, interval in self.metrics.items()},
                "confidence": CONFIDENCE,
                "resamples": RESAMPLES,
                "drawn": "tasks" if self.grouped else "items",
                "seed": self.seed,
            },
            "empty": answers.empty,
            "cut": answers.cut,
            "lost": answers.lost,
            "unscorable": answers.unscorable,
            **({"verdicts": answers.verdicts} if answers.verdicts else {}),
            "words": answers.words,
            "reference_words": answers.reference_words,
            "categories": {name: score.to_json() for name, score in self.categories.items()},
            "tasks": {name: score.to_json() for name, score in self.tasks.items()},
        }


def metric_intervals(scores: Sequence[Score], tasks: Sequence[str], seed: int) -> dict[str, Interval]:
    """Of each metric over the answers that have it, metrics of the same answers by the same draws.

    scores: of one answer each. tasks: of the answers; empty for those without one.
    """
    found: dict[str, Interval] = {}
    names = metric_names(scores)
    having = {
        name: tuple(place for place, each in enumerate(scores) if name in each.values) for name in names
    }
    for places in dict.fromkeys(having.values()):
        alike = [name for name in names if having[name] == places]
        rows = [[scores[place].values[name] for place in places] for name in alike]
        found |= zip(alike, intervals(rows, [tasks[place] for place in places], seed), strict=True)
    return {name: found[name] for name in names}


def _commonest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda reason: (-reason[1], reason[0])))


def _first(references: Sequence[str]) -> str:
    return references[0] if references else ""


def _by(names: Iterable[str], scores: Sequence[Score]) -> dict[str, Score]:
    groups: dict[str, list[Score]] = {}
    for name, score in zip(names, scores, strict=True):
        groups.setdefault(name, []).append(score)
    return {name: mean_score(group) for name, group in groups.items()}
