"""What an instruction asks for in so many words: labels, counts, lengths. And whether the output keeps to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from selfinstruct.filters.signals.base import number_of, plain, speaks_of, without_code
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.stems import stemmed_tokens
from selfinstruct.text.tokens import count_words

__all__ = ["LabelNotNamed", "LengthLimit", "WrongCount"]

_LABEL = r"(?:[\"'“‘«„`(*]*[\w][\w'’/+&-]*(?:[ -][\w'’/+&-]+){0,3}[\"'”’»“`)*]*)"
_JOINS = r"(?:,? (?:or|and|oder|und|ou|et|o|y|u|vs\.?|versus) |, |/| \| |; |、|或者?|还是|和)"
_LABELS = rf"(?P<labels>{_LABEL}(?:{_JOINS}(?:an? )?{_LABEL}){{1,11}})"
_NAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:classif|categori|label|tag|mark|identif|rate|grade|judge|assess|sort|assign|evaluate|determine|decide|detect)[^.!?\n:]{{0,80}}?\b(?:as|into|is) (?:either |one of |being )?(?:an? )?{_LABELS}(?=[.!?,;:)\n]|$| based| depending| according| in | by )",
        rf"\b(?:as|is) either (?:an? )?{_LABELS}(?=[.!?,;:)\n]|$| based| depending)",
        rf"\b(?:answer|respond|reply|output|return|say|write|print|state|choose|pick|select) (?:only )?(?:with |using |either |from |between |if )*(?:only )?(?:either )?(?P<labels>[\"'“‘]?(?:yes|no|true|false|positive|negative|spam|ham|correct|incorrect|valid|invalid)[\"'”’]?(?:{_JOINS}(?:with )?{_LABEL}){{1,5}})(?=[.!?,;:)\n]|$| depending| based| if)",
        rf"\b(?:categories|classes|labels|options|choices|sentiments|genres|tones|emotions|topics|types|one of the following|possible answers|possible labels|kategorien|optionen|catégories|options suivantes|categorías|opciones|类别|选项|标签)(?: \w+){{0,3}}?(?: are| is|sind|sont|son)?\s*[:：(]\s*{_LABELS}(?=[.!?;:)\n。]|$)",
        rf"(?:classif|categori|label|sentiment|genre|tone|emotion|whether|kind|type)[^.!?\n]{{0,80}}?[(:：]\s*{_LABELS}\)?(?=[.!?;:)\n]|$)",
        rf"\b(?:als|comme|como) (?:entweder |soit )?{_LABELS}(?=[.!?,;:)\n]|$| ein)",
    )
)
_TRUE_FALSE = re.compile(r"\b(?:is|whether|if|are|determine|decide|say|tell)\b[^.?\n]{0,80}\b(?P<labels>true or false|yes or no)\b|^\W*(?P<first>true or false|yes or no)\b", re.IGNORECASE)
_OPEN_ENDED = re.compile(r"\b(?:such as|e\.g|for example|for instance|like|including|etc|or other|and so on|or another|and others|or something)\b|z\. ?B\.|par exemple|por ejemplo|如|等", re.IGNORECASE)
_NO_LABEL = frozenset(
    "a an the it them this that each their its your you and or of in to explain why describe not neither both none"
    " follows follow one two three based given".split()
)
_DECIDES = speaks_of(
    "classif* categori* label* tag sentiment* determine decide identif* whether is are which detect* choose select* pick answer* respond reply"
    " rate grade judge* assess* assign* evaluat* sort mark tell say true yes spam type kind genre tone emotion* output predict* klassifizier* ordne"
    " bestimme entscheide classe* catégoris* clasifi* categoriz* identifi* 分类 判断 predict* state category"
)
_BEYOND = speaks_of("explain* why reason* justif* rewrite* convert* write_a story example* neither unclear unsure unknown otherwise both all_that_apply number score scale")
_SYNONYMS = {
    "yes": {"yeah", "yep", "true", "correct"}, "true": {"yes", "correct"}, "false": {"no", "incorrect", "wrong"},
    "no": {"nope", "false", "not"}, "ja": {"yes"}, "nein": {"no"}, "positive": {"pos"}, "negative": {"neg"},
    "neutral": {"mixed"}, "correct": {"right"}, "incorrect": {"wrong"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelNotNamed:
    """A label that is none of those among which the instruction has to choose.

    most_words: outputs that are longer are no labels.
    """

    name: ClassVar[str] = "label_not_named"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("label_not_named",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The instruction names the labels, and the output is none of them."
    example: ClassVar[Row] = Row(
        "Classify the sentiment as positive, negative or neutral.", "The soup was cold.", "disappointed"
    )
    most_words: int = 6

    def __call__(self, row: Row) -> Verdict | None:
        output = row.output.strip()
        if not output or "\n" in output or count_words(output) > self.most_words:
            return None
        labels = _labels(row.instruction)
        if not labels:
            return None
        said = _folded(output)
        words = _stems(said)
        for label in labels:
            folded = _folded(label)
            if folded in said or said in folded or (_stems(folded) or {folded}) <= words:
                return None
            if words & _SYNONYMS.get(folded, set()):
                return None
        return Verdict("label_not_named", f"{output[:40]!r} is none of {', '.join(labels)[:80]}")


@lru_cache(maxsize=256)
def _labels(instruction: str) -> tuple[str, ...]:
    """Those that it names, two or more; none where the choice is open."""
    if not _DECIDES(instruction) or _BEYOND(instruction):
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
            labels = [re.sub(r"^(?:an?|the|either|eine?|une?|una?) ", "", each, flags=re.IGNORECASE) for each in labels]
            if len(labels) > 1 and all(each and plain(each) not in _NO_LABEL and not _NOT_A_LABEL.search(each) for each in labels):
                return tuple(labels)
    return ()


_NOT_A_LABEL = re.compile(r"\b(?:the|it|its|is|are|you|your|their|them|this|that|explain|why|what|how|provide|give|write|reason|follow(?:s|ing)|then|if|return|list|include|one of)\b", re.IGNORECASE)


def _stems(text: str) -> set[str]:
    return set(stemmed_tokens(text))


def _folded(text: str) -> str:
    return plain(text.replace("-", " "))


# ------------------------------------------------------------------------ counts

_NUMBER = (
    r"(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|deux|trois|quatre|cinq|sept|huit|neuf|dix|dos|tres|cuatro"
    r"|cinco|siete|ocho|nueve|diez)"
)
_BOUND = r"(?P<bound>at least|at most|no more than|up to|a minimum of|a maximum of|exactly|more than|mindestens|höchstens|au moins|au plus|al menos|como máximo)"
_ITEMS = (
    r"(?:list|name|give|provide|suggest|generate|write|come up with|create|find|propose|recommend|brainstorm|identify|mention"
    r"|state|choose|pick|tell|share|offer|produce|show|think of|describe|make|outline|enumerate|cite|compose|develop|design|highlight"
    r"|nenne|nennen sie|liste|gib|geben sie|schreibe|schreib|finde|cite[zr]?|donne[zr]?|énumère|nomme[zr]?|propose[zr]?|écri[st]"
    r"|enumera|nombra|dame|da|menciona|escribe|lista|sugiere|propón|proporciona)"
)
_COUNTED = re.compile(
    rf"(?:^|[.!?:;,]\s+|\n|\band (?:then )?|\bto |\bplease |\byou |\bkindly )(?:please )?{_ITEMS}(?: down| out| up| mir| me| us| moi| me)?"
    rf"(?: a (?:short |brief |numbered |bulleted )?(?:list|set|series|collection) of| a list containing| a list with)?(?: the| my| your| some| another| any)?(?: {_BOUND})?(?: the)?"
    rf" {_NUMBER}(?!\s?[-–—]\s?(?:\d|[a-z])|[.,]\d| (?:to|or|bis|à|a) (?:\d|\w+ (?:ways|ideas))|%|\s?(?:°|\$|€|am|pm)\b|th\b|st\b|nd\b|rd\b)"
    rf" (?P<noun>(?:(?!of |in |for |about |that |from |with |to |on |and |or |von |de |para )[\w'’-]+,? ){{0,4}}?[\w'’-]{{2,}}(?:s|ren|en|n|er|x|e|a))\b(?P<after>[^.!?\n]*)",
    re.IGNORECASE,
)
_CHINESE_COUNT = re.compile(r"(?:列出|列举|给出|写出|说出|举出|提供|推荐|提出|生成|想出)(?P<bound>至少|最多)?(?P<number>[两二三四五六七八九十]|\d{1,2})(?:个|种|条|项|点|部|本|位)")
_NOT_COUNTED = re.compile(
    r"\b(?:words?|sentences?|paragraphs?|characters?|letters?|lines?|syllables?|pages?|minutes?|hours?|days?|weeks?|months?|years?|seconds?|dollars?"
    r"|stars?|digits?|stanzas?|verses?|chapters?|people|persons|percent|points?|cups?|grams|parts|dimensions|columns?|rows?|tables?|sets?|pairs?|times"
    r"|sätze|wörter|phrases|mots|frases|palabras|oraciones|feet|miles|players|servings|figures|turns|steps)$",
    re.IGNORECASE,
)
_MULTIPLIED = re.compile(r"\b(?:each|every|per|respectively|apiece|for both|both|jeweils|chaque|chacun|cada)\b|\b(?:and|,) (?:one|two|three|four|five|\d+|a list of|list|give|describe|three|four) ", re.IGNORECASE)
_ITEM_LINE = re.compile(r"^(?P<indent>[ \t]*)(?:\*\*)?(?P<mark>\(?\d{1,3}[.):](?!\d)|\d{1,2}\s-\s|[-*•–+●▪]|#{1,4} ?\d{1,2}[.):]|[a-zA-Z][.)]|(?:Step|Item|Tip|Idea|Example|Question|Q|Reason|Fact|Day|No\.?|#|Number|Option)\s?\d{1,2}\s?[:.)-])\s*\S", re.IGNORECASE)
_IN_LINE = re.compile(r"(?:^|\s)\(?(\d{1,2})[.)](?=\s)")
_CJK_SPLIT = re.compile(r"[、；]")


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A list with more or fewer items than the instruction asks for."""

    name: ClassVar[str] = "wrong_count"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("wrong_count",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The instruction asks for a number of items, and the list has another."
    example: ClassVar[Row] = Row("List five fruits.", "", "apple, pear, plum")

    def __call__(self, row: Row) -> Verdict | None:
        wanted = _wanted_count(row.instruction)
        if wanted is None:
            return None
        number, bound, noun = wanted
        counts = set(_item_counts(without_code(row.output).strip()))
        if not counts or any(_keeps(count, number, bound) for count in counts):
            return None
        found = min(counts, key=lambda count: abs(count - number))
        return Verdict("wrong_count", f"{found} of {f'{bound} ' if bound else ''}{number} {noun}".rstrip())


@lru_cache(maxsize=256)
def _wanted_count(instruction: str) -> tuple[int, str, str] | None:
    """The number, its bound and what is counted; None where none is asked for, or several are."""
    found = [match for match in _COUNTED.finditer(instruction)]
    if len(found) == 1:
        match = found[0]
        number, noun = number_of(match["number"]), match["noun"].split()[-1]
        if number is None or number < 2 or number > 60:
            return None
        verb = match[0].lower()
        if _NOT_COUNTED.search(noun) and not (
            re.match(r"words?$|sentences?$|points?$|sets?$|pairs?$|people$|steps$|letters$|phrases$", noun, re.IGNORECASE)
            and re.search(r"\b(?:list|name|give|provide|suggest|generate|find|think|come up|nenne|cite|donne)", verb)
            and not re.search(r"\b(?:in|of|summary|description) ", verb[: match.start("number") - match.start()])
        ):
            return None
        if _MULTIPLIED.search(match["after"]) or re.search(r"\b(?:another|more)\b", match["noun"]):
            return None
        return number, (match["bound"] or "").lower(), noun
    if not found and (chinese := _CHINESE_COUNT.search(instruction)):
        number = number_of(chinese["number"])
        if number and number > 1:
            return number, chinese["bound"] or "", ""
    return None


def _keeps(count: int, number: int, bound: str) -> bool:
    if bound in ("at least", "a minimum of", "mindestens", "au moins", "al menos", "至少", "more than"):
        return count >= number
    if bound in ("at most", "no more than", "up to", "a maximum of", "höchstens", "au plus", "como máximo", "最多"):
        return 1 <= count <= number
    return count == number


def _item_counts(output: str) -> Iterator[int]:
    """Every count that a reader could come to; none for what is no list."""
    lines = [line for line in output.splitlines() if line.strip()]
    marked = [match for line in lines if (match := _ITEM_LINE.match(line))]
    if len(marked) > 1 or (marked and len(lines) <= 3):
        shallow = min(len(each["indent"]) for each in marked)
        top = [each for each in marked if len(each["indent"]) == shallow]
        yield len(top)
        kinds = {each["mark"][:1].isdigit() for each in top}
        if len(kinds) > 1:  # numbered headings with bullets under them, or the other way round
            yield sum(each["mark"][:1].isdigit() for each in top)
            yield sum(not each["mark"][:1].isdigit() for each in top)
        headings = [line for line in lines if line.strip().startswith(("**", "#")) or line.rstrip().endswith(":")]
        if headings:
            yield len(headings)
        if len(marked) != len(top):
            yield len(marked)
        unmarked = [line for line in lines if not _ITEM_LINE.match(line)]
        if len(unmarked) > 1:
            yield len(lines)
        return
    numbers = [int(number) for number in _IN_LINE.findall(output)]
    if numbers[:2] == [1, 2]:
        run = 0
        for number in numbers:
            run = number if number == run + 1 else run
        yield run
        return
    if len(lines) > 1:
        yield len(lines)
        if lines[0].rstrip().endswith((":", "：")):
            yield len(lines) - 1
        if all(len(line) < 200 for line in lines):
            blocks = [block for block in re.split(r"\n\s*\n", output) if block.strip()]
            if len(blocks) > 1:
                yield len(blocks)
                yield len(blocks) - 1
        for line in lines:
            parts = len(_split_items(line))
            if parts > 2:
                yield parts
                yield sum(len(_split_items(each)) for each in lines)
        questions = output.count("?")
        if questions > 1:
            yield questions
        return
    yield from _inline_counts(output)


def _split_items(line: str) -> list[str]:
    text = re.sub(r"^[^:：]{0,60}[:：]\s*", "", line)
    text = re.sub(r",?\s+(?:and|or|und|oder|et|ou|y|e|o)\s+|\s*&\s*", ", ", text)
    return [part for part in re.split(r"[,，、;；]\s*", text.strip(" .。")) if part.strip()]


def _inline_counts(output: str) -> Iterator[int]:
    """Of one line: its parts between commas, where they are short; the counts with and without “and”."""
    sentences = [each for each in re.split(r"(?<=[.!?。！？])\s*", output) if each.strip()]
    if len(sentences) > 1:
        if len(sentences) > 2 or any(count_words(each) > 3 for each in sentences):
            yield len(sentences)
        if len(sentences) > 3 or any(len(_split_items(each)) > 2 for each in sentences):
            for each in sentences:
                yield len(_split_items(each))
        if output.count("?") > 1:
            yield output.count("?")
        if len(sentences) > 1 and not output.count("?"):
            return
        return
    parts = _split_items(output)
    if max(count_words(part) for part in parts or [output]) > 8:
        if len(parts) > 2:
            return
        return
    yield len(parts)
    text = re.sub(r"^[^:：]{0,60}[:：]\s*", "", output)
    yield len([part for part in re.split(r"[,，、;；]\s*", text.strip(" .。")) if part.strip()])
    yield len([part for part in re.split(r"[;；]\s*", text) if part.strip()]) if ";" in text else len(parts)
    if len(parts) > 1 and " is " not in output and len(output.split()) == len(parts):
        yield len(parts)
    if len(parts) == 1 and count_words(output) < 12:
        yield count_words(output)


# ------------------------------------------------------------------------ lengths

_N = r"(?P<n>\d{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|twenty-five|thirty|forty|fifty|(?:a |one )?hundred|ein(?:em|en)?|zwei|drei|vier|fünf|zehn|zwanzig|une?|deux|trois|quatre|cinq|dix|vingt|una?|dos|tres|cuatro|cinco|diez|veinte)"
_UNIT = r"(?P<unit>words?|sentences?|paragraphs?|characters?|lines?|wörtern?|wort|sätzen?|satz|absätzen?|absatz|zeichen|mots?|phrases?|paragraphes?|caractères?|palabras?|oraci(?:ón|ones)|frases?|párrafos?|caracteres)"
_MOST, _LEAST, _EXACT, _ABOUT = "at most", "at least", "exactly", "about"
_LIMITS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("between", rf"\b(?:between|from|of|in|to|with|zwischen|entre)? ?(?P<low>\d{{1,5}}|one|two|three|four|five)\s?(?:and|to|or|-|–|und|bis|et|à|y|a)\s?{_N} ?-?{_UNIT}\b(?! (?:or|and) (?:more|less|fewer))"),
        (_MOST, rf"\b(?:at most|no more than|not more than|up to|(?:a )?max(?:imum)?(?: of)?|fewer than|less than|under|within|below|not exceed(?:ing)?|exceed(?:ing)?|shorter than|limit(?:ed)? (?:\w+ ){{0,4}}to|keep (?:\w+ ){{0,3}}(?:to|under|within|below)|höchstens|maximal|weniger als|nicht mehr als|unter|au (?:plus|maximum)|moins de|pas plus de|como máximo|máximo(?: de)?|menos de|no más de)(?: at)?(?: than)?(?: of)? {_N} {_UNIT}\b"),
        (_MOST, rf"\b{_N} {_UNIT},? (?:or|oder|ou|o) (?:less|fewer|under|weniger|moins|menos)\b"),
        (_MOST, rf"\b{_N} {_UNIT} (?:at most|max(?:imum)?|at the most|or shorter|limit)\b"),
        (_LEAST, rf"\b(?:at least|no (?:less|fewer) than|(?:a )?min(?:imum)?(?: of)?|more than|over|longer than|mindestens|wenigstens|au moins|plus de|al menos|por lo menos|más de|mínimo(?: de)?) {_N} {_UNIT}\b"),
        (_LEAST, rf"\b{_N} {_UNIT} (?:or more|minimum|at least|at the least|or longer)\b"),
        (_ABOUT, rf"\b(?:about|around|approximately|roughly|circa|some|ca\.|etwa|ungefähr|environ|unos|alrededor de|approx\.?) {_N} {_UNIT}\b"),
        (_EXACT, rf"\b(?:exactly|precisely|genau|exactement|exactamente) {_N} {_UNIT}\b"),
        (_EXACT, rf"\b(?:in|into|to|using|with|as|of|auf|mit|en|dans|avec|con)(?: just| only| a total of| nur| seulement| solo)? (?:a |the )?(?P<one>single|{_N[10:-1]}) (?:(?:short|simple|clear|concise|brief|complete|full|kurzen?|courte?s?|corta?s?) )?{_UNIT}\b(?! (?:long|each|per|that|which|from|of|in|below|above|story|or (?:less|fewer|more)))"),
        (_EXACT, rf"\b(?:write|compose|generate|give|create|provide|draft|schreibe?|verfasse|écri[stv]\w*|rédige\w*|escribe|redacta) (?:me |us )?(?:exactly |a |an )?(?P<one>single|{_N[10:-1]}) (?:(?!and |of )[\w-]+ ){{0,2}}?(?P<unit2>sentences?|paragraphs?|sätze|satz|absätze|absatz|phrases?|paragraphes?|oraci(?:ón|ones)|frases?|párrafos?)\b"),
        (_EXACT, rf"\b(?:write|compose|create|draft|generate|give|provide|produce) (?:me |us )?(?:an? )?(?:[\w-]+ ){{0,2}}?{_N}[- ](?P<unit3>word|sentence|paragraph|line)s?,? (?:(?!that|which)[\w-]+ ){{0,2}}?(?:summary|essay|story|paragraph|description|poem|answer|response|explanation|review|article|letter|email|post|speech|statement|note|biography|bio|introduction|overview|message|tagline|slogan|headline|title|report|abstract|text|definition|reply|blurb|piece|caption)\b"),
        (_EXACT, r"\b(?P<one>one|single)[- ](?P<unit3>word|sentence|paragraph) (?:answer|response|reply|summary|description|definition|explanation)"),
    )
)
_OF_PARTS = re.compile(r"\b(?:each|every|per|apiece|both|individual|jeweils?|jede[rsnm]?|chaque|chacun|cada)\b", re.IGNORECASE)
_OF_OTHERS = re.compile(r"\b(?:title|headline|heading|subject line|caption|slogan|password|username|names?|words? (?:that|with|of)|explanation|reason|introduction|conclusion|justification|bullet|items?|tweets?|questions?|options?|lines?) (?:\w+ ){0,5}$", re.IGNORECASE)
_ASKS_ABOUT = re.compile(r"^\W*(?:is|are|does|do|did|how many|count|check|determine|which|what is the (?:number|length)|find|identify|extract|remove|filter|given|if|whether|classify|list|name|select|wie viele|combien|cuántas)\b|\b(?:function|program|script|code|regex|query|sql|python|javascript|whether|that (?:has|have|is|are|contains?))\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[\w])|(?<=[。！？])")
_NOT_AN_END = re.compile(r"(?:^|[\s(])(?:[A-Za-z]|e\.g|i\.e|etc|vs|[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof|[Ss]t|[Nn]o|[Jj]r|[Ss]r|[Ii]nc|approx|Fig|al|z\.B|bzw|ca|Nr|usw|\d{1,2}|[ap]\.m|U\.S|U\.K)\.[\"”’)\]]*$")


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
    "sentence": ("sentence", "satz", "sätz", "phrase", "oraci", "frase"),
    "paragraph": ("paragraph", "absatz", "absätz", "paragraphe", "párrafo"),
    "character": ("character", "zeichen", "caract"),
    "line": ("line",),
}


