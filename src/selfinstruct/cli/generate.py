"""`selfinstruct generate`: start or resume a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.asking import EXIT_CODES, asked_options
from selfinstruct.cli.options import (
    MODEL,
    RECIPE,
    About,
    Api,
    ApiKeyEnv,
    Attributes,
    BaseUrl,
    Batch,
    Concurrency,
    ConfigFile,
    ContextWindow,
    Decontaminate,
    Engine,
    EngineBackend,
    Filters,
    GpusPerReplica,
    Json,
    Language,
    MaxCost,
    MaxRequests,
    MaxTotalTokens,
    MeaningThreshold,
    PriceCached,
    PriceIn,
    PriceOut,
    Replicas,
    Timeout,
    Wait,
)
from selfinstruct.cli.output import print_json

__all__ = ["generate"]


def generate(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Directory of the run; created if it does not exist.")
    ],
    tasks: Annotated[
        int | None, typer.Option("--tasks", "-n", min=1, help="Number of tasks. [dim]\\[default: 100][/dim]")
    ] = None,
    seeds: Annotated[
        Path | None,
        typer.Option(
            help="Seed tasks of your own: JSON Lines, JSON, CSV, TSV, or text with one instruction per line. "
            "[dim]\\[default: the bundled ones][/dim]"
        ),
    ] = None,
    filters: Filters = None,
    decontaminate: Decontaminate = None,
    config: ConfigFile = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show each stage's prompt and an estimate; send and write nothing."),
    ] = False,
    json: Json = False,
    model: Annotated[
        str | None,
        typer.Option(
            help="PROVIDER/NAME as [bold]selfinstruct models[/bold] lists them; with --base-url, the "
            "endpoint's own name for it, including any slashes. Or your own: module:name, file.py:name, or "
            "an installed one's name. "
            "[dim]\\[default: pocket, the bundled model][/dim]",
            rich_help_panel=MODEL,
        ),
    ] = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    context_window: ContextWindow = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="auto|paper|chat|NAME",
            help="paper: for base models. chat: for instruct models. auto: chosen by model. "
            "Or one of your own: module:name, file.py:name, or an installed "
            "one's name. [dim]\\[default: auto][/dim]",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    api: Api = "auto",
    language: Language = None,
    about: About = None,
    attributes: Attributes = None,
    steer: Annotated[
        bool,
        typer.Option(
            "--steer",
            help="Ask more often for what the pool lacks: attributes, first verbs, kinds and lengths, with "
            "the attributes' weights and the seeds' shares as targets.",
            rich_help_panel=RECIPE,
        ),
    ] = False,
    meaning: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="Embedding model, such as ollama/nomic-embed-text or gguf/FILE: drop instructions that say "
            "what the pool has in other words.",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    meaning_threshold: MeaningThreshold = None,
    classification_only: Annotated[
        bool,
        typer.Option(
            "--classification-only",
            help="Only classification tasks, with only classification seeds as demonstrations.",
            rich_help_panel=RECIPE,
        ),
    ] = False,
    instances: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Maximum instances per task. [dim]\\[default: chat: the input that comes with the "
            "instruction, 3 for classification; else 5][/dim]",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    paper_exact: Annotated[
        bool,
        typer.Option(
            "--paper-exact", help="Reproduce the original code, bugs included.", rich_help_panel=RECIPE
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(help="Random seed. [dim]\\[default: 42][/dim]", rich_help_panel=RECIPE),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Maximum feedback lag, in instruction requests; 0: no maximum. [dim]\\[default: 0][/dim]",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    max_requests: MaxRequests = None,
    max_total_tokens: MaxTotalTokens = None,
    max_cost: MaxCost = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    price_cached: PriceCached = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
    batch: Batch = None,
    wait: Wait = None,
    engine: Engine = None,
    backend: EngineBackend = None,
    replicas: Replicas = None,
    gpus_per_replica: GpusPerReplica = None,
) -> None:
    """Generate tasks: start a run, or resume it.

    The same command again resumes a run after any interruption, with the same result. Budgets and --tasks may change; what decides the data (seeds, model, recipe, random seed, filters) may not. Options you leave out keep the run's values.

    Exit codes: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 5 saturated, 6 storage, 7 waiting for batches, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio
    from dataclasses import replace

    from rich.console import Console

    from selfinstruct.cli.flags import in_flags
    from selfinstruct.cli.render import advice_of, print_outcome
    from selfinstruct.cli.render_preview import show_preview
    from selfinstruct.models.access import endpoint_warning
    from selfinstruct.models.catalog import embedding_notice, model_notice
    from selfinstruct.pipeline.display import choose_display
    from selfinstruct.pipeline.preview import preview
    from selfinstruct.pipeline.resolve import resolve
    from selfinstruct.pipeline.run import generate as generate_run
    from selfinstruct.report.signals import quality_of_run
    from selfinstruct.store.reader import RunReader

    plan = resolve(
        run,
        options=asked_options(
            seed=seed,
            base_url=base_url,
            api_key_env=api_key_env,
            context_window=context_window,
            api=api,
            max_requests=max_requests,
            max_total_tokens=max_total_tokens,
            max_cost=max_cost,
            price_in=price_in,
            price_out=price_out,
            price_cached=price_cached,
            concurrency=concurrency,
            timeout=timeout,
            batch=batch,
            wait=wait,
            engine=engine,
            backend=backend,
            replicas=replicas,
            gpus_per_replica=gpus_per_replica,
        )
        | {
            "limits.tasks": tasks,
            "recipe.name": None if recipe == "auto" else recipe,
            "recipe.language": language,
            "recipe.about": about,
            "recipe.classification_only": classification_only or None,
            "recipe.max_instances": instances,
            "window": window,
            "steering.on": steer or None,
            "filters.meaning.threshold": meaning_threshold,
        },
        config_file=config,
        seeds_file=seeds,
        decontaminate=decontaminate or (),
        model_spec=model,
        filters=filters,
        attributes=attributes,
        meaning=meaning,
        paper_exact=paper_exact,
    )
    progress = Console(stderr=True)
    meaning_model = plan.config.filters.meaning and plan.config.filters.meaning.model
    for warning in (
        endpoint_warning(plan.config.endpoint, plan.config.model.provider),
        model_notice(plan.config.model),
        meaning_model and embedding_notice(meaning_model),
    ):
        if warning:
            progress.print(warning, style="yellow", soft_wrap=True)
    if dry_run:
        show_preview(preview(plan), Console(), as_json=json)
        return
    outcome = asyncio.run(generate_run(run, plan, display=choose_display(progress)))
    outcome = replace(outcome, advice=in_flags(outcome.advice))
    quality = quality_of_run(RunReader.open(run))
    if json:
        print_json(outcome.to_json() | {"quality": quality.to_json()})
    else:
        print_outcome(run, outcome, quality, Console())
    if outcome.advice and (json or outcome.stopped == "refused"):
        progress.print(advice_of(outcome.stopped, outcome.advice), markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_CODES[outcome.stopped])
