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
from selfinstruct.api.given import given_config, given_filters_of, given_path, given_paths, given_seeds
from selfinstruct.api.run import Run
from selfinstruct.errors import ConfigError, EndpointRefusesError, EndpointUnavailableError
from selfinstruct.filters.base import Filter, FilterFunction
from selfinstruct.models.access import endpoint_warning
from selfinstruct.models.base import Api, Model
from selfinstruct.models.catalog import model_notice
from selfinstruct.pipeline.display import Display, choose_display
from selfinstruct.pipeline.resolve import Plan, resolve
from selfinstruct.pipeline.run import GenerateResult
from selfinstruct.pipeline.run import generate as generate_run
from selfinstruct.pipeline.settings import ARGUMENTS
from selfinstruct.recipes.base import Recipe
from selfinstruct.records import SeedTask

__all__ = ["GenerateOptions", "agenerate", "generate", "preview"]

PREVIEWED_TASKS = 3

OneFilter = Filter | FilterFunction | type | str
Filters = OneFilter | Sequence[OneFilter]


class GenerateOptions(AskOptions, total=False):
    """The arguments that `agenerate` and `preview` share with `generate`, which says what they mean."""

    model: str | Model | None
    seeds: str | PathLike[str] | Iterable[SeedTask | Mapping[str, Any] | str] | None
    recipe: str | Recipe
    filters: Filters
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
    """Generate tasks into the directory `run`: start a run there, or resume the one that is there.

    The same call resumes a run after any interruption, with the result of an uninterrupted one. What is left
    out comes from the run; for a new one the defaults below hold. `tasks`, budgets, concurrency and the like
    may change with every call; what decides the data (model, seeds, recipe, filters, seed …) may not.

    It blocks until it is over, in scripts, threads, notebooks and within a running event loop alike; to go on
    with other work meanwhile, await `agenerate`. It prints nothing and takes no signals. KeyboardInterrupt
    stops it, with what is complete in the data set, and is raised.

    model: `PROVIDER/NAME` as `selfinstruct models` lists them; with `base_url`, the endpoint's own name for
        it; or one of your own: an object as `Model` describes, or a name as of `filters`. Default: `pocket`,
        the bundled model.
    tasks: how many the data set should have. Default: 100.
    seeds: a file of seed tasks, or a list of instructions, of mappings as such a file has them, or of
        `SeedTask`. Default: the bundled ones.
    recipe: `paper` for base models, `chat` for instruct models, `auto` for what suits the model; or one of
        your own: an object as `Recipe` describes, or a name as of `filters`.
    filters: of your own, beside the built-in ones: functions of `instruction`, `instance` or `task` that
        return None or a reason in snake_case, objects as `Filter` describes, or references: `module:name`,
        `file.py:name`, an installed one's name.
    about, language: what tasks should be about, and in which language; in words.
    seed: of all random choices. Default: 42.
    max_cost, max_requests, max_total_tokens: budgets over the run's whole life: US dollars, requests sent,
        tokens. 0 lifts one that the run has.
    base_url: of an OpenAI-compatible endpoint. api: the call by which it is asked. api_key_env: the
        environment variable that holds its key. concurrency: requests in flight. timeout: seconds for a whole
        reply. context_window: tokens that the model can take. price_in, price_out, price_cached: USD per 1M
        tokens.
    decontaminate: evaluation sets whose text is kept out of the data.
    classification_only: show only classification seeds, and ask for classification tasks.
    paper_exact: reproduce the paper's code, its defects included. window: the greatest lag of feedback, in
        requests for instructions; default 64.
    config: any other setting: a TOML file, or a mapping laid out like one, such as
        `{"filters": {"max_similarity": 0.6}}`.
    progress: show it on standard error.

    What stops a run short is not an error: `Run.stopped` says what it was (`budget`, `saturated`,
    `unavailable`, `refused`), and `Run.advice` what would help. Where no request ever succeeded,
    `EndpointUnavailableError` is raised. Raises `UserError` for arguments that cannot work, `StorageError`.
    """
    return _blocking(given_path(run, "run"), locals())


async def agenerate(
    run: str | PathLike[str], *, tasks: int | None = None, **options: Unpack[GenerateOptions]
) -> Run:
    """`generate`, in the running event loop. Cancelling it stops the run, with what is complete in the data
    set."""
    directory = given_path(run, "run")
    plan = await asyncio.to_thread(_plan, directory, {"tasks": tasks, **options})
    display = _display(plan, options.get("progress", False))
    return _run_of(directory, await generate_run(directory, plan, display=display))


def preview(*, tasks: int = PREVIEWED_TASKS, **options: Unpack[GenerateOptions]) -> Run:
    """What the first few tasks look like, before anything large is paid for.

    Generates three tasks, or as many as `tasks` says, in a temporary directory, which is there for as long as
    the returned run is. Takes the arguments of `generate`. It costs what these tasks cost: real requests are
    sent, about ten with a good model, more where the filters reject much. `run.status()` says how many, and
    `max_requests` and `max_cost` limit them. The command's dry run sends none, and shows the prompts.
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
    for name in ("model", "recipe", "base_url", "api_key_env"):
        if arguments.get(name) == "":
            raise ConfigError(f"`{name}` is empty.", "Give it a value, or leave it out.")
    given = {name: value for name, value in arguments.items() if not _left_out(value)}
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
        paper_exact="paper_exact" in given,
    )
    endpoint, provider = plan.config.endpoint, plan.config.model.provider
    if warning := endpoint_warning(endpoint, provider):
        warnings.warn(warning, stacklevel=4)
    return plan


def _left_out(value: object) -> bool:
    """Whether an argument has a default that leaves the choice to the run. 0 is a choice."""
    return value is None or value is False or (isinstance(value, str) and value in ("", "auto"))


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
