"""How an instance becomes a prompt and a completion: the paper's mixture of templates.

The paper tunes on several layouts of the same texts, so that the model does not come to depend on one
(section 2.3): 7 for instances with an input, 6 for those without. `Task: ` stands before the instruction
or not; fields have names or not; lines are blank between them or not. Which layout an instance gets is
drawn by a hash of a seed and the instance's name, so that it never depends on what else is rendered.

A completion does not end with an end-of-text token here: that is the tokenizer's, and trainers (TRL's
`SFTTrainer`, for one) add it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

__all__ = ["BARE_TEMPLATES", "INPUT_TEMPLATES", "RenderedPrompt", "Template", "render_prompt"]


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A prompt, and what the completion after it begins with: a space, or nothing after a line feed.

    The space belongs to the completion because tokenizers put it into the first word's token: a prompt
    that ended with it would never be followed by that token.
    """

    prompt: str
    lead: str

    def completion(self, output: str) -> str:
        """What is to be learnt after the prompt."""
        return self.lead + output


@dataclass(frozen=True, slots=True)
class Template:
    """prompt: with the fields `{instruction}` and, in those for it, `{input}`."""

    prompt: str
    lead: str

    def render(self, instruction: str, given: str = "") -> RenderedPrompt:
        """Braces in the texts mean nothing."""
        return RenderedPrompt(self.prompt.format(instruction=instruction, input=given), self.lead)


INPUT_TEMPLATES = (
    Template("{instruction}\nInput: {input}\nOutput:", " "),
    Template("{instruction}\n\nInput: {input}\n\nOutput:", " "),
    Template("Task: {instruction}\nInput: {input}\nOutput:", " "),
    Template("Task: {instruction}\n\nInput: {input}\n\nOutput:", " "),
    Template("{instruction}\n\n{input}\n\nOutput:", " "),
    Template("{instruction}\n\n{input}\n\n", ""),
    Template("Task: {instruction}\n\n{input}\n\n", ""),
)
"""For instances that have an input."""

BARE_TEMPLATES = (
    Template("{instruction}\nOutput:", " "),
    Template("{instruction}\n\nOutput:", " "),
    Template("Task: {instruction}\nOutput:", " "),
    Template("Task: {instruction}\n\nOutput:", " "),
    Template("{instruction}\n\n", ""),
    Template("Task: {instruction}\n\n", ""),
)
"""For those that have none."""

FIELD_NAME = re.compile(r"^[^\W\d][^\n:]{0,30}:\s+(?=\S)", re.MULTILINE)
"""`Sentence: …` at the beginning of a line; neither `12:30` nor `https://…`."""


def render_prompt(instruction: str, given: str, *, seed: int, key: str) -> RenderedPrompt:
    """The prompt of an instance in the mixture; equal arguments give equal prompts.

    given: the instance's input; empty for none. Half of the time, where it begins with a field name and
        has no other, the name is left out, and blank lines in it are closed up, as the paper does.
    key: names the instance among all that are rendered with this seed.
    """
    if not given:
        return BARE_TEMPLATES[_draw(seed, key, len(BARE_TEMPLATES))].render(instruction)
    if _draw(seed, f"{key} input", 2):
        given = _plainer(given)
    return INPUT_TEMPLATES[_draw(seed, key, len(INPUT_TEMPLATES))].render(instruction, given)


def _draw(seed: int, key: str, choices: int) -> int:
    """A number below `choices`, each as likely as any."""
    digest = hashlib.sha256(f"{seed} {key}".encode()).digest()
    return int.from_bytes(digest[:8]) % choices


def _plainer(given: str) -> str:
    names = FIELD_NAME.findall(given)
    if len(names) == 1 and given.startswith(names[0]):
        given = given.removeprefix(names[0])
    return re.sub(r"\n\s*\n", "\n", given)
