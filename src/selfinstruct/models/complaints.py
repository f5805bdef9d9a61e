"""Reading an error body, in whichever dialect of the OpenAI-compatible API it is written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Complaint", "is_web_page", "parse_json", "read_complaint"]

SEARCHED_CHARACTERS = 4000
_CONTENT_FIELDS = frozenset({"prompt", "messages", "input"})
_PRINTED_FIELD = re.compile(r"\bvalidation errors?:\s.{0,200}?'loc': \('body', '(\w+)'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says.

    message: for people; the whole body where it is not understood.
    codes: its `code`, `type` and the like, lower-case.
    parameter: the request field that it names; empty for none, and for the prompt itself, which every
        complaint about content names.
    invalid_request: a field of the request was found wrong, whatever the status that tells of it.
    """

    message: str
    codes: frozenset[str] = frozenset()
    parameter: str = ""
    invalid_request: bool = False

    @property
    def sentence(self) -> str:
        """The message in lower case, on one line, to look for phrases in."""
        return " ".join(self.message[:SEARCHED_CHARACTERS].lower().split())

    @property
    def searched(self) -> str:
        """The codes, then the sentence: signs are found in either."""
        return " ".join([*sorted(self.codes), self.sentence])


def parse_json(body: str) -> Any:
    """None for anything that is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def is_web_page(content_type: str, body: str) -> bool:
    """Whether this is HTML, which no API answers: a wrong URL, a log-in page, a gateway's error."""
    start = body[:200].lstrip("\ufeff \t\r\n").lower()
    return start.startswith(("<!doctype html", "<html")) or (
        content_type.lower().startswith("text/html") and not start.startswith(("{", "["))
    )


def read_complaint(body: str) -> Complaint:
    """The dialects: `error` as an object (OpenAI, llama.cpp), as a string (Ollama, text-generation-
    inference) or as the top level itself (older vLLM); `detail` as a string or a list of fields (FastAPI);
    that list as Python prints it, in a message (llama-cpp-python); the whole in a list (Gemini); another
    provider's body as a string inside (OpenRouter)."""
    value = parse_json(body)
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return Complaint(body)
    error = value.get("error") or value
    if isinstance(error, str):
        return Complaint(error, _codes(value))
    if not isinstance(error, dict):
        return Complaint(body)
    rejected = _rejected_fields(value) or _rejected_fields(error) or _rejected_fields(error.get("message"))
    if rejected:
        parameters = [name for name, _ in rejected if name not in _CONTENT_FIELDS]
        message = "; ".join(f"{name}: {reason}" for name, reason in rejected)
        return Complaint(message, _codes(error), parameters[0] if parameters else "")
    return _with_provider(error, body)


def _with_provider(error: dict[str, Any], body: str) -> Complaint:
    messages = [error.get("message"), error.get("detail")]
    message = next((text for text in messages if isinstance(text, str)), body)
    codes, parameter = _codes(error), _parameter(error.get("param"))
    printed = _PRINTED_FIELD.search(message)
    if printed:
        return Complaint(message, codes, _parameter(printed[1]), invalid_request=True)
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if isinstance(raw, str) and raw:
        inner = read_complaint(raw)
        return Complaint(f"{message}: {inner.message}", codes | inner.codes, parameter or inner.parameter)
    return Complaint(message, codes, parameter)


def _rejected_fields(holder: Any) -> list[tuple[str, str]]:
    """(field, reason) of each entry of a FastAPI `detail`; entries that name no field are left out."""
    details = holder.get("detail") if isinstance(holder, dict) else None
    rejected = []
    for entry in details if isinstance(details, list) else []:
        path = entry.get("loc") if isinstance(entry, dict) else None
        names = [name for name in path if isinstance(name, str)] if isinstance(path, list) else []
        field = next((name for name in names if name != "body"), "")
        if field:
            rejected.append((field, str(entry.get("msg", "not accepted"))))
    return rejected


def _codes(holder: dict[str, Any]) -> frozenset[str]:
    values = (holder.get(name) for name in ("code", "type", "error_type", "status"))
    return frozenset(value.lower() for value in values if isinstance(value, str))


def _parameter(value: Any) -> str:
    """`messages[0].content` and `messages.0.content` are both `messages`, and so no parameter."""
    name = value.split(".")[0].split("[")[0].strip() if isinstance(value, str) else ""
    return "" if name in _CONTENT_FIELDS else name
