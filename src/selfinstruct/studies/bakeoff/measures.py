"""What entries are compared by, measured on their runs; each figure with its standard error.

Yield and price are of what the data set needed: the instruction requests up to the one that brought its last
task, and the requests for the tasks up to that one. What a run sent ahead, or had in flight when it ended,
depends on timing and is left out: the same replies give the same figures. Variety depends on size, so it is
measured on equally many tasks of each entry: the first ones, which are what the run would have had with a
smaller `tasks`. Signals and judges are about single rows, so all of them count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.ratings.decisions import instance_digest
from selfinstruct.ratings.questions import ALL_THREE
from selfinstruct.ratings.scores import holds
from selfinstruct.report.growth import spend_by_ticket
from selfinstruct.report.signals import look_at_rows
from selfinstruct.report.tables import amount, decimal, dollars
from selfinstruct.report.usage import describe_usage
from selfinstruct.store.judged import InstanceVerdict
from selfinstruct.store.record import RunRecord, TaskRecord, TicketRecord
from selfinstruct.studies.bakeoff.estimates import Estimate, jackknife, ratio, share
from selfinstruct.text.messages import percent
from selfinstruct.text.tokens import tokenize
from selfinstruct.text.verbs import find_verb_and_object

__all__ = ["COMPARED", "LARGEST", "MEASURES", "Measure", "data_set", "equal_size", "measure"]

LARGEST = 1_000
"""Tasks on which variety is measured, at most."""
COMPARED = 20
"""Tasks that an unfinished entry needs to be compared: with fewer, nothing could be told of the others
either."""
NEIGHBOURS = 24


@dataclass(frozen=True, slots=True)
class Measure:
    """title: for people. shown: a value as text. more: whether more is better."""

    name: str
    title: str
    shown: Callable[[float | None], str]
    more: bool = False


def _seconds(value: float | None) -> str:
    return decimal(value, 2 if value is None or value >= 0.1 else 4)


def _hundredths(value: float | None) -> str:
    return decimal(value, 2)


MEASURES: Mapping[str, Measure] = {
    each.name: each
    for each in (
        Measure("yield", "instructions kept", percent, more=True),
        Measure("cost", "USD per task", dollars),
        Measure("tokens", "tokens per task", amount),
        Measure("seconds", "seconds per task", _seconds),
        Measure("pairs", "verb-object pairs per 1,000", amount, more=True),
        Measure("ngrams", "word pairs per 1,000", amount, more=True),
        Measure("similarity", "similarity to nearest", _hundredths),
        Measure("flagged", "rows flagged", percent),
        Measure("judge", "judge: yes to all three", percent, more=True),
        Measure("score", "judge: mean score", _hundredths, more=True),
        Measure("student", "student's score", decimal, more=True),
    )
}
"""In the order of the tables. What `rank_by` may name."""


def data_set(record: RunRecord) -> list[TaskRecord]:
    """Its tasks, in order."""
    return [task for task in record.tasks if record.in_data_set(task)]


def equal_size(tasks: Mapping[str, int], finished: Mapping[str, bool]) -> tuple[int, tuple[str, ...]]:
    """On how many tasks of each entry variety is measured, and the entries that are compared: those that are
    finished, and others with at least `COMPARED` tasks. 0 where there is none.

    tasks, finished: by entry.
    """
    compared = tuple(
        name for name, count in tasks.items() if count >= (1 if finished.get(name) else COMPARED)
    )
    return min([LARGEST, *(tasks[name] for name in compared)]) if compared else 0, compared


def measure(
    record: RunRecord, size: int, verdicts: Mapping[str, InstanceVerdict] | None = None
) -> dict[str, Estimate]:
    """By measure, of those that can be taken of this run; students are measured elsewhere.

    size: tasks on which variety is measured. verdicts: a judge's, by the digest of the texts.
    """
    tasks = data_set(record)
    found = {
        **_price(record),
        **_variety(tasks[:size]),
        "flagged": _flagged(record, tasks),
        **(_judged(tasks, verdicts) if verdicts else {}),
    }
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def _price(record: RunRecord) -> dict[str, Estimate | None]:
    spends = spend_by_ticket(record, with_calibration=False, end=record.end)
    last = _last_ticket(record)
    spent = [
        (ticket, spend)
        for ticket, spend in zip(record.tickets, spends, strict=True)
        if last is None or ticket.number <= last
    ]
    tasks = [spend.tasks for _, spend in spent]
    working, in_requests = (
        describe_usage(record).working,
        sum(each.seconds or 0.0 for each in record.attempts),
    )
    whole = in_requests or len(record.attempts)
    seconds = [
        working * (spend.seconds if in_requests else spend.requests) / whole if whole else 0.0
        for _, spend in spent
    ]
    return {
        "yield": share(tasks, _read(record, [ticket for ticket, _ in spent])),
        "cost": ratio([spend.cost for _, spend in spent], tasks) if record.config.priced else None,
        "tokens": ratio([spend.tokens for _, spend in spent], tasks),
        "seconds": ratio(seconds, tasks),
    }


def _is_whole(record: RunRecord) -> bool:
    """Whether it has all tasks that were wanted."""
    return sum(map(record.in_data_set, record.tasks)) >= record.config.limits.tasks


def _last_ticket(record: RunRecord) -> int | None:
    """The one that brought the last task; of an unfinished run, the last one before the first task that is
    not settled. None where all count: the run ended before it had enough."""
    if _is_whole(record):
        return record.tasks[record.end - 1].ticket
    return record.tasks[record.end].ticket - 1 if record.end < len(record.tasks) else None


def _read(record: RunRecord, tickets: Sequence[TicketRecord]) -> list[int]:
    """How many instructions of each ticket were read until there were enough."""
    last = record.end - 1 if _is_whole(record) else None
    until = {
        each.ticket: each.position + 1
        for each in record.candidates
        if each.task is not None and each.task == last
    }
    return [until.get(ticket.number, ticket.candidates) for ticket in tickets]


def _variety(tasks: Sequence[TaskRecord]) -> dict[str, Estimate | None]:
    groups = _by_request((task.ticket, task) for task in tasks)
    pairs, words = [], []
    for group in groups:
        found = [find_verb_and_object(task.text) for task in group]
        pairs.append([(each.verb, each.object) for each in found if each.verb and each.object])
        words.append([pair for task in group for pair in pairwise(tokenize(task.text))])
    return {
        "pairs": _distinct(pairs, [len(group) for group in groups]),
        "ngrams": _distinct(words, [len(group) for group in words]),
        "similarity": _similarity(groups),
    }


def _by_request(tasks: Iterable[tuple[int, TaskRecord]]) -> list[list[TaskRecord]]:
    groups: defaultdict[int, list[TaskRecord]] = defaultdict(list)
    for ticket, task in tasks:
        groups[ticket].append(task)
    return list(groups.values())


def _distinct(groups: Sequence[Sequence[Hashable]], sizes: Sequence[int]) -> Estimate | None:
    """How many different things there are for every thousand. sizes: what is counted in thousands, a group
    each. Never surer than half a thing: where all differ, leaving one out tells nothing."""
    whole = sum(sizes)
    if not whole:
        return None
    owners: dict[Hashable, int | None] = {}
    for place, group in enumerate(groups):
        for each in group:
            owners[each] = place if owners.get(each, place) == place else None
    alone = [0] * len(groups)
    for owner in owners.values():
        if owner is not None:
            alone[owner] += 1
    without = [
        1000 * (len(owners) - own) / (whole - size)
        for own, size in zip(alone, sizes, strict=True)
        if whole - size > 0
    ]
    least = 500 / whole
    return jackknife(1000 * len(owners) / whole, without, least_error=least, within=(0.0, 1000.0))


def _similarity(groups: Sequence[Sequence[TaskRecord]]) -> Estimate | None:
    """Mean of the largest ROUGE-L with another task. Without a request, its tasks are nobody's nearest."""
    tasks = [(place, task) for place, group in enumerate(groups) for task in group]
    if len(tasks) < 2:
        return None
    index = NoveltyIndex(max_similarity=1.0, neighbours=min(NEIGHBOURS, len(tasks)), ascii_tokens=False)
    for _, task in tasks:
        index.add(task.text)
    total, own, loss = 0.0, [0.0] * len(groups), [0.0] * len(groups)
    for at, near in enumerate(index.look_up(task.text for _, task in tasks)):
        place = tasks[at][0]
        others = [(each.score, tasks[each.index][0]) for each in near if each.index != at]
        best, at_best = others[0]
        next_best = next((score for score, where in others if where != at_best), others[-1][0])
        total += best
        own[place] += best
        if at_best != place:
            loss[at_best] += best - next_best
    without = [
        (total - own[place] - loss[place]) / (len(tasks) - len(group))
        for place, group in enumerate(groups)
        if len(tasks) > len(group)
    ]
    return jackknife(total / len(tasks), without, within=(0.0, 1.0))


