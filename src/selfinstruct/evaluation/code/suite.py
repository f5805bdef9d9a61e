"""HumanEval and MBPP as suites: what is asked, how, and what the programs come to.

pass@k is the chance that one of k programs passes all tests, estimated from n of a problem of which c pass:
1 - C(n - c, k) / C(n, k), averaged over problems (Chen et al., 2021, equation 1). A row of predictions is one
program. Its `pass@1` is 100 or 0, so that their mean is the estimate; pass@k of a problem stands in each of
its rows. With several programs a problem the rows of one are drawn together (`Prediction.item.task`).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.code import CodeProblem, load_humaneval, load_mbpp
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted
from selfinstruct.evaluation.code.programs import ENDS, program_of, prompt_for
from selfinstruct.evaluation.code.sandbox import Ran, Sandbox
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.records import Prompt
from selfinstruct.store.failures import damaged, storage_errors

__all__ = ["HUMANEVAL", "MBPP", "CodeSuite", "ProgramLog", "load_code_suite", "pass_at_k"]

DRAWN = 0.8
"""Temperature of several programs a problem: that of HumanEval's paper for pass@100."""
NUCLEUS = 0.95
"""Top-p of drawn programs, likewise."""
KS = (1, 10, 100)
"""As the papers report them, as far as there are so many samples; and as many as there are."""
NO_PROGRAM, TIMEOUT = "no_answer", "timeout"
PAPER_TOKENS = 1024
RUNS_CODE = "runs the programs that the model writes"


