"""What WikiTableQuestions' evaluator decides, on answers made up here and held against it once by hand."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.evalsets.wtq import canonical
from selfinstruct.evaluation.benchmarks.denotation import denotes, plain, value_of, values_of
from selfinstruct.evaluation.benchmarks.wtq import answer_values

TEXTS = st.text(alphabet="[]()\"' .*#+†ab1X-é–_|\u3000İΣ", max_size=12)


@pytest.mark.parametrize(
    ("targets", "canon", "answer", "right"),
    [
        (["Old Mill"], None, ["old  mill."], True),
        (["Old Mill"], None, ["Old Mill.."], False),
        (["Café “Noir”"], None, ['cafe "noir"'], True),
        (["Old Mill"], None, ['"Old Mill" (in the north) [2]†'], True),
        (["Old Mill"], None, ["Old Mill(north)"], False),
        (["St. Ann's"], None, ["St. Ann’s"], True),
        (["1990–91"], None, ["1990-91"], True),
        (["17 years"], ["17.0"], ["17"], True),
        (["17 years"], ["17.0"], ["17.0000001"], True),
        (["17 years"], ["17.0"], ["17 years."], True),
        (["17 years"], ["17.0"], ["17 yrs"], False),
        (["17"], ["17.0"], ["17 years"], False),
        (["1,700"], ["1700.0"], ["1700"], True),
        (["1,700"], ["1700.0"], ["1,700"], True),
        (["1,700 m"], ["1700.0"], ["1,700"], False),
        (["12"], ["12.0"], ["1_2"], False),
        (["12"], ["12.0"], ["+ 12"], True),
        (["12"], ["12.0"], ["1.2e1"], True),
        (["nan"], None, ["NaN"], True),
        (["5 May 1990"], ["1990-05-05"], ["1990-5-5"], True),
        (["5 May 1990"], ["1990-05-05"], ["May 5, 1990"], False),
        (["5 May"], ["xxxx-05-05"], ["xx-05-05"], True),
        (["5 May"], ["xxxx-05-05"], ["1990-05-05"], False),
        (["1990"], ["1990.0"], ["1990-xx-xx"], True),
        (["a", "b"], None, ["B", "A"], True),
        (["a", "b"], None, ["a"], False),
        (["a", "b"], None, ["a", "b", "c"], False),
        (["a", "b"], None, ["a", "b", "a"], True),
        (["17", "17.0"], None, ["17"], True),
        (["a"], None, [], False),
    ],
)
def test_decisions(targets: list[str], canon: list[str] | None, answer: list[str], right: bool) -> None:
    assert denotes(values_of(answer), values_of(targets, canon)) is right


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  A  b ", "a b"),
        ("[12]", ""),
        ("[note]", "[note]"),
        ("x[a[b]", "x"),
        ("[a[b]", "[a"),
        ("a (b) c (d)", "a (b) c"),
        ("a (b (c)", "a"),
        ("(b)", "(b)"),
        ('"a" "b"', '"a" "b"'),
        ('"a (b)*"', "a"),
        ("*", ""),
        ("ΟΔΟΣ", "οδοσ"),
        ("....", "..."),
    ],
)
def test_plain_texts(text: str, said: str) -> None:
    assert plain(text) == said


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_a_text_matches_itself_with_capitals_marks_and_quotes(text: str) -> None:
    found = value_of(text)
    for other in (text.upper() if text.isascii() else text, f"{text}†", f"  {text} "):
        assert found.text == value_of(other).text
    assert denotes([found], [found])
    assert '"' in plain(text) or plain(f"“{text}”") in (plain(text), plain(plain(text)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(TEXTS, st.integers(-99, 99).map(str)), min_size=1, max_size=4), st.randoms())
def test_order_and_repetition_do_not_matter(texts: list[str], random: Random) -> None:
    shuffled = [*texts, texts[0]]
    random.shuffle(shuffled)
    assert denotes(values_of(shuffled), values_of(texts))
    assert not denotes((), values_of(texts))


@pytest.mark.parametrize(
    ("response", "values"),
    [
        ("Ann Lee | Mia Sand", ["ann lee", "mia sand"]),
        ("**Answer:** Ann Lee", ["ann lee"]),
        ("I looked at the table.\nThe answer is: `9`", ["9"]),
        ("- Ann Lee\n- Mia Sand", ["ann lee", "mia sand"]),
        ("1. Ann\n2. Mia", ["ann", "mia"]),
        ("| Ann |", ["ann"]),
        ("3.5", ["3.5"]),
        ("Answer:", ["answer:"]),
        (" \n ", []),
    ],
)
def test_values_of_a_reply(response: str, values: list[str]) -> None:
    assert [each.text for each in answer_values(response)] == values


@pytest.mark.parametrize(
    ("target", "read"),
    [
        ("1,700", "1700.0"),
        ("$1.5 million", "1500000.0"),
        ("17 years", "17.0"),
        ("48.5%", "48.5"),
        ("2nd", "2.0"),
        ("5 May 1990", "1990-05-5"),
        ("Sept. 5th, 1990", "1990-09-5"),
        ("October", "xxxx-10-xx"),
        ("Old Mill", "Old Mill"),
        ("2-1", "2-1"),
    ],
)
def test_what_a_target_is_read_as_where_the_release_does_not_say(target: str, read: str) -> None:
    assert canonical(target) == read
