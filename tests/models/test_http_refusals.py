import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    ContentRefusedError,
    ContextLengthError,
    EndpointFailedError,
    EndpointMismatchError,
    EndpointUnavailableError,
    ParameterRejectedError,
    RateLimitedError,
    RequestError,
    RequestTimeoutError,
    SelfInstructError,
    UnknownModelError,
)
from selfinstruct.models.endpoint import Endpoint
from selfinstruct.models.refusals import refusal, retry_after

KEY = "sk-secret-0123456789"
ENDPOINT = Endpoint("https://api.example.com/v1/", "tiny", KEY, "Set EXAMPLE_KEY.")


def error(message="", code=None, param=None, **rest):
    return json.dumps({"error": {"message": message, "type": "x", "code": code, "param": param, **rest}})


def judge(status, body="", **headers):
    return refusal(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, ENDPOINT)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, error("Incorrect API key"), AuthenticationError),
        (403, error("Country not supported"), AuthenticationError),
        (403, error("Your input was flagged for violence", metadata={"reasons": ["x"]}), ContentRefusedError),
        (403, error("Input violates our content policy"), ContentRefusedError),
        (451, "", ContentRefusedError),
        (404, error("The model `tiny` does not exist", "model_not_found"), UnknownModelError),
        (404, error("No endpoints found for x/tiny."), UnknownModelError),
        (404, '{"error":"model \'tiny\' not found"}', UnknownModelError),
        (404, '{"detail":"Not Found"}', EndpointMismatchError),
        (404, "404 page not found", EndpointMismatchError),
        (404, error("This is a chat model and not supported in the v1/completions endpoint. Did you mean "
                    "to use v1/chat/completions?", None, "model"), EndpointMismatchError),
        (405, "", EndpointMismatchError),
        (301, "", EndpointMismatchError),
        (501, "Unsupported method ('POST')", EndpointMismatchError),
        (403, "<!DOCTYPE html><title>Sign in: flagged</title>", EndpointMismatchError),
        (400, "<html>plain HTTP request was sent to HTTPS port</html>", EndpointMismatchError),
        (402, error("Insufficient credits"), EndpointUnavailableError),
        (429, error("You exceeded your current quota", "insufficient_quota"), EndpointUnavailableError),
        (429, error("You exceeded your current quota, per minute", "rate_limit_exceeded"), RateLimitedError),
        (408, "", RequestTimeoutError),
        (409, "", EndpointFailedError),
        (425, "", EndpointFailedError),
        (500, error("internal"), EndpointFailedError),
        (502, "<html>502 Bad Gateway</html>", EndpointFailedError),
        (529, "", EndpointFailedError),
        (413, "<html>413 Request Entity Too Large</html>", ContextLengthError),
        (407, "", ConfigError),
    ],
)  # fmt: skip
def test_status(status, body, expected):
    assert type(judge(status, body)) is expected


