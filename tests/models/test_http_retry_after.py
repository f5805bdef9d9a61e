"""How long a reply asks to wait, in every place and form that endpoints use."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import EndpointFailedError, RateLimitedError, RequestError, UnrecognizedError
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import read_error_body
from selfinstruct.models.http.error_mapping import refusal
from selfinstruct.models.http.hidden_errors import error_inside
from selfinstruct.models.http.retry_after import LONGEST_SECONDS, wait_seconds

ENDPOINT = Endpoint("https://api.example.com/v1/", "tiny")
NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)


def wait(headers=None, body="", *, rate_limited=True, now=NOW):
    return wait_seconds(headers or {}, read_error_body(body), rate_limited=rate_limited, now=now)


def epoch(seconds):
    return int(NOW.timestamp()) + seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e300"}, None),
        ({"retry-after": str(400 * 86_400)}, None),
        ({"retry-after": "1m30s"}, 90.0),
        ({"retry-after": "2026-11-29T12:00:20Z"}, 20.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "?", "retry-after": "9"}, 9.0),
        ({"retry-after": "Sun, 29 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 29 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 99 Nov 2026 12:00:30 GMT"}, None),
        ({"x-ratelimit-reset-after": "3.25"}, 3.25),
        ({"x-ratelimit-timeremaining": "33711"}, 33711.0),
        ({"x-ratelimit-reset": str(epoch(5))}, 5.0),
        ({"x-ratelimit-reset": str(epoch(5) * 1000)}, 5.0),
        ({"x-ratelimit-reset": "44"}, 44.0),
        ({"ratelimit-reset": "44", "ratelimit-remaining": "0"}, 44.0),
        ({"ratelimit": '"default";r=0;t=12'}, 12.0),
        ({"ratelimit": "limit=10, remaining=0, reset=13"}, 13.0),
        ({"anthropic-ratelimit-tokens-reset": "2026-11-29T12:00:07Z",
          "anthropic-ratelimit-tokens-remaining": "0",
          "anthropic-ratelimit-requests-reset": "2026-11-29T13:00:00Z",
          "anthropic-ratelimit-requests-remaining": "49"}, 7.0),
        ({"retry-after": "2", "x-ratelimit-reset": "99"}, 2.0),
    ],
)  # fmt: skip
def test_headers(headers, seconds):
    assert wait(headers) == seconds


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        (("0", "100"), 72.5),  # of requests none is left
        (("5", "0"), 0.006),
        (("0", "0"), 72.5),  # both have to be renewed
        (("5", "100"), 0.006),  # too few tokens are left
        (("", ""), 0.006),  # the sooner, where nothing says which one it is
        (("5", ""), 0.006),
    ],
)
def test_the_limit_that_is_used_up_counts(left, seconds):
    headers = {"x-ratelimit-reset-requests": "1m12.5s", "x-ratelimit-reset-tokens": "6ms"}
    for kind, remaining in zip(("requests", "tokens"), left, strict=True):
        if remaining:
            headers[f"x-ratelimit-remaining-{kind}"] = remaining
    assert wait(headers) == pytest.approx(seconds)


def test_when_a_limit_is_renewed_matters_to_a_429_alone():
    headers = {"X-RateLimit-Reset-Requests": "20s", "X-RateLimit-Remaining-Requests": "0"}
    limited = refusal(429, headers, "", ENDPOINT)
    assert isinstance(limited, RateLimitedError)
    assert limited.retry_after == 20
    failed = refusal(500, headers, "", ENDPOINT)
    assert isinstance(failed, EndpointFailedError)
    assert failed.retry_after is None
    refused = refusal(400, {"Retry-After": "20"}, "", ENDPOINT)
    assert isinstance(refused, UnrecognizedError)
    assert refused.retry_after is None


def test_an_error_in_a_200_may_ask_to_wait():
    found = error_inside({"error": {"code": 429, "message": "slow"}}, {"Retry-After": "7"}, ENDPOINT)
    assert isinstance(found, RateLimitedError)
    assert found.retry_after == 7


def google(delay):
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    return {"error": {"code": 429, "message": "q", "status": "RESOURCE_EXHAUSTED", "details": [info]}}


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (google("4s"), 4.0),
        ([google("3.5s")], 3.5),
        (google({"seconds": 7, "nanos": 0}), 7.0),
        ({"error": {"message": json.dumps(google("4s")), "code": 429}}, 4.0),
        ({"error": {"message": "slow", "retry_after": 7}}, 7.0),
        ({"retry_after": "7"}, 7.0),
        ({"error": {"message": "slow", "retry_after_ms": 250}}, 0.25),
        ({"error": {"message": "slow", "metadata": {"retry_after_seconds": 3}}}, 3.0),
        ({"error": {"message": "slow", "metadata": {"headers": {
            "X-RateLimit-Reset": str(epoch(9) * 1000), "X-RateLimit-Remaining": "0"}}}}, 9.0),
        ({"error": "Model tiny is loading", "estimated_time": 20.5}, 20.5),
        ("Rate limit reached for tiny on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. "
         "Please try again in 6.2s. Visit https://x/y to learn more.", 6.2),
        ("Please try again in 1m30s.", 90.0),
        ("Please try again in 820ms", 0.82),
        ("try again in 20 seconds", 20.0),
        ("Try again in 1 minute and 5 seconds.", 65.0),
        ("Please retry after 26 seconds.", 26.0),
        ("retry after 5 seconds", 5.0),
        ("Please retry in 45.578569677s.", 45.578569677),
        ("Please wait 33711 seconds before retrying.", 33711.0),
        ("the limit resets in 1h30m", 5400.0),
        ("Your limit will reset at 2026-11-29T13:00:00Z", 3600.0),
        ("Available again in 2 hours", 7200.0),
        ("60 requests per 60 seconds are allowed. Try again later.", None),
        ("Try again.", None),
        ("You waited. 5 seconds are over.", None),
        ("try again in 3000 days", None),
        ({"error": {"retry_after": True}}, None),
        ({"error": {"retry_after": None}}, None),
        ({"error": {"retry_after": "never"}}, None),
    ],
)  # fmt: skip
def test_bodies(body, seconds):
    text = json.dumps(body if not isinstance(body, str) else {"error": {"message": body}})
    assert wait(body=text) == (None if seconds is None else pytest.approx(seconds))


def test_a_date_is_held_against_the_replys_own_clock():
    headers = {"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert wait(headers, now=None) == 30
    until = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    assert wait({"retry-after": until}) == 40


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503, 529])
def test_every_error_that_is_retried_knows_how_long_to_wait(status):
    for headers, body in (({"Retry-After": "7"}, ""), ({}, '{"error":"try again in 7 seconds"}')):
        found = refusal(status, headers, body, ENDPOINT)
        assert isinstance(found, RequestError)
        assert found.retryable
        assert found.retry_after == 7


UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
WORDS = {"hours": 3600, "minutes": 60, "seconds": 1, "milliseconds": 0.001, "h": 3600, "min": 60, "sec": 1}


@given(
    st.dictionaries(st.sampled_from(list(UNITS)), st.integers(0, 59), min_size=1).map(
        lambda parts: {unit: parts[unit] for unit in UNITS if unit in parts}
    )
)
def test_durations_as_go_prints_them(parts):
    text = "".join(f"{number}{unit}" for unit, number in parts.items())
    seconds = pytest.approx(sum(number * UNITS[unit] for unit, number in parts.items()))
    assert wait({"retry-after": text}) == seconds
    assert wait({"x-ratelimit-reset-requests": text, "x-ratelimit-remaining-requests": "0"}) == seconds
    assert wait(body=json.dumps({"error": {"message": f"Please try again in {text}."}})) == seconds
    assert wait(body=json.dumps(google(text))) == seconds


@given(
    st.integers(0, 600),
    st.sampled_from(list(WORDS)),
    st.sampled_from(
        ["Please try again in {}.", "Retry after {}", "Slow down! Wait {} and retry", "wait for {}"]
    ),
)
def test_durations_in_sentences(number, unit, sentence):
    seconds = pytest.approx(number * WORDS[unit])
    said = None if number * WORDS[unit] > LONGEST_SECONDS else seconds
    assert wait(body=json.dumps({"message": sentence.format(f"{number} {unit}")})) == said


@given(st.integers(-10_000, 10_000))
def test_moments(seconds):
    moment, expected = NOW + timedelta(seconds=seconds), max(0, seconds)
    for text in (
        str(epoch(seconds)),
        str(epoch(seconds) * 1000),
        moment.isoformat(),
        format_datetime(moment),
    ):
        assert wait({"x-ratelimit-reset": text}) == expected


@given(
    st.dictionaries(
        st.sampled_from(
            ["retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-reset-tokens", "ratelimit",
             "x-ratelimit-remaining", "anthropic-ratelimit-requests-reset", "date"]
        ),
        st.text() | st.floats().map(str) | st.integers().map(str),
    ),
    st.text() | st.recursive(
        st.none() | st.text() | st.floats() | st.integers(),
        lambda inner: st.dictionaries(st.sampled_from(["error", "retry_after", "headers"]), inner),
    ).map(json.dumps),
)  # fmt: skip
def test_anything_is_a_sensible_wait_or_none(headers, body):
    seconds = wait(headers, body)
    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS
