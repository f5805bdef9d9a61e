"""ROUGE-L and exact match are Tk-Instruct's: rouge_score with its stemmer, and SQuAD's normalisation that
keeps articles."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from selfinstruct.evaluation.metrics import Score, mean_score, normalized, score
from selfinstruct.text.stems import stemmed_tokens

SCORER = RougeScorer(["rougeL"], use_stemmer=True)
SHARED = Path(__file__).parents[3] / "shared" / "data"

WORDS = [
    "the", "a", "running", "runs", "ran", "relational", "generously", "happily", "flies", "dying", "agreed",
    "hopping", "3rd", "2016", "x-ray", "don't", "naïve", "CAFÉ", "東京", "oscillators", "ies", "ing", "sses",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=14).map(" ".join)


def reference_rouge(answer: str, references: list[str]) -> float:
    scores = [SCORER.score(target=each, prediction=answer)["rougeL"].fmeasure for each in references]
    return 100.0 * float(max(scores))


def reference_exact_match(answer: str, references: list[str]) -> float:
    def plain(text: str) -> list[str]:
        return re.sub(f"[{re.escape(string.punctuation)}]", "", text.lower()).split()

    return 100.0 * max(plain(answer) == plain(each) for each in references)


@given(texts, st.lists(texts, min_size=1, max_size=3))
@example("İstanbul ǅ ß", ["i̇stanbul ǆ ss"])
@example("", [""])
@example("A  walk!", ["a walk", "walked"])
def test_equal_to_rouge_score_and_to_the_normalisation(answer: str, references: list[str]) -> None:
    found = score(answer, references)
    assert found.rouge_l == pytest.approx(reference_rouge(answer, references), abs=1e-9)
    assert found.exact_match == reference_exact_match(answer, references)


@given(texts)
def test_tokens_are_those_of_rouge_scores_tokenizer(text: str) -> None:
    from rouge_score.tokenizers import DefaultTokenizer

    assert stemmed_tokens(text) == DefaultTokenizer(use_stemmer=True).tokenize(text)


@pytest.mark.parametrize(
    ("answer", "references", "rouge_l", "exact_match"),
    [
        ("She walks her dogs.", ["she walked her dog"], 100, 0),  # stems agree, words do not
        ("The answer: yes!", ["the answer yes"], 100, 100),
        ("yes", ["the yes"], 200 / 3, 0),  # articles stay
        ("b d a", ["a b c d"], 400 / 7, 0),  # the subsequence b d
        ("no idea", ["idea", "no  IDEA?"], 100, 100),  # the best of several references
        ("", ["something"], 0, 0),
        ("!!", ["??"], 0, 100),  # nothing is left of either
        ("東京", ["東京"], 0, 100),  # rouge_score sees a-z and 0-9 alone
    ],
)
def test_by_hand(answer: str, references: list[str], rouge_l: float, exact_match: float) -> None:
    found = score(answer, references)
    assert (found.rouge_l, found.exact_match) == (pytest.approx(rouge_l, abs=1e-9), exact_match)


def test_normalisation_and_means() -> None:
    assert normalized(" The  “Cat”,\tsat_down—U.S. ") == "the “cat” satdown—us"
    one, three = Score(1, {"rougeL": 100, "other": 1}), Score(3, {"rougeL": 50})
    assert mean_score([one, three]) == Score(4, {"rougeL": 62.5, "other": 1}), "each over those that have it"
    assert mean_score([]) == Score(0, {})


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published predictions are not at hand")
@pytest.mark.parametrize("system", ["davinci-self-instruct", "text-davinci-001", "davinci-t0-ft"])
def test_equal_on_published_predictions(system: str) -> None:
    path = SHARED / "user_oriented_predictions" / f"{system}_predictions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    for row in rows:
        found = score(row["response"], [row["target"]])
        assert found.rouge_l == pytest.approx(reference_rouge(row["response"], [row["target"]]), abs=1e-9)
        assert found.exact_match == reference_exact_match(row["response"], [row["target"]])
