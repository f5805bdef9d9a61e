"""Outputs that are not there, or end too soon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import speaks_of
from selfinstruct.filters.signals.parsing import unfinished
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.placeholders import without_placeholder

__all__ = ["CutOff", "EmptyOutput"]

_NOTHING = re.compile(
    r"[<(\[]?(?:n/?a|no[ _]?(?:valid )?output(?: found| given| needed| required)?|no (?:answer|response)"
    r"|output|answer|response|undefined|nan|null|nil|none|empty|todo|tbd)[>)\]]?\s*[.:]?",
    re.IGNORECASE,
)
_MARKS_ONLY = re.compile(r"[-–—_.…·*\s#=~?!:;,/\\|'\"`()\[\]{}<>]+")
_MAY_BE_NOTHING = speaks_of(
    "n/a none null nil nan nothing no not any if whether either missing empty undefined blank todo tbd output"
    " answer response absent otherwise keine* kein* aucun* ninguno ninguna"
)
_STORES = speaks_of(
    "missing_value* value_is_missing data_?base* column* cell cells spreadsheet* n/a applicable extract*"
    " fill_in"
    " record fields attribute*"
)
"""Where N/A is what people write for a value that is not there."""
_WRITES = re.compile(
    r"(?:please )?(?:write|compose|create|generate|describe|explain|summari[sz]e|translate|rewrite|paraphrase"
    r"|draft|tell|give|list|suggest|make|design|outline|provide)\b",
    re.IGNORECASE,
)
_MARKS_ASKED = speaks_of(
    "punctuation symbol* sign* character* operator* mark* bracket* parenthes* morse emoticon* ascii dash*"
    " ellipsis dots? fill comma colon pattern* regex* expression braille glob wildcard delimiter separator"
)


@dataclass(frozen=True, slots=True)
class EmptyOutput:
    """An output without a text, or with a word for none."""

    name: ClassVar[str] = "empty_output"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("empty_output",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "No output, or a word for none, such as N/A."
    example: ClassVar[Row] = Row("Write a haiku about rain.", "", "N/A")

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        if not output:
            return Verdict("empty_output")
        if len(output) > 40:
            return None
        if _NOTHING.fullmatch(output) or not without_placeholder(output):
            strong = re.search(r"n/a|output", output, re.IGNORECASE)
            asked = row.instruction if strong else f"{row.instruction}\n{row.input}"
            meant = _MAY_BE_NOTHING(asked) and not (strong and _WRITES.match(row.instruction.strip()))
            meant = meant or _STORES(row.instruction)
            if meant or not (strong or _WRITES.match(row.instruction.strip())):
                return None
            return Verdict("empty_output", f"only {output!r}")
        if _MARKS_ONLY.fullmatch(output) and not _MARKS_ASKED(f"{row.instruction}\n{row.input}"):
            return Verdict("empty_output", f"only {output!r}")
        return None


# ------------------------------------------------------------------------ cut off

_END_MARKS = ".!?…。！？।؟۔:;)\"”’»“'`]}>*|~_。」』】）›%°$€£/—-"
_CANNOT_END = {
    "en": "the a an and or of because although whose than and/or my your our their its every very such",
    "de": "der die das und oder ein eine einen einem einer des dem den weil dass sowie",
    "fr": "le la les des et ou un une que qui du aux",
    "es": "el los las del y una que o",
}
_DANGLING = frozenset(" ".join(_CANNOT_END.values()).split()) - {"die", "a", "o", "y", "la", "que"}
_DANGLING_ENGLISH = frozenset(
    f"{_CANNOT_END['en']} und oder der das ein eine einen weil dass que les des una los del".split()
)
_RARELY_ENDS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "might",
        "must",
        "to",
        "for",
        "with",
        "from",
        "by",
        "as",
        "but",
        "if",
        "when",
        "while",
        "into",
        "this",
        "these",
        "not",
        "ist",
        "sind",
        "wird",
        "mit",
        "für",
        "von",
        "zu",
        "est",
        "sont",
        "avec",
        "pour",
        "dans",
        "es",
        "son",
        "para",
        "con",
        "por",
        "en",
    ]
)
_MODIFIES = frozenset(
    [
        "before",
        "after",
        "until",
        "since",
        "unless",
        "whether",
        "which",
        "that",
        "it",
        "they",
        "he",
        "she",
        "we",
        "you",
        "who",
        "whose",
        "where",
        "their",
        "his",
        "our",
        "your",
        "my",
        "others",
        "nach",
        "weil",
        "dass",
        "einen",
        "durch",
        "unter",
        "que",
        "et",
        "de",
        "y",
        "del",
        "al",
        "qui",
        "une",
        "more",
        "most",
        "many",
        "several",
        "some",
        "both",
        "between",
        "against",
        "about",
        "over",
        "through",
        "during",
        "including",
        "such",
        "many's",
    ]
) - {
    "it",
    "you",
    "others",
    "that",
    "more",
    "most",
    "over",
    "through",
    "some",
    "both",
    "they",
    "we",
    "my",
    "after",
}
_NO_CLOSE = re.compile(r"(?:然后|因为|所以|但是|并且|以及|和|的|在|是|，|、)$")
_COMPLETION = speaks_of(
    "complete finish fill blank* next continue* missing_word gap autocomplete "
    "predict ergänze complète completa break* cliffhanger unfinished"
    " interrupt* incomplete half mid-sentence opening beginning trail* abrupt* cut* stem prefix"
)
_TRANSLATES = speaks_of("translat* übersetz* tradui* traduc* traduz* 翻译 paraphras* rewrite rephras*")
_MAIL = speaks_of(
    "e-?mails? letters? message* note* invit* greeting* mail brief* lettre* "
    "carta* poem* song* lyric* verse* haiku*"
)
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"”’)\]]*(?:\s+|$)|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:^|\W)(?:\w|e\.g|i\.e|etc|vs|Mr|Mrs|Ms|Dr|Prof|St|No|Jr|Sr|Inc|approx|z\.B)\.\s*$"
)
_LIST_LINE = re.compile(r"\s*(?:[-*•–+]|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)])\s+")
_PROMPTS = speaks_of("prompt* few-shot template* form heading*")
_BARE_MARK = re.compile(r"(?:^|\n)\s*(?:\d{1,3}[.)]|[-*•])\s*$")
_UNENDED_SCRIPTS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_FREE_FORM = frozenset(
    {Format.CODE, Format.MARKUP, Format.TABLE, Format.FIELDS, Format.VERSE, Format.LETTER, Format.DIALOGUE}
)
_VERSE = speaks_of(
    "poem* poetry haiku* limerick* song* lyric* verse* sonnet* rhym* rap gedicht* poème* poema*"
)


def _ends_within(instruction: str, output: str) -> bool:
    """Whether a table ends within a cell, or JSON or Python that was asked for where more has to follow."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if len(lines) > 2 and lines[-1].startswith("|") and not lines[-1].endswith("|"):
        return all(line.endswith("|") for line in lines[:-1] if line.startswith("|"))
    return unfinished(instruction, output)


