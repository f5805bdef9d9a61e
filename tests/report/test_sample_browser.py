"""The sample browser of a report: found by id and text, sorted, filtered, linked; by mouse, keys, phone."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_run import make_run, many_tasks
from playwright.sync_api import Locator, Page, expect
from report_examples import Ticket, Written, figures_of, page_of, write_run

from selfinstruct.config import Config, LimitsConfig
from selfinstruct.records import Neighbour
from selfinstruct.report.page import render_page, run_page
from selfinstruct.report.samples import draw_samples
from selfinstruct.report.signals import RowMark
from selfinstruct.store.reader import RunReader
from selfinstruct.text.verbs import find_verb_and_object

DRAWN = "html[data-drawn=yes]"
VERBS = ("Write", "Explain", "Name")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 tasks, each nearest to the one before, and 40 rejects."""
    tickets = [
        Ticket(
            [
                Written(
                    f"{VERBS[number % 3]} a thing{number} for friends.",
                    [("", " ".join(["word"] * (number + 1)))],
                    is_classification=number % 2 == 0,
                    neighbour=Neighbour(3 + number, number / 200),
                )
                for number in range(3 * ticket, 3 * ticket + 3)
            ],
            rejected=[(f"Draw a map of place{ticket}.", "keyword", None)],
            shown=(0, 3 + 3 * ticket) if ticket else (0, 1),
        )
        for ticket in range(40)
    ]
    folder = tmp_path_factory.mktemp("browser")
    run = write_run(folder / "run", tickets, config=Config(limits=LimitsConfig(tasks=120)))
    (folder / "report.html").write_text(page_of(run), encoding="utf-8")
    return folder / "report.html"


def visit(page: Page, report: Path, anchor: str = "") -> None:
    page.goto(report.as_uri() + anchor)
    page.wait_for_selector(DRAWN, state="attached")


def cards(page: Page) -> Locator:
    return page.locator("#sample-list article")


def ids(page: Page) -> list[str]:
    return page.locator("#sample-list .sample-head .id").all_text_contents()


def test_every_task_is_found_by_its_id_and_by_its_words(page: Page, report: Path) -> None:
    visit(page, report)
    search, count = page.get_by_label("Text or id"), page.locator("#sample-count")
    expect(count).to_have_text("12 of 160 match")
    search.fill("task_100")
    expect(cards(page).first).to_contain_text("thing100")
    search.fill("task_10")
    assert ids(page)[0] == "task_10", "the one of that name comes first"
    search.fill("7.3")
    expect(cards(page).first).to_contain_text("Draw a map of place7.")
    search.fill("seed_task_2")
    expect(cards(page).first).to_contain_text("List three rivers in Spain.")
    search.fill("THING119 for")
    expect(count).to_have_text("1 match")
    assert ids(page) == ["task_119"]


def test_a_permalink_leads_to_a_task_and_links_lead_on(page: Page, report: Path) -> None:
    visit(page, report, "#task_100")
    card = cards(page).first
    expect(card).to_be_focused()
    expect(card).to_be_in_viewport()
    expect(card).to_contain_text("thing100")
    card.get_by_role("link", name="task_99").click()
    expect(cards(page).first).to_contain_text("thing99")
    assert page.url.endswith("#task_99")
    cards(page).first.get_by_text("From instruction request 33").click()
    cards(page).first.get_by_role("link", name="seed_task_0").click()
    expect(cards(page).first).to_contain_text("Write a letter to your bank.")
    page.go_back()
    expect(cards(page).first).to_contain_text("thing99")
    page.evaluate("location.hash = '#task_7777'")
    expect(page.locator("#sample-count")).to_have_text(
        "task_7777 is not in this page: selfinstruct explain RUN task_7777"
    )


def test_sorting_and_filtering(page: Page, report: Path) -> None:
    visit(page, report)
    count = page.locator("#sample-count")
    page.get_by_label("Verdict").select_option("kept")
    page.get_by_label("Sort by").select_option("longest")
    assert ids(page)[:2] == ["task_119", "task_118"]
    page.get_by_label("Sort by").select_option("shortest")
    assert ids(page)[:2] == ["task_0", "task_1"]
    page.get_by_label("Sort by").select_option("near")
    assert ids(page)[0] == "task_119"
    page.locator("select[name=verb]").select_option("explain")
    page.get_by_label("Kind").select_option("classification")
    expect(count).to_have_text("12 of 20 match")
    page.get_by_role("button", name="Clear").click()
    expect(count).to_have_text("12 of 160 match")
    expect(page.locator("select[name=score]")).to_be_hidden()


