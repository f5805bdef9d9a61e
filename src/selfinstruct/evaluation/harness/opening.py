"""The model of a SPEC, made into one of lm-eval's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.evaluation.harness.model import HarnessModel, LlamaCppLikelihoods, Scorer
from selfinstruct.models.catalog import endpoint_access, is_local, local_file, open_model
from selfinstruct.pipeline.asking import BatchPlan, plan_batch
from selfinstruct.pipeline.batch_display import BatchDisplay

__all__ = ["opened_for_lm_eval"]

LIKELIHOODS = ("loglikelihood", "multiple_choice")
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
) -> Iterator[tuple[Any, str | None]]:
    """An `LM`, and the path of the cache that lm-eval is to keep itself; None where it keeps none.

    tasks: of lm-eval; a model that cannot do what they need is refused before anything is asked.
    Raises ConfigError for that, MissingExtraError, and what `plan_batch` raises.
    """
    if spec.startswith("hf/"):
        yield _transformers_model(spec.removeprefix("hf/")), str(out / "cache")
        return
    written = [name for name, task in tasks.items() if task.OUTPUT_TYPE == "generate_until"]
    first = out / "requests" / (written or list(tasks))[0]  # whose settings are those of all
    plan = plan_batch(first, model_spec=spec, options=options, config_file=config_file)
    scorer: AbstractContextManager[Scorer] = nullcontext()  # type: ignore[assignment] # never asked
    for name, task in tasks.items():
        if task.OUTPUT_TYPE == "loglikelihood_rolling":
            raise ConfigError(
                f"{name} asks how likely whole texts are.", "Only hf/ models tell: --model hf/NAME"
            )
        if task.OUTPUT_TYPE in LIKELIHOODS:
            scorer = _cached(_scorer(name, plan, spec, tokenizer), out / "likelihoods.db")
            break
    from lm_eval.api.model import LM

    LM.register(HarnessModel)
    yield HarnessModel(plan, scorer, display), None


def _transformers_model(name: str) -> Any:
    """lm-eval's own `hf` model: a folder, an adapter's folder, or a name on the Hub."""
    try:
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise MissingExtraError(
            f"hf/{name} needs torch and transformers, which are not installed.",
            "Install them with: pip install 'selfinstruct[train]'",
        ) from error
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return HFLM(pretrained=name, device=device)
    adapter = folder / "adapter_config.json"
    if not adapter.is_file():
        return HFLM(pretrained=str(folder), device=device)
    base = json.loads(adapter.read_text(encoding="utf-8"))["base_model_name_or_path"]
    return HFLM(pretrained=base, peft=str(folder), device=device)


def _scorer(task: str, plan: BatchPlan, spec: str, tokenizer: str | None) -> AbstractContextManager[Any]:
    config = plan.config
    needs = f"{task} asks how likely each of its answers is"
    if config.model.provider in ("pocket", "gguf"):
        servers = config.endpoint.concurrency or open_model(config).default_concurrency
        path = local_file(spec)
        return LlamaCppLikelihoods(path, servers=servers, context_window=config.model.context_window)
    if is_local(config.model.provider):
        raise ConfigError(f"{needs}, and {spec} does not tell.", "Take pocket, gguf/FILE or hf/NAME.")
    if config.recipe.name == "chat" and not plan.either_call:
        raise ConfigError(
            f"{needs}, which chat requests do not tell.",
            "Where the endpoint takes completions too, ask by these: --call completions",
        )
    return nullcontext(_endpoint_scorer(config, tokenizer))


def _endpoint_scorer(config: Config, tokenizer: str | None) -> Any:
    """lm-eval's `local-completions`: the endpoint has to echo prompts with log-probabilities; vLLM does."""
    from lm_eval.models.openai_completions import LocalCompletionsAPI

    base_url, headers = endpoint_access(config)
    return LocalCompletionsAPI(
        base_url=f"{base_url.rstrip('/')}/completions",
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
