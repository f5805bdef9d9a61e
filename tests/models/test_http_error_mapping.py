import json

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
    MalformedReplyError,
    ParameterRejectedError,
    RateLimitedError,
    RequestError,
    RequestTimeoutError,
    SelfInstructError,
    UnknownModelError,
    UnrecognizedError,
)
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_mapping import refusal

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
        (401, "", AuthenticationError),
        (403, "", AuthenticationError),
        (403, '{"error":"Forbidden"}', AuthenticationError),
        (403, error("The flurb is not licensed for gronks"), UnrecognizedError),
        (403, error("Your input was flagged for violence", metadata={"reasons": ["x"]}), ContentRefusedError),
        (403, error("Input violates our content policy"), ContentRefusedError),
        (451, "", UnrecognizedError),
        (451, error("The content you provided or machine outputted is blocked.", "censorship_blocked"),
         ContentRefusedError),
        (418, error("I'm a teapot"), UnrecognizedError),
        (434, "", UnrecognizedError),
        (404, error("The model `tiny` does not exist", "model_not_found"), UnknownModelError),
        (404, error("No endpoints found for x/tiny."), UnknownModelError),
        (404, '{"error":"model \'tiny\' not found"}', UnknownModelError),
        (404, '{"detail":"Not Found"}', EndpointMismatchError),
        (404, "", EndpointMismatchError),
        (404, error("Flurb has no gronk"), EndpointMismatchError),
        (404, "404 page not found", EndpointMismatchError),
        (404, error("This is a chat model and not supported in the v1/completions endpoint. Did you mean "
                    "to use v1/chat/completions?", None, "model"), EndpointMismatchError),
        (405, "", EndpointMismatchError),
        (301, "", EndpointMismatchError),
        (501, "Unsupported method ('POST')", EndpointMismatchError),
        (403, "<!DOCTYPE html><title>Sign in: flagged</title>", UnrecognizedError),
        (401, "<html><title>401 Authorization Required</title></html>", AuthenticationError),
        (400, "<html>plain HTTP request was sent to HTTPS port</html>", EndpointMismatchError),
        (402, error("Insufficient credits"), EndpointUnavailableError),
        (429, error("You exceeded your current quota", "insufficient_quota"), EndpointUnavailableError),
        (429, error("You exceeded your current quota, per minute", "rate_limit_exceeded"), RateLimitedError),
        (408, "", RequestTimeoutError),
        (409, "", EndpointFailedError),
        (409, error("The gronk is busy with another flurb"), EndpointFailedError),
        (425, "", EndpointFailedError),
        (500, error("internal"), EndpointFailedError),
        (502, "<html>502 Bad Gateway</html>", EndpointFailedError),
        (503, error("gronk"), EndpointFailedError),
        (520, "<html><title>520: Web server is returning an unknown error</title></html>",
         EndpointFailedError),
        (522, "", EndpointFailedError),
        (524, "error code: 524", EndpointFailedError),
        (530, "error code: 1033", EndpointFailedError),
        (529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
         EndpointFailedError),
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
        error("Please reduce it. Current length is 33000 while limit is 32768"),
        error("input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"),
        error("Range of input length should be [1, 30720]", "InvalidParameter"),
        error("Your request exceeded model token limit: 8192"),
        error("prompt tokens (5000) exceed model maximum (4096)"),
        error("Prompt 超长", "1261"),
        error("The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
    ],
)
def test_context_length(body):
    assert type(judge(400, body)) is ContextLengthError


@pytest.mark.parametrize(
    ("body", "window"),
    [
        (error("This model's maximum context length is 4097 tokens, however you requested 5000"), 4097),
        (error("prompt is too long: 210000 tokens > 200000 maximum", "context_length_exceeded"), 200000),
        (error("Please reduce it. Current length is 33000 while limit is 32768"), 32768),
        (error("input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"), 200000),
        (error("prompt tokens (5000) exceed model maximum (4096)"), 4096),
        (error("The decoder prompt (length 5000) is longer than the maximum model length of 4,096."), 4096),
        ('{"error":{"code":400,"message":"exceeds the available context size","n_ctx":512}}', 512),
        (error("Please reduce the length of the messages or completion."), None),
    ],
)
def test_the_hint_names_the_context_window_where_the_endpoint_tells_it(body, window):
    refused = judge(400, body)
    assert type(refused) is ContextLengthError
    assert f"`context_window{f'={window}' if window else ''}`" in refused.hint


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
    assert type(found) is UnrecognizedError


