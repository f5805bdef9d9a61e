"""What is said of replies of which little could be used."""

from collections.abc import Mapping, Sequence
from typing import Literal, cast

import pytest

from selfinstruct.config import Config, RecipeConfig
from selfinstruct.pipeline.unread import unread_replies
from selfinstruct.records import Completion, Stage
from selfinstruct.store.reader import RunReader


class Replies:
    """A reader's replies, by stage."""

    def __init__(self, by_stage: Mapping[Stage, Sequence[Completion]]) -> None:
        self._by_stage = by_stage

    def latest_completions(self, stage: Stage, count: int) -> list[Completion]:
        return list(self._by_stage.get(stage, ()))[-count:]


def replies(cut: int, whole: int) -> list[Completion]:
    ends = ["length"] * cut + ["stop"] * whole
    return [Completion("Some text", end, 10, 5, False, 0.1) for end in ends]


def said(recipe: Literal["paper", "chat"], stage: Stage, found: list[Completion]) -> list[str]:
    reader = cast("RunReader", Replies({stage: found}))
    return unread_replies(reader, Config(recipe=RecipeConfig(name=recipe)), nothing_read=None)


def test_replies_that_are_mostly_cut_name_the_setting() -> None:
    (sentence,) = said("chat", Stage.ANSWERS, replies(8, 4))
    assert sentence.startswith("8 of the last 12 replies of the stage answers were cut at the length limit:")
    assert "raise sampling.chat_answers.max_tokens in a new run" in sentence


@pytest.mark.parametrize(
    ("recipe", "stage", "cut", "whole"),
    [
        ("chat", Stage.ANSWERS, 6, 6),
        ("chat", Stage.ANSWERS, 9, 0),
        ("paper", Stage.INSTRUCTIONS, 20, 0),
        ("paper", Stage.CLASSIFICATION, 20, 0),
    ],
)
def test_a_few_cut_replies_and_lists_without_end_are_usual(
    recipe: Literal["paper", "chat"], stage: Stage, cut: int, whole: int
) -> None:
    assert said(recipe, stage, replies(cut, whole)) == []


@pytest.mark.parametrize("recipe", ["paper", "chat"])
def test_every_stage_of_a_recipe_has_a_setting_to_name(recipe: Literal["paper", "chat"]) -> None:
    stages = set(Stage) - {Stage.MEANING} - ({Stage.ANSWERS} if recipe == "paper" else set())
    for stage in stages:
        thinking = [Completion("<think>on and on", "length", 10, 5, False, 0.1)] * 12
        assert any("max_tokens" in sentence for sentence in said(recipe, stage, thinking)), stage
