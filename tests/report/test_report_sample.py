"""The report of a large run is made of a sample, and says so."""

import asyncio

import pytest

from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.report import figures
from selfinstruct.report.figures import Figures, compute, read_for_report
from selfinstruct.report.page import render_page, run_page
from selfinstruct.store.reader import RunReader

TASKS = 40


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, Figures]:
    """Of the same run: read whole, and as a sample."""
    directory = tmp_path_factory.mktemp("runs") / "run"
    plan = resolve(
        directory,
        options={"limits.tasks": TASKS, "endpoint.price_in": 1.0, "endpoint.price_out": 2.0},
        model_spec="scripted",
    )
    asyncio.run(generate(directory, plan))
    reader = RunReader.open(directory)
    whole = compute(read_for_report(reader), "run", running=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "READ_WHOLE", 20)
        patch.setattr(figures, "SAMPLE", 20)
        patch.setattr(figures, "ROWS_OF_SAMPLE", 10)
        return whole, compute(read_for_report(reader), "run", running=False)


def test_counts_are_of_the_whole_run(both: tuple[Figures, Figures]) -> None:
    whole, part = both
    assert whole.run.sample is None
    assert part.run.sample is not None
    assert part.run.sample.tasks < part.run.sample.of_tasks
    for name in ("tickets", "candidates", "admitted", "classification", "valid", "tasks", "instances_read"):
        assert getattr(part.funnel, name) == getattr(whole.funnel, name)
    assert [(each.reason, each.count, each.share) for each in part.funnel.rejected] == [
        (each.reason, each.count, each.share) for each in whole.funnel.rejected
    ]
    assert part.statistics.instructions == whole.statistics.instructions == TASKS
    assert part.statistics.classification == whole.statistics.classification
    assert part.statistics.empty_inputs == whole.statistics.empty_inputs
    assert part.usage.cost == whole.usage.cost
    assert [use.failed for use in part.usage.stages] == [use.failed for use in whole.usage.stages]
    assert part.samples.totals == whole.samples.totals
    assert part.growth.saturation == whole.growth.saturation
    assert part.assessment.quality.rows == whole.assessment.quality.rows
    signals = part.assessment.quality.signals
    assert signals is not None
    assert (signals.rows, signals.of) == (10, whole.funnel.instances)


def test_growth_is_estimated(both: tuple[Figures, Figures]) -> None:
    whole, part = both
    assert part.growth.tickets == whole.growth.tickets
    assert part.growth.requests[-1] == pytest.approx(whole.growth.requests[-1], rel=0.5)


def test_the_page_says_what_was_read(both: tuple[Figures, Figures]) -> None:
    whole, part = (render_page(run_page(each)) for each in both)
    sample = both[1].run.sample
    assert sample is not None
    assert f"a random sample was read: {sample.tasks} of {sample.of_tasks} admitted tasks" in part
    assert "random sample was read" not in whole
