"""How close a run comes to the time that its requests need, and how little it asks beyond what it needs.

Data: the bundled seed tasks, the scripted model's replies, served over HTTP by a process of its own (on a
machine with two cores: the other one), 0.2 or 2 s a reply.
Metric: seconds over requests × latency / concurrency; the same for a bare aiohttp loop that sends the
same prompts and does nothing else, measured next; processor time of the whole command a request; requests
over those that were needed; and seconds under faults (10 % of replies 429, 5 % 500, 2 % broken connections)
over seconds without.
Pattern: three runs of 1,500 tasks at 50 in flight, 500 in flight, and 50 with faults; then 10,000 tasks at
500 in flight, and 6,000 at 1,000 in flight and 2 s a reply. Needs an idle machine, since the ratios are of
wall time; processor time holds on a busy one too.

    python benchmarks/throughput.py [--tasks 1500] [--short]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
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
SLOW = 2.0
FAULTS = {"refuse_429": 0.1, "fail_500": 0.05, "break_": 0.02}
COMMAND = [sys.executable, "-m", "selfinstruct"]


@dataclass(frozen=True, slots=True)
class Row:
    """One run. needed: tickets up to the one that decided the data set, and two requests a task.
    cpu_seconds: of the command's process, its start included."""

    name: str
    concurrency: int
    latency: float
    seconds: float
    cpu_seconds: float
    requests: int
    needed: int
    bare_seconds: float | None

    @property
    def ideal(self) -> float:
        """Seconds that the requests need if every slot is always taken."""
        return self.requests * self.latency / self.concurrency


def measure(
    name: str,
    directory: Path,
    tasks: int,
    concurrency: int,
    faults: dict[str, float],
    latency: float | None = None,
) -> Row:
    """One run through the command line, in a process of its own."""
    latency = LATENCY if latency is None else latency
    with running_endpoint(latency=latency, **faults) as server:
        command = [
            *COMMAND, "generate", str(directory), "--base-url", server.base_url, "--model", "m", "--json",
            "--recipe", "paper", "--tasks", str(tasks), "--concurrency", str(concurrency),
        ]  # fmt: skip
        cpu = cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        cpu = cpu_seconds() - cpu
    printed = json.loads(done.stdout)
    bare = None if faults else bare_loop(prompts(directory), concurrency, latency)
    return Row(
        name, concurrency, latency, printed["seconds"], cpu, printed["requests"],
        needed(directory, tasks), bare,
    )  # fmt: skip


def cpu_seconds() -> float:
    """Of all processes that have ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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


def bare_loop(texts: list[str], concurrency: int, latency: float) -> float:
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

    with running_endpoint(latency=latency) as server:
        return asyncio.run(send_all(f"{server.base_url}/completions"))


def main() -> None:
    """Run, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--tasks", type=int, default=1500, help="of the first three runs")
    options.add_argument("--short", action="store_true", help="leave out the last two runs")
    given = options.parse_args()
    tasks = given.tasks
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            measure("50 in flight", Path(folder, "a"), tasks, 50, {}),
            measure("500 in flight", Path(folder, "b"), tasks, 500, {}),
            measure("50, with faults", Path(folder, "c"), tasks, 50, FAULTS),
        ]
        same = len({Path(folder, name, "dataset.jsonl").read_bytes() for name in "abc"}) == 1
        if not given.short:
            rows.append(measure("500, 10,000 tasks", Path(folder, "d"), 10_000, 500, {}))
            rows.append(measure("1,000, 6,000 tasks, 2 s", Path(folder, "e"), 6_000, 1_000, {}, SLOW))
    print(f"{tasks:,} tasks, {LATENCY} s a reply; the data sets are {'equal' if same else 'DIFFERENT'}")
    print(
        f"{'':25}{'seconds':>9}{'requests':>10}{'of needed':>11}{'of ideal':>10}{'bare loop':>11}"
        f"{'CPU ms a request':>18}"
    )
    for row in rows:
        bare = f"{row.bare_seconds / row.ideal:.3f}" if row.bare_seconds else ""
        print(
            f"{row.name:25}{row.seconds:9.2f}{row.requests:10,}{row.requests / row.needed:11.3f}"
            f"{row.seconds / row.ideal:10.3f}{bare:>11}{1000 * row.cpu_seconds / row.requests:18.2f}"
        )
    print(f"with faults it took {rows[2].seconds / rows[0].seconds:.2f} times the time without")


if __name__ == "__main__":
    main()
