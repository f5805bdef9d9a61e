"""Reading an error body, in whichever dialect of the OpenAI-compatible API it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "ErrorBody",
    "is_web_page",
    "page_named",
    "parse_json",
    "phrases",
    "read_error_body",
    "values_named",
]

SEARCHED_CHARACTERS = 4000
DEEPEST = 8  # levels of a body that are looked at, bodies quoted in bodies included
OWN_NUMBER = 1000  # a provider's own codes begin here; numbers below are HTTP statuses, told already
_CONTENT_FIELDS = frozenset(
    {"prompt", "messages", "message", "input", "inputs", "content", "contents", "text", "body", "query"}
)
_MESSAGE_FIELDS = (
    "message", "msg", "detail", "error_message", "error_msg", "errormessage", "status_msg",
    "error_description", "description", "reason", "title",
)  # fmt: skip
_CODE_FIELDS = ("code", "type", "error_type", "status", "error_code", "status_code", "reason", "__type")
_ERROR_FIELDS = ("error", "errors", "base_resp")
_LIMITS = ("ge", "gt", "le", "lt")
_PRINTED_FIELD = re.compile(r"\bvalidation errors?:\s.{0,200}?'loc': \('body', '(\w+)'", re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error body says.

    message: for people; the whole body where it is not understood.
    codes: its `code`, `type` and the like, lower-case; a provider's own numbers as texts.
    parameter: the request field that it names; empty for none, and for the prompt itself, which every
        body about content names. With its path: `generation_config.temperature`, `stop[4]`.
    limits: of that field's value, where they are given apart: `ge`, `gt`, `le` or `lt` to a number.
    invalid_request: a field of the request was found wrong, whatever the status that tells of it.
    value: the body as JSON, for what stands deeper in it (`values_named`); None where it is not JSON.
    """

    message: str
    codes: frozenset[str] = frozenset()
    parameter: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    invalid_request: bool = False
    value: Any = None

    @property
    def sentence(self) -> str:
        """The message in lower case, on one line, to look for phrases in."""
        return " ".join(self.message[:SEARCHED_CHARACTERS].lower().split())

    @property
    def searched(self) -> str:
        """The codes, then the sentence: signs are found in either."""
        return " ".join([*sorted(self.codes), self.sentence])


def phrases(*patterns: str) -> re.Pattern[str]:
    """Any of them. They are looked for in `ErrorBody.sentence` and `.searched`, and so are in lower case."""
    return re.compile("|".join(patterns))


