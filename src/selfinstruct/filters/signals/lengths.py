"""How long an instruction lets the output be, in words, sentences, paragraphs, lines or characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from selfinstruct.filters.signals.base import number_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.tokens import count_words

__all__ = ["LengthLimit"]

_N = (
    r"(?P<n>\d{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|twenty-five|thirty|forty|fifty|(?:a |one )?hundred|ein(?:em|en)?|zwei|drei|vier|fünf|zehn"
    r"|zwanzig|une?|deux|trois|quatre|cinq|dix|vingt|una?|dos|tres|cuatro|cinco|diez|veinte)"
)
_UNIT = (
    r"(?P<unit>words?|sentences?|paragraphs?|characters?|lines?|wörtern?|wort|sätzen?|satz|absätzen?"
    r"|absatz|zeichen|mots?|phrases?|paragraphes?|caractères?|palabras?|oraci(?:ón|ones)|frases?"
    r"|párrafos?|caracteres)"
)
_MOST, _LEAST, _EXACT, _ABOUT = "at most", "at least", "exactly", "about"
_LIMITS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "between",
            rf"\b(?:between|from|of|in|to|with|zwischen|entre)? ?(?P<low>\d{{1,5}}|one|two|three|four"
            rf"|five)\s?(?:and|to|or|-|–|und|bis|et|à|y|a)\s?{_N} ?-?{_UNIT}\b(?! (?:or|and) (?:more"
            rf"|less|fewer))",
        ),
        (
            _MOST,
            rf"\b(?:at most|no more than|not more than|up to|(?:a )?max(?:imum|\.)?(?: of)?"
            rf"|not be (?:longer|more) than"
            rf"|no longer than|not longer than|(?:word )?limit(?: of|:| is)?|fewer than|less than"
            rf"|under|within|below|not exceed(?:ing)?|exceed(?:ing)?|shorter than"
            rf"|limit(?:ed)? (?:\w+ ){{0,4}}to|keep (?:\w+ ){{0,3}}(?:to|under|within|below)"
            rf"|höchstens|maximal|weniger als|nicht mehr als|unter|au (?:plus|maximum)|moins de"
            rf"|pas plus de|como máximo|máximo(?: de)?|menos de|no más de)(?: at)?(?: than)?(?: "
            rf"of)? {_N} {_UNIT}\b",
        ),
        (_MOST, rf"\b{_N} {_UNIT},? (?:or|oder|ou|o) (?:less|fewer|under|weniger|moins|menos)\b"),
        (_MOST, r"(?:不超过|最多|不多于|少于)(?P<one>[二三四五六七八九十])个?(?P<unit>[字句])"),
        (_MOST, rf"\b{_N} {_UNIT} (?:at most|max(?:imum)?|at the most|or shorter|limit)\b"),
        (
            _EXACT,
            rf"\b(?:write|compose|create|tell|give|make|draft|generate|provide"
            rf"|produce)\b[^.!?\n]{{0,40}}?\b(?:poem|verse|stanza|song|text|story|essay|summary"
            rf"|paragraph|answer|letter|description|response|review|speech|article) (?:of|with"
            rf"|in)(?: exactly)? {_N} {_UNIT}\b(?! (?:each|or))",
        ),
        (
            _MOST,
            r"(?:不超过|最多|不多于|少于|控制在)\s?(?P<n>\d{1,5})\s?(?:个)?(?P<unit>字)"
            r"|(?P<n2>\d{1,5})\s?(?:个)?(?P<unit4>字)(?:以内|之内|以下)",
        ),
        (_EXACT, r"(?:用|以)(?P<one>一)(?P<unit>句)话"),
        (
            _LEAST,
            rf"\b(?:at least|no (?:less|fewer) than|(?:a )?min(?:imum)?(?: of)?|more than|over"
            rf"|longer than|mindestens|wenigstens|au moins|plus de|al menos|por lo menos|más de"
            rf"|mínimo(?: de)?) {_N} {_UNIT}\b",
        ),
        (_LEAST, rf"\b{_N} {_UNIT} (?:or more|minimum|at least|at the least|or longer)\b"),
        (
            _ABOUT,
            rf"\b(?:about|around|approximately|roughly|circa|some|ca\.|etwa|ungefähr|environ|unos"
            rf"|alrededor de|approx\.?) {_N} {_UNIT}\b",
        ),
        (_EXACT, rf"\b(?:exactly|precisely|genau|exactement|exactamente) {_N} {_UNIT}\b"),
        (
            _EXACT,
            rf"\b(?:in|into|using|with|(?:limit\w*|shorten\w*|condense\w*|reduce\w*|summari[sz]e\w*"
            rf"|boil\w*) (?:[\w']+ ){{0,6}}to|auf|mit|en|dans|avec|con)(?: just| only| a total of"
            rf"| nur| seulement| solo)? (?:a )?(?P<one>single|{_N[10:-1]}) (?:(?:short|simple|clear"
            rf"|concise|brief|complete|full|kurzen?|courte?s?|corta?s?) )?{_UNIT}\b(?! (?:long|each"
            rf"|per|that|which|from|of|in|below|above|story|or (?:less|fewer|more)))",
        ),
        (
            _EXACT,
            rf"\b(?:write|compose|generate|give|create|provide|draft|schreibe?|verfasse|écri[stv]\w*"
            rf"|rédige\w*|escribe|redacta) (?:me |us )?(?:exactly |a |an )?(?P<one>single"
            rf"|{_N[10:-1]}) (?:(?!and |of )[\w-]+ ){{0,2}}?(?P<unit2>sentences?|paragraphs?|sätze"
            rf"|satz|absätze|absatz|phrases?|paragraphes?|oraci(?:ón|ones)|frases?|párrafos?)\b",
        ),
        (
            _EXACT,
            rf"\b(?:write|compose|create|draft|generate|give|provide|produce) (?:me "
            rf"|us )?(?:an? )?(?:[\w-]+ ){{0,2}}?{_N}[- ](?P<unit3>word|sentence|paragraph"
            rf"|line)s?,? (?:(?!that|which)[\w-]+ ){{0,2}}?(?:summary|essay|story|paragraph"
            rf"|description|poem|answer|response|explanation|review|article|letter|email|post|speech"
            rf"|statement|note|biography|bio|introduction|overview|message|tagline|slogan|headline"
            rf"|title|report|abstract|text|definition|reply|blurb|piece|caption)\b",
        ),
        (
            _EXACT,
            r"\b(?:give|write|suggest|provide|answer|respond|choose|describe|find|name|think of|reply"
            r"|return|offer|state)\b(?: [\w']+){0,3}? (?:with )?an? (?P<one>one|single|two|three|four"
            r"|five)[- ](?P<unit3>word) (?!(?:list|phrases|names|titles|sentence|poem|story)\b)\w+",
        ),
        (
            _EXACT,
            r"\b(?P<one>one|single)[- ](?P<unit3>word|sentence|paragraph) (?:answer|response|reply"
            r"|summary|description|definition|explanation)",
        ),
    )
)
_OF_PARTS = re.compile(
    r"\b(?:each|every|per|apiece|both|individual|jeweils?|jede[rsnm]?|chaque|chacun|cada)\b", re.IGNORECASE
)
_OF_OTHERS = re.compile(
    r"\b(?:title|headline|heading|subject line|caption|slogan|password|username|names?|words? (?:that"
    r"|with|of)|explanation|reason|introduction|conclusion|justification|bullet|items?|tweets?"
    r"|questions?|options?|lines?|rule|metaphor|example)\b[^.!?]{0,90}$",
    re.IGNORECASE,
)
_MAIN_OBJECT = re.compile(
    r"\W*(?:please )?(?:write|compose|create|suggest|give|come up with|draft|generate|think of"
    r"|invent)(?: me| us)?"
    r" (?:an?|one|the) (?:(?!with|and|whose|for"
    r"|about)[\w'’-]+ ){0,3}?(?:title|headline|heading"
    r"|subject line|caption"
    r"|slogan|password|username|name|tweet|question)\b(?![^.!?]*\b(?:with|and|whose)\b)",
    re.IGNORECASE,
)
_COMMAND = (
    r"(?:explain|give|say|state|add|describe|justify|tell|use|write|list|name|provide|summari[sz]e"
    r"|define|translate|include|answer|create|make|suggest|offer|show|erkläre|begründe|explique"
    r"|explica)"
)
_SECOND_COMMAND = re.compile(
    rf"(?:,| and|;| then| und| et| y)\s+(?:then |also |briefly |in the end )*{_COMMAND}\b|^\W*(?:then"
    rf"|also|finally|afterwards|after that|next|lastly|end|conclude|begin|start)\b",
    re.IGNORECASE,
)
_FIRST_READS = re.compile(
    r"^\W*(?:please )?(?:read|consider|take|look|think|imagine|study|review|analy[sz]e|lies|lis|lee"
    r"|given|based)\b",
    re.IGNORECASE,
)
_THEN = re.compile(rf"\b(?:and|then|und|et|y)\s+(?:then |also )*{_COMMAND}\b", re.IGNORECASE)
_ASKS_ABOUT = re.compile(
    r"^\W*(?:is|are|does|do|did|how many|count|check|determine|which|what is the (?:number|length)"
    r"|find|identify|extract|remove|filter|given|if|whether|classify|list|name|select|wie viele"
    r"|combien|cuántas)\b|\b(?:function|program|script|code|regex|query|sql|python|javascript|whether"
    r"|that (?:has|have|is|are|contains?))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[\w])|(?<=[。！？])")
_NOT_AN_END = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|e\.g|i\.e|etc|vs|[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof|[Ss]t|[Nn]o|[Jj]r|[Ss]r"
    r"|[Ii]nc|approx|Fig|al|z\.B|bzw|ca|Nr|usw|\d{1,2}|[ap]\.m|U\.S|U\.K)\.[\"”’)\]]*$"
)


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """An output longer or shorter than the instruction allows.

    slack: by what share an exact or a least number of words, or a limit above 20, may be missed.
    about: within which factor `about N words` has to be.
    """

    name: ClassVar[str] = "length_limit"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("length_limit",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The instruction limits the length, and the output breaks the limit."
    example: ClassVar[Row] = Row(
        "Describe a robin in at most five words.", "", "A small brown bird that has a bright red breast"
    )
    slack: float = 0.1
    factor: float = 1.8

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        if not output:
            return None
        for limit in _limits(row.instruction):
            shortest, longest = _measures(output, limit.unit)
            low, high = self._range(limit)
            if shortest > high or longest < low:
                found = shortest if shortest > high else longest
                return Verdict("length_limit", f"{found:,} of {limit.shown}")
        return None

    def _range(self, limit: _Limit) -> tuple[float, float]:
        number, slack = limit.number, self.slack if limit.unit in ("word", "character") else 0.0
        match limit.kind:
            case "at most":
                return 0, number * (1 + (slack / 2 if number > 20 else 0))
            case "at least":
                return number * (1 - slack), float("inf")
            case "between":
                return limit.low * (1 - slack), number * (1 + slack)
            case "about":
                return number / self.factor - 1, number * self.factor + 1
        slack = slack if number > 10 else 0
        return number * (1 - 2 * slack), number * (1 + 2 * slack)


@dataclass(frozen=True, slots=True)
class _Limit:
    kind: str
    number: int
    unit: str
    low: int = 0

    @property
    def shown(self) -> str:
        numbers = f"{self.low} to {self.number}" if self.kind == "between" else f"{self.kind} {self.number:,}"
        return f"{numbers} {self.unit}{'s' if self.number != 1 else ''}"


_UNITS = {
    "word": ("word", "wor", "wört", "mot", "palabra"),
    "sentence": ("sentence", "句", "satz", "sätz", "phrase", "oraci", "frase"),
    "paragraph": ("paragraph", "absatz", "absätz", "paragraphe", "párrafo"),
    "character": ("character", "zeichen", "caract", "字"),
    "line": ("line",),
}


@lru_cache(maxsize=256)
def _limits(instruction: str) -> tuple[_Limit, ...]:
    """Those that it sets for the whole output."""
    if not any(char.isdigit() or char == "一" for char in instruction) and not _COUNT_WORD.search(
        instruction
    ):
        return ()
    if re.search(r"\bhow (?:many|much|long)\b", instruction, re.IGNORECASE):
        return ()
    found: list[_Limit] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _LIMITS:
        for match in pattern.finditer(instruction):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            if limit := _limit(kind, match, instruction):
                found.append(limit)
    return tuple(found)


_COUNT_WORD = re.compile(
    r"\b(?:single|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty|fifty|hundred|ein\w*|zwei|drei|vier|fünf|zehn|une?|deux|trois|quatre|cinq|dix"
    r"|una?|dos|tres|cuatro|cinco|diez)\b",
    re.IGNORECASE,
)


def _limit(kind: str, match: re.Match[str], instruction: str) -> _Limit | None:
    groups = match.groupdict()
    word = groups.get("one") or groups.get("n") or groups.get("n2") or ""
    number = 100 if "hundred" in word.lower() else number_of(word)
    name = (
        groups.get("unit") or groups.get("unit2") or groups.get("unit3") or groups.get("unit4") or ""
    ).lower()
    unit = next((unit for unit, stems in _UNITS.items() if name.startswith(stems)), "")
    before = re.split(r"[.!?\n]", instruction[: match.start()])[-1]
    after = re.split(r"[.!?\n]", instruction[match.end() :])[0]
    if number is None or number < 1 or not unit:
        return None
    if re.search(
        r"\b(?:are|is|be|been|being) (?:\w+ )?(?:given|presented|shown)\b|\bconsist(?:s|ing) of\b|\bcontain",
        before,
    ):
        return None
    if _SECOND_COMMAND.search(before) and not _FIRST_READS.search(before):
        return None
    if _THEN.search(after) and kind != _LEAST:
        return None
    if (
        _OF_PARTS.search(before + " " + after)
        or (_OF_OTHERS.search(before) and not _MAIN_OBJECT.match(before))
        or _ASKS_ABOUT.search(before or match[0])
    ):
        return None
    if re.match(
        r"\s*(?:of|from|in) (?:the|this|a) (?:\w+ )?(?:text|story|article|passage|essay|book|poem)", after
    ) or re.match(r" (?:that|which|with|describing the) (?:rhyme|start|begin|contain|mean)", after):
        return None
    low = number_of(groups.get("low") or "") or 0
    if kind == "between" and not 0 < low < number:
        return None
    if "fewer than" in match[0].lower() or "less than" in match[0].lower() or "under" in match[0].lower():
        kind = "at most"
    return _Limit(kind, number, unit, low)


def _measures(output: str, unit: str) -> tuple[int, int]:
    """The least and the most that a reader could count."""
    if unit == "word":
        text = re.sub(r"^[#*\-•\s]+|[*_`]", "", output)
        spaced, counted = (
            len([word for word in text.split() if any(map(str.isalnum, word))]),
            count_words(text),
        )
        body = text.split("\n", 1)[-1] if "\n" in text and len(text.split("\n", 1)[0].split()) < 13 else text
        bare = len([word for word in body.split() if any(map(str.isalnum, word))])
        return min(spaced, counted, bare or spaced), max(spaced, counted)
    if unit == "character":
        return len(output), len(output)
    blocks = [block for block in re.split(r"\n\s*\n", output) if block.strip()]
    lines = [line for line in output.splitlines() if line.strip()]
    if unit == "line":
        return (len(blocks) if False else len(lines)), max(len(lines), output.count(" / ") + 1)
    if unit == "paragraph":
        long = [block for block in blocks if len(block.split()) > 11]
        if output_format(output) in (
            Format.LETTER,
            Format.VERSE,
            Format.STEPS,
            Format.BULLETS,
            Format.DIALOGUE,
        ):
            return 1, len(lines)
        return min(len(long) or 1, len(blocks)), max(len(lines), 1)
    pieces = [
        piece for line in lines for piece in _SENTENCE.split(line) if piece and any(map(str.isalnum, piece))
    ]
    least = len(pieces) - sum(_NOT_AN_END.search(piece.strip()) is not None for piece in pieces[:-1])
    capitals = sum(
        1
        for line in lines
        for before, piece in zip(_SENTENCE.split(line), _SENTENCE.split(line)[1:], strict=False)
        if piece and piece.lstrip('"“‘([')[:1].islower() and before
    )
    semicolons = output.count(";") + output.count("…") + output.count(" - ")
    return max(
        least
        - capitals
        - (len(lines) - 1 if len(lines) > 1 and least > len(lines) and not output[:1].isalpha() else 0),
        1,
    ), len(pieces) + semicolons + (1 if not pieces else 0)
