"""The files of gsm8k, math and mmlu: what is read, and what is refused, by file, line and field."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.errors import UserError
from selfinstruct.evalsets.gsm8k import load_gsm8k
from selfinstruct.evalsets.math import boxed, load_math
from selfinstruct.evalsets.mmlu import SUBJECT_GROUPS, group_of, load_mmlu

SUM = {"question": "1 and 1?", "answer": "1+1=<<1+1=2>>2\n#### 2"}
PROBLEM = {"problem": "2?", "level": "Level 2", "type": "Algebra", "solution": "$\\boxed{2}$"}
ROW = {"question": "Which?", "subject": "us foreign policy", "choices": ["a", "b", "c", "d"], "answer": 2}


def test_gsm8k_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(json.dumps(SUM), encoding="utf-8")
    (problem,), train = load_gsm8k(tmp_path)
    assert (problem.number, problem.id, train) == ("2", "gsm8k/0", ())
    assert load_gsm8k(tmp_path / "test.jsonl")[0] == (problem,)


def test_math_files_and_folders(tmp_path: Path) -> None:
    for number in (2, 10):
        for split, subject in (("test", "algebra"), ("train", "geometry")):
            file = tmp_path / "MATH" / split / subject / f"{number}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(PROBLEM), encoding="utf-8")
    found = load_math(tmp_path / "MATH")
    assert [each.id for each in found] == ["algebra/2", "algebra/10"]
    assert (found[0].answer, found[0].level, found[0].subject) == ("2", "Level 2", "Algebra")
    other = {"question": "2?", "answer": "So \\boxed{\\sqrt{4}}.", "type": "Algebra"}
    short = {"problem": "2?", "solution": "It is two.", "answer": "2", "subject": "Algebra", "unique_id": "x"}
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(other)}\n{json.dumps(short)}\n", encoding="utf-8")
    first, second = load_math(tmp_path / "rows.jsonl")
    assert (first.answer, first.id, second.answer, second.id) == ("\\sqrt{4}", "math/0", "2", "x")


def test_boxes() -> None:
    assert boxed("\\boxed{a} \\boxed{b^{2}}") == "b^{2}"
    assert boxed("\\boxed{a} \\boxed{b") == "a"
    assert boxed("\\fbox{c}") == "c"
    assert boxed("\\boxed 5.") == "5"
    assert boxed("none") is None


def test_mmlu_tables_and_objects(tmp_path: Path) -> None:
    for split in ("test", "dev"):
        (tmp_path / "data" / split).mkdir(parents=True)
        (tmp_path / "data" / split / f"virology_{split}.csv").write_text(
            'Is it "so"?,"x, y",2,3,None,D\n"Two\nlines?",1,2,3,4,A\n', encoding="utf-8"
        )
    asked, shown = load_mmlu(tmp_path)
    assert (asked[0].choices, asked[0].answer, asked[0].subject) == (
        ("x, y", "2", "3", "None"),
        "D",
        "virology",
    )
    assert (asked[1].question, shown) == ("Two\nlines?", asked)
    copied = tmp_path / "copied" / "test"
    copied.mkdir(parents=True)
    (copied / "virology_test.csv").write_text(
        "question,c0,c1,c2,c3,answer\nWhich?,a,b,c,d,3\n", encoding="utf-8"
    )
    assert [each.answer for each in load_mmlu(tmp_path / "copied")[0]] == ["D"]
    rows = tmp_path / "rows.jsonl"
    lettered = {**dict(zip("ABCD", "wxyz", strict=True)), "question": "Which?", "answer": "b"}
    rows.write_text("".join(json.dumps(row) + "\n" for row in (ROW, lettered, ROW)), encoding="utf-8")
    asked, shown = load_mmlu(rows)
    assert [each.subject for each in asked] == ["us_foreign_policy"] * 2 + [""], "subject by subject"
    assert ([each.answer for each in asked], asked[2].choices, shown) == (["C", "C", "B"], tuple("wxyz"), ())


def test_the_subjects_of_mmlu() -> None:
    assert sum(map(len, SUBJECT_GROUPS.values())) == len(frozenset().union(*SUBJECT_GROUPS.values())) == 57
    assert (group_of("anatomy"), group_of("mine")) == ("other", "")


@pytest.mark.parametrize(
    ("load", "name", "content", "said"),
    [
        (load_gsm8k, "f", {**SUM, "answer": "2"}, "f, line 1: field 'answer' does not end in"),
        (load_gsm8k, "f", {**SUM, "answer": "2 ####"}, "field 'answer' does not end in"),
        (load_gsm8k, "f", {"answer": "#### 2"}, "f, line 1: there is no field 'question'"),
        (load_gsm8k, "d/x", SUM, "d holds no test.jsonl"),
        (load_math, "f", {**PROBLEM, "solution": "2"}, r"f, line 1: no \\boxed\{\} .* in field 'solution'"),
        (load_math, "f", {"question": "2?", "answer": "2"}, r"no \\boxed\{\} .* in field 'answer'"),
        (load_math, "d/algebra/1.json", "[", "1.json is not valid JSON"),
        (load_math, "d/algebra/1.json", [1], "1.json is not one JSON object"),
        (load_math, "d/algebra/1.txt", "x", "holds no problem"),
        (load_mmlu, "f", {**ROW, "choices": ["a"]}, "f, line 1: field 'choices' holds 1 answers, not 4"),
        (load_mmlu, "f", {**ROW, "answer": 4}, "f, line 1: field 'answer' is 4, and has to be one of"),
        (load_mmlu, "f", {**ROW, "question": ""}, "f, line 1: nothing is in the field 'question'"),
        (load_mmlu, "d/test/x_test.csv", "q,1,2,3,4,A\nq,1,2\n", "x_test.csv, line 2: there are 3 columns"),
        (load_mmlu, "d/test/x_test.csv", "q,1,2,3,4,E\n", "x_test.csv, line 1: field 'answer' is 'E'"),
        (load_mmlu, "d/test/x_test.csv", "\n", "x_test.csv holds no question"),
        (load_mmlu, "d/x", "x", "d holds neither test/SUBJECT_test.csv nor test.jsonl"),
    ],
)
def test_what_cannot_be_read(
    load: Callable[[Path], Any], name: str, content: object, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=said):
        load(tmp_path / Path(name).parts[0])
