"""Saturation: when it is declared, and what is advised."""

from collections import Counter

from selfinstruct.pipeline.saturation import FIRST_REPLIES, TASKS_JUDGED, SaturationDetector


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
        detector.task_settled(False)
    assert not detector.instances_exhausted
    detector.task_settled(False)
    assert detector.instances_exhausted
    assert "valid instance" in detector.advice(Counter())
