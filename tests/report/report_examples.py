"""Runs for the tests of this room, written through the store: one of every verdict, one of hostile texts."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from selfinstruct.config import Config, EndpointConfig, LimitsConfig
from selfinstruct.records import (
    ACCEPTED,
    Completion,
    Instance,
    JudgedInstance,
    JudgedInstruction,
    Neighbour,
    Prompt,
    Request,
    Sampling,
    SeedTask,
    Stage,
    Verdict,
)
from selfinstruct.report.figures import Figures, compute
from selfinstruct.report.page import render_page, run_page
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

PRICED = EndpointConfig(price_in=1.0, price_out=10.0)

SEEDS = (
    SeedTask(
        "seed_task_0", "letter", "Write a letter to your bank.", (Instance("", "Dear bank, hello."),), False
    ),
    SeedTask("seed_task_1", "mood", "Name the mood of the text.", (Instance("Hurra", "joy"),), True),
    SeedTask("seed_task_2", "list", "List three rivers in Spain.", (Instance("", "- a\n- b\n- c"),), False),
    SeedTask("seed_task_3", "cities", "List five cities in Spain.", (Instance("", "- a\n- b"),), False),
)

HOSTILE = (
    "<script>document.title = 'taken'</script>",
    "</script><script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title = 'taken'\">",
    '<a href="javascript:document.title=1">Write a poem</a>',
    "<!--<script>", "]]>", "{{ 7 * 7 }}", "{% raw %}", "\u2028line\u2029paragraph",
    "&lt;b&gt; &amp; <b>bold</b>",
    "' onmouseover='document.title=1", "$x$ %{y} <extra></extra>",
)  # fmt: skip


FAR = Neighbour(0, 0.25)
CONFIG = Config(limits=LimitsConfig(tasks=100))


@dataclass(frozen=True, slots=True)
class Written:
    """A task to write. instances: input and output, or input, output and a reason."""

    instruction: str
    instances: Sequence[tuple[str, ...]] = (("", "An answer of some words."),)
    is_classification: bool = False
    reason: str | None = None
    neighbour: Neighbour | None = FAR


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a reply held, and what its prompt showed."""

    tasks: Sequence[Written] = ()
    rejected: Sequence[tuple[str, str, Neighbour | None]] = ()
    shown: tuple[int, ...] = (0, 1)
    seconds: float = 0.5
    failures: Sequence[str] = field(default=())


SAMPLING = Sampling(0.7, 0.5, 0.0, 2.0, 1024)


def write_run(
    directory: Path,
    tickets: Iterable[Ticket],
    *,
    config: Config = CONFIG,
    seeds: tuple[SeedTask, ...] = SEEDS,
    unsettled: tuple[int, ...] = (),
) -> Path:
    """A run of these tickets, in order; every request takes 100 tokens in, 10 out. Tasks with the numbers in
    `unsettled` wait for their instances."""

    async def write() -> None:
        writer = RunWriter.open(directory, config, seeds)
        number = 0
        for place, ticket in enumerate(tickets):
            await _send(writer, Stage.INSTRUCTIONS, place, ticket)
            judged = [
                JudgedInstruction(
                    task.instruction, ACCEPTED, (task.neighbour,) if task.neighbour else (), 0.1
                )
                for task in ticket.tasks
            ]
            judged += [
                JudgedInstruction(
                    text, Verdict(reason, "why"), (near,) if near else (), 0.1 if near else None
                )
                for text, reason, near in ticket.rejected
            ]
            writer.admit(place, judged)
            for task in ticket.tasks:
                if number not in unsettled:
                    await _settle(writer, number, task)
                number += 1
        await writer.aclose()

    asyncio.run(write())
    return directory


async def _send(writer: RunWriter, stage: Stage, subject: int, ticket: Ticket) -> None:
    prompt = Prompt(f"{stage} sheet\n", f"{stage} {subject}", SAMPLING, 2)
    request = Request(
        stage, subject, prompt, seed=1, shown=ticket.shown if stage is Stage.INSTRUCTIONS else ()
    )
    for failure in ticket.failures:
        attempt = await writer.intend(request, reserved_prompt_tokens=1, reserved_completion_tokens=1)
        writer.fail(attempt, failure, "no", 0.1)
    attempt = await writer.intend(request, reserved_prompt_tokens=1, reserved_completion_tokens=1)
    await writer.complete(attempt, request, Completion("reply", "stop", 100, 10, False, ticket.seconds))


async def _settle(writer: RunWriter, number: int, task: Written) -> None:
    await _send(writer, Stage.CLASSIFICATION, number, Ticket())
    writer.classify(number, task.is_classification)
    await _send(writer, Stage.INSTANCES, number, Ticket(seconds=2.0))
    judged = [
        JudgedInstance(given, output, Verdict(reason[0]) if reason else ACCEPTED)
        for given, output, *reason in task.instances
    ]
    writer.settle(number, judged, task.reason)


def small_run(directory: Path) -> Path:
    """Two tickets that worked and one that failed first: five tasks, four of them valid; three rejects."""
    return write_run(
        directory,
        [
            Ticket(
                tasks=[
                    Written("Write a letter to your boss.", neighbour=Neighbour(0, 0.8)),
                    Written("Classify the mood of the song.", [("la la", "joy"), ("boo", "grief")], True),
                ],
                rejected=[
                    ("Write a letter to your bank now.", "similar", Neighbour(0, 0.9230769230769231)),
                    ("Draw a map.", "keyword", None),
                ],
                shown=(0, 1),
            ),
            Ticket(
                tasks=[
                    Written("Write a story about a river.", [("", "One two."), ("", "", "empty_output")]),
                    Written("Explain tides.", [("", "", "empty_output")], reason="no_valid_instance"),
                ],
                rejected=[("Write letters to your boss.", "similar", Neighbour(4, 0.75))],
                shown=(0, 2),
                failures=["EndpointFailedError", "EndpointFailedError", "RateLimitedError"],
            ),
            Ticket(tasks=[Written("Give one word for the sea.", [("", "blue")])], shown=(4, 2), seconds=4.5),
        ],
        config=Config(limits=LimitsConfig(tasks=100), endpoint=PRICED),
    )


def hostile_run(directory: Path) -> Path:
    """Every text that somebody else may have written says something that must not be done."""
    seeds = tuple(
        SeedTask(f"{text}{number}", text, text, (Instance(text, text),), False)
        for number, text in enumerate(HOSTILE)
    )
    tickets = [
        Ticket(
            tasks=[Written(f"Write {text} {number}", [(text, text)], neighbour=Neighbour(number, 0.9))],
            rejected=[
                (text, "similar", Neighbour(number, 0.95)),
                (text, text, None),
                (text, "keyword", None),
            ],
            shown=(number,),
            failures=[text],
        )
        for number, text in enumerate(HOSTILE)
    ]
    tickets.append(
        Ticket(tasks=[Written(f"{text} again", [(text, text, text)], reason=text) for text in HOSTILE])
    )
    config = Config.model_validate(
        {
            "limits": {"tasks": 50},
            "model": {"provider": "http", "name": HOSTILE[0]},
            "recipe": {"about": HOSTILE[1], "language": HOSTILE[2]},
            "filters": {"keywords": HOSTILE},
            "endpoint": {"headers": {HOSTILE[3]: HOSTILE[4]}},
        }
    )
    return write_run(directory, tickets, config=config, seeds=seeds)


def figures_of(directory: Path) -> Figures:
    return compute(RunReader.open(directory).record(), directory.name, running=False)


def page_of(directory: Path) -> str:
    return render_page(run_page(figures_of(directory)))
