"""Answers as the model gives them: each input asked about in a message of its own, as a user would write it.

There is no schema, no form to fill and, unless the user gives one, no system message: a form costs a model
much of what it can do. What it says is the output, thinking left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from selfinstruct.config import RecipeConfig
from selfinstruct.recipes.chat.answer import asks_back, is_refusal
from selfinstruct.recipes.chat.labels import said_label
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, InstanceCandidate, Prompt, Sampling

__all__ = ["ChatAnswers"]

DIRECT = """\
Be brief. Where the task does not ask for a long text, answer in one to three sentences. State only what you \
are sure of."""
"""The only one of three prompts for brevity that cost no correct answers: see docs/chat-recipe-log.md."""


class ChatAnswers:
    """`sampling`: of the stage."""

    def __init__(self, recipe: RecipeConfig, sampling: Sampling) -> None:
        self._sampling = sampling
        self._system = "\n\n".join(
            filter(None, (recipe.answer_system, DIRECT if recipe.answer_style == "direct" else ""))
        )
        self.asks_labels = recipe.check_labels

    @property
    def system(self) -> str:
        """What comes with every question; empty for nothing."""
        return self._system

    def prompt(self, instruction: str, given: str) -> Prompt:
        """Instruction and input as a user would send them, and as `chat` exports have them."""
        asked = f"{instruction}\n\n{given}" if given else instruction
        return Prompt(self._system, asked, self._sampling, 0)

    def parse(
        self, completion: Completion, asked: InstanceCandidate, labels: Sequence[str]
    ) -> InstanceCandidate:
        """Flawed `truncated` where the length limit ended it, `refused` or `asks_back` where it begins as
        replies do that decline in English or ask for what was not given, `disagrees` where it does not say
        the label that the input was written for."""
        answer = read_reply(completion, self._sampling.stop)
        output = answer.text.strip()
        if asked.output:
            if said_label(output, labels) == asked.output:
                return asked
            said = " ".join(output.split())
            return replace(asked, flaw="disagrees", detail=f"the model itself says {said[:60]!r}")
        flaw = (
            "truncated"
            if answer.cut
            else "refused"
            if is_refusal(output)
            else "asks_back"
            if asks_back(output)
            else None
        )
        return replace(asked, output=output, flaw=flaw)
