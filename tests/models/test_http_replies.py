import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import (
    AuthenticationError,
    ContentRefusedError,
    ContextLengthError,
    EndpointFailedError,
    EndpointUnavailableError,
    MalformedReplyError,
    ParameterRejectedError,
    RateLimitedError,
    SelfInstructError,
    UnknownModelError,
    UnrecognizedError,
)
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.replies import read_reply
from selfinstruct.records import Completion, Prompt, Sampling

ENDPOINT = Endpoint("http://127.0.0.1:8080/v1", "tiny")
PROMPT = Prompt("Answer.\n", "Name a colour.", Sampling(0, 1, 0, 0, 16), 0)


def read(body, content_type="application/json"):
    text = body if isinstance(body, str) else json.dumps(body)
    return read_reply({"Content-Type": content_type}, text, PROMPT, 1.5, ENDPOINT)


def test_a_completion_with_its_counts():
    body = {
        "choices": [{"text": " Red", "finish_reason": "length"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 1},
    }
    assert read(body) == Completion(" Red", "length", 7, 1, False, 1.5)


def test_a_chat_message_with_estimated_counts():
    assert read({"choices": [{"message": {"content": "Dark red"}}]}) == Completion(
        "Dark red", "stop", 6, 2, True, 1.5
    )


def test_counts_of_the_wrong_type_are_estimated():
    usage = {"prompt_tokens": "7", "completion_tokens": True}
    assert read({"choices": [{"text": "Red"}], "usage": usage}).estimated
    assert read({"choices": [{"text": "Red"}], "usage": {"prompt_tokens": 9}}).prompt_tokens == 9


def test_contents_that_are_null_or_in_parts():
    assert read({"choices": [{"message": {"content": None}, "finish_reason": None}]}).text == ""
    parts = [{"type": "text", "text": "Dark "}, {"type": "thinking"}, {"type": "text", "text": "red"}]
    assert read({"choices": [{"message": {"content": parts}}]}).text == "Dark red"


def test_thinking_that_took_all_the_tokens_left_an_empty_text():
    for thinking in ("reasoning_content", "reasoning", "thinking"):
        for content in ({}, {"content": None}, {"content": ""}):
            message = {"role": "assistant", thinking: "Let me see …", **content}
            completion = read({"choices": [{"message": message, "finish_reason": "length"}]})
            assert (completion.text, completion.finish_reason) == ("", "length")


def test_thinking_that_nobody_counted_is_estimated_with_the_reply():
    message = {"content": "Red", "reasoning_content": "A colour, then."}
    completion = read({"choices": [{"message": message}]})
    assert (completion.completion_tokens, completion.reasoning_tokens) == (1 + 4, 4)
    assert completion.estimated


def test_counts_of_the_cache_and_of_thinking():
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 4},
    }
    assert read({"choices": [{"text": "Red"}], "usage": usage}) == Completion(
        "Red", "stop", 100, 20, False, 1.5, 90, 4, 11
    )


def test_no_tokens_of_a_text_are_none_that_were_counted():
    usage = {"prompt_tokens": 0, "completion_tokens": 0}
    completion = read({"choices": [{"text": "Red"}], "usage": usage})
    assert (completion.prompt_tokens, completion.completion_tokens, completion.estimated) == (6, 1, True)
    assert not read({"choices": [{"text": ""}], "usage": usage | {"prompt_tokens": 7}}).estimated


@pytest.mark.parametrize(
    ("reason", "normal"),
    [("MAX_TOKENS", "length"), ("model_length", "length"), ("end_turn", "stop"), ("COMPLETE", "stop"),
     ("eos_token", "stop"), (None, "stop"), ("", "stop"), ("Pause_Turn", "pause_turn")],
)  # fmt: skip
def test_the_finish_reason_has_one_form(reason, normal):
    assert read({"choices": [{"text": "Red", "finish_reason": reason}]}).finish_reason == normal


def test_a_reason_may_stand_beside_the_choices():
    assert read({"choices": [{"text": "Red"}], "stop_type": "limit"}).finish_reason == "length"


def call(arguments, name="write"):
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize("content", [{}, {"content": None}, {"content": ""}, {"content": "\n"}])
def test_the_arguments_of_tool_calls_are_the_reply_where_there_is_no_other(content):
    as_text, as_object = call('{"tasks": ["é"]}'), call({"tasks": ["é"]})
    for one in (as_text, as_object):
        message = {**content, "tool_calls": [one]}
        completion = read({"choices": [{"message": message, "finish_reason": "tool_calls"}]})
        assert (completion.text, completion.finish_reason) == ('{"tasks": ["é"]}', "stop")
    several = {**content, "tool_calls": [as_text, "odd", {"function": None}, as_object]}
    assert read({"choices": [{"message": several}]}).text == '{"tasks": ["é"]}\n{"tasks": ["é"]}'
    older = {**content, "function_call": as_text["function"]}
    assert read({"choices": [{"message": older}]}).text == '{"tasks": ["é"]}'


def test_a_content_beside_tool_calls_is_the_reply():
    message = {"content": "Red", "tool_calls": [call("{}")]}
    assert read({"choices": [{"message": message}]}).text == "Red"


@pytest.mark.parametrize(
    "thought",
    [
        {"type": "thinking", "thinking": "Hm.", "text": "Hm."},
        {"type": "reasoning", "text": "Hm."},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "reasoning_text", "text": "Hm."},
        {"text": "Hm.", "thought": True},
    ],
)
def test_parts_of_a_content_without_the_thinking(thought):
    parts = [thought, {"type": "output_text", "text": "Dark "}, "red", {"text": {"value": "!"}}, 3]
    assert read({"choices": [{"message": {"content": parts}}]}).text == "Dark red!"
    only = read({"choices": [{"message": {"content": [thought]}, "finish_reason": "length"}]})
    assert (only.text, only.finish_reason) == ("", "length")


