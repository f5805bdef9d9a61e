"""What every model is: something that completes requests, one attempt a call.

Retrying, pacing, budgets and recording belong to pipeline/; a model only sends one request and returns
the completion, or raises one of the errors of errors.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol, runtime_checkable

from selfinstruct.errors import ParameterRejectedError
from selfinstruct.records import Completion, Request, Sampling, Stage

__all__ = ["GREEDY_SAMPLED", "Api", "Capabilities", "LoadingModel", "Model", "NegotiableModel"]

Api = Literal["completions", "chat"]

GREEDY_SAMPLED = "greedy decoding was requested, but the endpoint samples"
"""Within what `Capabilities.changes` says of a stage: its replies are drawn by chance."""

LengthField = Literal["max_tokens", "max_completion_tokens"]
LENGTH_FIELDS: tuple[LengthField, ...] = ("max_tokens", "max_completion_tokens")
PENALTIES = ("frequency_penalty", "presence_penalty")
BOUNDED_FIELDS = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "max_tokens")
OPTIONAL_FIELDS = frozenset(
    {
        "seed", "presence_penalty", "frequency_penalty", "stop", "top_p", "temperature", "response_format",
        "system", "stream_options", "logprobs",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an endpoint takes in one stage; settled by that stage's first success, recorded, then fixed.

    api: which of the two OpenAI-compatible calls is used.
    max_tokens_field: newer chat endpoints reject `max_tokens` for `max_completion_tokens`.
    unsupported: what the endpoint rejects and is therefore left out, each a name in `OPTIONAL_FIELDS` or
        `LENGTH_FIELDS`. `system` is no field but a role: its message is put before the user's.
    bounds: a name in `BOUNDED_FIELDS` to the smallest and the largest value that it may have; None for no
        limit. Values beyond are moved to the bound.
    stream: it answers in server-sent events only.
    """

    api: Api = "completions"
    max_tokens_field: LengthField = "max_tokens"
    unsupported: tuple[str, ...] = ()
    bounds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    stream: bool = False

    def to_json(self) -> dict[str, Any]:
        """As kept in a run."""
        bounds = {name: list(bound) for name, bound in self.bounds.items()}
        return {**asdict(self), "unsupported": list(self.unsupported), "bounds": bounds}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Capabilities:
        """The inverse of `to_json`."""
        bounds = {name: (least, most) for name, (least, most) in value["bounds"].items()}
        return cls(**{**value, "unsupported": tuple(value["unsupported"]), "bounds": bounds})

    def after(self, rejected: ParameterRejectedError, sampling: Sampling) -> Capabilities | None:
        """The next thing to try for a request with this sampling; None when nothing is left to change.

        A value is moved to the bound that the endpoint names, where it names one that it was not sent yet. A
        length is sent under its other name. Any other optional field is left out.
        """
        parameter = rejected.parameter
        if parameter == "stream":
            return None if self.stream else replace(self, stream=True)
        bounded = "max_tokens" if parameter in LENGTH_FIELDS else parameter
        if bounded in BOUNDED_FIELDS and (rejected.least is not None or rejected.most is not None):
            moved = replace(self, bounds={**self.bounds, bounded: self._narrower(bounded, rejected)})
            if moved.sampling(sampling) != self.sampling(sampling):
                return moved
        if parameter in LENGTH_FIELDS:
            return self._with_other_length_field(parameter)
        if parameter in PENALTIES and parameter in self.unsupported:  # "penalties" may mean the other one
            parameter = next(name for name in PENALTIES if name != parameter)
        if parameter == "logprobs" and not sampling.choices:  # without them there is nothing to ask
            return None
        if parameter not in OPTIONAL_FIELDS or parameter in self.unsupported:
            return None
        return replace(self, unsupported=tuple(sorted({*self.unsupported, parameter})))

    def sampling(self, asked: Sampling) -> Sampling:
        """What is sent for it: every value within its bounds. What is left out stands there as asked."""
        values: dict[str, Any] = {}
        for name, (least, most) in self.bounds.items():
            value = getattr(asked, name)
            moved = max(value, least) if least is not None else value
            moved = min(moved, most) if most is not None else moved
            values[name] = int(moved) if name == "max_tokens" else moved
        return replace(asked, **values) if values else asked

    def changes(self, asked: Sampling) -> tuple[str, ...]:
        """In what way requests differ from what was asked, for people; empty for none."""
        said = []
        if "temperature" in self.unsupported:
            why = f": {GREEDY_SAMPLED}" if asked.temperature == 0 else ""
            said.append(f"temperature {asked.temperature:g} not sent{why}")
        if "top_p" in self.unsupported and asked.temperature > 0 and asked.top_p != 1:
            said.append(f"top_p {asked.top_p:g} not sent")
        penalties = (name for name in PENALTIES if name in self.unsupported and getattr(asked, name))
        said.extend(f"{name} {getattr(asked, name):g} not sent" for name in penalties)
        if "stop" in self.unsupported and asked.stop:
            said.append("no stop sequences sent: replies are cut here")
        if "seed" in self.unsupported:
            said.append("no seed sent")
        if "response_format" in self.unsupported and asked.response_schema and self.api == "chat":
            said.append("no schema sent: the prompt alone asks for the format")
        if "logprobs" in self.unsupported and asked.choices:
            said.append("no log-probabilities asked for: answers are read from the text")
        if "system" in self.unsupported:
            said.append("no system message: its text stands before the user's")
        sent = self.sampling(asked)
        for name in BOUNDED_FIELDS:
            before, after = getattr(asked, name), getattr(sent, name)
            left_out = name in self.unsupported and name != "max_tokens"  # a length is renamed, not left out
            if before != after and not left_out:
                why = f": {GREEDY_SAMPLED}" if name == "temperature" and before == 0 else ""
                said.append(f"{name} {after:g} instead of {before:g}{why}")
        return (*said, *(["streamed"] if self.stream else []))

    def shared_with(self, other: Capabilities) -> Capabilities:
        """For another stage, so far asked as `other` says, what holds there too: all but a rejected schema,
        which may be this stage's own."""
        common = {name for name in self.unsupported if name != "response_format"}
        return replace(self, unsupported=tuple(sorted({*common, *other.unsupported})))

    def _narrower(self, name: str, rejected: ParameterRejectedError) -> tuple[float | None, float | None]:
        least, most = self.bounds.get(name, (None, None))
        leasts = [bound for bound in (least, rejected.least) if bound is not None]
        mosts = [bound for bound in (most, rejected.most) if bound is not None]
        if name == "max_tokens":
            mosts = [bound for bound in mosts if bound >= 1]  # a reply of no tokens is none
        return max(leasts, default=None), min(mosts, default=None)

    def _with_other_length_field(self, rejected: str) -> Capabilities | None:
        unsupported = {*self.unsupported, self.max_tokens_field}
        left = [name for name in LENGTH_FIELDS if name not in unsupported]
        if rejected != self.max_tokens_field or not left:
            return None
        return replace(self, max_tokens_field=left[0], unsupported=tuple(sorted(unsupported)))


@runtime_checkable
class Model(Protocol):
    """Whatever completes requests.

    One of the user's own may also say, by attributes, its `name`, `version` and `settings`, which are part of
    a run's identity, and by which call requests are made for it (`api`: `chat`, unless it says
    `completions`). It is used in one event loop a call, closed at its end, and may be asked again in another.
    """

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
    """A model whose endpoint may not take every parameter. Stages ask differently, so that what one got
    through says little of the next: each has capabilities of its own."""

    def capabilities(self, stage: Stage) -> Capabilities:
        """What is sent at present in this stage."""

    def adopt(self, stage: Stage, capabilities: Capabilities) -> None:
        """Send what these say in this stage from now on."""


@runtime_checkable
class LoadingModel(Model, Protocol):
    """A model that takes time to be ready for its first request."""

    @property
    def is_loading(self) -> bool:
        """Whether it is being loaded at this moment."""
