"""Embeddings of any texts, in a folder of their own that resumes: what `check` and `merge` compare by."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from selfinstruct.config import Config, EndpointConfig, MeaningConfig, ModelConfig, SeedsConfig
from selfinstruct.errors import ConfigError, EndpointUnavailableError
from selfinstruct.models.access import require_variable_name
from selfinstruct.models.catalog import embedding_notice, parse_embedding_spec
from selfinstruct.models.embeddings import Vector
from selfinstruct.models.providers import model_at
from selfinstruct.pipeline.meaning import read_vectors, texts_prompt
from selfinstruct.records import Completion
from selfinstruct.requests.batch import complete_batch
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.failures import storage_errors

__all__ = ["embed_texts", "embedding_model", "require_embeddings_folder"]


def embedding_model(
    spec: str, *, threshold: float, base_url: str | None = None, api_key_env: str | None = None
) -> MeaningConfig:
    """The config section of an embedding model, named as everywhere. Raises as `parse_spec`, and ConfigError
    for a kind of model that makes no embeddings here."""
    require_variable_name(api_key_env)
    if base_url is None:
        model = parse_embedding_spec(spec)
    else:
        provider, name = model_at(base_url, spec)
        model = ModelConfig(provider=provider, name=name)
    endpoint = EndpointConfig(base_url=base_url, api_key_env=api_key_env)
    return MeaningConfig(model=model, endpoint=endpoint, threshold=threshold)


def require_embeddings_folder(directory: Path) -> None:
    """Raises ConfigError for a file, and for a folder that holds something else than embeddings."""
    with storage_errors(directory):
        if directory.exists() and not directory.is_dir():
            raise ConfigError(f"{directory} is a file, not a folder.", "Name a folder: `embeddings=DIR`")
        if directory.exists() and not RunPaths(directory).database.exists() and any(directory.iterdir()):
            raise ConfigError(
                f"{directory} holds files, but no embeddings.", "Name a new or empty folder: `embeddings=DIR`"
            )


async def embed_texts(
    texts: Sequence[str],
    meaning: MeaningConfig,
    directory: Path | None = None,
    *,
    display: BatchDisplay | None = None,
) -> list[Vector | None]:
    """One for each text; None where its request was lost.

    directory: keeps the requests and the vectors, so that nothing is asked twice: with the same texts, after
        whatever interruption; None for a folder that is removed in the end. Raises EndpointUnavailableError
        where the endpoint is given up on, and what `complete_batch` raises.
    """
    size = meaning.texts_a_request
    numbered = list(enumerate(texts))
    prompts = [
        texts_prompt(numbered[start : start + size], meaning.prefix) for start in range(0, len(texts), size)
    ]
    if display is not None and (notice := embedding_notice(meaning.model)):
        display.say(notice)
    config = Config(model=meaning.model, endpoint=meaning.endpoint, seeds=SeedsConfig())
    with ExitStack() as stack:
        if directory is None:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="selfinstruct-embeddings-"))
            directory = Path(made) / "embeddings"
        outcome = await complete_batch(
            directory,
            config,
            prompts,
            name_of=lambda number: f"texts {number * size} to {number * size + size - 1}",
            display=display,
            embeds=True,
        )
        if outcome.stopped != "done":
            raise EndpointUnavailableError(outcome.advice or "The embeddings are not complete.")
    vectors: dict[int, Vector] = {}
    for prompt, reply in zip(prompts, outcome.outcomes, strict=True):
        if isinstance(reply, Completion):
            vectors.update(read_vectors(prompt.body, reply.text))
    return [vectors.get(number) for number in range(len(texts))]
