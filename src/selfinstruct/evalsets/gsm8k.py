r"""GSM8K (Cobbe et al., 2021): school problems in words, with worked answers.

    test.jsonl   {"question": "…", "answer": "… <<3*4=12>>12 …\n#### 12"}

What stands after `#### ` at the end of an answer is the number that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.rows import FileRow, read_rows

__all__ = ["WordProblem", "load_gsm8k", "word_problems"]

MARK = "#### "
TEST, TRAIN = "test.jsonl", "train.jsonl"


@dataclass(frozen=True, slots=True)
class WordProblem:
    """answer: worked, as the data has it."""

    id: str
    question: str
    answer: str

    @property
    def number(self) -> str:
        """What comes of it, as it is written there."""
        return self.answer.rpartition(MARK)[2].strip()


def load_gsm8k(path: Path) -> tuple[tuple[WordProblem, ...], tuple[WordProblem, ...]]:
    """Those that are asked, and those of the training split, none where it is not at hand.

    path: test.jsonl, or the folder that holds it, and train.jsonl or not.
    Raises UserError naming the file, the line and the field.
    """
    if not path.is_dir():
        return word_problems(read_rows(path)), ()
    if not (path / TEST).is_file():
        raise UserError(f"{path} holds no {TEST}.", "Name the folder or the file as its authors publish it.")
    train = path / TRAIN
    return word_problems(read_rows(path / TEST)), word_problems(read_rows(train)) if train.is_file() else ()


def word_problems(rows: Sequence[FileRow]) -> tuple[WordProblem, ...]:
    """Raises UserError naming the file, the line and the field."""
    return tuple(_problem(row, number) for number, row in enumerate(rows))


def _problem(row: FileRow, number: int) -> WordProblem:
    answer = row.required("answer")
    if not answer.rpartition(MARK)[2].strip() or MARK not in answer:
        raise row.mistake(
            "field 'answer' does not end in `#### ` and a number", "Take the file as its authors publish it."
        )
    return WordProblem(f"gsm8k/{number}", row.required("question").strip(), answer.strip())
