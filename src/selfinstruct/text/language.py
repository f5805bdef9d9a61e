"""Which language a text is in, where enough of it is there to tell.

By py3langid: naive Bayes over byte sequences, 140 languages, a model of 4.6 MB inside its wheel, no network.
Its confidence on few words is low, so that short texts have no language here rather than a wrong one. The
model takes half a second to load, at the first text that letters alone do not decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

__all__ = ["Language", "are_kin", "find_language", "language_name", "reads_like_english", "script_of"]

_READ_CHARACTERS = 240  # of a text: more changes little, and costs
_LEAST_LETTERS = 16
_LEAST_WORDS = 4
_ENOUGH_LETTERS = 60
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S+@\S+|<[^<>\n]{1,200}>|\$[^$\n]+\$"
    r"|[\w./\\-]*[_/\\][\w./\\-]+",
    re.DOTALL,
)
_ASCII_WORDS = re.compile(r"[a-z]+")
_ASCII_LETTERS = re.compile(r"[A-Za-z]")
_NOT_LETTERS = re.compile(r"[\d_!-&(-/:-@\[-^`{-~]+")

_KIN = tuple(
    frozenset(group.split())
    for group in (
        "no nb nn da",
        "hr bs sr",
        "id ms jv su min",
        "cs sk",
        "pt gl",
        "es an ast gl",
        "ca oc",
        "nl af li",
        "bg mk",
        "be uk ru",
        "de lb nds",
        "hi mr ne sa bh mai",
        "fa ps ur",
        "zh yue",
        "fr wa",
        "it co lmo vec fur",
        "en sco",
        "az tr tk",
        "tt ba kk ky uz",
        "xh zu ss nr",
    )
)
"""Languages that no few sentences tell apart safely."""
_NEAR = tuple(
    frozenset(group.split())
    for group in (
        "no nb nn da sv",
        "hr bs sr sl mk",
        "pt gl es ca oc an ast",
        "it ro la co",
        "fr wa oc ca",
        "nl af de lb nds",
        "bg mk ru uk be sr",
        "fa ps ur ar",
        "et fi",
        "cs sk pl sl",
    )
)
"""Languages that a sentence tells apart, and three words do not."""

_ENGLISH = frozenset(
    {
        "the", "and", "that", "with", "this", "are", "you",
        "your", "which", "their", "from", "they", "what", "how",
        "it", "its", "were", "been", "would", "there", "about", "who", "when", "can", "be", "to",
    }
)  # fmt: skip
"""Words that no other language has so often."""
_ALSO_ENGLISH = frozenset(
    {
        "of", "is", "for", "in", "on", "by", "or", "if", "we", "he", "she", "his", "her", "not", "as", "at",
        "was", "has", "have", "will", "a", "an", "each", "more", "than", "into", "one", "two", "all", "make",
        "write", "name", "give", "list", "describe", "explain", "how", "many", "between", "following",
        "sentence",
    }
)  # fmt: skip
"""Words of English that some other language has too, or that stand in instructions: half as much."""

_NOT_ENGLISH = frozenset(
    word
    for words in (
        "der das und ist nicht ein eine mit von zu auf man wir sie er le les des est une et dans pour qui",
        "que il je el los las del una con por para es y di che non per sono het een van niet ik en og det",
        "som av att och inte um uma os na nie jest bir ve yang dan ini ng ang",
    )
    for word in words.split()
)

_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
)
"""Scripts that stand for one language, by far most of the time."""

_NAMES = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


@dataclass(frozen=True, slots=True)
class Language:
    """code: ISO 639-1, or 639-3 where there is none. confidence: 0 to 1. letters: how many there were to go
    by."""

    code: str
    confidence: float
    letters: int = 0


def find_language(text: str) -> Language | None:
    """None for a text that is too short, or that is code, addresses or numbers.

    Fewer than four words, or sixteen letters, are too short; six letters of a script that stands for one
    language are enough.
    """
    return _find(text[: 2 * _READ_CHARACTERS])


@lru_cache(maxsize=1024)
def _find(text: str) -> Language | None:
    joined = " ".join(_NOT_LETTERS.sub(" ", _NOT_PROSE.sub(" ", text)).split())
    letters, words = sum(map(str.isalpha, joined)), joined.count(" ") + 1
    if not letters:
        return None
    if joined.isascii() and _is_plainly_english(joined):
        return Language("en", 1.0, letters)
    for code, script in _SCRIPTS:
        found = len(script.findall(joined)) if not joined.isascii() else 0
        if 2 * found > letters and found >= 6:
            if code == "zh" and re.search(r"[\u3040-\u30ff]", joined):
                code = "ja"
            return Language(code, 1.0, letters)
    if letters < _LEAST_LETTERS or words < _LEAST_WORDS:
        return None
    code, confidence = _identifier().classify(joined[:_READ_CHARACTERS].lower())
    return Language("no" if code in ("nb", "nn") else code, confidence, letters)


def _is_plainly_english(text: str) -> bool:
    """By words that no other language has so often: most texts, in a tenth of the model's time."""
    words = text[:_READ_CHARACTERS].lower().split()
    hits = 2 * sum(map(_ENGLISH.__contains__, words))
    if hits:
        hits += sum(map(_ALSO_ENGLISH.__contains__, words))
    return hits > 3 and hits * 4 >= len(words)


def reads_like_english(text: str) -> bool:
    """Whether a text has words of English and none that stand in every text of another language: enough where
    nothing else is expected. Needs no model."""
    read = text[: 2 * _READ_CHARACTERS]
    words = set(_ASCII_WORDS.findall(read.lower()))
    return (
        read.isascii()
        and words.isdisjoint(_NOT_ENGLISH)
        and not (words.isdisjoint(_ENGLISH) and words.isdisjoint(_ALSO_ENGLISH))
    )


def are_kin(one: str, other: str, letters: int = 0) -> bool:
    """Whether two codes are one language, or two that are not told apart.

    letters: of the text; below 60, more languages are not.
    """
    groups = _KIN if letters >= _ENOUGH_LETTERS else (*_KIN, *_NEAR)
    return one == other or any(one in group and other in group for group in groups)


def script_of(text: str) -> str:
    """The script of most of its letters, by Unicode's name for it (`LATIN`, `CJK`); empty below six
    letters."""
    read = text[: 2 * _READ_CHARACTERS]
    if read.isascii():
        return "LATIN" if len(_ASCII_LETTERS.findall(read)) > 5 else ""
    letters = [char for char in read if char.isalpha()][:200]
    if len(letters) < 6:
        return ""
    if sum(map(str.isascii, letters)) * 10 > 9 * len(letters):
        return "LATIN"
    names = Counter(unicodedata.name(char, "").split(" ")[0].split("-")[0] for char in letters)
    name, count = names.most_common(1)[0]
    return name if count * 10 >= 7 * len(letters) else ""


def language_name(code: str) -> str:
    """In English; the code itself for rarer ones."""
    return _NAMES.get(code, code)


@cache
def _identifier() -> Any:
    """The model, loaded once; apart from py3langid's own, whose settings others may change."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
