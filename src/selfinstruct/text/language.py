"""Which language a text is in, where enough of it is there to tell.

By py3langid: naive Bayes over byte sequences, 140 languages, a model of 4.6 MB inside its wheel, no network.
Its confidence on few words is low, so that short texts have no language here rather than a wrong one. The
model takes half a second to load, at the first text that letters alone do not decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

__all__ = ["Language", "are_kin", "find_language", "language_name"]

_READ_CHARACTERS = 400  # of a text: more changes little, and costs
_LEAST_LETTERS = 16
_LEAST_WORDS = 4
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S+@\S+|<[^<>\n]{1,200}>|\$[^$\n]+\$|[\w./\\-]*[_/\\][\w./\\-]+",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]+")

_KIN = tuple(
    frozenset(group.split())
    for group in (
        "no nb nn da sv",
        "hr bs sr sl mk",
        "id ms jv su min",
        "cs sk",
        "pt gl es",
        "es ca oc an ast gl",
        "nl af li",
        "bg mk ru uk be sr",
        "de lb nds",
        "hi mr ne sa bh mai",
        "fa ur ar ps",
        "zh ja yue",
        "fr oc wa",
        "it la co lmo vec fur",
        "en sco",
        "az tr tk",
        "tt ba kk ky uz",
        "et fi",
        "xh zu ss nr",
    )
)
"""Languages that are taken for each other, in a few words: closer than what can be told apart safely."""

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
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """code: ISO 639-1, or 639-3 where there is none. confidence: 0 to 1."""

    code: str
    confidence: float


def find_language(text: str) -> Language | None:
    """None for a text that is too short, or that is code, addresses or numbers.

    Fewer than four words, or sixteen letters, are too short; eight letters of a script that stands for one
    language are enough.
    """
    return _find(text[: 2 * _READ_CHARACTERS])


@lru_cache(maxsize=1024)
def _find(text: str) -> Language | None:
    words = _WORD.findall(text if text.isalpha() else _NOT_PROSE.sub(" ", text))
    letters = sum(map(len, words))
    if not letters:
        return None
    joined = " ".join(words)
    for code, script in _SCRIPTS:
        found = len(script.findall(joined)) if not joined.isascii() else 0
        if 2 * found > letters and found >= 8:
            if code == "zh" and re.search(r"[\u3040-\u30ff]", joined):
                code = "ja"
            return Language(code, found / letters)
    if letters < _LEAST_LETTERS or len(words) < _LEAST_WORDS:
        return None
    code, confidence = _identifier().classify(joined[:_READ_CHARACTERS].lower())
    return Language("no" if code in ("nb", "nn") else code, confidence)


def are_kin(one: str, other: str) -> bool:
    """Whether two codes are one language, or two that a few words do not tell apart."""
    return one == other or any(one in group and other in group for group in _KIN)


def language_name(code: str) -> str:
    """In English; the code itself for rarer ones."""
    return _NAMES.get(code, code)


@cache
def _identifier() -> Any:
    """The model, loaded once; apart from py3langid's own, whose settings others may change."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
