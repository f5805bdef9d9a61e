"""What instructions were asked to be, and what came of it, value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from selfinstruct.pipeline.steering import measured_value, target_shares
from selfinstruct.store.attributes import attributes_of
from selfinstruct.store.record import RunRecord

__all__ = ["AskedAttribute", "AskedValue", "describe_attributes"]

SHOWN = 12
PRIOR = 20
"""Tasks by which a value's yield is shrunk toward the run's."""


@dataclass(frozen=True, slots=True)
class AskedValue:
    """target: its share of the attribute's values, as wanted. asked: tasks asked for with it. written: of
    these, those that a reply has at that place. admitted: into the pool. kept: tasks of the data set with it,
    of a measured attribute by their texts, of others by what they were asked to be."""

    value: str
    target: float
    asked: int
    written: int
    admitted: int
    kept: int


@dataclass(frozen=True, slots=True)
class AskedAttribute:
    """values: those of an attribute, the most asked for first; the rest are counted alone.

    measured: whether it is told by a task's text. possible, asked, kept: how many different values there
    are, were asked for and are in the data set.
    distance: between target and data set, half the sum of the shares' differences: 0 where the target is
    reached, 1 where nothing of it is; None for an empty data set.
    yield_change: admitted tasks to one asked for, as the values were asked for, less the same as they would
    have been by the target; from each value's own yield. None where nothing was asked for.
    """

    name: str
    values: tuple[AskedValue, ...]
    measured: bool
    possible: int
    asked: int
    kept: int
    distance: float | None
    yield_change: float | None


def describe_attributes(record: RunRecord) -> tuple[AskedAttribute, ...]:
    """One for each attribute of the run, in its order. What a reply holds beyond what was asked for counts
    nowhere; where one set of attributes holds for all of a reply, each of its instructions was asked for with
    it, and there is no more asked for than written."""
    if not record.config.attributes:
        return ()
    asked, written, admitted, kept = (Counter[tuple[str, str]]() for _ in range(4))
    names = record.config.attributes.names
    measured = {name for name, attribute in names.items() if attribute.measured}
    sets = {ticket.number: ticket.asked for ticket in record.tickets}
    read = None if record.sample is None else {candidate.ticket for candidate in record.candidates}
    for ticket in record.tickets:
        if (read is None or ticket.number in read) and len(ticket.asked) != 1:
            for attributes in ticket.asked:
                asked.update(_pairs(attributes, names))
    for candidate in record.candidates:
        of_ticket = sets.get(candidate.ticket, ())
        found = attributes_of(of_ticket, candidate.position)
        if found is None:
            continue
        pairs = _pairs(found, names)
        written.update(pairs)
        if len(of_ticket) == 1:
            asked.update(pairs)
        if candidate.task is not None:
            admitted.update(pairs)
            if record.in_data_set(record.by_number[candidate.task]):
                kept.update(pair for pair in pairs if pair[0] not in measured)
    for task in record.tasks:
        if record.in_data_set(task):
            kept.update((name, measured_value(name, task.text)) for name in measured)
    return tuple(_attribute(record, name, asked, written, admitted, kept) for name in names)


def _pairs(attributes: Mapping[str, tuple[str, ...]], names: Mapping[str, object]) -> list[tuple[str, str]]:
    """Each attribute with its values, the empty one where it was left unsaid."""
    return [(name, value) for name in names for value in attributes.get(name, ("",))]


def _attribute(
    record: RunRecord,
    name: str,
    asked: Counter[tuple[str, str]],
    written: Counter[tuple[str, str]],
    admitted: Counter[tuple[str, str]],
    kept: Counter[tuple[str, str]],
) -> AskedAttribute:
    attribute = record.config.attributes.names[name]
    target = target_shares(attribute, record.config.steering)
    values = [
        AskedValue(
            value,
            share,
            asked[name, value],
            written[name, value],
            admitted[name, value],
            kept[name, value],
        )
        for value, share in target.items()
    ]
    said = sorted((each for each in values if each.value), key=lambda each: -each.asked)
    return AskedAttribute(
        name=name,
        values=tuple(said[:SHOWN]),
        measured=attribute.measured,
        possible=len(said),
        asked=sum(each.asked > 0 for each in said),
        kept=sum(each.kept > 0 for each in said),
        distance=_distance(values, {value: count for (of, value), count in kept.items() if of == name}),
        yield_change=_yield_change(values),
    )


def _distance(values: list[AskedValue], kept: Mapping[str, int]) -> float | None:
    total = sum(kept.values())
    if not total:
        return None
    wanted = {each.value: each.target for each in values}
    shares = {value: count / total for value, count in kept.items()}
    return (
        sum(abs(wanted.get(value, 0) - shares.get(value, 0)) for value in wanted.keys() | shares.keys()) / 2
    )


def _yield_change(values: list[AskedValue]) -> float | None:
    total = sum(each.asked for each in values)
    if not total:
        return None
    mean = sum(each.admitted for each in values) / total
    yields = [(each.admitted + PRIOR * mean) / (each.asked + PRIOR) for each in values]
    return sum((each.asked / total - each.target) * own for each, own in zip(values, yields, strict=True))
