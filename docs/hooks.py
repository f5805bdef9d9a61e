"""README.md, CHANGELOG.md, CONTRIBUTING.md and the write-ups of the experiments are pages of the site too,
without a second copy of them.

They link to files by address, so that they read well on a package index too. On the site, links to
pages that are on it stay on it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

__all__ = ["on_page_markdown"]

ROOT = Path(__file__).parents[1]
SOURCES = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "paper-in-miniature.md": "examples/paper-in-miniature/README.md",
    "paper-on-a-real-model.md": "examples/paper-on-a-real-model/README.md",
}
ADDRESS = "https://github.com/selfinstruct/selfinstruct/blob/main/"
ON_THE_SITE = re.compile(re.escape(ADDRESS) + r"([\w./-]+\.md)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """The page's text, or that of the file that it stands for."""
    name = SOURCES.get(page.file.src_uri)
    return markdown if name is None else ON_THE_SITE.sub(_link, (ROOT / name).read_text(encoding="utf-8"))


def _link(found: re.Match[str]) -> str:
    path = found[1]
    pages = {source: target for target, source in SOURCES.items()}
    return path.removeprefix("docs/") if path.startswith("docs/") else pages.get(path, found[0])
