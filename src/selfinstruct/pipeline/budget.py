"""Budgets: requests, tokens and money over the whole life of a run, kills included.

A request is reserved at its worst case (the prompt's estimate and every token it may write) before it is
sent, and settled at what it used, so that what is in flight can never break a limit. Attempts whose
process died before a reply was recorded stay reserved: the endpoint may well have charged for them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from selfinstruct.config import EndpointConfig, LimitsConfig
from selfinstruct.errors import ConfigError
from selfinstruct.records import Completion, Request
from selfinstruct.store.state import RunState
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["Budget", "Reservation", "Spending", "require_prices"]

UNSEEN_PROMPT_RATIO = 1.5  # tokens a prompt may have over its estimate, until replies tell better


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one attempt may cost at most, in tokens. `estimate` is the prompt's, before any margin."""

    prompt_tokens: int
    completion_tokens: int
    estimate: int


@dataclass(frozen=True, slots=True)
class Spending:
    """What a run has used so far. `open_…`: attempts of dead processes, at their worst case."""

    attempts: int = 0
    completed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    open_prompt_tokens: int = 0
    open_completion_tokens: int = 0

    @classmethod
    def of(cls, state: RunState) -> Spending:
        """What a run on the disk has used."""
        return cls(**{field.name: getattr(state, field.name) for field in fields(cls)})


class Budget:
    """Counts what is spent and reserved, and says whether one more request fits. Raises what
    `require_prices` does.
    """

    def __init__(self, limits: LimitsConfig, endpoint: EndpointConfig, spent: Spending) -> None:
        self._limits = limits
        self._endpoint = endpoint
        require_prices(limits, endpoint)
        self.attempts = spent.attempts
        self.completed = spent.completed
        self.prompt_tokens = spent.prompt_tokens
        self.completion_tokens = spent.completion_tokens
        self._held_prompt = spent.open_prompt_tokens
        self._held_completion = spent.open_completion_tokens
        self._prompt_ratio = 0.0
        self._in_flight = 0

    @property
    def cost(self) -> float | None:
        """US dollars for the completions received; None without prices."""
        return self._endpoint.cost(self.prompt_tokens, self.completion_tokens)

    @property
    def mean_completion_tokens(self) -> int:
        """Of the replies so far; 0 before the first."""
        return self.completion_tokens // max(1, self.completed)

    def reservation(self, request: Request) -> Reservation:
        """The worst case of one attempt."""
        estimate = estimate_tokens(request.prompt.preamble) + estimate_tokens(request.prompt.body)
        ratio = self._prompt_ratio or UNSEEN_PROMPT_RATIO
        return Reservation(int(estimate * ratio) + 1, request.prompt.sampling.max_tokens, estimate)

    def fits(self, reservation: Reservation) -> bool:
        """Whether one more attempt can be sent without any way of breaking a limit."""
        limits = self._limits
        if limits.max_requests is not None and self.attempts >= limits.max_requests:
            return False
        prompt = self.prompt_tokens + self._held_prompt + reservation.prompt_tokens
        completion = self.completion_tokens + self._held_completion + reservation.completion_tokens
        if limits.max_total_tokens is not None and prompt + completion > limits.max_total_tokens:
            return False
        cost = self._endpoint.cost(prompt, completion)
        return limits.max_cost is None or cost is None or cost <= limits.max_cost

    def reserve(self, reservation: Reservation) -> None:
        """Count one more attempt, about to be sent."""
        self.attempts += 1
        self._in_flight += 1
        self._held_prompt += reservation.prompt_tokens
        self._held_completion += reservation.completion_tokens

    def release(self, reservation: Reservation) -> None:
        """The attempt failed: it counts as a request, but used no tokens."""
        self._in_flight -= 1
        self._held_prompt -= reservation.prompt_tokens
        self._held_completion -= reservation.completion_tokens

    def withdraw(self, reservation: Reservation) -> None:
        """The attempt was never sent."""
        self.release(reservation)
        self.attempts -= 1

    def settle(self, reservation: Reservation, completion: Completion) -> None:
        """The attempt succeeded: count what it used."""
        self.release(reservation)
        self.completed += 1
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens
        if reservation.estimate:
            self._prompt_ratio = max(self._prompt_ratio, completion.prompt_tokens / reservation.estimate, 1.0)

    @property
    def waiting_may_help(self) -> bool:
        """Whether replies still out may free part of what they reserved."""
        return self._in_flight > 0

    def requests_left(self) -> float:
        """About how many more requests of the average kind the budget holds; infinity without limit."""
        limits = self._limits
        left = float("inf")
        if limits.max_requests is not None:
            left = limits.max_requests - self.attempts
        used, held = self.prompt_tokens + self.completion_tokens, self._held_prompt + self._held_completion
        if limits.max_total_tokens is not None and self.completed:
            left = min(left, (limits.max_total_tokens - used - held) / max(1.0, used / self.completed))
        if limits.max_cost is not None and self.cost and self.completed:
            held_cost = self._endpoint.cost(self._held_prompt, self._held_completion) or 0.0
            left = min(left, (limits.max_cost - self.cost - held_cost) / (self.cost / self.completed))
        return left


def require_prices(limits: LimitsConfig, endpoint: EndpointConfig) -> None:
    """Raises `ConfigError` for a cost limit without both prices: a limit that cannot be kept is none."""
    if limits.max_cost is not None and endpoint.cost(0, 0) is None:
        raise ConfigError(
            "--max-cost needs to know what tokens cost.",
            "Give both prices, in US dollars a million tokens: --price-in 0.15 --price-out 0.60",
        )
