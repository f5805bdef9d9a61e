"""ROUGE-L and exact match as Tk-Instruct's evaluation computes them (Wang et al., EMNLP 2022), and as the
paper reports them for SuperNI (section 4.3, Table 3).

Equal to that program's numbers before it rounds them to four digits. ROUGE-L sees a-z and 0-9 alone: an
answer in another script scores 0 against any reference but is compared whole by exact match.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from selfinstruct.text.rouge import rouge_l
from selfinstruct.text.stems import stemmed_tokens

__all__ = [
    "EXACT_MATCH",
    "ROUGE_L",
    "Score",
    "mean_score",
    "metric_label",
    "metric_names",
    "normalized",
    "score",
]

ROUGE_L, EXACT_MATCH = "rougeL", "exact_match"


_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one answer or the mean of several. n: answers that it is the mean of.

    values: in percent, by the name of the metric, the one that the suite is ranked by first. Those of texts
    have the names that Tk-Instruct's evaluation has for them.
    """

    n: int
    values: Mapping[str, float]

    @property
    def rouge_l(self) -> float:
        """Where answers are compared with texts."""
        return self.values[ROUGE_L]

    @property
    def exact_match(self) -> float:
        """The same."""
        return self.values[EXACT_MATCH]

    def to_json(self) -> dict[str, int | float]:
        """One object."""
        return {"n": self.n, **self.values}


def normalized(answer: str) -> str:
    """What exact match compares: lower case, without ASCII punctuation, white space collapsed. Articles
    stay, unlike in SQuAD's evaluation, from which it comes."""
    return " ".join(answer.lower().translate(_WITHOUT_PUNCTUATION).split())


def score(answer: str, references: Sequence[str]) -> Score:
    """The best match over references, of which there must be one at least, for each of the two metrics."""
    tokens, plain = stemmed_tokens(answer), normalized(answer)
    return Score(
        1,
        {
            ROUGE_L: 100 * max(rouge_l(stemmed_tokens(reference), tokens) for reference in references),
            EXACT_MATCH: 100.0 * any(normalized(reference) == plain for reference in references),
        },
    )


def metric_names(scores: Iterable[Score]) -> tuple[str, ...]:
    """All that any of them has, in the order in which they first appear."""
    return tuple(dict.fromkeys(name for each in scores for name in each.values))


def metric_label(name: str) -> str:
    """What people read."""
    return {ROUGE_L: "ROUGE-L", EXACT_MATCH: "exact match"}.get(name, name)


def mean_score(scores: Iterable[Score]) -> Score:
    """Each answer counts the same in every metric that it has; nothing where there is none."""
    scores = tuple(scores)
    values = {}
    for name in metric_names(scores):
        having = [each for each in scores if name in each.values]
        values[name] = sum(each.n * each.values[name] for each in having) / sum(each.n for each in having)
    return Score(sum(each.n for each in scores), values)
