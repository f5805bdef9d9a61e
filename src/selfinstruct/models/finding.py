"""What came of a probe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from selfinstruct.errors import (
    AccessDeniedError,
    AuthenticationError,
    ConfigError,
    ConnectionFailedError,
    EndpointMismatchError,
    EndpointUnavailableError,
    RateLimitedError,
    RequestTimeoutError,
    SelfInstructError,
    UnknownModelError,
)
from selfinstruct.models.base import Api

__all__ = ["ProbeOutcome", "ProbeResult"]

ProbeOutcome = Literal[
    "works", "not_set_up", "key_refused", "access_denied", "unknown_model", "no_credit", "rate_limited",
    "no_answer", "not_this_api", "failed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one probe.

    spec: what was asked, as `--model` takes it; at an address of the user's the model's name there.
    message: what is wrong and what to do; empty where it works.
    api: the call that it takes. seconds: of the request that succeeded. changes: how a run's requests would
        differ from what is asked for, as `Capabilities.changes` says it. All three for what works.
    models: what the endpoint offers, where it was asked; None where not, or where it did not say.
    exit_code: of a command for which this is the answer.
    """

    spec: str
    base_url: str
    outcome: ProbeOutcome
    message: str = ""
    api: Api | None = None
    seconds: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    changes: tuple[str, ...] = ()
    models: tuple[str, ...] | None = None
    exit_code: int = 0

    def failed(self, error: SelfInstructError) -> ProbeResult:
        """The same probe, ended by an error."""
        match error:
            case AccessDeniedError():
                outcome: ProbeOutcome = "access_denied"
            case AuthenticationError():
                outcome = "key_refused"
            case UnknownModelError():
                outcome = "unknown_model"
            case EndpointUnavailableError():
                outcome = "no_credit"
            case RateLimitedError():
                outcome = "rate_limited"
            case ConnectionFailedError() | RequestTimeoutError():
                outcome = "no_answer"
            case EndpointMismatchError():
                outcome = "not_this_api"
            case ConfigError():
                outcome = "not_set_up"
            case _:
                outcome = "failed"
        return replace(self, outcome=outcome, message=str(error), api=None, exit_code=error.exit_code)

    def to_json(self) -> dict[str, Any]:
        """One object, in the order of the fields."""
        return {
            "spec": self.spec,
            "base_url": self.base_url or None,
            "outcome": self.outcome,
            "message": self.message,
            "api": self.api,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "changes": list(self.changes),
            "models": None if self.models is None else list(self.models),
        }
