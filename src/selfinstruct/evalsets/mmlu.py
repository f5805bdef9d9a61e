"""MMLU (Hendrycks et al., 2021): 57 subjects, questions with four choices.

    data/test/SUBJECT_test.csv, data/dev/SUBJECT_dev.csv   question,A,B,C,D,answer, without a header
    test.jsonl, dev.jsonl   {"question": "…", "subject": "…", "choices": ["…", …], "answer": 2 or "C"}

The five questions of a subject's `dev` file are shown, solved, before those of `test`. A header line, and
answers as numbers from 0, as copies of the set have them, are read too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.rows import FileRow, read_file, read_rows
from selfinstruct.store.encoding import clean_text

__all__ = [
    "LETTERS",
    "SUBJECT_GROUPS",
    "Question",
    "by_subject",
    "first_of_each",
    "group_of",
    "load_mmlu",
    "questions_of",
]

LETTERS = ("A", "B", "C", "D")
COLUMNS = ("question", *LETTERS, "answer")
AS_PUBLISHED = "Take the files as their authors publish them."


@dataclass(frozen=True, slots=True)
class Question:
    """subject: as in the file's name; empty where nobody says. answer: one of `LETTERS`."""

    subject: str
    question: str
    choices: tuple[str, str, str, str]
    answer: str


def load_mmlu(path: Path) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Those that are asked, subject by subject, and those to be shown, if they are there.

    path: a folder with `test` and `dev`, each a folder of CSV or a JSONL file; one above it; or a JSONL file.
    Raises UserError naming the file, the line and the field.
    """
    if not path.is_dir():
        return by_subject(questions_of(read_rows(path))), ()
    folder = path / "data" if (path / "data" / "test").is_dir() else path
    asked = _split(folder, "test")
    if not asked:
        raise UserError(
            f"{path} holds neither test/SUBJECT_test.csv nor test.jsonl.",
            "Name the folder with test and dev.",
        )
    return by_subject(asked), tuple(_split(folder, "dev"))


def questions_of(rows: Iterable[FileRow]) -> list[Question]:
    """Of JSON objects, the Hub's among them. Raises UserError naming the place and the field."""
    return [_question(row) for row in rows]


def by_subject(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Those of a subject one after the other, subjects as they first come."""
    found: dict[str, list[Question]] = {}
    for each in questions:
        found.setdefault(each.subject, []).append(each)
    return tuple(each for group in found.values() for each in group)


def first_of_each(questions: Sequence[Question], most: int | None) -> tuple[Question, ...]:
    """The first so many of each subject; all for None."""
    seen: dict[str, int] = {}
    found = []
    for each in questions:
        seen[each.subject] = seen.get(each.subject, 0) + 1
        if most is None or seen[each.subject] <= most:
            found.append(each)
    return tuple(found)


def group_of(subject: str) -> str:
    """One of the paper's four; empty for a subject that is not of the set."""
    return next((name for name, subjects in SUBJECT_GROUPS.items() if subject in subjects), "")


def _split(folder: Path, name: str) -> list[Question]:
    files = sorted((folder / name).glob("*.csv"))
    if files:
        return [each for file in files for each in _table(file, file.stem.removesuffix(f"_{name}"))]
    rows = folder / f"{name}.jsonl"
    return questions_of(read_rows(rows)) if rows.is_file() else []


def _table(file: Path, subject: str) -> list[Question]:
    reader = csv.reader(io.StringIO(read_file(file), newline=""))
    found: list[Question] = []
    try:
        for number, cells in enumerate(reader):
            line = reader.line_num
            if number == 0 and cells[:1] == ["question"] and cells[-1:] == ["answer"]:
                continue
            if not any(cell.strip() for cell in cells):
                continue
            row = FileRow(file, line, {})
            if len(cells) != len(COLUMNS):
                raise row.mistake(
                    f"there are {len(cells)} columns, not {len(COLUMNS)} ({', '.join(COLUMNS)})", AS_PUBLISHED
                )
            question, *choices, answer = map(clean_text, cells)
            fields = {"question": question, "subject": subject, "choices": choices, "answer": answer}
            found.append(_question(FileRow(file, line, fields)))
    except csv.Error as error:
        raise FileRow(file, reader.line_num, {}).mistake(f"this is no CSV ({error})", AS_PUBLISHED) from error
    if not found:
        raise UserError(f"{file} holds no question.", AS_PUBLISHED)
    return found


def _question(row: FileRow) -> Question:
    if row.first_of("choices") is None:
        choices = tuple(row.required(letter) for letter in LETTERS)
    else:
        choices = row.texts("choices")
    if len(choices) != len(LETTERS):
        raise row.mistake(f"field 'choices' holds {len(choices)} answers, not {len(LETTERS)}", AS_PUBLISHED)
    first, second, third, fourth = choices
    return Question(
        subject=row.text("subject").strip().replace(" ", "_"),
        question=row.required("question").strip(),
        choices=(first.strip(), second.strip(), third.strip(), fourth.strip()),
        answer=_letter(row),
    )


def _letter(row: FileRow) -> str:
    value = row.fields.get("answer")
    said = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if said.upper() in LETTERS:
        return said.upper()
    if said in ("0", "1", "2", "3"):
        return LETTERS[int(said)]
    raise row.mistake(
        f"field 'answer' is {value!r}, and has to be one of A to D, or a number from 0 to 3", AS_PUBLISHED
    )


_NAMES: Mapping[str, str] = {
    "STEM": (
        "abstract_algebra astronomy college_biology college_chemistry college_computer_science"
        " college_mathematics college_physics computer_security conceptual_physics electrical_engineering"
        " elementary_mathematics high_school_biology high_school_chemistry high_school_computer_science"
        " high_school_mathematics high_school_physics high_school_statistics machine_learning"
    ),
    "humanities": (
        "formal_logic high_school_european_history high_school_us_history high_school_world_history"
        " international_law jurisprudence logical_fallacies moral_disputes moral_scenarios philosophy"
        " prehistory professional_law world_religions"
    ),
    "social sciences": (
        "econometrics high_school_geography high_school_government_and_politics high_school_macroeconomics"
        " high_school_microeconomics high_school_psychology human_sexuality professional_psychology"
        " public_relations security_studies sociology us_foreign_policy"
    ),
    "other": (
        "anatomy business_ethics clinical_knowledge college_medicine global_facts human_aging management"
        " marketing medical_genetics miscellaneous nutrition professional_accounting professional_medicine"
        " virology"
    ),
}
SUBJECT_GROUPS = {group: frozenset(names.split()) for group, names in _NAMES.items()}
"""As the set's own program has them (`categories.py`): 57 subjects in all."""
