"""What a new instruction costs to compare with the whole pool.

Data set: a pool of random instructions of 5 to 30 words, drawn from 20,000 words by Zipf's law, and
    candidates of which every second one is a pool entry with some of its words replaced.
Metric: milliseconds a candidate on one core, and the peak memory that ours adds.
Pattern: candidates in tickets of 8, each against the pool and those accepted before it.
    ours        filters.novelty.NoveltyIndex, all candidates
    reference   rouge_score on every pair of texts, as the paper's code does, in one process: it tokenizes
                the whole pool for every candidate. Measured on the first `--reference` candidates only
    tokenized   the same on token lists kept from before: what tokenizing once would save

All three judge the same first candidates, and have to decide alike.

    python benchmarks/novelty.py [--pool 50000] [--candidates 400] [--reference 4] [--seed 0]
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from types import SimpleNamespace

from rich.console import Console
from rich.table import Table
from rouge_score.rouge_scorer import RougeScorer

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.text.tokens import tokenize

TICKET = 8
MAX_SIMILARITY = 0.7
WORDS = [f"word{number}" for number in range(20_000)]
WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))


def draw_instruction(rng: random.Random) -> str:
    """5 to 30 words."""
    return " ".join(rng.choices(WORDS, cum_weights=WEIGHTS, k=rng.randint(5, 30)))


def draw_candidates(rng: random.Random, pool: Sequence[str], count: int) -> list[str]:
    """New ones and altered ones in turn; the share of words replaced spans the threshold."""
    candidates = []
    for number in range(count):
        words = draw_instruction(rng).split()
        if number % 2:
            share = rng.uniform(0, 0.5)
            near = rng.choice(pool).split()
            words = [rng.choice(WORDS) if rng.random() < share else word for word in near]
        candidates.append(" ".join(words))
    return candidates


def judge_ours(index: NoveltyIndex, candidates: Sequence[str]) -> list[bool]:
    """Ticket by ticket against the growing pool; whether each was accepted."""
    tickets = (candidates[start : start + TICKET] for start in range(0, len(candidates), TICKET))
    return [judged.verdict.accepted for ticket in tickets for judged in index.judge(ticket)]


def judge_reference(
    scorer: RougeScorer, pool: Sequence[str | list[str]], candidates: Sequence[str | list[str]]
) -> list[bool]:
    """One candidate after the other against the growing pool, every pair by rouge_score."""
    grown, decisions = list(pool), []
    for candidate in candidates:
        scores = [scorer.score(candidate, entry)["rougeL"].fmeasure for entry in grown]
        decisions.append(not max(scores) > MAX_SIMILARITY)
        if decisions[-1]:
            grown.append(candidate)
    return decisions


def timed(judge: Callable[[], list[bool]]) -> tuple[list[bool], float]:
    """The decisions, and milliseconds a candidate."""
    began = time.perf_counter()
    decisions = judge()
    return decisions, (time.perf_counter() - began) * 1000 / len(decisions)


def peak_mib() -> float:
    """Most memory this process has held so far; Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print, and fail where the decisions differ."""
    options = parse_options()
    rng = random.Random(options.seed)
    pool = [draw_instruction(rng) for _ in range(options.pool)]
    candidates = draw_candidates(rng, pool, options.candidates)
    few = candidates[: options.reference]

    memory = peak_mib()
    index = NoveltyIndex(max_similarity=MAX_SIMILARITY, neighbours=10, ascii_tokens=False)
    for text in pool:
        index.add(text)
    ours, ours_ms = timed(lambda: judge_ours(index, candidates))
    memory_after = peak_mib()

    scorer = RougeScorer(["rougeL"])
    reference, reference_ms = timed(lambda: judge_reference(scorer, pool, few))
    scorer = RougeScorer(["rougeL"], tokenizer=SimpleNamespace(tokenize=lambda tokens: tokens))
    pool_tokens, few_tokens = [list(map(tokenize, texts)) for texts in (pool, few)]
    tokenized, tokenized_ms = timed(lambda: judge_reference(scorer, pool_tokens, few_tokens))

    table = Table("", title=f"A candidate against a pool of {options.pool:,}")
    for column in ("ms a candidate", "times ours", "measured on", "accepted"):
        table.add_column(column, justify="right")

    def add_row(name: str, decisions: list[bool], ms: float) -> None:
        table.add_row(name, f"{ms:,.2f}", f"{ms / ours_ms:,.0f}", f"{len(decisions)}", f"{sum(decisions)}")

    add_row("ours", ours, ours_ms)
    add_row("reference", reference, reference_ms)
    add_row("tokenized", tokenized, tokenized_ms)
    console = Console()
    console.print(table)
    console.print(f"Peak memory {memory_after:.0f} MiB, {memory_after - memory:.0f} of them for ours.")
    if not ours[: len(few)] == reference == tokenized:
        sys.exit(f"The decisions differ: {ours[: len(few)]}, {reference}, {tokenized}")
    console.print(f"Decisions on the first {len(few)} candidates agree.")


def parse_options() -> argparse.Namespace:
    """Sizes and the seed of the random pool."""
    parser = argparse.ArgumentParser(description="What a new instruction costs to compare with the pool.")
    parser.add_argument("--pool", type=int, default=50_000, help="instructions in the pool")
    parser.add_argument("--candidates", type=int, default=400, help="candidates judged by ours")
    parser.add_argument("--reference", type=int, default=4, help="candidates also judged by rouge_score")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