@lru_cache(maxsize=256)
def _limits(instruction: str) -> tuple[_Limit, ...]:
    """Those that it sets for the whole output."""
    if not any(char.isdigit() for char in instruction) and not _COUNT_WORD.search(instruction):
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


_COUNT_WORD = re.compile(r"\b(?:single|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|ein\w*|zwei|drei|vier|fünf|zehn|une?|deux|trois|quatre|cinq|dix|una?|dos|tres|cuatro|cinco|diez)\b", re.IGNORECASE)


def _limit(kind: str, match: re.Match[str], instruction: str) -> _Limit | None:
    groups = match.groupdict()
    word = groups.get("one") or groups.get("n") or ""
    number = 100 if "hundred" in word.lower() else number_of(word)
    name = (groups.get("unit") or groups.get("unit2") or groups.get("unit3") or "").lower()
    unit = next((unit for unit, stems in _UNITS.items() if name.startswith(stems)), "")
    before = re.split(r"[.!?\n]", instruction[: match.start()])[-1]
    after = re.split(r"[.!?\n]", instruction[match.end() :])[0]
    if number is None or number < 1 or not unit:
        return None
    if _OF_PARTS.search(before + " " + after) or _OF_OTHERS.search(before) or _ASKS_ABOUT.search(before or match[0]):
        return None
    if re.match(r"\s*(?:of|from|in) (?:the|this|a) (?:\w+ )?(?:text|story|article|passage|essay|book|poem)", after) or re.match(r" (?:that|which|with|describing the) (?:rhyme|start|begin|contain|mean)", after):
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
        spaced, counted = len([word for word in text.split() if any(map(str.isalnum, word))]), count_words(text)
        body = text.split("\n", 1)[-1] if "\n" in text and len(text.split("\n", 1)[0].split()) < 13 else text
        bare = len([word for word in body.split() if any(map(str.isalnum, word))])
        return min(spaced, counted, bare or spaced), max(spaced, counted)
    if unit == "character":
        return len(re.sub(r"\s", "", output)), len(output)
    blocks = [block for block in re.split(r"\n\s*\n", output) if block.strip()]
    lines = [line for line in output.splitlines() if line.strip()]
    if unit == "line":
        return (len(blocks) if False else len(lines)), max(len(lines), output.count(" / ") + 1)
    if unit == "paragraph":
        long = [block for block in blocks if len(block.split()) > 11]
        if output_format(output) in (Format.LETTER, Format.VERSE, Format.STEPS, Format.BULLETS, Format.DIALOGUE):
            return 1, len(lines)
        return min(len(long) or 1, len(blocks)), max(len(lines), 1)
    pieces = [piece for line in lines for piece in _SENTENCE.split(line) if piece and any(map(str.isalnum, piece))]
    least = len(pieces) - sum(_NOT_AN_END.search(piece.strip()) is not None for piece in pieces[:-1])
    capitals = sum(
        1
        for line in lines
        for before, piece in zip(_SENTENCE.split(line), _SENTENCE.split(line)[1:], strict=False)
        if piece and piece.lstrip("\"“‘([")[:1].islower() and before
    )
    semicolons = output.count(";") + output.count("…") + output.count(" - ")
    return max(least - capitals - (len(lines) - 1 if len(lines) > 1 and least > len(lines) and not output[:1].isalpha() else 0), 1), len(pieces) + semicolons + (1 if not pieces else 0)
