"""Training: from shards of tokens to a Hugging Face checkpoint, on CPU or one GPU.

Data: what prepare.py wrote (--prepared).
Steps: windows of 512 tokens, for the last part (--extend-at) whole prompts of 2,048; bf16 weights with fp32
masters; warm-up, a constant rate, and a linear decay to zero over the last --decay-share. How far the
training is, is told by the tokens seen or by the clock, whichever is further: `--minutes 60` plans the
decay to end after an hour, whatever the speed turns out to be.
Outputs under --out:
    checkpoint.pt    weights, optimizer, place in the data, clock; replaced atomically
    log.jsonl        a line every --log-every steps, with held-out losses every --measure-every
    model/           Hugging Face checkpoint in fp32, with the tokenizer; written at the end
Resume: the same command again goes on from checkpoint.pt; SIGTERM or Ctrl-C writes one and ends. The order
of the data is a function of the seed, and goes on exactly. --minutes, --tokens and the intervals may change.
To go on from a shipped model, start a new --out with --start FILE.gguf (or a checkpoint folder).

    python pocket/train.py --prepared PREPARED --out RUN --size pocket --minutes 120 --compile
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from model import CONTEXT, SIZES, build, parameters

__all__ = ["Order", "Progress", "export", "learning_rate", "read_mixture", "read_source"]

MIXTURE = "tasks=0.62,textbooks=0.14,books=0.24"
EXTENDED_MIXTURE = "tasks=0.50,prompts=0.25,textbooks=0.10,books=0.15"
SHORT = 512
HELD_OUT = ("tasks", "families", "prompts", "textbooks", "books")
END_OF_TEXT = "<|endoftext|>"


def read_source(prepared: Path, source: str, split: str) -> np.ndarray:
    """All tokens of a source, its shards in order. Raises FileNotFoundError where there are none."""
    shards = sorted((prepared / source).glob(f"{split}-*.bin"))
    if not shards:
        raise FileNotFoundError(f"no {split} shards of {source} under {prepared}")
    return np.concatenate([np.fromfile(shard, np.uint16) for shard in shards])


def read_mixture(text: str) -> dict[str, float]:
    """`tasks=0.6,books=0.4` as shares that add up to 1."""
    shares = {name: float(share) for name, share in (part.split("=") for part in text.split(","))}
    return {name: share / sum(shares.values()) for name, share in shares.items()}


@dataclass(slots=True)
class Order:
    """Which window comes next. `taken` is the whole state: windows taken of each source at each length.

    Sources take turns so that their shares hold at every moment. Within a source windows come in random
    order, each once before any comes again, and then cut at other places.
    """

    sources: Mapping[str, np.ndarray]
    seed: int
    taken: dict[str, int] = field(default_factory=dict)
    _shuffled: dict[str, tuple[int, int, np.ndarray]] = field(default_factory=dict)

    def batch(self, shares: Mapping[str, float], length: int, count: int) -> np.ndarray:
        """(count, length + 1) tokens."""
        return np.stack([self._next(shares, length) for _ in range(count)])

    def _next(self, shares: Mapping[str, float], length: int) -> np.ndarray:
        keys = {name: f"{name}/{length}" for name in shares}
        total = sum(self.taken.get(key, 0) for key in keys.values()) + 1
        name = max(shares, key=lambda name: shares[name] * total - self.taken.get(keys[name], 0))
        key, tokens = keys[name], self.sources[name]
        taken = self.taken.get(key, 0)
        self.taken[key] = taken + 1
        windows = (len(tokens) - 1) // length - 1
        epoch, place = divmod(taken, windows)
        if key not in self._shuffled or self._shuffled[key][0] != epoch:
            dice = np.random.default_rng([self.seed, epoch, length, *name.encode()])
            self._shuffled[key] = (epoch, int(dice.integers(length)), dice.permutation(windows))
        _, offset, order = self._shuffled[key]
        start = offset + int(order[place]) * length
        return tokens[start : start + length + 1]


@dataclass(slots=True)
class Progress:
    """How far the training is. seconds: of training, over all its processes."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def share(self, tokens: int | None, minutes: float | None) -> float:
        """0 to 1, by what is further."""
        by_tokens = self.tokens / tokens if tokens else 0.0
        by_clock = self.seconds / (60 * minutes) if minutes else 0.0
        return min(1.0, max(by_tokens, by_clock))


def learning_rate(step: int, share: float, *, peak: float, warm_up: int, decay_share: float) -> float:
    """Linear over `warm_up` steps, constant, then linear to zero over the last `decay_share`."""
    return peak * min(1.0, (step + 1) / warm_up) * min(1.0, (1 - share) / decay_share)


