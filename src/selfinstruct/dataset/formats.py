"""The table of formats."""

from __future__ import annotations

from collections.abc import Mapping

from selfinstruct.dataset import (
    alpaca,
    candidates,
    chat,
    jsonl,
    parquet,
    preference,
    prompt_completion,
    requests,
    sharegpt,
)
from selfinstruct.dataset.format import RunFormat, TaskFormat
from selfinstruct.errors import ConfigError

__all__ = ["FORMATS", "find_format"]

FORMATS: Mapping[str, TaskFormat | RunFormat] = {
    "jsonl": TaskFormat("the data set: a task a line, with its instances", jsonl.rows, jsonl.COLUMNS),
    "alpaca": TaskFormat("an instance a line: instruction, input, output", alpaca.rows, alpaca.COLUMNS),
    "chat": TaskFormat("an instance a line, as messages", chat.rows, chat.COLUMNS, takes_system=True),
    "sharegpt": TaskFormat(
        "an instance a line, as conversations", sharegpt.rows, sharegpt.COLUMNS, takes_system=True
    ),
    "openai": TaskFormat(
        "an instance a line, as messages for OpenAI's fine-tuning",
        chat.rows,
        chat.COLUMNS,
        takes_system=True,
        least_rows=10,
    ),
    "prompt-completion": TaskFormat(
        "an instance a line, as plain text in one of the paper's templates",
        prompt_completion.rows,
        prompt_completion.COLUMNS,
    ),
    "parquet": TaskFormat(
        "an instance a row: instruction, input, output, with its task's id and kind",
        parquet.rows,
        parquet.COLUMNS,
        kind="parquet",
    ),
    "preference": TaskFormat(
        "pairs of a better and a worse output, as TRL's DPOTrainer takes them",
        preference.rows,
        preference.COLUMNS,
        pairs=True,
    ),
    "candidates": RunFormat("every instruction read, with verdict and nearest neighbour", candidates.rows),
    "requests": RunFormat("every completed request: prompt and completion", requests.rows),
}
"""By the name on the command line. A new format is a module with `rows` and `COLUMNS`, and a line here."""


def find_format(name: str) -> TaskFormat | RunFormat:
    """Raises ConfigError for a name that is not in the table."""
    if name not in FORMATS:
        raise ConfigError(f"There is no format {name!r}.", f"Formats are {', '.join(FORMATS)}.")
    return FORMATS[name]