@pytest.mark.parametrize(
    "body",
    [
        error("too long", "context_length_exceeded", "messages"),
        error(
            "This model's maximum context length is 4097 tokens, however you requested 5000", None, "prompt"
        ),
        error(
            "'max_tokens' is too large: 1024. This model's maximum context length is 512", 400, "max_tokens"
        ),
        error("the request exceeds the available context size. try increasing it", 400),
        error("request (900 tokens) exceeds", type="exceed_context_size_error"),
        error("Please reduce the length of the messages or completion."),
        error("prompt is too long: 210000 tokens > 200000 maximum"),
        '{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096"}',
        '[{"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of tokens"}}]',
    ],
)
def test_context_length(body):
    assert type(judge(400, body)) is ContextLengthError


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (error("Unsupported parameter", "unsupported_parameter", "seed"), "seed"),
        (error("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
               "'max_completion_tokens' instead."), "max_tokens"),
        (error("Unsupported value: 'temperature' does not support 0.7 with this model."), "temperature"),
        (error("Unrecognized request argument supplied: presence_penalty"), "presence_penalty"),
        (error("Extra inputs are not permitted, field: 'seed', value: 42"), "seed"),
        (error('json: unknown field "frequency_penalty"'), "frequency_penalty"),
        (error("`top_p` must be > 0.0 and < 1.0"), "top_p"),
        (error("stop: at most four", None, "stop[4]"), "stop"),
        ('{"detail":[{"loc":["body","seed"],"msg":"extra fields not permitted","type":"x"}]}', "seed"),
        ('{"object":"error","message":{"detail":[{"loc":["body","seed"],"msg":"Extra inputs"}]}}', "seed"),
        ('{"object":"error","message":"[{\'type\': \'extra_forbidden\', \'loc\': (\'body\', \'seed\'), '
         '\'msg\': \'Extra inputs are not permitted\'}]","code":400}', "seed"),
        (error("Provider returned error", 400, metadata={"raw": error("no", None, "top_p")}), "top_p"),
        ('{"error":"Input validation error: `temperature` must be strictly positive"}', "temperature"),
        (error("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
         "top_p"),
        (error("Penalty is not enabled for models/gemini-2.5-flash"), "presence_penalty"),
        ('[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"seed\\": Cannot '
         'find field.","status":"INVALID_ARGUMENT"}}]', "seed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [400, 422])
def test_rejected_parameter(status, body, parameter):
    found = judge(status, body)
    assert type(found) is ParameterRejectedError
    assert found.parameter == parameter


@pytest.mark.parametrize(
    "body",
    [
        error("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
        error("Invalid schema for response_format 'instances': …", None, "response_format"),
        error("This response_format type is unavailable now", "invalid_request_error"),
        "Failed to deserialize the JSON body into the target type: response_format: response_format.type "
        "`json_schema` is unavailable now at line 1 column 12440",
        '{"error":"\'response_format.type\' must be \'json_schema\' or \'text\'"}',
        error("This model does not support response format `json_schema`. See supported models at https://x"),
        error("invalid schema for response format: response_format/json_schema: minItems is not supported"),
        error("The parameter `response_format.type` specified in the request are not valid: invalid value: "
              "`json_schema`, supported values are: `json_object` and `text`", None, "response_format.type"),
        error("JSON mode is not enabled for models/gemma-3-27b-it"),
        error("JSON schema conversion failed: Unrecognized schema"),
        error("Failed to parse grammar"),
        '{"detail":[{"type":"extra_forbidden","loc":["body","response_format"],"msg":"Extra inputs"}]}',
    ],
)  # fmt: skip
def test_no_response_format(body):
    found = judge(400, body)
    assert type(found) is ParameterRejectedError
    assert found.parameter == "response_format"
    assert "does not take 'response_format'" in found.message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"object":"error","message":"System role not supported","type":"BadRequestError","code":400}'),
        (400, error("Error in applying chat template from request: System role not supported")),
        (422, '{"error":"Template error: invalid operation: System role not supported (in <string>:1)"}'),
        (500, error("System role not supported", 500)),
        (400, error("Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                    "unsupported_value", "messages[0].role")),
        (400, error("Developer instruction is not enabled for models/gemma-3-27b-it")),
        (400, error("The input system_instruction is not supported.")),
        (400, error("Only user and assistant roles are supported!")),
        (400, error("Conversation roles must alternate user/assistant/user/assistant/...")),
        (400, error("Unexpected role 'system' after role 'user'")),
        (400, error("Invalid role: system")),
    ],
)  # fmt: skip
def test_no_system_role(status, body):
    found = judge(status, body)
    assert type(found) is ParameterRejectedError
    assert found.parameter == "system"
    assert "does not take a system message" in found.message


PRINTED = (  # by llama-cpp-python's server
    "{count}:\n  {{'type': 'literal_error', 'loc': ('body', '{field}', 'type'), 'input': 'x', 'msg': "
    "\"Input should be 'text' or 'json_object'\"}}\n\n  File \"/srv/app.py\", line 376, in create\n"
    "    POST /v1/chat/completions"
)


@pytest.mark.parametrize("count", ["1 validation error", "2 validation errors"])
@pytest.mark.parametrize("field", ["response_format", "presence_penalty", "seed"])
def test_a_500_that_prints_the_field_it_found_wrong_is_a_refusal_of_it(field, count):
    found = judge(500, error(PRINTED.format(count=count, field=field)))
    assert type(found) is ParameterRejectedError
    assert found.parameter == field


def test_a_500_that_finds_the_messages_wrong_is_one_request_refused():
    found = judge(500, error(PRINTED.format(count="1 validation error", field="messages")))
    assert type(found) is ContentRefusedError


def test_a_500_of_any_other_kind_is_tried_again():
    assert type(judge(500, error("The system is overloaded"))) is EndpointFailedError
    assert type(judge(500, error("1 validation error: the reply has no 'choices'"))) is EndpointFailedError


def test_a_field_that_the_endpoint_calls_otherwise_comes_back_under_our_name():
    mistral = Endpoint("https://api.example.com/v1", "tiny", renamed={"seed": "random_seed"})
    for body in (
        '{"message":{"detail":[{"loc":["body","random_seed"],"msg":"Extra inputs are not permitted"}]}}',
        error("Unsupported parameter: random_seed"),
    ):
        found = refusal(422, {}, body, mistral)
        assert isinstance(found, ParameterRejectedError)
        assert found.parameter == "seed"


@pytest.mark.parametrize(
    "body",
    [
        error("The model `tiny` does not exist", None, "model"),
        error("tiny is not a valid model ID"),
        error("Model Not Exist"),
        error("invalid model ID"),
        error("The model `seed-oss` does not exist"),
    ],
)
def test_unknown_model(body):
    assert type(judge(400, body)) is UnknownModelError


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (error("This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you "
               "mean to use v1/completions?"), "Use --recipe paper."),
        (error("you must provide a chat template if the tokenizer does not define one"),
         "Use --recipe paper."),
        (error("Please use /v1/chat/completions instead"), "Use --recipe chat."),
        (error("The model does not support Completions API"), "Use --recipe chat."),
    ],
)  # fmt: skip
def test_other_call(body, hint):
    found = judge(400, body)
    assert type(found) is EndpointMismatchError
    assert found.hint == hint


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no",
        "null",
        error("Invalid prompt: it was flagged", "invalid_prompt", "prompt"),
        error("filtered by the content management policy", "content_filter", "prompt"),
        error("Your seed of doubt is bad, please stop", type="invalid_request_error"),
        '{"detail":[{"loc":["body","messages",0,"content"],"msg":"too rude"}]}',
        '{"detail":[{"loc":["body"],"msg":"bad"}]}',
        error("Failed to generate JSON. Please adjust your prompt.", "json_validate_failed"),
    ],
)
def test_anything_else_is_one_refused_request(body):
    assert type(judge(400, body)) is ContentRefusedError


