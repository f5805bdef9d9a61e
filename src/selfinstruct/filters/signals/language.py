"""Texts in another language than the one asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import speaks_of, words_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.language import (
    Language,
    are_kin,
    find_language,
    language_name,
    reads_like_english,
    script_of,
)

__all__ = ["WrongLanguage"]

_LANGUAGES_NAMED = (
    "translat* language* afrikaans albanian arabic armenian basque bengali bulgarian catalan chinese "
    "mandarin cantonese croatian czech danish dutch"
    " english esperanto estonian finnish french german greek hebrew hindi hungarian icelandic "
    "indonesian irish italian japanese korean latin"
    " latvian lithuanian malay norwegian persian farsi polish portuguese "
    "punjabi romanian russian serbian slovak slovenian spanish swahili swedish"
    " tamil telugu thai turkish ukrainian urdu vietnamese welsh yoruba zulu hinglish "
    "bilingual multilingual pidgin klingon"
    " übersetz* sprache* deutsch* englisch* französisch* spanisch* "
    "italienisch* russisch* chinesisch* japanisch* latein* lateinisch* türkisch* polnisch*"
    " niederländisch* portugiesisch* tradui* traduction* langue* anglais* allemand* espagnol* "
    "français* italien* russe* chinois* japonais* portugais* arabe*"
    " traduc* traduz* idioma* inglés inglesa alemán* español* francés* italiano ruso chino japonés "
    "portugués* lengua* língua* lingua* inglês alemão"
    " espanhol francês tradur* inglese tedesco francese spagnolo vertaal* taal engels* duits* "
    "frans* spaans* перев* язык* английск* немецк* французск*"
    " oversæt* översätt* przetłumacz* angielsk* niemieck* çevir* ingilizce almanca"
)
_NAMED = speaks_of(_LANGUAGES_NAMED)
_NAMED_CJK = re.compile(
    r"翻译|英文|中文|英语|汉语|法语|德语|日语|西班牙语|俄语|韩语|翻訳|英語|日本語|フランス語"
    r"|ドイツ語|번역|영어|한국어|ترجم|अनुवाद|แปล"
)
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class WrongLanguage:
    """An output in another language than the instruction's, or than the one that all should be in.

    language: its ISO 639-1 code; empty for each instruction's own.
    Where the instruction speaks of languages or of code, where the input is in the output's language, and
    where the text is too short to tell, nothing is said.
    """

    name: ClassVar[str] = "wrong_language"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("wrong_language",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The text is in another language than the instruction, or than the one asked for."
    example: ClassVar[Row] = Row(
        "Erkläre einem Kind, wie ein Regenbogen am Himmel entsteht.",
        "",
        "A rainbow appears when sunlight passes through drops of water in the air and is bent by them.",
    )
    language: str = ""

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        if _PROGRAM(row.instruction):
            return None
        target = _target(row.instruction)
        if target:
            found = find_language(row.output)
            if found and _is_other(found, target) and not _EXPLAINS(row.instruction):
                return Verdict(
                    "wrong_language", f"the output is {_named(found)}, not {language_name(target)}"
                )
            return None
        if _NAMED(row.instruction) or _NAMED_CJK.search(row.instruction):
            return None
        if self.language in ("", "en") and all(map(reads_like_english, (row.instruction, row.output))):
            return None
        asked = find_language(row.instruction)
        if asked and self.language and _is_other(asked, self.language):
            return Verdict(
                "wrong_language", f"the instruction is {_named(asked)}, not {language_name(self.language)}"
            )
        form = output_format(row.output, row.instruction)
        if form in (Format.CODE, Format.MARKUP, Format.JSON, Format.TABLE, Format.NUMBER):
            return None
        if row.input and row.output.strip() in row.input:
            return None
        return self._of_output(row, asked, form)

    def _of_output(self, row: Row, asked: Language | None, form: Format) -> Verdict | None:
        expected = self.language or (asked.code if asked and asked.confidence >= _LIKELY else "")
        own, other = script_of(row.instruction), script_of(row.output)
        written_otherwise = own and other and own != other and {own, other} not in _ONE_LANGUAGE
        short = form in (Format.LIST, Format.BULLETS, Format.STEPS, Format.PHRASE, Format.FIELDS)
        if not written_otherwise and (not expected or (short and len(row.output) < 200)):
            return None  # the rest costs more
        found = find_language(row.output)
        if found and self._like_input(found, row.input):
            return None
        if (
            written_otherwise
            and script_of(row.input) != other
            and (not self.language or (found and _is_other(found, self.language)))
        ):
            return Verdict(
                "wrong_language",
                f"the output is {_named(found) or other.title()}, the instruction is not",
            )
        if not expected or found is None or not _is_other(found, expected):
            return None
        if short and found.letters < 200:
            return None  # names of dishes, titles, terms
        return Verdict("wrong_language", f"the output is {_named(found)}, not {language_name(expected)}")

    def _like_input(self, found: Language, given: str) -> bool:
        """Whether the output is in the input's language; asked only where it may be wrong."""
        if self.language and not _is_other(found, self.language):
            return False
        language = find_language(given)
        return (
            language is not None
            and are_kin(language.code, found.code)
            and (not self.language or language.code != "en")
        )


