"""The labels of a classification task: whether its instruction names them, and which one an answer says.

Neither is understood; both are seen from words and signs. An instruction names labels where it joins them by
"or", in one of a few languages, by a slash, behind a colon, or between quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["names_labels", "said_label"]

_LABEL = r"[^\W_][\w'’+-]*(?: [\w'’+-]+){0,3}"
_OR = r"(?:or|oder|ou|o|eller|lub|albo|czy|nebo|vagy|veya|atau|hoặc|или|або|או|أو|या)"
_NAMED = (
    re.compile(rf"[^\W_]['’\"”»“]?,? {_OR} [\"'“‘«„]?[^\W_]", re.IGNORECASE),
    re.compile(r"还是|或|または|それとも|또는|혹은"),
    re.compile(r"[^\W\d_]{2} ?/ ?[^\W\d_]{2}"),
    re.compile(rf"[:：] *{_LABEL}[,、，] *{_LABEL}"),
)
_QUOTED = re.compile(r"(?<!\w)[\"“'‘«„「][^\"“”‘’'«»„「」\n]{1,40}[\"”'’»“」](?!\w)")


def names_labels(instruction: str) -> bool:
    """Whether it shows two or more words of which the answer could be one."""
    return (
        any(pattern.search(instruction) for pattern in _NAMED)
        or sum(1 for _ in _QUOTED.finditer(instruction)) > 1
    )


SHORT_ANSWER = 40
"""Words of an answer that is a label with a reason, at most."""

_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def said_label(answer: str, labels: Sequence[str]) -> str | None:
    """The one of the labels that an answer gives, whatever else it says; None where it gives none, or where
    it cannot be told which.

    Told by the whole answer, if it is short and holds one label only; else by what is in bold, by its first
    sentence or by its last. Case and punctuation do not matter, and of `spam` and `not spam` the longer one
    counts where it stands.
    """
    distinct = list(dict.fromkeys(labels))
    sentences = [part for part in _SENTENCE.split(answer.strip()) if part.strip()] or [""]
    whole = answer if len(answer.split()) <= SHORT_ANSWER else ""  # a long one holds words by chance
    for part in (whole, " ".join(_BOLD.findall(answer)), sentences[0], sentences[-1]):
        found = _found(part, distinct)
        if len(found) == 1:
            return found.pop()
    return None


def _found(text: str, labels: Iterable[str]) -> set[str]:
    by_plain = {_plain(label): label for label in labels}
    words = sorted(filter(None, by_plain), key=len, reverse=True)
    if not words:
        return set()
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
    return {by_plain[match[0]] for match in pattern.finditer(_plain(text))}


def _plain(text: str) -> str:
    """Lower case, with a space for all white space, and neither punctuation around it nor marks of bold."""
    return re.sub(r"^\W+|\W+$", "", " ".join(re.sub(r"[*_`]+", " ", text).casefold().split()))
