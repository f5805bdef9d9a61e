"""What a new instruction costs to compare with the whole pool.

Data set: made-up instructions that are put together as real ones are. Each begins with one of 60 openings,
    common ones more often, and goes on in clauses and noun phrases: function words as in English, nouns,
    adjectives and verbs from 42,000 made-up words by the law of Zipf and Mandelbrot. 3 to 120 words, 15 in
    the mean, more than half of them function words. A fifth of the pool are earlier entries with some words
    replaced, dropped, added or moved; so is every second candidate, where the share spans the threshold.
Metric: milliseconds a candidate on one core, by the process's CPU time; the peak memory that ours adds; the
    CPU seconds that it takes to fill a pool, posting lists included.
Pattern: candidates in tickets of `--ticket`, each against the pool and those accepted before it.
    index       filters.novelty.NoveltyIndex as it judges in large pools, all candidates
    brute force the same class as it judges in small ones: every entry is scored. The first `--compare`
                candidates; verdicts have to be the same, and so has the nearest entry of what is rejected
    reference   rouge_score on every pair of texts, as the paper's code does, in one process: it tokenizes
                the whole pool for every candidate. The first `--reference` candidates
    tokenized   the same on token lists kept from before: what tokenizing once would save

    python benchmarks/novelty.py [--pool 50000] [--candidates 400] [--ticket 8] [--compare 400]
        [--reference 4] [--seed 0] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sys
import time
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from types import SimpleNamespace
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from rouge_score.rouge_scorer import RougeScorer

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import JudgedInstruction
from selfinstruct.text.tokens import tokenize

Result = TypeVar("Result")

MAX_SIMILARITY = 0.7
ALTERED = 0.2  # of the pool

OPENINGS = (
    """
write a|write a short|give an example of|what is the|explain|explain how|describe the|describe a|create a
generate a list of|list three|name a|how do you|how can i|find the|classify the following|rewrite the
summarize the|translate the|given a|you are given a|identify the|what are the|suggest a|suggest some|compare
the convert the|design a|write an essay about|write a story about|come up with|compose a|construct a|edit the
categorize the|determine whether the|calculate the|predict the|tell me about|make a list of|provide a
fill in the|what would you do if|is it possible to|why is the|imagine you are a|outline the|paraphrase the
discuss the|write a program that|answer the following|choose the|sort the|in the following|if a|which
when was the|who|how many|do you think that
""".strip()
    .replace("\n", "|")
    .split("|")
)
DETERMINERS = re.findall(r"\w+", "the the the a a an your this some each two its any their")
PREPOSITIONS = re.findall(r"\w+", "of of of in in for for to with on about from at by between as into")
LINKS = re.findall(r"\w+", "and that which so or using when if because but while including")


class Words:
    """A class of words, drawn by 1 / (rank + 2.7), the most frequent first."""

    def __init__(self, rng: random.Random, stem: str, count: int) -> None:
        self._rng = rng
        self._words = [f"{stem}{number}" for number in range(count)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(count)))

    def draw(self) -> str:
        """One."""
        return self._words[bisect(self._weights, self._rng.random() * self._weights[-1])]


class Writer:
    """Writes instructions."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._nouns = Words(self.rng, "noun", 30_000)
        self._adjectives = Words(self.rng, "adjective", 8_000)
        self._verbs = Words(self.rng, "verb", 4_000)
        self._opening_weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(OPENINGS))))

    def new(self) -> str:
        """An instruction like no other, but for chance."""
        rng = self.rng
        length = min(120, max(3, round(rng.lognormvariate(2.6, 0.5))))
        words = OPENINGS[bisect(self._opening_weights, rng.random() * self._opening_weights[-1])].split()
        while len(words) < length:
            words += self._noun_phrase() if rng.random() < 0.6 else self._clause()
        return " ".join(words)

    def altered(self, text: str, share: float) -> str:
        """With a share of its words replaced, dropped, moved or followed by another."""
        rng = self.rng
        words = []
        for word in text.split():
            way = rng.random() if rng.random() < share else 1.0
            if way < 0.55:
                words.append(self._nouns.draw())
            elif way < 0.7:
                words += [word, self._adjectives.draw()]
            elif way < 0.8:
                words.insert(rng.randint(0, len(words)), word)
            elif way == 1.0:
                words.append(word)
        return " ".join(words)

    def pool(self, size: int) -> Iterator[str]:
        """Of so many instructions."""
        kept: list[str] = []
        for _ in range(size):
            text = self.new()
            if kept and self.rng.random() < ALTERED:
                text = self.altered(self.rng.choice(kept), self.rng.uniform(0.1, 0.6))
            if len(kept) < 100_000:
                kept.append(text)
            else:
                kept[self.rng.randrange(len(kept))] = text
            yield text

    def candidates(self, pool: Sequence[str], count: int) -> list[str]:
        """New ones and altered ones in turn."""
        return [
            self.altered(self.rng.choice(pool), self.rng.uniform(0, 0.6)) if number % 2 else self.new()
            for number in range(count)
        ]

    def _noun_phrase(self) -> list[str]:
        words = [self.rng.choice(PREPOSITIONS)] if self.rng.random() < 0.6 else []
        words += [self.rng.choice(DETERMINERS)] if self.rng.random() < 0.7 else []
        words += [self._adjectives.draw()] if self.rng.random() < 0.35 else []
        return [*words, self._nouns.draw()]

    def _clause(self) -> list[str]:
        return [self.rng.choice(LINKS), *self._noun_phrase()[-2:], self._verbs.draw(), *self._noun_phrase()]


