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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from model import CONTEXT, SIZES
from order import Order, Progress, learning_rate, read_mixture, read_source
from training import Training, export, load, save, set_up

__all__ = ["main"]

MIXTURE = "tasks=0.62,textbooks=0.14,books=0.24"
EXTENDED_MIXTURE = "tasks=0.50,prompts=0.25,textbooks=0.10,books=0.15"
SHORT = 512
HELD_OUT = ("tasks", "families", "prompts", "textbooks", "books")


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
    training = set_up(options, tokenizer)
    checkpoint = options.out / "checkpoint.pt"
    progress = load(checkpoint, training, order, options.size) if checkpoint.exists() else Progress()
    with (options.out / "log.jsonl").open("a", encoding="utf-8") as log, _signals() as stopped:
        _run(options, training, order, mixtures, held_out, progress, log, stopped)
    save(checkpoint, training, order, progress, options.size)
    if not stopped or options.export:
        export(training, tokenizer, options.out / "model")


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Meanwhile SIGTERM and Ctrl-C only add to the list."""
    stopped: list[int] = []
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda number, _frame: stopped.append(number)) for number in numbers]
    try:
        yield stopped
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


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
        if progress.step == options.stop_after:
            stopped.append(0)
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
            windows = options.measure_windows * SHORT // length
            line |= {"step": progress.step, "heldout": _measure(training, held_out, length, count, windows)}
        if line:
            log.write(json.dumps(line) + "\n")
            log.flush()
            print(json.dumps(line), file=sys.stderr)
        if now - saved > 60 * options.save_minutes:
            save(options.out / "checkpoint.pt", training, order, progress, options.size)
            saved = now
    if not stopped:
        last: dict[str, Any] = {
            "step": progress.step,
            "tokens": progress.tokens,
            "seconds": round(progress.seconds, 1),
        }
        length = CONTEXT if options.extend_at < 1 else SHORT
        count = max(1, options.batch * SHORT // length)
        last["heldout"] = _measure(
            training, held_out, length, count, 8 * options.measure_windows * SHORT // length
        )
        log.write(json.dumps({"final": last}) + "\n")
        print(json.dumps(last), file=sys.stderr)


def _measure(
    training: Training, held_out: Mapping[str, np.ndarray], length: int, count: int, windows: int
) -> dict[str, float]:
    """Loss by source, on so many windows of each."""
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
    add(
        "--measure-windows",
        type=int,
        default=32,
        help="of 512 tokens a source; eight times as many in the end",
    )
    add("--stop-after", type=int, metavar="STEP", help="end there, resumable, as on SIGTERM")
    add("--save-minutes", type=float, default=5.0)
    add("--export", action="store_true", help="write model/ even when stopped")
    options = parser.parse_args(arguments)
    if not options.minutes and not options.tokens:
        parser.error("give --minutes or --tokens")
    return options


if __name__ == "__main__":
    main()
