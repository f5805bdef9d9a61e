"""The scheduler: the order of work, and that what it decides does not depend on the order of replies."""

import itertools
import random
import sqlite3
from contextlib import closing
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct.pipeline.scheduler import Job, Scheduler
from selfinstruct.pipeline.tickets import lag
from selfinstruct.records import Stage
from selfinstruct.store.schema import TABLES
from selfinstruct.store.selection import select_tasks

UNLIMITED = float("inf")


def admitted_by(ticket: int) -> int:
    return (ticket * 7 + 3) % 6


def is_valid(task: int) -> bool:
    return task % 5 != 0


def inputs_of(task: int) -> range:
    """None, where the instances stage brought nothing that can be asked about."""
    return range((task * 5 + 1) % 4)


def play(
    wanted: int,
    window: int,
    slots: int,
    order: random.Random,
    budget: float = UNLIMITED,
    *,
    answers: bool = False,
) -> tuple[Scheduler, list[Job]]:
    """A whole run against replies that come back in any order; the scheduler and all jobs, as sent.

    answers: whether inputs are asked about one by one; of every third task the instruction alone is.
    """
    expected: dict[str, Any] = {"requests_a_task": 3.5, "answers_a_task": 1.5} if answers else {}
    scheduler = Scheduler(wanted=wanted, lag=partial(lag, most=window), backlog=100, **expected)
    missing: dict[int, set[int]] = {}

    def ask(task: int, positions: range) -> None:
        if positions:
            scheduler.ask(task, positions)
            missing[task] = set(positions)
        else:
            scheduler.settle(task, False)

    out: list[Job] = []
    sent: list[Job] = []
    while not scheduler.decided:
        while len(out) < slots and len(sent) < budget:
            job = scheduler.next_job(budget - len(sent))
            if job is None:
                break
            out.append(job)
            sent.append(job)
        if not out:
            break
        job = out.pop(order.randrange(len(out)))
        if job.stage is Stage.INSTRUCTIONS:
            scheduler.answer_ticket(job.subject)
            while (ticket := scheduler.ticket_to_admit()) is not None:
                scheduler.admit(f"{ticket}.{position}" for position in range(admitted_by(ticket)))
        elif job.stage is Stage.CLASSIFICATION:
            scheduler.classify(job.subject, job.subject % 3 == 0)
            if answers and job.subject % 3 == 1:
                ask(job.subject, range(1))
        elif job.stage is Stage.INSTANCES and answers:
            ask(job.subject, inputs_of(job.subject))
        else:
            if job.stage is Stage.ANSWERS:
                scheduler.answer(job.subject, job.position)
                missing[job.subject].remove(job.position)
            if not missing.get(job.subject):
                scheduler.settle(job.subject, is_valid(job.subject))
    return scheduler, sent


def first_valid(scheduler: Scheduler) -> list[str]:
    return [text for number, text in enumerate(scheduler.instructions) if is_valid(number)][
        : scheduler.wanted
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 60), st.integers(1, 70), st.integers(1, 80), st.randoms(use_true_random=False))
def test_the_first_n_valid_tasks_do_not_depend_on_slots_or_the_order_of_replies(
    wanted: int, window: int, slots: int, order: random.Random
) -> None:
    scheduler, sent = play(wanted, window, slots, order)
    assert scheduler.decided
    assert len(set(sent)) == len(sent), "nothing is sent twice"
    reference, _ = play(wanted, window, 1, random.Random(0))
    assert first_valid(scheduler) == first_valid(reference)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 60), st.integers(1, 70), st.integers(1, 80), st.randoms(use_true_random=False))
def test_nor_do_they_where_answers_are_asked(
    wanted: int, window: int, slots: int, order: random.Random
) -> None:
    scheduler, sent = play(wanted, window, slots, order, answers=True)
    assert scheduler.decided
    assert len(set(sent)) == len(sent), "nothing is sent twice"
    reference, _ = play(wanted, window, 1, random.Random(0), answers=True)
    assert scheduler.data_set_size == reference.data_set_size == wanted
    settled = min(len(scheduler.instructions), len(reference.instructions))
    assert scheduler.instructions[:settled] == reference.instructions[:settled]
    assert scheduler.requests_ahead() == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 60), st.integers(1, 80), st.integers(1, 200), st.randoms(use_true_random=False))
