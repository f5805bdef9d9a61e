"""All figures of a run, in one value: what `report --json` prints and the page shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import tomli_w

from selfinstruct import __version__
from selfinstruct.config import Config
from selfinstruct.dataset.source import usable_seeds
from selfinstruct.dataset.statistics import PAPER, DatasetStatistics, measure
from selfinstruct.ratings.scores import JudgeFigures, Scores
from selfinstruct.ratings.summary import RatingsSummary
from selfinstruct.records import SeedTask, Stage, Task
from selfinstruct.report.assessment import Assessment, assess
from selfinstruct.report.attributes import AskedAttribute, describe_attributes
from selfinstruct.report.coverage import Coverage, describe_coverage
from selfinstruct.report.evaluated import Evaluated
from selfinstruct.report.funnel import Funnel, describe_funnel
from selfinstruct.report.growth import Growth, describe_growth
from selfinstruct.report.lengths import Lengths, measure_lengths
from selfinstruct.report.quality import describe_quality, judged_by_judges, judged_by_people
from selfinstruct.report.samples import TASKS, Samples, draw_samples
from selfinstruct.report.seed_yield import SeedYield, measure_seed_yield
from selfinstruct.report.signals import look_at_rows, with_scores
from selfinstruct.report.similarity import Similarity, measure_similarity
from selfinstruct.report.usage import RunUsage, describe_usage
from selfinstruct.report.verb_objects import VerbObjects, count_verb_objects
from selfinstruct.store.reader import RunReader
from selfinstruct.store.record import RunRecord, Sample
from selfinstruct.text.verbs import VerbObject, find_verb_and_object

__all__ = ["Figures", "RunFacts", "compute", "read_for_report"]

READ_WHOLE, SAMPLE = 50_000, 20_000
"""Tasks: of a run with more than the first, about so many as the second are read."""

ROWS_OF_SAMPLE = 10_000
"""Rows of a sample that signals look at: a millisecond each."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What tells this run from others. name: of its directory. models: by stage, as `provider/name`.
    seeds_source: `bundled`, or the file's name. running: whether a process wrote it when it was read.
    first, last: seconds since 1970 of the first request and the last reply; None before.
    steered: whether attributes were. config: as TOML. sample: what was read of a large run; None where all
    was."""

    name: str
    models: dict[Stage, str]
    recipe: str
    language: str
    about: str
    seeds: int
    seeds_source: str
    seed: int
    wanted: int
    tasks: int
    running: bool
    first: float | None
    last: float | None
    version: str
    steered: bool
    config: str
    sample: Sample | None = None

    @property
    def missing(self) -> int:
        """Tasks wanted and not there yet."""
        return max(0, self.wanted - self.tasks)


@dataclass(frozen=True, slots=True)
class Figures:
    """statistics: Table 1 of the data set; seed_statistics of those seeds that have an instance, and
    paper_statistics what the paper got. ratings: what people said of it; None where nobody has. evaluated: of
    models, by set of items. attributes: asked for; none where none were."""

    run: RunFacts
    assessment: Assessment
    statistics: DatasetStatistics
    seed_statistics: DatasetStatistics
    paper_statistics: DatasetStatistics
    funnel: Funnel
    verb_objects: VerbObjects
    similarity: Similarity
    lengths: Lengths
    growth: Growth
    usage: RunUsage
    coverage: Coverage
    attributes: tuple[AskedAttribute, ...]
    seed_yield: SeedYield
    ratings: RatingsSummary | None
    judges: JudgeFigures | None
    evaluated: tuple[Evaluated, ...]
    samples: Samples

    def to_json(self) -> dict[str, Any]:
        """Nothing but what JSON has; the samples are left out, since a run's data set has them all."""
        named = (field.name for field in fields(self) if field.name != "samples")
        values: dict[str, Any] = asdict(replace(self, samples=Samples((), {}, {})))
        return {name: values[name] for name in named}


