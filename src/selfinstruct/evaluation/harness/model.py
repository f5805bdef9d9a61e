"""A model as lm-eval sees it: texts that it writes, through this package's own requests, and how likely it
finds texts.

Texts are asked for as in every evaluation here: recorded, resumable, within budgets, by whatever call the
model takes. In a chat the whole prompt, examples and all, is the user's message. Likelihoods are computed by
llama.cpp for `pocket` and GGUF files, and elsewhere by whatever lm-eval has for it; they are kept in a cache
of lm-eval's own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
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
from selfinstruct.requests.invocation import StopReason

__all__ = ["HarnessModel", "HarnessRequest", "LlamaCppLikelihoods", "Scorer", "StoppedError"]

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


class HarnessModel:
    """An lm-eval `LM` in all but inheritance, so that this module needs no lm-eval.

    lost: requests that were lost, by task; each is an empty answer.
    """

    rank, world_size = 0, 1

    def __init__(
        self,
        plan: BatchPlan,
        scorer: Callable[[], Scorer],
        display: BatchDisplay | None,
    ) -> None:
        """plan: beside its directory each task gets one, named as the task. scorer: called when likelihoods
        are asked for."""
        self.lost: Counter[str] = Counter()
        self._plan, self._scorer, self._display = plan, scorer, display

    def generate_until(self, requests: Sequence[HarnessRequest]) -> list[str]:
        """Answers in the order of the requests. Raises StoppedError, and what `complete_batch` raises."""
        return [
            answer
            for task, group in groupby(requests, key=lambda request: request.task_name)
            for answer in self._answers(task, list(group))
        ]

    def loglikelihood(self, requests: Sequence[HarnessRequest]) -> list[tuple[float, bool]]:
        """Raises what the scorer raises."""
        return list(self._scorer().loglikelihood(requests))

    def loglikelihood_rolling(self, requests: Sequence[HarnessRequest]) -> list[float]:
        """Likewise."""
        return list(self._scorer().loglikelihood_rolling(requests))

    def _answers(self, task: str, requests: Sequence[HarnessRequest]) -> Iterator[str]:
        plan = replace(self._plan, directory=self._plan.directory.with_name(task))
        wanted = [(str(request.args[0]), dict(request.args[1])) for request in requests]

        def prompts(config: Config) -> list[Prompt]:
            return [Prompt("", text, _sampling_of(task, options, config), 0) for text, options in wanted]

        batch, asked = asyncio.run(
            ask(plan, prompts, name_of=f"{task}, request {{}}".format, display=self._display)
        )
        if batch.stopped != "done":
            raise StoppedError(batch.stopped, batch.advice)
        for prompt, outcome in zip(asked, batch.outcomes, strict=True):
            assert outcome is not None, "a batch that is done has an outcome for every prompt"
            if isinstance(outcome, Lost):
                self.lost[task] += 1
            yield "" if isinstance(outcome, Lost) else _text_of(outcome, prompt)


def _text_of(completion: Completion, prompt: Prompt) -> str:
    return read_reply(completion, prompt.sampling.stop).text


def _sampling_of(task: str, options: Mapping[str, Any], config: Config) -> Sampling:
    """lm-eval's `generation_kwargs` as a sampling. Raises ConfigError for one that changes what is drawn and
    is not known here."""
    until = options.get("until") or ()
    most = options.get("max_gen_toks", options.get("max_tokens", MOST_TOKENS))
    sampling = greedy(int(most), config, (until,) if isinstance(until, str) else until)
    if not options.get("do_sample"):
        return sampling
    if unknown := sorted(options.keys() - _IGNORED):
        raise ConfigError(
            f"The task {task} draws its answers with {unknown[0]}, which is not offered here.",
            "Leave it out of the task's generation_kwargs.",
        )
    temperature, top_p = float(options.get("temperature", 1.0)), float(options.get("top_p", 1.0))
    return replace(sampling, temperature=temperature, top_p=top_p)


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
