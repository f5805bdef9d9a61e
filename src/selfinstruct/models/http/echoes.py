"""How likely a model finds a text, out of a reply that echoes it with log-probabilities.

The completions call of vLLM and others takes `echo` and `logprobs`: the prompt's own tokens come back, each
with its log-probability, the likeliest in its place, and where it begins in the text. So a text is scored as
a text, and no tokenizer of the model's is needed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from selfinstruct.records import Prompt

__all__ = ["read_echo"]

SAME = 1e-6  # two log-probabilities that differ by less are one


def read_echo(choice: Mapping[str, Any], prompt: Prompt) -> str | None:
    """`{"log_probability": …, "is_greedy": …}` of the prompt's body after its preamble; None if the reply
    does not return it.

    log_probability: natural, of all tokens of the body together. Spaces at the end of the preamble belong to
    the words that follow them, and are scored with these; so is a token across the border. The text's very
    first token has no probability, and counts as none.
    """
    found = choice.get("logprobs")
    if not isinstance(found, dict):
        return None
    values, likeliest = found.get("token_logprobs"), found.get("top_logprobs")
    begins = _begins(found)
    if not isinstance(values, list) or not isinstance(likeliest, list) or begins is None:
        return None
    if not len(values) == len(likeliest) == len(begins) or not values:
        return None
    border, end = len(prompt.preamble.rstrip(" ")), len(prompt.preamble + prompt.body)
    total, is_greedy, scored = 0.0, True, 0
    for place, (begin, after) in enumerate(zip(begins, [*begins[1:], end + 1], strict=True)):
        if after <= border or begin >= end:
            continue
        scored += 1
        value = values[place]
        if place == 0 and value is None:
            continue
        if not isinstance(value, int | float):
            return None
        total += value
        is_greedy = is_greedy and value >= _best(likeliest[place], value) - SAME
    return json.dumps({"log_probability": total, "is_greedy": is_greedy}) if scored else None


def _begins(found: Mapping[str, Any]) -> list[int] | None:
    """Where each token begins: as the reply says, or by the tokens' lengths."""
    offsets, tokens = found.get("text_offset"), found.get("tokens")
    if isinstance(offsets, list) and offsets and all(isinstance(each, int) for each in offsets):
        return [each - offsets[0] for each in offsets]
    if isinstance(tokens, list) and all(isinstance(each, str) for each in tokens):
        return [0, *accumulate(map(len, tokens))][:-1]
    return None


def _best(likeliest: Any, value: float) -> float:
    """The largest log-probability that is known of a place."""
    values = likeliest.values() if isinstance(likeliest, dict) else ()
    return max((each for each in values if isinstance(each, int | float)), default=value)
