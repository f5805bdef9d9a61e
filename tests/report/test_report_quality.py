"""What a verdict says of quality: measured by whom, or not judged; never good where nobody looked."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from report_examples import Ticket, Written, figures_of, write_run

from selfinstruct.config import Config
from selfinstruct.filters.signals.flags import SignalCounts
from selfinstruct.ratings.questions import ALL_THREE
from selfinstruct.ratings.scores import PEOPLE, JudgedOutputs, JudgeFigures, JudgeTable
from selfinstruct.ratings.shares import mean_share
from selfinstruct.records import Instance, Neighbour, SeedTask
from selfinstruct.report.page import content_of, run_page
from selfinstruct.report.quality import (
    Judged,
    Quality,
    describe_quality,
    judged_by_judges,
)
from selfinstruct.report.signals import look_at_rows
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.reader import RunReader
from selfinstruct.store.record import RunRecord

ANSWER = "This answer has the length of what a person would write to the question."
SEEDS = tuple(
    SeedTask(
        f"seed_{place}", "", f"Explain thing {place} to a child.", (Instance("", ANSWER),), place % 4 == 0
    )
    for place in range(40)
)


def record_of(
    directory: Path,
    *,
    outputs: Sequence[str] = (ANSWER,),
    labels: int = 8,
    provider: str = "http",
    language: str = "",
    nearest: float = 0.3,
) -> RunRecord:
    """Of 40 tasks, `labels` of them classification, `outputs` in turn."""
    tasks = [
        Written(
            f"Tell the story of thing number {place} to your neighbour.",
            [("", outputs[place % len(outputs)])],
            is_classification=place < labels,
            neighbour=Neighbour(0, nearest),
        )
        for place in range(40)
    ]
    config = Config.model_validate(
        {
            "limits": {"tasks": 40},
            "model": {"provider": provider, "name": "m"},
            "recipe": {"language": language},
        }
    )
    return RunReader.open(write_run(directory / "run", [Ticket(tasks)], config=config, seeds=SEEDS)).record()


def said(quality: Quality) -> list[str]:
    return [each.text for each in quality.findings if each.level != "info"]


def test_what_nobody_read_is_not_judged(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    quality = describe_quality(record)
    assert (quality.level, quality.measured_by, quality.rows) == ("unmeasured", (), 40)
    assert quality.verdict == "Quality: not judged. Nobody has judged whether the answers are right."
    clean = describe_quality(record, signals=SignalCounts(40, 1, {"cut_off": 1}, of=40))
    assert clean.level == "unmeasured", "signals see form only"
    assert clean.verdict == (
        "Quality: not judged. Signals flagged 1 of 40 instances; "
        "nobody has judged whether the answers are right."
    )
    sampled = describe_quality(record, signals=SignalCounts(30, 0, {}, of=40))
    assert "Signals flagged none of 30 instances, a sample of 40; nobody" in sampled.verdict


@pytest.mark.parametrize(
    ("rows", "right", "low", "high", "level"),
    [
        (25, 0.92, 0.75, 0.98, "good"),
        (5, 1.0, 0.57, 1.0, "unmeasured"),
        (25, 0.6, 0.41, 0.77, "warn"),
        (25, 0.2, 0.09, 0.39, "bad"),
    ],
)
def test_who_read_it_decides(
    tmp_path: Path, rows: int, right: float, low: float, high: float, level: str
) -> None:
    quality = describe_quality(record_of(tmp_path), judged=[Judged("people", rows, right, low, high)])
    assert quality.level == level
    assert f"people on {rows} instances ({right:.0%}".removesuffix("%") in quality.verdict


@pytest.mark.parametrize("provider", ["pocket", "scripted"])
def test_the_bundled_model_and_templates_are_never_good(tmp_path: Path, provider: str) -> None:
    praised = [Judged("people", 40, 1.0, 0.91, 1.0)]
    quality = describe_quality(record_of(tmp_path, provider=provider), judged=praised)
    assert quality.level == "warn"
    assert "not for training data" in quality.verdict


def test_another_language_than_the_one_asked_for_is_bad(tmp_path: Path) -> None:
    """In the verdict, and on the page."""
    record = record_of(tmp_path, language="German")
    quality = describe_quality(record)
    assert quality.level == "bad"
    assert re.match(
        r"Quality: bad\. \d\d of 40 instructions are not in German, but in English", quality.verdict
    )
    assert said(quality)[1].startswith("32 of 32 outputs")
    figures = figures_of(tmp_path / "run")
    assert figures.assessment.level == figures.assessment.quality.level == "bad"
    assert "of 40 instructions are not in German" in content_of(run_page(figures))


@pytest.mark.parametrize("language", ["English", "", "German and English", "Klingon"])
def test_no_language_is_held_against_what_was_not_asked_for(tmp_path: Path, language: str) -> None:
    assert describe_quality(record_of(tmp_path, language=language)).level == "unmeasured"


def test_shapes_far_from_the_seeds_are_doubtful(tmp_path: Path) -> None:
    cases = {
        "short": ({"outputs": ("Yes.",)}, "Outputs are far shorter than the seeds': 1 words"),
        "labels": ({"labels": 36}, "Far more classification tasks than among the seeds: 90"),
        "none": ({"labels": 1}, "Far fewer classification tasks than among the seeds: 2"),
        "crowd": ({"nearest": 0.69}, "100\N{NARROW NO-BREAK SPACE}% of the admitted instructions are almost"),
    }
    for name, (options, text) in cases.items():
        quality = describe_quality(record_of(tmp_path / name, **options))  # type: ignore[arg-type]
        assert quality.level == "warn", name
        assert len(said(quality)) == 1, said(quality)
        assert said(quality)[0].startswith(text)


def test_signals_find_fault(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    for flagged, level in ((2, "unmeasured"), (6, "warn"), (20, "bad")):
        quality = describe_quality(record, signals=SignalCounts(40, flagged, {"echo": flagged}, of=40))
        assert quality.level == level
    assert "echo 20" in quality.verdict


def test_signals_look_at_every_row_and_mark_them(tmp_path: Path) -> None:
    outputs = [ANSWER, ANSWER, "I am sorry, but as an AI language model I cannot help with that."]
    record = record_of(tmp_path, outputs=outputs, labels=0)
    counts, marks = look_at_rows(record)
    refused = {(place, 0) for place in range(2, 40, 3)}
    assert refused <= {place for place, mark in marks.items() if "refusal" in mark.signals}
    assert (counts.rows, counts.of, counts.flagged) == (40, 40, len(marks))
    few, _ = look_at_rows(record, 10)
    assert (few.rows, few.of) == (10, 40)
    assert describe_quality(record, signals=few).measured_by[0].startswith("signals on 10 of 40 instances")
    figures = figures_of(tmp_path / "run")
    assert figures.assessment.quality.signals == counts
    flagged = {each.id for each in figures.samples.those if any(one.signals for one in each.instances)}
    assert flagged == {f"task_{number}" for number, _ in marks}


def test_a_judge_counts_as_people_do(tmp_path: Path) -> None:
    """Of the run's own outputs; people's table is told by people."""

    def table(name: str, right: int, of: int) -> JudgeTable:
        share = mean_share([1.0] * right + [0.0] * (of - right))
        return JudgeTable(name, of, {ALL_THREE: share}, 4.0, {}, {}, "")

    tables = (table(PEOPLE, 1, 2), table("strict", 36, 40))
    figures = JudgeFigures(("strict",), (JudgedOutputs(ORIGINAL, 40, tables, {}, ()),))
    (judged,) = judged_by_judges(figures)
    assert (judged.by, judged.rows, judged.right) == ("the judge strict", 40, 0.9)
    quality = describe_quality(record_of(tmp_path), judged=[judged])
    assert quality.level == "good"
    assert quality.verdict.startswith("Quality: good. Measured by the judge strict on 40 instances (90")
    own = JudgeTable("strict", 40, tables[1].questions, 4.0, {}, {}, "", itself=True)
    of_itself = JudgeFigures(("strict",), (JudgedOutputs(ORIGINAL, 40, (own,), {}, ()),))
    assert judged_by_judges(of_itself) == (), "models favor their own"
    assert judged_by_judges(None) == ()
