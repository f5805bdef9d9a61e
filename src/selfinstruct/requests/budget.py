"""Budgets: requests, tokens and money over the whole life of a run, kills included.

A request is reserved at its worst case (the prompt's estimate and every token it may write) before it is
sent, and settled at what it used, so that what is in flight can never break a limit. The worst case of
money is a prompt of which nothing comes from the provider's cache and all is written to it. Attempts whose
process died before a reply was recorded stay reserved: the endpoint may well have charged for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from selfinstruct.config import Config, EndpointConfig, Tokens
from selfinstruct.errors import ConfigError
from selfinstruct.records import Completion, Request, Stage
from selfinstruct.store.state import RunState, TokenUse
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["Budget", "Reservation", "Spending", "require_prices"]

UNSEEN_PROMPT_RATIO = 1.5  # tokens a prompt may have over its estimate, until replies tell better


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one attempt may cost at most, in tokens. `estimate`: the prompt's; `max_tokens`: the
    reply's, each before any margin; `prices`: of the stage's endpoint."""

    prompt_tokens: int
    completion_tokens: int
    estimate: int
    max_tokens: int
    prices: EndpointConfig

    @property
    def cost(self) -> float:
        """US dollars at most; 0 without prices."""
        return self.prices.highest_cost(self.prompt_tokens, self.completion_tokens) or 0.0


@dataclass(frozen=True, slots=True)
class Spending:
    """What a run has used so far."""

    attempts: int = 0
    completed: int = 0
    used: Mapping[Stage, TokenUse] = field(default_factory=dict)
    used_in_batches: Mapping[Stage, TokenUse] = field(default_factory=dict)
    """Of `used`."""

    @classmethod
    def of(cls, state: RunState) -> Spending:
        """What a run on the disk has used."""
        return cls(state.attempts, state.completed, state.used, state.used_in_batches)


