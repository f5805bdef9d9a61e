"""Which seeds and demonstrations were most productive, and which led only to rejects.

A prompt shows eight instructions, and all of them share what came of it: an entry that is often shown beside
good ones looks good itself. So rates are shrunk toward the run's mean, the more the fewer instructions there
are, and entries shown a few times are not ranked at all. What was rejected as similar is another matter: it
names the entry that it repeats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from selfinstruct.report.shortening import shortened
from selfinstruct.store.record import RunRecord

__all__ = ["Breeder", "Breeding", "describe_breeding"]

SHOWN = 6
LEAST_SHOWN = 5
"""Prompts below which a demonstration is not ranked: what came of them is chance."""
PRIOR = 40.0
"""Instructions at the run's own share that are added to each entry's."""


@dataclass(frozen=True, slots=True)
class Breeder:
    """A pool entry as a demonstration. shown: prompts that showed it; candidates, admitted: instructions in
    the replies to them; share: admitted of candidates, shrunk toward the run's; repeated: instructions that
    were rejected because they resemble this entry more than any other."""

    id: str
    instruction: str
    is_seed: bool
    shown: int
    candidates: int
    admitted: int
    share: float
    repeated: int


@dataclass(frozen=True, slots=True)
class Breeding:
    """best, worst: by share, at most six each and none in both, of those in `least_shown` prompts or more;
    barren: entries shown, whose prompts brought instructions of which none was admitted; repeated: the most
    repeated ones.
    share: of all instructions, that were admitted; None where there are none.
    seeds_shown, machine_shown: how many entries were ever shown.
    """

    share: float | None
    seeds: int
    seeds_shown: int
    machine_shown: int
    least_shown: int
    best: tuple[Breeder, ...]
    worst: tuple[Breeder, ...]
    barren: tuple[Breeder, ...]
    barren_count: int
    repeated: tuple[Breeder, ...]


def describe_breeding(record: RunRecord) -> Breeding:
    """Entries that a filtered run no longer has in its pool are left out."""
    summary = record.summary
    share = summary.admitted / summary.candidates if summary.candidates else None
    breeders = _breeders(record, share or 0.0)
    shown = sorted((each for each in breeders if each.shown), key=lambda each: -each.share)
    ranked = [each for each in shown if each.shown >= LEAST_SHOWN]
    count = min(SHOWN, len(ranked) // 2)
    barren = [each for each in shown if each.candidates and not each.admitted]
    repeated = sorted((each for each in breeders if each.repeated), key=lambda each: -each.repeated)
    return Breeding(
        share=share,
        seeds=len(record.seeds),
        seeds_shown=sum(each.is_seed for each in shown),
        machine_shown=sum(not each.is_seed for each in shown),
        least_shown=LEAST_SHOWN,
        best=tuple(ranked[:count]),
        worst=tuple(reversed(ranked[len(ranked) - count :])),
        barren=tuple(sorted(barren, key=lambda each: -each.candidates)[:SHOWN]),
        barren_count=len(barren),
        repeated=tuple(repeated[:SHOWN]),
    )


def _breeders(record: RunRecord, prior: float) -> Iterable[Breeder]:
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
            Breeder(
                id=record.pool_name(index),
                instruction=shortened(record.pool_text(index), 140),
                is_seed=index < len(record.seeds),
                shown=prompts,
                candidates=candidates,
                admitted=admitted,
                share=(admitted + PRIOR * prior) / (candidates + PRIOR),
                repeated=repeated[index],
            )
        )
    return found
