r"""MATH: asked as Minerva's authors asked it, and right where the answer is the same mathematics.

data: the folder MATH of Hendrycks et al. (2021), 5,000 problems in test. Completions: four solved problems,
each ending in the sentence of Lewkowycz et al. (2022) for the final answer, then the problem. Chat: the
problem alone, and where to put the answer.
metric: accuracy. The answer is what stands in the reply's last `\boxed{}`, else after "the answer is", else
what math-verify finds. It is right if it is the solution's own, spacing and the like aside, or equivalent to
it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.hub import hub_rows
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.math import MathProblem, boxed, load_math, math_problems
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted, digest_of
from selfinstruct.evaluation.benchmarks.math_answers import MathJudge, require_math_verify
from selfinstruct.evaluation.intervals import Interval, intervals
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.records import Prompt

__all__ = ["MATH", "Math", "final_answer", "plain"]

DATA = "the folder MATH of https://github.com/hendrycks/math, or a JSONL file with problem and solution"
HUB = "EleutherAI/hendrycks_math"
SUBJECTS = (
    "algebra",
    "counting_and_probability",
    "geometry",
    "intermediate_algebra",
    "number_theory",
    "prealgebra",
    "precalculus",
)
EXAMPLES = 4
OURS = Path(__file__).with_name("math_examples.jsonl")
"""Written for this package."""
ACCURACY = "accuracy"
STOPS = ("Problem:",)
ZERO_SHOT = "{problem}\n\nThink step by step, and put your final answer within \\boxed{{}}."


@dataclass(frozen=True)
class Math:
    """shown: solved problems before each; None for four with completions, none in a chat. pool: they are the
    first of these."""

    problems: tuple[MathProblem, ...]
    pool: tuple[MathProblem, ...]
    shown: int | None

    name = "math"
    samples = 1
    temperature = 0.0
    max_tokens = 1024
    left_out = 0

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """The problem; its final answer."""
        return tuple(
            EvaluationItem(each.id, each.problem, "", (each.answer,), category=each.subject)
            for each in self.problems
        )

    @cached_property
    def digest(self) -> str:
        """Of problems and examples."""
        return digest_of(self.problems, self.pool[: self._most])

    @property
    def _most(self) -> int:
        return EXAMPLES if self.shown is None else self.shown

    @cached_property
    def _levels(self) -> Mapping[str, str]:
        return {each.id: each.level for each in self.problems}

    def _examples(self, *, chat: bool) -> tuple[MathProblem, ...]:
        return () if chat and self.shown is None else self.pool[: self._most]

    def layout(self, *, chat: bool) -> str:
        """With the number of examples."""
        shown = len(self._examples(chat=chat))
        return f"math, {shown} examples of this package" if shown else "math, no examples"

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """Minerva's, with examples of our own; a chat without examples is told where to put the answer."""
        shown = self._examples(chat=call.chat)
        sheet = "".join(f"{_asked(each.problem)} {_solved(each)}\n\n" for each in shown)
        asked = _asked(item.instruction)
        if not call.chat:
            return Prompt(sheet, asked, call.sampling(stop=STOPS), len(shown))
        text = f"{sheet}{asked}" if shown else ZERO_SHOT.format(problem=item.instruction)
        return Prompt("", text, call.sampling(), len(shown))

    def answer(self, reply: str) -> Answer:
        """All of it."""
        return Answer(reply.strip())

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """As many at a time as there are cores. Raises MissingExtraError without math-verify."""
        require_math_verify()
        idle: SimpleQueue[MathJudge] = SimpleQueue()
        most = min(len(predictions), os.cpu_count() or 1)
        with ExitStack() as judges, ThreadPoolExecutor(most or 1) as pool:
            for _ in range(most):
                idle.put(judges.enter_context(MathJudge()))

            def one(prediction: Prediction) -> Prediction:
                judge = idle.get()
                try:
                    return _scored(prediction, judge)
                finally:
                    idle.put(judge)

            return tuple(pool.map(one, predictions))

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:
        """The means of the levels."""
        levels: dict[str, list[float]] = {}
        for each in predictions:
            levels.setdefault(self._levels.get(each.item.id, ""), []).append((each.measured or {})[ACCURACY])
        return {
            level: intervals([values], [""] * len(values), seed)[0]
            for level, values in sorted(levels.items())
            if level
        }


_STATED = re.compile(
    r"answer is:?\s*(.+?)(?:\.?\s*I hope it is correct|\.?\s*$|\n)", re.IGNORECASE | re.DOTALL
)
_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mbox)\s*\{([^{}]*)\}")
_BARE_FRACTION = re.compile(r"\\frac(\d)(\d)")
_SPACING = re.compile(r"\\(?:left|right|[!,;: ])|[\s$~]|\\\$|\\?%|\^\{?\\circ\}?|\.$")


def final_answer(reply: str) -> str | None:
    """What the reply calls its answer; None where only a closer look can tell."""
    found = boxed(reply)
    if found is not None:
        return found
    stated = _STATED.findall(reply)
    return stated[-1].strip().strip("$").strip() if stated else None


def plain(answer: str) -> str:
    r"""Without what makes no difference: spacing, `\left` and `\right`, dollar, percent and degree signs, how
    fractions are set, and what marks words as text."""
    answer = _TEXT.sub(r"\1", answer).replace("dfrac", "frac").replace("tfrac", "frac")
    return _BARE_FRACTION.sub(r"\\frac{\1}{\2}", _SPACING.sub("", answer))


def _asked(problem: str) -> str:
    return f"Problem:\n{problem}\n\nSolution:"


def _solved(problem: MathProblem) -> str:
    return f"{problem.solution}\nFinal Answer: The final answer is ${problem.answer}$. I hope it is correct."


def _scored(prediction: Prediction, judge: MathJudge) -> Prediction:
    (right,) = prediction.item.references
    said = final_answer(prediction.response)
    if not prediction.response.strip():
        verdict = "no_answer"
    elif said is not None and plain(said) == plain(right):
        verdict = "same_text"
    else:
        same = judge.same(prediction.response if said is None else f"$\\boxed{{{said}}}$", right)
        verdict = "timeout" if same is None else "equivalent" if same else "different"
    accuracy = 100.0 * (verdict in ("same_text", "equivalent"))
    return replace(prediction, measured={ACCURACY: accuracy}, verdict=verdict, detail=said or "")


def _load(wanted: Wanted) -> Math:
    require_math_verify()
    if wanted.path is None:
        problems = math_problems(row for part in SUBJECTS for row in hub_rows(HUB, part, "test", DATA))
    else:
        problems = load_math(wanted.path)
    pool = load_math(OURS)
    if wanted.examples is not None and wanted.examples > len(pool):
        raise ConfigError(
            f"There are {len(pool)} solved problems to show, not {wanted.examples}.", "Lower `examples`."
        )
    return Math(problems, pool, wanted.examples)


MATH = Entry(_load, DATA, on_hub=True)
