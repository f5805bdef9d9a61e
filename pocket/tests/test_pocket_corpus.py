import json
import lzma
from pathlib import Path

import pytest

from corpus import PublicTask, clean, read_documents, read_gsm8k, read_niv2
from selfinstruct.records import Instance


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    return tmp_path


def write(data: Path, name: str, text: str) -> None:
    with lzma.open(data / "corpus" / name, "wt", encoding="utf-8", newline="\n") as file:
        file.write(text)


def niv2(definition: str, given: str = "a b", output: str = "b", task: str = "task1") -> str:
    example = {"input": given, "output": output, "explanation": "none"}
    return json.dumps({"task": task, "definition": definition, "positive_examples": [example]}) + "\n"


def test_books_are_parted_cleaned_and_empty_ones_left_out(data: Path) -> None:
    long = "A line of “text”, that’s all.\r\n" * 20
    write(data, "books.txt.xz", f"{long}<|doc|> \n<|doc|>{long}\n\n\n\nEnd.  \n")
    first, second = read_documents(data, "books")
    assert first.startswith('A line of "text", that\'s all.\nA line')
    assert second.endswith("all.\n\nEnd.\n")


def test_textbooks_lose_their_markup_but_no_text(data: Path) -> None:
    front = '---\ntitle: "Cells"\nlayout: page\n---\n'
    chapter = front + "**Cells** &amp; more ([\\[link\\]](#fig_1)) are [small][1].{: .x}\n"
    write(data, "openstax.txt.xz", chapter + "Plain prose follows. " * 20 + "\n\n[1]: http://example.org\n")
    (text,) = read_documents(data, "openstax")
    assert text.startswith("Cells & more are small.\nPlain prose")
    assert "http" not in text


def test_a_row_with_a_line_separator_inside_is_one_row(data: Path) -> None:
    example = {"input": "a\u2028b", "output": "2"}
    line = json.dumps(
        {
            "task": "t",
            "definition": "Count the words here.",
            "positive_examples": [example],
        },
        ensure_ascii=False,
    )
    write(data, "niv2-train.jsonl.xz", line + "\n")
    assert list(read_niv2(data)) == []  # and not an error; the separator is no English


def test_niv2_keeps_english_rows_once_and_tells_classification_where_it_can(data: Path) -> None:
    rows = [
        niv2("Say yes or no about the text.", output="Yes"),
        niv2("Say yes or no about the text.", output="No"),
        niv2("Write a sentence about the words.", output="One two three four five six."),
        niv2("Return the last of the letters."),
        niv2("Translate the sentence into Hindi."),
        niv2("Name the river in the text.", given="Der Fluß"),
        niv2("word " * 151),
        niv2("Repeat the frame of the sheet.", given="Task: x"),
    ]
    write(data, "niv2-train.jsonl.xz", "".join(rows))
    found = list(read_niv2(data))
    assert [(task.instruction.split()[0], task.is_classification) for task in found] == [
        ("Say", True),
        ("Write", False),
        ("Return", None),
    ]


def test_gsm8k_is_a_question_with_its_steps(data: Path) -> None:
    answer = "It is 2+2 = <<2+2=4>>4 clips.\n#### 4"
    row = {"question": "Ann has 2 clips and\nbuys 2. How many?", "answer": answer}
    write(data, "gsm8k-train.jsonl.xz", json.dumps(row) + "\n")
    output = "It is 2+2 = 4 clips.\nThe answer is 4."
    assert list(read_gsm8k(data)) == [
        PublicTask("gsm8k", "Ann has 2 clips and buys 2. How many?", (Instance("", output),), False)
    ]


def test_clean_leaves_plain_text_alone() -> None:
    assert clean("One.\n\nTwo, 'three'.") == "One.\n\nTwo, 'three'."
