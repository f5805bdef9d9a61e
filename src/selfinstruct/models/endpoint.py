"""Which endpoint is asked, and what may be said about it: never its key, never a whole reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from selfinstruct.errors import ConfigError

__all__ = ["Endpoint"]

QUOTED_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible API. Raises `ConfigError` for a base URL or a key that cannot work.

    base_url: http or https, without the trailing slash; `/completions` is appended to it.
    api_key: None where the endpoint wants none; an empty one is none.
    key_hint: a sentence that says where the key is looked for; ends the message when it is refused.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    key_hint: str = ""

    def __post_init__(self) -> None:
        base_url, key = self.base_url.strip().rstrip("/"), (self.api_key or "").strip() or None
        _check_base_url(base_url)
        if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
            raise ConfigError(
                "The API key holds spaces, line breaks or characters outside ASCII.", self.key_hint
            )
        object.__setattr__(self, "base_url", base_url)
        object.__setattr__(self, "api_key", key)

    def url(self, api: Literal["completions", "chat"]) -> str:
        """Where requests of this kind are posted."""
        return f"{self.base_url}/{'chat/completions' if api == 'chat' else 'completions'}"

    def quote(self, text: str) -> str:
        """What the endpoint said, for a message: one printable line of at most 200 characters, with the
        key blotted out should the endpoint have echoed it."""
        if self.api_key is not None:
            text = text.replace(self.api_key, "[key]")  # before the cut, which could leave half a key
        start = text[: 10 * QUOTED_CHARACTERS]
        line = " ".join("".join(char if char.isprintable() else " " for char in start).split())
        return line if len(line) <= QUOTED_CHARACTERS else f"{line[: QUOTED_CHARACTERS - 1]}…"


def _check_base_url(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"The base URL cannot be read ({error}).", _EXAMPLE) from None
    if parts.username is not None or parts.password is not None:  # a run would store it
        raise ConfigError(
            "The base URL carries a user name or a password.",
            "Leave them out; a key comes from an environment variable.",
        )
    if parts.scheme not in ("http", "https") or not host or any(char.isspace() for char in base_url):
        raise ConfigError(f"The base URL {base_url!r} is not an http or https URL.", _EXAMPLE)
    if parts.query or parts.fragment:
        raise ConfigError(f"The base URL {base_url} has a query or a fragment.", _EXAMPLE)
    if parts.path.endswith("/completions"):
        raise ConfigError(
            f"The base URL {base_url} is that of one call, not of the API.",
            f"Give {base_url.removesuffix('/completions').removesuffix('/chat')} instead.",
        )


_EXAMPLE = "It looks like https://api.openai.com/v1 or http://127.0.0.1:8080/v1."
