import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import RecipeConfig, ReferenceConfig, SamplingConfig
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.recipes.copies import WorkedExamples
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.records import Completion, Instance, InstanceCandidate

FERRY = Instance("The ferry leaves at noon, on Sundays too.", "The ferry left at noon, on Sundays too.")
PRIME = Instance("97", "yes")
EXAMPLES = WorkedExamples([FERRY, PRIME])


@pytest.mark.parametrize(
    ("given", "output", "flaw"),
    [
        pytest.param(FERRY.input, FERRY.output, "copied_example", id="both"),
        pytest.param(FERRY.input, "present", "copied_example", id="the input"),
        pytest.param("Ferry: noon, Sunday", FERRY.output, "copied_example", id="the output"),
        pytest.param("the FERRY leaves\n at  noon,", "now", "copied_example", id="a part, dressed otherwise"),
        pytest.param("The ferry leaves at", "now", None, id="four words of it"),
        pytest.param("The ferry leaves at noon, on Mondays too.", "now", None, id="changed"),
        pytest.param(FERRY.output, "The tram", None, id="an example's output as input"),
        pytest.param("97", "yes", None, id="equal by chance"),
        pytest.param("", "", None, id="nothing"),
    ],
)
def test_what_is_a_copy(given: str, output: str, flaw: str | None) -> None:
    (found,) = EXAMPLES.flag_copies([InstanceCandidate(given, output)])
    assert found == InstanceCandidate(given, output, flaw)


def test_a_flaw_that_was_seen_before_stays() -> None:
    cut = InstanceCandidate(FERRY.input, "The", "truncated")
    assert EXAMPLES.flag_copies([cut]) == [cut]


@given(st.lists(st.builds(InstanceCandidate, st.text(), st.text()), max_size=4))
def test_all_come_back_in_their_order(candidates: list[InstanceCandidate]) -> None:
    found = EXAMPLES.flag_copies(candidates)
    assert [(one.input, one.output) for one in found] == [(one.input, one.output) for one in candidates]


def reply(text: str) -> Completion:
    return Completion(text, "stop", 0, 0, estimated=True, seconds=0.0)


def paper(**switches: bool) -> PaperRecipe:
    return PaperRecipe(RecipeConfig(), SamplingConfig(), ReferenceConfig(**switches))


EXAMPLE_COPY = "Input: One small tomato soup to take away.\nOutput: soup"


def test_the_paper_recipe_knows_its_examples() -> None:
    assert paper().parse_instances(reply(EXAMPLE_COPY), False)[0].flaw == "copied_example"
    copied = paper().parse_instances(reply("Class label: new\nSend me the March invoice by Friday."), True)
    assert copied[0].flaw == "copied_example"


def test_the_reference_code_does_not() -> None:
    assert paper(copied_examples=True).parse_instances(reply(EXAMPLE_COPY), False)[0].flaw is None


@pytest.mark.parametrize("is_classification", [False, True])
def test_the_chat_recipe_knows_its_system_prompts(is_classification: bool) -> None:
    recipe = ChatRecipe(RecipeConfig(), SamplingConfig())
    text = '{"instances": [{"input": "Until when is breakfast served on Sundays?", "output": "question"}]}'
    assert recipe.parse_instances(reply(text), is_classification)[0].flaw == "copied_example"
