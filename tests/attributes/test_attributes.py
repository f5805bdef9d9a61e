"""Attributes: the files that hold them, the library, and how they are drawn."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.attributes.library import bundled_personas, bundled_topics, bundled_values
from selfinstruct.attributes.load import attributes_from_mapping, bundled_attributes, read_attributes
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.attributes import draw_attributes
from selfinstruct.recipes.attributes import attribute_line, longest_values

# -------------------------------------------------------------------------------- the library


def test_personas_are_balanced_over_fields_regions_and_ages() -> None:
    people = bundled_personas()
    assert len({each.text for each in people}) == len(people) == 200
    assert set(Counter(each.field for each in people).values()) == {10}
    assert set(Counter(each.region for each in people).values()) == {20}
    assert Counter(each.age for each in people) == dict.fromkeys(("young", "adult", "middle", "old"), 50)
    assert len({(each.field, each.region) for each in people}) == 200


def test_topics_are_balanced_over_the_same_fields() -> None:
    topics = bundled_topics()
    assert len({each.text for each in topics}) == len(topics) == 200
    assert Counter(each.field for each in topics) == Counter(each.field for each in bundled_personas())


def test_the_library_fits_a_line_of_a_prompt() -> None:
    attributes = bundled_attributes()
    assert attributes.source == "bundled"
    assert [*attributes.names, "begins_with"] == list(bundled_values()), "by name only"
    assert all(";" not in value for values in bundled_values().values() for value in values)
    assert len(attribute_line(longest_values(attributes))) < 400


# ------------------------------------------------------------------------------------ files

TOML = """
topic = ["bread", "VAT", "VAT"]
difficulty = {easy = 2, hard = 1, "" = 1}
skill = {pick = 2, values = ["compare", "summarize", "order"]}
persona = "bundled"
"""


def test_a_file_of_every_form(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "a.json").write_text(
        '{"topic": {"bread": 1, "VAT": 2}, "difficulty": {"easy": 2, "hard": 1, "": 1},'
        ' "skill": {"pick": 2, "values": ["compare", "summarize", "order"]}, "persona": "bundled"}',
        encoding="utf-8",
    )
    read = read_attributes(tmp_path / "a.toml")
    assert read.names["topic"].values == {"bread": 1, "VAT": 2}
    assert read.names["difficulty"].values == {"easy": 2, "hard": 1, "": 1}
    assert read.names["skill"].pick == 2
    assert len(read.names["persona"].values) == 200
    assert read_attributes(tmp_path / "a.json").digest == read.digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("topic =", "neither valid TOML nor valid JSON"),
        ("{", "neither valid TOML nor valid JSON"),
        ("", "there are no attributes"),
        ("topic = 3", "attribute 'topic' is 3, and not a list"),
        ("topic = []", "attribute 'topic' has no values"),
        ("topic = [1]", "attribute 'topic': 1 is not a text"),
        ("topic = {a = 'b'}", "the weight of 'a' is 'b', no number"),
        ("topic = {a = -1}", "greater than or equal to 0"),
        ("topic = {a = nan}", "attribute 'topic'"),
        ("topic = {a = 0}", "attribute 'topic' has 0 values of a weight above 0, but needs 1"),
        ("topic = ['']", "has 0 values of a weight above 0"),
        ("topic = {pick = 3, values = ['a', 'b']}", "has 2 values of a weight above 0, but needs 3"),
        ("topic = {pick = 9, values = ['a', 'b']}", "attribute 'topic', pick"),
        ('topic = ["a\\nb"]', "one printable line"),
        ('"a;b" = ["c"]', "'a;b' cannot be the name"),
        ('personas = "bundled"', "the library has no attribute 'personas'.*persona"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "attributes"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_attributes(path)
    assert str(path) in str(caught.value)


def test_too_many_values_are_refused() -> None:
    with pytest.raises(ConfigError, match="20,001 values, and a run takes 20,000"):
        attributes_from_mapping({"topic": [f"topic {number}" for number in range(20_001)]})


# ----------------------------------------------------------------------------------- drawing

WEIGHTS = st.dictionaries(
    st.text("abc", max_size=3), st.floats(0, 10, allow_nan=False), min_size=1, max_size=9
).filter(lambda values: any(value and weight > 1e-6 for value, weight in values.items()))


@given(WEIGHTS, st.integers(0, 9), st.integers(0, 500), st.integers(1, 12))
@settings(max_examples=50, deadline=None)
def test_a_draw_is_a_function_of_seed_and_ticket(
    values: dict[str, float], seed: int, ticket: int, count: int
) -> None:
    config = attributes_from_mapping({"one": values})
    drawn = draw_attributes(config, seed, ticket, count)
    assert drawn == draw_attributes(config, seed, ticket, count)
    assert len(drawn) == count
    said = [each["one"][0] for each in drawn if each]
    assert all(values[value] > 0 for value in said)
    total = sum(values.values())
    for value, weight in values.items():  # systematic sampling: no share is off by as much as one
        times = said.count(value) if value else count - len(said)
        assert abs(times - count * weight / total) < 1 + 1e-6


def test_draws_are_the_same_on_every_system() -> None:
    drawn = draw_attributes(attributes_from_mapping({"topic": list("abcdef")}), 42, 3, 4)
    assert [each["topic"] for each in drawn] == [("f",), ("b",), ("d",), ("a",)]


def test_a_library_is_gone_through_before_much_of_it_comes_again() -> None:
    config = bundled_attributes()
    topics = Counter(
        value
        for ticket in range(20)
        for each in draw_attributes(config, 42, ticket, 10)
        for value in each["topic"]
    )
    assert topics.total() == 200
    assert len(topics) > 140  # drawn independently, 126
    assert max(topics.values()) <= 3


def test_no_ticket_has_one_region_alone() -> None:
    regions = {each.text: each.region for each in bundled_personas()}
    drawn = draw_attributes(bundled_attributes(), 42, 0, 10)
    assert len({regions[each["persona"][0]] for each in drawn}) >= 5


def test_pairs_are_of_two_values() -> None:
    config = attributes_from_mapping({"skill": {"pick": 2, "values": ["a", "b", "c"]}})
    for ticket in range(20):
        for each in draw_attributes(config, 1, ticket, 5):
            assert len(set(each["skill"])) == 2


def test_at_most_so_many_attributes_in_one() -> None:
    config = attributes_from_mapping({name: ["x", "y"] for name in "abcd"}).model_copy(update={"at_most": 2})
    drawn = [each for ticket in range(20) for each in draw_attributes(config, 1, ticket, 10)]
    assert {len(each) for each in drawn} == {2}
    assert set(Counter(name for each in drawn for name in each)) == set("abcd")


def test_a_line_of_a_prompt() -> None:
    assert attribute_line({"topic": ("tides",), "skill": ("compare", "explain")}) == (
        "topic: tides; skill: compare + explain"
    )
    assert attribute_line({}) == ""
