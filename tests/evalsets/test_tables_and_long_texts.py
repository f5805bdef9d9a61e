"""The files of WikiTableQuestions, databricks-dolly and ∞Bench: read, or refused with place and field."""

import json
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.errors import UserError
from selfinstruct.evalsets.dolly import load_dolly
from selfinstruct.evalsets.infinitebench import load_infinitebench
from selfinstruct.evalsets.wtq import load_wtq

HEADER = "id\tutterance\tcontext\ttargetValue"
QUESTION = r"q-1" + "\twho won?\tcsv/1-csv/1.csv\t" + r"Ann \p Lee|a\nb|c\\n"
PASSKEY = {"id": 0, "context": "The pass key is 12.", "input": "Which?", "answer": ["12"], "options": []}


def release(root: Path, *rows: str, tagged: str = "") -> Path:
    (root / "data").mkdir(parents=True)
    (root / "csv" / "1-csv").mkdir(parents=True)
    (root / "csv" / "1-csv" / "1.csv").write_text('"Year","Win\\"ner"\n"1","Ann\nLee \\\\"\n')
    (root / "csv" / "1-csv" / "2.tsv").write_text("Year\tWho\n1\tAnn\\nLee \\p\n")
    (root / "data" / "pristine-unseen-tables.tsv").write_text("\n".join([HEADER, *rows]) + "\n")
    if tagged:
        (root / "tagged" / "data").mkdir(parents=True)
        (root / "tagged" / "data" / "pristine-unseen-tables.tagged").write_text(tagged)
    return root


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_release_of_tables(tmp_path: Path) -> None:
    other = "q-2\twhen?\tcsv/1-csv/2.csv\t17 years"
    (one, two), tagged = load_wtq(release(tmp_path / "wtq", QUESTION, other))
    assert not tagged
    assert (one.id, one.question) == ("q-1", "who won?")
    assert one.targets == one.canonical == ("Ann | Lee", "a\nb", "c\\n")
    assert one.table.header == ("Year", 'Win"ner')
    assert one.table.rows == (("1", "Ann\nLee \\"),)
    assert two.table.rows == (("1", "Ann\nLee |"),)
    assert two.canonical == ("17.0",)


