"""The sentences and tables of a run's page that are made of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from selfinstruct.dataset.statistics import DatasetStatistics
from selfinstruct.ratings.questions import ALL_THREE, QUESTIONS
from selfinstruct.ratings.summary import DataSummary
from selfinstruct.records import Stage
from selfinstruct.report.attributes import AskedAttribute
from selfinstruct.report.figures import Figures
from selfinstruct.report.growth import Growth
from selfinstruct.report.shortening import shortened
from selfinstruct.report.tables import amount, decimal, dollars, moment, percent_of, seconds
from selfinstruct.report.usage import RunUsage, StageUse
from selfinstruct.store.record import Sample
from selfinstruct.text.messages import duration, failures_in_words, percent

__all__ = ["Tile", "sample_sentence", "words_for"]

Rows = list[Sequence[str]]

PAPER_TABLE_2 = {"task": 0.92, "input": 0.79, "output": 0.58, ALL_THREE: 0.54}


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the numbers that matter. note: what it is of."""

    name: str
    value: str
    note: str


def words_for(figures: Figures) -> dict[str, Any]:
    """By the names that main.html has for them."""
    usage_head, usage_rows = _usage(figures.usage)
    return {
        "facts": _facts(figures),
        "sample_sentence": sample_sentence(figures.run.sample),
        "tiles": _tiles(figures),
        "table_1": _table_1(figures.statistics, figures.seed_statistics, figures.paper_statistics),
        "table_2": [_table_2(data) for data in figures.ratings.data] if figures.ratings else [],
        "marginal": _marginal(figures.growth),
        "usage_sentence": _usage_sentence(figures.usage),
        "usage_head": usage_head,
        "usage_rows": usage_rows,
        "error_rows": [
            (label, amount(count)) for label, count in failures_in_words(figures.usage.errors).items()
        ],
        "asked_otherwise_rows": [
            (str(stage), "; ".join(phrases)) for stage, phrases in figures.usage.asked_otherwise.items()
        ],
        "coverage_sentences": _coverage(figures),
        "attribute_tables": [_attribute(each, steered=figures.run.steered) for each in figures.attributes],
    }


def sample_sentence(sample: Sample | None) -> str:
    """What the figures of a large run are of; empty where all of it was read."""
    if sample is None:
        return ""
    return (
        f"This is a large run, of which a random sample was read: {sample.tasks:,} of {sample.of_tasks:,}"
        f" admitted tasks, from {sample.tickets:,} of {sample.of_tickets:,} instruction requests. Texts,"
        " verbs, lengths, similarity and latency are measured on the sample, and growth is estimated from"
        " it. Other counts, tokens and costs are of the whole run."
    )


def _facts(figures: Figures) -> list[str]:
    run = figures.run
    models = list(dict.fromkeys(run.models.values()))
    facts = [
        models[0]
        if len(models) == 1
        else "; ".join(f"{name} for {stage}" for stage, name in run.models.items()),
        f"recipe {run.recipe}",
        f"{run.seeds:,} seeds ({run.seeds_source})",
        f"seed {run.seed}",
    ]
    facts += [f"in {run.language}"] if run.language else []
    facts += [f"about {run.about}"] if run.about else []
    facts += [moment(run.last)] if run.last is not None else []
    return facts


def _tiles(figures: Figures) -> list[Tile]:
    run, funnel, usage = figures.run, figures.funnel, figures.usage
    tiles = [
        Tile("Tasks", amount(run.tasks), f"of {run.wanted:,} wanted, with {funnel.instances:,} instances"),
        Tile(
            "Admitted",
            percent_of(funnel.admitted, funnel.candidates),
            f"of {funnel.candidates:,} instructions parsed",
        ),
        Tile(
            "Valid",
            percent_of(funnel.valid, funnel.valid + funnel.dropped_count),
            "of the admitted ones became tasks",
        ),
    ]
    if usage.cost_a_task is not None:
        tiles.append(Tile("Cost per task", dollars(usage.cost_a_task), f"{dollars(usage.cost)} in all"))
    else:
        tiles.append(
            Tile(
                "Tokens per task",
                amount(usage.tokens_a_task),
                f"{decimal(usage.requests_a_task)} requests per task",
            )
        )
    tiles.append(
        Tile(
            "Verb-object pairs",
            amount(figures.verb_objects.distinct_pairs),
            f"different, in {figures.verb_objects.with_both:,} instructions",
        )
    )
    tiles.append(
        Tile(
            "Similarity to seeds",
            decimal(figures.similarity.to_seeds_spread.mean, 2),
            "mean of the largest ROUGE-L",
        )
    )
    tiles.append(
        Tile("Time", duration(usage.working), f"{sum(use.attempts for use in usage.stages):,} requests sent")
    )
    return tiles


def _table_1(*columns: DatasetStatistics) -> Rows:
    """Rows of Table 1, shares added."""
    rows: list[tuple[str, Any]] = [
        ("instructions", lambda its: amount(its.instructions)),
        ("classification tasks", lambda its: _share(its.classification, its.instructions)),
        ("other tasks", lambda its: _share(its.instructions - its.classification, its.instructions)),
        ("instances", lambda its: amount(its.instances)),
        ("with an empty input", lambda its: _share(its.empty_inputs, its.instances)),
        (
            "instances per task",
            lambda its: decimal(its.instances / its.instructions if its.instructions else None, 2),
        ),
        ("words per instruction, mean", lambda its: decimal(its.instruction_words)),
        ("words per non-empty input, mean", lambda its: decimal(its.input_words)),
        ("words per output, mean", lambda its: decimal(its.output_words)),
    ]
    return [(name, *(cell(its) for its in columns)) for name, cell in rows]


