"""Which endpoint is asked, and what may be said about it: never its key, never a whole reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from selfinstruct.errors import ConfigError
from selfinstruct.models.base import Api

__all__ = ["Endpoint", "expand_headers", "header_variables"]

QUOTED_CHARACTERS = 200
SHORTEST_SECRET = 8
"""Characters from which a secret is masked wherever it stands. A shorter one may be part of ordinary words,
so that masking it would spoil messages: a key is then masked where it stands alone, and a header's value not
at all, since not every header holds a secret."""
SHORTEST_KEY = 4
"""Characters below which a key is not masked at all: `a` and `x` are words or letters of the message itself,
and a key that anyone can guess protects nothing."""
_REFERENCE = re.compile(r"\$\{(\w+)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
_SECRET_NAME = re.compile(r"(^|[-_])(api)?(key|token|sig|signature|secret|password|code)$", re.IGNORECASE)
_OF_THE_BODY = frozenset({"content-encoding", "content-length", "content-type", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible API. Raises `ConfigError` for a base URL or a key that cannot work.

    base_url: http or https, without the trailing slash; may end in a query, such as `?api-version=…`, which
        is sent with every call.
    api_key: None where the endpoint wants none; an empty one is none.
    key_hint: a sentence that says where the key is looked for; ends the message when it is refused.
    headers: sent with every request, over what would be sent otherwise.
    secrets: texts besides the key that no message may show.
    renamed: what it calls some fields: our name to its own.
    key_header: what the key is sent in; after `Bearer` in `Authorization`, by itself in any other.
    extra_fields: those that every request has besides ours, from `model.extra_body`.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    key_hint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    renamed: Mapping[str, str] = field(default_factory=dict)
    key_header: str = "Authorization"
    extra_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        base_url, key = _tidy(self.base_url), (self.api_key or "").strip() or None
        _check_base_url(base_url)
        _check_headers(self.headers)
        if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
            raise ConfigError(
                "The API key holds spaces, line breaks or characters outside ASCII.", self.key_hint
            )
        object.__setattr__(self, "base_url", base_url)
        object.__setattr__(self, "api_key", key)

    def url(self, api: Api) -> str:
        """Where requests of this kind are posted."""
        return self.at("/chat/completions" if api == "chat" else "/completions")

    def at(self, path: str) -> str:
        """The address of one of its calls: the path, with its slash, goes before the query."""
        address, mark, query = self.base_url.partition("?")
        return f"{address}{path}{mark}{query}"

    def key_headers(self) -> dict[str, str]:
        """The header that holds the key; none without a key. Keep it nowhere."""
        if self.api_key is None:
            return {}
        return {
            self.key_header: f"Bearer {self.api_key}" if self.key_header == "Authorization" else self.api_key
        }

    def quote(self, text: str) -> str:
        """What the endpoint said, for a message: one printable line of at most 200 characters, with the
        key masked should the endpoint have echoed it. For people only: what is decided is decided on the
        endpoint's own text."""
        for secret in (self.api_key, *self.secrets):
            if secret is not None:
                text = _mask(text, secret)  # before the cut, which could leave half a key
        start = text[: 10 * QUOTED_CHARACTERS]
        line = " ".join("".join(char if char.isprintable() else " " for char in start).split())
        return line if len(line) <= QUOTED_CHARACTERS else f"{line[: QUOTED_CHARACTERS - 1]}…"


def header_variables(headers: Mapping[str, str]) -> list[str]:
    """The environment variables that header values refer to, as `${NAME}`."""
    return [name for value in headers.values() for name in _REFERENCE.findall(value)]


def expand_headers(
    headers: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The headers with every `${NAME}` replaced by that variable, and what was put in, for
    `Endpoint.secrets`. Raises `ConfigError` naming a variable that is not set, or is empty."""
    values = {name: environment.get(name, "").strip() for name in header_variables(headers)}
    for name, value in values.items():
        if not value:
            raise ConfigError(
                f"The environment variable {name} is not set.", "A header of endpoint.headers refers to it."
            )
    expanded = {
        name: _REFERENCE.sub(lambda match: values[match[1]], value) for name, value in headers.items()
    }
    return expanded, tuple(value for value in values.values() if len(value) >= SHORTEST_SECRET)


def _mask(text: str, secret: str) -> str:
    if len(secret) >= SHORTEST_SECRET:
        return text.replace(secret, "[key]")
    if len(secret) >= SHORTEST_KEY:
        return re.sub(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", "[key]", text)
    return text


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ConfigError(f"{name!r} in endpoint.headers is not the name of a header.")
        if name.lower() in _OF_THE_BODY:
            raise ConfigError(f"The header {name} follows from the request.", "Leave it out.")
        if not (value.isascii() and value.isprintable()):  # its value may be a secret
            raise ConfigError(f"The header {name} holds line breaks or characters outside ASCII.")


def _tidy(base_url: str) -> str:
    """Without white space around it, slashes before its query, or an empty query."""
    address, _, query = base_url.strip().partition("?")
    return address.rstrip("/") + (f"?{query}" if query else "")


def _check_base_url(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"The base URL cannot be read ({error}).", _EXAMPLE) from None
    if parts.username is not None or parts.password is not None:  # a run would store it
        raise ConfigError(
            "The base URL contains a user name or password.",
            "Remove them; keys are read from an environment variable.",
        )
    if parts.scheme not in ("http", "https") or not host or any(char.isspace() for char in base_url):
        raise ConfigError(f"The base URL {base_url!r} is not an http or https URL.", _EXAMPLE)
    if parts.fragment:
        raise ConfigError(f"The base URL {base_url} has a fragment.", "Remove the # and what follows it.")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if _SECRET_NAME.search(name):
            raise ConfigError(
                f"The base URL's query holds a secret: {name}.",  # a run would store it
                "Remove it; keys are read from an environment variable: see `api_key_env`, or"
                " endpoint.headers in a config file.",
            )
    if parts.path.endswith("/completions"):
        whole = parts.path.removesuffix("/completions").removesuffix("/chat")
        raise ConfigError(
            f"The base URL {base_url} is the URL of one call, not of the API.",
            f"Give {parts._replace(path=whole).geturl()} instead.",
        )


_EXAMPLE = "It looks like https://api.openai.com/v1 or http://127.0.0.1:8080/v1."
