"""Reports in a browser: whole without the network, deaf to texts, for any screen, for paper, for keyboards.

That the console holds no error and that nothing beyond this machine is asked for is checked after every test
(tests/support/browser.py).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import Visit
from command import Started, run, start
from playwright.sync_api import Page, expect
from report_examples import HOSTILE, Ticket, Written, hostile_run, page_of, small_run, write_run

from selfinstruct.records import Instance, Neighbour, SeedTask

DRAWN = "html[data-drawn=yes]"
ARABIC = "رتّب هذه الكلمات: (تفاحة)، موز."
FULL_STOPS = """text => {
  const walker = document.createTreeWalker(document.getElementById("main"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, at = node.data.indexOf(text);
    if (at < 0 || node.parentElement.closest("svg, .columns > .chart, pre, select")) continue;
    const left = (place) => {
      const range = document.createRange();
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      return range.getBoundingClientRect().left;
    };
    found.push([left(at + text.length - 1), left(at)]);
  }
  return found;
}"""
"""Where the last and the first letter of a text stand, wherever the page has it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of each run, and both.html of the first two."""
    folder = tmp_path_factory.mktemp("pages")
    writers = {"small": small_run, "hostile": hostile_run, "endless": endless_run, "arabic": arabic_run}
    for name, write in writers.items():
        (folder / f"{name}.html").write_text(page_of(write(folder / name)), encoding="utf-8")
    done = run("report", folder / "small", folder / "hostile", "--out", folder / "both.html")
    assert done.code == 0, done.stderr
    return folder


def endless_run(directory: Path) -> Path:
    """Of words that have no end."""
    endless = "x" * 20_000
    tasks = [Written(f"Write {endless}.", [(endless, endless)]), Written(f"Name {endless}y.")]
    return write_run(directory, [Ticket(tasks, rejected=[(endless, "keyword", None)])])


def arabic_run(directory: Path) -> Path:
    """With a full stop at the end of each text."""
    seeds = (SeedTask("seed_task_0", "", ARABIC, (Instance("", ARABIC),), False),)
    tickets = [Ticket([Written(ARABIC, [(ARABIC, ARABIC)])], [(ARABIC, "similar", Neighbour(0, 0.9))], (0,))]
    return write_run(directory, tickets, seeds=seeds)


def visit_page(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_selector(DRAWN, state="attached")


@pytest.mark.parametrize("name", ["small", "hostile", "both"])
def test_it_opens_for_itself(page: Page, folder: Path, name: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit_page(page, folder / f"{name}.html")
    assert [url for url in asked if not url.startswith("data:")] == [(folder / f"{name}.html").as_uri()]
    plots = page.locator(".plot")
    assert plots.count() >= 6
    assert page.locator(".plot .main-svg").count() >= plots.count()
    for number in range(plots.count()):
        assert plots.nth(number).bounding_box()["height"] > 100  # type: ignore[index]


@pytest.mark.parametrize("name", ["hostile", "both"])
def test_no_text_is_carried_out(page: Page, folder: Path, name: str) -> None:
    visit_page(page, folder / f"{name}.html")
    title = page.title()
    assert "taken" not in title
    assert (
        page.locator(
            "a[href^='javascript'], .plot a, [onerror], [onmouseover], main script, main img"
        ).count()
        == 0
    )
    for details in page.locator("summary").all():
        details.click()
    if name == "hostile":
        search = page.get_by_label("Text")
        for text in HOSTILE:
            search.fill(text)
            shown = page.locator("#sample-list .text")
            expect(shown.first).to_be_visible()
            assert any(text.strip() in found for found in shown.all_text_contents()), text
    page.mouse.move(300, 300)
    assert page.title() == title


def test_samples_can_be_filtered_and_drawn(page: Page, folder: Path) -> None:
    visit_page(page, folder / "small.html")
    count, cards = page.locator("#sample-count"), page.locator("#sample-list article")
    expect(count).to_have_text("8 match")
    page.get_by_label("Text").fill("STORY")
    expect(count).to_have_text("1 match")
    expect(cards).to_contain_text("Write a story about a river.")
    page.get_by_label("Text").fill("")
    page.get_by_label("Verdict").select_option("rejected")
    expect(count).to_have_text("3 match")
    page.get_by_label("Verdict").select_option("rejected:keyword")
    expect(cards).to_contain_text("Draw a map.")
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Kind").select_option("classification")
    expect(cards).to_contain_text("grief")
    page.get_by_label("Kind").select_option("")
    page.locator("select[name=verb]").select_option("give")
    expect(count).to_have_text("1 match")


def test_others_are_drawn(page: Page, folder: Path) -> None:
    visit_page(page, folder / "hostile.html")
    ids = page.locator("#sample-list .sample-head .id")
    seen = set(ids.all_text_contents())
    assert len(seen) == 12
    for _ in range(10):
        page.get_by_role("button", name="Shuffle").click()
        seen |= set(ids.all_text_contents())
    assert len(seen) > 24
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Show more").click()
    assert ids.count() == 24


def test_charts_follow_the_theme(page: Page, folder: Path) -> None:
    bar = page.locator("#chart-similarity-seeds .bars .point path").first
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visit_page(page, folder / "small.html")
        colours.add(bar.evaluate("element => getComputedStyle(element).fill"))
        assert page.locator("html").evaluate("e => getComputedStyle(e).colorScheme") == scheme
    assert len(colours) == 2
    button = page.get_by_role("button", name="Theme")
    button.click()
    expect(button).to_have_text("Theme: light")
    assert bar.evaluate("element => getComputedStyle(element).fill") == "rgb(0, 114, 178)"
    page.reload()
    expect(button).to_have_text("Theme: light")


@pytest.mark.parametrize("name", ["small", "hostile", "both"])
def test_a_phone_scrolls_down_only(page: Page, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    visit_page(page, folder / f"{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for plot in page.locator(".plot").all():
        assert plot.bounding_box()["width"] <= 360  # type: ignore[index]
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator("#chart-yield .main-svg, #chart-yields .main-svg").first).to_have_attribute(
        "width", re.compile(r"\d{4}")
    )


def test_words_without_end_leave_room(page: Page, folder: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    visit_page(page, folder / "endless.html")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    bars = page.locator("#chart-topics .bars path").first
    assert bars.bounding_box()["width"] > 20  # type: ignore[index]


def test_texts_run_in_their_own_direction(page: Page, folder: Path) -> None:
    visit_page(page, folder / "arabic.html")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    ends = page.evaluate(FULL_STOPS, ARABIC)
    assert len(ends) >= 8
    assert all(stop < letter for stop, letter in ends), "the full stop is at the left"


def test_paper_has_few_pages_and_no_controls(page: Page, folder: Path) -> None:
    visit_page(page, folder / "small.html")
    page.emulate_media(media="print")
    for controls in ("#filters", "#theme", "#sections", "fieldset >> nth=0", "#chart-yield summary"):
        expect(page.locator(controls)).to_be_hidden()
    assert page.locator("#sample-list .sample:visible").count() == 6
    page.emulate_media(media="screen")
    paper = page.pdf(format="A4")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 14
    assert page.locator("html").get_attribute("data-theme") is None, "as it was before printing"


def test_keys_are_enough(page: Page, folder: Path) -> None:
    visit_page(page, folder / "small.html")
    page.keyboard.press("Tab")
    skip = page.get_by_text("Skip to the content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    axis = page.locator("#chart-growth-tasks .g-xtitle")
    expect(axis).to_have_text("requests sent")
    page.locator("input[name=view-growth-tasks]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(axis).to_have_text("tokens, in and out")
    numbers = page.locator("#chart-yield summary")
    numbers.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chart-yield table")).to_be_visible()


def test_without_scripts_the_numbers_are_there(page: Page, folder: Path) -> None:
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto((folder / "small.html").as_uri())
    expect(plain.get_by_role("heading", name="small")).to_be_visible()
    expect(plain.locator("#chart-yield .alt")).to_have_text("8 instructions parsed, 5 admitted, 4 tasks.")
    plain.locator("#chart-yield summary").click()
    expect(plain.locator("#chart-yield table")).to_contain_text("no_valid_instance")
    assert plain.locator("#sample-list article").count() == 8
    expect(plain.locator("#task_2")).to_contain_text("Write a story about a river.")
    expect(plain.locator("#filters")).to_be_hidden()
    plain.context.close()


# --------------------------------------------------------------------------------------------- live


@contextmanager
def following(directory: Path) -> Iterator[tuple[str, Started]]:
    server = start("report", directory, "--live", "--port", "0")
    try:
        assert server.process.stdout is not None
        found = re.search(r" at (http://127\.0\.0\.1:\d+/\?token=\S+)", server.process.stdout.readline())
        assert found
        yield found[1], server
    finally:
        if server.process.poll() is None:
            server.kill()


def test_a_live_page_follows_a_run(page: Page, visit: Visit, tmp_path: Path) -> None:
    directory = tmp_path / "run"
    with following(directory) as (address, server):
        page.goto(address)
        status = page.locator("#live")
        expect(status).to_have_text("waiting for the run to begin")
        assert run("generate", directory, "--model", "scripted", "--tasks", 30, "--json").code == 0
        expect(status).to_have_text("30 of 30 tasks, at rest")
        expect(page.locator("#verdict-progress")).to_contain_text("30 of 30 tasks")
        expect(page.locator("#chart-yield .main-svg").first).to_be_visible()
        expect(page.get_by_role("navigation").get_by_role("link", name="Yield")).to_be_visible()
        page.locator("#chart-yield summary").click()
        page.get_by_label("Text").fill("write")
        assert run("generate", directory, "--tasks", 50, "--json").code == 0
        expect(status).to_have_text("50 of 50 tasks, at rest")
        expect(page.locator("#verdict-progress")).to_contain_text("50 of 50 tasks")
        expect(page.locator("#chart-yield table")).to_be_visible()
        expect(page.get_by_label("Text")).to_have_value("write")
        expect(page.locator("#filters option[value=kept]")).to_have_text("kept (50)")
        server.interrupt()
        ended = server.wait()
        assert (ended.code, ended.stderr) == (0, "Ctrl-C ends it.\n")
        expect(status).to_have_text("the server has ended")
    assert all("ERR_CONNECTION_REFUSED" in error for error in visit.errors)
    visit.errors.clear()


def test_a_live_page_shows_no_hostile_text_as_markup(page: Page, folder: Path) -> None:
    with following(folder / "hostile") as (address, _):
        page.goto(address)
        page.wait_for_selector(DRAWN, state="attached")
        assert "taken" not in page.title()
        page.get_by_label("Text").fill(HOSTILE[1])
        expect(page.locator("#sample-list .text").first).to_contain_text(HOSTILE[1])


def test_a_live_page_is_for_those_with_its_address(page: Page, visit: Visit, folder: Path) -> None:
    with following(folder / "small") as (address, _):
        reply = page.goto(address.partition("?")[0])
        assert reply is not None
        assert reply.status == 403
        expect(page.locator("main")).to_contain_text("needs a token")
        assert page.locator("section#summary").count() == 0
    visit.errors.clear()
