"""A model as lm-eval sees it: texts that it writes, through this package's own requests, and how likely it
finds texts.

Texts are asked for as in every evaluation here: recorded, resumable, within budgets, by whatever call the
model takes. In a chat the whole prompt, examples and all, is the user's message. An endpoint's likelihoods
are requests like all others (`models.http.echoes`). Those of `pocket` and GGUF files are computed by
llama.cpp, those of Hugging Face models by what lm-eval has for them, and kept in a cache of lm-eval's own.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.models.llamacpp.likelihood import Likelihood, LikelihoodServer, serve_likelihoods
from selfinstruct.pipeline.asking import BatchPlan, ask, greedy
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Prompt, Sampling
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost
from selfinstruct.requests.invocation import StopReason, stop_advice
from selfinstruct.store.directory import holds_run
from selfinstruct.store.reader import RunReader

__all__ = [
    "Answered",
    "BudgetedScorer",
    "HarnessModel",
    "HarnessRequest",
    "LlamaCppLikelihoods",
    "Scorer",
    "StoppedError",
]

MOST_TOKENS = 256  # of an answer, where a task does not say: lm-eval's own default
_IGNORED = frozenset({"until", "do_sample", "temperature", "top_p", "max_gen_toks", "max_tokens"})


class StoppedError(Exception):
    """Asking ended before all answers were there. Ends lm-eval's run; caught where that began."""

    def __init__(self, reason: StopReason, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


class HarnessRequest(Protocol):
    """What this room uses of lm-eval's `Instance`."""

    args: tuple[Any, ...]
    task_name: str


class Scorer(Protocol):
    """Computes likelihoods: the other half of lm-eval's `LM`."""

    def loglikelihood(self, requests: Sequence[HarnessRequest]) -> Sequence[tuple[float, bool]]:
        """Of (context, continuation), each with whether it is what greedy decoding writes."""

    def loglikelihood_rolling(self, requests: Sequence[HarnessRequest]) -> Sequence[float]:
        """Of whole texts."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How an answer came about. finish_reason: the endpoint's. lost: why there is no answer, or empty."""

    finish_reason: str
    lost: str


class HarnessModel:
    """An lm-eval `LM` in all but inheritance, so that this module needs no lm-eval.

    lost: requests that were lost, by task; each is an empty answer, or the least likely. answered: how each
    text of a task came about, in the order of its requests.
    """

    rank, world_size = 0, 1

    def __init__(
        self,
        plan: BatchPlan,
        scorer: Callable[[], Scorer] | None,
        display: BatchDisplay | None,
        *,
        max_tokens: int | None = None,
    ) -> None:
        """plan: beside its directory each task gets one, named as the task. scorer: called when likelihoods
        are asked for; None where the endpoint is asked for them. max_tokens: of an answer, in place of the
        task's own number."""
        self.lost: Counter[str] = Counter()
        self.answered: dict[str, list[Answered]] = {}
        self._plan, self._scorer, self._display, self._most = plan, scorer, display, max_tokens

    def generate_until(self, requests: Sequence[HarnessRequest]) -> list[str]:
        """Answers in the order of the requests. Raises StoppedError, and what `complete_batch` raises."""
        return [
            answer
            for task, group in groupby(requests, key=lambda request: request.task_name)
            for answer in self._answers(task, list(group))
        ]

    def loglikelihood(self, requests: Sequence[HarnessRequest]) -> list[tuple[float, bool]]:
        """Raises what the scorer raises, or StoppedError and what `complete_batch` raises."""
        if self._scorer is not None:
            return list(self._scorer().loglikelihood(requests))
        return [
            found
            for task, group in groupby(requests, key=lambda request: request.task_name)
            for found in self._likelihoods(task, list(group))
        ]

    def loglikelihood_rolling(self, requests: Sequence[HarnessRequest]) -> list[float]:
        """Raises what the scorer raises."""
        assert self._scorer is not None, "endpoints are not asked for whole texts"
        return list(self._scorer().loglikelihood_rolling(requests))

    def _answers(self, task: str, requests: Sequence[HarnessRequest]) -> Iterator[str]:
        wanted = [(str(request.args[0]), dict(request.args[1])) for request in requests]

        def prompts(config: Config) -> list[Prompt]:
            return [
                Prompt("", text, _sampling_of(task, options, config, self._most), 0)
                for text, options in wanted
            ]

        answered = self.answered.setdefault(task, [])
        for prompt, outcome in self._asked(task, task, prompts):
            if isinstance(outcome, Lost):
                answered.append(Answered("", outcome.reason))
                yield ""
            else:
                reply = read_reply(outcome, prompt.sampling.stop)
                past_a_stop = outcome.finish_reason == "length" and not reply.cut
                answered.append(Answered("stop" if past_a_stop else outcome.finish_reason, ""))
                yield reply.text

    def _likelihoods(self, task: str, requests: Sequence[HarnessRequest]) -> Iterator[tuple[float, bool]]:
        wanted = [(str(request.args[0]), str(request.args[1])) for request in requests]

        def prompts(config: Config) -> list[Prompt]:
            sampling = replace(greedy(1, config), echo=True)
            return [Prompt(context, continuation, sampling, 0) for context, continuation in wanted]

        for _, outcome in self._asked(f"{task}-likelihoods", task, prompts):
            if isinstance(outcome, Lost):
                yield -math.inf, False
            else:
                found = json.loads(outcome.text)
                yield float(found["log_probability"]), bool(found["is_greedy"])

    def _asked(
        self, folder: str, task: str, prompts: Callable[[Config], list[Prompt]]
    ) -> Iterator[tuple[Prompt, Completion | Lost]]:
        """Each prompt with its outcome. folder: beside the plan's, for the requests."""
        directory = self._plan.directory.with_name(folder)
        batch, asked = asyncio.run(
            ask(
                self._within_budget(directory),
                prompts,
                name_of=f"{task}, request {{}}".format,
                display=self._display,
            )
        )
        if batch.stopped != "done":
            raise StoppedError(batch.stopped, batch.advice)
        for prompt, outcome in zip(asked, batch.outcomes, strict=True):
            assert outcome is not None, "a batch that is done has an outcome for every prompt"
            self.lost[task] += isinstance(outcome, Lost)
            yield prompt, outcome

    def _within_budget(self, directory: Path) -> BatchPlan:
        """The plan for a folder, with what the other tasks' requests have left of its limits.

        Raises StoppedError where they have left nothing and there is something to ask.
        """
        limits = self._plan.config.limits
        others = [
            RunReader(path).summary()
            for path in sorted(directory.parent.glob("*"))
            if path != directory and path.is_dir() and holds_run(path)
        ]
        spent = {
            "max_requests": sum(each.attempts for each in others),
            "max_total_tokens": sum(each.prompt_tokens + each.completion_tokens for each in others),
            "max_cost": sum(self._plan.config.cost(each.by_stage, each.batched) or 0 for each in others),
        }
        left = {
            name: most - spent[name] for name in spent if (most := getattr(limits, name, None)) is not None
        }
        if any(each <= 0 for each in left.values()) and not holds_run(directory):
            raise StoppedError("budget", stop_advice("budget", None))
        least = {name: max(each, 1e-9 if name == "max_cost" else 1) for name, each in left.items()}
        plans = [
            config and config.model_copy(update={"limits": limits.model_copy(update=least)})
            for config in (self._plan.config, self._plan.if_refused)
        ]
        assert plans[0] is not None
        return BatchPlan(directory, plans[0], plans[1])


def _sampling_of(task: str, options: Mapping[str, Any], config: Config, wanted: int | None) -> Sampling:
    """lm-eval's `generation_kwargs` as a sampling. Raises ConfigError for one that changes what is drawn and
    is not known here."""
    until = options.get("until") or ()
    most = wanted or options.get("max_gen_toks", options.get("max_tokens", MOST_TOKENS))
    sampling = greedy(int(most), config, (until,) if isinstance(until, str) else until)
    if not options.get("do_sample"):
        return sampling
    if unknown := sorted(options.keys() - _IGNORED):
        raise ConfigError(
            f"The task {task} samples its answers with {unknown[0]}, which is not supported.",
            "Leave it out of the task's generation_kwargs.",
        )
    temperature, top_p = float(options.get("temperature", 1.0)), float(options.get("top_p", 1.0))
    return replace(sampling, temperature=temperature, top_p=top_p)


class BudgetedScorer:
    """A `Scorer` that scores no more than so many requests of a folder, over its lifetime."""

    def __init__(self, scorer: Any, most: int) -> None:
        self._scorer, self._most = scorer, most
        self.known: Callable[[], int] = lambda: 0
        """How many are known already."""

    def set_cache_hook(self, hook: Any) -> None:
        """Where lm-eval keeps each result as soon as it is there."""
        self._scorer.set_cache_hook(hook)

    def loglikelihood(self, requests: Sequence[HarnessRequest]) -> Sequence[tuple[float, bool]]:
        """Raises StoppedError once those that the budget allows are scored, and kept."""
        return list(self._within(requests, self._scorer.loglikelihood))

    def loglikelihood_rolling(self, requests: Sequence[HarnessRequest]) -> Sequence[float]:
        """The same."""
        return list(self._within(requests, self._scorer.loglikelihood_rolling))

    def _within(self, requests: Sequence[HarnessRequest], score: Callable[[Any], Any]) -> Any:
        left = self._most - self.known()
        if len(requests) <= left:
            return score(requests)
        if left > 0:
            score(requests[:left])
        raise StoppedError("budget", stop_advice("budget", None))


class LlamaCppLikelihoods:
    """A `Scorer` over a GGUF file, but for whole texts: as many servers as are to compute at a time, while
    the context lasts."""

    def __init__(self, path: Path, *, servers: int, context_window: int | None) -> None:
        self._path, self._servers, self._window = path, servers, context_window
        self._opened = ExitStack()
        self._idle: SimpleQueue[LikelihoodServer] = SimpleQueue()
        self._hook: Any = None

    def __enter__(self) -> LlamaCppLikelihoods:
        with ExitStack() as opening:
            for _ in range(self._servers):
                self._idle.put(opening.enter_context(serve_likelihoods(self._path, self._window)))
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._idle = SimpleQueue()
        self._opened.close()

    def set_cache_hook(self, hook: Any) -> None:
        """Where lm-eval keeps each result as soon as it is there."""
        self._hook = hook

    def loglikelihood(self, requests: Sequence[HarnessRequest]) -> list[tuple[float, bool]]:
        """Requests with the same context, one after the other, share the reading of it."""
        from tqdm import tqdm

        groups = [list(group) for _, group in groupby(requests, key=lambda request: request.args[0])]
        results: list[tuple[float, bool]] = []
        with (
            ThreadPoolExecutor(self._servers) as pool,
            tqdm(total=len(requests), desc="likelihoods", disable=None) as progress,
        ):
            for group, found in zip(groups, pool.map(self._of_group, groups), strict=True):
                for request, likelihood in zip(group, found, strict=True):
                    results.append((likelihood.log_probability, likelihood.is_greedy))
                    if self._hook is not None:
                        self._hook.add_partial("loglikelihood", request.args, results[-1])
                progress.update(len(group))
        return results

    def _of_group(self, group: Sequence[HarnessRequest]) -> list[Likelihood]:
        server = self._idle.get()
        try:
            return server.of_continuations(group[0].args[0], [request.args[1] for request in group])
        finally:
            self._idle.put(server)