def test_a_budget_is_kept_and_buys_whole_tasks_where_answers_are_asked(
    wanted: int, slots: int, budget: int, order: random.Random
) -> None:
    scheduler, sent = play(wanted, 64, slots, order, budget, answers=True)
    assert len(sent) <= budget
    if not scheduler.decided and budget >= 40:
        # What is out when the budget ends belongs to several tasks at once, of which none may be whole.
        affordable = (budget - slots) / ((3.3 + 1 / 2.5) / 0.6)
        assert scheduler.data_set_size >= 0.7 * affordable - 4


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 60), st.integers(1, 80), st.integers(1, 200), st.randoms(use_true_random=False))
def test_a_budget_is_kept_and_spent_on_whole_tasks(
    wanted: int, slots: int, budget: int, order: random.Random
) -> None:
    scheduler, sent = play(wanted, 64, slots, order, budget)
    assert len(sent) <= budget
    if not scheduler.decided and budget >= 30:
        # A task costs two requests and its share of a ticket (2.5 admitted each here, 4 in 5 valid):
        # a budget that cannot reach N still buys nearly all of the tasks that it could.
        affordable = budget / ((2 + 1 / 2.5) / 0.8)
        assert scheduler.data_set_size >= 0.8 * affordable - 3


def test_work_is_little_more_than_needed() -> None:
    _, sent = play(500, 64, 50, random.Random(1))
    needed_tasks = next(n for n in range(10_000) if sum(map(is_valid, range(n))) == 500)
    needed_tickets = next(n for n in range(1000) if sum(map(admitted_by, range(n))) >= needed_tasks)
    assert len(sent) <= 1.1 * (needed_tickets + 2 * needed_tasks)


def test_tickets_go_out_first_then_tasks_in_order() -> None:
    scheduler = Scheduler(wanted=50, lag=partial(lag, most=2), backlog=100)
    assert [scheduler.next_job(UNLIMITED) for _ in range(3)] == [
        Job(Stage.INSTRUCTIONS, 0),
        Job(Stage.INSTRUCTIONS, 1),
        None,  # ticket 2 needs the pool as ticket 0 leaves it
    ]
    scheduler.answer_ticket(1)
    assert scheduler.ticket_to_admit() is None, "replies are admitted in ticket order"
    scheduler.answer_ticket(0)
    assert scheduler.ticket_to_admit() == 0
    scheduler.admit(["a", "b"])
    assert [scheduler.next_job(UNLIMITED) for _ in range(3)] == [
        Job(Stage.INSTRUCTIONS, 2),
        Job(Stage.CLASSIFICATION, 0),
        Job(Stage.CLASSIFICATION, 1),
    ]
    assert scheduler.pool_seen_by(2) == 2
    scheduler.classify(1, True)
    scheduler.classify(0, False)
    assert scheduler.next_job(UNLIMITED) == Job(Stage.INSTANCES, 0)


def test_answers_go_out_in_order_and_those_of_an_earlier_process_are_not_asked_again() -> None:
    scheduler = Scheduler(
        wanted=50, lag=partial(lag, most=2), backlog=100, requests_a_task=4, answers_a_task=2
    )
    scheduler.next_job(UNLIMITED)
    scheduler.answer_ticket(0)
    scheduler.admit(["a", "b"])
    scheduler.closed = True
    scheduler.classify(0, False)
    scheduler.ask(0, [0, 2, 3])
    scheduler.answer(0, 2)  # recorded before
    scheduler.classify(1, False)
    scheduler.ask(1, [0])
    assert [scheduler.next_job(UNLIMITED) for _ in range(4)] == [
        Job(Stage.ANSWERS, 0, 0),
        Job(Stage.ANSWERS, 0, 3),
        Job(Stage.ANSWERS, 1, 0),
        None,
    ]
    assert scheduler.requests_ahead() > 3
    scheduler.answer(0, 3)
    scheduler.answer(0, 0)
    assert scheduler.settle(0, True) == [True]
    assert scheduler.pending == 1


