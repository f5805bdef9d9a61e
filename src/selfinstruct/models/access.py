"""Where a provider's endpoint is, and the key to it: read from the environment, kept nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from selfinstruct.config import Config, EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.endpoint import Endpoint, expand_headers, header_variables
from selfinstruct.models.providers import Provider, provider_named, provider_of

__all__ = ["endpoint_access", "endpoint_warning", "find_endpoint", "find_served_models", "has_key"]

PROBE_SECONDS = 1.0


def endpoint_access(config: Config) -> tuple[str, dict[str, str]]:
    """An endpoint's base URL, and the headers by which another library gets in: they hold the key, so keep
    them nowhere. Raises `ConfigError` as `open_model`."""
    endpoint = find_endpoint(config.endpoint, config.model)
    key = {} if endpoint.api_key is None else {"Authorization": f"Bearer {endpoint.api_key}"}
    return endpoint.base_url, {**key, **endpoint.headers}


def find_endpoint(endpoint: EndpointConfig, model: ModelConfig) -> Endpoint:
    """Where a provider's requests go, with its key and its headers from the environment.

    Raises `ConfigError` for an address, a key or a variable that is missing, `UnknownModelError` as
    `parse_spec`.
    """
    provider = provider_of(model)
    base_url = endpoint.base_url or provider.base_url
    if not base_url:
        raise ConfigError("The endpoint's address is missing.", "Give it as --base-url http://HOST:PORT/v1")
    variable = _key_variable(endpoint, provider)
    key = _read_key(variable)
    if key is None and (provider.needs_key or endpoint.api_key_env):
        raise ConfigError(
            f"The environment variable {variable} is not set.", f"It should hold the API key of {base_url}."
        )
    headers, secrets = expand_headers(endpoint.headers, os.environ)
    hint = f"The key is read from the environment variable {variable}." if variable else ""
    return Endpoint(base_url, model.name, key, hint, headers, secrets, provider.renamed)


def endpoint_warning(endpoint: EndpointConfig, provider: str = "http") -> str | None:
    """A sentence for the user where a key would cross a network unencrypted, else None."""
    row = provider_named(provider, provider)
    base_url = endpoint.base_url or row.base_url
    variables = [_key_variable(endpoint, row), *header_variables(endpoint.headers)]
    sent = [variable for variable in variables if _read_key(variable)]
    parts = urlsplit(base_url)
    loopback = parts.hostname in {"localhost", "::1"} or (parts.hostname or "").startswith("127.")
    if parts.scheme != "http" or loopback or not sent:
        return None
    return f"Warning: {base_url} is plain http, and the key in {', '.join(sent)} is sent to it unencrypted."


def has_key(provider: Provider) -> bool:
    """Whether the variable that holds the provider's key is set."""
    return _read_key(provider.key_variable) is not None


def find_served_models(providers: Iterable[Provider]) -> Mapping[str, tuple[str, ...] | None]:
    """Ask each provider's server which models it has: provider's name to their names, None where nothing
    answered within a second."""
    import asyncio

    from selfinstruct.models.http import list_models

    async def ask_all() -> Mapping[str, tuple[str, ...] | None]:
        async with asyncio.TaskGroup() as group:
            asked = {
                row.name: group.create_task(
                    list_models(row.base_url, api_key=_read_key(row.key_variable), seconds=PROBE_SECONDS)
                )
                for row in providers
            }
        return {name: task.result() for name, task in asked.items()}

    return asyncio.run(ask_all())


def _key_variable(endpoint: EndpointConfig, provider: Provider) -> str:
    return endpoint.api_key_env or provider.key_variable


def _read_key(variable: str) -> str | None:
    return os.environ.get(variable, "").strip() or None
