"""databricks-dolly-15k (Conover et al., 2023), and the 500 rows of it that MiniLLM evaluates on.

    databricks-dolly-15k.jsonl   {"instruction", "context", "response", "category"}
    valid.jsonl                  {"instruction", "input", "output", "prompt"}, output a text or several

More fields do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import FileRow, read_rows

__all__ = ["dolly_items", "load_dolly"]

FILES = ("valid.jsonl", "databricks-dolly-15k.jsonl")


def load_dolly(path: Path) -> tuple[EvaluationItem, ...]:
    """path: a file of either form, or a folder with one under its published name; valid.jsonl comes first.

    Raises UserError naming the file, the line and the field.
    """
    if not path.is_dir():
        return dolly_items(read_rows(path))
    file = next((path / name for name in FILES if (path / name).is_file()), None)
    if file is None:
        raise UserError(f"{path} holds neither {' nor '.join(FILES)}.", "Name the file.")
    return dolly_items(read_rows(file))


def dolly_items(rows: Sequence[FileRow]) -> tuple[EvaluationItem, ...]:
    """Raises UserError naming the file, the line and the field."""
    return tuple(
        EvaluationItem(
            id=f"dolly/{number}",
            instruction=row.required("instruction").strip(),
            input=row.text("input", "context").strip(),
            references=row.texts("output", "response"),
            category=row.text("category"),
        )
        for number, row in enumerate(rows)
    )
