import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.models.http.finish import ending, stated_reason

STOP = (
    "stop eos eos_token stop_sequence end_turn COMPLETE STOP tool_calls tool_use function_call stop_token"
    " completed end_of_text done finished FinishReason.STOP finish_reason_stop"
)
LENGTH = (
    "length max_tokens MAX_TOKENS model_length LENGTH max_output_tokens token_limit limit truncated"
    " model_context_window_exceeded ERROR_LIMIT max_new_tokens max_length maxTokens incomplete"
    " FINISH_REASON_MAX_TOKENS context_length_exceeded token_budget_exceeded output_limit_reached"
)
REFUSED = (
    "SAFETY RECITATION PROHIBITED_CONTENT BLOCKLIST SPII content_filter refusal sensitive IMAGE_SAFETY"
    " content_filtered guardrail_intervened ERROR_TOXIC LANGUAGE moderation content_policy_violation blocked"
)
FAILED = (
    "error network_error insufficient_system_resource abort cancelled timeout server_error USER_CANCEL load"
    " MALFORMED_FUNCTION_CALL internal_error rate_limit_exceeded overloaded"
)


@pytest.mark.parametrize(
    ("expected", "words"), [("stop", STOP), ("length", LENGTH), ("refused", REFUSED), ("failed", FAILED)]
)
def test_every_providers_word(expected: str, words: str) -> None:
    assert {word: ending(word) for word in words.split()} == dict.fromkeys(words.split(), expected)


@given(
    st.sampled_from([STOP, LENGTH, REFUSED, FAILED]).flatmap(lambda words: st.sampled_from(words.split())),
    st.sampled_from([str.upper, str.lower, str.title]),
    st.sampled_from(["_", "-", " ", "."]),
)
def test_case_and_separators_do_not_matter(word: str, case: object, separator: str) -> None:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).replace(".", "_").replace("_", separator)
    assert callable(case)
    assert ending(case(spaced)) == ending(word)


@pytest.mark.parametrize("word", ["other", "unknown", "pause_turn", "word"])
def test_a_word_that_says_nothing_is_nobodys(word: str) -> None:
    assert ending(word) is None


@given(st.text())
def test_any_word_is_read(word: str) -> None:
    assert ending(word) in ("stop", "length", "refused", "failed", None)


def test_where_the_reason_stands() -> None:
    assert stated_reason({"finish_reason": None, "text": ""}, {"stop_type": "limit"}) == "limit"
    assert stated_reason({"finish_reason": {"type": "length"}}) == "length"
    assert stated_reason({"finishReason": "MAX_TOKENS"}) == "MAX_TOKENS"
    assert stated_reason({"finish_reason": 3}, None, {"done_reason": "stop"}) == "stop"
    assert stated_reason({}) == ""
