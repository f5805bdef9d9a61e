"""The model of a SPEC, made into one of lm-eval's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.harness.model import HarnessModel, LlamaCppLikelihoods, Scorer
from selfinstruct.models.access import endpoint_access
from selfinstruct.models.catalog import likelihoods, local_file, open_model
from selfinstruct.models.providers import provider_named
from selfinstruct.pipeline.asking import BatchPlan, plan_batch
from selfinstruct.requests.batch_display import BatchDisplay

__all__ = ["opened_for_lm_eval"]

DEFAULT_WINDOW = 2048
"""Tokens that an endpoint's model is taken to read where nobody says."""


@contextmanager
def opened_for_lm_eval(
    spec: str,
    out: Path,
    tasks: Mapping[str, Any],
    *,
    options: Mapping[str, Any],
    config_file: Path | None,
    tokenizer: str | None,
    display: BatchDisplay | None,
) -> Iterator[HarnessModel]:
    """tasks: of lm-eval; a model that cannot do what they need is refused before anything is asked.

    Raises ConfigError for that, and what `plan_batch` raises.
    """
    from lm_eval.api.model import LM

    written = [name for name, task in tasks.items() if task.OUTPUT_TYPE == "generate_until"]
    first = out / "requests" / (written or list(tasks))[0]  # whose settings are those of all
    plan = plan_batch(first, model_spec=spec, options=options, config_file=config_file)
    for name in tasks.keys() - written:
        _check_likelihoods(name, tasks[name].OUTPUT_TYPE, spec, plan)
    with ExitStack() as opened:

        @cache
        def scorer() -> Scorer:
            # A model that is trained anew in the same place is another one.
            kept = out / f"likelihoods-{plan.config.model.digest[:12] or 'endpoint'}.db"
            return opened.enter_context(_cached(_scorer(spec, plan.config, tokenizer), kept))

        LM.register(HarnessModel)
        yield HarnessModel(plan, scorer, display)


def _check_likelihoods(task: str, kind: str, spec: str, plan: BatchPlan) -> None:
    needs = f"{task} asks how likely each of its answers is"
    model = plan.config.model
    told = likelihoods(model)
    if told == "none":
        raise ConfigError(f"{needs}, and {spec} does not tell.", "Take pocket, gguf/FILE or hf/NAME.")
    if kind == "loglikelihood_rolling" and told == "answers":
        raise ConfigError(f"{task} asks how likely whole texts are.", "Take the model as hf/FOLDER.")
    local = provider_named(model.provider, spec).place == "process"
    if model.api == "chat" and not (local or plan.if_refused):
        raise ConfigError(
            f"{needs}, which chat requests do not tell.",
            'Where the endpoint takes completions too, ask by these: `api="completions"`',
        )


def _scorer(spec: str, config: Config, tokenizer: str | None) -> AbstractContextManager[Any]:
    match config.model.provider:
        case "pocket" | "gguf":
            servers = (
                config.endpoint.concurrency or open_model(config.model, config.endpoint).default_concurrency
            )
            path, window = local_file(spec), config.model.context_window
            return LlamaCppLikelihoods(path, servers=servers, context_window=window)
        case "hf":
            return nullcontext(_transformers_scorer(config))
        case _:
            return nullcontext(_endpoint_scorer(config, tokenizer))


def _transformers_scorer(config: Config) -> Any:
    """lm-eval's own `hf`."""
    from selfinstruct.models.huggingface.checkpoint import find_checkpoint
    from selfinstruct.models.huggingface.loading import best_device
    from selfinstruct.models.huggingface.model import require_transformers
    from selfinstruct.models.huggingface.tokenizer import in_gguf

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


def _endpoint_scorer(config: Config, tokenizer: str | None) -> Any:
    """lm-eval's `local-completions`: the endpoint has to echo prompts with log-probabilities; vLLM does."""
    from lm_eval.models.openai_completions import LocalCompletionsAPI

    url, headers = endpoint_access(config.model, config.endpoint)
    return LocalCompletionsAPI(
        base_url=url,
        model=config.model.name,
        tokenizer=tokenizer,
        tokenizer_backend="huggingface" if tokenizer else "auto",
        num_concurrent=config.endpoint.concurrency or 1,
        max_length=config.model.context_window or DEFAULT_WINDOW,
        timeout=int(config.endpoint.timeout_seconds),
        header=headers,
    )


@contextmanager
def _cached(scorer: AbstractContextManager[Any], path: Path) -> Iterator[Scorer]:
    """It, asked only for what is not in lm-eval's own cache yet."""
    from lm_eval.api.model import CachingLM

    with scorer as opened:
        cached = CachingLM(opened, str(path))
        try:
            yield cached
        finally:
            cached.dbdict.close()
