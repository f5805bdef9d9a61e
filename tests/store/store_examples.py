"""Values for the tests of this room, and one small run that has a bit of everything."""

import asyncio
from dataclasses import replace
from pathlib import Path

from selfinstruct.config import Config, LimitsConfig
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
from selfinstruct.store.writer import RunWriter

CONFIG = Config(limits=LimitsConfig(tasks=2))

SEEDS = (
    SeedTask("seed_task_0", "greet", "Greet somebody.", (Instance("", "Hello."),), False),
    SeedTask(
        "seed_task_1", "mood", "Name the mood.", (Instance("Hurra", "joy"), Instance("Oh", "grief")), True
    ),
)

SAMPLING = Sampling(0.7, 0.5, 0.0, 2.0, 1024, ("\n\n", "\n16"))


def request(
    stage: Stage, subject: int, shown: tuple[int, ...] = (), body: str = "", position: int = 0
) -> Request:
    prompt = Prompt(f"{stage} sheet\n", body or f"{stage} {subject}", SAMPLING, len(shown))
    return Request(stage, subject, prompt, seed=1000 + subject, shown=shown, position=position)


def completion(text: str = "reply", prompt_tokens: int = 10, completion_tokens: int = 5) -> Completion:
    return Completion(text, "stop", prompt_tokens, completion_tokens, estimated=False, seconds=0.5)


async def send(writer: RunWriter, wanted: Request, text: str = "reply") -> Completion:
    attempt = await writer.intend(wanted, reserved_prompt_tokens=20, reserved_completion_tokens=30)
    return await writer.complete(attempt, wanted, completion(text))


def accepted(text: str, *neighbours: Neighbour) -> JudgedInstruction:
    return JudgedInstruction(text, ACCEPTED, neighbours, mean_similarity=0.25 if neighbours else None)


def rejected(text: str, reason: str, *neighbours: Neighbour) -> JudgedInstruction:
    return JudgedInstruction(text, Verdict(reason, "why"), neighbours, 0.5 if neighbours else None)


async def write_small_run(directory: Path, config: Config = CONFIG) -> None:
    """Tickets 0 (two admitted, two not), 1 (lost), 2 (two admitted), 3 (one admitted); tasks 0, 2 and 4
    valid, 1 not, 3 pending."""
    writer = RunWriter.open(directory, config, SEEDS)
    await send(writer, request(Stage.INSTRUCTIONS, 0, shown=(1, 0)), "ticket 0")
    writer.admit(
        0,
        [
            replace(accepted("Sing.", Neighbour(0, 0.4), Neighbour(1, 0.1)), input="a text"),
            rejected("Draw.", "keyword"),
            rejected("Sing!", "too_similar", Neighbour(2, 0.9), Neighbour(0, 0.4)),
            accepted("Count.", Neighbour(2, 0.3)),
        ],
    )
    lost = request(Stage.INSTRUCTIONS, 1, shown=(2, 0))
    attempt = await writer.intend(lost, reserved_prompt_tokens=20, reserved_completion_tokens=30)
    writer.fail(attempt, "EndpointFailedError", "503", 1.5)
    attempt = await writer.intend(lost, reserved_prompt_tokens=20, reserved_completion_tokens=30)
    writer.fail(attempt, "ContentRefusedError", "no", 0.5)
    await writer.lose(lost, "refused", "no")
    writer.admit(1, [])
    await send(writer, request(Stage.INSTRUCTIONS, 2, shown=(2, 3)), "ticket 2")
    writer.admit(2, [accepted("Rhyme.", Neighbour(2, 0.2)), accepted("List.", Neighbour(0, 0.1))])
    writer.admit(3, [accepted("Guess.", Neighbour(4, 0.6))])
    for task in (4, 2, 1, 0):
        await send(writer, request(Stage.CLASSIFICATION, task), "No")
        writer.classify(task, is_classification=task == 2)
        await send(writer, request(Stage.INSTANCES, task), f"Output: {task}")
        good = JudgedInstance("in", f"out {task}", ACCEPTED)
        bad = JudgedInstance("in", "", Verdict("empty_output"))
        writer.settle(task, [bad] if task == 1 else [bad, good], "no_valid_instance" if task == 1 else None)
    writer.note("capabilities", {"api": "chat"})
    await writer.aclose()


def small_run(directory: Path, config: Config = CONFIG) -> Path:
    asyncio.run(write_small_run(directory, config))
    return directory
