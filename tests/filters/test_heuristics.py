import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import FilterConfig, ReferenceConfig
from selfinstruct.filters.heuristics import Heuristics

RULES = FilterConfig()
OURS = ReferenceConfig()
EXACT = ReferenceConfig.exact()
BARE_KEYWORDS = ReferenceConfig(bare_keywords=True)
ASCII_START = ReferenceConfig(ascii_start=True)


def judge(text, rules=RULES, reference=OURS):
    verdict = Heuristics(rules, reference)(text)
    return verdict.reason, verdict.detail


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("", "empty", ""),
        (" \n\t\u3000", "empty", ""),
        ("Write a poem", "too_short", "3 of at least 4 words"),
        ("写一首诗", "too_short", "2 of at least 4 words"),
        ("word " * 151, "too_long", "151 of at most 150 words"),
        ("Draw a cat on paper today.", "keyword", "draw"),
        ("Describe the IMAGE in detail.", "keyword", "image"),
        ("Explain how to go\n to Rome.", "keyword", "go to"),
        ("Draw a conclusion, then draw a cat.", "keyword", "draw"),
        ("write a program that sorts numbers", "prefix", "Write a program"),
        ("- Sort the following numbers.", "punctuation", "-"),
        ("。写一首关于春天的诗", "punctuation", "。"),
        ("$ sort the following numbers", "punctuation", "$"),
        ("😀 Tell me a joke.", "punctuation", "😀"),
        ("Translate this: caf\ufffd au lait", "script", "holds U+FFFD, no readable character"),
        ("Translate \x1b[31mthis into French", "script", "holds U+001B, no readable character"),
        ("Translate this \udc80 into French", "script", "holds U+DC80, no readable character"),
        ("12 + 34 = 46", "script", "has no letters"),
    ],
)
def test_rejected_with_a_reason(text, reason, detail):
    assert judge(text) == (reason, detail)


@pytest.mark.parametrize(
    "text",
    [
        "Write a short poem",
        "word " * 150,
        "Draw a conclusion from the passage below.",
        "Explain the plot of Hamlet in two sentences.",
        "Profile the imaged mapping, redraw the plots.",  # keywords inside longer words
        "Say how to program a write head.",
        "“Carpe diem” means what in English?",
        "'Carpe diem' means what in English?",
        "(Optional) Give a second example.",
        "¿Cuál es la capital de Francia?",
        "「春」について俳句を書いてください",
        "写一首关于春天的诗",
        "Напиши стихотворение о весне",
        "اكتب قصيدة عن الربيع",
        "Sum\tthese\u00a0two numbers.",
        "7 wonders of the world?",
    ],
)
def test_accepted(text):
    assert judge(text) == (None, "")


def test_reasons_come_in_their_order():
    assert judge("- draw")[0] == "too_short"
    assert judge("Write a program to draw a map.")[0] == "keyword"
    assert judge("(Write a program now)", FilterConfig(prefixes=("(write",)))[0] == "prefix"


@pytest.mark.parametrize(
    ("text", "reference", "reason"),
    [
        ("Draw a conclusion from the passage below.", BARE_KEYWORDS, "keyword"),
        ("写一首关于春天的诗", ASCII_START, "too_short"),  # one word between white space
        ("写 一 首 诗", ASCII_START, "script"),
        ("Écris un poème court.", ASCII_START, "script"),
        ("“Carpe diem” means what?", ASCII_START, "script"),
        ("'Carpe diem' means what?", ASCII_START, "punctuation"),
        ("12 + 34 = 46", ASCII_START, None),
        ("Translate this: caf\ufffd au lait", ASCII_START, None),
    ],
)
def test_reference_switches(text, reference, reason):
    assert judge(text, reference=reference)[0] == reason


WORDS = [
    "draw", "Graph", "graphs", "go", "to", "a", "write", "Write", "program", "conclusion", "IMAGES", "-",
    "(x)", "_map", "map's", "plot_", "é", "写一首关于春天的诗", "“x”", "image,file", "12", "…", "\ufffd",
]  # fmt: skip


def reference_rules(text):
    """The paper page's filters 4 to 6, one after the other, for text as its parser leaves it."""
    text = " ".join(text.split()).capitalize()
    if not text:
        return "empty"
    if len(text.split()) <= 3:
        return "too_short"
    if len(text.split()) > 150:
        return "too_long"
    banned = ("images?", "graphs?", "pictures?", "files?", "maps?", "draw", "plot", "go to")
    if any(re.search(rf"\b(?:{word})\b", text, re.IGNORECASE) for word in banned):
        return "keyword"
    if text.startswith("Write a program"):
        return "prefix"
    if text[0] in string.punctuation:
        return "punctuation"
    return None if ord(text[0]) < 128 else "script"


@given(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join) | st.text())
def test_all_switches_on_is_the_reference(text):
    assert judge(text, reference=EXACT)[0] == reference_rules(text)


@given(st.text(st.characters()), st.booleans(), st.booleans())
def test_any_text_gets_a_verdict(text, bare_keywords, ascii_start):
    reference = ReferenceConfig(bare_keywords=bare_keywords, ascii_start=ascii_start)
    assert judge(text, FilterConfig(min_words=0), reference)[0] not in ("too_short", "too_long")


def test_rules_are_data():
    rules = FilterConfig(
        min_words=1, keywords=("C++", "图片", " "), keyword_exceptions=(), prefixes=("", "Imagine")
    )
    assert judge("Port this c++ code", rules) == ("keyword", "c++")
    assert judge("Port this C++11 code", rules) == (None, "")
    assert judge("请描述这张图片里的人", rules) == ("keyword", "图片")
    assert judge("imagine you are a bird", rules) == ("prefix", "Imagine")
    assert judge("Draw", rules) == (None, "")
    assert judge("Draw", FilterConfig(min_words=1, keywords=(), keyword_exceptions=())) == (None, "")


def test_what_an_exception_parts_stays_apart():
    rules = FilterConfig(keywords=("go to",), keyword_exceptions=("and", "and then"))
    assert judge("We go and then to the sea", rules) == (None, "")
    assert judge("We go to the sea and then home", rules) == ("keyword", "go to")
