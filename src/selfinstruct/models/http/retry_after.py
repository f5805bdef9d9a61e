"""How long an endpoint asks to wait, wherever it says so: in headers or in the body, as a number, a duration,
a date or a sentence.

What cannot be read, and what cannot be meant (`LONGEST_SECONDS`), is as if it were not said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from selfinstruct.models.http.error_bodies import ErrorBody, values_named

__all__ = ["LONGEST_SECONDS", "wait_seconds"]

LONGEST_SECONDS = 32 * 86_400.0  # a month's quota
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e9, 1e12  # numbers from here on are moments, not durations

_DIRECT = (  # a header, and the seconds in one of its unit
    ("retry-after-ms", 0.001),
    ("x-ms-retry-after-ms", 0.001),
    ("retry-after", 1.0),
    ("x-ratelimit-reset-after", 1.0),
    ("x-ratelimit-retry-after", 1.0),
    ("x-ratelimit-timeremaining", 1.0),
)
_BODY_SECONDS = frozenset({"retrydelay", "retryafter", "retryafterseconds", "waitseconds", "estimatedtime"})
_BODY_MILLISECONDS = frozenset({"retryafterms", "retryaftermilliseconds"})
_UNITS = {
    "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
}  # fmt: skip
_UNIT = r"milli(?:second)?s?|msecs?|ms|µs|us|ns|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s"
_PART = rf"(\d+(?:\.\d+)?)\s*({_UNIT})(?![a-zµ])"
_WHOLE_PART = rf"\d+(?:\.\d+)?\s*(?:{_UNIT})(?![a-zµ])"
_DURATION = rf"{_WHOLE_PART}(?:(?:\s|,|and)*{_WHOLE_PART})*"
_BETWEEN = r"[^\w.;!?]+(?:[a-z]+[^\w.;!?]+){0,4}?"
_TOLD = re.compile(
    rf"\b(?:try(?:ing)?|retry(?:ing)?|wait(?:ing)?|again|available|resets?|renews?|ready){_BETWEEN}({_DURATION})"
)
_MOMENT = r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d:\d\d(?:\.\d+)? ?(?:z|utc|[+-]\d\d:?\d\d)"
_TOLD_MOMENT = re.compile(rf"\b(?:again|until|after|at|on|resets?|available)\W{{1,3}}({_MOMENT})")
_LISTED = re.compile(r"\b(r|remaining|t|reset)\s*=\s*(\d+(?:\.\d+)?)")


def wait_seconds(
    headers: Mapping[str, str], body: ErrorBody, *, rate_limited: bool, now: datetime | None = None
) -> float | None:
    """Seconds that a reply asks to wait, never negative; None where it does not say.

    In this order: a header that is about this reply; the body; and, for a 429, when the limit that is used up
    is renewed, which other replies tell too without asking anybody to wait.

    headers: with lower-case names. now: the clock that dates are held against; by default the reply's own
    `Date`, so that a wrong clock here does no harm.
    """
    now = now or _http_date(headers.get("date", "")) or datetime.now(UTC)
    for name, unit in _DIRECT:
        wait = _from_now(headers.get(name, ""), now, unit)
        if wait is not None:
            return wait
    wait = next(_in_body(body, now), None)
    if wait is not None or not rate_limited:
        return wait
    return _until_renewed({**_quoted_headers(body.value), **headers}, now)


def _in_body(body: ErrorBody, now: datetime) -> Iterator[float]:
    for names, unit in ((_BODY_MILLISECONDS, 0.001), (_BODY_SECONDS, 1.0)):
        for value in values_named(body.value, names):
            text = str(value.get("seconds", "")) if isinstance(value, dict) else str(value)
            wait = _from_now(text, now, unit)
            if wait is not None:
                yield wait
    sentence = body.sentence
    for pattern in (_TOLD, _TOLD_MOMENT):
        for match in pattern.finditer(sentence):
            wait = _from_now(match[1], now)
            if wait is not None:
                yield wait


def _quoted_headers(body: Any) -> dict[str, str]:
    """The headers of a provider behind the endpoint, as a body tells them (OpenRouter's `metadata`)."""
    quoted = next((value for value in values_named(body, {"headers"}) if isinstance(value, dict)), {})
    return {name.lower(): str(value) for name, value in quoted.items()}


def _until_renewed(headers: Mapping[str, str], now: datetime) -> float | None:
    """Until the last of the limits that are used up is renewed. Where none says that it is, the soonest of
    those that do not say how much is left, or else of tokens, of which too few may be left."""
    used_up, unsaid, too_few = [], [], []
    for name, value in headers.items():
        if name in ("ratelimit", "x-ratelimit"):  # both drafts of the IETF: `"day";r=0;t=50`, `reset=50`
            left, wait = _listed(value)
        elif "reset" in name and re.search(r"(rate|token)-?limit", name):
            wait = _from_now(value, now)
            left = _plain_number(headers.get(name.replace("reset", "remaining"), ""))
        else:
            continue
        if wait is None:
            continue
        if left is None:
            unsaid.append(wait)
        elif left <= 0:
            used_up.append(wait)
        elif "token" in name:
            too_few.append(wait)
    for waits, choose in ((used_up, max), (unsaid, min), (too_few, min)):
        if waits:
            return choose(waits)
    return None


def _listed(value: str) -> tuple[float | None, float | None]:
    """What is left, and for how long."""
    parts = {match[1]: float(match[2]) for match in _LISTED.finditer(value.lower())}
    left, wait = parts.get("remaining", parts.get("r")), parts.get("reset", parts.get("t"))
    return left, wait if wait is not None and wait <= LONGEST_SECONDS else None


def _plain_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _from_now(text: str, now: datetime, unit: float = 1.0) -> float | None:
    """Seconds until what the text says: a number of units, or of seconds since 1970, a duration or a date."""
    text = text.strip().strip("\"'").lower()
    number = _plain_number(text)
    seconds = _duration(text)
    if number is not None:
        is_moment = number >= _EPOCH_SECONDS
        epoch = number / 1000 if number >= _EPOCH_MILLISECONDS else number
        seconds = epoch - now.timestamp() if is_moment else number * unit
    elif seconds is None:
        moment = _iso_date(text) or _http_date(text)
        seconds = None if moment is None else (moment - now).total_seconds()
    return None if seconds is None or seconds > LONGEST_SECONDS else max(0.0, seconds)


def _duration(text: str) -> float | None:
    """`1m12.5s`, `6ms`, `20 seconds`, `PT1M30S`."""
    text = text.removeprefix("pt")
    if not re.fullmatch(_DURATION, text):
        return None
    parts = re.findall(_PART, text)
    return sum(float(number) * _UNITS[_short(unit)] for number, unit in parts)


def _short(unit: str) -> str:
    if unit in _UNITS:
        return unit
    return "ms" if unit.startswith(("ms", "milli")) else unit[0]


def _iso_date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text.replace(" utc", "z").replace(" z", "z").upper())
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
