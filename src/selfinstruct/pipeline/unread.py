"""Replies of which nothing could be used, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selfinstruct.config import Config
from selfinstruct.recipes.reply import read_reply
from selfinstruct.recipes.thinking import is_only_thinking
from selfinstruct.records import Completion, Stage
from selfinstruct.store.reader import RunReader

__all__ = ["unread_replies"]

LATEST = 200  # replies of a stage that are looked at
WORTH_SAYING = 0.1  # of them, where they are thinking alone
MOST_CUT, CUT_OF = 0.5, 10  # of them, and of so many at least, where the length limit ended them
QUOTED_CHARACTERS = 120

CHAT = '`recipe="chat"`'
LENGTHS: Mapping[str, Mapping[Stage, Sequence[str]]] = {
    "paper": {
        Stage.INSTRUCTIONS: ("instructions",),
        Stage.CLASSIFICATION: ("classification",),
        Stage.INSTANCES: ("input_first", "output_first"),
    },
    "chat": {
        Stage.INSTRUCTIONS: ("chat_instructions",),
        Stage.CLASSIFICATION: ("chat_instances",),
        Stage.INSTANCES: ("chat_inputs", "chat_instances"),
        Stage.ANSWERS: ("chat_answers",),
    },
}
"""By recipe: the fields of `SamplingConfig` that a stage's `max_tokens` stands in."""


def unread_replies(reader: RunReader, config: Config, *, nothing_read: Stage | None) -> list[str]:
    """A sentence or two for each stage in which more than a tenth of the latest replies were thinking alone,
    or more than half were cut at the length limit.

    nothing_read: a stage in whose replies nothing was found; then, failing these, what came instead.
    """
    replies = {stage: reader.latest_completions(stage, LATEST) for stage in Stage}
    said = [
        _of_thinking(stage, replies[stage], config) or _of_cut(stage, replies[stage], config)
        for stage in Stage
    ]
    found = [sentence for sentence in said if sentence]
    if nothing_read and not said[list(Stage).index(nothing_read)] and replies[nothing_read]:
        found.append(_quoted(replies[nothing_read]))
    return found


def _of_thinking(stage: Stage, replies: Sequence[Completion], config: Config) -> str:
    thoughts = [each for each in replies if is_only_thinking(each)]
    if len(thoughts) <= WORTH_SAYING * len(replies):
        return ""
    what = (
        f"In {len(thoughts)} of the last {len(replies)} replies of the stage {stage} the model only thought"
    )
    off = "turn thinking off (model.extra_body, such as reasoning_effort)"
    if 2 * sum(each.finish_reason == "length" for each in thoughts) >= len(thoughts):
        names = _limits(stage, config)
        return f"{what}, and max_tokens ran out before it answered: raise {names} in a new run, or {off}."
    if config.recipe_for(stage).name == "paper":
        chat = CHAT if len(config.recipes) == 1 else f'stages.{stage}.recipe = "chat"'
        return f"{what}, and a stop sequence ended that: take {chat} in a new run, or {off}."
    return f"{what}, and did not answer: {off}."


def _limits(stage: Stage, config: Config) -> str:
    """The settings that limit its replies; a recipe of the user's own has none of ours."""
    lengths = LENGTHS.get(config.recipe_for(stage).name)
    if lengths is None:
        return "max_tokens in the recipe's own prompts"
    return " and ".join(f"sampling.{name}.max_tokens" for name in lengths[stage])


def _of_cut(stage: Stage, replies: Sequence[Completion], config: Config) -> str:
    """Not of the paper's lists, which a base model continues for as long as it may, nor of its yes or no."""
    cut = sum(each.finish_reason == "length" for each in replies)
    lists = config.recipe_for(stage).name == "paper" and stage in (Stage.INSTRUCTIONS, Stage.CLASSIFICATION)
    if lists or len(replies) < CUT_OF or cut <= MOST_CUT * len(replies):
        return ""
    names = _limits(stage, config)
    return (
        f"{cut} of the last {len(replies)} replies of the stage {stage} were cut at the length limit: raise"
        f" {names} in a new run, unless the endpoint itself allows no longer ones."
    )


def _quoted(replies: Sequence[Completion]) -> str:
    texts = [" ".join(read_reply(each).text.split()) for each in replies]
    text = next(filter(None, texts), "")
    if not text:
        return "They are empty."
    shown = text if len(text) <= QUOTED_CHARACTERS else f"{text[:QUOTED_CHARACTERS]}…"
    return f"The first begins: {shown}" if texts[0] else f"One of them begins: {shown}"
