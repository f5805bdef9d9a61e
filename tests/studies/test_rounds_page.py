"""The page of all rounds, of made-up figures: what it says, and that it fits any screen."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from selfinstruct.evaluation.intervals import Interval
from selfinstruct.report.page import render_page
from selfinstruct.studies.rounds.figures import Gain, RoundFigures, Written
from selfinstruct.studies.rounds.page import rounds_page
from selfinstruct.studies.rounds.settings import RoundsSettings
from selfinstruct.studies.rounds.spending import Spending
from selfinstruct.studies.rounds.verdict import best_of, verdict

SETTINGS = RoundsSettings(
    model="pocket",
    model_digest="m",
    seeds_digest="s",
    suite="jsonl",
    items="/items.jsonl",
    judge="<b>judge</b>",
)


def measured(number: int, mean: float, gain: Interval | None = None, kept: int = 90) -> RoundFigures:
    metrics = {"rougeL": Interval(mean, mean - 1, mean + 1), "exact_match": Interval(1.0, 0.5, 1.5)}
    if gain is None:
        return RoundFigures(number, "pocket", metrics, 105, Spending(105, 9000, 60.0))
    points = Gain(gain, 40, 50, 15)
    return RoundFigures(
        number=number,
        model=f"gguf/round-{number}/model/model.gguf",
        metrics=metrics,
        items=105,
        measuring=Spending(105, 8000, 60.0),
        written=Written("pocket", False, 150, 100, kept, 3, 200, 180, {"low_score": 20}, 30, 60),
        gain=points,
        from_start=points,
        training=kept * number,
        seeds=217,
        examples=400,
        tuning_seconds=90.0,
        writing=Spending(300, 100_000, 120.0, 0.5),
    )


GAINED, UNSURE, WORSE = Interval(2.0, 1.0, 3.0), Interval(0.4, -0.2, 1.0), Interval(-1.0, -2.0, -0.5)
ROUNDS = [measured(0, 2.7), measured(1, 4.7, GAINED), measured(2, 5.1, UNSURE)]


def test_figures_are_read_as_they_were_written() -> None:
    for each in ROUNDS:
        assert RoundFigures.from_json(json.loads(json.dumps(each.to_json()))) == each


@pytest.mark.parametrize(
    ("rounds", "ending", "best", "said"),
    [
        (ROUNDS, "no_gain", 1, "round 1 is +0.4 (−0.2 to +1.0), and the interval includes zero. Best is"),
        (ROUNDS[:2], "max_rounds", 1, "after round 1, the last one asked for. Best is round 1: ROUGE-L 4.7"),
        (ROUNDS[:2], None, 1, "Round 2 is under way."),
        (ROUNDS[:1], "no_tasks", 0, "Stopped in round 1: of what its model wrote, no task was kept."),
        ([ROUNDS[0], measured(1, 1.7, WORSE)], "no_gain", 0, "interval lies below zero. No round is shown"),
        ([], "interrupted", None, "Stopped in round 0: interrupted."),
    ],
)  # fmt: skip
def test_the_verdict_says_what_decided(
    rounds: list[RoundFigures], ending: str | None, best: int | None, said: str
) -> None:
    assert best_of(rounds) == best
    assert said in verdict(rounds, ending)  # type: ignore[arg-type]


def test_it_shows_all_rounds_on_any_screen(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "rounds.html"
    file.write_text(render_page(rounds_page("rounds", SETTINGS, ROUNDS, "no_gain")), encoding="utf-8")
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-drawn=yes]", state="attached")
        assert page.locator(".plot .main-svg").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.locator(".verdict p")).to_contain_text("Stopped after round 2")
        rows = page.get_by_role("region", name="Scores of all rounds").get_by_role("row")
        expect(rows).to_have_count(4)
        expect(page.locator("#config")).to_contain_text("<b>judge</b>")


def test_it_is_there_before_the_first_round_is_done() -> None:
    text = render_page(rounds_page("rounds", SETTINGS, ROUNDS[:1], None))
    assert "<p>Round 1 is under way.</p>" in text
    assert 'id="tasks"' not in text