def _flagged(record: RunRecord, tasks: Sequence[TaskRecord]) -> Estimate | None:
    _, marks = look_at_rows(record)
    flagged: defaultdict[int, int] = defaultdict(int)
    for number, _ in marks:
        flagged[number] += 1
    return _of_rows(
        (task.ticket, flagged[task.number], sum(each.verdict.accepted for each in task.instances))
        for task in tasks
    )


def _judged(
    tasks: Sequence[TaskRecord], verdicts: Mapping[str, InstanceVerdict]
) -> dict[str, Estimate | None]:
    given = [
        (task.ticket, verdict)
        for task in tasks
        for each in task.task().instances
        if (verdict := verdicts.get(instance_digest(task.text, each))) is not None
    ]
    said = [(ticket, holds(verdict.answers, ALL_THREE)) for ticket, verdict in given]
    scores: defaultdict[int, list[float]] = defaultdict(list)
    for ticket, verdict in given:
        if verdict.score is not None:
            scores[ticket].append(verdict.score)
    return {
        "judge": _of_rows((ticket, int(yes), 1) for ticket, yes in said if yes is not None),
        "score": ratio(
            [sum(own) for own in scores.values()], [len(own) for own in scores.values()], within=(1.0, 5.0)
        ),
    }


def _of_rows(rows: Iterable[tuple[int, int, int]]) -> Estimate | None:
    """The share of rows that something is true of: the request, how many of its rows, and of how many."""
    parts: defaultdict[int, int] = defaultdict(int)
    wholes: defaultdict[int, int] = defaultdict(int)
    for ticket, part, whole in rows:
        parts[ticket] += part
        wholes[ticket] += whole
    return share([parts[ticket] for ticket in wholes], list(wholes.values()))
