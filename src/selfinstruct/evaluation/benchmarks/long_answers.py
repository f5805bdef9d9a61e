"""∞Bench's twelve metrics, with the decisions of the official compute_scores.py.

What a task asks for decides how an answer is read: the first whole number of it, its words, its last word, a
letter after `answer is`, and so on. What is odd there is kept: capitals count in option letters, a name of
several words is never found, `AB` counts as a letter and a wrong one. Where that program fails (`88.0` for
the whole number 88, an unreadable one) numbers are compared as numbers. Of math_calc no number is left out in
front, as is done there for GPT-4 alone.
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

__all__ = ["METRICS", "score_answer"]

Metric = Callable[[str, Sequence[str]], float]
"""0 to 1, of an answer and the references of its item."""

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"\d+\.\d+|\d+")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_ASCII_MARKS = str.maketrans("", "", string.punctuation)
_CHINESE_MARKS = str.maketrans(
    "",
    "",
    string.punctuation
    + "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕"
    "〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏.",
)


def score_answer(task: str, answer: str, references: Sequence[str]) -> float:
    """0 to 1. task: one of `INFINITEBENCH_TASKS`. references: as `LongItem.answers` has them."""
    return float(METRICS[task](answer, references))


def _spaced(text: str, marks: str) -> str:
    """With a space for each of the marks."""
    return text.translate(dict.fromkeys(map(ord, marks), " "))


_RETRIEVAL_MARKS = "\n:\"'.,?!{}"


def _first_whole_number(answer: str, references: Sequence[str]) -> float:
    found = _DIGITS.search(answer)
    return (found[0] if found else "") == references[0]


def _is_a_word(answer: str, references: Sequence[str]) -> float:
    return references[0] in _spaced(answer, _RETRIEVAL_MARKS).split()


def _is_a_name(answer: str, references: Sequence[str]) -> float:
    return references[0] in [word.upper() for word in _spaced(answer, _RETRIEVAL_MARKS).split()]


def _last_word_is(answer: str, references: Sequence[str]) -> float:
    words = _spaced(answer, "\n.`'\":").split()
    try:
        return bool(words) and int(words[-1]) == json.loads(references[0])
    except ValueError:
        return False


def _first_number(answer: str, references: Sequence[str]) -> float:
    found = _NUMBER.search(answer)
    return found is not None and float(found[0]) == json.loads(references[0])


def _values_before_the_first_error(answer: str, references: Sequence[str]) -> float:
    wanted = json.loads(references[0])
    right = 0
    for number, value in zip(_DIGITS.findall(answer), wanted, strict=False):
        if len(number) > len(str(value)) + 300 or int(number) != value:
            break
        right += 1
    return right / len(wanted)


_OPTION_PREFIXES = ("answer is:", "answer:", "answer is", "option is")
_FUNCTION_PREFIXES = ("answer is:", "is:", "answer:", "correct option is:")
_LETTERS = "ABCD"


def _option(answer: str, references: Sequence[str]) -> float:
    answer = answer.strip()
    if not answer:
        return False
    if answer[0] in _LETTERS:
        return answer[0] in references
    if answer in references:
        return True
    answer = _single_spaced(_spaced(answer, "\n\"'.,?!{}"))
    after = _after_prefix(answer, _OPTION_PREFIXES)
    if after is not None:
        return any(after.startswith(reference) for reference in references)
    first = next((word for word in answer.split() if word in _LETTERS), "")
    return first in references


def _function(answer: str, references: Sequence[str]) -> float:
    name, letter = references[:2]
    answer = answer.strip()
    if answer[:2] in (f"{letter}.", f"{letter}:"):
        return True
    answer = _spaced(answer, "\n`'\"-*").replace("Option", " ").replace("option", " ")
    after = _after_prefix(_single_spaced(answer), _FUNCTION_PREFIXES)
    return after is not None and after.startswith((letter, name))


def _after_prefix(answer: str, prefixes: Sequence[str]) -> str | None:
    """What stands behind the first of these that is there, and one character more; empty where nothing does,
    None where none is there."""
    for prefix in prefixes:
        _, found, after = answer.partition(prefix)
        if found:
            return after[1:]
    return None


def _single_spaced(text: str) -> str:
    return re.sub(" {2,}", " ", text)


def _words_f1(answer: str, references: Sequence[str]) -> float:
    given = _english(answer)
    return max(_f1(given, _english(reference)) for reference in references)


def _characters_f1(answer: str, references: Sequence[str]) -> float:
    given = _chinese(answer)
    return max(_f1(given, _chinese(reference)) for reference in references)


def _english(text: str) -> Sequence[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_ASCII_MARKS)).split()


def _chinese(text: str) -> Sequence[str]:
    return "".join(text.lower().translate(_CHINESE_MARKS).split())


def _f1(given: Sequence[str], wanted: Sequence[str]) -> float:
    same = sum((Counter(given) & Counter(wanted)).values())
    if not same:
        return 0.0
    precision, recall = same / len(given), same / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _rouge_l_sum(answer: str, references: Sequence[str]) -> float:
    """Of texts whose sentences are lines, without stems: the `rougeLsum` of Hugging Face's evaluate."""
    found = _rouge().score_multi(list(references), answer)["rougeLsum"].fmeasure
    return float(found)


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeLsum"])


METRICS: Mapping[str, Metric] = {
    "passkey": _first_whole_number,
    "number_string": _first_whole_number,
    "kv_retrieval": _is_a_word,
    "longbook_sum_eng": _rouge_l_sum,
    "longbook_qa_eng": _words_f1,
    "longbook_choice_eng": _option,
    "longdialogue_qa_eng": _is_a_name,
    "longbook_qa_chn": _characters_f1,
    "code_debug": _function,
    "code_run": _last_word_is,
    "math_calc": _values_before_the_first_error,
    "math_find": _first_number,
}
