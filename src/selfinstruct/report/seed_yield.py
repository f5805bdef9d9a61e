"""Which seeds and demonstrations were most productive, and which led only to rejects.

All eight demonstrations in a prompt share its yield, so an entry often shown beside productive ones looks
productive itself. Rates are therefore shrunk toward the run's mean (the fewer instructions, the more), and
entries shown only a few times are not ranked. An instruction rejected as similar is attributed to one entry:
the one it repeats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from selfinstruct.report.shortening import shortened
from selfinstruct.store.record import RunRecord

__all__ = ["Demonstration", "SeedYield", "measure_seed_yield"]

SHOWN = 6
LEAST_SHOWN = 5
"""A demonstration shown in fewer prompts is not ranked: its yield is mostly chance."""
PRIOR = 40.0
"""Prior weight, in instructions at the run's mean rate."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A pool entry as a demonstration. shown: prompts that showed it; candidates, admitted: instructions in
    the replies to them; share: admitted of candidates, shrunk toward the run's; repeated: instructions that
    were rejected because they resemble this entry more than any other, an estimate where a sample of the run
    was read."""

    id: str
    instruction: str
    is_seed: bool
    shown: int
    candidates: int
    admitted: int
    share: float
    repeated: int


@dataclass(frozen=True, slots=True)
class SeedYield:
    """best, worst: by share, at most six each and none in both, of those in `least_shown` prompts or more;
    only_rejects: entries whose prompts brought instructions, none of which was admitted; repeated: the most
    repeated entries.
    share: admitted of all instructions; None where there are none.
    seeds_shown, machine_shown: how many entries were ever shown.
    """

    share: float | None
    seeds: int
    seeds_shown: int
    machine_shown: int
    least_shown: int
    best: tuple[Demonstration, ...]
    worst: tuple[Demonstration, ...]
    only_rejects: tuple[Demonstration, ...]
    only_rejects_count: int
    repeated: tuple[Demonstration, ...]


def measure_seed_yield(record: RunRecord) -> SeedYield:
    """Entries that a filtered run no longer has in its pool are left out."""
    summary = record.summary
    share = summary.admitted / summary.candidates if summary.candidates else None
    demonstrations = _demonstrations(record, share or 0.0)
    shown = sorted((each for each in demonstrations if each.shown), key=lambda each: -each.share)
    ranked = [each for each in shown if each.shown >= LEAST_SHOWN]
    count = min(SHOWN, len(ranked) // 2)
    only_rejects = [each for each in shown if each.candidates and not each.admitted]
    repeated = sorted((each for each in demonstrations if each.repeated), key=lambda each: -each.repeated)
    return SeedYield(
        share=share,
        seeds=len(record.seeds),
        seeds_shown=sum(each.is_seed for each in shown),
        machine_shown=sum(not each.is_seed for each in shown),
        least_shown=LEAST_SHOWN,
        best=tuple(ranked[:count]),
        worst=tuple(reversed(ranked[len(ranked) - count :])),
        only_rejects=tuple(sorted(only_rejects, key=lambda each: -each.candidates)[:SHOWN]),
        only_rejects_count=len(only_rejects),
        repeated=tuple(repeated[:SHOWN]),
    )


def _demonstrations(record: RunRecord, prior: float) -> Iterable[Demonstration]:
    """Of all pool entries that were shown or repeated, in the pool's order."""
    shown: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for ticket in record.tickets:
        for entry in ticket.shown:
            if isinstance(entry, int):
                counts = shown[entry]
                counts[0] += 1
                counts[1] += ticket.candidates
                counts[2] += ticket.admitted
    repeated: defaultdict[int, int] = defaultdict(int)
    for each in record.candidates:
        if each.verdict.reason == "similar" and each.nearest is not None:
            repeated[each.nearest.index] += 1
    found = []
    for index in sorted(shown.keys() | repeated.keys()):
        prompts, candidates, admitted = shown.get(index, (0, 0, 0))
        found.append(
            Demonstration(
                id=record.pool_name(index),
                instruction=shortened(record.pool_text(index), 140),
                is_seed=index < len(record.seeds),
                shown=prompts,
                candidates=candidates,
                admitted=admitted,
                share=(admitted + PRIOR * prior) / (candidates + PRIOR),
                repeated=round(repeated[index] * record.scale),
            )
        )
    return found
