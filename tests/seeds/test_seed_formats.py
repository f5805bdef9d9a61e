"""Every format of seeds is told from the others and read with the lines on which its rows begin."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.seeds import formats, json_rows, table_rows
from selfinstruct.seeds.load import SeedsFile, open_seeds

ROWS = [
    {"instruction": "Name a colour."},
    {"instruction": "Is this polite?", "input": "Go away.", "output": "no", "is_classification": True},
]
CSV = """\
instruction,input,output,is_classification,id,name
Name a colour.,,,,,
"Classify, as good or bad:
the ""review"".","Cold
food.",bad,yes,k,rate

Name a river.,,,FALSE,,
"""


def opened(tmp_path: Path, name: str, content: str | bytes) -> SeedsFile:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_seeds(path)


def told(file: SeedsFile) -> list[tuple[int, str]]:
    return [(problem.line, str(problem)) for problem in file.problems]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("s.jsonl", "\n".join(map(json.dumps, ROWS)), "JSON Lines"),
        ("s.txt", "\n".join(map(json.dumps, ROWS)), "JSON Lines"),
        ("seeds", "\ufeff\n" + "\n".join(map(json.dumps, ROWS)), "JSON Lines"),
        ("s.json", json.dumps(ROWS), "JSON array"),
        ("s.jsonl", json.dumps(ROWS, indent=2), "JSON array"),
        ("s.csv", json.dumps(ROWS, indent=2), "JSON array"),
        ("s.json", "\n".join(json.dumps(row, indent=2) for row in ROWS), "JSON objects"),
        ("s.json", "\n".join(json.dumps(row, indent=2).replace("{\n", "{") for row in ROWS), "JSON objects"),
        ("s.csv", CSV, "CSV"),
        ("s.CSV", CSV.replace("instruction,input", " Instruction ,INPUT"), "CSV"),
        ("s", CSV, "CSV"),
        ("s.csv", "instruction\nName a colour.\n", "CSV"),
        ("s.csv", "instruction;input\nName a colour, please.;\n", "CSV with semicolons"),
        ("s.tsv", "id\tinstruction\na\tName a colour, please.\n", "TSV"),
        ("s.txt", "[Urgent] Name a colour.\n", "plain text"),
        ("s.txt", "Name a colour, please.\nName instruction, input.\n", "plain text"),
        ("s", "Name a colour.", "plain text"),
    ],
)
def test_formats_are_told_apart(tmp_path: Path, name: str, content: str, expected: str) -> None:
    file = opened(tmp_path, name, content)
    assert (file.format, told(file)) == (expected, [])
    assert file.tasks


def test_a_csv_row_may_hold_line_breaks_and_is_named_by_its_first(tmp_path: Path) -> None:
    file = opened(tmp_path, "s.csv", CSV.replace("\n", "\r\n"))
    assert file.lines == (2, 3, 7)
    assert file.tasks[1].instruction == 'Classify, as good or bad:\r\nthe "review".'
    assert [task.is_classification for task in file.tasks] == [False, True, False]
    assert [task.id for task in file.tasks] == ["seed_task_0", "k", "seed_task_2"]
    ((instance,),) = [task.instances for task in file.tasks if task.instances]
    assert (instance.input, instance.output) == ("Cold\r\nfood.", "bad")


def test_what_is_wrong_with_csv_rows(tmp_path: Path) -> None:
    content = (
        "instruction,input,is_classification,notes\n"
        '"A\nB",,,\n'
        "Name a colour, a river, and a town, please.,,,\n"
        "Name a river, please.\n"
        ",b,,\n"
        "Name a town.,,maybe,\n"
        '"Name" a town.,,,\n'
        "Name a road.\n"
        '"never closed,,,\n'
        "Name a lake.,,,\n"
    )
    file = opened(tmp_path, "s.csv", content)
    assert told(file) == [
        (4, "7 cells in a table of 4 columns"),
        (5, "2 cells in a table of 4 columns"),
        (6, "field 'instruction': is missing"),
        (7, "field 'is_classification': should be true or false, not the text 'maybe'"),
        (8, "text follows a closing double quote"),
        (10, "a double quote is opened here and never closed"),
    ]
    assert [task.instruction for task in file.tasks] == ["A\nB", "Name a road."]
    assert file.notes == ("Columns that are not read: notes.",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prompt,answer\na,b\n", "no column is named 'instruction'; the first row has 'prompt', 'answer'"),
        ("\ninstruction,input,input\na,b,c\n", "two columns are named 'input'"),
    ],
)
def test_a_csv_header_that_cannot_be_used(tmp_path: Path, content: str, message: str) -> None:
    file = opened(tmp_path, "s.csv", content)
    assert [problem.message for problem in file.problems] == [message]
    assert "instruction,input,output" in file.problems[0].hint
    assert file.tasks == ()


def test_plain_text_has_an_instruction_a_line_and_says_what_it_passed_over(tmp_path: Path) -> None:
    file = opened(tmp_path, "s.txt", "# mine\r\n\r\n  Name a colour. \r\n\r\nName #1.\r# more\n")
    assert [(line, task.instruction) for line, task in zip(file.lines, file.tasks, strict=True)] == [
        (3, "Name a colour."), (5, "Name #1."),
    ]  # fmt: skip
    assert file.notes == ("Passed over: 2 blank lines and 2 lines beginning with #.",)


def test_array_elements_are_named_by_their_line_and_read_past_a_broken_one(tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {number} rivers."} for number in range(4)]
    content = json.dumps(rows, indent=2).replace("1 rivers.", '1 "rivers".').replace("3 rivers", "")
    file = opened(tmp_path, "s.json", content)
    assert told(file) == [
        (6, "not valid JSON (Expecting ',' delimiter at column 29), in what begins on line 5")
    ]
    assert file.lines == (2, 8, 11)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ('[{"instruction": "a"}\n{"instruction": "b"}]', 2, "Expecting ',' delimiter at column 1"),
        ('[{"instruction": "a"},\n{"instruction": "b"}\n', 3, "Expecting ',' delimiter"),
        ('[{"instruction": "a"}] x', 1, "Extra data"),
        ('[{"instruction" "a"}, {"instruction": "b"}]', 1, "the rest was not read"),
        ('["Name a colour."]', 1, "expected a JSON object, found the text 'Name a colour.'"),
        ("[" * 100_000, 1, "JSON nested too deeply"),
        ('[{"instruction": ' + "1" * 5000 + "}]", 1, "not valid JSON (Exceeds the limit"),
    ],
)
def test_what_is_wrong_with_an_array(tmp_path: Path, content: str, line: int, message: str) -> None:
    ((found, text),) = told(opened(tmp_path, "s.json", content))
    assert message in text
    assert found == line


def test_a_first_line_of_an_unlike_kind_is_a_line_all_the_same(tmp_path: Path) -> None:
    file = opened(tmp_path, "s.jsonl", '["a"]\n{"instruction": "b"}\n')
    assert told(file) == [(1, "expected a JSON object, found an array")]
    assert file.lines == (2,)


def archive() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "line", "message", "hint"),
    [
        (archive(), 0, "this is a ZIP archive, as .xlsx", "CSV UTF-8"),
        (b"PAR1\x15\x04", 0, "this is Parquet, not text", "JSON Lines"),
        (b"\x1f\x8b\x08", 0, "this is compressed with gzip, not text", "Unpack"),
        ("Name a colour.".encode("utf-16"), 1, "the text is UTF-16", "UTF-8"),
        ("Name a colour.".encode("utf-32"), 1, "the text is UTF-32", "UTF-8"),
        ("a\nb".encode("utf-16-be"), 1, "not text: byte 1 of the line is NUL", "UTF-16"),
        ("\ufeffa\nbé".encode()[:-1], 2, "not UTF-8 text: byte 2 of the line is 0xC3", "UTF-8"),
        ("\ufeffé".encode()[:-1], 1, "not UTF-8 text: byte 4 of the line is 0xC3", "UTF-8"),
        (b"a\nCaf\xe9s\n", 2, "not UTF-8 text: byte 4 of the line is 0xE9", "Windows-1252"),
    ],
)
def test_what_is_no_utf8_text(tmp_path: Path, content: bytes, line: int, message: str, hint: str) -> None:
    file = opened(tmp_path, "seeds.csv", content)
    (problem,) = file.problems
    assert problem.line == line
    assert message in problem.message
    assert hint in problem.hint
    assert file.tasks == ()


def test_text_of_other_formats_is_not_taken_for_instructions(tmp_path: Path) -> None:
    assert told(opened(tmp_path, "s.yaml", "- instruction: a\n")) == [(0, ".yaml files are not read")]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(
    rows=st.lists(
        st.fixed_dictionaries({
            "instruction": CELLS.filter(lambda text: text.strip() != ""),
            "input": CELLS, "output": CELLS, "is_classification": st.booleans(),
        }),
        min_size=1,
    ),
    indent=st.sampled_from([None, 1]),
    layout=st.sampled_from(["array", "lines"]),
)  # fmt: skip
def test_what_json_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], indent: int | None, layout: str
) -> None:
    written = [json.dumps(row, ensure_ascii=False, indent=indent) for row in rows]
    content = f"[{', '.join(written)}]" if layout == "array" else "\n".join(written)
    file = opened(tmp_path_factory.mktemp("s"), "s.json", content)
    assert told(file) == []
    assert [(task.instruction.strip(), task.is_classification) for task in file.tasks] == [
        (row["instruction"].strip(), row["is_classification"]) for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("s.txt", "a\n" * 501, "more than 500 rows are not read"),
        ("s.jsonl", "1\n" * 501, "more than 500 rows are not read"),
        ("s.jsonl", "x\n" * 501, "more than 500 rows are not read"),
        ("s.json", "[" + "[]," * 60_000, "more than 500 rows are not read"),
        ("s.csv", "instruction,input\n" + "a,b\n" * 501, "more than 500 rows are not read"),
        ("s.txt", "\n" * 2_001, "more than 2,000 lines are not read"),
    ],
)
def test_more_rows_than_anybody_writes_are_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, said: str
) -> None:
    for reader in (formats, json_rows, table_rows):
        monkeypatch.setattr(reader, "MOST_ROWS", 500)
    monkeypatch.setattr(formats, "MOST_LINES", 2_000)
    file = opened(tmp_path, name, content)
    assert told(file) == [(0, said)]
    assert not file.tasks
    assert file.problems[0].hint.startswith("Seeds are examples for the model: give some hundreds")


@pytest.mark.parametrize("before", ["", "[", "\n"])
def test_a_row_that_is_far_too_long_is_a_problem_of_its_line(tmp_path: Path, before: str) -> None:
    instances = ",".join(["{}"] * 400_000)
    long = f'{{"instruction": "a", "instances": [{instances}]}}'
    after = {"": "", "[": "]", "\n": '\n{"instruction": "b"}'}[before]
    file = opened(tmp_path, "s.json", f"{before}{long}{after}")
    line = 2 if before == "\n" else 1
    assert told(file) == [(line, "a row of more than 1,048,576 characters")]
    assert len(file.tasks) == (before == "\n")


@pytest.mark.parametrize("content", ["a\n" * 500, "instruction,input\n" + "a,b\n" * 500])
def test_as_many_rows_as_may_be_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    for reader in (formats, json_rows, table_rows):
        monkeypatch.setattr(reader, "MOST_ROWS", 500)
    file = opened(tmp_path, "s.txt", content)
    assert (len(file.tasks), told(file)) == (500, [])