def test_a_500_about_the_context_is_a_refusal_of_the_length():
    found = judge(500, error("Requested tokens (2100) exceed context window of 2048"))
    assert type(found) is ContextLengthError


def test_a_500_of_any_other_kind_is_tried_again():
    assert type(judge(500, error("The system is overloaded"))) is EndpointFailedError
    assert type(judge(500, error("1 validation error: the reply has no 'choices'"))) is EndpointFailedError


@pytest.mark.parametrize(
    "body",
    [
        error("The model `tiny` does not exist", None, "model"),
        error("tiny is not a valid model ID"),
        error("Model Not Exist"),
        error("invalid model ID"),
        error("The model `seed-oss` does not exist"),
        error("模型不存在，请检查模型代码", "1211"),
    ],
)
def test_unknown_model(body):
    assert type(judge(400, body)) is UnknownModelError


@pytest.mark.parametrize(
    "said",
    [
        "The model `tiny` has been deprecated, learn more here: https://example.com/deprecations",
        "The model `tiny` has been decommissioned and is no longer supported.",
        "This model was shut down on 2026-01-31",
        "This model is no longer available.",
        "tiny has reached its end of life",
    ],
)
@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_model_that_is_gone(status, said):
    found = judge(status, error(said))
    assert type(found) is UnknownModelError
    assert "'tiny' is no longer offered" in found.message


def test_a_deployment_that_is_not_there():
    found = judge(404, error("The API deployment for this resource does not exist.", "DeploymentNotFound"))
    assert type(found) is UnknownModelError
    assert "no deployment 'tiny'" in found.message
    assert "Use the deployment's name as the model" in found.hint


def test_a_model_that_was_not_pulled():
    found = judge(404, '{"error":"model \'tiny\' not found, try pulling it first"}')
    assert type(found) is UnknownModelError
    assert "ollama pull tiny" in found.hint


def test_a_model_of_another_api():
    found = judge(404, error("This model is only supported in v1/responses and not in v1/chat/completions.",
                             None, "model"))  # fmt: skip
    assert type(found) is ConfigError
    assert "only through the Responses API" in found.message


@pytest.mark.parametrize(
    ("body", "wants"),
    [
        (error("This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you "
               "mean to use v1/completions?"), "completions"),
        (error("you must provide a chat template if the tokenizer does not define one"),
         "completions"),
        (error("Please use /v1/chat/completions instead"), "chat"),
        (error("The model does not support Completions API"), "chat"),
    ],
)  # fmt: skip
def test_other_call(body, wants):
    found = judge(400, body)
    assert type(found) is EndpointMismatchError
    assert found.wants == wants


