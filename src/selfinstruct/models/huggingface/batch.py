"""Replies of a loaded transformers model, several at a time, token by token.

A prompt is read alone, without padding, and then joins those whose replies are being written: from there on
all of them take a step together. Shorter rows are padded on the left, and padding is masked; positions count
a row's own tokens. A row leaves as soon as it is done, and another may take its place.

A row alone is computed without padding or mask. In a batch the same sums are taken over other shapes, so that
scores differ in their last bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import ConfigError
from selfinstruct.models.choices import choices_text
from selfinstruct.models.huggingface.network import Network, PromptReader
from selfinstruct.models.huggingface.sampling import Sampler, TokenSource
from selfinstruct.models.reply_text import ReplyText
from selfinstruct.records import Completion

if TYPE_CHECKING:
    import torch

__all__ = ["Batch", "BatchRow"]

TAIL_TOKENS = 8
"""Of the prompt, before the reply when it is turned into text: what a token stands for depends on those
before it (SentencePiece drops the space of a first one)."""


@dataclass(slots=True, eq=False)
class BatchRow:
    """One reply.

    prompt: tokens, at least one. shared: how many of them begin other prompts too; fewer than all.
    limit: tokens of the reply, at least one. abandoned: whether nobody waits for it any more.
    choices: answers to choose from, each with the token that it would begin with; then nothing is written,
    and `told` is how likely each is.
    """

    prompt: Sequence[int]
    shared: int
    limit: int
    source: TokenSource
    abandoned: Callable[[], bool]
    choices: Mapping[str, int] = field(default_factory=dict)
    finish_reason: str = ""
    told: str = ""
    started: float = field(default_factory=time.perf_counter)
    _reply: ReplyText = field(init=False)
    _tokens: list[int] = field(init=False)
    _shown: int = 0  # tokens up to here are in the text
    _context: int = 0  # from here to there they are decoded along, for the text after to come out right
    _written: int = 0

    def __post_init__(self) -> None:
        self._reply = ReplyText(self.source.sampling.stop)
        self._tokens = list(self.prompt[-TAIL_TOKENS:])
        self._shown = len(self._tokens)

    def take(self, token: int, network: Network) -> None:
        """The reply's next token. Sets `finish_reason` where it is the last."""
        self._written += 1
        if token in network.ends:
            self.finish_reason = "stop"
        else:
            self._tokens.append(token)
            self._show(network.decode)
        if self._reply.stopped:
            self.finish_reason = "stop"
        elif self._written == self.limit:
            self.finish_reason = self.finish_reason or "length"
        if self.finish_reason:
            self._show(network.decode, unfinished=True)

    def choose(self, scores: torch.Tensor) -> None:
        """Instead of a token: how likely each of the choices is. scores: [vocabulary]."""
        found = scores.double().log_softmax(-1)
        self.told = choices_text({name: float(found[token]) for name, token in self.choices.items()})
        self._written, self.finish_reason = 1, "stop"

    def completion(self) -> Completion:
        """The finished reply."""
        return Completion(
            text=self.told or self._reply.text,
            finish_reason=self.finish_reason,
            prompt_tokens=len(self.prompt),
            completion_tokens=self._written,
            estimated=False,
            seconds=time.perf_counter() - self.started,
        )

    def _show(self, decode: Callable[[Sequence[int]], str], *, unfinished: bool = False) -> None:
        """Add the text of the newest tokens; not yet where they end within a character."""
        if self._reply.stopped:
            return
        before = decode(self._tokens[self._context : self._shown])
        after = decode(self._tokens[self._context :])
        if len(after) > len(before) and (unfinished or not after.endswith("\N{REPLACEMENT CHARACTER}")):
            self._reply.add(after[len(before) :])
            self._context, self._shown = self._shown, len(self._tokens)


