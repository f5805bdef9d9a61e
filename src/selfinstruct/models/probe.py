"""One small request to a model, to find out whether a run would get through: with the key that is there, by
the call that it takes, and without what its endpoint does not take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from time import perf_counter

from selfinstruct.config import EndpointConfig, ModelConfig, StageConfig
from selfinstruct.errors import (
    ConfigError,
    EndpointMismatchError,
    ParameterRejectedError,
    RequestTimeoutError,
    SelfInstructError,
    UnknownModelError,
    UnrecognizedError,
)
from selfinstruct.models.access import find_endpoint, found_key
from selfinstruct.models.base import NegotiableModel
from selfinstruct.models.catalog import open_model, parse_spec, suiting_api
from selfinstruct.models.finding import ProbeResult
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.providers import PROVIDERS, model_at, provider_of
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage

__all__ = ["probe", "what_to_probe"]

SECONDS = 10.0  # for all that is sent to one endpoint
LISTING_SECONDS = 3.0
LOADING_SECONDS = 60.0  # for a model of this process, which may have to be loaded
ATTEMPTS = 8  # by either call: some endpoints refuse one field after another
NAMES_SHOWN = 5
OUT_OF_ROOM = "max_tokens or model output limit was reached"  # OpenAI's refusal where thinking took it all
_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
# As a run asks that is hard to please: greedily, with a system message, a seed and a schema.
_SAMPLING = Sampling(0.0, 1.0, 0.0, 0.0, max_tokens=16, response_schema=json.dumps(_SCHEMA))
_REQUEST = Request(Stage.INSTANCES, 0, Prompt("Answer in JSON.\n", "Is 2 an even number?", _SAMPLING, 0), 1)
_UNNAMED = {"pocket": "pocket", "scripted": "demo"}  # what a config calls the model of a SPEC without one
_THOUGHT = Completion("", "length", 0, _SAMPLING.max_tokens, estimated=True, seconds=0)


def what_to_probe(
    names: Sequence[str], *, base_url: str | None = None, api_key_env: str | None = None
) -> list[StageConfig]:
    """What to ask and where, one a probe; a model without a name stands for the first
    that the endpoint lists.

    names: SPECs or names of providers; with base_url, what the models are called there. Without any: that
        endpoint, or every server on this machine and every provider whose key is there.
    Raises what `parse_spec` raises.
    """
    if base_url is not None:
        at = [model_at(base_url, name) for name in names or [""]]
        models = [ModelConfig(provider=provider, name=name) for provider, name in at]
    else:
        rows = [row.name for row in PROVIDERS.values() if row.place == "machine" or _is_ready(row.name)]
        models = [_model(name) for name in names or rows]
    endpoint = EndpointConfig(base_url=base_url, api_key_env=api_key_env, timeout_seconds=2 * SECONDS)
    return [StageConfig(model=model, endpoint=endpoint) for model in models]


async def probe(configs: Sequence[StageConfig]) -> list[ProbeResult]:
    """What was found of each, in the same order; all are asked at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_probe(config)) for config in configs]
    return [task.result() for task in tasks]


def _is_ready(name: str) -> bool:
    row = PROVIDERS[name]
    return row.needs_key and found_key(row) is not None


def _model(name: str) -> ModelConfig:
    row = PROVIDERS.get(name)
    if row is None or row.place == "process":
        return parse_spec(name)
    named = _named(row.example)
    return ModelConfig(provider=row.name, name="" if named.isupper() else named)


def _named(example: str) -> str:
    return example.partition("/")[2]


async def _probe(config: StageConfig) -> ProbeResult:
    local = provider_of(config.model).place == "process"
    finding, limit = ProbeResult(_spec(config), "", "no_answer"), LOADING_SECONDS if local else SECONDS
    try:
        async with asyncio.timeout(limit):
            if not local:
                endpoint = find_endpoint(config.model, config.endpoint)
                finding = replace(finding, base_url=endpoint.base_url)
                if not config.model.name:
                    finding = replace(finding, models=await _listed(config, endpoint))
                    config = _naming(config, finding.models)
                    finding = replace(finding, spec=_spec(config) if finding.models else finding.spec)
            return await _found(config, finding)
    except UnknownModelError as error:
        return finding.failed(UnknownModelError(error.message, await _nearest(config) or error.hint))
    except SelfInstructError as error:
        return finding.failed(error)
    except TimeoutError:
        said = f"No reply from {finding.base_url or finding.spec} within {limit:g} s."
        return finding.failed(RequestTimeoutError(said, "It may still be loading the model: try again."))


