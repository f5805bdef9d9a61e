r"""MATH (Hendrycks et al., 2021): competition problems of seven subjects and five levels, with solutions.

    MATH/test/algebra/1.json   {"problem": "…", "level": "Level 5", "type": "Algebra", "solution": "…"}
    test.jsonl                 the same, an object a line; or `question` and `answer` for first and last

The answer is what stands in the last `\boxed{}` of the solution.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.rows import FileRow, read_file, read_rows

__all__ = ["MathProblem", "boxed", "load_math", "math_problems"]

AS_PUBLISHED = "Take the file as its authors publish it."
SPLIT = "test"
_BOX = re.compile(r"\\f?box(?:ed)?\s*")


@dataclass(frozen=True, slots=True)
class MathProblem:
    """level, subject: empty where nobody says. answer: the final one, as it is written there."""

    id: str
    problem: str
    solution: str
    answer: str
    level: str = ""
    subject: str = ""


def load_math(path: Path) -> tuple[MathProblem, ...]:
    """path: the folder MATH, of which `test` is read, or one below it, with a file for each problem; or JSON
    Lines. Raises UserError naming the file, the line and the field.
    """
    if not path.is_dir():
        return math_problems(read_rows(path))
    folder = path / SPLIT if (path / SPLIT).is_dir() else path
    files = sorted(folder.rglob("*.json"), key=_in_order)
    if not files:
        raise UserError(f"{folder} holds no problem (SUBJECT/1.json).", "Name the folder MATH, or its test.")
    return tuple(_problem(_object(file), _name(file, folder)) for file in files)


def math_problems(rows: Iterable[FileRow]) -> tuple[MathProblem, ...]:
    """Raises UserError naming the file, the line and the field."""
    return tuple(
        _problem(row, row.text("unique_id") or row.id() or f"math/{number}")
        for number, row in enumerate(rows)
    )


def boxed(text: str) -> str | None:
    r"""What the last `\boxed{}` holds, as far as its braces match, or what follows one without braces; None
    where there is none."""
    for found in reversed(list(_BOX.finditer(text))):
        rest = text[found.end() :]
        if not rest.startswith("{"):
            bare = re.match(r"[^\s$.,;}]+", rest)
            if bare:
                return bare[0]
            continue
        depth = 0
        for place, character in enumerate(rest):
            depth += (character == "{") - (character == "}")
            if depth == 0:
                return rest[1:place].strip()
    return None


def _problem(row: FileRow, name: str) -> MathProblem:
    problem = row.required("problem", "question").strip()
    solution = row.required("solution", "answer").strip()
    answer = boxed(solution)
    if answer is None and row.first_of("solution") is not None and row.first_of("answer") is not None:
        answer = row.text("answer").strip()
    if not answer:
        field = "solution" if row.first_of("solution") is not None else "answer"
        raise row.mistake(f"no \\boxed{{}} with an answer is in field {field!r}", AS_PUBLISHED)
    return MathProblem(name, problem, solution, answer, row.text("level"), row.text("type", "subject"))


def _object(file: Path) -> FileRow:
    try:
        value = json.loads(read_file(file))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is not valid JSON ({error}).", AS_PUBLISHED) from error
    if not isinstance(value, dict):
        raise UserError(f"{file} is not one JSON object.", AS_PUBLISHED)
    return FileRow(file, 0, value)


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).with_suffix("").as_posix()


def _in_order(file: Path) -> tuple[str, int, str]:
    """Subjects by name, problems by number."""
    number = int(file.stem) if file.stem.isdecimal() else 0
    return file.parent.as_posix(), number, file.stem
