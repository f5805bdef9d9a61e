from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import RecipeConfig, ReferenceConfig, SamplingConfig
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.records import Completion, InstructionCandidate

STOP_AT_16 = "\n\n", "\n16", "16.", "16 ."


def recipe(demonstrations: int = 8, **switches: bool) -> PaperRecipe:
    return PaperRecipe(
        RecipeConfig(demonstrations=demonstrations), SamplingConfig(), ReferenceConfig(**switches), None
    )


def reply(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0)


def parsed(text: str, finish_reason: str = "stop", **switches: bool) -> list[str | tuple[str, str]]:
    """Texts of the whole items, (text, flaw) of the others."""
    found = recipe(**switches).parse_instructions(reply(text, finish_reason))
    return [item.text if item.flaw is None else (item.text, item.flaw) for item in found]


def test_prompt_is_a_list_to_continue() -> None:
    prompt = recipe().instructions_prompt(["Name  a\ncolor.", "Sum up the text:"])
    assert prompt.preamble + prompt.body == (
        "Come up with a series of tasks:\n1. Name a color.\n2. Sum up the text:\n3."
    )
    assert prompt.demonstrations == 2


def test_sampling_is_the_papers() -> None:
    sampling = recipe().instructions_prompt(["a"] * 8).sampling
    assert (sampling.temperature, sampling.top_p) == (0.7, 0.5)
    assert (sampling.frequency_penalty, sampling.presence_penalty) == (0.0, 2.0)
    assert sampling.max_tokens == 1024
    assert sampling.stop == ("\n\n", "\n16.", "\n16 .")


def test_reference_strips_trailing_colons_of_demonstrations() -> None:
    prompt = recipe(strip_colons=True).instructions_prompt(["Sum up the text: ", "Ratio 3:4 of what?"])
    assert prompt.body == "1. Sum up the text\n2. Ratio 3:4 of what?\n3."


@pytest.mark.parametrize(("demonstrations", "end"), [(1, 3), (2, 4), (3, 6), (8, 16), (12, 24)])
def test_list_ends_at_twice_the_demonstrations(demonstrations: int, end: int) -> None:
    built = recipe(demonstrations)
    assert built.instructions_prompt(["a"] * demonstrations).sampling.stop == (
        "\n\n",
        f"\n{end}.",
        f"\n{end} .",
    )
    found = built.parse_instructions(reply(f" Whole.\n{end}. One too many."))
    assert found == [InstructionCandidate("Whole.")]


def test_reference_stops_are_fixed() -> None:
    for demonstrations in (3, 8):
        prompt = recipe(demonstrations, stop_at_16=True).instructions_prompt(["a"])
        assert prompt.sampling.stop == STOP_AT_16


CASE = " What does NASA do?\n10. Spell JavaScript."
NUMBERS = "9. One.\n10. Two.\n11."
YEAR = " Who won the election in 2016.\n10. Next one."


@pytest.mark.parametrize(
    ("text", "switches", "expected"),
    [
        (CASE, {}, ["What does NASA do?", "Spell JavaScript."]),
        (CASE, {"lowercase": True}, ["What does nasa do?", "Spell javascript."]),
        (YEAR, {}, ["Who won the election in 2016.", "Next one."]),
        (NUMBERS, {}, ["One.", "Two."]),
        (NUMBERS, {"exact_items": True}, ["9. One.", "Two. 11."]),
        (YEAR, {"stop_at_16": True}, ["Who won the election in 20"]),
    ],
)
def test_mended_defects_and_their_switches(text: str, switches: dict[str, Any], expected: list[str]) -> None:
    assert parsed(text, **switches) == expected


def test_cut_list_loses_its_last_item_only() -> None:
    assert parsed(" One.\n10. Two.\n11. Thr", "length") == ["One.", "Two.", ("Thr", "truncated")]


