"""Errors that come in a 200, as those of gateways and of providers behind them do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from selfinstruct.errors import MalformedReplyError, SelfInstructError, UnrecognizedError
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import ErrorBody, page_named, read_error_body, values_named
from selfinstruct.models.http.error_mapping import meaning
from selfinstruct.models.http.error_reply import ErrorReply
from selfinstruct.models.http.missing import check_base_url

__all__ = ["error_inside", "page_instead"]

_STATUS_BY_NAME = (
    (re.compile(r"rate_?limit|too_?many|throttl|exhausted|quota"), 429),
    (re.compile(r"authenticat|unauthori[sz]ed|api_?key"), 401),
    (re.compile(r"permission|forbidden"), 403),
    (re.compile(r"not_?found"), 404),
    (re.compile(r"overload|unavailable|server_?error|internal|upstream|bad_?gateway|timeout"), 503),
    (re.compile(r"invalid|bad_?request|validation|context_length|content"), 400),
)


def error_inside(
    value: Mapping[str, Any], headers: Mapping[str, str], endpoint: Endpoint
) -> SelfInstructError | None:
    """The error that a 200 stands for which carries one in spite of its status, as gateways do: that of the
    status which it names, by number or by name, or else of its words. None where it says nothing that is
    understood.

    value: the whole reply, or the part of it that holds the error.
    """
    body = read_error_body(json.dumps(value))
    said = f"{endpoint.base_url} answered 200, with an error: {endpoint.quote(body.message)}"
    headers = {name.lower(): each for name, each in headers.items()}
    status = _status_told(value, body)
    found = meaning(ErrorReply(status or 400, headers, body, said, endpoint))
    return None if status is None and isinstance(found, UnrecognizedError) else found


def page_instead(body: str, endpoint: Endpoint) -> MalformedReplyError:
    """A web page in a 200: in passing, a gateway's; from the start, a wrong base URL."""
    said = f"{endpoint.base_url} answered 200: {endpoint.quote(page_named(body))}"
    return MalformedReplyError(f"No OpenAI-compatible API here. {said}", check_base_url(endpoint))


def _status_told(value: Mapping[str, Any], body: ErrorBody) -> int | None:
    for told in values_named(value, {"code", "status", "statuscode", "httpcode"}):
        text = str(told)
        if len(text) == 3 and text.isdecimal() and 400 <= int(text) <= 599:
            return int(text)
    codes = " ".join(sorted(body.codes))
    return next((status for sign, status in _STATUS_BY_NAME if sign.search(codes)), None)
