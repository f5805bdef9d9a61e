"""Where a provider's endpoint is, and the key to it: read from the environment, kept nowhere else."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.http.endpoint import Endpoint, expand_headers, header_variables
from selfinstruct.models.provider import Provider
from selfinstruct.models.providers import CUSTOM, provider_named, provider_of

__all__ = [
    "endpoint_access",
    "endpoint_warning",
    "find_endpoint",
    "found_key",
    "is_hosted",
    "require_variable_name",
]

_VARIABLES = re.compile(r"\{([A-Z_|]+)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_KEY_LIKE = re.compile(r"[A-Za-z0-9]{20,}")


def endpoint_access(model: ModelConfig, endpoint: EndpointConfig) -> tuple[str, dict[str, str]]:
    """Where an endpoint's completions are posted, and the headers by which another library gets in: they hold
    the key, so keep them nowhere. Raises `ConfigError` as `open_model`."""
    found = find_endpoint(model, endpoint)
    return found.url("completions"), {**found.key_headers(), **found.headers}


def find_endpoint(model: ModelConfig, endpoint: EndpointConfig) -> Endpoint:
    """Where a provider's requests go, with its key and its headers from the environment.

    Raises `ConfigError` for an address, a key or a variable that is missing, `UnknownModelError` as
    `parse_spec`.
    """
    provider = provider_of(model)
    base_url = _address(endpoint, provider)
    variables = _key_variables(endpoint, provider)
    key = next(filter(None, map(_read, variables)), None)
    if key is None and (provider.needs_key or endpoint.api_key_env):
        raise ConfigError(
            f"The environment variable {_either(variables)} is not set.",
            f"It should hold the API key of {base_url}.",
        )
    headers, secrets = expand_headers(endpoint.headers, os.environ)
    hint = f"The key is read from the environment variable {_either(variables)}." if variables else ""
    return Endpoint(base_url, model.name, key, hint, headers, secrets, provider.renamed, provider.key_header)


def endpoint_warning(endpoint: EndpointConfig, provider: str = "http") -> str | None:
    """A sentence for the user where a key would cross a network unencrypted, else None. Of a model of the
    user's own nothing is known."""
    if provider == CUSTOM:
        return None
    row = provider_named(provider, provider)
    variables = [*_key_variables(endpoint, row), *header_variables(endpoint.headers)]
    sent = [variable for variable in variables if _read(variable)]
    try:
        base_url = _address(endpoint, row)
    except ConfigError:  # said where the endpoint is opened
        return None
    if urlsplit(base_url).scheme != "http" or _on_this_machine(base_url) or not sent:
        return None
    return f"Warning: {base_url} is plain http, and the key in {', '.join(sent)} is sent to it unencrypted."


def require_variable_name(name: str | None) -> None:
    """Raises `ConfigError`, which does not repeat it, where what should be a variable's name looks like a key
    and no variable is called so: people paste keys there, and messages end up in logs."""
    if name is None or name in os.environ:
        return
    mixed = any(
        any(map(str.isdigit, part)) + any(map(str.isupper, part)) + any(map(str.islower, part)) > 1
        for part in _KEY_LIKE.findall(name)
    )
    if mixed or not _NAME.fullmatch(name):
        raise ConfigError(
            "`api_key_env` takes the name of an environment variable, not the key itself, and what was given"
            " looks like a key.",
            "Set a variable such as OPENAI_API_KEY to the key, and give its name.",
        )


def found_key(provider: Provider) -> str | None:
    """The variable that the provider's key would be read from now; None where none is set."""
    return next(filter(_read, provider.keys), None)


def is_hosted(model: ModelConfig, endpoint: EndpointConfig) -> bool:
    """Whether requests leave this machine, so that somebody may charge for them. What a model of the user's
    own does is not known: it counts as one of this machine."""
    provider = provider_of(model)
    base_url = endpoint.base_url or provider.base_url
    return provider.place != "process" and not _on_this_machine(base_url)


def _address(endpoint: EndpointConfig, provider: Provider) -> str:
    base_url = endpoint.base_url or _VARIABLES.sub(
        lambda match: _variable(match[1].split("|"), provider), provider.base_url
    )
    if not base_url:
        raise ConfigError("The endpoint's address is missing.", 'Give it as `base_url="http://HOST:PORT/v1"`')
    address, mark, query = base_url.partition("?")
    if provider.root and "://" in address and not urlsplit(address).path.strip("/"):
        address = address.rstrip("/") + provider.root
    return f"{address}{mark}{query}"


def _variable(names: list[str], provider: Provider) -> str:
    value = next(filter(None, map(_read, names)), None)
    if value is None:
        raise ConfigError(
            f"The environment variable {_either(names)} is not set.",
            f"The address of {provider.title} is read from it; or give that as `base_url`.",
        )
    return value


def _on_this_machine(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _key_variables(endpoint: EndpointConfig, provider: Provider) -> tuple[str, ...]:
    """With a base URL elsewhere, OpenAI's counts too, whoever's address it is. Raises as
    `require_variable_name`."""
    if endpoint.api_key_env:
        require_variable_name(endpoint.api_key_env)
        return (endpoint.api_key_env,)
    given = ("OPENAI_API_KEY",) if endpoint.base_url and provider.place == "network" else ()
    return tuple(dict.fromkeys((*provider.keys, *given)))


def _either(names: list[str] | tuple[str, ...]) -> str:
    return f"{names[0]} (or {', '.join(names[1:])})" if names[1:] else names[0]


def _read(variable: str) -> str | None:
    return os.environ.get(variable, "").strip() or None
