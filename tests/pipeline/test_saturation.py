"""Saturation: when it is declared, and what is advised."""

from collections import Counter

from selfinstruct.pipeline.saturation import TASKS_JUDGED, SaturationGauge


def test_it_takes_a_full_window_of_poor_tickets() -> None:
    gauge = SaturationGauge(tickets=10, share=0.05)
    for _ in range(9):
        gauge.ticket_admitted(8, 0)
        assert not gauge.instructions_exhausted
    gauge.ticket_admitted(8, 0)
    assert gauge.instructions_exhausted
    gauge.ticket_admitted(8, 4)
    assert not gauge.instructions_exhausted, "4 of 80 is the share asked for"


def test_advice_follows_the_reason() -> None:
    gauge = SaturationGauge(tickets=2, share=0.05)
    gauge.ticket_admitted(8, 0)
    gauge.ticket_admitted(8, 0)
    assert "More or more varied seed tasks" in gauge.advice(Counter(similar=16))
    assert "'too_short'" in gauge.advice(Counter(too_short=16))


def test_replies_without_any_instruction_are_told_apart() -> None:
    gauge = SaturationGauge(tickets=2, share=0.05)
    gauge.ticket_admitted(0, 0)
    gauge.ticket_admitted(0, 0)
    assert gauge.instructions_exhausted
    assert "no instruction could be read out of the last 2 replies" in gauge.advice(Counter())


def test_tasks_without_valid_instances_stop_a_run_too() -> None:
    gauge = SaturationGauge(tickets=10, share=0.05)
    for _ in range(TASKS_JUDGED - 1):
        gauge.task_settled(False)
    assert not gauge.instances_exhausted
    gauge.task_settled(False)
    assert gauge.instances_exhausted
    assert "valid instance" in gauge.advice(Counter())
