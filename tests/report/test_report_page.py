"""A report as a file: whole, for itself, and deaf to what the texts in it say."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from report_examples import HOSTILE, Ticket, Written, figures_of, hostile_run, page_of, small_run, write_run

from selfinstruct.errors import UserError
from selfinstruct.report.page import render_page, run_page
from selfinstruct.report.reasons import MEANINGS
from selfinstruct.report.writing import write_report

SOURCES = {"script": "src", "img": "src", "link": "href", "iframe": "src", "object": "data", "form": "action"}


class Elements(HTMLParser):
    """Every element with its attributes, and the text inside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(tmp_path_factory.mktemp("small") / "run")


@pytest.fixture(scope="module")
def html(small: Path) -> str:
    return page_of(small)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(hostile_run(tmp_path_factory.mktemp("hostile") / "<b>run"))


def test_a_page_needs_nothing_else(html: str) -> None:
    elements = Elements(html)
    for tag, attributes in elements.found:
        source = attributes.get(SOURCES.get(tag, ""))
        assert source is None or source.startswith("data:"), (tag, source)
    policy = next(attributes["content"] for _, attributes in elements.found if attributes.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'nonce-")
    assert html.count("* plotly.js v") == 1
    assert len(html) < 6_000_000


def test_everything_is_a_table_too(html: str) -> None:
    """Without scripts, or without seeing a chart."""
    for chart in re.findall(r'<figure class="chart" id="(chart-[\w-]+)">(.*?)</figure>', html, re.DOTALL):
        assert "<table>" in chart[1], chart[0]
        assert re.search(r'role="img" aria-label="[^"]{20,}"', chart[1]), chart[0]
    assert html.count('<figure class="chart"') >= 12


def test_ids_are_unique_and_links_lead_somewhere(html: str) -> None:
    elements = Elements(html)
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] or "" for tag, attributes in elements.found if tag == "a"]
    assert len(links) > 10
    (data,) = [text for text in elements.scripts if text.startswith('{"charts"')]
    ids += [sample["id"] for sample in json.loads(data)["samples"]]  # which a script shows
    assert {link for link in links if link[:1] != "#" or link[1:] not in ids} == set()


def test_the_bar_and_the_headings_have_the_same_names(html: str) -> None:
    bar = re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', html.partition("</nav>")[0])
    headings = dict(re.findall(r'<section id="([\w-]+)" class="card">\s*<h2>([^<]+)</h2>', html))
    assert bar[0] == ("summary", "Summary")
    assert dict(bar[1:]) == headings
    assert [anchor for anchor, _ in bar[1:]] == list(headings), "in the same order"


def test_headings_go_down_one_step_at_a_time(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(html).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_equal_runs_give_equal_pages(small: Path, html: str) -> None:
    assert page_of(small) == html


def test_texts_open_no_element(hostile: str, html: str) -> None:
    """A hostile run's page has the elements of a harmless one, its scripts, and no attribute that runs."""
    elements, harmless = Elements(hostile), Elements(html)
    assert {tag for tag, _ in elements.found} <= {tag for tag, _ in harmless.found}
    own = [attributes for tag, attributes in elements.found if tag == "script"]
    assert len(own) == sum(tag == "script" for tag, _ in harmless.found) == 4
    assert all(attributes.get("nonce") or attributes.get("type") == "application/json" for attributes in own)
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert not (attributes.get("href") or "").lower().startswith("javascript:")


def test_hostile_texts_are_there_word_for_word(hostile: str) -> None:
    (data,) = [text for text in Elements(hostile).scripts if text.startswith('{"charts"')]
    assert "<" not in data
    samples = json.loads(data)["samples"]
    outputs = {instance["output"] for sample in samples for instance in sample["instances"]}
    assert set(HOSTILE) <= outputs


def test_labels_of_charts_hold_no_markup(hostile: str) -> None:
    """Plotly reads tags in labels."""
    (data,) = [text for text in Elements(hostile).scripts if text.startswith('{"charts"')]

    def strings(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in strings(item)]
        if isinstance(value, list):
            return [text for item in value for text in strings(item)]
        return [value] if isinstance(value, str) else []

    tags = {tag for text in strings(json.loads(data)["charts"]) for tag in re.findall(r"<[^>]*>", text)}
    assert tags <= {"<extra>", "</extra>"}


@pytest.mark.parametrize(
    ("tickets", "shown"),
    [
        ([], "Nothing to judge yet"),
        ([Ticket()], "no instruction could be parsed from the replies"),
        ([Ticket(rejected=[("Sing!", "too_short", None)])], "too_short"),
        ([Ticket([Written("用一句话描述海洋。", [("", "海洋是蓝色的。")])])], "用一句话描述海洋。"),
    ],
)
def test_links_of_a_page_with_little_in_it(tmp_path: Path, tickets: list[Ticket], shown: str) -> None:
    page = page_of(write_run(tmp_path / "run", tickets))
    assert shown in page
    links = re.findall(r'href="#([\w-]+)"', page)
    assert {link for link in links if f'id="{link}"' not in page and f'"id":"{link}"' not in page} == set()


def test_every_reason_has_a_meaning() -> None:
    """The reasons that the manual lists."""
    manual = (Path(__file__).parents[2] / "docs" / "how-the-data-is-made.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", manual, re.MULTILINE))
    assert listed <= set(MEANINGS)


def test_a_reason_of_a_newer_version_is_shown_without_a_meaning(tmp_path: Path) -> None:
    found = figures_of(write_run(tmp_path / "run", [Ticket(rejected=[("Do it.", "too_new", None)])]))
    assert [(each.reason, each.meaning) for each in found.funnel.rejected] == [("too_new", "")]
    assert "too_new" in render_page(run_page(found))


# ------------------------------------------------------------------------------------------ writing


def test_a_report_takes_the_place_of_an_older_one_only(tmp_path: Path, html: str) -> None:
    path = tmp_path / "report.html"
    write_report(path, html)
    write_report(path, html)
    assert path.read_text(encoding="utf-8") == html
    for other in ("thesis.html", "empty.html"):
        (tmp_path / other).write_text("" if other == "empty.html" else "<h1>My thesis</h1>")
    write_report(tmp_path / "empty.html", html)
    with pytest.raises(UserError, match="not a selfinstruct report"):
        write_report(tmp_path / "thesis.html", html)
    assert (tmp_path / "thesis.html").read_text() == "<h1>My thesis</h1>"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["empty.html", "report.html", "thesis.html"]
