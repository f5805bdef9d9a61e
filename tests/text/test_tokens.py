import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.tokenize import tokenize as rouge_tokenize

from selfinstruct.text.tokens import count_words, estimate_tokens, is_unspaced, tokenize

TYPOGRAPHY = "–—‘’“”„«»…·•†°§©®™€£¥×÷≤≠→¿¡\u00a0\u2009\u200b\u3000。、「」²³½①Ⅷ☃😀\ufe0f"
ascii_and_typography = st.text(st.characters(max_codepoint=127) | st.sampled_from(TYPOGRAPHY))


@given(st.text())
def test_ascii_only_is_rouge_scores_tokenizer(text):
    assert tokenize(text, ascii_only=True) == rouge_tokenize(text, None)


@given(ascii_and_typography)
def test_both_ways_agree_where_letters_and_digits_are_ascii(text):
    assert tokenize(text) == tokenize(text, ascii_only=True)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Write_a poem, x² + ½ 😀!", ["write", "a", "poem", "x"]),
        ("Чем ёж отличается от ежа?", ["чем", "ёж", "отличается", "от", "ежа"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("اكتب قصيدة في ٣ أسطر", ["اكتب", "قصيدة", "في", "٣", "أسطر"]),
        ("写诗2024年", ["写", "诗", "2024", "年"]),
        ("カバーを書く", ["カ", "バ", "ー", "を", "書", "く"]),
        ("กำลังที่นี่", ["ก", "ำ", "ลั", "ง", "ที่", "นี่"]),
        ("한국어 시를 써라", ["한국어", "시를", "써라"]),
        ("\U00020bb7野家", ["\U00020bb7", "野", "家"]),
        ("ΣΊΣΥΦΟΣ", ["σίσυφος"]),
        ("I ❤️ 1️⃣", ["i", "1"]),
    ],
)
def test_tokens_of_many_scripts(text, tokens):
    assert tokenize(text) == tokens


@given(st.text())
def test_tokens_of_any_text_hold_letters_marks_and_digits_only(text):
    for character in "".join(tokenize(text)):
        category = unicodedata.category(character)
        newer_han = 0x20000 <= ord(character) <= 0x3FFFF  # Han letters that this Python may not know yet
        assert category[0] in "LM" or category == "Nd" or newer_han


@pytest.mark.parametrize("text", ["Café naïve Ångström", "कड़ी की बात", "한국어", "ガギグ"])
def test_two_encodings_of_a_text_are_equal(text):
    forms = [tokenize(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")]
    assert forms[0] == forms[1] != []


def test_long_texts_are_quick():
    texts = ["Write a poem. " * 50_000, "Напиши стих. " * 50_000, "写一首诗。" * 50_000, "\u0301" * 100_000]
    began = time.process_time()  # of this process alone: other work on the machine does not count
    for text in texts:
        tokenize(text)
        count_words(text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  \n ", 0),
        ("Sort the list: 3, 1 - 2", 7),  # as str.split, punctuation included
        ("Напиши стихи о море", 4),
        ("写一首关于春天诗", 4),
        ("写一首关于春天诗。", 4),
        ("写首诗", 2),
        ("使用Python编写一个函数!", 5),
        ("把“hello world”译成中文。", 5),
        ("これを英語に訳して", 5),
        ("เขียนเรื่อง", 4),
    ],
)
def test_words(text, words):
    assert count_words(text) == words


@given(ascii_and_typography)
def test_spaced_words_are_those_between_white_space(text):
    assert count_words(text) == len(text.split())


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("写一首", 2), ("abcd写一首", 3)]
)
def test_estimated_tokens(text, tokens):
    assert estimate_tokens(text) == tokens


@given(st.text(st.characters(), min_size=1))
def test_any_text_can_be_measured(text):
    assert estimate_tokens(text) >= 1
    assert count_words(text) >= 0


def test_which_letters_are_unspaced():
    assert all(is_unspaced(letter) for letter in "写ひカกກမខ")
    assert not any(is_unspaced(letter) for letter in "aяहع한5。 ")