@dataclass(slots=True)
class Training:
    """A model in bf16, its masters in fp32, their optimizers, and the loss, compiled or not."""

    model: Any
    masters: list[torch.Tensor]
    optimizers: list[torch.optim.Optimizer]
    loss: Callable[[torch.Tensor], torch.Tensor]
    device: str

    def step(self, batch: np.ndarray, rate: float) -> torch.Tensor:
        """One update; the batch's loss, still on the device."""
        loss = self.loss(self.tensor(batch))
        loss.backward()
        weights = list(self.model.parameters())
        for master, weight in zip(self.masters, weights, strict=True):
            assert weight.grad is not None
            master.grad = weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self.masters, 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * group["factor"]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.publish()
        return loss.detach()

    def publish(self) -> None:
        """The masters' values into the model."""
        with torch.no_grad():
            torch._foreach_copy_(list(self.model.parameters()), self.masters)

    def measure(self, tokens: np.ndarray, length: int, count: int, windows: int) -> float:
        """Mean loss, nats a token, on the first windows of these tokens."""
        losses = []
        with torch.no_grad():
            for first in range(0, windows, count):
                starts = [number * length for number in range(first, first + count)]
                if starts[-1] + length + 1 <= len(tokens):
                    batch = np.stack([tokens[start : start + length + 1] for start in starts])
                    losses.append(self.loss(self.tensor(batch)).item())
        return sum(losses) / len(losses) if losses else float("nan")

    def tensor(self, batch: np.ndarray) -> torch.Tensor:
        """The batch on the device."""
        return torch.from_numpy(batch.astype(np.int64)).to(self.device)


def _prepare(options: argparse.Namespace, tokenizer: Tokenizer) -> Training:
    if options.start is None:
        end = tokenizer.token_to_id(END_OF_TEXT)
        model = build(
            options.size, vocabulary=tokenizer.get_vocab_size(), end_of_text=end, seed=options.seed
        )
    elif options.start.is_dir():
        model = AutoModelForCausalLM.from_pretrained(options.start, dtype=torch.float32)
    else:
        model = AutoModelForCausalLM.from_pretrained(
            options.start.parent, gguf_file=options.start.name, dtype=torch.float32
        )
    print(f"{parameters(model) / 1e6:.2f} M parameters", file=sys.stderr)
    model.config.use_cache = False
    model.to(options.device)
    masters = [weight.detach().clone() for weight in model.parameters()]
    for master in masters:
        master.requires_grad_(True)
    model.to(torch.bfloat16)

    def loss(batch: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=batch[:, :-1], use_cache=False).logits
        return cross_entropy(logits.float().flatten(0, 1), batch[:, 1:].flatten())

    compiled = torch.compile(loss, dynamic=False) if options.compile else loss
    return Training(model, masters, _optimizers(model, masters, options), compiled, options.device)


def _optimizers(
    model: Any, masters: list[torch.Tensor], options: argparse.Namespace
) -> list[torch.optim.Optimizer]:
    """AdamW for everything, with weight decay on matrices; with --muon, Muon for the matrices of layers."""
    named = list(zip((name for name, _ in model.named_parameters()), masters, strict=True))
    layers = [master for name, master in named if master.ndim == 2 and "layers" in name]
    embeddings = [master for name, master in named if master.ndim == 2 and "layers" not in name]
    vectors = [master for master in masters if master.ndim < 2]
    groups = [
        {"params": embeddings, "weight_decay": 0.1, "factor": 1.0},
        {"params": vectors, "weight_decay": 0.0, "factor": 1.0},
    ]
    found: list[torch.optim.Optimizer] = []
    if options.muon:
        group = {"params": layers, "factor": options.muon / options.rate}
        found.append(torch.optim.Muon([group], lr=options.muon, weight_decay=0.1))
    else:
        groups.append({"params": layers, "weight_decay": 0.1, "factor": 1.0})
    found.append(torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.95), fused=True))
    return found


def _save(path: Path, training: Training, order: Order, progress: Progress, size: str) -> None:
    state = {
        "size": size,
        "masters": training.masters,
        "optimizers": [optimizer.state_dict() for optimizer in training.optimizers],
        "taken": order.taken,
        "progress": (progress.step, progress.tokens, progress.seconds),
    }
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def _load(path: Path, training: Training, order: Order, size: str) -> Progress:
    state = torch.load(path, map_location=training.device, weights_only=True)
    if state["size"] != size:
        sys.exit(f"{path} holds a model of size {state['size']}, not {size}.")
    with torch.no_grad():
        torch._foreach_copy_(training.masters, state["masters"])
    for optimizer, saved in zip(training.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    training.publish()
    order.taken.update(state["taken"])
    return Progress(*state["progress"])


def export(training: Training, tokenizer: Tokenizer, folder: Path) -> None:
    """The masters as a Hugging Face checkpoint in fp32, with the tokenizer."""
    training.model.to(torch.float32)
    training.publish()
    training.model.config.use_cache = True
    training.model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        model_max_length=CONTEXT,
    ).save_pretrained(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    options = _options(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high")
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(options.prepared / "tokenizer.json"))
    mixtures = {SHORT: read_mixture(options.mixture), CONTEXT: read_mixture(options.extended_mixture)}
    names = {name for mixture in mixtures.values() for name in mixture}
    order = Order({name: read_source(options.prepared, name, "train") for name in names}, options.seed)
    held_out = {name: read_source(options.prepared, name, "heldout") for name in HELD_OUT}
    training = _prepare(options, tokenizer)
    checkpoint = options.out / "checkpoint.pt"
    progress = _load(checkpoint, training, order, options.size) if checkpoint.exists() else Progress()
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: stopped.append(number))
    with (options.out / "log.jsonl").open("a", encoding="utf-8") as log:
        _run(options, training, order, mixtures, held_out, progress, log, stopped)
    _save(checkpoint, training, order, progress, options.size)
    if not stopped or options.export:
        export(training, tokenizer, options.out / "model")


