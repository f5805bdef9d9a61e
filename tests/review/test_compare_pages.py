"""Comparing systems in a browser: blind, in an order of each rater's own, by keyboard."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import BrowserThread, Visit
from playwright.sync_api import Page, expect
from reviewing import Reviewing, held, reviewing, serving

from selfinstruct.cli.review import review
from selfinstruct.errors import ConfigError
from selfinstruct.review.predictions import item_id, items_of_predictions
from selfinstruct.store.rating_log import RatingLog

SYSTEMS = ("gpt-strong", "gpt-weak", "gpt-other")
QUESTIONS = [
    ("Name a colour.", ""),
    ("Add.", "1 and 2"),
    ("Say <b>hi</b>.", "<script>document.title='x'</script>"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for system in SYSTEMS:
        rows = (
            {
                "instruction": asked,
                "input": given,
                "response": f"<i>{place}</i> {len(system)}",
                "target": "right",
            }
            for place, (asked, given) in enumerate(QUESTIONS)
        )
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{system}_predictions.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[Reviewing]:
    material, partial = items_of_predictions(sorted(folder.glob("*.jsonl")), seed=3)
    assert partial == 0
    with serving(material, "Ann") as running:
        yield running


def press(page: Page, key: str) -> None:
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    expect(page.locator("[data-notice]")).to_be_visible()


def current(page: Page) -> str:
    return page.locator(".response.current h2").inner_text()


def test_by_keyboard_blind_to_the_end(folder: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    orders = set()
    for _ in QUESTIONS:
        expect(page.locator(".response")).to_have_count(3)
        assert not any(system in page.content() for system in SYSTEMS)
        orders.add(tuple(text[-2:] for text in page.locator(".response .text").all_inner_texts()))
        for number, key in enumerate("adb", start=1):
            assert current(page) == f"Response {number} of 3"
            press(page, key)
    expect(page.get_by_role("heading", name="All 3 are rated")).to_be_visible()
    ratings = held(folder)
    assert len(ratings) == 9
    assert {system for _, _, system in ratings} == set(SYSTEMS)
    for asked, given in QUESTIONS:
        levels = {ratings["Ann", item_id(asked, given), system].answers["level"] for system in SYSTEMS}
        assert levels == set("ADB")
    page.get_by_role("link", name="Results").first.click()
    expect(page.get_by_role("row", name="gpt-weak")).to_be_visible()
    assert page.locator("svg.stack rect").count() == 12


def test_marking_undo_skip_and_the_reference(folder: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    expect(page.get_by_text("right", exact=True)).to_be_hidden()
    page.keyboard.press("t")
    expect(page.get_by_text("right", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert current(page) == "Response 3 of 3"
    press(page, "c")
    assert current(page) == "Response 1 of 3", "the others are still open"
    expect(page.locator("#response-3 .tag")).to_have_text("You said C")
    press(page, "u")
    assert held(folder) == {}
    press(page, "b")
    first = page.locator(".steps h1").inner_text()
    press(page, "s")
    assert page.locator(".steps h1").inner_text() != first
    expect(page.locator(".progress")).to_contain_text("0 of 3, 1 skipped")


def test_another_rater_sees_another_order(server: Reviewing, page: Page) -> None:
    server.enter(page)
    orders = set()
    for rater in ("Ann", "Bo", "Cy", "Di", "Ed"):
        page.goto(f"{server.site}/by/{rater}/1")
        orders.add(tuple(page.locator(".response .text").all_inner_texts()))
        again = page.reload()
        assert again is not None
        assert tuple(page.locator(".response .text").all_inner_texts()) in orders
    assert len(orders) > 1


def test_two_raters_agree(folder: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    for rater in ("Ann", "Bo"):
        page.goto(f"{server.site}/by/{rater}")
        for key in "abc":
            press(page, key)
    page.goto(f"{server.site}/results")
    expect(page.locator("main")).to_contain_text("3 by Ann, 3 by Bo")
    expect(page.get_by_role("row", name="four levels Ann, Bo 3")).to_be_visible()
    expect(page.get_by_role("row", name="A, B against C, D Ann, Bo 3")).to_be_visible()


def test_text_is_text(server: Reviewing, page: Page) -> None:
    server.enter(page)
    for number in range(1, 4):
        page.goto(f"{server.site}/by/Ann/{number}")
        assert page.locator(".text b, .text i, .text script").count() == 0
        expect(page.locator(".response .text").first).to_contain_text("<i>")
        assert page.title() != "x"


def test_by_touch_on_a_phone_without_scripts(
    folder: Path, server: Reviewing, browser: BrowserThread, page: Page, visit: Visit
) -> None:
    assert page.context.browser is not None
    phone = page.context.browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, has_touch=True
    ).new_page()
    visit.watch(phone)
    phone.goto(server.address)
    expect(phone.locator("#response-1")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.locator("#response-2").get_by_role("button", name="B").tap()
    expect(phone.locator("#response-2 .tag")).to_have_text("You said B")
    assert [rating.answers for rating in held(folder).values()] == [{"level": "B"}]
    phone.context.close()


def test_the_command_with_folders_of_evaluations(folder: Path, page: Page) -> None:
    for system in SYSTEMS[:2]:
        (folder / system).mkdir()
        (folder / f"{system}_predictions.jsonl").rename(folder / system / "predictions.jsonl")
    out = folder / "ratings" / "of-march"
    with reviewing(folder / SYSTEMS[0], folder / SYSTEMS[1], "--out", out, "--rater", "Ann") as server:
        server.enter(page)
        press(page, "a")
        code, told = server.end()
    assert code == 0
    assert "gpt-strong · gpt-weak: all 3 items (seed 42)" in told
    ((rater, _, system),) = held(out)
    assert (rater, system in SYSTEMS) == ("Ann", True)


def test_results_without_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted(folder.glob("*.jsonl"))
    material, _ = items_of_predictions(paths)
    item = material.items[0]
    log = RatingLog.open(folder)
    for response in item.responses[:2]:
        log.rate("Ann", item.id, response.system, response.digest, {"level": "B"})
    log.close()
    review(paths, results=True, json=True)
    shown = json.loads(capsys.readouterr().out)
    assert [system["levels"]["B"] for system in shown["ratings"]["systems"]] == [1.0, 1.0]
    text = paths[0].read_text(encoding="utf-8")
    paths[0].write_text(text.replace("<i>", "changed"), encoding="utf-8")
    review(paths, results=True)
    assert "Ann 1; 1 of texts that have changed since" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="--results"):
        review(paths, json=True)