def test_a_400_about_the_key_is_about_the_key():
    assert type(judge(400, error("API key not valid. Please pass a valid API key."))) is AuthenticationError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "?", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:30 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Oct 2026 07:28:00 GMT"}, None),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after(headers) == seconds


def test_retry_after_a_date_without_the_servers_clock():
    now = datetime(2026, 10, 21, tzinfo=UTC)
    until = format_datetime(now + timedelta(seconds=40), usegmt=True)
    assert retry_after({"retry-after": until}, now) == 40


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
def test_every_retryable_error_knows_how_long_to_wait(status):
    found = judge(status, "", Retry_After="7")
    assert isinstance(found, RequestError)
    assert found.retryable
    assert found.retry_after == 7


def test_message_says_what_where_and_how_to_mend():
    found = judge(401, error("no\nsuch   key"))
    assert found.message == (
        "The endpoint does not accept the API key. https://api.example.com/v1 answered 401: no such key"
    )
    assert found.hint == "Set EXAMPLE_KEY."
    keyless = refusal(401, {}, "", Endpoint("http://localhost:1/v1", "m"))
    assert "none was sent" in keyless.message
    assert "should normally end in /v1" in judge(404, "").hint
    assert "https://elsewhere" in judge(301, "", Location="https://elsewhere").message


def test_a_long_body_is_quoted_in_part():
    assert len(judge(400, "word " * 10_000).message) < 300


@given(st.integers(min_value=0, max_value=250))
def test_the_key_is_blotted_out_wherever_it_stands(offset):
    for status in (400, 401, 403, 404, 429, 500):
        body = error("x" * offset + KEY, None, KEY)
        assert "secret" not in repr(judge(status, body, Location=KEY))


@pytest.mark.parametrize(
    ("key", "said", "shown"),
    [
        ("a", "This is a chat model.", "This is a chat model."),
        ("e", "The parameter 'seed' is not supported", "The parameter 'seed' is not supported"),
        ("key", "No such key: key", "No such key: key"),
        ("token", "Bad token 'token' for max_tokens", "Bad [key] '[key]' for max_tokens"),
        ("stop.", "Wrong stop.: non-stop.", "Wrong [key]: non-stop."),
        ("(sk-1)", "key=(sk-1)!", "key=[key]!"),
        ("sk-12345", "not sk-12345abc", "not [key]abc"),
    ],
)
def test_a_short_key_does_not_spoil_messages(key, said, shown):
    assert Endpoint("http://host/v1", "tiny", key).quote(said) == shown


@pytest.mark.parametrize("key", ["a", "e", "s", "se", "eed", "pena", "tempera"])
def test_a_short_key_does_not_change_what_is_left_out(key):
    endpoint = Endpoint("http://host/v1", "tiny", key)
    for parameter in ("seed", "presence_penalty", "temperature"):
        found = refusal(400, {}, error(f"Unsupported parameter: '{parameter}'", None, parameter), endpoint)
        assert isinstance(found, ParameterRejectedError)
        assert found.parameter == parameter


def test_secrets_of_headers_are_blotted_out_too():
    endpoint = Endpoint(
        "https://api.example.com/v1", "tiny", headers={"X-Key": "hush-hush"}, secrets=("hush-hush",)
    )
    found = refusal(401, {}, error("no entry with hush-hush"), endpoint)
    assert "hush" not in repr(found) + repr(endpoint)
    assert "no entry with [key]" in found.message


def test_the_key_is_in_no_repr():
    assert "secret" not in repr(ENDPOINT)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "param", "type", "detail", "loc", "msg", "metadata", "raw"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
bodies = st.text() | json_values.map(json.dumps) | st.binary().map(lambda b: b.decode("utf-8", "replace"))


@given(st.integers(100, 999), bodies, st.dictionaries(st.sampled_from(["Retry-After", "date"]), st.text()))
def test_every_reply_has_its_error(status, body, headers):
    found = refusal(status, headers, body, ENDPOINT)
    assert isinstance(found, SelfInstructError)
    assert type(found) is not SelfInstructError
    assert "\n" not in str(found)


def test_deeply_nested_bodies_are_read_as_text():
    assert type(judge(400, "[" * 100_000)) is ContentRefusedError