def _run(
    options: argparse.Namespace,
    training: Training,
    order: Order,
    mixtures: Mapping[int, Mapping[str, float]],
    held_out: Mapping[str, np.ndarray],
    progress: Progress,
    log: Any,
    stopped: list[int],
) -> None:
    """Train until the end or until stopped, logging, measuring and saving on the way."""
    started, before = time.monotonic(), progress.seconds
    saved = logged = started
    since, losses = progress.tokens, []
    while not stopped and (share := progress.share(options.tokens, options.minutes)) < 1:
        length = CONTEXT if share >= options.extend_at else SHORT
        count = max(1, options.batch * SHORT // length)
        rate = learning_rate(
            progress.step, share, peak=options.rate, warm_up=options.warm_up, decay_share=options.decay_share
        )
        losses.append(training.step(order.batch(mixtures[length], length, count), rate))
        progress.step += 1
        progress.tokens += count * length
        now = time.monotonic()
        progress.seconds = before + now - started
        line: dict[str, Any] = {}
        if progress.step % options.log_every == 0 or progress.step == 1:
            line = {
                "step": progress.step, "tokens": progress.tokens, "seconds": round(progress.seconds, 1),
                "length": length, "rate": round(rate, 7), "loss": round(torch.stack(losses).mean().item(), 4),
                "tokens_per_second": round((progress.tokens - since) / (now - logged)),
            }  # fmt: skip
            logged, since, losses = now, progress.tokens, []
        if progress.step % options.measure_every == 0:
            line |= {"step": progress.step, "heldout": _measure(training, held_out, length, count)}
        if line:
            log.write(json.dumps(line) + "\n")
            log.flush()
            print(json.dumps(line), file=sys.stderr)
        if now - saved > 60 * options.save_minutes:
            _save(options.out / "checkpoint.pt", training, order, progress, options.size)
            saved = now
    if not stopped:
        last = {"step": progress.step, "tokens": progress.tokens, "seconds": round(progress.seconds, 1)}
        length = CONTEXT if options.extend_at < 1 else SHORT
        count = max(1, options.batch * SHORT // length)
        last["heldout"] = _measure(training, held_out, length, count, windows=256 * SHORT // length)
        log.write(json.dumps({"final": last}) + "\n")
        print(json.dumps(last), file=sys.stderr)


def _measure(
    training: Training, held_out: Mapping[str, np.ndarray], length: int, count: int, windows: int = 0
) -> dict[str, float]:
    """Loss by source; so many windows, 32 of 512 tokens if not told."""
    windows = windows or 32 * SHORT // length
    return {
        name: round(training.measure(tokens, length, count, windows), 4) for name, tokens in held_out.items()
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("--prepared", type=Path, required=True, help="folder that prepare.py wrote")
    add("--out", type=Path, required=True)
    add("--size", choices=tuple(SIZES), default="pocket")
    add("--start", type=Path, help="weights to begin with: a GGUF file or a checkpoint folder")
    add("--minutes", type=float, help="the training ends after so many")
    add("--tokens", type=int, help="the training ends after so many")
    add("--batch", type=int, default=8, help="windows of 512 tokens a step")
    add("--rate", type=float, default=2e-3, help="peak learning rate")
    add("--muon", type=float, default=0.0, metavar="RATE", help="Muon for the layers, with this peak rate")
    add("--warm-up", type=int, default=200, help="steps")
    add("--decay-share", type=float, default=0.4)
    add("--extend-at", type=float, default=0.85, help="share after which windows have 2,048 tokens")
    add("--mixture", default=MIXTURE)
    add("--extended-mixture", default=EXTENDED_MIXTURE)
    add("--seed", type=int, default=1)
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--threads", type=int)
    add("--compile", action="store_true")
    add("--log-every", type=int, default=50)
    add("--measure-every", type=int, default=1000)
    add("--save-minutes", type=float, default=5.0)
    add("--export", action="store_true", help="write model/ even when stopped")
    options = parser.parse_args(arguments)
    if not options.minutes and not options.tokens:
        parser.error("give --minutes or --tokens")
    return options


if __name__ == "__main__":
    main()
