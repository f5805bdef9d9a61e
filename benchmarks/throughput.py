"""How close a run comes to the time that its requests need, and how little it asks beyond what it needs.

Data: the bundled seed tasks, the scripted model's replies, served over HTTP by a process of its own (on a
machine with two cores: the other one), 0.2 s a reply.
Metric: seconds over requests × latency / concurrency; the same for a bare aiohttp loop that sends the
same prompts and does nothing else, measured next; requests over those that were needed; and seconds under
faults (10 % of replies 429, 5 % 500, 2 % broken connections) over seconds without.
Pattern: three runs of 1,500 tasks at 50 in flight, 500 in flight, and 50 with faults. Needs an idle machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from endpoint import running_endpoint

LATENCY = 0.2
FAULTS = {"refuse_429": 0.1, "fail_500": 0.05, "break_": 0.02}
COMMAND = [sys.executable, "-m", "selfinstruct"]


@dataclass(frozen=True, slots=True)
class Row:
    """One run. needed: tickets up to the one that decided the data set, and two requests a task."""

    name: str
    concurrency: int
    seconds: float
    requests: int
    needed: int
    bare_seconds: float | None

    @property
    def ideal(self) -> float:
        """Seconds that the requests need if every slot is always taken."""
        return self.requests * LATENCY / self.concurrency


def measure(name: str, directory: Path, tasks: int, concurrency: int, faults: dict[str, float]) -> Row:
    """One run through the command line, in a process of its own."""
    with running_endpoint(latency=LATENCY, **faults) as server:
        done = subprocess.run(
            [*COMMAND, "generate", directory, "--base-url", server.base_url, "--model", "m", "--json",
             "--recipe", "paper", "--tasks", str(tasks), "--concurrency", str(concurrency)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    printed = json.loads(done.stdout)
    bare = None if faults else bare_loop(prompts(directory), concurrency)
    return Row(name, concurrency, printed["seconds"], printed["requests"], needed(directory, tasks), bare)


def prompts(directory: Path) -> list[str]:
    """All that the run sent and got an answer to."""
    export = [*COMMAND, "export", str(directory), "--format", "requests"]
    lines = subprocess.run(export, capture_output=True, text=True, check=True).stdout.split("\n")
    return [json.loads(line)["prompt"] for line in lines if line]


def needed(directory: Path, tasks: int) -> int:
    """The requests that this data set cannot do without."""
    connection = sqlite3.connect(directory / "run.db")
    number, ticket = connection.execute(
        "SELECT number, ticket FROM tasks WHERE valid ORDER BY number LIMIT 1 OFFSET ?", (tasks - 1,)
    ).fetchone()
    connection.close()
    return int(ticket + 1 + 2 * (number + 1))


def bare_loop(texts: list[str], concurrency: int) -> float:
    """Seconds that aiohttp and a semaphore need for the same prompts."""

    async def send_all(url: str) -> float:
        slots = asyncio.Semaphore(concurrency)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def send(seed: int, text: str) -> None:
                body = {"model": "m", "prompt": text, "seed": seed, "max_tokens": 300, "temperature": 0.7}
                async with slots, session.post(url, json=body) as response:
                    json.loads(await response.read())

            began = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for seed, text in enumerate(texts):
                    group.create_task(send(seed, text))
            return time.perf_counter() - began

    with running_endpoint(latency=LATENCY) as server:
        return asyncio.run(send_all(f"{server.base_url}/completions"))


def main() -> None:
    """Run, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--tasks", type=int, default=1500)
    tasks = options.parse_args().tasks
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            measure("50 in flight", Path(folder, "a"), tasks, 50, {}),
            measure("500 in flight", Path(folder, "b"), tasks, 500, {}),
            measure("50, with faults", Path(folder, "c"), tasks, 50, FAULTS),
        ]
        same = len({Path(folder, name, "dataset.jsonl").read_bytes() for name in "abc"}) == 1
    print(f"{tasks:,} tasks, {LATENCY} s a reply; the three data sets are {'equal' if same else 'DIFFERENT'}")
    print(f"{'':17}{'seconds':>9}{'requests':>10}{'of needed':>11}{'of ideal':>10}{'bare loop':>11}")
    for row in rows:
        bare = f"{row.bare_seconds / row.ideal:.3f}" if row.bare_seconds else ""
        print(
            f"{row.name:17}{row.seconds:9.2f}{row.requests:10,}{row.requests / row.needed:11.3f}"
            f"{row.seconds / row.ideal:10.3f}{bare:>11}"
        )
    print(f"with faults it took {rows[2].seconds / rows[0].seconds:.2f} times the time without")


if __name__ == "__main__":
    main()
