"""Outputs that repeat what was given: the instruction, the input, or an earlier instance of the task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import beginnings_of, plain, quoted, speaks_of, words_of
from selfinstruct.records import Instance, Row, Verdict

__all__ = ["Echo", "NearIdentical"]

_MAY_COPY = speaks_of(
    "correct* grammar* grammatical* proofread* spell* misspell* punctuat* "
    "fix* error* mistake* extract* identif* find select* choose which"
    " cop* repeat* return* remov* delet* replac* sort* order* arrange* reorder* rearrang* "
    "format* reformat* capitali* upper-?case lower-?case case"
    " quote* highlight* mark* tag* annotat* insert* add continue* complet* finish* extend* expand* "
    "classif* categor* label* filter* if whether"
    " fill* edit* check* improve* pick* pangram palindrome* round* debug* normali* clean* "
    "deduplicat* duplicate* reverse* print* output echo same"
    " quine encod* decod* most best correct* korrigier* corrig* verb* noun* keyword* unscramble* "
    "title* line* trim* strip indent* comment* refactor*"
    " optimi* convert* change* write_a_code name* answer* who what where "
    "when compare* larger smaller larg* small* maxim* minim* longest shortest"
    " typo* sentence* word* valid* html json csv sql markdown latex regex* parse* say read* "
    "list* bullet* number* segment* split* merge* combin* join*"
)
_MUST_CHANGE = speaks_of(
    "translat* paraphras* summari* simplif* rephras* rewrite* reword* "
    "shorten* übersetz* zusammenfass* umformulier* tradui* résum* reformul*"
    " traduc* resum* parafrase* 翻译 总结 改写 概括 explain* describe* passive active"
)
_MAY_STAY = speaks_of(
    "correct* gramma* proofread* spell* fix* error* errors mistake* if if_needed if_necessary "
    "edit* punctuat* improve* check* typo* already only_if"
    " needed necessary translate_if name* synonym"
)
_SMALL_CHANGES = speaks_of(
    "correct* gramma* proofread* spell* fix* error* tense past future "
    "plural singular gender pronoun* negat* passive active voice capital*"
    " replace* insert* add change* formal* third first second person if_needed if_necessary "
    "edit* only_the minimal* british american punctuat*"
    " contraction* convert* spelling question* quotation* indirect direct neutral inclusive comma* "
    "complete* improve* concise* fluen* continue* errors"
    " synonym* bold* adjective* adverb* one_word a_word"
)


@dataclass(frozen=True, slots=True)
class Echo:
    """An output that is its instruction or its input again.

    likeness: from this share of equal words on, texts of eight words or more count as the same.
    """

    name: ClassVar[str] = "echo"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("echo",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The output repeats the instruction or the input instead of answering."
    example: ClassVar[Row] = Row("Explain why the sky is blue.", "", "Explain why the sky is blue.")
    likeness: float = 0.94

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output, asked = _normal(row.output), _normal(row.instruction)
        if not output or len(output) < 8:
            return None
        if _says_the_task(row):
            return Verdict("echo", "it only says what the task is")
        words = len(asked.split()) if asked.isascii() else len(asked) // 2
        if output == asked:
            return None if _SAYS_AGAIN(row.instruction) else Verdict("echo", "the instruction again")
        goes_on = _SAYS_AGAIN(row.instruction) or _STARTS(row.instruction)
        if words > 4 and output.startswith(asked) and not goes_on:
            return Verdict("echo", "it begins with the instruction")
        if (
            words > 4
            and len(output) < 2 * len(asked)
            and self._alike(output, asked)
            and not _SAYS_AGAIN(row.instruction)
        ):
            return Verdict("echo", "nearly the instruction again")
        if words > 3 and _ASKED_AGAIN.match(row.output.strip()) and asked in output[:200]:
            return Verdict("echo", "it says what was asked")
        given = _normal(row.input)
        if not given:
            return None
        if output == f"{asked} {given}":
            return Verdict("echo", "the instruction and the input again")
        if row.output.rstrip().endswith("?") and given.endswith(output) and _ANSWERS(row.instruction):
            return Verdict("echo", "the question again")
        long = len(given.split()) > 7 or (not given.isascii() and len(given) > 20)
        changes = _MUST_CHANGE(row.instruction)
        if (
            row.output.strip() == row.input.strip()
            and len(given.split()) > 3
            and (_CHANGES_FORM.search(row.instruction) or _HAS_FAULTS.search(row.instruction))
            and not _ONLY_IF(row.instruction)
        ):
            return Verdict("echo", "the input again")
        if output == given and (len(given.split()) > 2 or not given.isascii()):
            if changes and not _MAY_STAY(row.instruction):
                return Verdict("echo", "the input again")
            if long and (_DECIDES_ONLY(row.instruction) or not _MAY_COPY(row.instruction)):
                return Verdict("echo", "the input again")
            return None
        if not long:
            return None
        if output == given and _DECIDES_ONLY(row.instruction):
            return Verdict("echo", "the input again")
        if changes and not _SMALL_CHANGES(row.instruction) and self._alike(output, given):
            return Verdict("echo", "nearly the input again")
        if (
            output.startswith(given)
            and len(given.split()) > 11
            and (changes or not _MAY_COPY(row.instruction))
        ):
            return None if _SMALL_CHANGES(row.instruction) else Verdict("echo", "it begins with the input")
        return None

    def _alike(self, one: str, other: str) -> bool:
        from rapidfuzz.distance import Indel

        short, long = sorted((len(one), len(other)))
        if short < long * self.likeness * 0.9:
            return False
        if one.isascii():
            return Indel.normalized_similarity(one.split(), other.split()) >= self.likeness
        return Indel.normalized_similarity(one, other) >= self.likeness


_CHANGES_FORM = re.compile(
    r"\b(?:past|future|present|simple|perfect) (?:\w+ )?tense\b|\bpassive\b|\b(?:negative|interrogative)"
    r" (?:form"
    r"|sentence)|\bnegat(?:e|ion)\b|\b(?:in|to|into) (?:the )?(?:past|future|plural|third person|first"
    r" person)\b"
    r"|\b(?:into|as) a (?:\w+ )?question\b|\b(?:indirect|reported) speech\b"
    r"|\b(?:ins|im|in die|in das) (?:Perfekt|Präteritum|Futur|Passiv|Vergangenheit|Zukunft|Plural)\b"
    r"|\bau (?:passé|futur|pluriel|passif)\b|\bà la (?:voix passive|forme négative|forme interrogative)\b"
    r"|\b(?:en|al) (?:tiempo )?(?:pasado|futuro|plural)\b|\bvoz pasiva\b|\b(?:no|para o) (?:passado"
    r"|plural)\b",
    re.IGNORECASE,
)
"""A form that no sentence of some length has already."""
_HAS_FAULTS = re.compile(
    r"\b(?:correct|fix|remove|repair|mend) (?:all )?(?:of )?(?:the|all|its|these) (?:[\w-]+"
    r" ){0,2}?(?:mistakes?"
    r"|errors?|typos?|misspellings?)\b|\b(?:korrigiere?|verbessere?) (?:alle|die) (?:\w+)?fehler\b"
    r"|\bcorrige[zr]? les (?:fautes|erreurs)\b|\bcorrig[ei]r? los errores\b",
    re.IGNORECASE,
)
_ONLY_IF = speaks_of(
    "if any whether check* unless otherwise needed necessary when some possible falls wenn si already* code"
    " program* function script identif* list* find explain* answer* choose name"
)


_COMMANDS = re.compile(
    r"\W*(?:please )?(?:write|describe|explain|compose|create|tell|discuss|compare|outline|generate|draft"
    r"|design|suggest|provide|give|prepare|summari[sz]e)\s+(?:me |us )?(?!in |that |the word|a"
    r" word)(?P<what>.+)",
    re.IGNORECASE | re.DOTALL,
)
_NO_CONTENT = frozenset(
    word
    for words in (
        "a an the of to in on for with and or about how why what is are was be been at by it its",
        "this that these",
        "those your you i my his her their our from as into which who can will would should must",
        "do does did me",
        "us them some",
    )
    for word in words.split()
)
_TOLD_SHORT = speaks_of(
    "word* phrase* sentence* title* name* headline* heading* slogan* caption* code program* function* script*"
    " query html css regex* formula* number* opposite synonym* form letter_of"
)


def _says_the_task(row: Row) -> bool:
    """Whether the output has no word of its own: `A poem about autumn.` for `Write a poem about autumn.`"""
    command = _COMMANDS.fullmatch(row.instruction.strip())
    if row.input.strip() or command is None or len(row.output) > 1.4 * len(row.instruction) + 12:
        return False
    if _TOLD_SHORT(row.instruction) or _SAYS_AGAIN(row.instruction) or quoted(row.instruction):
        return False
    begun = beginnings_of(row.instruction)
    if not all(word[:3] in begun or word in _NO_CONTENT for word in words_of(row.output)):
        return False
    asked = {_stem(word) for word in plain(row.instruction).split() if word not in _NO_CONTENT}
    object_of = {_stem(word) for word in plain(command["what"]).split() if word not in _NO_CONTENT}
    said = {_stem(word) for word in plain(row.output).split() if word not in _NO_CONTENT}
    return len(object_of) > 2 and said <= asked and len(said & object_of) * 5 >= 4 * len(object_of)


def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) > 4 else word


_ENDING = re.compile(r"(?:e?s|e?d|ing|e)$")


_SAYS_AGAIN = speaks_of(
    "repeat* quine echo copy type_this say_this print* verbatim read_aloud exact* wiederhol* répète* "
    "repite* itself"
)
_ANSWERS = speaks_of("answer* respond* beantwort* répond* respond* responde* 回答")
_DECIDES_ONLY = speaks_of("sentiment emotion_of classify_the headline*")
_ASKED_AGAIN = re.compile(
    r"\W*(?:you (?:asked|want|wanted|said|are asking|would like)|the (?:question|instruction|task"
    r"|prompt) (?:is|was|asks)"
    r"|your (?:question|request|task) (?:is|was)|du (?:fragst|hast)|sie fragen|vous (?:demandez|avez)"
    r"|usted preguntó)",
    re.IGNORECASE,
)
_STARTS = speaks_of("continue* complet* finish* begin* start* extend* fill* once_upon opening line")


_FIELD = re.compile(
    r"\s*(?:the )?(?:instruction|input|output|answer|task|question|prompt|aufgabe|frage)(?: is"
    r"| was)?\s*:\s*",
    re.IGNORECASE,
)


def _normal(text: str) -> str:
    field = _FIELD.match(text)
    return plain(text if field is None else text[field.end() :])


@dataclass(frozen=True, slots=True)
class NearIdentical:
    """An instance that is an earlier one of its task but for a word.

    words: how many may differ. least_words: of input and output together, below which nothing is said.
    """

    name: ClassVar[str] = "near_identical"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("near_identical",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The instance is an earlier one of the same task again, but for a word or two."
    example: ClassVar[Row] = Row(
        "Say whether the review is positive.",
        "I loved this film from the beginning to the end.",
        "positive",
        earlier=(Instance("I loved this book from the beginning to the end.", "positive"),),
    )
    words: int = 2
    least_words: int = 8

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        if not row.earlier:
            return None
        from rapidfuzz.distance import Indel

        given, output = plain(row.input).split(), plain(row.output).split()
        own = given + output
        for place, each in enumerate(row.earlier, start=1):
            other_given, other_output = plain(each.input).split(), plain(each.output).split()
            other = other_given + other_output
            if own == other:
                return Verdict("near_identical", f"instance {place} again")
            if min(len(own), len(other)) < self.least_words or abs(len(own) - len(other)) > self.words:
                continue
            if _is_other(given, other_given) and _is_other(output, other_output):
                continue  # another example, made on the same pattern
            changed = Indel.distance(own, other)
            if changed <= 2 * self.words and changed * 4 <= len(own) + len(other):
                return Verdict("near_identical", f"instance {place} but for {max(changed // 2, 1)} word(s)")
        return None


def _is_other(words: list[str], others: list[str]) -> bool:
    """Whether a word stands in place of another, and none is only added or left out."""
    return bool(set(words) - set(others)) and bool(set(others) - set(words))
