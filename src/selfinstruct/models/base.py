"""What every model is: something that completes requests, one attempt a call.

Retrying, pacing, budgets and recording belong to pipeline/; a model only sends one request and returns
the completion, or raises one of the errors of errors.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol, runtime_checkable

from selfinstruct.records import Completion, Request

__all__ = ["Capabilities", "Model", "NegotiableModel"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an endpoint takes; settled by the first request of a run, recorded, then fixed.

    api: which of the two OpenAI-compatible calls is used.
    max_tokens_field: newer chat endpoints reject `max_tokens` for `max_completion_tokens`.
    unsupported: what the endpoint rejects and is therefore left out, each a name in `OPTIONAL_FIELDS`.
        `system` is no field but a role: its message is put before the user's.
    """

    api: Literal["completions", "chat"] = "completions"
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    unsupported: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As kept in a run."""
        return {**asdict(self), "unsupported": list(self.unsupported)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Capabilities:
        """The inverse of `to_json`."""
        return cls(**{**value, "unsupported": tuple(value["unsupported"])})

    def without(self, parameter: str) -> Capabilities | None:
        """The next thing to try when `parameter` was rejected; None when nothing is left to change.

        A rejected `max_tokens` is sent under its newer name, any other optional field is left out.
        """
        if parameter == "max_tokens" and self.max_tokens_field == "max_tokens":
            return replace(self, max_tokens_field="max_completion_tokens")
        if parameter not in OPTIONAL_FIELDS or parameter in self.unsupported:
            return None
        return replace(self, unsupported=tuple(sorted({*self.unsupported, parameter})))


OPTIONAL_FIELDS = frozenset(
    {
        "seed", "presence_penalty", "frequency_penalty", "stop", "top_p", "temperature", "response_format",
        "system",
    }
)  # fmt: skip


class Model(Protocol):
    """Whatever completes requests."""

    @property
    def default_concurrency(self) -> int:
        """Requests in flight when the user does not say."""

    @property
    def context_window(self) -> int | None:
        """Tokens of prompt and reply together; None where unknown."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text: the model's own count where it is at hand, else an estimate. Prompts are
        fitted to the context window with it."""

    async def complete(self, request: Request) -> Completion:
        """One attempt. Raises a `RequestError` when this attempt failed (the class says whether to
        retry), a `UserError` when no attempt can succeed. Cancelling it abandons the reply."""

    async def aclose(self) -> None:
        """Release connections, threads and memory. May be called twice."""


@runtime_checkable
class NegotiableModel(Model, Protocol):
    """A model whose endpoint may not take every parameter."""

    @property
    def capabilities(self) -> Capabilities:
        """What is sent at present."""

    def adopt(self, capabilities: Capabilities) -> None:
        """Send what these say from now on."""
