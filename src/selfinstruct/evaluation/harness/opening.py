"""The model of a SPEC, made into one of lm-eval's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.harness.model import BudgetedScorer, HarnessModel, LlamaCppLikelihoods, Scorer
from selfinstruct.models.catalog import likelihoods, local_file, open_model
from selfinstruct.models.providers import provider_named
from selfinstruct.pipeline.asking import BatchPlan, plan_batch
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.store.directory import holds_run

__all__ = ["opened_for_lm_eval"]


@contextmanager
def opened_for_lm_eval(
    spec: str,
    out: Path,
    tasks: Mapping[str, Any],
    *,
    named: bool,
    options: Mapping[str, Any],
    config_file: Path | None,
    display: BatchDisplay | None,
    max_tokens: int | None = None,
) -> Iterator[HarnessModel]:
    """tasks: of lm-eval; a model that cannot do what they need is refused before anything is asked. named:
    whether the user said the model just now; otherwise its endpoint is the one that was asked before.

    Raises ConfigError for that, and what `plan_batch` raises.
    """
    from lm_eval.api.model import LM

    written = [name for name, task in tasks.items() if task.OUTPUT_TYPE == "generate_until"]
    requests = out / "requests"
    first = requests / (written or list(tasks))[0]  # whose settings are those of all
    asked = [path for path in sorted(requests.glob("*")) if path.is_dir() and holds_run(path)]
    if asked and not named:
        plan = plan_batch(asked[0], model_spec=None, options=options, config_file=config_file)
    else:
        plan = plan_batch(first, model_spec=spec, options=options, config_file=config_file)
    for name in tasks.keys() - written:
        _check_likelihoods(name, tasks[name].OUTPUT_TYPE, spec, plan)
    LM.register(HarnessModel)
    local = provider_named(plan.config.model.provider, spec).place == "process"
    if not local and len(written) < len(tasks):
        plan = _by_completions(plan)
    with ExitStack() as opened:

        @cache
        def scorer() -> Scorer:
            # A model that is trained anew in the same place is another one.
            kept = out / f"likelihoods-{plan.config.model.digest[:12]}.db"
            most = plan.config.limits.max_requests
            return opened.enter_context(_cached(_scorer(spec, plan.config), kept, most))

        yield HarnessModel(plan, scorer if local else None, display, max_tokens=max_tokens)


def _by_completions(plan: BatchPlan) -> BatchPlan:
    """Only completions tell likelihoods; texts are then asked for by the same call."""
    configs = (plan.config, plan.if_refused)
    config = next((each for each in configs if each is not None and each.model.api == "completions"), None)
    return plan if config is None else BatchPlan(plan.directory, config, None)


def _check_likelihoods(task: str, kind: str, spec: str, plan: BatchPlan) -> None:
    needs = f"{task} needs the likelihood of each of its answers"
    model = plan.config.model
    told = likelihoods(model)
    if told == "none":
        raise ConfigError(f"{needs}, and {spec} does not return it.", "Use pocket, gguf/FILE or hf/NAME.")
    if kind == "loglikelihood_rolling" and told == "answers":
        raise ConfigError(f"{task} needs the likelihood of whole texts.", "Use the model as hf/FOLDER.")
    local = provider_named(model.provider, spec).place == "process"
    if model.api == "chat" and not (local or plan.if_refused):
        raise ConfigError(
            f"{needs}, which chat requests do not return.",
            'If the endpoint also supports completions, use them: `api="completions"`',
        )


def _scorer(spec: str, config: Config) -> AbstractContextManager[Any]:
    match config.model.provider:
        case "pocket" | "gguf":
            servers = (
                config.endpoint.concurrency or open_model(config.model, config.endpoint).default_concurrency
            )
            path, window = local_file(spec), config.model.context_window
            return LlamaCppLikelihoods(path, servers=servers, context_window=window)
        case _:
            return nullcontext(_transformers_scorer(config))


def _transformers_scorer(config: Config) -> Any:
    """lm-eval's own `hf`."""
    from selfinstruct.models.huggingface.checkpoint import find_checkpoint
    from selfinstruct.models.huggingface.loading import best_device, in_gguf
    from selfinstruct.models.huggingface.model import require_transformers

    checkpoint = find_checkpoint(config.model.name, config.model.digest)
    require_transformers(adapter=checkpoint.base is not None)
    from lm_eval.models.huggingface import HFLM

    adapter = None if checkpoint.base is None else str(checkpoint.local(weights=True))
    return HFLM(
        pretrained=str(checkpoint.model.local(weights=True)),
        **in_gguf(checkpoint.model),
        peft=adapter,
        tokenizer=str(checkpoint.tokenizer().local()),
        device=best_device(),
        max_length=config.model.context_window,
    )


@contextmanager
def _cached(scorer: AbstractContextManager[Any], path: Path, most: int | None) -> Iterator[Scorer]:
    """It, asked only for what is not in lm-eval's own cache yet, and for no more than `most` in all."""
    from lm_eval.api.model import CachingLM

    with scorer as opened:
        budgeted = None if most is None else BudgetedScorer(opened, most)
        cached = CachingLM(budgeted or opened, str(path))
        if budgeted is not None:
            budgeted.known = lambda: len(cached.dbdict)
        try:
            yield cached
        finally:
            cached.dbdict.close()
