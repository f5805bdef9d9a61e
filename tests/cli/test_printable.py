"""What a model wrote, as a terminal is shown it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.cli.output import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 你好, é", "plain, 你好, é"),
        ("a\x1b[31m red", "a\\x1b[31m red"),
        ("nul\x00 and bell\x07", "nul\\x00 and bell\\x07"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    assert all(char in "\n\t" or unicodedata.category(char) != "Cc" for char in printable(text))
