"""A checkpoint in Hugging Face's layout, run by transformers in this process, as a `Model`.

How many replies are written together is the batch. What shares a batch, which is a matter of timing, changes
a reply's scores in their last digits and, where these decide, a token. So there are three cases:

    a processor, a small model     float64, one thread, batches of 16: the last digit is then so far down that
                                   it decides nothing, and a reply depends on the model and its request alone
    a processor, a larger model    float32, all threads, one at a time: likewise
    a GPU                          numbers as they were saved, batches of 16: a token may change

`batch` is what the user asks for as concurrency, and then holds in each case. Small is below 100 M
parameters. Splitting such short sums over threads costs more than it brings: on busy cores two threads were
ten times slower than one.

One thread of Python does everything that takes long: it loads, then writes for as long as there are requests.
"""

from __future__ import annotations

import asyncio
import atexit
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from itertools import takewhile

from selfinstruct.errors import ConfigError, MissingExtraError, ParameterRejectedError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.huggingface.batch import Batch, BatchRow
from selfinstruct.models.huggingface.checkpoint import Checkpoint
from selfinstruct.models.huggingface.loading import TemplateRefusedError, Tokenizer, best_device, load_network
from selfinstruct.models.huggingface.network import Network, PromptReader
from selfinstruct.models.huggingface.sampling import TokenSource
from selfinstruct.models.reply_text import as_messages, no_room, without_surrogates
from selfinstruct.records import Completion, Prompt, Request, Stage

__all__ = ["HuggingFaceModel", "require_transformers"]

BATCH = 16


def require_transformers(*, adapter: bool) -> None:
    """Raises MissingExtraError unless what runs a checkpoint (or an adapter on one) is installed."""
    for package in ("torch", "transformers", *(["peft"] if adapter else [])):
        if find_spec(package) is None:
            raise MissingExtraError(
                f"A model of hf/ needs the package {package}, which is not installed.",
                "Install it with: pip install 'selfinstruct[train]'",
            )