def test_a_bar_and_a_reason_filter(page: Page, report: Path) -> None:
    visit(page, report)
    count = page.locator("#sample-count")
    page.locator("#chart-yield .barlayer .trace").nth(1).locator(".point path").first.click(force=True)
    expect(page.get_by_label("Verdict")).to_have_value("rejected:keyword")
    expect(count).to_have_text("12 of 40 match")
    expect(page.locator("#samples h2")).to_be_in_viewport()
    page.locator("#chart-similarity-pool .point path").first.click(force=True)
    expect(page.locator("#sample-chips button")).to_have_text("nearest ROUGE-L 0 to below 0.05 ✕")
    expect(count).to_have_text("10 match")
    page.locator("#sample-chips button").click()
    expect(count).to_have_text("12 of 120 match")
    page.locator("#yield .reasons").get_by_role("link", name="keyword").click()
    expect(count).to_have_text("12 of 40 match")
    page.locator("#chart-verbs .slice path").nth(1).click(force=True)
    expect(page.locator("select[name=verb]")).not_to_have_value("")


def test_a_task_is_copied(page: Page, report: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, report, "#task_4")
    page.get_by_role("button", name="Copy task_4 as JSON").click()
    expect(cards(page).first.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText().then(JSON.parse)")
    assert copied["instruction"] == "Explain a thing4 for friends."
    assert copied["instances"] == [{"input": "", "output": "word word word word word"}]


def test_keys_are_enough(page: Page, report: Path) -> None:
    visit(page, report)
    page.get_by_label("Text or id").focus()
    page.keyboard.type("thing5")
    expect(page.locator("#sample-count")).to_have_text("11 match")
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Text or id")).to_be_focused()
    page.get_by_role("button", name="Show more").focus()
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(24)
    expect(cards(page).nth(12)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(cards(page).first).to_be_focused()
    assert page.url.endswith("#task_12")
    assert ids(page)[0] == "task_12"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone(page: Page, report: Path, scheme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit(page, report, "#task_50")
    expect(cards(page).first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for control in page.locator("#filters input, #filters select:visible, #filters button").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 36
        assert box["x"] + box["width"] <= 390
    table = page.locator("#usage .scroll").first
    assert table.evaluate("each => each.scrollWidth > each.clientWidth")
    assert table.evaluate("each => getComputedStyle(each).backgroundImage").count("gradient") == 4, "a cue"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks: flagged and scored low, scored high, not judged."""
    folder = tmp_path_factory.mktemp("marked")
    run = write_run(folder / "run", [Ticket([Written(f"Write a thing{place}.") for place in range(3)])])
    figures = figures_of(run)
    marks = {(0, 0): RowMark(("echo",), 1.5), (1, 0): RowMark((), 4.5)}
    samples = draw_samples(RunReader.open(run).record(), find_verb_and_object, marks=marks)
    page = render_page(run_page(replace(figures, samples=samples)))
    (folder / "report.html").write_text(page, encoding="utf-8")
    return folder / "report.html"


def test_signals_and_scores_filter_where_there_are_any(page: Page, marked: Path) -> None:
    visit(page, marked)
    page.locator("select[name=signal]").select_option("echo")
    assert ids(page) == ["task_0"]
    page.locator("select[name=signal]").select_option("")
    for value, expected in (("4-6", ["task_1"]), ("1-2", ["task_0"]), ("none", ["task_2"])):
        page.locator("select[name=score]").select_option(value)
        assert ids(page) == expected
    page.locator("select[name=score]").select_option("")
    page.locator("select[name=sort]").select_option("score")
    assert ids(page)[:2] == ["task_0", "task_1"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    make_run(folder / "run", many_tasks(5_500))
    (folder / "report.html").write_text(page_of(folder / "run"), encoding="utf-8")
    return folder / "report.html"


def test_thousands_of_tasks_open_in_seconds(page: Page, large: Path) -> None:
    """A sample of them, which says how large it is; what is not in it has a command."""
    assert large.stat().st_size < 12_000_000
    visit(page, large)
    expect(page.locator("#samples")).to_contain_text("5,000 of 5,500 kept")
    began = page.evaluate("performance.now()")
    page.get_by_label("Text or id").fill("subject 77")
    expect(page.locator("#sample-count")).to_have_text(re.compile(r"^\d+ match"))
    assert page.evaluate("performance.now()") - began < 5_000
