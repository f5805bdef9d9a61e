"""How long a report of a large run takes to build, how large it is, and how soon a browser shows it.

Data: a run of 50,000 tasks, written through the store as a generation writes them: replies by the scripted
model's templates, parsed and judged by the paper's recipe. Only the comparison with the pool is left out,
whose result is chosen at random instead: it would take an hour.
Metric: seconds and peak resident memory of `selfinstruct report`, the page's size, and in Chromium the
seconds until it is loaded and until all charts are drawn (the median of five), with the console's errors and
the requests that leave the page.
Pattern: the store is filled once; the command runs in a process of its own, each load in a fresh context.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from selfinstruct.config import Config
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.instances import judge_instances
from selfinstruct.models.scripted.writer import reply
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.records import (
    Completion,
    InstructionCandidate,
    JudgedInstruction,
    Neighbour,
    Prompt,
    Request,
    Stage,
    Verdict,
)
from selfinstruct.store.writer import RunWriter

LOADS = 5
SIMILAR = 0.15
"""Of the well-formed instructions, the share that is rejected as similar."""


class Filler:
    """Writes a run without a model, a scheduler or a pool to compare with."""

    def __init__(self, writer: RunWriter, config: Config, seeds: list[str]) -> None:
        self._writer = writer
        self._config = config
        self._recipe = build_recipe(config)
        self._pool = seeds
        self._seeds = len(seeds)
        self._rng = random.Random(0)

    async def fill(self, tasks: int) -> None:
        """Tickets until so many tasks are valid."""
        valid, ticket = 0, 0
        while valid < tasks:
            shown = tuple(self._rng.sample(range(len(self._pool)), 8))
            prompt = self._recipe.instructions_prompt([self._pool[index] for index in shown])
            completion = await self._complete(Stage.INSTRUCTIONS, ticket, prompt, shown)
            judged = [self._judged(each) for each in self._recipe.parse_instructions(completion)]
            self._writer.admit(ticket, judged)
            admitted = [each.text for each in judged if each.verdict.accepted]
            first = len(self._pool) - self._seeds
            self._pool += admitted
            # together, so that they share commits
            valid += sum(await asyncio.gather(*(self._settle(*each) for each in enumerate(admitted, first))))
            ticket += 1

    def _judged(self, candidate: InstructionCandidate) -> JudgedInstruction:
        verdict = (
            Verdict(candidate.flaw)
            if candidate.flaw
            else Heuristics(self._config.filters, self._config.reference)(candidate.text)
        )
        if not verdict.accepted:
            return JudgedInstruction(candidate.text, verdict)
        similar = self._rng.random() < SIMILAR
        score = self._rng.uniform(0.7, 1) if similar else self._rng.betavariate(6, 6) * 0.7
        near = tuple(
            Neighbour(self._rng.randrange(len(self._pool)), score * (1 - place / 20)) for place in range(10)
        )
        return JudgedInstruction(candidate.text, Verdict("similar") if similar else verdict, near, 0.1)

    async def _settle(self, task: int, instruction: str) -> bool:
        prompt = self._recipe.classification_prompt(instruction)
        answer = self._recipe.parse_classification(await self._complete(Stage.CLASSIFICATION, task, prompt))
        self._writer.classify(task, answer)
        prompt = self._recipe.instances_prompt(instruction, answer)
        candidates = self._recipe.parse_instances(await self._complete(Stage.INSTANCES, task, prompt), answer)
        judged = judge_instances(candidates, max_instances=5)
        valid = any(each.verdict.accepted for each in judged)
        self._writer.settle(task, judged, None if valid else "no_valid_instance")
        return valid

    async def _complete(
        self, stage: Stage, subject: int, prompt: Prompt, shown: tuple[int, ...] = ()
    ) -> Completion:
        text = prompt.preamble + prompt.body
        written = reply(text, subject, prompt.sampling.max_tokens)
        completion = Completion(
            written.text,
            written.finish_reason,
            len(text) // 4,
            len(written.text) // 4,
            estimated=False,
            seconds=self._rng.lognormvariate(0, 0.5),
        )
        request = Request(stage, subject, prompt, seed=0, shown=shown)
        attempt = await self._writer.intend(request, reserved_prompt_tokens=0, reserved_completion_tokens=0)
        return await self._writer.complete(attempt, request, completion)


async def fill(directory: Path, tasks: int) -> None:
    """A run with so many tasks, and prices."""
    options = {
        "limits.tasks": tasks,
        "model.provider": "scripted",
        "model.name": "demo",
        "endpoint.price_in": 0.15,
        "endpoint.price_out": 0.6,
    }
    plan = resolve(directory, options=options)
    writer = RunWriter.open(directory, plan.config, plan.seeds)
    await Filler(writer, plan.config, [seed.instruction for seed in plan.seeds]).fill(tasks)
    writer.close()


def build(directory: Path) -> tuple[float, float]:
    """Seconds and peak resident memory, in MB, of the command."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "selfinstruct", "report", directory], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def load(browser: Browser, page_file: Path) -> tuple[float, float, list[str]]:
    """Seconds until the page is loaded, and until all charts are drawn; and what should not have happened."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    odd: list[str] = []
    page.on("console", lambda message: odd.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: odd.append(str(error)))
    page.on("request", lambda request: odd.append(request.url) if request.url.startswith("http") else None)
    began = time.perf_counter()
    page.goto(page_file.as_uri(), wait_until="load")
    loaded = time.perf_counter() - began
    page.wait_for_selector("html[data-drawn=yes]", state="attached")
    drawn = time.perf_counter() - began
    context.close()
    return loaded, drawn, odd


def main() -> None:
    """Fill, build, open, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--tasks", type=int, default=50_000)
    options.add_argument("--run", type=Path, help="Use this run, and write it first where it is not there.")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = given.run or Path(folder, "run")
        if not directory.exists():
            asyncio.run(fill(directory, given.tasks))
        print(f"a run.db of {(directory / 'run.db').stat().st_size / 2**20:.0f} MB")
        seconds, peak = build(directory)
        page_file = directory / "report.html"
        print(f"built in {seconds:.1f} s with {peak:.0f} MB: {page_file.stat().st_size / 1e6:.1f} MB")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            loads = [load(browser, page_file) for _ in range(LOADS)]
            browser.close()
        loaded = statistics.median(load[0] for load in loads)
        drawn = statistics.median(load[1] for load in loads)
        print(f"loaded in {loaded:.2f} s, all charts drawn after {drawn:.2f} s")
        print(f"errors and requests: {[text for each in loads for text in each[2]]}")


if __name__ == "__main__":
    main()
