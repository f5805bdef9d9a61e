"""Whatever a model writes comes back as it was, but for lone surrogates."""

import asyncio
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from store_examples import CONFIG, SEEDS, completion, request

from selfinstruct.records import (
    ACCEPTED,
    Instance,
    JudgedInstance,
    JudgedInstruction,
    Neighbour,
    Sampling,
    SeedTask,
    Stage,
    Verdict,
)
from selfinstruct.store.encoding import (
    clean_text,
    neighbours_from_json,
    neighbours_to_json,
    sampling_from_json,
    sampling_to_json,
    seed_from_row,
    seed_to_row,
)
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

ANY = st.text(st.characters(exclude_categories=()), max_size=40)
"""Lone surrogates and NUL included."""


@given(ANY)
def test_cleaning_changes_surrogates_only(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert clean_text(cleaned) is cleaned
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert cleaned is text


def test_what_cleaning_does_to_surrogates() -> None:
    assert clean_text("a\ud800b") == "a\ufffdb"
    assert clean_text("\udc00\ud800") == "\ufffd\ufffd"
    assert clean_text("\ud83d\ude00") == "\U0001f600"
    assert clean_text(json.loads(r'"nul \u0000 end \ud800"')) == "nul \0 end \ufffd"


@given(st.lists(st.builds(Neighbour, st.integers(0, 10**6), st.floats(0, 1))))
def test_neighbours_round_trip(neighbours: list[Neighbour]) -> None:
    assert neighbours_from_json(neighbours_to_json(neighbours)) == tuple(neighbours)


@given(st.builds(Sampling, *[st.floats(0, 2)] * 4, st.integers(1, 9999), st.lists(ANY).map(tuple)))
def test_samplings_round_trip(sampling: Sampling) -> None:
    assert sampling_from_json(sampling_to_json(sampling)) == sampling


@given(st.builds(SeedTask, ANY, ANY, ANY, st.lists(st.builds(Instance, ANY, ANY)).map(tuple), st.booleans()))
def test_seeds_round_trip(seed: SeedTask) -> None:
    assert seed_from_row(seed_to_row(0, seed)) == seed


@settings(max_examples=40, deadline=None)
@given(ANY, ANY, ANY)
def test_texts_round_trip_through_a_run(first: str, second: str, third: str) -> None:
    async def write(directory: Path) -> None:
        writer = RunWriter.open(directory, CONFIG, (*SEEDS, SeedTask(first, second, third, (), False)))
        wanted = request(Stage.INSTRUCTIONS, 0, body=second)
        attempt = await writer.intend(wanted, reserved_prompt_tokens=1, reserved_completion_tokens=1)
        kept = await writer.complete(attempt, wanted, completion(first))
        assert kept.text == clean_text(first)
        writer.admit(0, [JudgedInstruction(third, Verdict(None, first))])
        writer.classify(0, is_classification=False)
        writer.settle(0, [JudgedInstance(first, second, ACCEPTED)], None)
        writer.note("text", third)
        await writer.aclose()

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        asyncio.run(write(directory))
        reader = RunReader.open(directory)
        (task,) = reader.tasks()
        (row,) = reader.requests()
        assert task.instruction == clean_text(third)
        assert task.instances == (Instance(clean_text(first), clean_text(second)),)
        assert row.completion == clean_text(first)
        assert row.prompt == "instructions sheet\n" + clean_text(second or "instructions 0")
        assert reader.notes()["text"] == clean_text(third)
        assert reader.seeds()[-1].instruction == clean_text(third)