class Budget:
    """Counts what is spent and reserved, and says whether one more request fits. Raises what
    `require_prices` does.
    """

    def __init__(self, config: Config, spent: Spending) -> None:
        require_prices(config)
        self._limits = config.limits
        self._prices = {stage: config.for_stage(stage).endpoint for stage in Stage}
        self._batch_prices = {stage: endpoint.in_batches() for stage, endpoint in self._prices.items()}
        self._priced = config.priced
        self.attempts = spent.attempts
        self.completed = spent.completed
        self.prompt_tokens = self.completion_tokens = self._held_tokens = 0
        self._cost = self._held_cost = 0.0
        for stage, used in spent.used.items():
            self._count(self._prices[stage], used)
            self._held_tokens += used.open_prompt_tokens + used.open_completion_tokens
            self._held_cost += _held_cost(self._prices[stage], used)
        for stage, used in spent.used_in_batches.items():  # counted above, at the price of any other
            prices, less = self._prices[stage], self._batch_prices[stage]
            self._cost -= (prices.cost(used) or 0.0) - (less.cost(used) or 0.0)
            self._held_cost -= _held_cost(prices, used) - _held_cost(less, used)
        self._prompt_ratio = 0.0
        self._beyond_max_tokens = 0
        self._in_flight = 0
        self.freed = asyncio.Event()
        """Set when a reservation ends, and cleared by whoever waits for that. All models of a run share it:
        one may wait for what another holds."""

    @property
    def cost(self) -> float | None:
        """US dollars for the completions received; None without prices."""
        return self._cost if self._priced else None

    @property
    def mean_completion_tokens(self) -> int:
        """Of the replies so far; 0 before the first."""
        return self.completion_tokens // max(1, self.completed)

    def reservation(self, request: Request, *, in_batch: bool = False) -> Reservation:
        """The worst case of one attempt."""
        estimate = estimate_tokens(request.prompt.preamble) + estimate_tokens(request.prompt.body)
        ratio = self._prompt_ratio or UNSEEN_PROMPT_RATIO
        max_tokens = request.prompt.sampling.max_tokens
        return Reservation(
            int(estimate * ratio) + 1,
            max_tokens + self._beyond_max_tokens,
            estimate,
            max_tokens,
            (self._batch_prices if in_batch else self._prices)[request.stage],
        )

    def adopt(self, request: Request, prompt_tokens: int, completion_tokens: int) -> Reservation:
        """That of an attempt which an earlier process put into a batch: it is counted already."""
        self._in_flight += 1
        fresh = self.reservation(request, in_batch=True)
        return replace(fresh, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)

    def forget(self, stage: Stage, prompt_tokens: int, completion_tokens: int) -> None:
        """Such an attempt that nobody asks for, and that was never processed, counts no more."""
        self.attempts -= 1
        self._held_tokens -= prompt_tokens + completion_tokens
        self._held_cost -= self._batch_prices[stage].highest_cost(prompt_tokens, completion_tokens) or 0.0

    def fits(self, reservation: Reservation) -> bool:
        """Whether one more attempt can be sent without any way of breaking a limit."""
        limits = self._limits
        if limits.max_requests is not None and self.attempts >= limits.max_requests:
            return False
        reserved = self._held_tokens + reservation.prompt_tokens + reservation.completion_tokens
        used = self.prompt_tokens + self.completion_tokens
        if limits.max_total_tokens is not None and used + reserved > limits.max_total_tokens:
            return False
        return limits.max_cost is None or self._cost + self._held_cost + reservation.cost <= limits.max_cost

    def shortfall(self, reservation: Reservation) -> str:
        """Where not even a first request fits: what one may take at most. Empty later."""
        if self.attempts:
            return ""
        tokens = reservation.prompt_tokens + reservation.completion_tokens
        cost = f", ${reservation.cost:,.4f}" if self._limits.max_cost is not None else ""
        return f"The budget is too small for one request, which may take up to {tokens:,} tokens{cost}."

    def reserve(self, reservation: Reservation) -> None:
        """Count one more attempt, about to be sent."""
        self.attempts += 1
        self._in_flight += 1
        self._held_tokens += reservation.prompt_tokens + reservation.completion_tokens
        self._held_cost += reservation.cost

    def release(self, reservation: Reservation) -> None:
        """The attempt failed: it counts as a request, but used no tokens."""
        self._in_flight -= 1
        self.freed.set()
        self._held_tokens -= reservation.prompt_tokens + reservation.completion_tokens
        self._held_cost -= reservation.cost

    def withdraw(self, reservation: Reservation) -> None:
        """The attempt was never sent."""
        self.release(reservation)
        self.attempts -= 1

    def settle(self, reservation: Reservation, completion: Completion) -> None:
        """The attempt succeeded: count what it used."""
        self.release(reservation)
        self.completed += 1
        self._count(reservation.prices, completion)
        if reservation.estimate:
            self._prompt_ratio = max(self._prompt_ratio, completion.prompt_tokens / reservation.estimate, 1.0)
        beyond = completion.completion_tokens - reservation.max_tokens  # some providers' hidden thinking
        self._beyond_max_tokens = max(self._beyond_max_tokens, beyond)

    def _count(self, prices: EndpointConfig, tokens: Tokens) -> None:
        self.prompt_tokens += tokens.prompt_tokens
        self.completion_tokens += tokens.completion_tokens
        self._cost += prices.cost(tokens) or 0.0

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        limits = self._limits
        return not limits.max_requests is limits.max_total_tokens is limits.max_cost is None

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
        used = self.prompt_tokens + self.completion_tokens
        if limits.max_total_tokens is not None and self.completed:
            unspent = limits.max_total_tokens - used - self._held_tokens
            left = min(left, unspent / max(1.0, used / self.completed))
        if limits.max_cost is not None and self._cost and self.completed:
            left = min(left, (limits.max_cost - self._cost - self._held_cost) / (self._cost / self.completed))
        return left


def _held_cost(prices: EndpointConfig, used: TokenUse) -> float:
    return prices.highest_cost(used.open_prompt_tokens, used.open_completion_tokens) or 0.0


def require_prices(config: Config) -> None:
    """Raises `ConfigError` for a cost limit without both prices: a limit that cannot be kept is none."""
    if config.limits.max_cost is not None and not config.priced:
        raise ConfigError(
            "`max_cost` needs to know what tokens cost.",
            "Give both prices, in USD per 1M tokens: `price_in=0.15` `price_out=0.60`",
        )
