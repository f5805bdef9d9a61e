"""Sets that the Hugging Face Hub holds, fetched by `datasets` (extra `train` or `lm-eval` brings it).

It keeps what it fetched, so that the next run needs no network. Which Hub, which token and where files are
kept is up to its environment variables (`HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selfinstruct.errors import MissingExtraError, UserError
from selfinstruct.evalsets.rows import FileRow

__all__ = ["hub_file", "hub_rows"]


def hub_rows(repository: str, config: str, split: str, data: str) -> tuple[FileRow, ...]:
    """All rows, numbered from 1; messages call them `OWNER/NAME, line 7`.

    config: the part of the set; empty where it has only one. data: what to name instead, for messages.
    Raises MissingExtraError without `datasets`, UserError where the set cannot be fetched.
    """
    with _fetching(repository, repository, data) as datasets:
        found = datasets.load_dataset(repository, config or None, split=split)
    return tuple(
        FileRow(Path(repository), number, dict(row)) for number, row in enumerate(_rows(found), start=1)
    )


def hub_file(repository: str, name: str, data: str) -> Path:
    """One file of a set, fetched where it is not kept yet. data, and what is raised: as for `hub_rows`."""
    with _fetching(repository, f"{name} of {repository}", data):
        import huggingface_hub  # comes with `datasets`

        return Path(huggingface_hub.hf_hub_download(repository, name, repo_type="dataset"))


def _rows(found: Any) -> Iterator[Mapping[str, Any]]:
    yield from found


@contextmanager
def _fetching(repository: str, what: str, data: str) -> Iterator[Any]:
    """The package `datasets`, with its errors and those of the Hub's client in our words."""
    instead = f"Or name {data}: `tasks=PATH`"
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError(
            f"To fetch {repository} needs the package datasets, which is not installed.",
            f"Install it with: pip install datasets. {instead}",
        ) from error
    with _without_progress(datasets):
        try:
            yield datasets
        except Exception as error:  # whatever `datasets`, the Hub's client and the network raise
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            raise UserError(f"{what} cannot be fetched from the Hugging Face Hub: {said}", instead) from error


@contextmanager
def _without_progress(datasets: Any) -> Iterator[None]:
    """Its bars are not ours, nor what the Hub's client says before it raises."""
    client = logging.getLogger("huggingface_hub")
    level = client.level
    client.setLevel(logging.CRITICAL)
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()
        client.setLevel(level)