def test_a_closed_pool_takes_no_further_ticket() -> None:
    scheduler = Scheduler(wanted=50, lag=partial(lag, most=2), backlog=100)
    scheduler.next_job(UNLIMITED)
    scheduler.next_job(UNLIMITED)
    scheduler.answer_ticket(0)
    scheduler.admit(["a"])
    scheduler.closed = True
    scheduler.answer_ticket(1)
    assert scheduler.ticket_to_admit() is None
    assert scheduler.next_job(UNLIMITED) == Job(Stage.CLASSIFICATION, 0)
    assert scheduler.next_job(UNLIMITED) is None


def test_on_resume_answered_tickets_and_settled_tasks_are_not_sent_again() -> None:
    scheduler = Scheduler(wanted=50, lag=partial(lag, most=2), backlog=100)
    scheduler.admit(["a", "b", "c"])
    scheduler.answer_ticket(2)
    scheduler.settle(0, True)
    scheduler.classify(1, False)
    jobs = []
    while (job := scheduler.next_job(UNLIMITED)) is not None:
        jobs.append(job)
    assert jobs == [
        Job(Stage.INSTRUCTIONS, 1),
        Job(Stage.INSTANCES, 1),
        Job(Stage.CLASSIFICATION, 2),
    ]


def test_a_gap_holds_the_data_set_back() -> None:
    scheduler = Scheduler(wanted=2, lag=partial(lag, most=64), backlog=100)
    scheduler.admit(["a", "b", "c"])
    scheduler.settle(1, True)
    scheduler.settle(2, True)
    assert (scheduler.data_set_size, scheduler.decided) == (0, False)
    assert scheduler.settle(0, False) == [False, True, True]
    assert (scheduler.data_set_size, scheduler.decided) == (2, True)


@given(st.lists(st.none() | st.booleans(), max_size=12), st.integers(1, 6), st.randoms())
@settings(max_examples=200, deadline=None)
def test_what_the_scheduler_counts_is_what_the_store_selects(
    verdicts: list[bool | None], wanted: int, order: random.Random
) -> None:
    """One rule, in memory while requests go out and in SQL for whoever reads the run."""
    scheduler = Scheduler(wanted=wanted, lag=partial(lag, most=64), backlog=100)
    scheduler.admit(map(str, range(len(verdicts))))
    settled = [task for task, valid in enumerate(verdicts) if valid is not None]
    order.shuffle(settled)
    for task in settled:
        scheduler.settle(task, bool(verdicts[task]))
    with closing(sqlite3.connect(":memory:")) as connection:
        for table in TABLES:
            connection.execute(table)
        query = "INSERT INTO tasks (number, ticket, position, valid) VALUES (?, 0, 0, ?)"
        connection.executemany(query, enumerate(verdicts))
        selection = select_tasks(connection, wanted)
    assert sum(map(bool, verdicts[: selection.end])) == scheduler.data_set_size
    assert (selection.deciding_ticket is not None) == scheduler.decided


def rounds(wanted: int, slots: int) -> tuple[int, float]:
    """Where every reply takes as long as any other: the round trips that a run takes, and those that its
    requests would with every slot always taken. Half of the tasks need inputs, three each."""
    scheduler = Scheduler(
        wanted=wanted, lag=partial(lag, most=64), backlog=4 * slots, requests_a_task=2.5, answers_a_task=2
    )
    missing: dict[int, set[int]] = {}
    took = sent = 0
    while not scheduler.decided:
        jobs = list(itertools.islice(iter(lambda: scheduler.next_job(UNLIMITED), None), slots))
        took, sent = took + 1, sent + len(jobs)
        for job in jobs:
            if job.stage is Stage.INSTRUCTIONS:
                scheduler.answer_ticket(job.subject)
                while scheduler.ticket_to_admit() is not None:
                    for task in scheduler.admit(map(str, range(7))):
                        scheduler.classify(task, False)
                        if task % 2:
                            scheduler.ask(task, [0])
                            missing[task] = {0}
            elif job.stage is Stage.INSTANCES:
                scheduler.ask(job.subject, range(3))
                missing[job.subject] = {0, 1, 2}
            else:
                scheduler.answer(job.subject, job.position)
                missing[job.subject].remove(job.position)
                if not missing[job.subject]:
                    scheduler.settle(job.subject, job.subject % 12 != 0)
    return took, sent / slots


def test_slots_are_hardly_ever_short_of_work_where_answers_are_asked() -> None:
    took, ideal = rounds(1500, 50)
    assert took <= 1.06 * ideal
