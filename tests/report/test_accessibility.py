"""axe-core looks at every page, in both themes, wide and on a phone: nothing serious keeps anybody out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from command import run
from made_run import make_run
from playwright.sync_api import Page
from report_examples import page_of, small_run
from reviewing import Reviewing, serving

from selfinstruct.ratings.questions import ACCEPT, COMMENT, DECISION, QUESTIONS
from selfinstruct.review.items import items_of_run
from selfinstruct.review.predictions import items_of_predictions
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.reader import RunReader

GRAVE = ("serious", "critical")
LOOKS = (("light", 1440), ("dark", 390))


def violations(page: Page) -> list[str]:
    """What axe finds, with the elements."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:200]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]


def look(page: Page, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    first, second = small_run(folder / "first"), small_run(folder / "second")
    (folder / "one.html").write_text(page_of(first), encoding="utf-8")
    done = run("report", first, second, "--out", folder / "several.html")
    assert done.code == 0, done.stderr
    return folder


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
@pytest.mark.parametrize("name", ["one", "several"])
def test_reports(page: Page, reports: Path, name: str, scheme: str, width: int) -> None:
    look(page, scheme, width)
    page.goto((reports / f"{name}.html").as_uri())
    page.wait_for_selector("html[data-drawn=yes]", state="attached")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert violations(page) == []


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[Reviewing]:
    """With ratings of two people, one with a comment."""
    make_run(tmp_path / "run")
    material = items_of_run(RunReader.open(tmp_path / "run"))
    log = RatingLog.open(tmp_path / "run")
    for rater in ("Ann", "Bob"):
        answers = {**dict.fromkeys(QUESTIONS, True), DECISION: ACCEPT, COMMENT: f"{rater} was here."}
        for item in material.items[:2]:
            log.rate(rater, item.id, "original", item.responses[0].digest, answers)
    log.close()
    with serving(material) as running:
        yield running


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_reviews(page: Page, reviewed: Reviewing, scheme: str, width: int) -> None:
    look(page, scheme, width)
    reviewed.enter(page)
    assert violations(page) == []
    for path in ("/by/Ann/1", "/by/Ann/3?edit=1", "/by/Ann/results", "/by/Ann/done"):
        page.goto(reviewed.site + path)
        assert violations(page) == [], path


@pytest.fixture
def compared(tmp_path: Path) -> Iterator[Reviewing]:
    for system in ("one", "two"):
        row = {"instruction": "Add.", "input": "1 and 2", "response": f"{system}: 3", "target": "3"}
        (tmp_path / f"{system}_predictions.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    material, _ = items_of_predictions(sorted(tmp_path.glob("*.jsonl")), seed=3)
    with serving(material, "Ann") as running:
        yield running


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_comparisons(page: Page, compared: Reviewing, scheme: str, width: int) -> None:
    look(page, scheme, width)
    compared.enter(page)
    assert violations(page) == []
