"""How well a model does the loop's work: the figures that the model card shows.

Data: a run directory made by `selfinstruct generate`, or a model, with which one is made (--model); the
digests of the training instructions that prepare.py wrote (--prepared), without which nothing is said
about recital.
Figures: of the candidates the share admitted; of the admitted tasks the share with a valid instance; of the
candidates and of the admitted tasks the share not verbatim in the training text (case and white space do not
matter); the distinct first verbs among the first 500 admitted instructions.
Outputs: a table on standard output; --json for one object; --sample for so many tasks to read. A run that
was cut short goes on with the same command.

    selfinstruct generate RUN --model gguf/pocket.gguf --tasks 500
    python pocket/measure.py RUN --prepared PREPARED
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from recital import recited
from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader

__all__ = ["Figures", "first_verb", "measure"]

MOST_VERBS_OF = 500

_NO_VERBS = frozenset(
    """a about according after all among an and any are around as assuming at based because before below
    between both but by can could did do does during each either every first following for from given had has
    have her here his how i if imagine in into is it its let may might most much my no not of on one only or
    our out over please say several shall she should since so some someone somebody suppose than that the
    their them then there these they this those three through to two under until using was we were what when
    where whether which while who whom whose why will with within without would you your yours""".split()  # noqa: SIM905 - a list of so many words would be a page long
)
"""Words that an instruction may begin with and that are no imperative."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one run; shares are of 1, None where there is nothing to divide by or to compare with.

    rejected: candidates by reason.
    """

    candidates: int
    admitted: int
    admitted_share: float | None
    tasks: int
    valid_share: float | None
    new_candidates: float | None
    new_admitted: float | None
    verbs: int
    rejected: dict[str, int]


def measure(run: Path, training: np.ndarray | None) -> Figures:
    """training: sorted digests of the training instructions, where at hand."""
    reader = RunReader.open(run)
    summary = reader.summary()
    rows = list(reader.candidates())
    admitted = [row.instruction for row in rows if row.verdict == "accepted"]
    settled = summary.admitted - summary.pending
    return Figures(
        candidates=len(rows),
        admitted=len(admitted),
        admitted_share=_share(len(admitted), len(rows)),
        tasks=summary.tasks,
        valid_share=_share(settled - sum(summary.invalid_tasks.values()), settled),
        new_candidates=_new([row.instruction for row in rows], training),
        new_admitted=_new(admitted, training),
        verbs=len({verb for text in admitted[:MOST_VERBS_OF] if (verb := first_verb(text))}),
        rejected=summary.rejected,
    )


def first_verb(instruction: str) -> str | None:
    """The first word in lower case, or, after an opening such as `Given the list, sort it`, the first
    one behind a comma; None where that is no imperative either."""
    for clause in re.split(r"[,.:;]\s", instruction.lower())[:3]:
        words = re.findall(r"[a-z]+(?:-[a-z]+)*", clause)
        if words and words[0] not in _NO_VERBS:
            return str(words[0])
        if instruction.rstrip().endswith("?") or not words:
            return None
    return None


def _new(instructions: Sequence[str], training: np.ndarray | None) -> float | None:
    if training is None:
        return None
    return _share(len(instructions) - sum(recited(instructions, training)), len(instructions))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _generate(run: Path, model: str, tasks: int) -> None:
    command = [sys.executable, "-m", "selfinstruct", "generate", str(run)]
    subprocess.run([*command, "--model", model, "--tasks", str(tasks)], check=False)  # noqa: S603 - ours


def _print_sample(tasks: Sequence[Task], count: int, seed: int) -> None:
    for task in random.Random(seed).sample(tasks, min(count, len(tasks))):
        print(f"\n{task.id}  {task.instruction}{'  [classification]' if task.is_classification else ''}")
        for instance in task.instances:
            print(f"   input:  {instance.input!r}\n   output: {instance.output!r}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", help="generate the run first, with this model: gguf/FILE")
    parser.add_argument("--tasks", type=int, default=500, help="of the run to generate")
    parser.add_argument(
        "--prepared",
        type=Path,
        action="append",
        default=[],
        help="folder that prepare.py wrote; again for another text that the model has learnt from",
    )
    parser.add_argument("--sample", type=int, default=0, help="print so many tasks")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.model:
        _generate(options.run, options.model, options.tasks)
    texts = [np.fromfile(folder / "instructions.bin", np.uint64) for folder in options.prepared]
    training = np.unique(np.concatenate(texts)) if texts else None
    figures = asdict(measure(options.run, training))
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):16} {value if value is not None else 'unknown'}")
    _print_sample(list(RunReader.open(options.run).tasks()), options.sample, options.seed)


if __name__ == "__main__":
    main()
