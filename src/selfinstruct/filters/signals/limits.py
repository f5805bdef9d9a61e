"""What length an instruction asks of the output, in words, sentences, paragraphs, lines or characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from selfinstruct.filters.signals.base import NUMBER, beginnings_of, number_of, without_quotes

__all__ = ["Limit", "limits_of"]

_UNIT = (
    r"(?P<unit>words?|sentences?|paragraphs?|characters?|chars|letters|lines?|wörtern?|worten?|wort"
    r"|sätzen?|satz"
    r"|absätzen?|absatz|zeichen|zeilen|mots?|phrases?|paragraphes?|caractères?|lignes|palabras?"
    r"|oraci(?:ón|ones)"
    r"|frases?|párrafos?|parágrafos?|caracteres|líneas|palavras?|linhas)"
)
_UNITS = {
    "word": ("word", "wort", "wört", "mot", "palabra", "palavra"),
    "sentence": ("sentence", "satz", "sätz", "phrase", "oraci", "frase", "句", "文"),
    "paragraph": ("paragraph", "absatz", "absätz", "paragraphe", "párrafo", "parágrafo", "段"),
    "character": ("char", "letter", "zeichen", "caract", "字", "文字"),
    "line": ("line", "zeile", "ligne", "línea", "linha", "行"),
}
_SPEAKS_OF_ONE = re.compile(
    r"word|senten|paragra|charac|\bchars|letters|lines?\b|w[oö]rt|s[aä]tz|abs[aä]tz|zeichen|zeile|mots?\b"
    r"|phrase|caract"
    r"|ligne|palabra|oraci|frase|p[aá]rra|l[ií]nea|palavra|linha|[字句段行文]"
    r"|haiku|limerick|couplet|quatrain|sonnet|tanka|cinquain",
    re.IGNORECASE,
)
_UNIT_BEGINNINGS = frozenset(
    word
    for words in (
        "word senten paragra charac chars letter line wort satz absatz zeichen zeile mot phrase caract ligne",
        "palabra",
        "oraci frase parra linea palavra linha haiku limerick couplet quatrain sonnet tanka cinquain",
    )
    for word in words.split()
)
_QUANTITY = re.compile(
    rf"(?<![\w.,-])(?:(?P<low>{NUMBER})\s?(?:to|and|or|-|–|bis|und|oder|et|à|ou|y|a|e|o)\s?)?"
    rf"(?P<n>{NUMBER}|single|an?)(?P<hyphen>-)?(?: ?(?P<alt>or (?:fewer|less|more)|oder weniger|ou moins"
    rf"|o menos))?"
    r"(?: (?:(?:single|short|simple|complete|brief|clear|full|concise|long|well-written|kurzen?|einzigen?"
    r"|courte?s?"
    rf"|seule|sola|corta?s?|única|só),? ?){{0,2}})? ?(?:-(?=\w))?{_UNIT}\b",
    re.IGNORECASE,
)
_MOST, _LEAST, _EXACT, _ABOUT = "at most", "at least", "exactly", "about"
_END = r"(?: (?:a|an|of|at|to|the|than|total of))*\W?$"
_BEFORE = tuple(
    (kind, re.compile(rf"(?<!\w){words}{_END}", re.IGNORECASE))
    for kind, words in (
        (
            _LEAST,
            r"(?:at least|(?:no|not) (?:less|fewer|shorter)(?: than)?|min(?:imum|\.)?(?: of|:)?"
            r"|(?<!no )(?<!not )more than|over|(?<!no )(?<!not )longer than"
            r"|mindestens|wenigstens|au moins|plus de|al menos|por lo menos|más de|mínimo(?: de)?"
            r"|pelo menos|mais de)",
        ),
        (
            _MOST,
            r"(?:at (?:the )?most|(?:no|not|never|nicht)(?: be| use| have)? (?:more|longer|greater|mehr"
            r"|länger)(?: than|"
            r" als)?|up to|max(?:imum|imal|\.)?(?: length)?(?: of| is|:)?|limit(?: of| is|:)?|(?:fewer"
            r"|less|shorter) than"
            r"|under|within|below|not exceed(?:ing)?|without exceeding|exceeding|höchstens|weniger als"
            r"|unter|au plus"
            r"|au maximum|moins de|pas plus de|maximum|(?:como )?máximo(?: de)?|menos de|no más de"
            r"|no máximo|não mais de"
            r"|(?:limit|keep|restrict|cap|confine|hold)\w* (?:[\w'’]+ ){0,5}(?:to|under|within|below|at))",
        ),
        (
            _ABOUT,
            r"(?:about|around|approx(?:imately|\.)?|roughly|circa|some|nearly|almost|ca\.|etwa|ungefähr"
            r"|rund|environ"
            r"|unos|unas|alrededor de|cerca de|~)",
        ),
        (
            _EXACT,
            r"(?:exactly|precisely|genau|exactement|exactamente|exatamente|(?:just|only)(?: in)?|in|into"
            r"|using|use|as"
            r"|auf|mit|en|dans|avec|con|em|com|in nur|length:|(?:word|sentence) count:|\(|in just|en sólo"
            r"|en solo"
            r"|(?:should|must|shall|has to|needs to) (?:only |just )?(?:be|have|contain|use"
            r"|take)(?: exactly| only)?"
            r"|(?:shorten|condens|reduc|summari[sz]|boil|cut|trim|compress|expand|kürz|resum"
            r"|résum)\w* (?:[\w'’]+ ){0,6}"
            r"(?:to|into|down to)|(?:poem|verse|stanza|song|text|story|essay|summary|paragraph|answer"
            r"|letter|response"
            r"|description|review|speech|article|sentence|caption|length) (?:of|with))(?: just| only"
            r"| exactly| a)*",
        ),
    )
)
_AFTER = (
    (_MOST, re.compile(r"\W{0,2}(?:or (?:less|fewer|under|shorter)|oder weniger|ou moins|o menos"
                       r"|at (?:the )?most"
                       r"|max\w*"
                       r"|maximal|tops|limit|höchstens)\b", re.IGNORECASE)),
    (_LEAST, re.compile(r"\W{0,2}(?:or (?:more|longer)|oder mehr|ou plus|o más|minimum|at (?:the )?least)\b",
                        re.IGNORECASE)),
    (_EXACT, re.compile(r" (?:only|exactly|long)\b", re.IGNORECASE)),
    (_ABOUT, re.compile(r"\W{0,2}(?:or so|approximately|roughly)\b", re.IGNORECASE)),
)  # fmt: skip
_WRITES = re.compile(
    r"\b(?:write|compose|create|draft|generate|give|provide|produce|make|tell|answer|respond|reply|craft"
    r"|prepare|pen"
    r"|choose|suggest|find|schreibe?|verfasse|erstelle|écri\w*|rédige\w*|escrib\w*|redacta"
    r"|escreva)\b[^.!?\n]{0,60}$",
    re.IGNORECASE,
)
_WRITES_IT = re.compile(
    r"\b(?:write|compose|generate|give|create|provide|draft|schreibe?|verfasse|écri[stv]\w*|rédige\w*"
    r"|escrib[ea]"
    r"|redacta|escreva)(?: me| us| mir)?(?: exactly| a| an| just| only| genau)*\W?$",
    re.IGNORECASE,
)
_THE_OUTPUT = re.compile(
    r"(?:[\w-]+ ){0,2}?(?:summary|essay|story|paragraph|description|poem|answer|response|explanation"
    r"|review|article"
    r"|letter|e-?mail|post|speech|statement|note|biography|bio|introduction|overview|message|tagline"
    r"|slogan|headline"
    r"|title|report|abstract|text|definition|reply|blurb|piece|caption|name|mood|phrase|adjective|synonym"
    r"|verse|tale"
    r"|sentence)\b",
    re.IGNORECASE,
)
_CHINESE = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            _MOST,
            r"(?:不超过|最多|不多于|少于|控制在)\s?(?P<n>\d{1,5}|[一两二三四五六七八九十])\s?个?(?P<unit>[字句])",
        ),
        (_MOST, r"(?P<n>\d{1,5}|[一二三四五])\s?个?(?P<unit>字|文字|文|句)(?:以内|之内|以下)"),
        (_EXACT, r"(?:用|以)(?P<n>[一两二三四五])(?P<unit>[句段])话?"),
        (_EXACT, r"(?P<n>[一二三])(?P<unit>文)で"),
    )
)
_FORMS = {"haiku": 3, "limerick": 5, "couplet": 2, "quatrain": 4, "sonnet": 14, "tanka": 5, "cinquain": 5}
_FORM = re.compile(
    rf"^\W*(?:please )?(?:write|compose|create|schreibe?|verfasse|écri\w*|escribe|generate"
    rf"|give me) (?:me )?(?:an?|eine?n?"
    rf"|une?|una?|one) (?:(?!about)[\w-]+ ){{0,2}}?(?P<form>{'|'.join(_FORMS)})\b(?!s|-| with| of| each)",
    re.IGNORECASE,
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


@dataclass(frozen=True, slots=True)
class Limit:
    """What is asked: kind `at most`, `at least`, `about`, `exactly` or `between`, the last with its `low`."""

    kind: str
    number: int
    unit: str
    low: int = 0

    @property
    def shown(self) -> str:
        """As people are told."""
        numbers = f"{self.low} to {self.number}" if self.kind == "between" else f"{self.kind} {self.number:,}"
        return f"{numbers} {self.unit}{'s' if self.number != 1 else ''}"


@lru_cache(maxsize=256)
def limits_of(instruction: str) -> tuple[Limit, ...]:
    """Those that it sets for the whole output; none where parts of it have limits of their own."""
    if instruction.isascii() and _UNIT_BEGINNINGS.isdisjoint(beginnings_of(instruction)):
        return ()
    if not _SPEAKS_OF_ONE.search(instruction) or _HOW_MANY.search(instruction):
        return ()
    if form := _FORM.match(instruction):
        return (Limit(_EXACT, _FORMS[form["form"].lower()], "line"),)
    for kind, pattern in _CHINESE:
        if match := pattern.search(instruction):
            limit = Limit(kind, number_of(match["n"]) or 0, _unit(match["unit"]))
            return (limit,) if limit.number else ()
    found: dict[Limit, None] = {}
    for sentence in _CLAUSES.split(without_quotes(instruction)):
        for match in _QUANTITY.finditer(sentence):
            if read := _limit(match, sentence):
                found[read] = None
    kinds = [each.unit for each in found]
    return tuple(found) if len(set(kinds)) == len(kinds) and not {"word", "sentence"} <= set(kinds) else ()


_CLAUSES = re.compile(r"(?<=[.!?])\s+(?![a-z\d])|\n")
_HOW_MANY = re.compile(r"\bhow (?:many|much|long)\b|wie viele|combien|cuánt", re.IGNORECASE)


def _unit(name: str) -> str:
    return next((unit for unit, stems in _UNITS.items() if name.lower().startswith(stems)), "")


def _limit(match: re.Match[str], sentence: str) -> Limit | None:
    before, after = sentence[: match.start()], sentence[match.end() :]
    kind = _kind(match, before, after)
    word = match["n"].lower()
    number = 1 if word in ("a", "an", "single") else number_of(word)
    unit = _unit(match["unit"])
    low = number_of(match["low"] or "") or 0
    if not kind or not number or not unit or (kind == "between" and not 0 < low < number):
        return None
    if word in ("a", "an") and (kind in (_LEAST, _ABOUT) or _USES.search(before) or "-" in match[0]):
        return None
    if _SHOWN.search(before) or (_SECOND_COMMAND.search(before) and not _FIRST_READS.search(before)):
        return None
    if (_THEN.search(after) and kind != _LEAST) or _AND_MORE.search(after) or _OF_A_TEXT.match(after):
        return None
    if (
        _OF_PARTS.search(f"{before} {after}")
        or (_OF_OTHERS.search(before) and not _MAIN_OBJECT.match(before))
        or _ASKS_ABOUT.search(before or match[0])
    ):
        return None
    return Limit(kind, number, unit, low)


_AND_MORE = re.compile(r"\b(?:and|plus|followed by) an? (?:[\w-]+ ){0,3}(?:of|with|in)\b", re.IGNORECASE)
_USES = re.compile(r"^\W*(?:use|make|put|using|rewrite|write|combine|form)\b", re.IGNORECASE)
_SHOWN = re.compile(
    r"\b(?:are|is|be|been|being) (?:\w+ )?(?:given|presented|shown)\b|\bconsist(?:s|ing) of\b"
    r"|\bcontain(?:s|ing)\b"
)
_OF_A_TEXT = re.compile(
    r"\s*(?:of|from|in) (?:the|this|a|each) (?:\w+ )?(?:text|story|article|passage|essay|book|poem)"
    r"| (?:that|which|with|describing the) (?:rhyme|start|begin|contain|mean)",
    re.IGNORECASE,
)


def _kind(match: re.Match[str], before: str, after: str) -> str:
    """By the words around the number; empty for a number that is no limit."""
    alternative = (match["alt"] or "").lower()
    if alternative:
        return _LEAST if "more" in alternative else _MOST
    if match["low"]:
        return "between"
    for kind, pattern in _AFTER:
        if pattern.match(after):
            return kind
    for kind, pattern in _BEFORE:
        if pattern.search(before):
            return kind
    if match["hyphen"] or re.match(r"\w+-\w", match[0]):
        return (
            _EXACT
            if _THE_OUTPUT.match(after.lstrip()) and (_WRITES.search(before) or not before.strip(" \"'"))
            else ""
        )
    unit = _unit(match["unit"])
    if (
        _WRITES_IT.search(before)
        and unit in ("sentence", "paragraph")
        and match["n"].lower() not in ("a", "an")
    ):
        return _EXACT
    return ""
