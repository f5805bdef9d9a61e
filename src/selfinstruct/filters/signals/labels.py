"""Labels that an instruction names, and whether the output is one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from selfinstruct.filters.signals.base import plain, speaks_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.tokens import count_words

__all__ = ["LabelNotNamed"]

_LABEL = r"(?:[\"'“‘«„`(*]*[\w][\w'’+&]*+(?:[ -][\w'’+&]++){0,3}[\"'”’»“`)*]*)"
_JOINS = r"(?:,? (?:or|and|oder|und|ou|et|o|y|u|vs\.?|versus) |, |\s?/\s?| \| |; |、|或者?|还是|和)"
_LABELS = rf"(?P<labels>{_LABEL}(?:{_JOINS}(?:an? |eine?n? |une? |una? |uma? )?{_LABEL}){{1,11}})"
_NAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:if|whether|ob|si|se) [^.?!:\n]{{2,70}}? (?:is|are|was|were|est|es|é) (?:an? |une? |una? "
        rf"|uma? )?"
        rf"{_LABELS}(?=[.!?,;\n]|$)",
        r"^\W*(?:is|are|was|were|ist|sind|est-ce que|est|es|é)\b(?! it (?:better|ok|safe"
        r"|good))[^?.,\n]{0,60}? "
        r"(?P<labels>[\w-]+(?:, [\w-]+)+,? (?:or|oder|ou|o) [\w-]+|[\w-]+ (?:oder|ou|o) [\w-]+)\s?\?\W*$",
        r"[是为](?:属于)?(?P<labels>[^\s，。是为]{1,6}(?:、[^\s，。]{1,6})*(?:还是|或者?)[^\s，。？?吗]{1,6})[。？?]?\s*$",
        rf"[\[(]\s*{_LABELS}\s*[\])](?=[.?:\s]*$)",
        rf"[:：]\s*(?P<labels>{_LABEL}(?:, {_LABEL})*(?:,? (?:or|oder|ou|o|u) | ?/ ?){_LABEL})\W*$",
        r"\b(?:pick|choose|select|answer) (?P<labels>[A-E](?:, ?[A-E])*,? or [A-E])\b",
        rf"\bwhich\b[^.!?:\n]{{0,60}}:\s*{_LABELS}(?=[.!?;)\n]|$)",
        r"^\W*(?:is|are|was|were) (?:this|that|the|it|these|those|he"
        r"|she)\b[^?.,\n]{0,60}? (?P<labels>[\w-]+ or [\w-]+)\?\W*$",
        rf"\b(?:classif|categori|label|tag|mark|identif|rate|grade|judge|assess|sort|assign|evaluate"
        rf"|determine|decide|detect)[^.!?\n:]{{0,80}}?\b(?:as|into|is) (?:either |one of "
        rf"|being )?(?:an? )?{_LABELS}(?=[.!?,;:)\n]|$| based| depending| according| in | by )",
        rf"\b(?:as|is) either (?:an? )?{_LABELS}(?=[.!?,;:)\n]|$| based| depending)",
        rf"\b(?:answer|respond|reply|output|return|say|write|print|state|choose|pick"
        rf"|select) (?:only )?(?:with |using |either |from |between |if )*(?:only )?(?:either "
        rf")?(?P<labels>[\"'“‘]?(?:yes|no|true|false|positive|negative|spam|ham|correct|incorrect"
        rf"|valid|invalid)[\"'”’]?(?:{_JOINS}(?:with )?{_LABEL}){{1,5}})(?=[.!?,;:)\n]|$| depending"
        rf"| based| if)",
        rf"\b(?:answer|respond|reply|antworte?|réponds?|répondez|responde) (?:only |just |simply "
        rf"|nur )?(?:with|mit|par|avec|con) (?:only |just |either |the letter "
        rf"|the word )*{_LABELS}(?=[.!?,;:)\n]|$| depending| based)",
        rf"\b(?:categories|classes|labels|options|choices|sentiments|genres|tones|emotions|topics"
        rf"|types|one of the following|possible answers|possible labels|kategorien|optionen"
        rf"|catégories|options suivantes|categorías|opciones|类别|选项|标签)(?: \w+){{0,3}}?(?: are| is"
        rf"|sind|sont|son)?\s*[:：(]\s*{_LABELS}(?=[.!?;:)\n。]|$)",
        rf"(?:classif|categori|label|sentiment|genre|tone|emotion|whether|kind"
        rf"|type)[^.!?\n]{{0,80}}?[(:：]\s*{_LABELS}\)?(?=[.!?;:)\n]|$)",
        rf"\b(?:als|comme|como) (?:entweder |soit )?{_LABELS}(?=[.!?,;:)\n]|$| ein)",
        rf"^[^.!?\n]*\b(?:assign|classif\w*|categori\w*|label|decide|choose|pick|select|sort|tag|rate"
        rf"|rank|mark|put|group|match|ordne|bestimme?|wähle|entscheide?|klassifizier\w*|classe\w*"
        rf"|catégoris\w*|choisi\w*|clasific\w*|elige|分类|判断"
        rf"|选择)[^.!?:：\n]{{0,90}}[:：]\s*{_LABELS}(?=[.!?;)\n。]|$)",
    )
)
_TRUE_FALSE = re.compile(
    r"\b(?:is|whether|if|are|determine|decide|say|tell)\b[^.?\n]{0,80}\b(?P<labels>true or false"
    r"|yes or no)\b|^\W*(?P<first>true or false|yes or no)\b",
    re.IGNORECASE,
)
_OPEN_ENDED = re.compile(
    r"\b(?:such as|e\.g|for example|for instance|like|including|etc|or other|and so on|or another"
    r"|and others|or something)\b|z\. ?B\.|par exemple|por ejemplo|如|等",
    re.IGNORECASE,
)
_SCALE = re.compile(
    r"\b(?:scale (?:of|from)|from|between|von|de|entre) (?P<low>\d{1,3})(?: \([^)]*\))? ?(?:to|and|-"
    r"|–|bis|à|et|a|y) ?(?P<high>\d{1,3})\b",
    re.IGNORECASE,
)
_RATES = speaks_of("rate rating score grade rank scale bewerte* note évalue* califica* puntúa*")
_NO_LABEL = frozenset(
    [
        "a",
        "an",
        "the",
        "it",
        "them",
        "this",
        "that",
        "each",
        "their",
        "its",
        "your",
        "you",
        "and",
        "or",
        "of",
        "in",
        "to",
        "explain",
        "why",
        "describe",
        "not",
        "neither",
        "both",
        "none",
        "follows",
        "follow",
        "one",
        "two",
        "three",
        "based",
        "given",
    ]
)
_DECIDES = speaks_of(
    "bewerte* beurteile* classif* categori* label* tag sentiment* determine "
    "decide identif* whether is are which detect* "
    "choose select* pick answer* respond reply"
    " rate grade judge* assess* assign* evaluat* sort mark tell say true yes spam type "
    "kind genre tone emotion* output predict* klassifizier* ordne"
    " bestimme entscheide classe* catégoris* clasifi* categoriz* ist sind dis sag wähle* entscheid* "
    "élisez choisi* elige detecta si se ob identifi* 分类 判断 predict* state category"
)
_BEYOND = speaks_of(
    "explain* why reason* justif* rewrite* convert* write_a story example* "
    "neither unclear unsure unknown otherwise both all_that_apply a_number score scale"
)
_SYNONYMS = {
    "yes": {"yeah", "yep", "true", "correct"},
    "true": {"yes", "correct"},
    "false": {"no", "incorrect", "wrong"},
    "no": {"nope", "false", "not"},
    "ja": {"yes"},
    "nein": {"no"},
    "positive": {"pos"},
    "negative": {"neg"},
    "neutral": {"mixed"},
    "correct": {"right"},
    "incorrect": {"wrong"},
}


@dataclass(frozen=True, slots=True)
class LabelNotNamed:
    """A label that is none of those among which the instruction has to choose.

    most_words: outputs that are longer are no labels.
    """

    name: ClassVar[str] = "label_not_named"
    version: ClassVar[str] = "3"
    reasons: ClassVar[tuple[str, ...]] = ("label_not_named",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The instruction names the labels, and the output is none of them."
    example: ClassVar[Row] = Row(
        "Classify the sentiment as positive, negative or neutral.", "The soup was cold.", "disappointed"
    )
    most_words: int = 6

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        if not output or "\n" in output or count_words(output) > self.most_words:
            return self._of_several(row, output)
        if (
            (scale := _SCALE.search(row.instruction))
            and _RATES(row.instruction)
            and re.fullmatch(r"-?\d+(?:\.\d+)?(?: ?/ ?\d+| stars?| points?)?\.?", output)
        ):
            low, high = sorted((float(scale["low"]), float(scale["high"])))
            said = float(re.match(r"-?\d+(?:\.\d+)?", output)[0])  # type: ignore[index]
            return (
                None
                if low <= said <= high
                else Verdict("label_not_named", f"{output} is not from {low:g} to {high:g}")
            )
        labels = _labels(row.instruction) or _options(row.instruction, row.input)
        if not labels or self._is_named(output, labels):
            return None
        if plain(output) in _BESIDES or re.search(
            rf"(?<!\w){re.escape(output.strip('.'))}(?!\w)", f"{row.instruction}\n{row.input}", re.IGNORECASE
        ):
            return None  # named in another place, or one of the input's options
        return Verdict("label_not_named", f"{output[:40]!r} is none of {', '.join(labels)[:80]}")

    def _of_several(self, row: Row, output: str) -> Verdict | None:
        """Where each line answers for an item of its own: `1: good`."""
        lines = [
            re.sub(r"^\s*(?:\(?\d{1,3}[.):]|[-*•])\s*", "", line).strip() for line in output.splitlines()
        ]
        lines = [line for line in lines if line]
        if not 2 <= len(lines) <= 30 or not _EACH(row.instruction):
            return None
        if any(count_words(line) > self.most_words or ":" in line for line in lines):
            return None
        labels = _labels(row.instruction)
        named = [self._is_named(line, labels) for line in lines] if labels else []
        if any(named) and not all(named):
            return Verdict(
                "label_not_named", f"{lines[named.index(False)][:40]!r} is none of {', '.join(labels)[:80]}"
            )
        return None

    def _is_named(self, output: str, labels: tuple[str, ...]) -> bool:
        said = _folded(output)
        words = _stems(said)
        for label in labels:
            folded = _folded(label)
            if len(folded) < 3:
                if folded in said.split():
                    return True
                continue
            if _holds(said, folded) or _holds(folded, said) or (_stems(folded) or {folded}) <= words:
                return True
            if words & _SYNONYMS.get(folded, set()):
                return True
        return False


_EACH = speaks_of("each every jede[rsmn]? jeweils chaque chacun* cada following these")


@lru_cache(maxsize=256)
def _labels(instruction: str) -> tuple[str, ...]:
    """Those that it names, two or more; none where the choice is open."""
    if not _DECIDES(instruction):
        return ()
    if found := _IF_NOT.search(instruction):
        return found["one"], found["other"]
    if _BEYOND(instruction):
        return ()
    if found := _TRUE_FALSE.search(instruction):
        pair = (found["labels"] or found["first"]).lower().split(" or ")
        return tuple(pair)
    for pattern in _NAMED:
        for match in pattern.finditer(instruction):
            around = instruction[max(match.start("labels") - 14, 0) : match.end() + 24]
            if _OPEN_ENDED.search(around):
                continue
            labels = [each.strip(" \"'“”‘’«»„`().*") for each in re.split(_JOINS, match["labels"])]
            labels = [
                re.sub(r"^(?:an?|the|either|eine?|une?|una?) ", "", each, flags=re.IGNORECASE)
                for each in labels
            ]
            if len(labels) > 1 and all(
                each
                and (plain(each) not in ("", *_NO_LABEL) or all(len(other) == 1 for other in labels))
                and not _NOT_A_LABEL.search(each)
                for each in labels
            ):
                return tuple(labels)
    return ()


_BESIDES = frozenset(["both", "neither", "none", "unclear", "unknown", "either", "beides", "keines"])
_IF_NOT = re.compile(
    r"\b(?:output|return|answer|print|write|say|use|respond"
    r"|reply)(?: with)? [\"'“‘]?(?P<one>\w+)[\"'”’]? if\b[^.?!]{3,80}?"
    r"(?:\band|\bor|,|;) (?:with )?[\"'“‘]?(?P<other>\w+)[\"'”’]? (?:otherwise|if|in all other cases"
    r"|if not)\b",
    re.IGNORECASE,
)
_OPTIONS = re.compile(
    r"\b(?:options|choices|categories|labels|classes|optionen|opciones|opções)\s*[:：]\s*\n?"
    r"(?P<listed>(?:\s*[-*•] [^\n]+\n?){2,9}|[^\n.]+)",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"(?:^|[\s(])(?P<letter>[A-E])[.):]\s*(?P<text>[^\n]*?)(?=\s+\(?[A-E][.):]\s|\n|$)")
_CHOOSES = speaks_of(
    "multiple_choice choose pick select answer classif* categori* decide label assign which correct_option"
)


def _options(instruction: str, given: str) -> tuple[str, ...]:
    """Those that the input names: after `Options:`, or as `A.`, `B.`, `C.`, each by its letter and its "
    "text."""
    if not _CHOOSES(instruction) or _BEYOND(instruction) or len(given) > 3000:
        return ()
    lettered = _LETTERED.findall(given)
    if len(lettered) > 1 and [letter for letter, _ in lettered] == list("ABCDE"[: len(lettered)]):
        return tuple(part for pair in lettered for part in pair if part)
    if found := _OPTIONS.search(given):
        labels = tuple(
            each.strip(" -*•\"'[]()") for each in re.split(rf"\n|{_JOINS}", found["listed"]) if each.strip()
        )
        if len(labels) > 1 and all(len(each.split()) < 5 for each in labels):
            return labels
    return ()


_NOT_A_LABEL = re.compile(
    r"\b(?:the|it|its|is|are|you|your|their|them|this|that|explain|why|what|how|provide|give|write"
    r"|reason|follow(?:s|ing)|then|if|return|list|include|one of)\b",
    re.IGNORECASE,
)


def _stems(text: str) -> set[str]:
    """Words without their endings, roughly: labels come as nouns and adjectives (`politics`, `political`)."""
    return {word[: max(len(word) - 3, 5)] for word in text.split()}


def _holds(text: str, part: str) -> bool:
    """Whether it begins a word: `verb` is none of `adverb`, and `music` is one of `musical`. Chinese has no
    words."""
    if not part.isascii() and not part.islower():
        return part in text
    return f" {part}" in f" {text}"


def _folded(text: str) -> str:
    return plain(text.replace("-", " "))
