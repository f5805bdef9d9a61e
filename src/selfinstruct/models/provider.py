"""What is known of a provider before a request is sent: one row of the table in providers.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from selfinstruct.models.base import Api, Capabilities
from selfinstruct.models.batching import BatchTerms

__all__ = ["Provider"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One row.

    name: what a SPEC begins with.
    title: what it is, for people.
    example: a SPEC; a word in capitals stands for something of the user's.
    place: where the model runs: in this process, on this machine behind a server, or elsewhere.
    base_url: empty where there is none, and for `http`, whose address is the user's to give. `{A|B}` stands
        for the value of the first of these environment variables that is set.
    root: the path of its API, for an address that is given without a path.
    hosts: a pattern of the hosts at which an address that the user gives is this provider's too.
    path: a pattern in the path of such an address, whatever its host: gateways have hosts of their own.
    keys: the environment variables that may hold the key, the provider's own name for it first; none where
        no key is ever sent.
    key_header: what the key is sent in; after `Bearer` in `Authorization`, by itself in any other.
    needs_key: whether nothing works without one.
    api: `chat` where no completions call continues a text as it stands; `either` where one may, which a
        model of its own may still refuse.
    chat: what its chat call is known to take.
    renamed: what it calls some fields: our name to its own.
    extra_body: fields that some models have to be sent: a pattern of their whole names to the fields.
    batch: what is known of its batches; the defaults where nothing is.
    """

    name: str
    title: str
    example: str
    place: Literal["process", "machine", "network"]
    base_url: str = ""
    root: str = ""
    hosts: str = ""
    path: str = ""
    keys: tuple[str, ...] = ()
    key_header: str = "Authorization"
    needs_key: bool = False
    api: Literal["chat", "either"] = "either"
    chat: Capabilities = Capabilities(api="chat")  # noqa: RUF009 - a frozen value
    renamed: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    batch: BatchTerms = BatchTerms()  # noqa: RUF009 - a frozen value

    def capabilities(self, api: Api) -> Capabilities:
        """What to send at first."""
        return self.chat if api == "chat" else Capabilities()

    def fields_for(self, model: str) -> dict[str, Any]:
        """What a request to this model has to hold besides the usual; mostly nothing."""
        wanted = (fields for pattern, fields in self.extra_body.items() if re.fullmatch(pattern, model))
        return {name: value for fields in wanted for name, value in fields.items()}