@dataclass(frozen=True)
class CodeSuite:
    """problems: those that are asked. shown: solved ones before each. left_out: rows of the file that belong
    to other splits. samples: programs a problem. temperature: of their drawing; 0 is greedy."""

    name: str
    problems: tuple[CodeProblem, ...]
    shown: tuple[CodeProblem, ...]
    left_out: int
    samples: int
    temperature: float

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """One a program, those of a problem one after the other; `#2` is the second of its problem."""
        several = self.samples > 1
        return tuple(
            EvaluationItem(
                id=f"{problem.id}#{number}" if several else problem.id,
                instruction=problem.prompt,
                input="\n".join(problem.shown_tests),
                references=(problem.solution,),
                task=problem.id if several else "",
            )
            for problem in self.problems
            for number in range(1, self.samples + 1)
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that is asked, shown and tested."""
        value = [self.samples, [asdict(problem) for problem in (*self.shown, *self.problems)]]
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _by_item(self) -> Mapping[str, CodeProblem]:
        asked = (problem for problem in self.problems for _ in range(self.samples))
        return {item.id: problem for item, problem in zip(self.items, asked, strict=True)}

    # How they are asked: `benchmarks.base.Benchmark`.

    @property
    def max_tokens(self) -> int:
        """The paper's limit of answers in general."""
        return PAPER_TOKENS

    def layout(self, *, chat: bool) -> str:
        """For people."""
        return f"{self.name}, {'chat' if chat else 'completion'}"

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """The words of its problem. In a chat a model ends by itself."""
        sampling = call.sampling(
            temperature=self.temperature,
            top_p=NUCLEUS if self.temperature else 1.0,
            stop=() if call.chat else ENDS[self.name],
        )
        text = prompt_for(self._by_item[item.id], self.shown, chat=call.chat)
        return Prompt("", text, sampling, len(self.shown))

    def answer(self, reply: str) -> Answer:
        """White space at its beginning is a program's indentation."""
        return Answer(reply.rstrip())

    # What they come to.

    def whole(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """Without those of problems of which not all programs are there: their pass@k cannot be told yet."""
        there: dict[str, int] = {}
        for each in predictions:
            name = self._by_item[each.item.id].id
            there[name] = there.get(name, 0) + 1
        return tuple(each for each in predictions if there[self._by_item[each.item.id].id] == self.samples)

    def programs(self, predictions: Sequence[Prediction]) -> list[str | None]:
        """What is run for each; None for an answer that is empty."""
        return [
            program_of(self._by_item[each.item.id], each.response) if each.response.strip() else None
            for each in predictions
        ]

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """As they are: what they come to is known once their programs ran (`tried`)."""
        return tuple(predictions)

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:  # noqa: ARG002
        """None."""
        return {}

    def tried(self, predictions: Sequence[Prediction], ran: Sequence[Ran]) -> tuple[Prediction, ...]:
        """predictions: `whole`. ran: what became of their programs."""
        passed: dict[str, int] = {}
        for each, outcome in zip(predictions, ran, strict=True):
            name = self._by_item[each.item.id].id
            passed[name] = passed.get(name, 0) + outcome.passed
        ks = sorted({k for k in (*KS, self.samples) if k <= self.samples})
        return tuple(
            replace(
                each,
                measured={
                    f"pass@{k}": 100.0 * (outcome.passed if k == 1 else pass_at_k(self.samples, count, k))
                    for k in ks
                },
                verdict=outcome.reason,
                detail=outcome.said,
            )
            for each, outcome in zip(predictions, ran, strict=True)
            for count in (passed[self._by_item[each.item.id].id],)
        )


def load_code_suite(
    name: str, path: Path, *, samples: int, temperature: float | None, examples: int | None
) -> CodeSuite:
    """path: the set's file. temperature: None for greedy decoding of one program, 0.8 of several. examples:
    solved problems to show, 0 or 3; None for MBPP's three where the file has them, and none for HumanEval.

    Raises UserError for a file that cannot be read, ConfigError for what does not go together.
    """
    problems = load_humaneval(path) if name == "humaneval" else load_mbpp(path)
    if examples and examples != len(problems.shown):
        raise ConfigError(
            f"{path} has {len(problems.shown)} solved problems to show, not {examples}."
            if name == "mbpp"
            else "humaneval has no solved problems to show.",
            "Leave out `examples`, or take the whole mbpp.jsonl: it shows problems 2, 3 and 4."
            if name == "mbpp"
            else "Leave out `examples`.",
        )
    if temperature is None:
        temperature = DRAWN if samples > 1 else 0.0
    if samples > 1 and not temperature:
        raise ConfigError(
            "With greedy decoding all samples are the same program.", "Raise `temperature`, or leave it out."
        )
    shown = () if examples == 0 else problems.shown
    return CodeSuite(name, problems.asked, shown, problems.left_out, samples, temperature)


def _entry(name: str, file: str) -> Entry:
    def load(wanted: Wanted) -> CodeSuite:
        assert wanted.path is not None, "these are not fetched"
        return load_code_suite(
            name,
            wanted.path,
            samples=wanted.samples or 1,
            temperature=wanted.temperature,
            examples=wanted.examples,
        )

    return Entry(load, file, takes=("examples", "samples", "temperature"))


HUMANEVAL = _entry(
    "humaneval", "HumanEval.jsonl or HumanEval.jsonl.gz of https://github.com/openai/human-eval"
)
MBPP = _entry(
    "mbpp",
    "mbpp.jsonl or sanitized-mbpp.json of https://github.com/google-research/google-research/tree/master/mbpp",
)


def pass_at_k(n: int, passed: int, k: int) -> float:
    """The chance that one of k programs, drawn from n without replacement, is among those that passed; k is
    at most n."""
    return 1.0 - math.comb(n - passed, k) / math.comb(n, k)


class ProgramLog:
    """What became of programs, in a file or in memory: `{"program": SHA-256, "reason": …, "said": …}` a line.

    Each is run once. The same command again after any interruption runs those that are not in it.
    """

    def __init__(self, path: Path | None) -> None:
        """Raises StorageError for a file that cannot be read."""
        self._path, self._lock = path, threading.Lock()
        self._known: dict[str, Ran] = {}
        if path is not None and path.exists():
            with storage_errors(path):
                text = path.read_text(encoding="utf-8")
            self._known = dict(_logged(path, text))
            if text and not text.endswith("\n"):  # a line that a kill cut short
                with storage_errors(path):
                    path.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")

    def unknown(self, programs: Sequence[str | None], *, again: bool = False) -> list[str]:
        """Those that are to be run, each once, in their order. again: those too that ran out of time, which a
        busy machine may have done."""
        return [
            each
            for each in dict.fromkeys(programs)
            if each is not None
            and ((ran := self._known.get(_name(each))) is None or (again and ran.reason == TIMEOUT))
        ]

    def run(self, programs: Sequence[str], sandbox: Sandbox) -> None:
        """Several at a time, one a core. Raises what the sandbox does."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            try:
                for _ in pool.map(lambda program: self._keep(program, sandbox.run(program)), programs):
                    pass
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def outcomes(self, programs: Sequence[str | None]) -> list[Ran]:
        """Of all of them; each has been run."""
        return [Ran(NO_PROGRAM) if each is None else self._known[_name(each)] for each in programs]

    def _keep(self, program: str, ran: Ran) -> None:
        row = {"program": _name(program), "reason": ran.reason, "said": ran.said}
        with self._lock:
            self._known[_name(program)] = ran
            if self._path is not None:
                with storage_errors(self._path), self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")


def _logged(path: Path, text: str) -> Iterator[tuple[str, Ran]]:
    for line in text.split("\n")[:-1]:
        try:
            row = json.loads(line)
            yield row["program"], Ran(row["reason"], row["said"])
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(path, str(error)) from error


def _name(program: str) -> str:
    return hashlib.sha256(program.encode("utf-8", "surrogatepass")).hexdigest()
