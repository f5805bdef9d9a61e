"""A run's figures as a page: one file that asks nobody for anything.

The page holds plotly's script once, the figures as text and tables, what the charts draw as JSON, and the
samples. Without scripts, tables, text and the first samples are still there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from selfinstruct.pages.templates import environment
from selfinstruct.report.charts.chart import Chart
from selfinstruct.report.charts.chosen import charts_of
from selfinstruct.report.figures import Figures
from selfinstruct.report.messages import words_for
from selfinstruct.report.tables import is_number
from selfinstruct.store.encoding import clean_text

__all__ = ["GENERATOR", "Page", "content_of", "render_page", "run_page"]

HERE = Path(__file__).parent / "html"

GENERATOR = "selfinstruct report"
"""In the head of each page, so that no other file is ever replaced by one."""

SECTIONS = {
    "summary": "Summary",
    "statistics": "Data set",
    "ratings": "Reviews",
    "evaluated": "Did it help?",
    "samples": "Samples",
    "yield": "Yield",
    "verbs": "Verbs",
    "similarity": "Novelty",
    "lengths": "Lengths",
    "growth": "Growth",
    "usage": "Cost and time",
    "coverage": "Coverage",
    "attributes": "Attributes",
    "seed_yield": "Demonstrations",
    "config": "Settings",
}
"""By anchor, in the page's order: the bar and the headings have the same names."""

NEEDED = {
    "verbs": "verbs",
    "similarity": "similarity-seeds",
    "lengths": "length-instructions",
    "coverage": "formats",
}
"""Sections that are there only with a chart."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a template is rendered with. content: its file. sections: names by anchor, for the bar. values: by
    the names that the template has for them. extra: what scripts are given beside the charts.
    folder: of the templates, where they are not the report's own."""

    content: str
    title: str
    sections: Mapping[str, str]
    charts: Mapping[str, Chart]
    values: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    def data(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "charts": {name: chart.views for name, chart in self.charts.items()},
            "clicks": {name: chart.clicks for name, chart in self.charts.items() if chart.clicks},
            **self.extra,
        }


def run_page(figures: Figures) -> Page:
    """The report of one run."""
    charts = charts_of(figures)
    absent = {section for section, chart in NEEDED.items() if chart not in charts}
    absent |= set() if figures.ratings else {"ratings"}
    absent |= set() if figures.attributes else {"attributes"}
    absent |= set() if figures.evaluated else {"evaluated"}
    return Page(
        content="main.html",
        title=f"{figures.run.name} – Self-Instruct report",
        sections={anchor: name for anchor, name in SECTIONS.items() if anchor not in absent},
        charts=charts,
        values={"figures": figures, "names": SECTIONS, **words_for(figures)},
        extra={**figures.samples.to_json(), "run": figures.run.name},
    )


def render_page(
    page: Page, *, nonce: str = "", refresh: float = 0, version: str = "", standing: str = ""
) -> str:
    """The whole file. nonce: of a served page's policy; a file gets its own, which nobody who wrote a text in
    it can know. refresh: seconds after which a served page asks for news; 0 for never. version, standing:
    of what it shows, and of the run in a few words."""
    content = content_of(page)
    data = page.data() | {"refresh": refresh, "version": version}
    page_text: str = _template("report.html").render(
        title=page.title,
        generator=GENERATOR,
        nonce=nonce or hashlib.sha256(content.encode()).hexdigest()[:32],
        refresh=refresh,
        standing=standing,
        sections=page.sections.items(),
        content=Markup(content),  # noqa: S704 - rendered above, with everything escaped
        data=data,
        report_style=_trusted("report.css"),
        report_script=_trusted("report.js"),
        plotly=_plotly(),
    )
    return clean_text(page_text)


def content_of(page: Page) -> str:
    """What stands between the frame's bars."""
    content: str = _template(page.content, page.folder).render(charts=page.charts, **page.values)
    return clean_text(content)  # of the name of a run's folder, which need not be UTF-8


def _template(name: str, folder: Path | None = None) -> Any:
    made = environment(HERE) if folder is None else environment(folder, HERE)
    made.globals["is_number"] = is_number
    return made.get_template(name)


@cache
def _trusted(name: str) -> Markup:
    """A file of ours that stands in the page as it is."""
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704


@cache
def _plotly() -> Markup:
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs())  # noqa: S704