class HuggingFaceModel:
    """Satisfies `NegotiableModel`. Nothing large is loaded before the first request.

    batch: replies written together, at most; see above for the default.
    context_window: tokens of prompt and reply; where not given, what the model was trained for.
    capabilities: which of the two calls is used. A reply cannot be held to a schema.

    Raises MissingExtraError, and ConfigError for a context window that does not fit. A checkpoint that turns
    out to be damaged raises from `complete`.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        batch: int | None = None,
        context_window: int | None = None,
        capabilities: Capabilities = Capabilities(unsupported=("response_format",)),  # noqa: B008 - frozen
    ) -> None:
        require_transformers(adapter=checkpoint.base is not None)
        self._checkpoint = checkpoint
        self._context_window = checkpoint.context_window(context_window)
        self._batch = batch
        self._capabilities = dict.fromkeys(Stage, capabilities)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._pending: set[Future[Completion]] = set()
        self._worker: threading.Thread | None = None
        self._loading = threading.Lock()

    @property
    def default_concurrency(self) -> int:
        """As many as fit a batch. Imports torch, to see whether there is a GPU."""
        if self._batch is not None:
            return self._batch
        return BATCH if self._checkpoint.is_small or best_device() != "cpu" else 1

    @property
    def context_window(self) -> int | None:
        """Tokens of prompt and reply together; known before the model is loaded."""
        return self._context_window

    def capabilities(self, stage: Stage) -> Capabilities:
        """What is sent at present in this stage."""
        return self._capabilities[stage]

    def adopt(self, stage: Stage, capabilities: Capabilities) -> None:
        """Use the call that these name in this stage from now on."""
        self._capabilities[stage] = capabilities

    def count_tokens(self, text: str) -> int:
        """The model's own count, special tokens that it puts before a text included. Loads the tokenizer:
        not for the event loop. Raises ConfigError where that cannot be done."""
        return len(self._tokenizer.of_text(without_surrogates(text)))

    async def complete(self, request: Request) -> Completion:
        """One reply. When cancelled, its row leaves the batch with the next token.

        Raises ContextLengthError for a prompt that leaves no room for a reply, ParameterRejectedError for a
        system message that the chat template does not take, ConfigError when the checkpoint cannot be loaded,
        its scores are not numbers or memory is too small.
        """
        future: Future[Completion] = Future()
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        self._jobs.put(_Job(request, self._capabilities[request.stage], future))
        if self._worker is None:
            # A daemon, and stopped by atexit: see LlamaCppModel.
            atexit.register(self._stop)
            self._worker = threading.Thread(target=self._work, name="transformers", daemon=True)
            self._worker.start()
        return await asyncio.wrap_future(future)

    @property
    def is_loading(self) -> bool:
        """Whether the first request waits for the network to be loaded."""
        return self._worker is not None and "_network" not in self.__dict__

    async def aclose(self) -> None:
        """Abandon what is being written and free the memory. A later `complete` would load anew."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        for future in list(self._pending):
            future.cancel()
        if self._worker is not None:
            self._jobs.put(None)
            self._worker.join()
            self._worker = None
        for loaded in ("_network", "_reader"):
            self.__dict__.pop(loaded, None)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        with self._loading:
            return Tokenizer(self._checkpoint.tokenizer())

    @cached_property
    def _network(self) -> Network:
        return load_network(self._checkpoint, self._tokenizer)

    @cached_property
    def _reader(self) -> PromptReader:
        return PromptReader(self._network)

    def _work(self) -> None:
        """Owns the loaded model for as long as it runs: takes requests into a batch, which it writes on a
        token at a time.

        A future stays pending while its reply is written, so that it can be cancelled at any time.
        """
        batch: Batch | None = None
        writing: dict[BatchRow, Future[Completion]] = {}
        while True:
            row = None
            if not writing or (len(writing) < self._most_rows and not self._jobs.empty()):
                job = self._jobs.get()  # waits only while nothing is being written
                if job is None:
                    return
                if job.future.cancelled():
                    continue
                try:
                    row = self._row(job)
                    batch = batch or Batch(self._network, self._reader)
                except BaseException as error:  # noqa: BLE001 - raised where the reply is awaited
                    _fail(job.future, error)
                    continue
                writing[row] = job.future
            assert batch is not None
            try:
                left = batch.advance(row)
            except BaseException as error:  # noqa: BLE001 - as above
                for future in writing.values():
                    _fail(future, error)
                batch, writing = None, {}
                continue
            for done in left:
                future = writing.pop(done)
                if future.set_running_or_notify_cancel():
                    future.set_result(done.completion())

    @property
    def _most_rows(self) -> int:
        return self.default_concurrency if self._network.joinable else 1

    def _row(self, job: _Job) -> BatchRow:
        wanted = job.request.prompt
        prompt = self._tokens(wanted, job.capabilities)
        limit, window = wanted.sampling.max_tokens, self._context_window
        if window is not None:
            if len(prompt) >= window:
                raise no_room(len(prompt), window)
            limit = min(limit, window - len(prompt))
        shared = 0
        if wanted.preamble:
            begun = self._tokens(replace(wanted, body=""), job.capabilities)
            pairs = zip(begun, prompt[:-1], strict=False)
            shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        source = TokenSource.of(wanted.sampling, job.request.seed)
        choices = {
            each: self._tokens(replace(wanted, body=f"{wanted.body} {each}"), job.capabilities)[-1]
            for each in (wanted.sampling.choices if job.capabilities.api == "completions" else ())
        }
        return BatchRow(prompt, shared, limit, source, job.future.cancelled, choices)

    def _tokens(self, prompt: Prompt, capabilities: Capabilities) -> list[int]:
        """By chat, those of what the chat template makes of it."""
        if capabilities.api == "completions":
            return self._tokenizer.of_text(without_surrogates(prompt.preamble + prompt.body))
        messages = as_messages(prompt, system="system" not in capabilities.unsupported)
        for message in messages:
            message["content"] = without_surrogates(message["content"])
        try:
            return self._tokenizer.of_chat(messages)
        except TemplateRefusedError as error:
            if len(messages) == 1:
                raise ConfigError(f"The chat template of {self._checkpoint.name} fails: {error}.") from error
            raise ParameterRejectedError(
                f"The chat template of {self._checkpoint.name} does not take a system message: {error}.",
                "system",
            ) from error


@dataclass(frozen=True, slots=True)
class _Job:
    """capabilities: as they were when it was asked."""

    request: Request
    capabilities: Capabilities
    future: Future[Completion]


def _fail(future: Future[Completion], error: BaseException) -> None:
    if future.set_running_or_notify_cancel():
        future.set_exception(error)
