"""How many items an instruction asks for.

Read by structure: a number belongs to what is asked for when only words such as `me`, `a list of` or
`at least` stand between it and a word of request (`name`, `what are`, `I need`), or when it counts parts of
the output (`in five steps`, `a quiz with four questions`, `a five-item list`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from selfinstruct.filters.signals.base import NUMBER, NUMBERS, number_of, without_quotes, words_of

__all__ = ["Wanted", "wanted_count"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """From `low` to `high` items; `shown` as people are told."""

    low: int
    high: float
    shown: str


_VERBS = (
    r"list|name|give|provide|suggest|generate|write|come up with|create|find|propose|recommend|brainstorm"
    r"|state"
    r"|identify|mention|choose|pick|select|tell|share|offer|produce|show|think of|describe|make|outline"
    r"|invent"
    r"|enumerate|cite|compose|develop|design|highlight|supply|explain|present|discuss|quote|compile|draft"
    r"|note"
    r"|point out|devise|formulate|extract|specify|recall|say|return|submit|print|imagine|record|jot"
    r"|put together"
    r"|need|want|would like|looking for|wants|what are|which are|which|what"
    r"|nenne\w*|liste|gib|geben sie|nennen sie|schreibe?|finde|zähle?|schlage?|erstelle|beschreibe|was sind"
    r"|welche\w*|sag|empfiehl|erfinde|cite[zr]?|donne[zr]?|énumère[zr]?|nomme[zr]?|propose[zr]?|écri\w+"
    r"|quels sont"
    r"|quelles sont|trouve[zr]?|liste[zr]?|suggère[zr]?|indique[zr]?|enumer[ae]|nombra|nombre|dame|da|dime"
    r"|menciona|escribe|lista|sugiere|propón|proporciona|cuáles son|recomienda|encuentra|haz|dê|escreva|liste"
    r"|mencione|sugira|quais são|diga|indique|elenca|cita|cites?"
)
_FILLERS = (
    r"me|us|mir|uns|moi|down|out|up|off|please|bitte|also|then|only|just|simply|the|a|an|my|your|some"
    r"|another|any"
    r"|these|first|top|main|list|lists|set|series|collection|selection|short|brief|numbered|bulleted"
    r"|quick|of|with"
    r"|containing|exactly|precisely|genau|in|total|all|for|random|names? of|names|examples?|liste|von|mit"
    r"|eine?"
    r"|une|de|los|las|les|des|die|as|os|uma|una|at|least|most|no|more|than|fewer|less|up|to|maximum|minimum"
    r"|mindestens|höchstens|au|moins|plus|al|menos|como|máximo|between|from|not|and"
)
_COUNT = (
    rf"(?:(?P<low>{NUMBER})\s?(?:to|or|-|–|and|bis|oder|à|ou|a|o|y|e)\s?)?(?P<number>{NUMBER})"
    r"(?![\w%°$€£]|[.,:/]\d|\s?(?:%|°|\$|€|£)|\s?[-–]\s?\d|-(?!item|point|step|question|part|line))"
)
_ASKED = re.compile(
    rf"(?<!\w)(?P<verb>{_VERBS})(?P<fillers>(?:[ -](?:{_FILLERS})){{0,8}})[ \n]{_COUNT}"
    r"(?P<rest>[^.!?\n;:()]*)",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"^\W*(?:the |top |your )*{_COUNT}(?P<rest> [^.!?\n;:()]*)", re.IGNORECASE)
_PARTS = (
    r"(?:items|ideas|examples|points|options|names|questions|tips|reasons|facts|hashtags|entries|ingredients"
    r"|suggestions|titles|adjectives|keywords|tags|steps|bullets|bullet[- ]points|arguments|benefits"
    r"|advantages"
    r"|stichpunkten?|schritten|punkten|beispielen?|gründen|fragen|étapes|points|exemples|raisons|pasos|puntos"
    r"|ejemplos|razones|preguntas|passos|pontos|exemplos)"
)
_OF_PARTS = re.compile(
    rf"\b(?:in|with|using|into|of|containing|includ\w+|have|has|contain|add|as|mit|en|avec|con|em|com)"
    rf"(?P<fillers>(?: (?:{_FILLERS})){{0,5}}) {_COUNT}(?P<rest> (?:[\w-]+ ){{0,2}}?{_PARTS}\b(?! (?:each"
    rf"|per|long))"
    r"[^.!?\n;:()]*)",
    re.IGNORECASE,
)
_LIST_OF = re.compile(
    rf"\b(?:lists?|set|series|collection|liste|lista) (?:of|with|von|mit|de|con|com)"
    rf"(?P<fillers>(?: (?:{_FILLERS})){{0,5}}) {_COUNT}(?P<rest> [^.!?\n;:()]*)",
    re.IGNORECASE,
)
_ITEM_LIST = re.compile(
    rf"\b(?P<number>{NUMBER})[- ](?P<rest>(?:item|point|step|question|bullet|entry"
    rf"|ingredient)(?=[- ])[^.!?\n;:()]*)",
    re.IGNORECASE,
)
_AFTER_NOUN = re.compile(
    r"^\W*(?:list|name|give|provide|suggest)\b[^.!?\n()]*\((?P<rest>)(?P<number>\d{1,2})(?: \w+)?\)",
    re.IGNORECASE,
)
_FRAMES = (_ITEM_LIST, _ASKED, _FIRST, _LIST_OF, _OF_PARTS, _AFTER_NOUN)
_CHINESE = re.compile(
    r"(?:列出|列举|给出|给我|写出|说出|举出|举|提供|推荐|提出|生成|想出|介绍|描述|写)(?:我|一下)?(?P<bound>至少|最多)?"
    r"(?P<number>[两二三四五六七八九十]|\d{1,2})(?:个|种|条|项|点|部|本|位|首|件|座|道|款|只|名|类)"
)
_JAPANESE = re.compile(
    r"(?P<number>[二三四五六七八九十]|\d{1,2})(?:つ|個|種類|冊|点|例|選|人|か所)(?P<bound>以上|以内)?"
    r"(?:の[^。、]{1,12})?[をに]?(?:挙げ|あげ|教え|書い|提案|紹介|述べ|考え|リスト|列挙|選ん|示し)"
)
_STOPS = frozenset(
    [
        "of",
        "in",
        "for",
        "about",
        "that",
        "from",
        "with",
        "to",
        "on",
        "and",
        "or",
        "which",
        "who",
        "when",
        "by",
        "at",
        "as",
        "so",
        "where",
        "while",
        "before",
        "after",
        "using",
        "during",
        "you",
        "i",
        "we",
        "they",
        "von",
        "für",
        "aus",
        "in",
        "im",
        "über",
        "die",
        "der",
        "das",
        "de",
        "du",
        "des",
        "d",
        "pour",
        "sur",
        "dans",
        "qui",
        "que",
        "para",
        "sobre",
        "en",
        "del",
        "da",
        "do",
        "dos",
        "no",
        "na",
        "auf",
        "vor",
        "an",
        "einer",
        "eines",
        "zum",
        "zur",
        "com",
        "your",
        "per",
        "each",
        "is",
        "are",
        "was",
        "were",
        "can",
        "could",
        "should",
        "please",
        "she",
        "he",
        "it",
    ]
)
_UNITS = re.compile(
    r"(?:words?|sentences?|paragraphs?|characters?|letters?|lines?|syllables?|pages?|minutes?|hours?"
    r"|days?|weeks?"
    r"|months?|years?|seconds?|dollars?|euros?|stars?|digits?|stanzas?|verses?|chapters?|people|persons?"
    r"|percent|cups?"
    r"|grams|parts|dimensions|columns?|rows?|tables?|sets?|pairs?|times|characters|friends|players"
    r"|sätzen?|satz"
    r"|wörtern?|wort|absätze\w*|zeilen|zeichen|phrases?|mots?|lignes|frases?|palabras?|oraciones|líneas"
    r"|linhas"
    r"|palavras|feet|miles|kilomet\w+|meters|servings|figures|turns|acts|scenes|rooms|children"
    r"|participants|users"
    r"|numbers|integers|variables|lists|strings|arrays|more|different|hundred|thousand|million|o'clock"
    r"|dozen|groups"
    r"|teams|voices|speakers|parties|sides)$",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"(?:[sneriax]|people|fish|sheep|teeth|feet)$", re.IGNORECASE)
_LISTED_UNITS = re.compile(
    r"(?:words|sentences|people|pairs|phrases|letters|numbers|rooms|wörter|mots|palabras)$", re.I
)
_LISTS = re.compile(
    r"(?:list|name|give|provide|suggest|generate|find|think of|come up with|pick|select|choose|identify"
    r"|nenne\w*"
    r"|cite|donne|what are|which|brainstorm)$",
    re.IGNORECASE,
)
_MULTIPLIED = re.compile(
    r"\b(?:each|every|per|respectively|apiece|both|jeweils|für jede[rsnm]?|chaque|chacun\w*|cada)\b"
    rf"|(?:\b(?:and|or|und|et|y|e)|,) (?:then )?(?:\w+ )?(?:{NUMBER}|a list of)\b|\band (?:list|give"
    rf"|describe|write|the)\b",
    re.IGNORECASE,
)
_RECKONS = re.compile(
    r"\bhow (?:many|much|long|old|far)\b|wie viele?\b|combien|cuánt[oa]s?|quant[oa]s|difference between"
    r"|多少|几个",
    re.IGNORECASE,
)
_IN_FORMAT = re.compile(
    r"\b(?:CSV|JSON|table|tabelle|YAML|XML|HTML|spreadsheet|dictionary|array|code|function|python|SQL"
    r"|program|groups?"
    r"|sum|product|between two)\b|\b(?:write|compose|create|make|tell) (?:[\w-]+ ){0,3}(?:poem|story|song"
    r"|dialogue"
    r"|conversation|essay|play|scene)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"at least|minimum|more than|mindestens|wenigstens|au moins|al menos|por lo menos|pelo menos"
    r"|no (?:less|fewer)"
)
_MOST = re.compile(
    r"at most|no more|not more|up to|maximum|fewer than|less than|höchstens|maximal|au plus|como máximo"
    r"|no máximo"
)
_OR_MORE = re.compile(
    r"\b(?:or|oder|ou|o) (?:more|mehr|plus|más|mais)\b|\bat least\b|\bminimum\b", re.IGNORECASE
)
_OR_LESS = re.compile(
    r"\b(?:or|oder|ou|o) (?:less|fewer|weniger|moins|menos)\b|\bat most\b|\bmax(?:imum)?\b", re.IGNORECASE
)
_MOST_ITEMS = 60
_NUMBERS = frozenset(word for word, number in NUMBERS.items() if number > 1)
_DIGIT = re.compile(r"\d|[两二三四五六七八九十]")


@lru_cache(maxsize=256)
def wanted_count(instruction: str) -> Wanted | None:
    """None where no number of items is asked for, or several are."""
    if words_of(instruction).isdisjoint(_NUMBERS) and not _DIGIT.search(instruction):
        return None
    if len(instruction) > 600 or _RECKONS.search(instruction) or _IN_FORMAT.search(instruction):
        return None
    instruction = without_quotes(instruction)
    if found := _CHINESE.search(instruction) or _JAPANESE.search(instruction):
        return _in_chinese(found)
    for frame in _FRAMES:
        found_here = list(frame.finditer(instruction))
        if len(found_here) > 1:
            return None
        if found_here:
            return _read(found_here[0])
    return None


def _in_chinese(match: re.Match[str]) -> Wanted | None:
    number, bound = number_of(match["number"]) or 0, match["bound"] or ""
    if number < 2:
        return None
    low = 0 if bound in ("最多", "以内") else number
    return Wanted(low, float("inf") if bound in ("至少", "以上") else number, f"{bound} {number}".strip())


def _read(match: re.Match[str]) -> Wanted | None:
    groups = match.groupdict()
    number, rest = number_of(groups["number"]), groups["rest"]
    if number is None or not 1 < number <= _MOST_ITEMS:
        return None
    words: list[str] = []
    for word in rest.replace(",", " , ").replace("-", " ").split()[:7]:
        if word.lower() in _STOPS or word in (",", "“…”"):
            break
        words.append(word)
    noun = words[-1] if words else ""
    listing = _LISTS.match(groups.get("verb") or "") is not None
    unit = next((word for word in (words[:1] + words[-1:]) if _UNITS.match(word)), "")
    if unit and not (listing and _LISTED_UNITS.match(unit)):
        return None
    if noun and match.re is not _ITEM_LIST and not _PLURAL.search(noun):
        return None
    after = rest[rest.find(noun) + len(noun) :] if noun else rest
    if _MULTIPLIED.search(after) or (
        not noun and not after.strip().lower().startswith(("of ", "von ", "de "))
    ):
        return (
            None
            if groups["rest"].strip() or match.re is not _AFTER_NOUN
            else Wanted(number, number, str(number))
        )
    fillers, low = (groups.get("fillers") or "").lower(), number_of(groups.get("low") or "")
    shown = f"{number} {noun}".strip()
    if low and low < number:
        return Wanted(low, number, f"{low} to {shown}")
    if _MOST.search(fillers) or _OR_LESS.search(after[:14]):
        return Wanted(0, number, f"at most {shown}")
    if _LEAST.search(fillers) or _OR_MORE.search(after[:14]):
        return Wanted(number, float("inf"), f"at least {shown}")
    return Wanted(number, number, shown)
