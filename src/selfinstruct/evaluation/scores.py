"""What a set of predictions comes to: means, by task and by category, and how sure they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from selfinstruct.evaluation.intervals import CONFIDENCE, RESAMPLES, Interval, intervals
from selfinstruct.evaluation.metrics import Score, mean_score
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.text.tokens import count_words, tokenize

__all__ = ["NO_CATEGORY", "AnswerCounts", "Scores"]

NO_CATEGORY = "uncategorized"


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How the answers look, whether or not they are right.

    empty: those that are no more than white space, lost ones among them. cut: ended by the limit on their
    length; None where no answer tells how it ended. lost: requests without an answer, by reason, the
    commonest first.
    unscorable: to items whose references hold neither a-z nor 0-9: ROUGE-L is 0, whatever they say.
    words, reference_words: on average, as `count_words` has them; of each item's first reference.
    """

    empty: int
    cut: int | None
    lost: dict[str, int]
    unscorable: int
    words: float
    reference_words: float

    @classmethod
    def of(cls, predictions: Sequence[Prediction]) -> AnswerCounts:
        """Of one at least."""
        lost = Counter(each.lost for each in predictions if each.lost)
        return cls(
            empty=sum(not each.response.strip() for each in predictions),
            cut=sum(each.cut for each in predictions)
            if any(each.finish_reason for each in predictions)
            else None,
            lost=dict(sorted(lost.items(), key=lambda reason: (-reason[1], reason[0]))),
            unscorable=sum(
                not any(tokenize(reference, ascii_only=True) for reference in each.item.references)
                for each in predictions
            ),
            words=sum(count_words(each.response) for each in predictions) / len(predictions),
            reference_words=sum(count_words(each.item.references[0]) for each in predictions)
            / len(predictions),
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """rouge_l, exact_match: the overall means with their intervals, in percent.

    grouped: whether the intervals draw tasks rather than single items. tasks, categories: the means in each,
    in the order in which they first appear; empty where no item says. seed: of the intervals.
    """

    overall: Score
    rouge_l: Interval
    exact_match: Interval
    grouped: bool
    seed: int
    tasks: dict[str, Score]
    categories: dict[str, Score]
    answers: AnswerCounts

    @classmethod
    def of(cls, predictions: Sequence[Prediction], scores: Sequence[Score], seed: int) -> Scores:
        """scores: of the predictions, of which there is one at least, in their order."""
        tasks = [each.item.task for each in predictions]
        categories = [each.item.category for each in predictions]
        rouge_l, exact_match = intervals(
            [[each.rouge_l for each in scores], [each.exact_match for each in scores]], tasks, seed
        )
        return cls(
            overall=mean_score(scores),
            rouge_l=rouge_l,
            exact_match=exact_match,
            grouped=any(tasks),
            seed=seed,
            tasks=_by(tasks, scores) if any(tasks) else {},
            categories=_by((name or NO_CATEGORY for name in categories), scores) if any(categories) else {},
            answers=AnswerCounts.of(predictions),
        )

    def to_json(self) -> dict[str, Any]:
        """Percent throughout, but for counts and words."""
        answers = self.answers
        return {
            **self.overall.to_json(),
            "intervals": {
                "rougeL": self.rouge_l.to_json(),
                "exact_match": self.exact_match.to_json(),
                "confidence": CONFIDENCE,
                "resamples": RESAMPLES,
                "drawn": "tasks" if self.grouped else "items",
                "seed": self.seed,
            },
            "empty": answers.empty,
            "cut": answers.cut,
            "lost": answers.lost,
            "unscorable": answers.unscorable,
            "words": answers.words,
            "reference_words": answers.reference_words,
            "categories": {name: score.to_json() for name, score in self.categories.items()},
            "tasks": {name: score.to_json() for name, score in self.tasks.items()},
        }


def _by(names: Iterable[str], scores: Sequence[Score]) -> dict[str, Score]:
    groups: dict[str, list[Score]] = {}
    for name, score in zip(names, scores, strict=True):
        groups.setdefault(name, []).append(score)
    return {name: mean_score(group) for name, group in groups.items()}
