"""From an error reply (status, headers, body) to the error that says what it means and what to do.

Endpoints agree on the status and on little else, so the wording of the message is read as well; every
phrase that is looked for was taken from a server in use. Pure, and total: any reply gives an error of
errors.py. Does not raise it, and sees only replies; `transport.py` has what prevents one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
    UnrecognizedError,
)
from selfinstruct.models.complaints import Complaint, is_web_page, read_complaint
from selfinstruct.models.endpoint import Endpoint

__all__ = ["refusal", "retry_after"]

_ONE_REQUEST = frozenset({400, 422})  # what is wrong is in this request
_NOT_THIS_API = frozenset({405, 406, 411, 414, 415, 421, 426, 501})
_TRY_AGAIN = frozenset({409, 424, 425, 498, 499})  # besides 5xx: conflict, busy, or closed by a gateway

_MODERATED = re.compile(
    r"moderat|flagged|content.?(policy|filter|management)|usage polic|safety (system|polic)|responsibleai"
)
_KEY = re.compile(r"\bapi[ _-]?key\b")
_CONTEXT = re.compile(
    r"context_length|exceed_context|(maximum|available|model's) context|context (window|size|length)"
    r"|too many tokens|(input|prompt) is too long|reduce the length|token count.{0,40}exceed"
    r"|maximum (input|prompt|sequence) length|inputs. (tokens|must have less than)"
)
_WANTS_CHAT = re.compile(
    r"(use|mean|try|supports?)\b(?:(?!://).){0,60}chat[/ ]completions|this is a chat model"
    r"|(not|n't) support (the )?completions?\b"
)
_WANTS_COMPLETIONS = re.compile(
    r"not a chat model|chat template|(not|n't) support (the )?chat"
    r"|(use|mean|try)\b(?:(?!://).){0,60}(?<!chat/)completions"
)
_MODEL = re.compile(
    r"\bmodels?\b.{0,200}?(does not exist|do not exist|not exist|not found|not loaded|decommissioned)"
    r"|(unknown|invalid|no such|nonexistent|not a valid) model|model_not_|(invalid|unknown)_model"
)
_ANY_MODEL = re.compile(r"(?<![\w/])models?(?![\w/])|model_|no endpoints found")

_FIELDS = (
    "max_completion_tokens", "max_tokens", "presence_penalty", "frequency_penalty", "temperature", "top_p",
    "stop", "random_seed", "seed", "response_format",
)  # fmt: skip
_OBJECTION = (
    r"(?:un|not |n't )support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|forbidden|extra "
    r"(?:inputs|fields)|invalid\b|must be|should be|too large|too small|out of range|not accept|deprecated"
)
_FIELD = rf"(?<![\w/-])(?P<{{}}>{'|'.join(_FIELDS)})(?![\w/-])"
_NAMED_FIELD = re.compile(
    rf"(?:{_OBJECTION}).{{0,60}}?{_FIELD.format('after')}|{_FIELD.format('before')}.{{0,60}}?(?:{_OBJECTION})"
)

_NO_SYSTEM = re.compile(
    r"(system|developer)[ _](role|message|prompt|instruction)s?\b.{0,40}?"
    r"(not (be )?(support|enabl|allow)|unsupport)"
    r"|(not support|unsupported|unexpected|invalid|unknown)\W{1,3}"
    r"(the |message )?(role\W{1,3})?['\"`]?system\b"
    r"|only user and assistant roles"
    r"|roles must alternate"  # ours do, but for a system message before the user's
)
_SCHEMA = r"response[ _]format|json[ _]?schema|json mode|structured outputs?|guided json"
_NO_SCHEMA = rf"{_OBJECTION}|unavailable|not (?:enabled|available|implemented)|conversion failed"
_NOT_SO = (
    (_NO_SYSTEM, "system"),
    (re.compile(rf"(?:{_SCHEMA}).{{0,80}}?(?:{_NO_SCHEMA})|(?:{_NO_SCHEMA}).{{0,60}}?(?:{_SCHEMA})"
                r"|failed to (parse|initiali[sz]e|compile) (the )?grammar"), "response_format"),
    (re.compile(r"temperature\W+and\W+top_p\W+cannot both"), "top_p"),
    (re.compile(r"penalty is not enabled"), "presence_penalty"),
)  # fmt: skip
"""What is said where a field is not simply named, and the field that it is about."""


def refusal(status: int, headers: Mapping[str, str], body: str, endpoint: Endpoint) -> SelfInstructError:
    """The error that a reply with this status stands for.

    headers: in any case. body: decoded; may be anything, a web page and nothing included.
    """
    headers = {name.lower(): value for name, value in headers.items()}
    page = is_web_page(headers.get("content-type", ""), body)
    complaint = Complaint("a web page") if page else read_complaint(body)
    said = f"{endpoint.base_url} answered {status}: {endpoint.quote(complaint.message) or '(nothing)'}"
    if status in (401, 407):
        return _not_authorized(status, said, endpoint)
    if status == 402 or (status == 429 and "insufficient_quota" in complaint.codes):
        return EndpointUnavailableError(
            f"The account's credit is used up. {said}", "Top it up and run the same command again."
        )
    if status == 413:
        return _too_long(said, endpoint)
    if status == 500 and _NO_SYSTEM.search(complaint.sentence):  # a chat template that raised
        return _not_taken("system", said)
    if status == 500 and complaint.invalid_request:  # a server that fails where it should refuse
        return _refused_request(status, said, complaint, endpoint)
    failed = _failed_attempt(status)
    if failed is not None:
        return failed(said, retry_after=retry_after(headers))
    if page or status in _NOT_THIS_API or status < 400:
        return _not_this_api(said, endpoint, headers.get("location", ""))
    if status in _ONE_REQUEST:
        return _refused_request(status, said, complaint, endpoint)
    return _refused_access(status, said, complaint, endpoint)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the reply asks to wait, never negative: `retry-after-ms`, or `Retry-After` in seconds
    or as an HTTP date. None where it does not say, or not in a way that can be read.

    headers: with lower-case names. now: the clock that a date is held against; by default the reply's own
    `Date`, so that a wrong clock here does no harm.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    until = _http_date(headers.get("retry-after", ""))
    if until is None:
        return None
    now = now or _http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _failed_attempt(status: int) -> type[RequestError] | None:
    if status == 429:
        return RateLimitedError
    if status == 408:
        return RequestTimeoutError
    if status in _TRY_AGAIN or (status >= 500 and status not in _NOT_THIS_API):
        return EndpointFailedError
    return None


def _not_authorized(status: int, said: str, endpoint: Endpoint) -> SelfInstructError:
    if status == 407:
        return ConfigError(
            f"The proxy wants a user name and password. {said}", "Set them in the proxy's URL."
        )
    sent = "does not accept the API key" if endpoint.api_key else "wants an API key, and none was sent"
    return AuthenticationError(f"The endpoint {sent}. {said}", endpoint.key_hint)


def _not_this_api(said: str, endpoint: Endpoint, location: str) -> EndpointMismatchError:
    redirect = f", which redirects to {endpoint.quote(location)}" if location else ""
    return EndpointMismatchError(
        f"No OpenAI-compatible API here. {said}{redirect}",
        f"Check the base URL, {endpoint.base_url}: it should normally end in /v1.",
    )


def _refused_access(status: int, said: str, complaint: Complaint, endpoint: Endpoint) -> SelfInstructError:
    """403, 404 and the rarer 4xx."""
    wrong_call = _wrong_call(said, complaint)
    if status in (404, 410) and wrong_call is not None:
        return wrong_call
    if status in (404, 410) and (_ANY_MODEL.search(complaint.searched) or complaint.parameter == "model"):
        return _unknown_model(said, endpoint)
    if status == 451 or (status == 403 and _MODERATED.search(complaint.searched)):
        return ContentRefusedError(f"The request was refused for its content. {said}")
    if status == 403:
        return _not_authorized(status, said, endpoint)
    return _not_this_api(said, endpoint, "")


def _refused_request(status: int, said: str, complaint: Complaint, endpoint: Endpoint) -> SelfInstructError:
    """400 and 422, from the clearest sign to the vaguest."""
    searched = complaint.searched
    if not _MODERATED.search(" ".join(complaint.codes)):
        if _KEY.search(searched):
            return _not_authorized(status, said, endpoint)
        if _CONTEXT.search(searched):
            return _too_long(said, endpoint)
        for sign, parameter in _NOT_SO:  # before the next: a template that raises is no missing template
            if sign.search(complaint.sentence):
                return _not_taken(parameter, said)
        wrong_call = _wrong_call(said, complaint)
        if wrong_call is not None:
            return wrong_call
        if complaint.parameter == "model" or _MODEL.search(searched):
            return _unknown_model(said, endpoint)
        parameter = complaint.parameter or _named_field(complaint)
        if parameter:
            return _not_taken(endpoint.quote(endpoint.our_name(parameter)), said)
    if _MODERATED.search(searched):
        return ContentRefusedError(f"The request was refused for its content. {said}")
    return UnrecognizedError(f"The request was refused. {said}")


def _not_taken(parameter: str, said: str) -> ParameterRejectedError:
    what = "a system message" if parameter == "system" else repr(parameter)
    return ParameterRejectedError(f"The endpoint does not take {what}. {said}", parameter)


def _wrong_call(said: str, complaint: Complaint) -> EndpointMismatchError | None:
    if _WANTS_COMPLETIONS.search(complaint.searched):
        return EndpointMismatchError(f"The model does not take chat requests. {said}", wants="completions")
    if _WANTS_CHAT.search(complaint.searched):
        return EndpointMismatchError(f"The model takes chat requests only. {said}", wants="chat")
    return None


def _named_field(complaint: Complaint) -> str:
    match = _NAMED_FIELD.search(complaint.sentence)
    return "" if match is None else match["after"] or match["before"]


def _too_long(said: str, endpoint: Endpoint) -> ContextLengthError:
    return ContextLengthError(
        f"The request does not fit the context of {endpoint.model!r}. {said}",
        "Begin a run with --context-window, so that prompts and replies are fitted to it, or take a model"
        " with a longer one.",
    )


def _unknown_model(said: str, endpoint: Endpoint) -> UnknownModelError:
    return UnknownModelError(
        f"The endpoint does not know the model {endpoint.model!r}. {said}",
        f"{endpoint.at('/models')} lists those that it has.",
    )