def filled(pool: Sequence[str], complete_up_to: int) -> NoveltyIndex:
    """With the pool as its entries."""
    index = NoveltyIndex(
        max_similarity=MAX_SIMILARITY, neighbours=10, ascii_tokens=False, complete_up_to=complete_up_to
    )
    for text in pool:
        index.add(text)
    return index


def judge_all(index: NoveltyIndex, candidates: Sequence[str], ticket: int) -> list[JudgedInstruction]:
    """Ticket by ticket against the growing pool."""
    tickets = (candidates[start : start + ticket] for start in range(0, len(candidates), ticket))
    return [judged for each in tickets for judged in index.judge(each)]


def decisions(judged: Sequence[JudgedInstruction]) -> list[object]:
    """None for what was accepted, the nearest entry and its score for what was not."""
    return [None if each.verdict.accepted else each.neighbours[0] for each in judged]


def judge_reference(
    scorer: RougeScorer, pool: Sequence[str | list[str]], candidates: Sequence[str | list[str]]
) -> list[bool]:
    """One candidate after the other against the growing pool, every pair by rouge_score."""
    grown, accepted = list(pool), []
    for candidate in candidates:
        scores = [scorer.score(candidate, entry)["rougeL"].fmeasure for entry in grown]
        accepted.append(not max(scores) > MAX_SIMILARITY)
        if accepted[-1]:
            grown.append(candidate)
    return accepted


def timed(work: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    """What comes of it, and CPU seconds."""
    began = time.process_time()
    result = work(*arguments)
    return result, time.process_time() - began


def peak_mib() -> float:
    """Most memory this process has held so far; Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print, and fail where the decisions differ."""
    options = parse_options()
    writer = Writer(options.seed)
    pool = list(writer.pool(options.pool))
    candidates = writer.candidates(pool, options.candidates)
    compared, few = candidates[: options.compare], candidates[: options.reference]

    memory = peak_mib()
    index, add_seconds = timed(filled, pool, 0)
    _, lists_seconds = timed(index.judge, [])  # makes the posting lists
    judged, index_seconds = timed(judge_all, index, candidates, options.ticket)
    added_mib, arrays_mib = peak_mib() - memory, index.nbytes / 2**20
    accepted = [each.verdict.accepted for each in judged]
    del index

    exact = filled(pool, sys.maxsize)
    brute, brute_seconds = timed(judge_all, exact, compared, options.ticket)
    del exact
    agree = decisions(brute) == decisions(judged[: len(compared)])

    figures = {
        "pool": len(pool),
        "candidates": len(candidates),
        "ticket": options.ticket,
        "accepted": sum(accepted),
        "ms_per_candidate": round(index_seconds * 1000 / len(candidates), 4),
        "brute_force_ms": round(brute_seconds * 1000 / max(len(compared), 1), 4),
        "compared": len(compared),
        "agree": agree,
        "add_seconds": round(add_seconds, 2),
        "lists_seconds": round(lists_seconds, 2),
        "arrays_mib": round(arrays_mib, 1),
        "peak_added_mib": round(added_mib, 1),
    }
    if few:
        scorer = RougeScorer(["rougeL"])
        reference, seconds = timed(judge_reference, scorer, pool, few)
        figures["reference_ms"] = round(seconds * 1000 / len(few), 1)
        scorer = RougeScorer(["rougeL"], tokenizer=SimpleNamespace(tokenize=lambda tokens: tokens))
        pool_tokens, few_tokens = [list(map(tokenize, texts)) for texts in (pool, few)]
        tokenized, seconds = timed(judge_reference, scorer, pool_tokens, few_tokens)
        figures["tokenized_ms"] = round(seconds * 1000 / len(few), 1)
        figures["agree"] = agree = agree and accepted[: len(few)] == reference == tokenized
    if options.json:
        print(json.dumps(figures))
    else:
        print_table(figures)
    if not agree:
        sys.exit("The decisions differ.")


def print_table(figures: dict[str, float]) -> None:
    """For people."""
    table = Table("", title=f"A candidate against a pool of {figures['pool']:,}")
    for column in ("ms a candidate", "times the index"):
        table.add_column(column, justify="right")
    names = {"index": "ms_per_candidate", "brute force": "brute_force_ms"}
    names |= {"reference": "reference_ms", "tokenized": "tokenized_ms"}
    for name, key in names.items():
        if key in figures:
            times = figures[key] / figures["ms_per_candidate"]
            table.add_row(name, f"{figures[key]:,.3f}", f"{times:,.0f}")
    console = Console()
    console.print(table)
    console.print(
        f"{figures['accepted']:,} of {figures['candidates']:,} accepted. Filling the pool took"
        f" {figures['add_seconds']} s, its posting lists {figures['lists_seconds']} s; peak memory grew by"
        f" {figures['peak_added_mib']:.0f} MiB, {figures['arrays_mib']:.0f} of them arrays."
    )


def parse_options() -> argparse.Namespace:
    """Sizes and the seed of the made-up pool."""
    parser = argparse.ArgumentParser(description="What a new instruction costs to compare with the pool.")
    parser.add_argument("--pool", type=int, default=50_000, help="instructions in the pool")
    parser.add_argument("--candidates", type=int, default=400, help="candidates judged by the index")
    parser.add_argument("--ticket", type=int, default=8, help="candidates judged together")
    parser.add_argument("--compare", type=int, default=400, help="candidates also judged by brute force")
    parser.add_argument("--reference", type=int, default=None, help="candidates also judged by rouge_score")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if options.reference is None:  # seconds a candidate where the pool is large
        options.reference = 4 if options.pool <= 100_000 else 0
    return options


if __name__ == "__main__":
    main()
