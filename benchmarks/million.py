"""What a run of a million tasks costs: to generate, to look at, to export, to report and to resume.

Data: a run of `--tasks` tasks by the recipe `chat` with the bundled seeds and all default settings. A model
    in this file takes the place of an endpoint. It writes instructions of 10 to 60 words that begin in one
    of 60 ways and go on in noun phrases and clauses; two in five with an input of 20 to 50 words; and answers
    of 20 to 80 words. Content words are from 42,000 made-up ones by the law of Zipf and Mandelbrot. Its
    replies are functions of the requests' seeds, so the run can be killed and resumed.
Metric: seconds and peak resident memory of each command in a process of its own; rows a second of exports; of
    generation also processor time per thousand tasks, as the run grows, the size of `run.db` and the largest
    write-ahead log; of resuming, the seconds until the first new request.
Pattern: generation in one process, followed every ten seconds from another (`--log`); then each command once.

    python benchmarks/million.py [--tasks 1000000] [--run FOLDER] [--log FILE] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import selfinstruct as si

EXTENSION = 100
"""Tasks by which the run is extended to measure resuming."""

OPENINGS = (
    """
write a short guide to|write a story about|explain|explain how|describe|give an example of|make a list of
compare|design|outline|suggest some names for|plan|compose a poem about|draft a speech about|discuss
how can i improve|what is the purpose of|why do people like|write a dialogue about|invent|imagine|define
recommend|write an essay about|propose|argue for|argue against|write a letter about|tell me about|predict
what would happen without|write a proverb about|create a schedule for|what are the parts of|teach me|estimate
write a slogan for|set up|give advice on|write instructions for|prepare|write a joke about|review|defend
what is the history of|how do i repair|what is wrong with|write a riddle about|name the benefits of|simplify
write a diary entry about|interview|organize|how do you choose|write a warning about|criticize|introduce
write a report on|advertise|congratulate
""".strip()
    .replace("\n", "|")
    .split("|")
)
ENDINGS = {"noun": "or|en|um|it|ad", "adjective": "al|ous|ic|ish", "verb": "ates|izes|ens|ows"}


def words(kind: str, count: int) -> tuple[list[str], list[float]]:
    """Different ones, the most frequent first, with their cumulative weights, 1 / (rank + 2.7)."""
    rng = random.Random(kind)
    endings = ENDINGS[kind].split("|")
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = (rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 3)))
        found["".join(syllables) + rng.choice("lmnrst") + rng.choice(endings)] = None
    return list(found), list(accumulate(1 / (rank + 2.7) for rank in range(count)))


NOUNS, ADJECTIVES, VERBS = words("noun", 30_000), words("adjective", 8_000), words("verb", 4_000)
DETERMINERS = re.findall(r"\w+", "the the the a your some each two any")
PREPOSITIONS = re.findall(r"\w+", "of of of in for with on about from at by between near as into")
LINKS = re.findall(r"\w+", "and that which so when because but while")


class Author:
    """The model: equal requests get equal replies, at once."""

    name, version = "million", "1"
    api = "chat"
    default_concurrency = 64
    context_window = None
    settings: dict[str, Any] = {}  # noqa: RUF012 - as `Model` has it

    def __init__(self) -> None:
        self.first_asked: float | None = None
        """By `time.monotonic`, of the first request; None before it."""

    def count_tokens(self, text: str) -> int:
        """An estimate."""
        return len(text) // 4

    async def complete(self, request: si.Request) -> si.Completion:
        """At once, but after the others that are ready."""
        if self.first_asked is None:
            self.first_asked = time.monotonic()
        await asyncio.sleep(0)
        rng = random.Random(request.seed)
        text = tasks(rng) if request.stage is si.Stage.INSTRUCTIONS else prose(rng, rng.randint(20, 60))
        prompt = request.prompt
        return si.Completion(
            text=text,
            finish_reason="stop",
            prompt_tokens=(len(prompt.preamble) + len(prompt.body)) // 4,
            completion_tokens=len(text) // 4,
            estimated=False,
            seconds=0.0,
        )

    async def aclose(self) -> None:
        """Nothing is open."""


def tasks(rng: random.Random) -> str:
    """Ten, as the recipe asks for them."""
    return json.dumps({"tasks": [task(rng) for _ in range(10)]})


def task(rng: random.Random) -> dict[str, str]:
    """One, with an input in two cases of five."""
    length = min(60, max(10, round(rng.lognormvariate(2.7, 0.4))))
    start = rng.choice(OPENINGS)
    instruction = f"{start} {clauses(rng, length - start.count(' ') - 1)}."
    given = prose(rng, rng.randint(20, 50)) if rng.random() < 0.4 else ""
    return {"instruction": instruction[0].upper() + instruction[1:], "input": given}


def prose(rng: random.Random, length: int) -> str:
    """Sentences of some 15 words, so many words and a few more in all."""
    said, written = [], 0
    while written < length:
        sentence = clauses(rng, rng.randint(8, 20))
        written += sentence.count(" ") + 1
        said.append(f"{sentence[0].upper()}{sentence[1:]}.")
    return " ".join(said)


def clauses(rng: random.Random, length: int) -> str:
    """Noun phrases with what links them, so many words and up to five more."""
    random_ = rng.random
    phrases = length // 3 + 1
    nouns = rng.choices(NOUNS[0], cum_weights=NOUNS[1], k=phrases)
    adjectives = rng.choices(ADJECTIVES[0], cum_weights=ADJECTIVES[1], k=phrases)
    verbs = rng.choices(VERBS[0], cum_weights=VERBS[1], k=phrases)
    found: list[str] = []
    for noun, adjective, verb in zip(nouns, adjectives, verbs, strict=True):
        if found:
            if random_() < 0.4:
                found += (LINKS[int(random_() * len(LINKS))], verb)
            else:
                found.append(PREPOSITIONS[int(random_() * len(PREPOSITIONS))])
        found.append(DETERMINERS[int(random_() * len(DETERMINERS))])
        if random_() < 0.4:
            found.append(adjective)
        found.append(noun)
        if len(found) >= length:
            break
    return " ".join(found)


# ---------------------------------------------------------------------------------- measuring


@dataclass
class Measured:
    """A process that ended. seconds: by the clock, and the processor's of it and its children; peak: of
    resident memory, in MB; said: its standard output."""

    seconds: float
    cpu: float
    peak: float
    said: str = ""


@dataclass
class Follower:
    """Looks at a run that is generated. largest_log: of `run.db-wal`, in MB. rows: one a look."""

    directory: Path
    log: Path | None
    began: float = field(default_factory=time.monotonic)
    largest_log: float = 0.0
    rows: list[dict[str, float]] = field(default_factory=list)

    def look(self, pid: int) -> None:
        """At the files, the process and how far it is."""
        log = size(self.directory / "run.db-wal")
        self.largest_log = max(self.largest_log, log)
        if self.rows and time.monotonic() - self.began - self.rows[-1]["seconds"] < 10:
            return
        try:
            cpu, memory = usage(pid)
        except (FileNotFoundError, ProcessLookupError):
            return
        row = {
            "seconds": round(time.monotonic() - self.began, 1),
            "tasks": admitted(self.directory / "run.db"),
            "cpu": cpu,
            "mb": round(memory),
            "db_mb": round(size(self.directory / "run.db"), 1),
            "log_mb": round(log, 1),
        }
        self.rows.append(row)
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(json.dumps(row) + "\n")

    def cpu_per_thousand(self) -> list[tuple[int, float]]:
        """Seconds of the processor for a thousand tasks, in up to ten parts of what was followed: the tasks
        at the part's end, and the figure."""
        if len(self.rows) < 3:
            return []
        step = max(1, (len(self.rows) - 1) // 10)
        looks = self.rows[1::step]  # the first one saw the run being opened
        return [
            (
                int(late["tasks"]),
                round(1000 * (late["cpu"] - early["cpu"]) / (late["tasks"] - early["tasks"]), 3),
            )
            for early, late in pairwise(looks)
            if late["tasks"] > early["tasks"]
        ]


def size(path: Path) -> float:
    """In MB; 0 for what is not there."""
    try:
        return path.stat().st_size / 1e6
    except FileNotFoundError:
        return 0.0


def usage(pid: int) -> tuple[float, float]:
    """Seconds of the processor so far, and MB of memory, of a process of this machine (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) / ticks, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def admitted(database: Path) -> int:
    """Tasks in the run so far."""
    try:
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT coalesce(max(number) + 1, 0) FROM tasks").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.OperationalError:  # it is just being created
        return 0


def run(command: Sequence[object], follower: Follower | None = None) -> Measured:
    """One command. Ends the program where it fails."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *map(str, command)], stdout=subprocess.PIPE if follower is None else None, text=True
    )
    said = ""
    if follower is not None:
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            follower.look(process.pid)
            time.sleep(1)
    elif process.stdout is not None:
        said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}.")
    seconds = time.monotonic() - began
    return Measured(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def measure(directory: Path, wanted: int, log: Path | None) -> dict[str, Any]:
    """Generate, read in all ways, resume."""
    this = Path(__file__).resolve()
    follower = Follower(directory, log)
    resumed = (directory / "run.db").exists()
    generated = run((this, "--tasks", wanted, "--run", directory, "--only-generate"), follower)
    figures: dict[str, Any] = {
        "tasks": wanted,
        "run_db_mb": round(size(directory / "run.db")),
        "dataset_mb": round(size(directory / "dataset.jsonl")),
        "generate": {
            "in_one_go": not resumed,
            **shown(generated),
            "largest_log_mb": round(follower.largest_log, 1),
            "cpu_s_per_1000_tasks": follower.cpu_per_thousand(),
        },
        "status": shown(run(("-m", "selfinstruct", "status", directory))),
    }
    with tempfile.TemporaryDirectory(dir=directory.parent) as folder:
        for name, options in (
            ("jsonl", ("-f", "jsonl", "--out", f"{folder}/rows.jsonl")),
            ("alpaca", ("-f", "alpaca", "--out", f"{folder}/rows.jsonl")),
            ("chat", ("-f", "chat", "--out", f"{folder}/rows.jsonl")),
            ("parquet", ("-f", "parquet", "--out", f"{folder}/rows.parquet")),
            ("parquet_folder", ("-f", "parquet", "--out", f"{folder}/folder/")),
            ("candidates", ("-f", "candidates", "--out", f"{folder}/rows.jsonl")),
        ):
            found = run(("-m", "selfinstruct", "export", directory, *options))
            figures[f"export_{name}"] = {**shown(found), "rows_per_second": round(wanted / found.seconds)}
        figures["report"] = shown(
            run(("-m", "selfinstruct", "report", directory, "--out", f"{folder}/a.html"))
        )
    figures["resume"] = resume(this, directory, wanted + EXTENSION)
    return figures


def resume(this: Path, directory: Path, wanted: int) -> dict[str, Any]:
    """By a few more tasks."""
    found = run((this, "--tasks", wanted, "--run", directory, "--only-generate"))
    return {**shown(found), **json.loads(found.said)}


def shown(found: Measured) -> dict[str, float]:
    """Rounded."""
    return {"s": round(found.seconds, 2), "cpu_s": round(found.cpu, 2), "peak_mb": round(found.peak)}


def generate(directory: Path, wanted: int) -> None:
    """In this process; prints the seconds from the call to the first request."""
    author = Author()
    began = time.monotonic()
    done = si.generate(directory, model=author, recipe="chat", tasks=wanted)
    if done.stopped != "done":
        sys.exit(f"Stopped: {done.stopped}. {done.advice}")
    first = None if author.first_asked is None else round(author.first_asked - began, 2)
    print(json.dumps({"first_request_s": first}))


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--tasks", type=int, default=1_000_000)
    options.add_argument("--run", type=Path, help="Keep the run here; it is resumed where it is there.")
    options.add_argument("--log", type=Path, help="Append a line of JSON every ten seconds of generation.")
    options.add_argument("--only-generate", action="store_true")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    if given.only_generate:
        generate(given.run, given.tasks)
        return
    with tempfile.TemporaryDirectory() as folder:
        figures = measure((given.run or Path(folder, "run")).absolute(), given.tasks, given.log)
    if given.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:<16} {figure}")


if __name__ == "__main__":
    main()
