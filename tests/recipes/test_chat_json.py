import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.recipes.chat.json_prefix import read_values
from selfinstruct.recipes.chat.json_values import (
    JsonArray,
    JsonLiteral,
    JsonObject,
    JsonString,
    JsonValue,
    field,
    find_objects,
)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
containers = st.lists(values) | st.dictionaries(st.text(), values)


def plain(value: JsonValue) -> Any:
    match value:
        case JsonObject(fields):
            return {name: plain(inner) for name, inner in fields.items()}
        case JsonArray(items):
            return [plain(item) for item in items]
        case JsonString(text):
            return text
        case JsonLiteral(text):
            return json.loads(text)


def read(text: str) -> list[Any]:
    """Values, those that are not whole behind the word `cut`."""
    return [plain(value) if value.whole else ("cut", plain(value)) for value in read_values(text)]


@given(containers, st.sampled_from([None, 2]), st.booleans())
def test_valid_json_is_read_exactly(value: Any, indent: int | None, ascii_only: bool) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    # By itself, an array that begins with a bare word is taken for brackets in prose.
    assert read(f'{{"value": {written}}}') == [{"value": value}]


@given(containers)
def test_a_value_becomes_json_text_again(value: Any) -> None:
    (found,) = read_values(json.dumps({"value": value}))
    assert json.loads(str(found)) == {"value": value}


def test_json_text_keeps_letters_and_numbers_as_written() -> None:
    (found,) = read_values('{"Stra\\u00dfe": [1.50, 1e3, "\\ud83d\\ude00", true]}')
    assert str(found) == '{"Straße": [1.50, 1e3, "😀", true]}'


@given(st.dictionaries(st.text(), values), st.data())
def test_a_cut_value_is_never_whole(value: dict[str, Any], data: st.DataObject) -> None:
    written = json.dumps({"value": value})
    cut = written[: data.draw(st.integers(2, len(written) - 1))]
    assert not next(read_values(cut)).whole


def test_a_cut_value_keeps_what_it_had() -> None:
    assert read('Sure:\n{"a": [{"b": "one"}, {"b": "tw') == [("cut", {"a": [{"b": "one"}, {"b": "tw"}]})]
    assert read('{"a": "one\\u00') == [("cut", {"a": "one"})]
    assert read('{"a": "one\\') == [("cut", {"a": "one"})]
    assert read('{"a": "one \\ud83d') == [("cut", {"a": "one "})]
    assert read('{"a": "one", "b') == [("cut", {"a": "one"})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('```json\n{"a": 1}\n```', [{"a": 1}], id="fence"),
        pytest.param('I {really} think [so]: {"a": 1}. {"b": 2}', [{"a": 1}, {"b": 2}], id="prose"),
        pytest.param('{"a": "one\n\ttwo"}', [{"a": "one\n\ttwo"}], id="raw newline"),
        pytest.param('{"a": "say "hi", please"}', [{"a": 'say "hi", please'}], id="bare quotes"),
        pytest.param('{"a": "the word "hi"."}', [{"a": 'the word "hi".'}], id="bare quotes at the end"),
        pytest.param('{"a": 1,}\n[{"b": 2}, {"c": 3},]', [{"a": 1}, [{"b": 2}, {"c": 3}]], id="extra commas"),
        pytest.param('[{"b": 2} {"c": 3}]', [[{"b": 2}, {"c": 3}]], id="missing comma"),
        pytest.param('{"a": "\\d+ \\\\ \\/"}', [{"a": "\\d+ \\ /"}], id="unknown escape"),
        pytest.param('{"a": "\\ud800b"}', [{"a": "b"}], id="half a pair"),
        pytest.param('[{"a": 1}, {"a": $}, {"a": 3}]', [("cut", [{"a": 1}, {}]), {"a": 3}], id="unreadable"),
        pytest.param("{}", [{}], id="empty object"),
        pytest.param("{a}, {{b}}, [c]", [], id="brackets in prose"),
    ],
)
def test_json_as_models_write_it(text: str, expected: list[Any]) -> None:
    assert read(text) == expected


pieces = st.lists(st.sampled_from([*'{}[]",:\\ \nu0a', "true", "null", '{"', '["'])).map("".join)


@given(st.text() | pieces)
def test_any_text_is_read(text: str) -> None:
    for value in read_values(text):
        str(value)


@pytest.mark.parametrize(
    "piece", ["{", "[", '{"', '["', '{"a":', "[[", '"', '" ', "\\", "{ ", ', "', '[{"a": $', '[""']
)
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    for value in read_values(piece * (200_000 // len(piece))):
        str(value)
    assert time.process_time() - began < 5  # linear: some 0.2 s; quadratic: minutes


plain_texts = st.text(st.sampled_from("abz é.!?-()\n0'"), min_size=1)
python_values = st.recursive(
    st.none() | st.booleans() | st.integers() | plain_texts,
    lambda inner: st.lists(inner) | st.dictionaries(plain_texts, inner),
    max_leaves=8,
)


@given(st.dictionaries(plain_texts, python_values))
def test_pythons_way_of_writing_it_is_read_too(value: dict[str, Any]) -> None:
    (found,) = read_values(repr(value))
    assert (plain(found), found.whole) == (value, True)


tasks = st.lists(
    st.fixed_dictionaries({"instruction": st.text(min_size=1), "is_classification": st.booleans()}),
    min_size=1,
)
before = st.sampled_from(["", "Sure! Here is the JSON:\n", "**Tasks**\n\n", "Here you go: ", "1. Output\n"])
behind = st.sampled_from(["", "\n\nLet me know if you want more!", " I hope this helps :)", "\n---"])


@given(
    tasks,
    before,
    behind,
    st.sampled_from(["%s", "```json\n%s\n```", "```\n%s```", "~~~JSON\n%s\n~~~"]),
    st.data(),
)
def test_small_talk_and_fences_around_it_change_nothing(
    wanted: list[dict[str, Any]], said_before: str, said_behind: str, fence: str, data: st.DataObject
) -> None:
    lines = [json.dumps(task) for task in wanted]
    form = data.draw(
        st.sampled_from(
            [
                json.dumps({"tasks": wanted}),
                json.dumps(wanted, indent=2),
                "\n".join(lines),  # JSON Lines
                "\n\n".join(lines),
                f"[{', '.join(lines)},]",
                "[" + ", ".join(f"{line[:-1]},}}" for line in lines) + "]",  # commas too many
            ]
        )
    )
    text = f"{said_before}{fence.replace('%s', form)}{said_behind}"
    found = [
        plain(task)
        for value in read_values(text)
        for task in find_objects(value, lambda one: field(one, ("instruction",)) is not None)
    ]
    assert found == wanted


def test_fields_are_found_however_their_names_are_written() -> None:
    (found,) = read_values('{"isClassification": 1, "Is_classification": 2, "task": 3, "instruction": 4}')
    assert isinstance(found, JsonObject)
    assert field(found, ["isclassification"]) == JsonLiteral("2")
    assert field(found, ["instruction", "task"]) == JsonLiteral("4")
    assert field(found, ["input"]) is None


def test_objects_are_found_outermost_first_and_not_inside_each_other() -> None:
    (found,) = read_values('{"tasks": [{"a": {"a": 1}}, [{"a": 2}], "a"]}')
    wanted = find_objects(found, lambda one: "a" in one.fields)
    assert [str(one) for one in wanted] == ['{"a": {"a": 1}}', '{"a": 2}']
