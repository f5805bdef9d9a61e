"""How likely a model finds each of a few short answers, such as A to D, to come next: one request, one token.

The first token of a reply comes with the likeliest ones in its place. An answer that is none of those is left
out: it is less likely than those that are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["LIKELIEST", "choices_text", "read_choices", "told_choices"]

LIKELIEST = 5
"""Tokens that an endpoint is asked for: the most that OpenAI's API tells."""

_FIELD = "choices"


def read_choices(choice: Mapping[str, Any], wanted: Sequence[str]) -> str | None:
    """What `choices_text` makes of a reply of the completions call; None where it does not tell.

    choice: of the reply; `logprobs` in OpenAI's form, or in the one of its chat, as llama.cpp has it.
    wanted: tokens count with a space before them, as they are after `Answer:`; without, where none of them
    has one, since some tokenizers do not show it.
    """
    first = dict(_first_tokens(choice.get("logprobs")))
    if not first:
        return None
    spaced = {each: first[f" {each}"] for each in wanted if f" {each}" in first}
    return choices_text(spaced or {each: first[each] for each in wanted if each in first})


def choices_text(log_probabilities: Mapping[str, float]) -> str:
    """The text of a completion: `{"choices": {"A": -0.4, …}}`, natural logarithms."""
    return json.dumps({_FIELD: dict(log_probabilities)})


def told_choices(text: str) -> dict[str, float] | None:
    """The inverse; None for any other text."""
    if not text.startswith(f'{{"{_FIELD}"'):
        return None
    try:
        found = json.loads(text)[_FIELD]
        return {str(name): float(value) for name, value in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _first_tokens(logprobs: Any) -> Iterator[tuple[str, float]]:
    """The likeliest in the reply's first place."""
    if not isinstance(logprobs, dict):
        return
    old, new = logprobs.get("top_logprobs"), logprobs.get("content")
    if isinstance(old, list) and old and isinstance(old[0], dict):
        for token, value in old[0].items():
            if isinstance(value, int | float):
                yield token, float(value)
    elif isinstance(new, list) and new and isinstance(new[0], dict):
        for each in new[0].get("top_logprobs") or ():
            if isinstance(each, dict) and isinstance(each.get("logprob"), int | float):
                yield str(each.get("token")), float(each["logprob"])