_LIKELY = 0.6
_FILLER = "la"  # Latin is filler text, far more often than somebody's answer
_ONE_LANGUAGE = ({"CJK", "HIRAGANA"}, {"CJK", "KATAKANA"}, {"HIRAGANA", "KATAKANA"}, {"CJK", "HANGUL"})
_TARGETS = {
    word: code
    for code, words in {
        "en": "english englisch englische anglais inglés inglês inglese 英文 英语 英語",
        "de": "german deutsch deutsche allemand alemán alemão tedesco 德语 德文 ドイツ語",
        "fr": "french französisch französische français francés francês francese 法语 法文 フランス語",
        "es": "spanish spanisch spanische espagnol español espanhol spagnolo 西班牙语 スペイン語",
        "it": "italian italienisch italien italiano 意大利语",
        "pt": "portuguese portugiesisch portugais portugués português",
        "nl": "dutch niederländisch néerlandais holandés",
        "ru": "russian russisch russe ruso 俄语",
        "pl": "polish polnisch polonais",
        "tr": "turkish türkisch turc turco",
        "sv": "swedish schwedisch",
        "ja": "japanese japanisch japonais japonés 日语 日本語",
        "zh": "chinese mandarin chinesisch chinois chino 中文 汉语 中国語",
        "ko": "korean koreanisch coréen coreano 韩语",
        "ar": "arabic arabisch arabe árabe 阿拉伯语",
        "hi": "hindi",
        "id": "indonesian",
        "vi": "vietnamese",
        "el": "greek griechisch grec",
        "he": "hebrew",
        "th": "thai",
        "uk": "ukrainian",
        "cs": "czech tschechisch",
        "da": "danish dänisch",
        "no": "norwegian",
        "fi": "finnish finnisch",
        "hu": "hungarian",
        "ro": "romanian",
    }.items()
    for word in words.split()
}
_INTO = re.compile(
    r"\b(?:translat\w*|transl|render|convert|rewrite|write|answer|respond|reply|put|say|summari[sz]e"
    r"|explain|describe|übersetz\w*|schreib\w*|antwort\w*|tradui\w*|écri\w*|répond\w*|traduc\w*"
    r"|traduz\w*|escrib\w*|respond\w*)\b"
    r"[^.!?\n]{0,80}?\b(?:into|to|in|ins|auf|en|al|au|para o|em) (?:the )?(?P<target>[a-zà-ÿ]+)(?= "
    r"language|\b)(?! (?:language )?(?:to|into|and|or|word|phrase|sentence|speak|class|history"
    r"|teacher|lesson|culture|food|cuisine|style|grammar|literature))"
    r"|翻译[^。\n]{0,6}?(?:成|为|到)(?P<cjk>英文|英语|德语|德文|法语|法文"
    r"|西班牙语|意大利语|俄语|日语|中文|汉语|韩语|阿拉伯语)",
    re.IGNORECASE,
)
_EXPLAINS = speaks_of(
    "explain* pronunciation pronounce* transliterat* romaji pinyin meaning* both "
    "and_then grammar* word* difference* idiom* teach* learn* lesson* beginner*"
)
_PROGRAM = speaks_of(
    "code program* function* python script* javascript java html css sql json pseudo-?code "
    "lorem pig_latin cipher caesar morse base64 encrypt* decrypt* encod* decod* "
    "gibberish nonsense tongue_twister* ipa phonetic* pronunciation "
    "hinglish pidgin klingon bilingual multilingual"
)


def _target(instruction: str) -> str:
    """The language that a translation, or an answer, shall be in; empty where none is named, or several."""
    named = {_TARGETS[word] for word in words_of(instruction) & _TARGETS.keys()}
    if not named and instruction.isascii():
        return ""
    found = {
        _TARGETS.get((match["target"] or match["cjk"]).lower(), "") for match in _INTO.finditer(instruction)
    } - {""}
    return found.pop() if len(found) == 1 and len(named) <= 2 else ""


def _is_other(found: Language, expected: str) -> bool:
    return (
        found.confidence >= _SURE
        and found.code != _FILLER
        and not are_kin(found.code, expected, found.letters)
    )


def _named(language: Language | None) -> str:
    return language_name(language.code) if language else ""