async def _listed(config: StageConfig, endpoint: Endpoint) -> tuple[str, ...] | None:
    """The models of an endpoint that was given without one; None where it does not say."""
    from selfinstruct.models.http.model import list_models

    provider = provider_of(config.model)
    if provider.place != "machine" and _named(provider.example).isupper():
        raise ConfigError(f"Which model of {provider.name}?", f"Name yours: {provider.example}")
    listed = await list_models(endpoint, seconds=LISTING_SECONDS)
    if listed == ():
        raise ConfigError(f"{endpoint.base_url} answers, and has no model.", "Load one there.")
    return listed


def _naming(config: StageConfig, listed: Sequence[str] | None) -> StageConfig:
    """The config for the first of them, or for a name by which the endpoint tells what is wrong."""
    name = listed[0] if listed else "default"
    return config.model_copy(update={"model": config.model.model_copy(update={"name": name})})


async def _nearest(config: StageConfig) -> str:
    """What an endpoint that does not know the model has instead; empty where it does not say."""
    from selfinstruct.models.http.model import list_models

    try:
        endpoint = find_endpoint(config.model, config.endpoint)
    except SelfInstructError:
        return ""
    listed = await list_models(endpoint, seconds=LISTING_SECONDS)
    if not listed:
        return "" if listed is None else "It lists none."
    near = get_close_matches(config.model.name, listed, n=NAMES_SHOWN, cutoff=0.4) or listed[:NAMES_SHOWN]
    more = f" and {len(listed) - len(near)} more" if len(listed) > len(near) else ""
    return f"It lists {', '.join(near)}{more}."


async def _found(config: StageConfig, finding: ProbeResult) -> ProbeResult:
    """By the call that suits the model, or by whichever it takes."""
    known = suiting_api(config.model)
    refused: SelfInstructError | None = None
    for api in (known,) if known else ("chat", "completions"):
        by = config.model_copy(update={"model": config.model.model_copy(update={"api": api})})
        try:
            return await _found_by(by, replace(finding, api=api))
        except (EndpointMismatchError, UnknownModelError) as error:
            if refused is None or isinstance(error, UnknownModelError):
                refused = error
    assert refused is not None
    raise refused


async def _found_by(config: StageConfig, finding: ProbeResult) -> ProbeResult:
    """Asked again without what is refused, as a run does."""
    model, stage = open_model(config.model, config.endpoint), _REQUEST.stage
    try:
        for _ in range(ATTEMPTS):
            began = perf_counter()
            try:
                reply = await model.complete(_REQUEST)
            except ParameterRejectedError as error:
                if not isinstance(model, NegotiableModel):
                    raise
                adapted = model.capabilities(stage).after(error, _SAMPLING)
                if adapted is None:
                    raise
                model.adopt(stage, adapted)
                continue
            except UnrecognizedError as error:
                if OUT_OF_ROOM not in error.message:
                    raise
                reply = _THOUGHT
            changes: tuple[str, ...] = ()
            if isinstance(model, NegotiableModel):
                changes = model.capabilities(stage).changes(_SAMPLING)
            return replace(
                finding,
                outcome="works",
                seconds=perf_counter() - began,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                changes=changes,
            )
        raise UnrecognizedError(f"It refused {ATTEMPTS} requests, one field after another.")
    finally:
        await model.aclose()


def _spec(config: StageConfig) -> str:
    model = config.model
    if config.endpoint.base_url:
        return model.name or config.endpoint.base_url
    return (
        f"{model.provider}/{model.name}"
        if model.name not in ("", _UNNAMED.get(model.provider))
        else model.provider
    )