def _table_2(data: DataSummary) -> Rows:
    return [
        (
            QUESTIONS.get(each.name, "All fields valid"),
            percent(each.share.share),
            f"{percent(each.share.low)} to {percent(each.share.high)}",
            percent(PAPER_TABLE_2[each.name]),
        )
        for each in data.questions
    ]


def _marginal(growth: Growth) -> Rows:
    """What a task took at first and at last; empty where the run is too short to tell."""
    first, last = growth.first, growth.last
    if first is None or last is None:
        return []
    rows: Rows = [
        ("requests", decimal(first.requests, 2), decimal(last.requests, 2)),
        ("tokens", amount(first.tokens), amount(last.tokens)),
    ]
    if first.cost is not None:
        rows.append(("USD", dollars(first.cost), dollars(last.cost)))
    return rows


def _usage_sentence(usage: RunUsage) -> str:
    cached = f" ({usage.cached_tokens:,} from the provider's cache)" if usage.cached_tokens else ""
    thinking = f" ({usage.reasoning_tokens:,} of them thinking)" if usage.reasoning_tokens else ""
    tokens = f"{usage.prompt_tokens:,} tokens went in{cached}, {usage.completion_tokens:,} came out{thinking}"
    if usage.estimated:
        tokens += " (estimated: the endpoint does not count them)"
    cost = "prices are not known" if usage.cost is None else f"{dollars(usage.cost)} in all"
    pause = usage.elapsed - usage.working
    time = f"Active time {duration(usage.working)}" + (
        f", with {duration(pause)} of pauses" if pause > 60 else ""
    )
    each = (
        ""
        if usage.tokens_a_task is None
        else f" A task of the data set took {decimal(usage.requests_a_task)} requests and "
        f"{amount(usage.tokens_a_task)} tokens"
        + (f", {dollars(usage.cost_a_task)}." if usage.cost_a_task is not None else ".")
    )
    return f"{tokens}; {cost}. {time}.{each}"


def _usage(usage: RunUsage) -> tuple[Sequence[str], Rows]:
    """The columns that some stage has something in: not every provider has a cache, thinking or prices."""
    columns: list[tuple[str, Callable[[StageUse], str], bool]] = [
        ("stage", lambda use: str(use.stage), True),
        ("requests", lambda use: amount(use.requests), True),
        ("attempts", lambda use: amount(use.attempts), True),
        ("failed", lambda use: amount(use.failed), True),
        ("tokens in", lambda use: amount(use.prompt_tokens), True),
        ("cached", lambda use: amount(use.cached_tokens), usage.cached_tokens > 0),
        ("cache writes", lambda use: amount(use.cache_write_tokens), usage.cache_write_tokens > 0),
        ("tokens out", lambda use: amount(use.completion_tokens), True),
        ("thinking", lambda use: amount(use.reasoning_tokens), usage.reasoning_tokens > 0),
        ("median", lambda use: seconds(use.seconds.median), True),
        ("95 % within", lambda use: seconds(use.seconds.p95), True),
        ("cost", lambda use: dollars(use.cost), any(use.cost is not None for use in usage.stages)),
    ]
    shown = [(name, cell) for name, cell, wanted in columns if wanted]
    asked = [use for use in usage.stages if use.attempts or use.stage not in (Stage.ANSWERS, Stage.MEANING)]
    return [name for name, _ in shown], [[cell(use) for _, cell in shown] for use in asked]


def _coverage(figures: Figures) -> list[str]:
    coverage = figures.coverage
    sentences = []
    if coverage.top_label is not None:
        name, part = coverage.top_label
        sentences.append(
            f"The most common label of the classification tasks is “{shortened(name, 60)}”, with "
            f"{percent(part)} of "
            "their instances."
        )
    if coverage.repeated_outputs is not None:
        sentences.append(f"Of all other outputs {percent(coverage.repeated_outputs)} occur more than once.")
    return sentences


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({percent(part / whole, 1)})" if whole else amount(part)


def _attribute(attribute: AskedAttribute, *, steered: bool) -> tuple[str, str, Rows]:
    """Its name, how much of it was used, and its values."""
    sentence = (
        f"{amount(attribute.asked)} of {amount(attribute.possible)} values were asked for; tasks of"
        f" {amount(attribute.kept)} are in the data set."
    )
    if attribute.distance is not None:
        distance = f"{attribute.distance:.2f} (0: reached, 1: nothing of it)"
        sentence += f" Distance of the data set from the target: {distance}."
    if steered and attribute.yield_change is not None:
        change = f"{attribute.yield_change * 100:+.1f} points"
        sentence += f" What steering did to the yield, estimated from each value's own: {change}."
    rows: Rows = [
        (
            each.value,
            percent(each.target),
            amount(each.asked),
            amount(each.written),
            amount(each.admitted),
            amount(each.kept),
        )
        for each in attribute.values
    ]
    return attribute.name, sentence, rows