def test_the_release_says_what_targets_are_read_as(tmp_path: Path) -> None:
    tagged = f"{HEADER}\ttargetCanon\nq-1\twho?\tcsv/1-csv/1.csv\t7 of 9\t7.0\n"
    folder = release(tmp_path / "wtq", QUESTION, tagged=tagged)
    for path in (folder, folder / "data" / "pristine-unseen-tables.tsv"):
        (only,), known = load_wtq(path)
        assert known
        assert only.canonical == ("7.0",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("q-1\twho?", "line 2: there are 2 fields, not 4"),
        ("q-1\twho?\tcsv/1-csv/9.csv\tx", "line 2: field 'context' names csv/1-csv/9.csv"),
        ("q-1\twho?\t../1.csv\tx", "line 2: field 'context' leads out of the release"),
        ("q-1\twho?\tcsv/1-csv/1.csv\tx|", "line 2: an item in field 'targetValue' is empty"),
        ("\twho?\tcsv/1-csv/1.csv\tx", "line 2: nothing is in the field 'id'"),
    ],
)
def test_rows_of_tables_that_are_wrong(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        load_wtq(release(tmp_path / "wtq", row))
    assert said in str(raised.value)
    assert "pristine-unseen-tables.tsv" in str(raised.value)


def test_places_without_tables(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no data"):
        load_wtq(tmp_path)
    lone = tmp_path / "lone.tsv"
    lone.write_text(HEADER)
    with pytest.raises(UserError, match="no folder `csv`"):
        load_wtq(lone)
    folder = release(tmp_path / "wtq", QUESTION)
    (folder / "csv" / "1-csv" / "1.csv").write_text('"a\n')
    with pytest.raises(UserError, match=r"1\.csv, line \d"):
        load_wtq(folder)


def test_both_forms_of_dolly(tmp_path: Path) -> None:
    asked = {"instruction": "Say it.", "input": "x", "output": ["a", "b"], "prompt": "p"}
    plain = {"instruction": "Say it.", "context": "", "response": "a", "category": "open_qa"}
    (one,) = load_dolly(lines(tmp_path / "valid.jsonl", asked))
    assert (one.input, one.references) == ("x", ("a", "b"))
    (two,) = load_dolly(lines(tmp_path / "databricks-dolly-15k.jsonl", plain))
    assert (two.input, two.references, two.category) == ("", ("a",), "open_qa")
    assert load_dolly(tmp_path) == (one,)
    with pytest.raises(UserError, match="line 1: there is no field 'output' or 'response'"):
        load_dolly(lines(tmp_path / "f.jsonl", {"instruction": "Say it."}))


def test_long_texts_stay_on_the_disk_and_tasks_take_turns(tmp_path: Path) -> None:
    lines(tmp_path / "passkey.jsonl", PASSKEY, {**PASSKEY, "id": 1, "context": "é" * 9})
    options = {"options": ["a", "b", "c", "d"], "answer": ["b"], "input": "Which?"}
    lines(tmp_path / "longbook_choice_eng.jsonl", {**PASSKEY, **options})
    lines(tmp_path / "math_calc.jsonl", {**PASSKEY, "answer": [[3, 1]]})
    lines(tmp_path / "code_run.jsonl", {**PASSKEY, "input": "What is func_7(-3)?", "answer": 4})
    lines(tmp_path / "math_find.jsonl", {**PASSKEY, "input": "The median number of it is:", "answer": 4.5})
    found = load_infinitebench(tmp_path)
    assert [each.id.partition("/")[0] for each in found.items[:-1]] == list(found.tasks)
    by_id = {each.id: each for each in found.items}
    assert by_id["passkey/1"].context() == "é" * 9
    assert by_id["longbook_choice_eng/0"].answers == ("b", "B")
    assert by_id["math_calc/0"].answers == ("[3, 1]",)
    assert (by_id["code_run/0"].question, by_id["code_run/0"].answers) == ("func_7(-3)", ("4",))
    assert (by_id["math_find/0"].question, by_id["math_find/0"].answers) == ("median number", ("4.5",))
    lines(tmp_path / "passkey.jsonl", {**PASSKEY, "context": "other"})
    with pytest.raises(UserError, match="has changed"):
        by_id["passkey/1"].context()
    assert load_infinitebench(tmp_path).digest != found.digest


@pytest.mark.parametrize(
    ("task", "change", "said"),
    [
        ("passkey", {"context": None}, "there is no field 'context' or 'content'"),
        ("passkey", {"answer": []}, "the list in field 'answer' is empty"),
        ("code_debug", {"options": ["a", "b"]}, "field 'options' has 2 options, not 4"),
        ("code_debug", {"options": list("abcd"), "answer": ["x"]}, "field 'answer' is none of the options"),
        ("code_run", {"input": "?"}, "field 'input' holds no call"),
        ("math_find", {"input": "?"}, "field 'input' does not say which number"),
        ("math_find", {"input": "The median of x", "answer": "x"}, "field 'answer' is no number"),
        ("math_calc", {"answer": ["x"]}, "field 'answer' is no list of whole numbers"),
    ],
)
def test_rows_of_long_texts_that_are_wrong(
    task: str, change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as raised:
        load_infinitebench(lines(tmp_path / f"{task}.jsonl", {**PASSKEY, **change}))
    assert f"{task}.jsonl, line 1: {said}" in str(raised.value)


def test_files_of_long_texts_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds none of the files"):
        load_infinitebench(tmp_path)
    with pytest.raises(UserError, match="not named for a task"):
        load_infinitebench(lines(tmp_path / "x.jsonl", PASSKEY))
    with pytest.raises(UserError, match="line 2: the id '0' was there before, on line 1"):
        load_infinitebench(lines(tmp_path / "passkey.jsonl", PASSKEY, PASSKEY))
    (tmp_path / "math_find.jsonl").write_text("\n{]\n")
    with pytest.raises(UserError, match="line 2: this is not valid JSON"):
        load_infinitebench(tmp_path / "math_find.jsonl")
    (tmp_path / "code_run.jsonl").write_text("")
    with pytest.raises(UserError, match="holds nothing"):
        load_infinitebench(tmp_path / "code_run.jsonl")
    assert len(load_infinitebench(lines(tmp_path / "passkey_8192.jsonl", PASSKEY)).items) == 1
