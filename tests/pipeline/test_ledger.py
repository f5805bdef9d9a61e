"""The ledger: the order of work, and that what it decides does not depend on the order of replies."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct.pipeline.ledger import Job, Ledger
from selfinstruct.records import Stage

UNLIMITED = float("inf")


def admitted_by(ticket: int) -> int:
    return (ticket * 7 + 3) % 6


def is_valid(task: int) -> bool:
    return task % 5 != 0


def play(
    wanted: int, window: int, slots: int, order: random.Random, budget: float = UNLIMITED
) -> tuple[Ledger, list[Job]]:
    """A whole run against replies that come back in any order; the ledger and all jobs, as sent."""
    ledger = Ledger(wanted=wanted, window=window, backlog=100)
    out: list[Job] = []
    sent: list[Job] = []
    while not ledger.decided:
        while len(out) < slots and len(sent) < budget:
            job = ledger.next_job(budget - len(sent))
            if job is None:
                break
            out.append(job)
            sent.append(job)
        if not out:
            break
        job = out.pop(order.randrange(len(out)))
        if job.stage is Stage.INSTRUCTIONS:
            ledger.answer_ticket(job.subject)
            while (ticket := ledger.ticket_to_admit()) is not None:
                ledger.admit(f"{ticket}.{position}" for position in range(admitted_by(ticket)))
        elif job.stage is Stage.CLASSIFICATION:
            ledger.classify(job.subject, job.subject % 3 == 0)
        else:
            ledger.settle(job.subject, is_valid(job.subject))
    return ledger, sent


def first_valid(ledger: Ledger) -> list[str]:
    return [text for number, text in enumerate(ledger.instructions) if is_valid(number)][: ledger.wanted]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 60), st.integers(1, 70), st.integers(1, 80), st.randoms(use_true_random=False))
def test_the_first_n_valid_tasks_do_not_depend_on_slots_or_the_order_of_replies(
    wanted: int, window: int, slots: int, order: random.Random
) -> None:
    ledger, sent = play(wanted, window, slots, order)
    assert ledger.decided
    assert len(set(sent)) == len(sent), "nothing is sent twice"
    reference, _ = play(wanted, window, 1, random.Random(0))
    assert first_valid(ledger) == first_valid(reference)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 60), st.integers(1, 80), st.integers(1, 200), st.randoms(use_true_random=False))
def test_a_budget_is_kept_and_spent_on_whole_tasks(
    wanted: int, slots: int, budget: int, order: random.Random
) -> None:
    ledger, sent = play(wanted, 64, slots, order, budget)
    assert len(sent) <= budget
    if not ledger.decided and budget >= 30:
        # A task costs two requests and its share of a ticket (2.5 admitted each here, 4 in 5 valid):
        # a budget that cannot reach N still buys nearly all of the tasks that it could.
        affordable = budget / ((2 + 1 / 2.5) / 0.8)
        assert ledger.data_set_size >= 0.8 * affordable - 3


def test_work_is_little_more_than_needed() -> None:
    _, sent = play(500, 64, 50, random.Random(1))
    needed_tasks = next(n for n in range(10_000) if sum(map(is_valid, range(n))) == 500)
    needed_tickets = next(n for n in range(1000) if sum(map(admitted_by, range(n))) >= needed_tasks)
    assert len(sent) <= 1.1 * (needed_tickets + 2 * needed_tasks)


def test_tickets_go_out_first_then_tasks_in_order() -> None:
    ledger = Ledger(wanted=50, window=2, backlog=100)
    assert [ledger.next_job(UNLIMITED) for _ in range(3)] == [
        Job(Stage.INSTRUCTIONS, 0),
        Job(Stage.INSTRUCTIONS, 1),
        None,  # ticket 2 needs the pool as ticket 0 leaves it
    ]
    ledger.answer_ticket(1)
    assert ledger.ticket_to_admit() is None, "replies are admitted in ticket order"
    ledger.answer_ticket(0)
    assert ledger.ticket_to_admit() == 0
    ledger.admit(["a", "b"])
    assert [ledger.next_job(UNLIMITED) for _ in range(3)] == [
        Job(Stage.INSTRUCTIONS, 2),
        Job(Stage.CLASSIFICATION, 0),
        Job(Stage.CLASSIFICATION, 1),
    ]
    assert ledger.pool_seen_by(2) == 2
    ledger.classify(1, True)
    ledger.classify(0, False)
    assert ledger.next_job(UNLIMITED) == Job(Stage.INSTANCES, 0)


def test_a_closed_pool_takes_no_further_ticket() -> None:
    ledger = Ledger(wanted=50, window=2, backlog=100)
    ledger.next_job(UNLIMITED)
    ledger.next_job(UNLIMITED)
    ledger.answer_ticket(0)
    ledger.admit(["a"])
    ledger.closed = True
    ledger.answer_ticket(1)
    assert ledger.ticket_to_admit() is None
    assert ledger.next_job(UNLIMITED) == Job(Stage.CLASSIFICATION, 0)
    assert ledger.next_job(UNLIMITED) is None


def test_on_resume_answered_tickets_and_settled_tasks_are_not_sent_again() -> None:
    ledger = Ledger(wanted=50, window=2, backlog=100)
    ledger.admit(["a", "b", "c"])
    ledger.answer_ticket(2)
    ledger.settle(0, True)
    ledger.classify(1, False)
    jobs = []
    while (job := ledger.next_job(UNLIMITED)) is not None:
        jobs.append(job)
    assert jobs == [
        Job(Stage.INSTRUCTIONS, 1),
        Job(Stage.INSTANCES, 1),
        Job(Stage.CLASSIFICATION, 2),
    ]


def test_a_gap_holds_the_data_set_back() -> None:
    ledger = Ledger(wanted=2, window=64, backlog=100)
    ledger.admit(["a", "b", "c"])
    ledger.settle(1, True)
    ledger.settle(2, True)
    assert (ledger.data_set_size, ledger.decided) == (0, False)
    assert ledger.settle(0, False) == [False, True, True]
    assert (ledger.data_set_size, ledger.decided) == (2, True)
