"""Whether new text is in an evaluation set, so that what is tuned on the data can still be measured there.

An instruction is `contaminated` if it shares a run of 13 words (`text.ngrams`) with any text of an item, or
if its ROUGE-L F1 with an item's instruction is above the threshold of novelty; an instance if its input or
its output shares such a run. Items are known by name only: whoever reads the sets says what is in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import ACCEPTED, InstanceCandidate, Verdict
from selfinstruct.text.ngrams import RunIndex

__all__ = ["REASONS", "ContaminationIndex", "ProtectedText"]

REASONS = ("contaminated",)


@dataclass(frozen=True, slots=True)
class ProtectedText:
    """A part of an evaluation item. field: `instruction`, which is also compared as a whole, or another."""

    item: str
    field: str
    text: str

    def __str__(self) -> str:
        return f"the {self.field} of {self.item!r}"


class ContaminationIndex:
    """All that must stay out of the data. Where several items have a text, verdicts name the first."""

    def __init__(self, texts: Iterable[ProtectedText], *, max_similarity: float, ascii_tokens: bool) -> None:
        """max_similarity, ascii_tokens: as in `NoveltyIndex`."""
        texts = list(texts)
        self._texts = list({each.text: each for each in reversed(texts)}.values())[::-1]
        self._runs = RunIndex(each.text for each in self._texts)
        self._instructions = [each for each in self._texts if each.field == "instruction"]
        self._nearest = NoveltyIndex(max_similarity=max_similarity, neighbours=1, ascii_tokens=ascii_tokens)
        for each in self._instructions:
            self._nearest.add(each.text)

    def judge_instructions(self, texts: Sequence[str]) -> list[Verdict]:
        """Of each in its order; a few dozen at a time are the quickest."""
        verdicts = self._judge_runs(texts)
        for place, near in enumerate(self._nearest.look_up_similar(texts)):
            if verdicts[place].accepted and near:
                own = self._instructions[near[0].index]
                verdicts[place] = Verdict("contaminated", f"ROUGE-L {near[0].score:.3f} with {own}")
        return verdicts

    def judge_instances(self, instances: Sequence[InstanceCandidate]) -> list[Verdict]:
        """Of each in its order, flawed or not."""
        verdicts = self._judge_runs([text for each in instances for text in (each.input, each.output)])
        return [
            of_output if of_input.accepted else of_input
            for of_input, of_output in zip(verdicts[::2], verdicts[1::2], strict=True)
        ]

    def _judge_runs(self, texts: Sequence[str]) -> list[Verdict]:
        verdicts = [ACCEPTED] * len(texts)
        for run in self._runs.find(texts):
            if verdicts[run.text].accepted:
                verdicts[run.text] = Verdict(
                    "contaminated", f"“{run.words}” is in {self._texts[run.references[0]]}"
                )
        return verdicts
