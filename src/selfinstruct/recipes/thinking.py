"""What a reply says, without what the model thought on the way to it.

Where an endpoint sends thinking in a field of its own, the model's client leaves it out. Here is what stands
in the text: between marks of the model's family, of which the common ones are known (`<think>` and its kind,
`[THINK]` of Magistral, `◁think▷` of Kimi, `<|begin_of_thought|>`, `<|START_THINKING|>` of Command A,
`<|channel>thought` of Gemma 4, `<seed:think>`), or in the channels of gpt-oss.
"""

from __future__ import annotations

import re

from selfinstruct.records import Completion

__all__ = ["is_only_thinking", "without_thinking"]

# Quantifiers are possessive where they could backtrack: no reply, however odd, takes more than linear time.

_NAME = r"(?:\w{1,20}+:)?+(?:think(?:ing)?+|thoughts?+|reasoning|ant_?+thinking|scratch_?+pad)"
_SPECIAL_NAME = r"(?:think(?:ing)?+|thought|reasoning)"
_BAR, _GAP = r"[|｜]", r"[_▁\s]?+"
_BEGIN_OF = rf"<{_BAR}(?:begin|start){_GAP}(?:of{_GAP})?+"
_END_OF = rf"<{_BAR}end{_GAP}(?:of{_GAP})?+"
_PAIRS = (
    (rf"<(?P<tag>{_NAME})(?:\s[^<>]*+)?+>", r"</(?P=tag)>", rf"</{_NAME}>"),
    (r"\[(?P<bracket>THINK(?:ING)?+)\]", r"\[/(?P=bracket)\]", r"\[/THINK(?:ING)?+\]"),
    (r"◁(?P<triangle>think(?:ing)?+)▷", r"◁/(?P=triangle)▷", r"◁/think(?:ing)?+▷"),
    *(
        (begin, end, end)
        for begin, end in (
            (rf"{_BEGIN_OF}{_SPECIAL_NAME}{_BAR}>", rf"{_END_OF}{_SPECIAL_NAME}{_BAR}>"),
            (rf"<{_BAR}{_SPECIAL_NAME}{_BAR}>", rf"<{_BAR}/{_SPECIAL_NAME}{_BAR}>"),
            (r"<\|channel>(?:thought|thinking|analysis)\b", r"<channel\|>"),
            (r"<unused94>", r"<unused95>"),  # MedGemma
        )
    ),
)
"""What thinking begins with, what ends it, and what ends any of its kind."""

_FLAGS = re.DOTALL | re.IGNORECASE | re.MULTILINE
_LINE_START = r"^[^\S\n]*+"
_THINKING = re.compile(
    _LINE_START + "(?:" + "|".join(rf"{begin}.*?(?:{end}|\Z)" for begin, end, _ in _PAIRS) + ")", _FLAGS
)
_ANY_END = "|".join(dict.fromkeys(end for _, _, end in _PAIRS))
_END_OF_THINKING = re.compile(rf"{_LINE_START}(?:{_ANY_END})|(?:{_ANY_END})[^\S\n]*+$", _FLAGS)

_ANSWER_NAME, _SPECIAL_ANSWER = "(?:final_?+)?+(?:answer|response)", "(?:solution|response|answer)"
_ANSWER = re.compile(rf"<{_ANSWER_NAME}>|{_BEGIN_OF}{_SPECIAL_ANSWER}{_BAR}>", _FLAGS)
_END_OF_ANSWER = re.compile(rf"\s*+(?:</{_ANSWER_NAME}>|{_END_OF}{_SPECIAL_ANSWER}{_BAR}>)\s*+\Z", _FLAGS)

_CHANNEL = re.compile(
    r"(?:<\|start\|>assistant)?+(?:<\|channel\|>|\A\s*+)(?P<name>analysis|commentary|final)(?P<to>[^<]*+)"
    r"(?:<\|constrain\|>[^<]*+)?+<\|message\|>"
)
_END_OF_MESSAGE = re.compile(r"<\|(?:end|return|call|start)\|>")
_BARE_ANALYSIS = re.compile(r"\A\s*+analysis(?=[A-Z]|.*assistantfinal)", re.DOTALL)


def without_thinking(text: str) -> str:
    """A text without thinking is itself, to the letter.

    Thinking stands at the start of a line, up to its end; without an end, the length limit cut it, and
    nothing follows it. An end without a beginning, at the start or end of a line, closes what began in the
    prompt, as some chat templates have it. Elsewhere in a line these marks belong to the answer: a task may
    be about them. White space before the answer that follows, and marks of its own, are left out too.
    """
    if _CHANNEL.search(text):
        return _final_channel(text)
    if _BARE_ANALYSIS.match(text):  # gpt-oss where the server drops special tokens
        return text.rpartition("assistantfinal")[2] if "assistantfinal" in text else ""
    first = _THINKING.search(text)
    *begun_in_prompt, said = _END_OF_THINKING.split(_THINKING.sub("", text))
    if not begun_in_prompt and (first is None or text[: first.start()].strip()):
        return said
    said = said.lstrip()
    mark = _ANSWER.match(said)
    return said if mark is None else _END_OF_ANSWER.sub("", said[mark.end() :].lstrip())


def is_only_thinking(completion: Completion) -> bool:
    """Whether a model thought, and then said nothing. Nothing at all that was cut was thinking too, which the
    endpoint kept to itself."""
    if without_thinking(completion.text).strip():
        return False
    return bool(
        completion.text.strip() or completion.reasoning_tokens or completion.finish_reason == "length"
    )


def _final_channel(text: str) -> str:
    """gpt-oss: the messages of the channel `final`; without one, those that call a tool."""
    messages = []
    for mark in _CHANNEL.finditer(text):
        end = _END_OF_MESSAGE.search(text, mark.end())
        messages.append((mark, text[mark.end() : end.start() if end else len(text)]))
    final = [said for mark, said in messages if mark["name"] == "final"]
    calls = [said for mark, said in messages if mark["name"] == "commentary" and "to=" in mark["to"]]
    return "\n".join(final or calls)
