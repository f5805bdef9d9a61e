"""How an item becomes a prompt.

A model that was tuned on the paper's mixture of templates (`dataset/templates.py`) knows each of them;
evaluation asks by one and the same, so that systems differ in nothing else. A completions prompt never ends
in a space: tokenizers put that space into the first word of the answer.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

from selfinstruct.dataset.templates import Template
from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.items import EvaluationItem

__all__ = ["LAYOUTS", "TK_INSTRUCT", "lay_out", "layout_for"]

TK_INSTRUCT = "tk-instruct"

_WITH_INPUT_AND_WITHOUT: Mapping[str, tuple[Template, Template]] = {
    "spaced": (
        Template("{instruction}\n\nInput: {input}\n\nOutput:", " "),
        Template("{instruction}\n\nOutput:", " "),
    ),
    "compact": (
        Template("{instruction}\nInput: {input}\nOutput:", " "),
        Template("{instruction}\nOutput:", " "),
    ),
    "task": (
        Template("Task: {instruction}\n\nInput: {input}\n\nOutput:", " "),
        Template("Task: {instruction}\n\nOutput:", " "),
    ),
    "bare": (Template("{instruction}\n\n{input}\n\n", ""), Template("{instruction}\n\n", "")),
    "plain": (Template("{instruction}\n\n{input}", ""), Template("{instruction}", "")),
    "paper": (
        Template("{instruction}\n\nInput: {input}\nOutput:", " "),
        Template("{instruction}\nOutput:", " "),
    ),
}

LAYOUTS = (*_WITH_INPUT_AND_WITHOUT, TK_INSTRUCT)
"""The first four are of the training mixture. `plain`: as people write to a chat. `paper`: what the 252
user-oriented tasks were asked by there. `tk-instruct`: that of SuperNI's own baselines."""


def layout_for(wanted: str | None, suite: str, *, chat: bool) -> str:
    """The one that is asked for, or that suits: Tk-Instruct's for its own suite, `plain` in a chat and
    `spaced` for completions. Raises ConfigError for a name that is none."""
    if wanted is None:
        return TK_INSTRUCT if suite == "superni" else "plain" if chat else "spaced"
    if wanted not in LAYOUTS:
        raise ConfigError(f"There is no template named {wanted!r}.", f"There are: {', '.join(LAYOUTS)}.")
    return wanted


def lay_out(item: EvaluationItem, layout: str) -> str:
    """The prompt. Only Tk-Instruct's has a place for examples."""
    if layout == TK_INSTRUCT:
        return _tk_instruct(item)
    with_input, without = _WITH_INPUT_AND_WITHOUT[layout]
    template = with_input if item.input else without
    return template.render(item.instruction, item.input).prompt


def _tk_instruct(item: EvaluationItem) -> str:
    """As Tk-Instruct encodes it, spaces at the beginning of lines included, without the one at the end."""
    shown = "".join(
        f" Positive Example {number} -\n"
        f"{_ended(f'Input: {example.input.strip()}')}\n"
        f"{_ended(f' Output: {example.output.strip()}')}\n\n"
        for number, example in enumerate(item.examples, start=1)
    )
    asked = _ended(f"Input: {item.input.strip()}")
    definition = _ended(f"Definition: {item.instruction.strip()}")
    return f"{definition}\n\n{shown}Now complete the following example -\n{asked}\nOutput:"


def _ended(line: str) -> str:
    return line if line[-1] in string.punctuation else f"{line}."
