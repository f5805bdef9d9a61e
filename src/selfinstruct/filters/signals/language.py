"""Texts in another language than the one asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from selfinstruct.filters.signals.base import any_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.language import Language, are_kin, find_language, language_name

__all__ = ["WrongLanguage"]

_LANGUAGES_NAMED = (
    "translat* language* afrikaans albanian arabic armenian basque bengali bulgarian catalan chinese mandarin cantonese croatian czech danish dutch"
    " english esperanto estonian finnish french german greek hebrew hindi hungarian icelandic indonesian irish italian japanese korean latin"
    " latvian lithuanian malay norwegian persian farsi polish portuguese punjabi romanian russian serbian slovak slovenian spanish swahili swedish"
    " tamil telugu thai turkish ukrainian urdu vietnamese welsh yoruba zulu hinglish bilingual multilingual pidgin klingon"
    " übersetz* sprache* deutsch* englisch* französisch* spanisch* italienisch* russisch* chinesisch* japanisch* latein* lateinisch* türkisch* polnisch*"
    " niederländisch* portugiesisch* tradui* traduction* langue* anglais* allemand* espagnol* français* italien* russe* chinois* japonais* portugais* arabe*"
    " traduc* traduz* idioma* inglés inglesa alemán* español* francés* italiano ruso chino japonés portugués* lengua* língua* lingua* inglês alemão"
    " espanhol francês tradur* inglese tedesco francese spagnolo vertaal* taal engels* duits* frans* spaans* перев* язык* английск* немецк* французск*"
    " oversæt* översätt* przetłumacz* angielsk* niemieck* çevir* ingilizce almanca code program* function python script* javascript java html css sql json"
    " pseudo-?code lorem pig cipher caesar morse base64 encrypt* encod* decod* gibberish nonsense tongue ipa phonetic* pronunciation"
)
_NAMED = any_of(_LANGUAGES_NAMED)
_NAMED_CJK = re.compile(r"翻译|英文|中文|英语|汉语|法语|德语|日语|西班牙语|俄语|韩语|翻訳|英語|日本語|フランス語|ドイツ語|번역|영어|한국어|ترجم|अनुवाद|แปล")
_SURE = 0.9
_PROPER = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]*")


@dataclass(frozen=True, slots=True)
class WrongLanguage:
    """An output in another language than the instruction's, or than the one that all should be in.

    language: its ISO 639-1 code; empty for each instruction's own.
    Where the instruction speaks of languages or of code, where the input is in the output's language, and where
    the text is too short to tell, nothing is said.
    """

    name: ClassVar[str] = "wrong_language"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("wrong_language",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The text is in another language than the instruction, or than the one asked for."
    example: ClassVar[Row] = Row(
        "Beschreibe in zwei Sätzen, wie ein Regenbogen entsteht.",
        "",
        "A rainbow appears when sunlight passes through drops of water in the air and is bent by them.",
    )
    language: str = ""

    def __call__(self, row: Row) -> Verdict | None:
        if _names_language(row.instruction):
            return None
        asked = find_language(row.instruction)
        if self.language and _is_other(asked, self.language):
            return Verdict("wrong_language", f"the instruction is {_named(asked)}, not {language_name(self.language)}")
        expected = self.language or (asked.code if asked and asked.confidence >= 0.6 else "")
        if not expected:
            return None
        found = find_language(row.output)
        if not _is_other(found, expected) or found is None:
            return None
        given = find_language(row.input)
        if given and are_kin(given.code, found.code) and not self.language:
            return None
        if not self.language and asked and asked.confidence < _SURE and found.code in ("en",) :
            return None
        if output_format(row.output, row.instruction) in (Format.CODE, Format.MARKUP, Format.JSON, Format.TABLE):
            return None
        if row.input and row.output.strip() in row.input:
            return None
        return Verdict("wrong_language", f"the output is {_named(found)}, not {language_name(expected)}")


def _is_other(found: Language | None, expected: str) -> bool:
    return found is not None and found.confidence >= _SURE and not are_kin(found.code, expected)


def _named(language: Language | None) -> str:
    return language_name(language.code) if language else ""


def _names_language(instruction: str) -> bool:
    return _NAMED.search(instruction) is not None or _NAMED_CJK.search(instruction) is not None
