"""A run's outputs written anew by another model, usually a stronger one (the paper's distillation, Figure 7).

One request an instance of the data set, in its order; or several, of which a judge keeps the best. The run
stays as it is: the new outputs are kept beside it (`store.improved`), and where one cannot be used the
original stays in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from selfinstruct.config import Config
from selfinstruct.dataset.languages import language_code
from selfinstruct.errors import ConfigError, RunMismatchError, UserError
from selfinstruct.filters.instances import judge_instances
from selfinstruct.pipeline.asking import BatchPlan, ask, name_of_model, plan_batch
from selfinstruct.pipeline.best_of import (
    Chosen,
    choose_best,
    choose_by_signals,
    number_of_sample,
    plan_chooser,
    samples_asked_for,
)
from selfinstruct.pipeline.improvement import Improvement, Rewrite
from selfinstruct.pipeline.judging import JudgePlan
from selfinstruct.recipes.chat.answer import is_refusal
from selfinstruct.recipes.fitting import reply_tokens
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Instance, InstanceCandidate, Prompt, Sampling, Task
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.improved import ORIGINAL, improvement_directory, write_candidates, write_improved
from selfinstruct.store.reader import RunReader

__all__ = ["ImprovementPlan", "improve", "plan_improvement"]

SYSTEM = """\
You are given a task: an instruction and, where it needs one, the input that it works on. Do the task, \
correctly and completely. Reply with the result and nothing else: no greeting, no preface, no label, no \
remark about the task or about your reply. Keep to the language, the form and the length that the \
instruction asks for; where it asks for a label, reply with the label alone. Where it says nothing about \
length, be as brief as a complete answer allows."""

END_OF_OUTPUT = "\nTask:"
"""What a base model writes once it is done and goes on with another task."""

SAMPLE_TEMPERATURE = 0.8

SIGNALS = "signals"
"""What chooses where no judge is named."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class ImprovementPlan:
    """What to improve, by which model, under which name. samples: outputs to write of each instance. judge:
    who chooses among them and the original; None for signals."""

    run: Path
    name: str
    batch: BatchPlan
    samples: int = 1
    judge: JudgePlan | None = None

    @property
    def config(self) -> Config:
        """Of the batch of requests."""
        return self.batch.config

    @property
    def judge_warning(self) -> str:
        """For people; empty unless the judge is the model that writes."""
        if self.judge is None:
            return ""
        writing, judging = self.config.model, self.judge.config.model
        if (writing.provider, writing.name) != (judging.provider, judging.name):
            return ""
        return f"The judge {self.judge.paths.name} is the model that writes. Models favour their own outputs."


def plan_improvement(
    run: Path,
    *,
    model_spec: str | None,
    name: str | None,
    options: Mapping[str, Any],
    config_file: Path | None = None,
    samples: int | None = None,
    judge: str | None = None,
    judge_options: Mapping[str, Any] | None = None,
) -> ImprovementPlan:
    """samples: outputs to write of each instance; None for as many as before, or 1. judge: a model, or the
    name of a judge of the run, to keep the best of them and the original; None for signals. judge_options:
    its own of `options`; it has the same limits, a budget of its own.
    name: None for one made of the model's. options: as in `resolve`; what is not given comes from an
    earlier invocation under that name.

    Raises NotARunError where there is no run, ConfigError for a name that is no file's or a model that is
    missing, and what `plan_batch` raises.
    """
    RunReader.open(run)
    if model_spec is None and name is None:
        raise ConfigError("Which model should rewrite the outputs?", "Name it: `model=SPEC`")
    name = name_of_model(model_spec or "") if name is None else name
    if not NAME.fullmatch(name) or name == ORIGINAL:
        raise ConfigError(
            f"{name!r} cannot name the outputs.", "Choose a `name` of letters, digits, dots, - and _."
        )
    directory = improvement_directory(run, name)
    if model_spec is None and read_run_config(directory) is None:
        raise ConfigError(f"{run} has no outputs named {name!r} to resume.", "Add `model=SPEC`")
    batch = plan_batch(directory, model_spec=model_spec, options=options, config_file=config_file)
    samples = samples or samples_asked_for(directory)
    limits = {option: value for option, value in options.items() if option.startswith("limits.")}
    chooser = None if judge is None else plan_chooser(run, judge, limits | dict(judge_options or {}))
    return ImprovementPlan(run, name, batch, samples, chooser)


