"""Admission: a ticket's reply becomes candidates, and the accepted ones join the pool.

Called in ticket order only: what a candidate is compared to is the whole pool of all tickets before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from selfinstruct.config import Config
from selfinstruct.filters.contamination import ContaminationIndex
from selfinstruct.filters.custom import CustomFilters
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.meaning import MeaningIndex
from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.models.embeddings import Vector
from selfinstruct.pipeline.saturation import UNREADABLE
from selfinstruct.records import (
    Instance,
    InstructionCandidate,
    JudgedInstance,
    JudgedInstruction,
    Task,
    Verdict,
)
from selfinstruct.store.names import task_id

__all__ = ["Admission", "judge_task"]


class Admission:
    """The pool as the filters see it. `pool`: seeds first, then everything admitted so far."""

    def __init__(
        self,
        config: Config,
        pool: Sequence[str],
        contamination: ContaminationIndex | None = None,
        custom: CustomFilters | None = None,
    ) -> None:
        self._heuristics = Heuristics(config.filters, config.reference)
        self._contamination = contamination
        self._custom = custom or CustomFilters()
        self._index = NoveltyIndex(
            max_similarity=config.filters.max_similarity,
            neighbours=config.filters.neighbours,
            ascii_tokens=config.reference.ascii_tokens,
        )
        for instruction in pool:
            self._index.add(instruction)
        meaning = config.filters.meaning
        self._meaning = None if meaning is None else MeaningIndex(threshold=meaning.threshold)

    def add_vectors(self, vectors: Iterable[Vector | None]) -> None:
        """Of the pool, one for each entry, before the first candidate is judged; None where it was lost. Only
        where instructions are compared by meaning."""
        assert self._meaning is not None, "compared by meaning"
        for vector in vectors:
            self._meaning.add(vector)

    def judge(
        self, candidates: Sequence[InstructionCandidate], vectors: Mapping[int, Vector] = {}
    ) -> list[JudgedInstruction]:
        """Every candidate with its verdict, in the reply's order; accepted ones are in the pool now.

        The parser's own flaw comes first, then the heuristics, then evaluation sets, then the user's own
        filters, then novelty, then meaning: the costly comparisons are made only for what is well-formed, and
        for all of a ticket's candidates at once. Raises `FilterError` where one of the user's own fails.

        vectors: by places of candidates; one that has none is accepted where meaning alone is left to decide.
        """
        verdicts = self._uncontaminated(candidates, [self.well_formed(each) for each in candidates])
        verdicts = [
            self._custom.judge_instruction(candidate.text) if verdict.accepted else verdict
            for candidate, verdict in zip(candidates, verdicts, strict=True)
        ]
        compared = iter(
            self._compared(
                [(c.text, vectors.get(at)) for at, c in enumerate(candidates) if verdicts[at].accepted]
            )
        )
        judged = [
            next(compared) if verdict.accepted else JudgedInstruction(candidate.text, verdict)
            for candidate, verdict in zip(candidates, verdicts, strict=True)
        ]
        return [
            replace(
                each,
                is_classification=candidate.is_classification,
                needs_input=candidate.needs_input,
                input=candidate.input,
            )
            for each, candidate in zip(judged, candidates, strict=True)
        ]

    def _compared(self, given: Sequence[tuple[str, Vector | None]]) -> list[JudgedInstruction]:
        """With the pool, by words, and what is new by words by meaning."""
        texts = [text for text, _ in given]
        if self._meaning is None:
            return self._index.judge(texts)
        meanings = self._meaning.compare([vector for _, vector in given])
        judged = self._index.judge(texts, meanings.judge)
        return [
            replace(each, meaning=meanings.results[place], untested=given[place][1] is None)
            if place in meanings.results
            else each
            for place, each in enumerate(judged)
        ]

    def _uncontaminated(
        self, candidates: Sequence[InstructionCandidate], verdicts: list[Verdict]
    ) -> list[Verdict]:
        if self._contamination is None:
            return verdicts
        well_formed = [c.text for c, verdict in zip(candidates, verdicts, strict=True) if verdict.accepted]
        found = iter(self._contamination.judge_instructions(well_formed))
        return [next(found) if verdict.accepted else verdict for verdict in verdicts]

    def well_formed(self, candidate: InstructionCandidate) -> Verdict:
        """As far as the candidate alone tells: neither its parser nor the heuristics have anything against
        it."""
        if candidate.flaw is not None:
            return Verdict(candidate.flaw)
        return self._heuristics(candidate.text)


def judge_task(
    custom: CustomFilters,
    number: int,
    instruction: str,
    is_classification: bool,
    judged: Sequence[JudgedInstance],
) -> str | None:
    """Why a task is not in the data set; None where it is. Its instances have their verdicts already.

    Raises `FilterError` where one of the user's own filters fails.
    """
    kept = tuple(Instance(each.input, each.output) for each in judged if each.verdict.accepted)
    if not judged:
        return UNREADABLE
    if not kept:
        lost = all(each.verdict.reason == "lost" for each in judged)
        return "lost" if lost else "no_valid_instance"
    return custom.judge_task(Task(task_id(number), instruction, is_classification, kept)).reason