@pytest.mark.parametrize("status", [400, 403, 422])
@pytest.mark.parametrize(
    "body",
    [
        error("Invalid prompt: it was flagged", "invalid_prompt", "prompt"),
        error("filtered by the content management policy", "content_filter", "prompt"),
        error("Your request was rejected as a result of our safety system.", "content_policy_violation"),
        error("The response was filtered", "x", innererror={"code": "ResponsibleAIPolicyViolation"}),
        error("Input data may contain inappropriate content.", "DataInspectionFailed"),
        error("Input data may contain inappropriate content.", "data_inspection_failed"),
        error("系统检测到输入或生成内容可能包含不安全或敏感内容", "1301"),
        error("gronk", 1301),
        error("The request was rejected because it was considered high risk", type="content_filter"),
        error("Content Exists Risk"),
        error("Output blocked by content filtering policy"),
        error("Content violates usage guidelines."),
        error("gronk", "PROHIBITED_CONTENT"),
        error("gronk", status="SAFETY"),
        error("The request failed because the input text may contain sensitive information.",
              "SensitiveContentDetected"),
        error("input new_sensitive", 1026),
        error("Your prompt violates our rules"),
        error("The input may contain what we do not take"),
        '{"message": "Input violates our content policy", "code": "moderation"}',
        error("Provider returned error", 400, metadata={"raw": error("flagged", "content_filter")}),
        error("The prompt was flagged: the temperature of the oven is not allowed to be told"),
    ],
)  # fmt: skip
def test_a_refusal_for_content_says_so(status, body):
    found = judge(status, body)
    assert type(found) is ContentRefusedError
    assert not found.retryable


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no",
        "null",
        "[]",
        "{}",
        error("Flurb gronk 17"),
        error("Your seed of doubt is bad, please stop", type="invalid_request_error"),
        error("Model names are case-sensitive"),
        error("gronk", param="flurb"),
        '{"detail":[{"loc":["body","messages",0,"content"],"msg":"too rude"}]}',
        '{"detail":[{"loc":["body"],"msg":"bad"}]}',
    ],
)
@pytest.mark.parametrize("status", [400, 422, 418, 403])
def test_unknown_words_are_quoted_and_counted_apart(status, body):
    found = judge(status, body)
    if status == 403 and type(found) is AuthenticationError:
        assert body in ("", "null", "[]", "{}")  # nothing is said, which is about access then
        return
    assert type(found) is UnrecognizedError
    assert not found.retryable
    message = json.loads(body)["error"]["message"] if body.startswith('{"error"') else ""
    assert message in found.message


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            400,
            '{"__type":"ThrottlingException","message":"Too many requests, please wait"}',
            RateLimitedError,
        ),
        (403, error("Rate Limit Exceeded", "rateLimitExceeded"), RateLimitedError),
        (400, error("The model is overloaded. Please try again in 3 seconds"), EndpointFailedError),
    ],
)
def test_a_gateway_that_says_all_with_one_status(status, body, expected):
    found = judge(status, body, Retry_After="3")
    assert type(found) is expected
    assert found.retry_after == 3


def test_a_reply_of_the_model_that_is_not_the_json_asked_for():
    found = judge(400, error("Failed to generate JSON. Please adjust your prompt.", "json_validate_failed"))
    assert type(found) is MalformedReplyError


def test_a_400_about_the_key_is_about_the_key():
    assert type(judge(400, error("API key not valid. Please pass a valid API key."))) is AuthenticationError


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
    assert "https://elsewhere" in judge(301, "", Location="https://elsewhere").message


@pytest.mark.parametrize(
    ("base_url", "is_doubted"),
    [
        ("https://api.example.com", True),
        ("http://127.0.0.1:8080/api", True),
        ("https://api.example.com/v1", False),
        ("https://api.example.com/openai/v4beta", False),
        ("https://generativelanguage.googleapis.com/v1beta/openai", False),
    ],
)
def test_a_bare_404_doubts_a_base_url_that_does_not_look_like_one(base_url, is_doubted):
    found = refusal(404, {}, "404 page not found", Endpoint(base_url, "m"))
    assert type(found) is EndpointMismatchError
    assert f"Check the base URL, {base_url}" in found.hint
    assert ("should normally end in /v1" in found.hint) == is_doubted


@pytest.mark.parametrize("status", [401, 403])
def test_a_firewalls_page_is_not_about_the_key(status):
    found = judge(status, "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>")
    assert "A proxy or a firewall, not the API" in found.message
    assert "a web page, “Just a moment...”" in found.message
    assert "key" not in str(found)


def test_decisions_are_made_before_keys_are_masked():
    for key in "aeimprtuv":
        endpoint = Endpoint("https://api.example.com/v1", "m", key)
        found = refusal(400, {}, error("gronk", "unsupported_value", "temperature"), endpoint)
        assert isinstance(found, ParameterRejectedError)
        assert found.parameter == "temperature"
        assert type(refusal(400, {}, error("it was flagged by moderation"), endpoint)) is ContentRefusedError


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
    assert type(judge(400, "[" * 100_000)) is UnrecognizedError
    assert type(judge(400, '{"error":' * 500 + "1" + "}" * 500)) is UnrecognizedError
