"""The head of a data card: the YAML that the Hub indexes and `datasets.load_dataset` goes by.

The fields' types are in it, since readers that guess types from values guess wrong for a column that is
empty, or holds nothing but dates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from selfinstruct.config import Config
from selfinstruct.dataset.formats import Columns, Fields
from selfinstruct.dataset.languages import language_code
from selfinstruct.errors import ConfigError

__all__ = ["MARK", "UNKNOWN_LICENSE", "check_license", "metadata"]

MARK = "# Written by selfinstruct; exporting to this folder again replaces this file."
"""A comment that tells our cards from a README that must not be touched."""

UNKNOWN_LICENSE = "unknown"
"""Nobody has said. The Hub's `other` would promise a licence that its list does not name."""

SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"))
"""The Hub's words for numbers of rows, each below its bound."""


def check_license(name: str) -> str:
    """The name itself. Raises ConfigError for what cannot be one of the Hub's identifiers."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", name):
        raise ConfigError(
            f"`license={name!r}` is not a license identifier.",
            "Give one of the Hub's, such as cc-by-4.0, apache-2.0 or other.",
        )
    return name


def metadata(
    title: str, config: Config, columns: Columns, files: Mapping[str, str], rows: int, license_name: str
) -> str:
    """From `---` to `---`. files: path within the folder by the split's name."""
    return "\n".join(
        [
            "---",
            MARK,
            f"pretty_name: {_quoted(title)}",
            f"license: {_quoted(license_name)}",
            *_language(config),
            "task_categories:",
            "- text-generation",
            f"size_categories:\n- {_size(rows)}",
            "tags:",
            *(f"- {tag}" for tag in ("synthetic", "self-instruct", "instruction-tuning")),
            "dataset_info:",
            "  features:",
            *_features(columns),
            "configs:",
            "- config_name: default",
            "  data_files:",
            *(f"  - split: {split}\n    path: {path}" for split, path in files.items()),
            "---",
        ]
    )


def _language(config: Config) -> Iterator[str]:
    """Nothing where it is not known: seeds of a user's own may be in any."""
    name = config.recipe.language or ("English" if config.seeds.source == "bundled" else "")
    if code := language_code(name):
        yield f"language:\n- {_quoted(code)}"  # `no`, for Norwegian, would be a truth value


def _features(columns: Columns) -> Iterator[str]:
    for name, column in columns.items():
        if isinstance(column, str):
            yield f"  - name: {name}\n    dtype: {column}"
        else:
            yield f"  - name: {name}\n    {'struct' if isinstance(column, Fields) else 'list'}:"
            yield from (f"    - name: {field}\n      dtype: {kind}" for field, kind in column.items())


def _size(rows: int) -> str:
    return next((words for bound, words in SIZES if rows < bound), "1M<n<10M")


def _quoted(text: str) -> str:
    """A JSON string is a YAML string."""
    return json.dumps(text, ensure_ascii=False)