def compute(
    record: RunRecord,
    name: str,
    *,
    running: bool,
    ratings: RatingsSummary | None = None,
    judges: JudgeFigures | None = None,
    scores: Scores | None = None,
    evaluated: tuple[Evaluated, ...] = (),
    most_samples: int = TASKS,
    most_rows: int | None = None,
) -> Figures:
    """Of a run at any moment. name: of its directory. most_samples: tasks in the page's sample browser.
    most_rows: that signals look at; None for all, or `ROWS_OF_SAMPLE`. Where the record is a sample, texts,
    lengths, similarities and latencies are measured on that, and counts are of the whole run all the same."""
    if record.sample is not None and most_rows is None:
        most_rows = ROWS_OF_SAMPLE
    find = _finder()
    tasks = [task.task() for task in record.tasks if record.in_data_set(task)]
    seed_tasks = list(usable_seeds(record.seeds))
    all_seeds = [_as_task(seed) for seed in record.seeds]
    found = [find(task.instruction) for task in tasks]
    run = _facts(record, name, running=running)
    statistics, seed_statistics = _whole(record, measure(tasks)), measure(seed_tasks)
    funnel = describe_funnel(record)
    verb_objects = count_verb_objects(found)
    similarity = measure_similarity(record)
    signals, marks = look_at_rows(record, most_rows)
    if scores is not None:
        marks = with_scores(record, marks, scores)
    judged = judged_by_people(ratings) + judged_by_judges(judges)
    growth, usage = describe_growth(record), describe_usage(record)
    coverage = describe_coverage(tasks, all_seeds, found, [find(seed.instruction) for seed in all_seeds])
    return Figures(
        run=run,
        assessment=assess(
            config=record.config,
            running=running,
            funnel=funnel,
            growth=growth,
            usage=usage,
            verb_objects=verb_objects,
            similarity=similarity,
            coverage=coverage,
            quality=describe_quality(record, signals=signals, judged=judged),
            evaluated=evaluated,
        ),
        statistics=statistics,
        seed_statistics=seed_statistics,
        paper_statistics=PAPER,
        funnel=funnel,
        verb_objects=verb_objects,
        similarity=similarity,
        lengths=measure_lengths(tasks, seed_tasks),
        growth=growth,
        usage=usage,
        coverage=coverage,
        attributes=describe_attributes(record),
        seed_yield=measure_seed_yield(record),
        ratings=ratings,
        judges=judges,
        evaluated=evaluated,
        samples=draw_samples(record, find, marks=marks, most=most_samples),
    )


def read_for_report(reader: RunReader) -> RunRecord:
    """All of a run, or a sample of a large one. Raises what reading it raises."""
    return reader.record(whole_up_to=READ_WHOLE, sample=SAMPLE)


def _whole(record: RunRecord, measured: DatasetStatistics) -> DatasetStatistics:
    """With the counts of the whole data set; means are of what was read."""
    summary, counts = record.summary, record.counts
    return replace(
        measured,
        instructions=summary.tasks,
        classification=counts.classification_tasks,
        instances=summary.instances,
        empty_inputs=counts.empty_inputs,
    )


@lru_cache(maxsize=1)
def _finder() -> Callable[[str], VerbObject]:
    """Remembers what it found: a live report asks for the same instructions again and again."""
    return lru_cache(maxsize=200_000)(find_verb_and_object)


def _as_task(seed: SeedTask) -> Task:
    return Task(seed.id, seed.instruction, seed.is_classification, seed.instances)


def _facts(record: RunRecord, name: str, *, running: bool) -> RunFacts:
    config, summary = record.config, record.summary
    models = {stage: config.for_stage(stage).model for stage in filter(config.asks, Stage)}
    source = config.seeds.source
    return RunFacts(
        name=name,
        models={stage: f"{model.provider}/{PurePath(model.name).name}" for stage, model in models.items()},
        recipe=config.recipe_title,
        language=config.recipe.language,
        about=config.recipe.about,
        seeds=len(record.seeds),
        seeds_source=source if source == "bundled" else PurePath(source).name,
        seed=config.seed,
        wanted=config.limits.tasks,
        tasks=summary.tasks,
        running=running,
        first=summary.first,
        last=summary.last,
        version=__version__,
        steered=config.steering.on,
        config=_toml(config),
        sample=record.sample,
    )


def _toml(config: Config) -> str:
    return tomli_w.dumps(config.model_dump(mode="json", exclude_none=True))
