"""Which field of a request is not taken, and the least and the most of its values: in wordings of endpoints
in use, and in wordings made up of the same parts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import ConfigError, ParameterRejectedError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import read_error_body
from selfinstruct.models.http.error_mapping import refusal
from selfinstruct.models.http.rejected_fields import RejectedField, rejected_field
from selfinstruct.records import Sampling

ENDPOINT = Endpoint("https://api.example.com/v1/", "tiny", "sk-secret-0123456789")


def error(message="", code=None, param=None, **rest):
    return json.dumps({"error": {"message": message, "type": "x", "code": code, "param": param, **rest}})


def judge(status, body):
    return refusal(status, {}, body, ENDPOINT)


def field(body):
    return rejected_field(read_error_body(body))


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
        (400, error("Invalid value: 'system'. Supported values are: 'user' and 'assistant'.", "invalid_value",
                    "messages[0].role")),
        (422, '{"detail":[{"loc":["body","messages",0,"role"],'
              '"msg":"Input should be \'user\' or \'assistant\'"}]}'),
    ],
)  # fmt: skip
def test_no_system_role(status, body):
    found = judge(status, body)
    assert type(found) is ParameterRejectedError
    assert found.parameter == "system"
    assert "does not take a system message" in found.message


def test_a_field_that_the_endpoint_calls_otherwise_comes_back_under_our_name():
    mistral = Endpoint("https://api.example.com/v1", "tiny", renamed={"seed": "random_seed"})
    for body in (
        '{"message":{"detail":[{"loc":["body","random_seed"],"msg":"Extra inputs are not permitted"}]}}',
        error("Unsupported parameter: random_seed"),
    ):
        found = refusal(422, {}, body, mistral)
        assert isinstance(found, ParameterRejectedError)
        assert found.parameter == "seed"


@pytest.mark.parametrize("param", [None, "temperature"])
@pytest.mark.parametrize(
    "said",
    [
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is"
        " supported.",
        "Only temperature=1 is supported for this model",
        "invalid temperature: only 1 is allowed for this model",
        "This model requires temperature to be 1.",
        "temperature is fixed for this model",
        "`temperature` may only be set to 1 when thinking is enabled.",
        "`temperature` is deprecated for this model.",
        "For o-series models temperature has to be left at its default",
        "You cannot change the temperature of this model",
        "temperature 参数非法",
    ],
)
def test_one_temperature_alone(said, param):
    found = judge(400, error(said, "unsupported_value" if param else None, param))
    assert isinstance(found, ParameterRejectedError)
    assert (found.parameter, found.least, found.most) == ("temperature", None, None)
    greedy = Sampling(0.0, 1.0, 0.0, 0.0, 3)
    after = Capabilities(api="chat").after(found, greedy)
    assert after is not None
    assert after.unsupported == ("temperature",)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 3 "
         "instead.",
         ("max_tokens", 16, None)),
        ("max_tokens is too large: 40000. This model supports at most 16384 completion tokens, whereas you "
         "provided 40000.", ("max_tokens", None, 16384)),
        ("max_tokens: 40000 > 8192, which is the maximum allowed number of output tokens for tiny",
         ("max_tokens", None, 8192)),
        ("Range of max_tokens should be [1, 8192]", ("max_tokens", 1, 8192)),
        ("max_tokens (40000) is greater than 8,192", ("max_tokens", None, 8192)),
        ("max_tokens exceeds the model's maximum output of 8192", ("max_tokens", None, 8192)),
        ("-5 is less than the minimum of 1 - 'max_tokens'", ("max_tokens", 1, None)),
        ("`max_new_tokens` must be strictly positive", ("max_tokens", 1, None)),
        ("num_predict too small, min 16", ("max_tokens", 16, None)),
        ("maxOutputTokens must be less than 4096", ("max_tokens", None, 4095)),
        ("Invalid 'max_completion_tokens': Expected a value >= 16", ("max_completion_tokens", 16, None)),
        ("`temperature` has to be a strictly positive float", ("temperature", 0.01, None)),
        ("`temperature` (=0.0) has to be a strictly positive float, otherwise your next token scores will be "
         "invalid.", ("temperature", 0.01, None)),
        ("temperature must be in (0, 1]", ("temperature", 0.01, 1)),
        ("temperature should be in range [0.01, 0.99]", ("temperature", 0.01, 0.99)),
        ("Temperature should be in [0.0, 2.0)", ("temperature", 0, 1.99)),
        ("temperature must be between 0.1 and 1.5, got 2", ("temperature", 0.1, 1.5)),
        ("temperature: range: 0..1", ("temperature", 0, 1)),
        ("300 is greater than the maximum of 2 - 'temperature'", ("temperature", None, 2)),
        ("top_p must be < 1", ("top_p", None, 0.99)),
        ("`top_p` must be > 0.0 and < 1.0", ("top_p", 0.01, 0.99)),
        ("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled",
         ("top_p", 0.95, None)),
        ("presence_penalty must be in [-2.0, 1.0]", ("presence_penalty", -2, 1)),
        ("temperature must be at least 3 and at most 1", ("temperature", None, None)),
    ],
)  # fmt: skip
def test_least_and_most(said, expected):
    assert field(error(said)) == RejectedField(*expected)


@pytest.mark.parametrize(
    ("limits", "least", "most"),
    [
        ({"ge": 0.01}, 0.01, None),
        ({"gt": 0.0}, 0.01, None),
        ({"le": 1}, None, 1),
        ({"lt": 1}, None, 0.99),
        ({"ge": 0.1, "le": 0.9}, 0.1, 0.9),
        ({"ge": "low"}, None, None),
    ],
)
def test_limits_of_pydantic(limits, least, most):
    entry = {"loc": ["body", "temperature"], "msg": "Value not accepted", "input": 7, "ctx": limits}
    for body in (json.dumps({"detail": [entry]}), json.dumps({"error": {"detail": [entry]}})):
        assert field(body) == RejectedField("temperature", least, most)
    if least is not None:
        printed = str([{**entry, "loc": ("body", "temperature")}])
        assert field(error(f"1 validation error:\n {printed}")) == RejectedField("temperature", least, most)


NAMES = {
    "temperature": ["temperature", "`temperature`", "generation_config.temperature", "Temperature"],
    "top_p": ["top_p", "topP", "top-p", "'top_p'"],
    "max_tokens": ["max_tokens", "`max_new_tokens`", "max_output_tokens", "maxOutputTokens", "num_predict"],
    "presence_penalty": ["presence_penalty", "presencePenalty"],
    "frequency_penalty": ["frequency_penalty", "'frequency_penalty'"],
}  # fmt: skip
RANGES = {
    "temperature": (0.0, 5.0), "top_p": (0.0, 1.0), "max_tokens": (1, 100_000),
    "presence_penalty": (-10.0, 10.0), "frequency_penalty": (-10.0, 10.0),
}  # fmt: skip
LEASTS = [
    "{name} must be >= {least}", "{name}: Input should be greater than or equal to {least}",
    "{name} should be at least {least}", "the minimum of {name} is {least}",
    "{name} must not be less than {least}",
    "{sent} is less than the minimum of {least} - '{name}'", "Expected {name} ≥ {least}, got {sent}",
    "{name} cannot be smaller than {least}", "{name} is below the minimum value of {least} (received {sent})",
    "ensure this value is greater than or equal to {least}: {name}", "{name} too small: {sent} < {least}",
]  # fmt: skip
MOSTS = [
    "{name} must be <= {most}", "{name}: Input should be less than or equal to {most}",
    "{name} should be at most {most}", "the maximum of {name} is {most}", "{name} must not exceed {most}",
    "{sent} is greater than the maximum of {most} - '{name}'", "Expected {name} ≤ {most}, got {sent}",
    "{name} cannot be larger than {most}", "{name} exceeds the limit of {most} (received {sent})",
    "{name} too large: {sent}. This model supports up to {most}", "{name} too large: {sent} > {most}",
]  # fmt: skip
BOTH = [
    "{name} must be between {least} and {most}", "{name} must be in [{least}, {most}]",
    "{name} should be in range [{least},{most}], got {sent}", "Range of {name} should be [{least}, {most}]",
    "{name} must be from {least} to {most}", "{least} <= {name} <= {most} required",
    "{name} must be at least {least} and at most {most}", "{name} must be >= {least} and <= {most}",
]  # fmt: skip


@st.composite
def complaints(draw):
    """A field, how it is called, two of its values in order, and one beyond."""
    name = draw(st.sampled_from(sorted(NAMES)))
    low, high = RANGES[name]
    values: st.SearchStrategy[float]
    if name == "max_tokens":
        values = st.integers(int(low), int(high))
    else:
        values = st.integers(int(low * 100), int(high * 100)).map(lambda hundredths: hundredths / 100)
    least, most = sorted((draw(values), draw(values)))
    return name, draw(st.sampled_from(NAMES[name])), least, most


@given(complaints(), st.sampled_from(LEASTS), st.booleans())
def test_the_least_in_any_words(body, wording, is_named):
    name, called, least, _ = body
    said = wording.format(name=called, least=least, sent=least - 1)
    assert field(error(said, None, called.strip("`'") if is_named else None)) == RejectedField(
        name, least, None
    )


@given(complaints(), st.sampled_from(MOSTS), st.booleans())
def test_the_most_in_any_words(body, wording, is_named):
    name, called, _, most = body
    said = wording.format(name=called, most=most, sent=most + 1)
    assert field(error(said, None, called.strip("`'") if is_named else None)) == RejectedField(
        name, None, most
    )


@given(complaints(), st.sampled_from(BOTH))
def test_both_in_any_words(body, wording):
    name, called, least, most = body
    said = wording.format(name=called, least=least, most=most, sent=most + 1)
    assert field(error(said)) == RejectedField(name, least, most)


@pytest.mark.parametrize(
    "said",
    [
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "parameter.enable_thinking must be set to false for non-streaming calls",
        "enable_thinking only support stream call",
        "Non-streaming requests are not supported for this model",
        "This model only supports streaming",
        "Streaming is required for this model",
        "stream must be set to true",
        "Please set stream=true",
        "stream=false is not supported for this model",
    ],
)
def test_streaming_only(said):
    found = judge(400, error(said))
    assert isinstance(found, ParameterRejectedError)
    assert found.parameter == "stream"
    assert "does not take requests without streaming" in found.message


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("too many stop sequences: at most 4 stop sequences are allowed", "stop"),
        ("Invalid 'stop': array too long. Expected an array with maximum length 4, but got 5", "stop"),
        ("Penalties are not supported by this model", "presence_penalty"),
        ("This model does not support penalties", "presence_penalty"),
        ("frequency penalty is not supported", "frequency_penalty"),
        ("Presence penalty is not supported", "presence_penalty"),
        ('Unknown name "topP": Cannot find field.', "top_p"),
        ("Unknown name \"stopSequences\" at 'generation_config': Cannot find field.", "stop"),
        ("seed is not supported", "seed"),
        ("Unrecognized key(s) in object: 'seed'", "seed"),
    ],
)
def test_fields_in_other_words(said, name):
    assert field(error(said)) == RejectedField(name)


@pytest.mark.parametrize(
    "said",
    [
        "Your seed of doubt is bad, please stop",
        "The stop sign is bad",
        "The system was overloaded",
        "Unexpected system error",
        "Could not finish the message because max_tokens or model output limit was reached. Please try again "
        "with higher max_tokens.",
        "Flurb",
    ],
)
def test_no_field(said):
    assert field(error(said)) is None


@pytest.mark.parametrize(
    "body",
    [
        error("gronk", "unsupported", "enable_thinking"),
        error("gronk", "unsupported", "enable_thinking.level"),
        error("Unrecognized request argument supplied: enable_thinking"),
        error("enable_thinking must be false here"),
        '{"detail":[{"loc":["body","enable_thinking"],"msg":"Extra inputs are not permitted"}]}',
    ],
)
def test_a_field_of_the_users_own_is_theirs_to_change(body):
    endpoint = Endpoint("https://api.example.com/v1", "tiny", extra_fields=("enable_thinking",))
    found = refusal(400, {}, body, endpoint)
    assert type(found) is ConfigError
    assert "'enable_thinking', which model.extra_body adds" in found.message
    assert "model.extra_body.enable_thinking" in found.hint


def test_a_field_of_ours_that_the_user_sets_is_theirs_too():
    endpoint = Endpoint("https://api.example.com/v1", "tiny", extra_fields=("temperature",))
    found = refusal(400, {}, error("gronk", "unsupported_value", "temperature"), endpoint)
    assert type(found) is ConfigError
    assert "model.extra_body.temperature" in found.hint


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_complaint_can_be_read(said, param):
    found = rejected_field(read_error_body(error(said, None, param)))
    assert found is None or found.least is None or found.most is None or found.least <= found.most