@dataclass(frozen=True, slots=True)
class CutOff:
    """An output that stops in the middle: of a sentence, a bracket, a block of code."""

    name: ClassVar[str] = "cut_off"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("cut_off",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The output stops in the middle of a sentence, a list or a block of code."
    example: ClassVar[Row] = Row(
        "Why do leaves turn yellow?",
        "",
        "In autumn trees stop making chlorophyll. The yellow pigments and the",
    )

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.rstrip()
        words = output.split()
        if len(words) < 4 or _COMPLETION(row.instruction):
            return None
        if row.input and row.input.rstrip()[-1:].isalnum() and _TRANSLATES(row.instruction):
            return None  # no less complete than what it is of
        if output.count("```") % 2:
            return Verdict("cut_off", "a block of code is never closed")
        last = output[-1]
        ending = " ".join(words[-5:])[-60:]
        if last in ",(" and len(words) > 4 and not (last == "," and _MAIL(row.instruction)):
            return Verdict("cut_off", f"it ends “{ending}”")
        form = output_format(output, row.instruction)
        if _ends_within(row.instruction, output):
            return Verdict("cut_off", f"it ends “{ending}”")
        if form in (Format.CODE, Format.MARKUP, Format.JSON, Format.TABLE):
            return None
        if _BARE_MARK.search(output) and len(words) > 6:
            return Verdict("cut_off", "it ends with the mark of a list item")
        word = words[-1].strip("*_").lower()
        if word in (_DANGLING_ENGLISH if output.isascii() else _DANGLING) and len(words) > 5:
            return Verdict("cut_off", f"it ends “{ending}”")
        sure = form not in (
            Format.PHRASE,
            Format.LIST,
            Format.BULLETS,
            Format.STEPS,
            Format.VERSE,
            Format.FIELDS,
            Format.DIALOGUE,
        )
        if word in _RARELY_ENDS and len(words) > 5 and sure and not _VERSE(row.instruction):
            return Verdict("cut_off", f"it ends “{ending}”")
        if last == "-" and len(words) > 5 and output[-2].isalpha():
            return Verdict("cut_off", f"it ends “{ending}”")
        opened = output.rfind("(")
        if (
            last not in _END_MARKS
            and opened > len(output) - 200
            and ")" not in output[opened:]
            and opened > 0
            and sure
        ):
            return Verdict("cut_off", "a bracket is never closed")
        if (
            last == ":"
            and len(words) > 5
            and not _PROMPTS(row.instruction)
            and not row.input.rstrip().endswith(":")
        ):
            return Verdict("cut_off", f"it ends “{ending}”")
        if _NO_CLOSE.search(output) and "。" in output:
            return Verdict("cut_off", f"it ends “{output[-12:]}”")
        if len(words) > 8 and word in _MODIFIES and (sure or _LIST_LINE.match(output.rsplit("\n", 1)[-1])):
            return Verdict("cut_off", f"it ends “{ending}”")
        if form in (Format.LETTER, Format.DIALOGUE) and self._line_is_open(output, last):
            return Verdict("cut_off", f"the last sentence has no end: “{ending}”")
        if self._is_unfinished(output, form) and not _VERSE(row.instruction):
            return Verdict("cut_off", f"the last sentence has no end: “{ending}”")
        return None

    def _line_is_open(self, output: str, last: str) -> bool:
        """Whether the last line of a letter or a dialogue is long and has no end, as the others have one."""
        *others, line = [each.strip() for each in output.splitlines() if each.strip()]
        ended = [each for each in others if len(each.split()) > 3]
        if last in _END_MARKS or len(line.split()) < 7:
            return False
        tail = _SENTENCE_END.split(line)[-1].split()
        if not ended or len(tail) < len(line.split()):
            return len(tail) > 4 and "," not in line[-40:]
        return sum(each[-1] in _END_MARKS for each in ended) * 3 >= 2 * len(ended)

    def _is_unfinished(self, output: str, form: Format) -> bool:
        """Whether prose that ends its sentences leaves the last one open."""
        if output[-1] in _END_MARKS or not output[-1].isalnum() or form in _FREE_FORM:
            return False
        paragraph = output.rsplit("\n", 1)[-1]
        if _UNENDED_SCRIPTS.search(paragraph[-20:]):
            return False
        ends = [
            match.end()
            for match in _SENTENCE_END.finditer(paragraph)
            if not _ABBREVIATION.search(paragraph[: match.end()])
        ]
        rest = paragraph[ends[-1] :] if ends else paragraph
        if rest.split()[-1].startswith(("#", "@", "http", "www.")):
            return False
        if _LIST_LINE.match(paragraph):
            return len(ends) > 1 and len(rest.split()) > 1
        others = _SENTENCE_END.findall(output[: len(output) - len(paragraph)])
        if not ends and others:  # a last paragraph without any end, after paragraphs that have theirs
            return len(others) > 2 and len(rest.split()) > 6
        if not ends and not others and "\n" not in output and len(output.split()) > 34 and "," in output:
            return True
        return bool(
            len(ends) + len(others) > 0 and len(rest.split()) > 3 and form == Format.PARAGRAPH
        ) or bool(len(ends) + len(others) > 1 and (len(rest.split()) > 1 or not rest.isascii()))