async def improve(
    plan: ImprovementPlan, *, tasks: int | None = None, display: BatchDisplay | None = None
) -> Improvement:
    """Ask for all outputs that are not there yet, and write those that can be used beside the run.

    tasks: ask for those of so many of the data set's first tasks; what is there of others is kept.
    Raises the errors of errors.py; an endpoint that is given up on is an `Improvement`.
    """
    began = monotonic()
    data_set = list(RunReader.open(plan.run).tasks())
    if not data_set:
        raise UserError(f"{plan.run} has no tasks yet.", "Resume it with `selfinstruct generate`.")
    items = [_Item(task, place) for task in data_set for place in range(len(task.instances))]
    first = sum(len(task.instances) for task in data_set[:tasks])
    samples = range(plan.samples)
    try:
        batch, prompts = await ask(
            plan.batch,
            lambda config: [_prompt(item, config, sample) for item in items for sample in samples],
            first=first * plan.samples,
            numbers=[number_of_sample(number, sample) for number in range(len(items)) for sample in samples],
            name_of=lambda number: str(items[number // plan.samples]),
            display=display,
        )
    except RunMismatchError as error:
        raise RunMismatchError(error.message, "Give these outputs a `name` of their own.") from None
    written: list[list[Rewrite]] = []
    for number, item in enumerate(items):
        of = slice(number * plan.samples, (number + 1) * plan.samples)
        outcomes = [outcome for outcome in batch.outcomes[of] if outcome is not None]
        if len(outcomes) == plan.samples:
            replies = zip(prompts[of], outcomes, strict=True)
            written.append([_judged(item, outcome, prompt.sampling.stop) for prompt, outcome in replies])
    judged: BatchOutcome | None = None
    chosen: Chosen | None = None
    if plan.judge is not None:
        scoring = None if display is None else display.of("verdicts")
        chosen = await choose_best(plan.judge, written, plan.name, scoring)
    elif plan.samples > 1:
        language = language_code(RunReader(plan.run).config().recipe.language or "")
        chosen = choose_by_signals(written, language or "")
    if chosen is None:
        rewrites = [each for (each,) in written]
    else:
        rewrites, judged = chosen.rewrites, chosen.batch
        write_candidates(plan.run, plan.name, chosen.candidates)
    outputs = write_improved(plan.run, plan.name, (rewrite.verdict() for rewrite in rewrites))
    return Improvement.of(
        rewrites,
        run=plan.run.absolute(),
        name=plan.name,
        outputs=outputs.absolute(),
        instances=len(items),
        batch=batch,
        samples=plan.samples,
        judge="" if chosen is None else SIGNALS if plan.judge is None else plan.judge.paths.name,
        judge_batch=judged,
        seed=plan.config.seed,
        seconds=monotonic() - began,
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """An instance of the data set; `place` in its task, from 0."""

    task: Task
    place: int

    @property
    def instance(self) -> Instance:
        return self.task.instances[self.place]

    def __str__(self) -> str:
        return f"instance {self.place} of {self.task.id}"


def _prompt(item: _Item, config: Config, sample: int) -> Prompt:
    """For a chat, the system's message and the user's; else the beginning of a text. The first sample is as
    the config says, greedy by default; others are drawn, since they would all be the same."""
    instruction, given = item.task.instruction, item.instance.input
    asked = config.sampling.chat_answers
    stop = asked.stop if asked.stop is not None else () if config.model.api == "chat" else (END_OF_OUTPUT,)
    sampling = Sampling(
        temperature=asked.temperature or (SAMPLE_TEMPERATURE if sample else 0.0),
        top_p=asked.top_p,
        frequency_penalty=asked.frequency_penalty,
        presence_penalty=asked.presence_penalty,
        max_tokens=reply_tokens(asked.max_tokens, config.model.context_window),
        stop=stop,
    )
    if config.model.api == "chat":
        return Prompt(SYSTEM, f"{instruction}\n\n{given}" if given else instruction, sampling, 0)
    with_input = f"\nInput: {given}" if given else ""
    return Prompt("", f"Task: {instruction}{with_input}\nOutput:", sampling, 0)


def _judged(item: _Item, outcome: Completion | Lost, stop: Sequence[str]) -> Rewrite:
    """Rejected for what requests are lost for, the filters' reasons for single instances, and `refused`: that
    a model declines is seen from how such replies begin in English."""
    if isinstance(outcome, Lost):
        return Rewrite(item.task, item.place, "", outcome.reason)
    answer = read_reply(outcome, stop)
    output = answer.text.strip()
    flaw = "truncated" if answer.cut else "refused" if is_refusal(output) else None
    (judged,) = judge_instances([InstanceCandidate(item.instance.input, output, flaw)], max_instances=1)
    return Rewrite(item.task, item.place, output, judged.verdict.reason)
