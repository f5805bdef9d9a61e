"""What each further request brought: tasks, acceptance and novelty as the pool filled, and whether to go on.

Requests are taken in admission order: a ticket with all requests of the tasks that it bore. So the curves are
those of the data, whatever was sent when.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import fsum
from typing import Literal

from selfinstruct.config import Config
from selfinstruct.models.catalog import is_for_trial
from selfinstruct.pipeline.saturation import SaturationDetector
from selfinstruct.records import ABOUT_SEEDS, Stage
from selfinstruct.report.similarity import is_unrecorded
from selfinstruct.store.record import RunRecord
from selfinstruct.text.messages import percent

__all__ = ["Growth", "Marginal", "Saturation", "TicketSpend", "describe_growth", "spend_by_ticket"]

POINTS = 200
FALLEN = 0.5  # of the first windows' share: the pool fills noticeably
NEAR = 3.0  # times the limit


@dataclass(frozen=True, slots=True)
class Marginal:
    """What a task that got a valid instance took, on average, in a part of the run. cost: US dollars; None
    without prices."""

    requests: float
    tokens: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class Saturation:
    """The instructions of the last `window` tickets: how many there were, and how many were admitted.

    limit: a run stops when less than this share is. first_share: of the first window, for comparison.
    state: `early` before there are enough tickets to judge; `room`, `filling` (half of what it was, or near
    the limit), `saturated`.
    advice: what to do about it, in a sentence or two.
    """

    window: int
    limit: float
    candidates: int
    admitted: int
    share: float | None
    first_share: float | None
    state: Literal["early", "room", "filling", "saturated"]
    advice: str


@dataclass(frozen=True, slots=True)
class Growth:
    """Points along the tickets, thinned to 200. All sums are up to and with that ticket; estimates, where a
    sample of the run was read.

    tickets: numbers, from 0. requests: sent for it and its tasks, retries included; cost: None without
        prices. tasks: with a valid instance.
    admitted: share of the instructions of the last `saturation.window` tickets; novelty: of the same, the
        mean of 1 - the largest ROUGE-L with the pool; None where there are none, and in a pool too large to
        record it (`filters.novelty`).
    first, last: what a task took in the first and in the last quarter of the tickets; None where there are
        fewer than eight tickets, or no task.
    """

    tickets: tuple[int, ...]
    requests: tuple[int, ...]
    tokens: tuple[int, ...]
    cost: tuple[float, ...] | None
    tasks: tuple[int, ...]
    admitted: tuple[float | None, ...]
    novelty: tuple[float | None, ...]
    first: Marginal | None
    last: Marginal | None
    saturation: Saturation


@dataclass(slots=True)
class TicketSpend:
    """What one ticket and the tasks that it bore took. requests: sent for them, retries included. cost: US
    dollars, 0 without prices. seconds: of all requests, those at the same time too. tasks: with a valid
    instance."""

    requests: int = 0
    tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    tasks: int = 0


def describe_growth(record: RunRecord) -> Growth:
    """Of a run at any moment; empty before its first ticket."""
    priced = record.config.priced
    spent = spend_by_ticket(record)
    window = record.config.limits.saturation_tickets
    candidates = [ticket.candidates for ticket in record.tickets]
    admitted = [ticket.admitted for ticket in record.tickets]
    judged, novelty = _novelty(record)
    end = _unrecorded_from(record)
    places, quarter = _thinned(len(spent)), len(spent) // 4

    def summed(values: Sequence[int]) -> tuple[int, ...]:
        sums = list(accumulate(values))
        return tuple(round(sums[place] * record.scale) for place in places)

    cost = list(accumulate(each.cost * record.scale for each in spent))
    return Growth(
        tickets=tuple(record.tickets[place].number for place in places),
        requests=summed([each.requests for each in spent]),
        tokens=summed([each.tokens for each in spent]),
        cost=tuple(cost[place] for place in places) if priced else None,
        tasks=summed([each.tasks for each in spent]),
        admitted=_rolling(admitted, candidates, window, places),
        novelty=tuple(
            None if end is not None and record.tickets[place].number >= end else share
            for place, share in zip(places, _rolling(novelty, judged, window, places), strict=True)
        ),
        first=_marginal(spent[:quarter], priced=priced),
        last=_marginal(spent[len(spent) - quarter :], priced=priced),
        saturation=_saturation(record, candidates, admitted),
    )


def spend_by_ticket(
    record: RunRecord, *, with_calibration: bool = True, end: int | None = None
) -> list[TicketSpend]:
    """A ticket each, those admitted, as `record.tickets` has them. with_calibration: whether the requests for
    the cut of classification, which a run makes once, count as the first one's. end: only tasks with a lower
    number count; None for all."""
    priced = record.config.priced
    spent = [TicketSpend() for _ in record.tickets]
    costs: list[list[float]] = [[] for _ in spent]
    place = {ticket.number: number for number, ticket in enumerate(record.tickets)}
    born = {task.number: task.ticket for task in record.tasks}
    endpoints = {stage: record.config.for_stage(stage).endpoint for stage in Stage}
    in_batches = {stage: endpoint.in_batches() for stage, endpoint in endpoints.items()}
    for attempt in record.attempts:
        if attempt.stage is Stage.INSTRUCTIONS:
            ticket = attempt.subject
        elif (attempt.stage, attempt.position) in ABOUT_SEEDS:
            if attempt.stage is Stage.CLASSIFICATION and not with_calibration:
                continue
            ticket = 0  # for all tasks, and before any of them
        elif attempt.stage is Stage.MEANING:
            ticket = attempt.subject
        elif end is not None and attempt.subject >= end:
            continue
        else:
            ticket = born[attempt.subject]
        if ticket not in place:  # sent, and not admitted yet
            continue
        one = spent[place[ticket]]
        one.requests += 1
        one.tokens += attempt.prompt_tokens + attempt.completion_tokens
        one.seconds += attempt.seconds or 0.0
        if priced:
            paid_to = in_batches if attempt.in_batch else endpoints
            costs[place[ticket]].append(paid_to[attempt.stage].cost(attempt) or 0.0)
    for one, own in zip(spent, costs, strict=True):
        one.cost = fsum(own)  # the same in whatever order they were sent
    for task in record.tasks[:end]:
        spent[place[task.ticket]].tasks += bool(task.valid)
    return spent


def _novelty(record: RunRecord) -> tuple[list[int], list[float]]:
    """A ticket each: the candidates that were compared with the pool, and the sum of their novelties."""
    judged: defaultdict[int, int] = defaultdict(int)
    novelty: defaultdict[int, float] = defaultdict(float)
    for each in record.candidates:
        if each.nearest is not None:
            judged[each.ticket] += 1
            novelty[each.ticket] += 1 - each.nearest.score
    numbers = [ticket.number for ticket in record.tickets]
    return [judged[number] for number in numbers], [novelty[number] for number in numbers]


def _unrecorded_from(record: RunRecord) -> int | None:
    """The first ticket whose pool was too large to record novelty; later pools are larger still."""
    return next((each.ticket for each in record.candidates if is_unrecorded(each, record)), None)


def _thinned(length: int) -> list[int]:
    """Evenly spaced places, the last one always among them."""
    if length <= POINTS:
        return list(range(length))
    return [round(number * (length - 1) / (POINTS - 1)) for number in range(POINTS)]


def _rolling(
    parts: Sequence[float], wholes: Sequence[float], window: int, places: Sequence[int]
) -> tuple[float | None, ...]:
    """At each place the share over the last `window` tickets."""
    part, whole = [0.0, *accumulate(parts)], [0.0, *accumulate(wholes)]
    shares = []
    for place in places:
        first = max(0, place + 1 - window)
        total = whole[place + 1] - whole[first]
        shares.append((part[place + 1] - part[first]) / total if total else None)
    return tuple(shares)


def _marginal(spent: Sequence[TicketSpend], *, priced: bool) -> Marginal | None:
    tasks = sum(each.tasks for each in spent)
    if len(spent) < 2 or not tasks:
        return None
    return Marginal(
        sum(each.requests for each in spent) / tasks,
        sum(each.tokens for each in spent) / tasks,
        sum(each.cost for each in spent) / tasks if priced else None,
    )


def _saturation(record: RunRecord, candidates: Sequence[int], admitted: Sequence[int]) -> Saturation:
    limits = record.config.limits
    window, limit = limits.saturation_tickets, limits.saturation_share
    detector = SaturationDetector(tickets=window, share=limit)
    for ticket in record.tickets:
        detector.ticket_admitted(ticket.candidates, ticket.admitted, lost=ticket.lost)
    for task in record.tasks:
        if task.valid is None:
            break
        detector.task_settled(None if task.valid else task.reason or "no_valid_instance")
    share, first_share = (
        _share(admitted[part], candidates[part]) for part in (slice(-window, None), slice(0, window))
    )
    state: Literal["early", "room", "filling", "saturated"] = "room"
    if detector.instructions_exhausted or detector.instances_exhausted:
        state, advice = "saturated", detector.advice(Counter(record.summary.rejected))
    elif len(candidates) < window or share is None or first_share is None:
        state, advice = "early", f"Saturation is measured over {window} replies with new instructions."
    elif share < max(FALLEN * first_share, NEAR * limit):
        state, advice = "filling", _filling(record.config, share, first_share)
    else:
        advice = "There is room for more tasks, at about the same price per task."
    return Saturation(
        window, limit, sum(candidates[-window:]), sum(admitted[-window:]), share, first_share, state, advice
    )


def _filling(config: Config, share: float, first_share: float) -> str:
    other = "a stronger model" if is_for_trial(config.model) else "another model"
    return (
        f"The pool is filling up: {percent(share)} of the latest instructions were admitted, compared with "
        f"{percent(first_share)} of the first. Each further task will cost more requests. More or more "
        "varied "
        "seed tasks, "
        f"a higher temperature or {other} would give room."
    )


def _share(parts: Sequence[int], wholes: Sequence[int]) -> float | None:
    whole = sum(wholes)
    return sum(parts) / whole if whole else None
