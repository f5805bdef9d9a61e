"""Reviewing a run in a browser: by keyboard, by forms, twice at once, through a kill, and never executing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import BrowserThread, Visit
from made_run import make_run
from playwright.sync_api import Page, expect
from reviewing import Reviewing, held, reviewing, serving

from selfinstruct.records import Instance, Task
from selfinstruct.review.items import items_of_run
from selfinstruct.store.rating_log import read_events
from selfinstruct.store.reader import RunReader

RUN_ME = "document.title='executed'"
EVIL = f"</textarea></script><script>{RUN_ME}</script><img src=x onerror={RUN_ME}> &lt;b&gt;"
TASKS = (
    Task("task_0", f"Repeat. {EVIL}", False, (Instance(EVIL, f"javascript:alert(1) {EVIL}"),)),
    Task("task_1", "Sort these words.", False, (Instance("b a", "a b"),)),
    Task("task_2", "Is it a fruit?", True, (Instance("apple", "yes"), Instance("stone", "no"))),
    Task("task_3", "写诗。", False, (Instance("", "春眠不觉晓"),)),
)
NOTICE = "[data-notice]"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    make_run(tmp_path / "my-run", TASKS)
    return tmp_path / "my-run"


@pytest.fixture
def server(run: Path) -> Iterator[Reviewing]:
    with serving(items_of_run(RunReader.open(run)), "Ann") as running:
        yield running


def item(page: Page) -> str:
    """The name of the item that is shown."""
    return page.locator(".item .tag").first.inner_text()


def go_to(page: Page, server: Reviewing, name: str, rater: str = "Ann") -> None:
    for number in range(1, 6):
        page.goto(f"{server.site}/by/{rater}/{number}")
        if item(page) == name:
            return
    raise AssertionError(f"{name} is not among the items")


def press(page: Page, *keys: str) -> None:
    """The last one sends the form; wait for what it came to."""
    before = page.url
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    expect(page.locator(NOTICE)).to_be_visible()


def answers(run: Path, name: str, rater: str = "Ann") -> dict[str, object]:
    return dict(held(run)[rater, name, "original"].answers)


ALL_YES = {"task": True, "input": True, "output": True}


def test_by_keyboard_to_the_end(run: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    names = []
    for keys in (["a"], ["y", "y", "n", "r"], ["n", "n", "n", "a"], ["s"], ["y", "3", "n", "y", "r"]):
        names.append(item(page))
        press(page, *keys)
    assert answers(run, names[0]) == {**ALL_YES, "decision": "accept"}
    assert answers(run, names[1]) == {**ALL_YES, "output": False, "decision": "reject"}
    assert answers(run, names[2]) == {"task": False, "input": False, "output": False, "decision": "accept"}
    assert answers(run, names[4]) == {**ALL_YES, "output": False, "decision": "reject"}
    assert item(page) == names[3], "what was skipped comes last"
    expect(page.locator(".progress")).to_contain_text("4 of 5, 1 skipped")
    press(page, "a")
    expect(page.get_by_role("heading", name="All 5 are rated")).to_be_visible()
    assert len(held(run)) == 5


def test_a_rejection_says_what_is_wrong(run: Path, server: Reviewing, page: Page, visit: Visit) -> None:
    server.enter(page)
    page.keyboard.press("y")
    page.keyboard.press("r")
    expect(page.locator("#problem")).to_have_text(re.compile("Answer all three questions, then reject"))
    assert held(run) == {}
    press(page, "n", "n", "r")
    assert len(held(run)) == 1
    assert [error for error in visit.errors if "422" not in error] == []
    visit.errors.clear()


def test_an_edit(run: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    go_to(page, server, "task_1/0")
    for key in ("y", "y", "n", "e"):
        page.keyboard.press(key)
    expect(page.get_by_role("textbox", name="Output")).to_be_focused()
    page.get_by_role("textbox", name="Output").fill("a\nb <b>")
    press(page, "Control+Enter")
    rating = held(run)["Ann", "task_1/0", "original"]
    assert rating.edit == {"output": "a\nb <b>"}
    assert rating.answers == {**ALL_YES, "output": False, "decision": "edit"}
    go_to(page, server, "task_1/0")
    expect(page.locator("#standing")).to_have_text("You edited this")
    page.keyboard.press("e")
    assert page.get_by_role("textbox", name="Output").input_value() == "a\nb <b>"
    page.keyboard.press("Escape")
    expect(page.locator(".output .text")).to_have_text("a b")


def test_an_edit_answers_what_is_open_and_a_comment_stays(run: Path, server: Reviewing, page: Page) -> None:
    """No of the text that it changes, yes of the others: Ctrl+Enter needs no further answer."""
    server.enter(page)
    go_to(page, server, "task_1/0")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Item . of 5"))
    page.keyboard.press("c")
    page.keyboard.type("Not quite, see y.")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.get_by_role("textbox", name="Output").fill("a b c")
    press(page, "Control+Enter")
    assert answers(run, "task_1/0") == {
        **ALL_YES,
        "output": False,
        "decision": "edit",
        "comment": "Not quite, see y.",
    }
    go_to(page, server, "task_1/0")
    expect(page.get_by_label("Comment")).to_have_value("Not quite, see y.")
    page.get_by_role("link", name="Results").click()
    expect(page.locator(".comment-text")).to_have_text("Not quite, see y.")


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (390, 844)])
def test_nothing_hides_a_question(server: Reviewing, page: Page, size: tuple[int, int]) -> None:
    """Not even the bar with the buttons, once a question is the marked one."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    server.enter(page)
    page.keyboard.press("3")
    question = page.locator(".question").nth(2).bounding_box()
    bar = page.locator(".actions").bounding_box()
    assert question is not None
    assert bar is not None
    assert question["y"] + question["height"] <= bar["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_undo_and_reload(run: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    first = item(page)
    press(page, "a")
    second = item(page)
    press(page, "y", "y", "n", "r")
    press(page, "u")
    assert item(page) == second
    expect(page.locator(NOTICE)).to_contain_text("open again")
    page.reload()
    expect(page.locator("#standing")).to_have_count(0)
    press(page, "u")
    assert item(page) == first
    assert held(run) == {}
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert len(read_events(run)) == 4, "all of it is in the history"


def test_a_kill_in_the_middle_loses_nothing(run: Path, page: Page, visit: Visit) -> None:
    with reviewing(run, "--all", "--rater", "Ann") as server:
        port = server.port
        server.enter(page)
        done = item(page)
        press(page, "a")
        editing = item(page)
        for key in ("y", "y", "n", "e"):
            page.keyboard.press(key)
        page.get_by_role("textbox", name="Output").fill("half an edit")
        server.kill()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#problem")).to_contain_text("The server does not answer")
        assert page.get_by_role("textbox", name="Output").input_value() == "half an edit"
    with reviewing(run, "--all", "--rater", "Ann", "--port", port) as server:
        page.keyboard.press("Control+Enter")
        expect(page.locator("#problem")).to_contain_text("server was restarted")
        assert answers(run, done) == {**ALL_YES, "decision": "accept"}
        server.enter(page)
        assert item(page) == editing, "it goes on where it stopped"
        expect(page.get_by_role("textbox", name="Output")).to_have_value("half an edit")
        for question in ("y", "y", "n"):
            page.locator(".question.current legend").click()
            page.get_by_role("textbox", name="Output").blur()
            page.keyboard.press(question)
        press(page, "Control+Enter")
    assert held(run)["Ann", editing, "original"].edit == {"output": "half an edit"}
    assert all("403" in error or "ERR_CONNECTION" in error for error in visit.errors), visit.errors
    visit.errors.clear()


def test_two_raters_at_once(
    run: Path, server: Reviewing, page: Page, browser: BrowserThread, visit: Visit
) -> None:
    other = browser.new_page()
    visit.watch(other)
    server.enter(page)
    server.enter(other)
    other.goto(f"{server.site}/by/Bo")
    name = item(page)
    assert item(other) == name, "in the same order, so that their ratings can be compared"
    press(page, "a")
    expect(other.locator("#standing")).to_have_count(0)
    press(other, "n", "n", "n", "r")
    assert answers(run, name) == {**ALL_YES, "decision": "accept"}
    assert answers(run, name, "Bo")["decision"] == "reject"
    other.goto(f"{server.site}/by/Bo/results")
    expect(other.locator("main")).to_contain_text("1 by Ann, 1 by Bo")
    expect(other.get_by_role("row", name="Does the instruction describe a valid task?")).to_contain_text("50")
    other.context.close()


def test_a_second_tab_is_noticed(run: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    name, address = item(page), page.url
    tab = page.context.new_page()
    tab.goto(address)
    press(tab, "y", "y", "n", "r")
    press(page, "a")
    expect(page.locator(NOTICE)).to_contain_text("was rejected in another tab in the meantime")
    assert answers(run, name)["decision"] == "accept"
    press(page, "u")
    assert answers(run, name)["decision"] == "reject", "both are kept"
    tab.goto(address)
    expect(tab.locator("#standing")).to_have_text("You rejected this")
    tab.close()


def test_another_word_from_the_same_page_counts(run: Path, server: Reviewing, page: Page) -> None:
    """The reply to the first got lost on its way; sent again as it was it is the same, otherwise another."""
    server.enter(page)
    name, address = item(page), page.url
    page.evaluate(
        "() => { real = fetch; fetch = async (...sent) => { await real(...sent); throw Error(); }; }"
    )
    for key in ("a", "a"):
        page.keyboard.press(key)
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        page.evaluate("document.getElementById('problem').hidden = true")
    assert [event.item for event in read_events(run)] == [name], "the same form counts once"
    page.evaluate("() => { fetch = real; }")
    assert page.url == address
    press(page, "y", "y", "n", "r")
    expect(page.locator(NOTICE)).to_contain_text("rejected")
    assert answers(run, name)["decision"] == "reject"


def test_what_a_model_wrote_is_text(run: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    go_to(page, server, "task_0/0")
    texts = page.locator(".item .text")
    for place, text in enumerate((f"Repeat. {EVIL}", EVIL, f"javascript:alert(1) {EVIL}")):
        assert texts.nth(place).inner_text() == text
    page.keyboard.press("e")
    assert page.get_by_role("textbox", name="Input").input_value() == EVIL
    page.get_by_role("textbox", name="Output").fill(f"mine {EVIL}")
    page.keyboard.press("Escape")
    press(page, "a")
    assert "executed" not in page.title()
    assert page.locator("img").count() == 0
    go_to(page, server, "task_0/0")
    assert "executed" not in page.title()


def test_a_name_that_is_script_is_text(run: Path, page: Page, visit: Visit) -> None:
    with serving(items_of_run(RunReader.open(run))) as server:
        server.enter(page)
        page.get_by_label("Your name").fill("<img src=x onerror=alert(1)>")
        page.keyboard.press("Enter")
        expect(page.locator("#review")).to_be_visible()
        press(page, "a")
        expect(page.locator(".links .tag")).to_have_text("<img src=x onerror=alert(1)>")
        page.goto(server.site)
        page.get_by_role("link", name="<img src=x").click()
        page.wait_for_url("**/by/*/2")
        page.goto(f"{server.site}/results")
        assert page.locator("img").count() == 0
        page.goto(server.site)
        page.get_by_label("Your name").fill("a/b")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("without slashes")
    visit.errors.clear()  # the browser calls that reply an error


def test_undo_reaches_what_is_not_shown(run: Path, page: Page) -> None:
    reader = RunReader.open(run)
    with serving(items_of_run(reader), "Ann") as server:
        server.enter(page)
        for _ in range(5):
            press(page, "a")
    shown = {each.id for each in items_of_run(reader, sample=1).items}
    last = read_events(run)[-1].item
    assert last not in shown
    with serving(items_of_run(reader, sample=1), "Ann") as server:
        server.enter(page)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(NOTICE)).to_contain_text("an item that is not in this sample")
    assert ("Ann", last, "original") not in held(run)


def test_arrows_choose_in_a_focused_answer(run: Path, server: Reviewing, page: Page) -> None:
    server.enter(page)
    address = page.url
    page.locator("input[name=answer_task]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=answer_task][value=no]")).to_be_checked()
    assert page.url == address


def test_without_scripts(run: Path, server: Reviewing, browser: BrowserThread, page: Page) -> None:
    plain = page.context.browser.new_context(java_script_enabled=False).new_page()  # type: ignore[union-attr]
    plain.goto(server.address)
    expect(plain.locator("#review")).to_be_visible()
    name = item(plain)
    plain.get_by_role("button", name="Reject").click()
    expect(plain.get_by_role("alert")).to_contain_text("Answer all three questions")
    for question in plain.locator(".question").all():
        question.get_by_text("No").click()
    plain.get_by_role("link", name="Edit").click()
    plain.get_by_role("textbox", name="Output").fill("mine")
    for question in plain.locator(".question").all():
        question.get_by_text("No").click()
    plain.get_by_role("button", name="Save the edit").click()
    expect(plain.locator(NOTICE)).to_contain_text("edited")
    assert held(run)["Ann", name, "original"].edit == {"output": "mine"}
    plain.get_by_role("button", name="Undo").click()
    assert held(run) == {}
    plain.context.close()


def test_another_site_can_neither_read_nor_write(
    run: Path, server: Reviewing, page: Page, visit: Visit, tmp_path: Path
) -> None:
    server.enter(page)
    address = page.url
    evil = tmp_path / "evil.html"
    evil.write_text(
        f'<iframe src="{address}"></iframe><form method="post" action="{address}">'
        '<input name="action" value="accept"><button>win</button></form>'
    )
    stranger = page.context.new_page()
    stranger.goto(evil.as_uri())
    stranger.get_by_role("button").click()
    expect(stranger.locator("main")).to_contain_text("This page needs a token")
    stranger.close()
    assert held(run) == {}
    page.goto(address)
    expect(page.locator("#review")).to_be_visible()


def test_the_command_says_where_and_ends(run: Path) -> None:
    with reviewing(run, "--sample", "2", "--seed", "7") as server:
        code, told = server.end()
    assert code == 0
    assert "my-run: 2 of 4 tasks (seed 7)" in told
    assert f"ratings: {run / 'ratings.db'}" in told
