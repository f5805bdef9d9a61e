"""What rewriting a run's outputs came to, in numbers and examples."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.records import Instance, Task
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.invocation import StopReason
from selfinstruct.store.improved import OutputVerdict
from selfinstruct.text.rouge import similarity
from selfinstruct.text.tokens import count_words

__all__ = ["Improvement", "Rewrite", "RewriteAverages"]

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A new output of the task's instance at `place`, from 0. reason: why the original stays in its place;
    None where it does not."""

    task: Task
    place: int
    output: str
    reason: str | None

    @property
    def instance(self) -> Instance:
        """With the original output."""
        return self.task.instances[self.place]

    @property
    def changed(self) -> bool:
        """Whether another output takes the original's place; white space around it does not matter."""
        return self.reason is None and self.output != self.instance.output.strip()

    def verdict(self) -> OutputVerdict:
        """As it is kept."""
        return OutputVerdict(self.task.id, self.place, self.output, self.reason)

    def to_json(self) -> dict[str, Any]:
        """One object: the instance with both outputs."""
        return {
            "id": self.task.id,
            "instance": self.place,
            "instruction": self.task.instruction,
            "input": self.instance.input,
            "original": self.instance.output,
            "improved": self.output,
        }


@dataclass(frozen=True, slots=True)
class RewriteAverages:
    """The usable outputs beside the originals that they replace, on average.

    rouge_l: F1 of the two, 0 to 1. words: as `count_words` has them.
    """

    rouge_l: float
    original_words: float
    improved_words: float

    @classmethod
    def of(cls, usable: Sequence[Rewrite]) -> RewriteAverages | None:
        """None where there is nothing to compare."""
        if not usable:
            return None
        pairs = [(rewrite.instance.output, rewrite.output) for rewrite in usable]
        return cls(
            rouge_l=sum(similarity(before, after) for before, after in pairs) / len(pairs),
            original_words=sum(count_words(before) for before, _ in pairs) / len(pairs),
            improved_words=sum(count_words(after) for _, after in pairs) / len(pairs),
        )


@dataclass(frozen=True, slots=True)
class Improvement:
    """What an `improve` came to; counts are of the whole data set and of all invocations.

    outputs: the file that holds them. instances: in the data set. improved: with an output that takes the
        original's place; changed: of these, those whose text is another one.
    rejected: outputs that cannot be used, by reason, the commonest first. waiting: instances that are
        still to be asked for.
    comparison: None while no output can be used.
    examples: at most five of the changed ones, drawn by the config's seed, in the data set's order.
    samples: outputs written of each instance. judge: who chose among them, by name; `signals` for these, and
        empty for nobody. judge_batch: what the judge was asked in this run, all samples and outputs together.
    seconds: this invocation's.
    """

    run: Path
    name: str
    outputs: Path
    instances: int
    improved: int
    changed: int
    rejected: dict[str, int]
    waiting: int
    comparison: RewriteAverages | None
    examples: tuple[Rewrite, ...]
    batch: BatchOutcome
    samples: int
    judge: str
    judge_batch: BatchOutcome | None
    seconds: float

    @property
    def stopped(self) -> StopReason:
        """Why it ended, writing or judging."""
        return self._last.stopped

    @property
    def advice(self) -> str:
        """What would help, where it stopped short; else empty."""
        return self._last.advice

    @property
    def _last(self) -> BatchOutcome:
        judged = self.judge_batch
        return self.batch if judged is None or self.batch.stopped != "done" else judged

    @classmethod
    def of(
        cls,
        rewrites: Sequence[Rewrite],
        *,
        run: Path,
        name: str,
        outputs: Path,
        instances: int,
        batch: BatchOutcome,
        samples: int = 1,
        judge: str = "",
        judge_batch: BatchOutcome | None = None,
        seed: int,
        seconds: float,
    ) -> Improvement:
        """From every rewrite there is."""
        usable = [rewrite for rewrite in rewrites if rewrite.reason is None]
        changed = [rewrite for rewrite in usable if rewrite.changed]
        rejected = Counter(rewrite.reason for rewrite in rewrites if rewrite.reason is not None)
        drawn = random.Random(seed).sample(range(len(changed)), min(EXAMPLES, len(changed)))
        return cls(
            run=run,
            name=name,
            outputs=outputs,
            instances=instances,
            improved=len(usable),
            changed=len(changed),
            rejected=dict(sorted(rejected.items(), key=lambda item: (-item[1], item[0]))),
            waiting=instances - len(rewrites),
            comparison=RewriteAverages.of(usable),
            examples=tuple(changed[number] for number in sorted(drawn)),
            batch=batch,
            samples=samples,
            judge=judge,
            judge_batch=judge_batch,
            seconds=seconds,
        )

    def to_json(self) -> dict[str, Any]:
        """One object, as `improve --json` prints it."""
        comparison = self.comparison
        return {
            "run": str(self.run),
            "name": self.name,
            "outputs": str(self.outputs),
            "stopped": self.stopped,
            "advice": self.advice,
            "samples": self.samples,
            "judge": self.judge or None,
            "judge_requests": None if self.judge_batch is None else self.judge_batch.counts(),
            "instances": self.instances,
            "improved": self.improved,
            "changed": self.changed,
            "rejected": self.rejected,
            "waiting": self.waiting,
            "rouge_l": None if comparison is None else comparison.rouge_l,
            "original_words": None if comparison is None else comparison.original_words,
            "improved_words": None if comparison is None else comparison.improved_words,
            "examples": [example.to_json() for example in self.examples],
            **self.batch.counts(),
            "seconds": round(self.seconds, 3),
        }
