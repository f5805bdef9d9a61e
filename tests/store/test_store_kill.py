"""`kill -9` in the middle of writing, again and again."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from selfinstruct.config import Config
from selfinstruct.records import Stage
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

# Eight tickets at a time are completed, then admitted in order, each with one task that is classified,
# settled and noted. A line is printed for whatever a coroutine has promised.
WRITE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from selfinstruct.config import Config
from selfinstruct.records import *
from selfinstruct.store.writer import RunWriter

async def complete(writer, subject):
    prompt = Prompt("sheet", "body " * 200, Sampling(0, 1, 0, 0, 10), 0)
    request = Request(Stage.INSTRUCTIONS, subject, prompt, 1, (subject,))
    attempt = await writer.intend(request, reserved_prompt_tokens=1, reserved_completion_tokens=1)
    print("intended", attempt, flush=True)
    await writer.complete(attempt, request, Completion(f"reply {subject}", "stop", 1, 1, False, 0.1))
    print("completed", subject, flush=True)

async def main():
    writer = RunWriter.open(Path(sys.argv[1]), Config(), [])
    state = writer.state()
    task = len(state.tasks)
    for unsettled in [number for number, each in enumerate(state.tasks) if each.valid is None]:
        writer.settle(unsettled, [], "lost")
    while True:
        wanted = range(task, task + 8)
        missing = [each for each in wanted if (Stage.INSTRUCTIONS, each, 0) not in state.completions]
        await asyncio.gather(*(complete(writer, subject) for subject in missing))
        for task in wanted:
            writer.admit(task, [JudgedInstruction(f"instruction {task}", ACCEPTED)])
            writer.classify(task, True)
            writer.settle(task, [JudgedInstance("", "output", ACCEPTED)], None)
            writer.note("settled", task)
        task += 1

asyncio.run(main())
"""


def killed_after(seconds: float, directory: Path) -> list[list[str]]:
    """What the process promised before it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, directory], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        promised = [process.stdout.readline().split()]  # it has begun
        time.sleep(seconds)
        process.kill()
        promised += [line.split() for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -signal.SIGKILL
    return promised


def test_whatever_was_promised_is_there_and_the_rest_is_a_prefix(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    completed: set[int] = set()
    for seconds in (0.05, 0.11, 0.17, 0.23):
        promised = killed_after(seconds, directory)
        completed |= {int(number) for word, number in promised if word == "completed"}
        intended = max(int(number) for word, number in promised if word == "intended")

        summary = RunReader.open(directory).summary()  # before any writer has tidied up
        writer = RunWriter.open(directory, Config(), [])
        state = writer.state()
        writer.close()
        kept = {subject for stage, subject, _ in state.completions if stage is Stage.INSTRUCTIONS}
        assert completed <= kept | set(range(len(state.tickets)))
        assert state.attempts >= intended
        assert (summary.attempts, summary.tickets) == (state.attempts, len(state.tickets))
        # admit, classify, settle, note, in this order, for one task after the other
        admitted = len(state.tickets)
        assert state.instructions == [f"instruction {task}" for task in range(admitted)]
        assert all(task.valid is not None and task.is_classification for task in state.tasks[:-1])
        assert state.notes.get("settled", -1) in (admitted - 2, admitted - 1)

        database = sqlite3.connect(directory / "run.db")
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        sent_again = database.execute(
            "SELECT subject FROM attempts WHERE outcome = 'completed' GROUP BY subject HAVING count(*) > 1"
        ).fetchall()
        assert sent_again == [], "no completed request is sent again"
        database.close()
    assert len(completed) > 20