def test_reference_discards_a_cut_list_but_every_item_is_counted() -> None:
    assert parsed(" One.\n10. Two.\n11. Thr", "length", discard_cut_lists=True) == [
        ("One.", "truncated"),
        ("Two.", "truncated"),
        ("Thr", "truncated"),
    ]


def test_list_cut_at_a_bare_number_has_only_whole_items() -> None:
    assert parsed(" One.\n10. Two.\n11. ", "length") == ["One.", "Two."]


def test_list_that_ran_past_its_end_into_the_limit_is_whole() -> None:
    assert parsed(" One.\n10. Two.\n16. Thr", "length") == ["One.", "Two."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty reply"),
        pytest.param(" \n", [], id="blank reply"),
        pytest.param(" Only one.", ["Only one."], id="no list"),
        pytest.param("9. One.\n10. Two.", ["One.", "Two."], id="number repeated"),
        pytest.param("\n9. One.\n10. Two.", ["One.", "Two."], id="number repeated on a new line"),
        pytest.param(" One.\n10. \n11. Three.", ["One.", "", "Three."], id="empty item is kept"),
        pytest.param(" One.\n10 . Two.", ["One.", "Two."], id="space before the dot"),
        pytest.param(" One.\n10. Two.\n16", ["One.", "Two."], id="residue of a stop"),
        pytest.param(" One.\n10. Two.\n11.", ["One.", "Two."], id="number without an item"),
        pytest.param(" One,\n  in two lines.\n10. Two.", ["One, in two lines.", "Two."], id="whitespace"),
        pytest.param(" One.\n\nSomething else.", ["One."], id="blank line ends the list"),
        pytest.param(" At 12:30, see https://x.org.\n10. Two:", ["At 12:30, see https://x.org.", "Two:"],
                     id="colons"),
        pytest.param(" Pay 3. 50 dollars.\n10. Two.", ["Pay 3. 50 dollars.", "Two."], id="number inside"),
    ],
)  # fmt: skip
def test_lists(text: str, expected: list[str]) -> None:
    assert parsed(text) == expected


def test_stops_of_the_config_are_sent_and_applied() -> None:
    sampling = SamplingConfig()
    sampling = sampling.model_copy(
        update={"instructions": sampling.instructions.model_copy(update={"stop": ("END", "")})}
    )
    built = PaperRecipe(RecipeConfig(), sampling, ReferenceConfig(), None)
    assert built.instructions_prompt(["a"]).sampling.stop == ("END", "")
    assert built.parse_instructions(reply(" One.\n\n10. Two. END 11.")) == [
        InstructionCandidate("One."),
        InstructionCandidate("Two."),
    ]


@given(st.text() | st.text("\n 0123456789.a"), st.sampled_from(["stop", "length", "?"]), st.booleans())
def test_any_reply_parses(text: str, finish_reason: str, exact: bool) -> None:
    built = recipe(**dict.fromkeys(ReferenceConfig.model_fields, exact))
    for item in built.parse_instructions(reply(text, finish_reason)):
        assert item.text == " ".join(item.text.split())
        assert item.flaw in (None, "truncated")


words = st.text(min_size=1).map(lambda text: "".join(text.split())).filter(bool)
tricky = st.sampled_from(["NASA", "in 2016.", "16.", "12:30", "https:", "Example 1", "3. 4", "Ça", "任务"])
# Not behind a number and a dot: the numbering that a model may repeat would be read into it.
instruction_texts = (
    st.lists(words | tricky, min_size=1, max_size=8).map(" ".join).filter(lambda text: not text[0].isdigit())
)


@given(st.lists(instruction_texts, min_size=1, max_size=7))
def test_parsing_is_the_inverse_of_writing_a_list(texts: list[str]) -> None:
    built = recipe()
    shown = ["Shown."] * 8
    written = built.instructions_prompt([*shown, *texts]).body
    asked = built.instructions_prompt(shown).body
    assert written.startswith(asked)
    assert built.parse_instructions(reply(written.removeprefix(asked))) == [
        InstructionCandidate(text) for text in texts
    ]