class Batch:
    """The replies being written: `rows`. To be used in one thread."""

    def __init__(self, network: Network, reader: PromptReader) -> None:
        self.rows: list[BatchRow] = []
        self._network = network
        self._reader = reader
        self._sampler = Sampler()
        self._cache: Any = None
        self._scores: torch.Tensor | None = None  # [rows, vocabulary]: of the next token
        self._lengths: list[int] = []  # of each row: tokens that the cache holds, padding not counted

    def advance(self, joining: BatchRow | None = None) -> list[BatchRow]:
        """Read the prompt of another row, if there is one, then write a token of each. Rows that are finished
        or abandoned leave, and are returned.

        Only a network whose caches are joinable takes a second row. After an error the batch is of no use any
        more: `ConfigError` where the scores are not numbers or memory is too small.
        """
        import torch

        with torch.inference_mode():
            try:
                if joining is not None:
                    self._join(joining)
                return self._step()
            except torch.OutOfMemoryError as error:
                raise ConfigError(
                    f"The memory of the {self._network.device.type} device is too small for"
                    f" {len(self.rows)} replies at once.",
                    "Allow fewer with `concurrency`, or a smaller `context_window`.",
                ) from error

    def _join(self, row: BatchRow) -> None:
        import torch

        self.rows.append(row)
        self._lengths.append(len(row.prompt))
        self._sampler.add(row.source)
        scores, cache = self._reader.read(row.prompt, row.shared)
        if self._scores is None:
            self._cache, self._scores = cache, scores
        else:
            _append(self._cache, cache)
            self._scores = torch.cat([self._scores, scores])

    def _step(self) -> list[BatchRow]:
        import torch

        assert self._scores is not None
        if torch.isnan(self._scores).any():
            raise ConfigError(
                "The model's scores are not numbers (NaN): its weights are damaged, or its training diverged."
            )
        tokens = self._sampler.draw(self._scores)
        for row, token, scores in zip(self.rows, tokens, self._scores, strict=True):
            if row.choices:
                row.choose(scores)
            else:
                row.take(token, self._network)
        kept = [place for place, row in enumerate(self.rows) if not row.finish_reason and not row.abandoned()]
        left = [row for place, row in enumerate(self.rows) if place not in kept]
        if left:
            self._keep(kept)
        if kept:
            self._scores = self._next_scores([tokens[place] for place in kept])
        return left

    def _next_scores(self, tokens: Sequence[int]) -> torch.Tensor:
        import torch

        device = self._network.device
        self._lengths = [length + 1 for length in self._lengths]
        where = {}
        if len(set(self._lengths)) > 1:
            longest = max(self._lengths)
            lengths = torch.tensor(self._lengths, device=device).unsqueeze(-1)
            places = torch.arange(longest, device=device)
            where["attention_mask"] = (places >= longest - lengths).long()
            where["position_ids"] = lengths - 1
        return self._network.scores(torch.tensor(tokens, device=device).unsqueeze(-1), self._cache, **where)

    def _keep(self, rows: Sequence[int]) -> None:
        import torch

        self.rows = [self.rows[row] for row in rows]
        self._lengths = [self._lengths[row] for row in rows]
        self._sampler.keep(rows)
        if not rows:
            self._cache = self._scores = None
            return
        kept, longest = torch.tensor(rows, device=self._network.device), max(self._lengths)
        for layer in self._cache.layers:
            layer.keys = layer.keys[kept, :, -longest:]
            layer.values = layer.values[kept, :, -longest:]


def _append(cache: Any, other: Any) -> None:
    """Put the rows of another cache below those of this one; the shorter one is padded on the left."""
    import torch

    for mine, its in zip(cache.layers, other.layers, strict=True):
        for name in ("keys", "values"):
            above, below = getattr(mine, name), getattr(its, name)
            longest = max(above.shape[-2], below.shape[-2])
            padded = (
                torch.nn.functional.pad(states, (0, 0, longest - states.shape[-2], 0))
                for states in (above, below)
            )
            setattr(mine, name, torch.cat(list(padded)))
