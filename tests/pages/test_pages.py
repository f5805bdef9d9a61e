"""Pages: text stays text, data for scripts cannot break out, both themes name the same colours."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from selfinstruct import pages
from selfinstruct.pages.json_script import json_script
from selfinstruct.pages.templates import render
from selfinstruct.text.messages import percent

FOLDER = Path(pages.__file__).parent
EVIL = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> & \u2028"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.just(EVIL),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_in_a_page_is_the_same_to_json_and_one_word_to_html(value: object) -> None:
    text = json_script(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_script(float("nan"))


def test_values_are_text() -> None:
    page = render(FOLDER, "message.html", heading=EVIL, text=EVIL)
    assert "alert" in page
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        render(FOLDER, "message.html", heading="x")


def test_both_ways_to_the_dark_theme_give_the_same_colours() -> None:
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    light, by_system, by_choice = (
        dict(re.findall(r"(--[\w-]+): (.+);", block))
        for block in re.findall(r"color-scheme: (?:light|dark);\n(.*?)\}", style, re.DOTALL)[:3]
    )
    assert by_system == by_choice
    assert by_system.keys() == light.keys() - {"--radius", "--sans", "--mono"}


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in FOLDER.iterdir():
        if path.suffix in (".css", ".html", ".js"):
            assert not re.search(r"https?:|@import|url\(", path.read_text(encoding="utf-8")), path.name


def test_shares() -> None:
    assert percent(0.54) == "54\u202f%"
    assert percent(0.5449, 1) == "54.5\u202f%"
    assert percent(None) == "–"
