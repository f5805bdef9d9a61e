"""Saturation: when it is declared, and what is advised."""

from collections import Counter
from pathlib import Path

import pytest

import selfinstruct as si
from selfinstruct.models.scripted.model import ScriptedModel
from selfinstruct.pipeline.refilter import refilter
from selfinstruct.pipeline.saturation import (
    FIRST_REPLIES,
    FIRST_TASKS,
    TASKS_JUDGED,
    UNREADABLE,
    SaturationDetector,
)
from selfinstruct.records import Completion, Request
from selfinstruct.store.reader import RunReader


def test_it_takes_a_full_window_of_poor_tickets() -> None:
    detector = SaturationDetector(tickets=10, share=0.05)
    for _ in range(9):
        detector.ticket_admitted(8, 0)
        assert not detector.instructions_exhausted
    detector.ticket_admitted(8, 0)
    assert detector.instructions_exhausted
    detector.ticket_admitted(8, 4)
    assert not detector.instructions_exhausted, "4 of 80 is the share asked for"


def test_advice_follows_the_reason() -> None:
    detector = SaturationDetector(tickets=2, share=0.05)
    detector.ticket_admitted(8, 0)
    detector.ticket_admitted(8, 0)
    assert "More or more varied seed tasks" in detector.advice(Counter(similar=16))
    assert "'too_short'" in detector.advice(Counter(too_short=16))


def test_replies_without_any_instruction_are_told_apart() -> None:
    detector = SaturationDetector(tickets=2, share=0.05)
    detector.ticket_admitted(0, 0)
    detector.ticket_admitted(0, 0)
    assert detector.instructions_exhausted
    assert "no instruction could be parsed from the last 2 replies" in detector.advice(Counter())


def test_first_replies_without_any_instruction_are_enough() -> None:
    detector = SaturationDetector(tickets=40, share=0.05)
    detector.ticket_admitted(0, 0, lost=True)
    for _ in range(FIRST_REPLIES):
        assert not detector.instructions_exhausted, "what was lost was no reply"
        detector.ticket_admitted(0, 0)
    assert detector.nothing_read
    assert detector.instructions_exhausted
    assert "none of the first 5 replies contains an instruction" in detector.advice(Counter())
    detector.ticket_admitted(8, 4)
    assert detector.instructions_exhausted, "replies that were still out change nothing"


def test_one_instruction_among_the_first_replies_is_enough_to_go_on() -> None:
    detector = SaturationDetector(tickets=40, share=0.05)
    for candidates in (0, 0, 0, 0, 1, 0, 0):
        detector.ticket_admitted(candidates, 0)
    assert not detector.nothing_read
    assert not detector.instructions_exhausted


def test_tasks_without_valid_instances_stop_a_run_too() -> None:
    detector = SaturationDetector(tickets=10, share=0.05)
    for _ in range(TASKS_JUDGED - 1):
        detector.task_settled("no_valid_instance")
    assert not detector.instances_exhausted
    detector.task_settled("no_valid_instance")
    assert detector.instances_exhausted
    assert "valid instance" in detector.advice(Counter())


def test_first_tasks_whose_replies_hold_no_instance_are_enough() -> None:
    detector = SaturationDetector(tickets=10, share=0.05)
    detector.task_settled("lost")
    for _ in range(FIRST_TASKS):
        assert not detector.instances_exhausted, "what was lost was no reply"
        detector.task_settled(UNREADABLE)
    assert detector.no_instance_read
    assert detector.instances_exhausted
    assert "none of the replies for the first 10 tasks contains an instance" in detector.advice(Counter())
    detector.task_settled(None)
    assert detector.instances_exhausted, "replies that were still out change nothing"


def test_one_instance_among_the_first_tasks_is_enough_to_go_on() -> None:
    for other in (None, "no_valid_instance"):
        detector = SaturationDetector(tickets=10, share=0.05)
        for reason in (*[UNREADABLE] * 5, other, *[UNREADABLE] * 20):
            detector.task_settled(reason)
        assert not detector.no_instance_read
        assert not detector.instances_exhausted


class NoInstances:
    """The scripted model, but for what it says where instances are asked for."""

    name, version, api = "no-instances", "1", "completions"
    default_concurrency, context_window = 8, None

    def __init__(self, text: str) -> None:
        self.text, self.sent, self._inner = text, 0, ScriptedModel()

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    async def complete(self, request: Request) -> Completion:
        self.sent += 1
        if request.stage == "instances":
            return Completion(self.text, "stop", 9, 5, True, 0.0)
        return await self._inner.complete(request)

    async def aclose(self) -> None: ...


@pytest.mark.parametrize(
    ("text", "why"), [("I cannot do that.", "The first begins: I cannot do that."), ("", "They are empty.")]
)
def test_a_model_that_writes_no_instances_is_not_asked_on(tmp_path: Path, text: str, why: str) -> None:
    model = NoInstances(text)
    run = si.generate(tmp_path / "run", model=model, recipe="paper", tasks=5)
    assert run.stopped == "saturated"
    assert run.advice == (
        f"Stopped: none of the replies for the first 10 tasks contains an instance that can be parsed. {why}"
    )
    assert model.sent <= 50, "it took more than 200"
    dropped = run.status().dropped_tasks
    assert list(dropped) == [UNREADABLE]
    assert run.explain("task_0").invalid_reason == UNREADABLE
    sent = model.sent
    again = si.generate(tmp_path / "run", model=model)
    assert (again.stopped, model.sent, again.status().dropped_tasks) == ("saturated", sent, dropped)
    reader = RunReader.open(tmp_path / "run")
    config = reader.config()
    stricter = config.model_copy(update={"filters": config.filters.model_copy(update={"signals": "all"})})
    assert refilter(reader, stricter).tasks == {}, "no filter says why there is no instance"
