"""ROUGE-L and exact match as Tk-Instruct's evaluation computes them (Wang et al., EMNLP 2022), and as the
paper reports them for SuperNI (section 4.3, Table 3).

Equal to that program's numbers before it rounds them to four digits. ROUGE-L sees a-z and 0-9 alone: an
answer in another script scores 0 against any reference but is compared whole by exact match.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfinstruct.text.rouge import rouge_l
from selfinstruct.text.stems import stemmed_tokens

__all__ = ["Score", "mean_score", "normalized", "score"]

_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one answer or the mean of several, both in percent. n: answers that it is the mean of."""

    n: int
    rouge_l: float
    exact_match: float

    def to_json(self) -> dict[str, int | float]:
        """Under the names that Tk-Instruct's evaluation has for them."""
        return {"n": self.n, "rougeL": self.rouge_l, "exact_match": self.exact_match}


def normalized(answer: str) -> str:
    """What exact match compares: lower case, without ASCII punctuation, white space collapsed. Articles
    stay, unlike in SQuAD's evaluation, from which it comes."""
    return " ".join(answer.lower().translate(_WITHOUT_PUNCTUATION).split())


def score(answer: str, references: Sequence[str]) -> Score:
    """The best match over references, of which there must be one at least, for each of the two metrics."""
    tokens, plain = stemmed_tokens(answer), normalized(answer)
    return Score(
        n=1,
        rouge_l=100 * max(rouge_l(stemmed_tokens(reference), tokens) for reference in references),
        exact_match=100.0 * any(normalized(reference) == plain for reference in references),
    )


def mean_score(scores: Iterable[Score]) -> Score:
    """Each answer counts the same; zeros where there is none."""
    scores = tuple(scores)
    n = sum(each.n for each in scores)
    return Score(
        n=n,
        rouge_l=sum(each.n * each.rouge_l for each in scores) / max(1, n),
        exact_match=sum(each.n * each.exact_match for each in scores) / max(1, n),
    )
