"""`selfinstruct evaluate`: a model, or existing predictions, measured on tasks with known answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from selfinstruct.cli.asking import asked_options, finish, warn_of_endpoints
from selfinstruct.cli.evaluate_options import (
    EvaluatedModel,
    Examples,
    Folder,
    Items,
    Judge,
    Limit,
    MaxTokens,
    PerTask,
    Predictions,
    Ratings,
    RunCode,
    Samples,
    SandboxKind,
    Seed,
    Stops,
    Suite,
    Temperature,
    TemplateName,
    TunedOn,
)
from selfinstruct.cli.options import (
    Api,
    ApiKeyEnv,
    BaseUrl,
    Batch,
    Concurrency,
    ConfigFile,
    ContextWindow,
    Engine,
    EngineBackend,
    GpusPerReplica,
    Json,
    MaxCost,
    MaxRequests,
    MaxTotalTokens,
    PriceCached,
    PriceIn,
    PriceOut,
    Replicas,
    Timeout,
    Wait,
)
from selfinstruct.cli.output import print_json

__all__ = ["evaluate"]

HARNESS = "lm-eval:"


def evaluate(
    model: EvaluatedModel = None,
    predictions: Predictions = None,
    suite: Suite = None,
    tasks: Items = None,
    out: Folder = None,
    judge: Judge = None,
    ratings: Ratings = None,
    run: TunedOn = None,
    seed: Seed = None,
    config: ConfigFile = None,
    json: Json = False,
    template: TemplateName = None,
    max_tokens: MaxTokens = None,
    stop: Stops = None,
    examples: Examples = None,
    per_task: PerTask = None,
    limit: Limit = None,
    samples: Samples = None,
    temperature: Temperature = None,
    run_code: RunCode = False,
    sandbox: SandboxKind = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    context_window: ContextWindow = None,
    api: Api = "auto",
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
    """Measure a model on tasks with known answers.

    Or score existing --predictions. ROUGE-L and exact match as in Tk-Instruct's evaluation, or a benchmark's own metric, in percent, with 95 % intervals. The same command again resumes it.

    Exit codes: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 6 storage, 7 waiting for batches, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio

    from rich.console import Console

    from selfinstruct.cli.render_evaluation import print_evaluation, print_harness
    from selfinstruct.errors import ConfigError
    from selfinstruct.evaluation.evaluate import evaluate as evaluate_plan
    from selfinstruct.evaluation.harness.run import run_lm_eval
    from selfinstruct.evaluation.harness.tasks import refuse_code
    from selfinstruct.evaluation.judgment import Judgment, answer_digest
    from selfinstruct.evaluation.plan import plan_evaluation
    from selfinstruct.ratings.judges import compare_judges
    from selfinstruct.requests.batch_display import BatchDisplay

    options = asked_options(
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
    progress = Console(stderr=True)
    scored_as_asked = {"template": template, "max_tokens": max_tokens, "stop": stop}
    of_code = {"samples": samples, "temperature": temperature, "sandbox": sandbox}
    if (harness_tasks := _harness_tasks(suite, out, model, judge)) is not None:
        idle = {
            "template": template,
            "stop": stop,
            "predictions": predictions,
            "ratings": ratings,
            "run": run,
        }
        _refuse_idle("--suite lm-eval", {**idle, **of_code, "per_task": per_task})
        if out is None:
            raise ConfigError("There is no folder for the model's answers.", "Name a folder: --out DIR")
        refuse_code(harness_tasks)
        if run_code:
            raise ConfigError(
                "lm-eval has no sandbox for the programs that a model writes.",
                "For --run-code, use --suite humaneval or --suite mbpp.",
            )
        harness = run_lm_eval(
            model,
            harness_tasks,
            out,
            limit=limit,
            shots=examples,
            include=tasks,
            max_tokens=max_tokens,
            options=options,
            config_file=config,
            display=BatchDisplay(progress, "answers"),
        )
        if judge is None or harness.stopped != "done" or harness.scores is None:
            if json:
                print_json(harness.to_json())
            else:
                print_harness(harness, Console())
            finish(harness.stopped, harness.advice, progress)
        if not json:
            print_harness(harness, Console())
        options = {name: value for name, value in options.items() if name.startswith("limits.")}
        model = suite = tasks = limit = examples = max_tokens = config = None
    if predictions is not None:
        _refuse_idle("--predictions", {**scored_as_asked, "examples": examples})
    plan = plan_evaluation(
        out,
        settings={
            "suite": suite,
            "per_task": per_task,
            "limit": limit,
            "examples": examples,
            "samples": samples,
            "temperature": temperature,
            "template": template,
            "max_tokens": max_tokens,
            "stop": tuple(each.replace("\\n", "\n") for each in stop) if stop else None,
            "seed": seed,
        },
        tasks=tasks,
        predictions=predictions,
        run=run,
        model_spec=model,
        judge_spec=judge,
        options=options,
        config_file=config,
        run_code=run_code,
        sandbox=sandbox,
    )
    warn_of_endpoints([each.config for each in (plan.batch, plan.judge) if each is not None], progress)
    outcome = asyncio.run(evaluate_plan(plan, BatchDisplay(progress, "answers")))
    rated = ratings or out
    people = None
    judged = {each.judge: each.levels_by_item() for each in outcome.judgments if isinstance(each, Judgment)}
    if rated is not None and judged:
        answers = {answer_digest(each): each.item.id for each in outcome.predictions}
        people = compare_judges(answers, judged, rated)
    elif ratings is not None:
        what = "put these answers on the four levels" if outcome.judgments else "rated these answers"
        told = f"No judge {what}, so there is nothing to compare --ratings with."
        progress.print(told, style="yellow", soft_wrap=True)
    if json:
        agreement = {} if people is None else {"agreement": people.to_json()}
        print_json(outcome.to_json() | agreement)
    else:
        print_evaluation(outcome, people, Console())
    if (last := outcome.last_batch) is not None:
        finish(last.stopped, last.advice, progress)


def _harness_tasks(
    suite: str | None, out: Path | None, model: str | None, judge: str | None
) -> list[str] | None:
    """The tasks of lm-eval that are to be asked: those of the suite, none for those that a folder was begun
    with; None where it is not lm-eval that is asked. A judge alone needs only the answers that are there.
    """
    from selfinstruct.evaluation.harness.run import begun_by_lm_eval

    if suite is not None:
        return suite.removeprefix(HARNESS).split(",") if suite.startswith(HARNESS) else None
    if out is None or begun_by_lm_eval(out) is None:
        return None
    judged_alone = judge is not None and model is None and (out / "results.json").is_file()
    return None if judged_alone else []


def _refuse_idle(what: str, options: Mapping[str, object]) -> None:
    """Raises ConfigError for an option that was given, and has no use there."""
    from selfinstruct.errors import ConfigError

    for name, value in options.items():
        if value is not None:
            raise ConfigError(f"--{name.replace('_', '-')} cannot be combined with {what}.", "Leave it out.")