def test_a_part_that_declines():
    parts = [{"type": "refusal", "refusal": "I can't."}]
    with pytest.raises(ContentRefusedError, match="the model declines: I can't"):
        read({"choices": [{"message": {"content": parts}}]})


def test_thinking_is_not_the_answer():
    message = {"content": "Red", "reasoning_content": "A colour, then."}
    assert read({"choices": [{"message": message}]}).text == "Red"


def test_a_model_that_declines():
    message = {"role": "assistant", "content": None, "refusal": "I'm sorry, I can't help with that."}
    with pytest.raises(ContentRefusedError, match="the model declines: I'm sorry"):
        read({"choices": [{"message": message, "finish_reason": "stop"}]})
    assert read({"choices": [{"message": {"content": "Red", "refusal": None}}]}).text == "Red"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "the reply is not a JSON object: (nothing)"),
        ('{"choices": [{"te', 'the reply is not a JSON object: {"choices": [{"te'),
        ("[]", "not a JSON object"),
        ("{}", "the reply has no choices: {}"),
        ({"choices": []}, "no choices"),
        ({"choices": ["x"]}, "no choices"),
        ({"choices": [{"text": 1}]}, "first choice has no text"),
        ({"choices": [{"message": {}}]}, "first choice has no text"),
    ],
)
def test_malformed(body, message):
    with pytest.raises(MalformedReplyError) as raised:
        read(body)
    assert message in raised.value.message
    assert ENDPOINT.base_url in raised.value.message


def test_a_web_page_is_unreadable_and_doubts_the_base_url():
    with pytest.raises(
        MalformedReplyError, match=r"API here.* answered 200: a web page, “Log in”. Check the base"
    ):
        read("<!doctype html><title>Log in</title>", "text/html")


def test_a_byte_order_mark_does_not_matter():
    assert read('\ufeff{"choices": [{"text": "Red"}]}').text == "Red"


def test_errors_within_a_200_go_by_their_code():
    with pytest.raises(RateLimitedError):
        read({"error": {"code": 429, "message": "slow down"}})
    with pytest.raises(RateLimitedError):
        read({"error": {"code": "429", "message": "slow down"}, "choices": []})
    with pytest.raises(EndpointFailedError, match="provider down"):
        read({"choices": [{"error": {"code": 502, "message": "provider down"}, "text": "half"}]})
    with pytest.raises(MalformedReplyError, match=r"the reply is an error: .*strange"):
        read({"error": "strange"})
    with pytest.raises(RateLimitedError, match="slow down"):
        read({"object": "error", "code": 429, "message": "slow down"})
    assert read({"error": None, "choices": [{"text": "fine"}]}).text == "fine"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": 400, "message": "seed is not supported"}}, ParameterRejectedError),
        ({"error": {"message": "x", "type": "invalid_request_error", "param": "seed"}},
         ParameterRejectedError),
        ({"error": {"code": 401, "message": "x"}}, AuthenticationError),
        ({"error": {"code": "invalid_api_key", "message": "x"}}, AuthenticationError),
        ({"error": {"code": "rate_limit_exceeded", "message": "x"}}, RateLimitedError),
        ({"error": {"type": "overloaded_error", "message": "x"}}, EndpointFailedError),
        ({"error": {"code": 404, "message": "The model `m` does not exist"}}, UnknownModelError),
        ({"error": {"code": 400, "message": "gronk"}}, UnrecognizedError),
        ({"error": "Insufficient Balance"}, EndpointUnavailableError),
        ({"error": "The prompt was flagged"}, ContentRefusedError),
        ({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}, "choices": None},
         EndpointUnavailableError),
        ({"code": 429, "msg": "slow down", "success": False}, RateLimitedError),
        ({"object": "error", "message": "too many tokens", "code": 400}, ContextLengthError),
        ({"detail": "gronk"}, MalformedReplyError),
        ({"error": {"message": "gronk"}}, MalformedReplyError),
        ({"error": True, "choices": []}, MalformedReplyError),
    ],
)  # fmt: skip
def test_errors_within_a_200_mean_what_they_say(body, expected):
    with pytest.raises(SelfInstructError) as raised:
        read(body)
    assert type(raised.value) is expected


def test_a_reply_that_was_cut_off_is_no_completion():
    with pytest.raises(ContentRefusedError):
        read({"choices": [{"message": {"content": None}, "finish_reason": "content_filter"}]})
    for reason in ("SAFETY", "sensitive", "RECITATION"):
        with pytest.raises(ContentRefusedError, match=f"for its content \\({reason}\\)"):
            read({"choices": [{"text": "ha", "finish_reason": reason}]})
    for reason in ("error", "network_error", "insufficient_system_resource"):
        with pytest.raises(EndpointFailedError, match="broke the reply off"):
            read({"choices": [{"text": "ha", "finish_reason": reason}]})


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
fields = st.sampled_from(
    ["choices", "text", "message", "content", "usage", "prompt_tokens", "error", "code", "finish_reason",
     "reasoning", "refusal", "tool_calls", "function", "arguments", "type"]
)  # fmt: skip
values = st.recursive(
    leaves, lambda v: st.lists(v, max_size=2) | st.dictionaries(fields, v, max_size=5), max_leaves=15
)
choices = st.fixed_dictionaries(
    {"choices": st.lists(st.dictionaries(fields, values, max_size=4), max_size=2)}
)


@given(st.text() | (values | choices).map(json.dumps))
def test_any_body_is_a_completion_or_one_of_our_errors(body):
    try:
        outcome = read(body)
    except SelfInstructError as error:
        outcome = error
    assert isinstance(outcome, Completion) or "\n" not in str(outcome)
