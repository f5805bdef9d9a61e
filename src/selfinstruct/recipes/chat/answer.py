"""What a reply says, without what the model thought on the way to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from selfinstruct.recipes.reply import Reply, read_reply
from selfinstruct.records import Completion

__all__ = ["read_answer"]

_TAG = "(?:think|thinking|reasoning)"
_THINKING = re.compile(rf"^[^\S\n]*+<({_TAG})>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_END_OF_THINKING = re.compile(rf"^[^\S\n]*+</{_TAG}>|</{_TAG}>[^\S\n]*+$", re.IGNORECASE | re.MULTILINE)


def read_answer(completion: Completion, stops: Sequence[str] = ()) -> Reply:
    """The reply as `read_reply` ends it, without thinking.

    Thinking stands between `<think>`, `<thinking>` or `<reasoning>`, at the start of a line, and its end;
    one without an end was cut by the length limit, and nothing follows it. An end without a beginning, at
    the start or end of a line, closes what began in the prompt, as some chat templates have it. Elsewhere
    in a line these tags belong to the answer: a task may be about them.
    """
    reply = read_reply(completion, stops)
    return replace(reply, text=_END_OF_THINKING.split(_THINKING.sub("", reply.text))[-1])
