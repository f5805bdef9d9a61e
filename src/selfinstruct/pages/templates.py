"""Rendering pages. A value in a template is text, shown as it is: autoescape is on for every template, and a
name that is missing is an error, not an empty space.

Every template has these besides its own values: `nonce` (of the reply's Content-Security-Policy; empty in a
file), `style` and `theme` (the look), `json(value)` (`json_script`), and the filters `number` (12,345) and
`percent` (54 %).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from selfinstruct.pages.json_script import json_script
from selfinstruct.text.messages import number, percent

__all__ = ["environment", "render"]

HERE = Path(__file__).parent


@cache
def environment(*folders: Path) -> Environment:
    """Finds templates in the given folders first, then in this one. One is made a set of folders."""
    made = Environment(
        loader=FileSystemLoader([*folders, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "style": _trusted("style.css"),
        "theme": _trusted("theme.js"),
        "json": json_script,
        "nonce": "",
    }
    made.filters |= {"number": number, "percent": percent}
    return made


def render(folder: Path, name: str, **values: Any) -> str:
    """The template of that name in `folder` (or here), as a whole."""
    return environment(folder).get_template(name).render(values)


def _trusted(name: str) -> Markup:
    """A file of ours that stands in the page as it is."""
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704
