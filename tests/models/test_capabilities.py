"""What an endpoint takes: each refusal narrows it, and every chain of refusals comes to an end."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import ParameterRejectedError
from selfinstruct.models.base import BOUNDED_FIELDS, LENGTH_FIELDS, OPTIONAL_FIELDS, Capabilities
from selfinstruct.records import Sampling

ASKED = Sampling(
    temperature=0.7, top_p=0.5, frequency_penalty=0.5, presence_penalty=2.0, max_tokens=300, stop=("\n\n",)
)
GREEDY = replace(ASKED, temperature=0.0, top_p=1.0)
CHAT = Capabilities(api="chat")

names = st.sampled_from([*sorted(OPTIONAL_FIELDS), *LENGTH_FIELDS, "stream", "logprobs", ""])
bounds = st.none() | st.floats(-2, 40, allow_nan=False)
rejections = st.builds(
    lambda name, least, most: ParameterRejectedError("no", name, least=least, most=most),
    names,
    bounds,
    bounds,
)


def rejected(parameter: str, least: float | None = None, most: float | None = None) -> ParameterRejectedError:
    return ParameterRejectedError("no", parameter, least=least, most=most)


def after(capabilities: Capabilities, rejections: Sequence[ParameterRejectedError]) -> Capabilities:
    for rejection in rejections:
        capabilities = capabilities.after(rejection, ASKED) or capabilities
    return capabilities


@given(st.lists(rejections, max_size=12))
def test_what_is_kept_comes_back_the_same(chain: list[ParameterRejectedError]) -> None:
    found = after(CHAT, chain)
    assert Capabilities.from_json(json.loads(json.dumps(found.to_json()))) == found


@given(st.lists(rejections, max_size=200))
def test_no_chain_of_refusals_goes_on_for_ever(chain: list[ParameterRejectedError]) -> None:
    """Each step leaves out one more field, or moves a value that was sent."""
    seen = [CHAT]
    for rejection in chain:
        found = seen[-1].after(rejection, ASKED)
        if found is not None:
            assert found not in seen, "nothing is tried twice"
            seen.append(found)


@given(st.lists(rejections, max_size=12), st.sampled_from([ASKED, GREEDY]))
def test_values_lie_within_the_bounds(chain: list[ParameterRejectedError], asked: Sampling) -> None:
    found = after(CHAT, chain)
    sent = found.sampling(asked)
    for name, (least, most) in found.bounds.items():
        assert name in BOUNDED_FIELDS
        if least is None or most is None or least <= most:
            whole = int(least) if least is not None and name == "max_tokens" else least
            assert whole is None or getattr(sent, name) >= whole
            assert most is None or getattr(sent, name) <= most
    assert isinstance(sent.max_tokens, int)


def test_a_length_goes_under_its_other_name_and_is_not_left_out() -> None:
    renamed = CHAT.after(rejected("max_tokens"), ASKED)
    assert renamed is not None
    assert renamed.max_tokens_field == "max_completion_tokens"
    assert renamed.after(rejected("max_completion_tokens"), ASKED) is None
    back = replace(CHAT, max_tokens_field="max_completion_tokens").after(
        rejected("max_completion_tokens"), ASKED
    )
    assert back is not None
    assert back.max_tokens_field == "max_tokens"


def test_a_bound_moves_the_value_and_a_value_within_it_is_left_out() -> None:
    short = replace(ASKED, max_tokens=3)
    raised = CHAT.after(rejected("max_tokens", least=16), short)
    assert raised is not None
    assert raised.sampling(short).max_tokens == 16
    assert raised.sampling(ASKED).max_tokens == 300, "longer replies stay as they are"
    assert raised.max_tokens_field == "max_tokens"
    cool = CHAT.after(rejected("temperature", least=0.01), GREEDY)
    assert cool is not None
    assert cool.sampling(GREEDY).temperature == 0.01
    again = cool.after(rejected("temperature", least=0.01), GREEDY)
    assert again is not None
    assert again.unsupported == ("temperature",)


def test_penalties_that_are_refused_in_one_word_are_both_left_out() -> None:
    found = after(CHAT, [rejected("presence_penalty")] * 2)
    assert found.unsupported == ("frequency_penalty", "presence_penalty")
    assert found.after(rejected("presence_penalty"), ASKED) is None


def test_a_schema_is_tried_again_in_another_stage_and_what_was_known_stays() -> None:
    learnt = replace(CHAT, unsupported=("response_format", "seed"))
    assert learnt.shared_with(CHAT).unsupported == ("seed",)
    assert learnt.shared_with(learnt).unsupported == ("response_format", "seed")


@pytest.mark.parametrize(
    ("capabilities", "asked", "said"),
    [
        (CHAT, ASKED, ()),
        (
            replace(CHAT, unsupported=("temperature",)),
            GREEDY,
            ("temperature 0 not sent: greedy decoding was requested, but the endpoint samples",),
        ),
        (replace(CHAT, unsupported=("temperature",)), ASKED, ("temperature 0.7 not sent",)),
        (replace(CHAT, unsupported=("top_p",)), GREEDY, ()),
        (replace(CHAT, unsupported=("presence_penalty",)), ASKED, ("presence_penalty 2 not sent",)),
        (replace(CHAT, bounds={"max_tokens": (None, 200)}), ASKED, ("max_tokens 200 instead of 300",)),
        (
            replace(CHAT, unsupported=("max_tokens",), bounds={"max_tokens": (16, None)}),
            replace(GREEDY, max_tokens=3),
            ("max_tokens 16 instead of 3",),
        ),
        (replace(CHAT, stream=True), ASKED, ("streamed",)),
    ],
)
def test_what_was_asked_otherwise_is_said(
    capabilities: Capabilities, asked: Sampling, said: tuple[str, ...]
) -> None:
    assert capabilities.changes(asked) == said
