"""What a reply says, without what the model thought on the way to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.records import Completion

__all__ = ["Answer", "read_answer"]

_TAG = "(?:think|thinking|reasoning)"
_THINKING = re.compile(rf"^[^\S\n]*+<({_TAG})>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_END_OF_THINKING = re.compile(rf"^[^\S\n]*+</{_TAG}>|</{_TAG}>[^\S\n]*+$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` holds no thinking and ends before the first stop sequence; `cut` says that the length limit
    ended it."""

    text: str
    cut: bool


def read_answer(completion: Completion, stops: Sequence[str] = ()) -> Answer:
    """End the reply at the earliest stop, as an endpoint that honours stops does, and leave out thinking.

    Thinking stands between `<think>`, `<thinking>` or `<reasoning>`, at the start of a line, and its end;
    one without an end was cut by the length limit, and nothing follows it. An end without a beginning, at
    the start or end of a line, closes what began in the prompt, as some chat templates have it. Elsewhere
    in a line these tags belong to the answer: a task may be about them.
    """
    found = [place for stop in stops if stop and (place := completion.text.find(stop)) >= 0]
    text = completion.text[: min(found, default=len(completion.text))]
    text = _END_OF_THINKING.split(_THINKING.sub("", text))[-1]
    return Answer(text, cut=not found and completion.finish_reason == "length")
