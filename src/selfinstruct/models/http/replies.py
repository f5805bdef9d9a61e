"""From a 200 to a completion, whichever of the two calls was used, streamed or whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from selfinstruct.errors import (
    ConnectionBrokenError,
    ContentRefusedError,
    EndpointFailedError,
    MalformedReplyError,
)
from selfinstruct.models.choices import read_choices
from selfinstruct.models.http.echoes import read_echo
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import is_web_page, parse_json
from selfinstruct.models.http.events import holds_events, join_events
from selfinstruct.models.http.finish import ending, stated_reason
from selfinstruct.models.http.hidden_errors import error_inside, page_instead
from selfinstruct.models.http.usage import read_usage
from selfinstruct.records import Completion, Prompt
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["read_reply"]

_THINKING = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
"""Fields of a message that hold thinking apart from its content."""


def read_reply(
    headers: Mapping[str, str], body: str, prompt: Prompt, seconds: float, endpoint: Endpoint
) -> Completion:
    """The first choice's text, with the endpoint's count of tokens or, without one, our estimate.

    Raises what `error_inside` gives where the body carries an error in spite of its status,
    `ContentRefusedError` where a filter cut the reply or the model declined in so many words,
    `ConnectionBrokenError` for a stream that broke off, `EndpointFailedError` for a reply that the provider
    broke off, `MalformedReplyError` where no text can be found.
    """
    value = _value(headers, body, endpoint)
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    for holder in (value, choice):
        if isinstance(holder, dict) and holder.get("error"):
            raise error_inside(holder, headers, endpoint) or _malformed(
                "the reply is an error", body, endpoint
            )
    if not isinstance(choice, dict):
        raise error_inside(value, headers, endpoint) or _malformed("the reply has no choices", body, endpoint)
    reason = stated_reason(choice, value)
    ended = ending(reason)
    if ended == "refused":
        raise ContentRefusedError(
            f"{endpoint.base_url} cut the reply off for its content ({endpoint.quote(reason)})."
        )
    if refused := _refusal(choice):
        raise ContentRefusedError(f"{endpoint.base_url}: the model declines: {endpoint.quote(refused)}")
    if ended == "failed":
        raise EndpointFailedError(f"{endpoint.base_url} broke the reply off: {endpoint.quote(body)}")
    text, thinking = _text(choice), _thinking(choice)
    if prompt.sampling.echo:
        text = read_echo(choice, prompt)
        if text is None:
            what = "it does not echo the prompt with log-probabilities"
            raise _malformed(f"likelihoods cannot be had, {what}", body, endpoint)
    if prompt.sampling.choices and (told := read_choices(choice, prompt.sampling.choices)) is not None:
        text, ended = told, "stop"  # nothing more was asked
    if text is None and not thinking:
        raise _malformed("the reply's first choice has no text", body, endpoint)
    return _completion(text or "", thinking, ended or endpoint.quote(reason.lower()), value, prompt, seconds)


def _completion(
    text: str, thinking: str, finish_reason: str, value: Mapping[str, Any], prompt: Prompt, seconds: float
) -> Completion:
    """With the endpoint's counts or, of what it does not count, estimates. 0 tokens of a text are none
    counted."""
    usage = read_usage(value)
    prompt_tokens = usage.prompt_tokens or None
    completion_tokens = usage.completion_tokens or (None if text or thinking else usage.completion_tokens)
    estimated = prompt_tokens is None or completion_tokens is None
    reasoning_tokens = usage.reasoning_tokens
    if prompt_tokens is None:
        prompt_tokens = estimate_tokens(prompt.preamble + prompt.body)
    if completion_tokens is None:
        reasoning_tokens = estimate_tokens(thinking)
        completion_tokens = reasoning_tokens + estimate_tokens(text)
    return Completion(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        estimated=estimated,
        seconds=seconds,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=reasoning_tokens,
    )


def _value(headers: Mapping[str, str], body: str, endpoint: Endpoint) -> dict[str, Any]:
    content_type = headers.get("Content-Type", "")
    if holds_events(content_type, body):
        joined = join_events(body)
        if joined is None:
            raise ConnectionBrokenError(
                f"{endpoint.base_url} ended its stream before the reply was complete."
            )
        return joined
    value = parse_json(body)
    if isinstance(value, dict):
        return value
    if is_web_page(content_type, body):
        raise page_instead(body, endpoint)
    raise _malformed("the reply is not a JSON object", body, endpoint)


def _malformed(what: str, body: str, endpoint: Endpoint) -> MalformedReplyError:
    return MalformedReplyError(f"{endpoint.base_url}: {what}: {endpoint.quote(body) or '(nothing)'}")


def _text(choice: Mapping[str, Any]) -> str | None:
    """`text`, or a message's `content`; where that is empty, the arguments of its tool calls, since some
    models write the object that they are asked for so. Null is an empty text, None no text."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return _joined(choice.get("text", 0))
    content = _joined(message.get("content", 0))
    if content and content.strip():
        return content
    arguments = "\n".join(_arguments(message))
    return arguments or content


def _joined(content: Any) -> str | None:
    """A text that may come in parts, of which those that hold thinking are left out."""
    if isinstance(content, list):
        return "".join(_parts(content))
    return "" if content is None else content if isinstance(content, str) else None


def _parts(content: list[Any]) -> Iterator[str]:
    for part in content:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict) and not _is_thought(part):
            text = part.get("text")
            text = text.get("value") if isinstance(text, dict) else text
            if isinstance(text, str):
                yield text


def _is_thought(part: Mapping[str, Any]) -> bool:
    kind = str(part.get("type") or "").lower()
    return part.get("thought") is True or "think" in kind or "reason" in kind


def _arguments(message: Mapping[str, Any]) -> Iterator[str]:
    """Of the message's calls, as text; the older form of a single one included."""
    calls = message.get("tool_calls")
    functions = (
        [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    )
    for function in [*functions, message.get("function_call")]:
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(arguments, dict | list):
            yield json.dumps(arguments, ensure_ascii=False)
        elif isinstance(arguments, str) and arguments.strip():
            yield arguments


def _thinking(choice: Mapping[str, Any]) -> str:
    """What the model thought, where that stands apart; a mark where there is some that cannot be read."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return ""
    for name in _THINKING:
        if thought := message.get(name):
            return _joined(thought) or json.dumps(thought)
    content = message.get("content")
    thoughts = (
        [part for part in content if isinstance(part, dict) and _is_thought(part)]
        if isinstance(content, list)
        else []
    )
    return json.dumps(thoughts, ensure_ascii=False) if thoughts else ""


def _refusal(choice: Mapping[str, Any]) -> str:
    """OpenAI's field for a model that would not answer in the format asked for, or a part of that kind."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return ""
    content = message.get("content")
    holders = [message, *(content if isinstance(content, list) else ())]
    refused = (holder.get("refusal") for holder in holders if isinstance(holder, dict))
    return next((text for text in refused if isinstance(text, str) and text), "")
