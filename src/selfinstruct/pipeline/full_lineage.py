"""An instruction's whole lineage, with the neighbours that were not recorded in a large pool."""

from __future__ import annotations

from dataclasses import replace
from sys import maxsize

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.store.lineage import Lineage, NearEntry
from selfinstruct.store.names import seed_name, task_id
from selfinstruct.store.reader import RunReader

__all__ = ["full_lineage"]


def full_lineage(reader: RunReader, identifier: str) -> Lineage:
    """As `RunReader.lineage`; but where novelty judged the instruction and kept no mean, its nearest entries
    and the mean are computed from the pool as it was then: some ten seconds with a million entries.

    Raises UserError for an id that the run does not have.
    """
    lineage = reader.lineage(identifier)
    compared = lineage.verdict.reason in (None, "similar", "same_meaning")
    if lineage.mean_similarity is not None or lineage.ticket is None or not compared:
        return lineage
    config, seeds = reader.config(), reader.seeds()
    index = NoveltyIndex(
        max_similarity=config.filters.max_similarity,
        neighbours=config.filters.neighbours,
        ascii_tokens=config.reference.ascii_tokens,
        complete_up_to=maxsize,
    )
    pool = [seed.instruction for seed in seeds]
    pool += reader.admitted_before(lineage.ticket, lineage.position or 0)
    for text in pool:
        index.add(text)
    (judged,) = index.judge([lineage.instruction])
    return replace(
        lineage,
        neighbours=tuple(
            NearEntry(
                seed_name(seeds[near.index].id)
                if near.index < len(seeds)
                else task_id(near.index - len(seeds)),
                pool[near.index],
                near.score,
            )
            for near in judged.neighbours
        ),
        mean_similarity=judged.mean_similarity,
    )
