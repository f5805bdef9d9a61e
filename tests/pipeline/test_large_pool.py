"""A run whose pool outgrows what novelty records: the same data set, and everything else when asked for.

How many tickets are admitted beyond need differs between runs, so that their beginnings are compared.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from selfinstruct.filters import novelty
from selfinstruct.pipeline.full_lineage import full_lineage
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.report.charts.growth import acceptance_chart
from selfinstruct.report.charts.spreads import pool_chart
from selfinstruct.report.growth import describe_growth
from selfinstruct.report.similarity import SAMPLE, measure_similarity
from selfinstruct.store.reader import RunReader

TASKS = 40


def generated(directory: Path) -> RunReader:
    plan = resolve(directory, options={"limits.tasks": TASKS}, model_spec="scripted")
    asyncio.run(generate(directory, plan))
    return RunReader.open(directory)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunReader, RunReader]:
    """One that records all, and one that stops doing so after some tasks."""
    folder = tmp_path_factory.mktemp("runs")
    whole = generated(folder / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(novelty, "COMPLETE_UP_TO", len(whole.seeds()) + 15)
        return whole, generated(folder / "partial")


def test_verdicts_and_the_data_set_are_the_same(runs: tuple[RunReader, RunReader]) -> None:
    whole, partial = ([one for ticket in run.admissions() for one in ticket] for run in runs)
    both = min(len(whole), len(partial))
    assert [one.verdict for one in partial[:both]] == [one.verdict for one in whole[:both]]
    assert {one.verdict.reason for one in whole} >= {None, "similar"}
    data = [(run.directory / "dataset.jsonl").read_bytes() for run in runs]
    assert data[0] == data[1]
    for one, known in zip(partial, whole, strict=False):
        if one.mean_similarity is None:
            assert one.neighbours == tuple(near for near in known.neighbours if near.score > 0.7)
        else:
            assert one == known
    accepted = [one for one in partial if one.verdict.accepted]
    assert sum(one.mean_similarity is None for one in accepted) in range(10, len(accepted) - 10)


def test_explain_computes_what_was_not_recorded(runs: tuple[RunReader, RunReader]) -> None:
    whole, partial = runs
    similar = [each for each in whole.candidates() if each.reason == "similar"][-1]
    for name in ("task_3", "task_39", f"{similar.ticket}.{similar.position}", whole.seeds()[0].id):
        known = whole.lineage(name)
        found = full_lineage(partial, name)
        assert (found.neighbours, found.mean_similarity) == (known.neighbours, known.mean_similarity)
        assert full_lineage(whole, name) == known
    assert partial.lineage("task_39").neighbours == ()


def test_the_report_draws_a_sample_of_what_was_not_recorded(runs: tuple[RunReader, RunReader]) -> None:
    records = [run.record() for run in runs]
    both = min(len(record.candidates) for record in records)
    whole, partial = (replace(record, candidates=record.candidates[:both]) for record in records)
    known, found = measure_similarity(whole), measure_similarity(partial)
    compared = sum(each.nearest is not None for each in whole.candidates)
    assert compared <= SAMPLE  # so that the sample is all of them
    assert (known.sampled, found.sampled) == (0, compared)
    assert replace(found, sampled=0, to_pool_spread=known.to_pool_spread) == known
    assert found.to_pool_spread.mean == pytest.approx(known.to_pool_spread.mean)
    assert f"of {compared:,} drawn at random" in pool_chart(found).note
    assert "at random" not in pool_chart(known).note


def test_the_curve_of_novelty_ends_where_it_is_not_recorded(runs: tuple[RunReader, RunReader]) -> None:
    whole, partial = (describe_growth(run.record()) for run in runs)
    judged = [value for value in partial.novelty if value is not None]
    both = min(len(judged), len(whole.novelty))
    assert judged[:both] == list(whole.novelty[:both])
    assert both > 0
    assert "not recorded" not in acceptance_chart(whole).note
    assert ("not recorded" in acceptance_chart(partial).note) == (len(judged) < len(partial.novelty))