def parse_json(body: str) -> Any:
    """None for anything that is not JSON. A byte-order mark before it does not matter."""
    try:
        return json.loads(body.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def is_web_page(content_type: str, body: str) -> bool:
    """Whether this is HTML, which no API answers: a wrong URL, a log-in page, a gateway's error."""
    start = body[:200].lstrip("\ufeff \t\r\n").lower()
    return start.startswith(("<!doctype html", "<html")) or (
        content_type.lower().startswith("text/html") and not start.startswith(("{", "["))
    )


def page_named(body: str) -> str:
    """What a message calls a web page: by its title, where it has one."""
    match = _TITLE.search(body[:SEARCHED_CHARACTERS])
    return f"a web page, “{match[1].strip()}”" if match else "a web page"


def read_error_body(body: str) -> ErrorBody:
    """The dialects: `error` as an object (OpenAI, llama.cpp), as a string (Ollama, text-generation-
    inference) or as the top level itself (older vLLM); `detail` as a string or a list of fields (FastAPI);
    that list as Python prints it, in a message (llama-cpp-python); the whole in a list (Gemini); another
    provider's body as a string inside (OpenRouter, LiteLLM); a status and its text (MiniMax)."""
    value = parse_json(body)
    found = _read(value, DEEPEST) if isinstance(value, dict | list) else None
    if found is None:
        return ErrorBody(body, value=value)
    return ErrorBody(
        found.message or body, found.codes, found.parameter, found.limits, found.invalid_request, value
    )


def values_named(value: Any, names: Collection[str], depth: int = DEEPEST) -> Iterator[Any]:
    """Every value of a body that stands under one of these names, which are lower-case and without `_`, `-`;
    bodies quoted as strings inside are looked into."""
    if depth == 0:
        return
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        value = parse_json(value)
    if isinstance(value, list):
        for each in value:
            yield from values_named(each, names, depth - 1)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name.lower().replace("_", "").replace("-", "") in names:
                yield each
            yield from values_named(each, names, depth - 1)


def _read(value: Any, depth: int) -> ErrorBody | None:
    """None where nothing in it can be read; a message that is empty where only codes can."""
    if isinstance(value, list):
        value = next((each for each in value if each), None)
    if isinstance(value, str):
        return _read_text(value, depth)
    if not isinstance(value, dict) or depth == 0:
        return None
    rejected = _rejected_fields(value)
    if rejected is not None:
        return rejected
    codes, parameter = _codes(value), _parameter(value.get("param"))
    lowered = {name.lower(): each for name, each in value.items() if each}
    error = _first(lowered, _ERROR_FIELDS, depth)
    reason = _first(lowered, _MESSAGE_FIELDS, depth)
    found = _with(error or reason or ErrorBody(""), codes, parameter)
    if isinstance(lowered.get("error"), str) and reason is not None:  # a heading, with the reason beside it
        found = _with(reason, found.codes, found.parameter, f"{found.message}: {reason.message}")
    metadata = value.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    quoted = _read(raw, depth - 1) if raw else None
    if quoted is not None:
        message = f"{found.message}: {quoted.message}" if found.message else quoted.message
        found = _with(quoted, found.codes, found.parameter, message)
    return found if found.message or found.codes else None


def _first(holder: dict[str, Any], names: tuple[str, ...], depth: int) -> ErrorBody | None:
    found = (_read(holder[name], depth - 1) for name in names if name in holder)
    return next((each for each in found if each is not None), None)


def _read_text(text: str, depth: int) -> ErrorBody | None:
    inner = parse_json(text) if depth and text.lstrip().startswith(("{", "[")) else None
    quoted = _read(inner, depth - 1) if isinstance(inner, dict | list) else None
    if quoted is not None and quoted.message:
        return quoted
    printed = _PRINTED_FIELD.search(text)
    if printed:
        return ErrorBody(text, parameter=_parameter(printed[1]), invalid_request=True)
    return ErrorBody(text)


def _with(inner: ErrorBody, codes: frozenset[str], parameter: str, message: str = "") -> ErrorBody:
    """What stands further out adds to what stands further in."""
    return ErrorBody(
        message or inner.message,
        inner.codes | codes,
        inner.parameter or parameter,
        inner.limits,
        inner.invalid_request,
    )


def _rejected_fields(holder: dict[str, Any]) -> ErrorBody | None:
    """A FastAPI `detail`: a list of entries with the field's path (`loc`), the reason (`msg`) and its limits
    (`ctx`). Entries that name no field are left out; None where none names one."""
    details = holder.get("detail")
    rejected: list[tuple[str, str, Mapping[str, float]]] = []
    for entry in details if isinstance(details, list) else []:
        path = entry.get("loc") if isinstance(entry, dict) else None
        names = [str(name) for name in path if name != "body"] if isinstance(path, list) else []
        if names:
            rejected.append(
                (".".join(names), str(entry.get("msg", "not accepted")), _limits(entry.get("ctx")))
            )
    if not rejected:
        return None
    message = "; ".join(f"{name}: {reason}" for name, reason, _ in rejected)
    own = ((name, limits) for name, _, limits in rejected if _parameter(name))
    parameter, limits = next(own, ("", {}))
    return ErrorBody(message, _codes(holder), parameter, limits)


def _limits(context: Any) -> dict[str, float]:
    values = {name: context.get(name) for name in _LIMITS} if isinstance(context, dict) else {}
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    }


def _codes(holder: dict[str, Any]) -> frozenset[str]:
    inner = holder.get("innererror") or holder.get("inner_error")
    values = [holder.get(name) for name in _CODE_FIELDS]
    values.append(inner.get("code") if isinstance(inner, dict) else None)
    texts = {value.lower() for value in values if isinstance(value, str) and len(value) <= 100}
    return frozenset(texts | {str(value) for value in values if type(value) is int and value >= OWN_NUMBER})


def _parameter(value: Any) -> str:
    """`messages[0].content` and `messages.0.content` are both the prompt, and so no parameter."""
    name = value.strip() if isinstance(value, str) else ""
    return "" if name.split(".")[0].split("[")[0] in _CONTENT_FIELDS else name
