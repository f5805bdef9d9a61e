"""From a 200 to a completion, whichever of the two calls was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selfinstruct.errors import ContentRefusedError, EndpointFailedError, MalformedReplyError
from selfinstruct.models.complaints import is_web_page, parse_json
from selfinstruct.models.endpoint import Endpoint
from selfinstruct.models.hidden_errors import error_inside, page_instead
from selfinstruct.records import Completion, Prompt
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["read_reply"]


def read_reply(
    headers: Mapping[str, str], body: str, prompt: Prompt, seconds: float, endpoint: Endpoint
) -> Completion:
    """The first choice's text, with the endpoint's count of tokens or, without one, our estimate.

    Raises what `error_inside` gives where the body carries an error in spite of its status,
    `ContentRefusedError` where a filter cut the reply or the model declined in so many words,
    `MalformedReplyError` where no text can be found.
    """
    value = parse_json(body)
    if not isinstance(value, dict):
        if is_web_page(headers.get("Content-Type", ""), body):
            raise page_instead(body, endpoint)
        raise _malformed("the reply is not a JSON object", body, endpoint)
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    for holder in (value, choice):
        if isinstance(holder, dict) and holder.get("error"):
            raise error_inside(holder, headers, endpoint) or _malformed(
                "the reply is an error", body, endpoint
            )
    if not isinstance(choice, dict):
        raise error_inside(value, headers, endpoint) or _malformed("the reply has no choices", body, endpoint)
    text, finish_reason = _text(choice), str(choice.get("finish_reason") or "stop")
    if finish_reason == "content_filter":
        raise ContentRefusedError(f"{endpoint.base_url} cut the reply off for its content (content_filter).")
    if refused := _refusal(choice):
        raise ContentRefusedError(f"{endpoint.base_url}: the model declines: {endpoint.quote(refused)}")
    if finish_reason == "error":
        raise EndpointFailedError(f"{endpoint.base_url} broke the reply off: {endpoint.quote(body)}")
    if text is None:
        raise _malformed("the reply's first choice has no text", body, endpoint)
    prompt_tokens = _count(value.get("usage"), "prompt_tokens")
    completion_tokens = _count(value.get("usage"), "completion_tokens")
    if prompt_tokens is None:
        estimate = estimate_tokens(prompt.preamble + prompt.body)
    return Completion(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=estimate if prompt_tokens is None else prompt_tokens,
        completion_tokens=estimate_tokens(text) if completion_tokens is None else completion_tokens,
        estimated=prompt_tokens is None or completion_tokens is None,
        seconds=seconds,
    )


def _malformed(what: str, body: str, endpoint: Endpoint) -> MalformedReplyError:
    return MalformedReplyError(f"{endpoint.base_url}: {what}: {endpoint.quote(body) or '(nothing)'}")


def _text(choice: dict[str, Any]) -> str | None:
    """`text`, or a message's `content`, which may come in parts; null is an empty text, None no text. A
    message that only holds the model's thinking, which took all of max_tokens, is an empty text."""
    message = choice.get("message")
    holder, field = (message, "content") if isinstance(message, dict) else (choice, "text")
    thought = isinstance(message, dict) and (message.get("reasoning_content") or message.get("reasoning"))
    content = holder.get(field, "" if thought else 0)
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return "" if content is None else content if isinstance(content, str) else None


def _refusal(choice: dict[str, Any]) -> str:
    """OpenAI's field for a model that would not answer in the format asked for."""
    message = choice.get("message")
    refused = message.get("refusal") if isinstance(message, dict) else None
    return refused if isinstance(refused, str) else ""


def _count(usage: Any, field: str) -> int | None:
    count = usage.get(field) if isinstance(usage, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
