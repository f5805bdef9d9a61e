"""`generate`, `agenerate` and `preview`: arguments in, a run out."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Unpack

from selfinstruct.api.asking import AskOptions
from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import (
    filled,
    given_attributes,
    given_config,
    given_filters_of,
    given_path,
    given_paths,
    given_seeds,
    given_signals,
)
from selfinstruct.api.run import Run
from selfinstruct.errors import EndpointRefusesError, EndpointUnavailableError
from selfinstruct.filters.base import Filter, FilterFunction
from selfinstruct.models.access import endpoint_warning
from selfinstruct.models.base import Api, Model
from selfinstruct.models.catalog import model_notice
from selfinstruct.pipeline.description import GenerateResult
from selfinstruct.pipeline.display import Display, choose_display
from selfinstruct.pipeline.resolve import Plan, resolve
from selfinstruct.pipeline.run import generate as generate_run
from selfinstruct.pipeline.settings import ARGUMENTS
from selfinstruct.recipes.base import Recipe
from selfinstruct.records import SeedTask

__all__ = ["GenerateOptions", "agenerate", "generate", "preview"]

PREVIEWED_TASKS = 3
NEVER_EMPTY = (
    "model", "seeds", "recipe", "signals", "attributes", "meaning", "base_url", "api", "api_key_env",
    "config",
)  # fmt: skip
"""Texts that name something. `about` and `language` are empty unless they are given."""

OneFilter = Filter | FilterFunction | type | str
Filters = OneFilter | Sequence[OneFilter]


class GenerateOptions(AskOptions, total=False):
    """Arguments that `agenerate` and `preview` share with `generate`; they have the same meaning."""

    model: str | Model | None
    seeds: str | PathLike[str] | Iterable[SeedTask | Mapping[str, Any] | str] | None
    recipe: str | Recipe
    filters: Filters
    signals: str | Sequence[str] | None
    attributes: str | PathLike[str] | Mapping[str, Any] | None
    steer: bool
    meaning: str | None
    meaning_threshold: float | None
    about: str
    language: str
    decontaminate: Sequence[str | PathLike[str]]
    classification_only: bool
    paper_exact: bool
    window: int | None


def generate(
    run: str | PathLike[str],
    *,
    model: str | Model | None = None,
    tasks: int | None = None,
    seeds: str | PathLike[str] | Iterable[SeedTask | Mapping[str, Any] | str] | None = None,
    recipe: str | Recipe = "auto",
    filters: Filters = (),
    signals: str | Sequence[str] | None = None,
    attributes: str | PathLike[str] | Mapping[str, Any] | None = None,
    steer: bool = False,
    meaning: str | None = None,
    meaning_threshold: float | None = None,
    about: str = "",
    language: str = "",
    seed: int | None = None,
    max_cost: float | None = None,
    max_requests: int | None = None,
    max_total_tokens: int | None = None,
    base_url: str | None = None,
    api: Literal["auto"] | Api = "auto",
    api_key_env: str | None = None,
    concurrency: int | None = None,
    timeout: float | None = None,
    batch: bool | None = None,
    wait: bool | None = None,
    engine: Literal["local", "ray"] | None = None,
    backend: Literal["vllm"] | None = None,
    replicas: int | None = None,
    gpus_per_replica: int | None = None,
    context_window: int | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
    price_cached: float | None = None,
    decontaminate: Sequence[str | PathLike[str]] = (),
    classification_only: bool = False,
    paper_exact: bool = False,
    window: int | None = None,
    config: str | PathLike[str] | Mapping[str, Any] | None = None,
    progress: bool = False,
) -> Run:
    """Generate tasks into the directory `run`: start a new run, or resume an existing one.

    The same call resumes a run after any interruption, with the result of an uninterrupted one. Arguments
    that are left out come from the run; a new run has the defaults below. `tasks`, budgets and concurrency
    may change with every call; what decides the data (model, seeds, recipe, filters, seed …) may not.

    It blocks until the run ends, also in notebooks and in a running event loop; to do other work in the
    meantime, await `agenerate`. It prints nothing and leaves signal handlers alone. KeyboardInterrupt stops
    it, keeps complete tasks in the data set, and is raised.

    model: `PROVIDER/NAME` as `selfinstruct models` lists them; with `base_url`, the endpoint's own name for
        it; or your own: an object as `Model` describes, or a name as for `filters`. Default: `pocket`,
        the bundled model.
    tasks: number of tasks in the data set. Default: 100.
    seeds: a file of seed tasks, or a list of instructions, of mappings as such a file has them, or of
        `SeedTask`. Default: the bundled ones.
    recipe: `paper` for base models, `chat` for instruct models, `auto` to choose by model; or your
        own: an object as `Recipe` describes, or a name as for `filters`.
    filters: your own filters, in addition to the built-in ones: functions of `instruction`, `instance`,
        `row` or `task` that return None or a reason in snake_case, objects as `Filter` describes, or names:
        `module:name`, `file.py:name`, an installed one's name.
    signals: signals that reject instances instead of marking them: `certain` (the default), `all`, `none`,
        or names.
    attributes: what each new task is asked to be, drawn by weight: a TOML or JSON file, `"bundled"` for the
        library of personas, topics and more, or a mapping such as `{"topic": ["bread", "tax law"],
        "difficulty": {"easy": 2, "hard": 1}}`.
    steer: ask more often for what the pool lacks, held against the attributes' weights and the seeds' first
        verbs, kinds and lengths.
    meaning: an embedding model, as `PROVIDER/NAME`: instructions that say in other words what the pool has
        are dropped. meaning_threshold: cosine above which they do; what suits depends on the model. Default:
        0.9.
    about, language: topic and language of the tasks, as text.
    seed: random seed. Default: 42.
    max_cost, max_requests, max_total_tokens: budgets over the run's lifetime: USD, requests sent, tokens.
        0 removes the run's budget.
    base_url: URL of an OpenAI-compatible endpoint. api: `chat` or `completions`. api_key_env: the
        environment variable that holds its key. concurrency: requests in flight. timeout: seconds for a
        complete reply. context_window: the model's context length in tokens. price_in, price_out,
        price_cached: USD per 1M tokens.
    batch: send requests in the provider's batches. wait: wait for their results; False: send and collect what
        is possible now, then stop.
    engine: `ray` runs `pocket`, `gguf/` and `hf/` models as replicas on the Ray cluster of RAY_ADDRESS, or of
        this machine; `local`, the default, in this process. replicas: how many; gpus_per_replica: GPUs of
        each. backend: `vllm` for replicas of an `hf/` model by vLLM.
    decontaminate: evaluation sets whose text is kept out of the data.
    classification_only: show only classification seeds, and ask for classification tasks.
    paper_exact: reproduce the paper's code, bugs included. window: maximum feedback lag, in instruction
        requests; 0: no maximum, the default.
    config: any other setting: a TOML file, or a mapping laid out like one, such as
        `{"filters": {"max_similarity": 0.6}}`.
    progress: show progress on standard error.

    A run that stops early is not an error: `Run.stopped` gives the reason (`budget`, `saturated`,
    `unavailable`, `refused`, `waiting` for batches), and `Run.advice` what would help.

    Raises `UserError` for invalid arguments, `EndpointUnavailableError` if no request ever succeeded, and
    `StorageError`.
    """
    return _blocking(given_path(run, "run"), locals())


async def agenerate(
    run: str | PathLike[str], *, tasks: int | None = None, **options: Unpack[GenerateOptions]
) -> Run:
    """Like `generate`, in the running event loop. Cancelling it stops the run and keeps complete tasks."""
    directory = given_path(run, "run")
    plan = await asyncio.to_thread(_plan, directory, {"tasks": tasks, **options})
    display = _display(plan, options.get("progress", False))
    return _run_of(directory, await generate_run(directory, plan, display=display))


def preview(*, tasks: int = PREVIEWED_TASKS, **options: Unpack[GenerateOptions]) -> Run:
    """Generate three tasks to look at before you pay for a whole run.

    They are in a temporary directory, which exists as long as the returned run. `tasks` sets
    another number. Takes the arguments of `generate`.

    It sends real requests, about ten with a good model, more if the filters
    reject much. `run.status()` says how many; `max_requests` and `max_cost` limit them. The command's dry run
    sends no requests and shows the prompts.
    """
    place = Path(tempfile.mkdtemp(prefix="selfinstruct-preview-"))
    try:
        run = _blocking(place / "preview", {"tasks": tasks, **options})
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    weakref.finalize(run, shutil.rmtree, place, ignore_errors=True)
    return run


def _blocking(directory: Path, arguments: Mapping[str, Any]) -> Run:
    plan = _plan(directory, arguments)
    display = _display(plan, arguments.get("progress", False))
    return _run_of(directory, run_to_end(lambda: generate_run(directory, plan, display=display)))


def _plan(directory: Path, arguments: Mapping[str, Any]) -> Plan:
    """What `resolve` makes of the arguments. Raises what it does."""
    for name in NEVER_EMPTY:
        filled(arguments.get(name), name)
    given = {name: value for name, value in arguments.items() if not _left_out(name, value)}
    if "signals" in given:
        given["signals"] = given_signals(given["signals"])
    recipe = given.pop("recipe", None)
    if isinstance(recipe, str):
        given["recipe"], recipe = recipe, None
    plan = resolve(
        directory,
        options={field: given.get(name) for field, name in ARGUMENTS.items()},
        config_file=given_config(given.get("config")),
        seeds_file=given_seeds(given.get("seeds")),
        decontaminate=given_paths(given.get("decontaminate", ()), "decontaminate"),
        model_spec=given.get("model"),
        recipe=recipe,
        filters=given_filters_of(given.get("filters")),
        attributes=given_attributes(given.get("attributes")),
        meaning=given.get("meaning"),
        paper_exact="paper_exact" in given,
    )
    endpoint, provider = plan.config.endpoint, plan.config.model.provider
    if warning := endpoint_warning(endpoint, provider):
        warnings.warn(warning, stacklevel=4)
    return plan


def _left_out(name: str, value: object) -> bool:
    """Whether an argument has a default that leaves the choice to the run. 0 is a choice."""
    if value is False:
        return name not in ("batch", "wait")
    return value is None or (isinstance(value, str) and value in ("", "auto"))


def _display(plan: Plan, progress: bool) -> Display | None:
    if not progress:
        return None
    from rich.console import Console

    display = choose_display(Console(stderr=True))
    if notice := model_notice(plan.config.model):
        display.say(notice)
    return display


def _run_of(directory: Path, outcome: GenerateResult) -> Run:
    """Raises EndpointUnavailableError, or EndpointRefusesError, where nothing came of it."""
    nothing = outcome.description.summary.requests == 0
    if nothing and outcome.stopped == "refused":
        raise EndpointRefusesError(outcome.advice)
    if nothing and outcome.stopped == "unavailable":
        raise EndpointUnavailableError(outcome.advice)
    run = Run(directory)
    run.stopped, run.advice = outcome.stopped, outcome.advice
    return run
