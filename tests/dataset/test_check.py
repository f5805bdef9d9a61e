"""Any data set looked at: formats, counts, what is written and what is not, and the command."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from command import run as command
from pyarrow import parquet

import selfinstruct as si
from selfinstruct.dataset.rows import FlawError, examples_of
from selfinstruct.errors import ConfigError

GOOD = [
    {"instruction": "Name the capital of Norway.", "input": "", "output": "Oslo", "source": "a"},
    {
        "instruction": "Describe a hen in a few words.",
        "input": "",
        "output": "A brown bird that lays eggs.",
        "source": "b",
    },
]
BAD = {
    "instruction": "Tell me a joke about cows.",
    "input": "",
    "output": "I'm sorry, but I can't help with that.",
    "source": "c",
}
ROWS = [GOOD[0], BAD, GOOD[1]]


def messages(
    row: dict[str, str],
    *,
    role: str = "role",
    text: str = "content",
    names: tuple[str, str] = ("user", "assistant"),
) -> list[dict[str, str]]:
    return [{role: names[0], text: row["instruction"]}, {role: names[1], text: row["output"]}]


def write(path: Path, kind: str, rows: list[dict[str, Any]]) -> Path:
    match kind:
        case "jsonl":
            path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        case "json":
            path.write_text(json.dumps(rows, indent=2), encoding="utf-8")
        case "objects":
            path.write_text("\n".join(json.dumps(row, indent=2) for row in rows), encoding="utf-8")
        case "csv" | "tsv":
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, list(rows[0]), delimiter="," if kind == "csv" else "\t")
                table.writeheader()
                table.writerows(rows)
        case "parquet":
            parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


def read(path: Path, kind: str) -> list[dict[str, Any]]:
    match kind:
        case "json":
            return list(json.loads(path.read_text(encoding="utf-8")))
        case "csv" | "tsv":
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file, delimiter="," if kind == "csv" else "\t"))
        case "parquet":
            return list(parquet.read_table(path).to_pylist())
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


KINDS = ["jsonl", "json", "objects", "csv", "tsv", "parquet"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_is_read_and_written_with_its_fields(kind: str, tmp_path: Path) -> None:
    data = write(tmp_path / "data", kind, ROWS)
    checked = si.check(data, out=tmp_path / "clean", rest=tmp_path / "rest")
    assert (checked.rows, checked.flagged, checked.written) == (3, 1, (2, 1))
    assert [(each.row, each.signal) for each in checked.findings] == [(1, "refusal")]
    assert read(tmp_path / "clean", kind) == GOOD
    assert read(tmp_path / "rest", kind) == [BAD]


@pytest.mark.parametrize(
    "shape",
    [
        lambda row: {"messages": messages(row)},
        lambda row: {"conversations": messages(row, role="from", text="value", names=("human", "gpt"))},
        lambda row: {"prompt": f"Task: {row['instruction']}\nOutput:", "completion": f" {row['output']}"},
        lambda row: {"prompt": messages(row)[:1], "completion": messages(row)[1:]},
        lambda row: {"prompt": row["instruction"], "chosen": row["output"], "rejected": "no"},
        lambda row: {"question": row["instruction"], "answer": row["output"]},
        lambda row: {"instruction": row["instruction"], "context": "", "response": row["output"]},
        lambda row: {
            "id": "x",
            "instruction": row["instruction"],
            "instances": [{"input": "", "output": row["output"]}],
        },
    ],
)
def test_each_format_of_rows_is_understood(shape: Any, tmp_path: Path) -> None:
    data = write(tmp_path / "data.jsonl", "jsonl", [shape(row) for row in ROWS])
    checked = si.check(data)
    assert [(each.row, each.signal) for each in checked.findings] == [(1, "refusal")]


def test_a_users_message_is_split_and_each_reply_is_an_example() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Translate.\n\nhouse"},
        {"role": "assistant", "content": "Haus"},
        {"role": "user", "content": "And dog?"},
        {"role": "assistant", "content": "Hund"},
    ]
    first, second = examples_of({"messages": turns})
    assert (first.instruction, first.input, first.output) == ("Translate.", "house", "Haus")
    assert (second.instruction, second.output) == ("And dog?", "Hund")
    assert "Haus" in second.input
    with pytest.raises(FlawError, match="no reply of an assistant"):
        examples_of({"messages": turns[:2]})


def test_exports_of_a_run_are_checked_alike(tmp_path: Path) -> None:
    run = si.generate(tmp_path / "run", model="scripted", tasks=12)
    whole = si.check(run)
    assert whole.rows == 12
    assert si.check(tmp_path / "run").findings == whole.findings
    examples = whole.examples
    for name in ("jsonl", "alpaca", "chat", "sharegpt", "openai", "prompt-completion", "parquet"):
        run.export(tmp_path / f"out.{name}", format=name)
        assert si.check(tmp_path / f"out.{name}").examples == examples
    run.export(f"{tmp_path}/hub/", format="alpaca", split="0.3")
    folder = si.check(tmp_path / "hub", out=tmp_path / "clean", rest=tmp_path / "rest")
    assert folder.examples == examples
    assert sorted(path.name for path in (tmp_path / "clean" / "data").iterdir()) == [
        "test.jsonl",
        "train.jsonl",
    ]
    assert sum(folder.written) == folder.rows


def test_of_a_task_only_the_instances_that_are_flagged_are_left_out(tmp_path: Path) -> None:
    task = {
        "id": "task_7",
        "instruction": "Classify the review as positive or negative.",
        "is_classification": True,
        "instances": [{"input": "Lovely.", "output": "positive"}, {"input": "Bad.", "output": "soup"}],
    }
    data = write(tmp_path / "data.jsonl", "jsonl", [task])
    checked = si.check(data, out=tmp_path / "clean", rest=tmp_path / "rest")
    assert [(each.row, each.id, each.example) for each in checked.findings] == [(0, "task_7", 1)]
    assert [each["instances"] for each in read(tmp_path / "clean", "jsonl")] == [task["instances"][:1]]  # type: ignore[index]
    assert [each["instances"] for each in read(tmp_path / "rest", "jsonl")] == [task["instances"][1:]]  # type: ignore[index]


def test_repeats_lengths_languages_and_balance_are_counted(tmp_path: Path) -> None:
    rows = [
        {
            "instruction": "Name three rivers in the north of Germany.",
            "output": "Elbe, Weser, Ems",
            "is_classification": False,
        },
        {
            "instruction": "name three rivers in the north of germany",
            "output": "Elbe, Weser, Ems.",
            "is_classification": False,
        },
        {
            "instruction": "Name three rivers in the north of Germany!",
            "output": "Eider, Oste, Ilmenau",
            "is_classification": False,
        },
        {
            "instruction": "Sort the animals by their weight in grams.",
            "output": "hen, cat, dog and then the cow",
            "is_classification": True,
        },
    ]
    checked = si.check(write(tmp_path / "data.json", "json", rows))
    assert [(each.row, each.earlier, each.exact) for each in checked.repeats] == [(1, 0, True), (2, 0, False)]
    assert checked.classification == (1, 4)
    assert dict(checked.verbs) == {"name": 3, "sort": 1}
    assert (checked.lengths["instruction"].median, checked.lengths["input"].texts) == (8, 0)
    assert sum(checked.languages.values()) == 4


def test_text_of_evaluation_sets_is_found_where_they_are_given(tmp_path: Path) -> None:
    held = "The quick grey fox of the old mill jumps over two lazy dogs near the river every single morning"
    exam = write(tmp_path / "exam.jsonl", "jsonl", [{"id": "e1", "instruction": held}])
    row = {
        "instruction": "Shorten the text in the way that you like.",
        "input": held,
        "output": "A fox jumps over dogs.",
    }
    data = write(tmp_path / "data.jsonl", "jsonl", [*GOOD, row])
    checked = si.check(data, decontaminate=exam)
    assert [(each.row, each.signal) for each in checked.findings] == [(2, "contaminated")]
    assert "contaminated" not in si.check(data).signals


def test_rows_that_cannot_be_read_are_counted_and_kept_with_the_rest(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    good = json.dumps(GOOD[0])
    data.write_text(f'{good}\n{{"instruction": \n[1]\n{{"a": 1}}\n', encoding="utf-8")
    checked = si.check(data, out=tmp_path / "clean", rest=tmp_path / "rest")
    assert [each.signal for each in checked.findings] == ["unreadable"] * 3
    assert (tmp_path / "clean").read_text(encoding="utf-8") == f"{good}\n"
    assert (tmp_path / "rest").read_text(encoding="utf-8").splitlines() == [
        '{"instruction": ',
        "[1]",
        '{"a": 1}',
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"just words", "is not a data set"),
        (b'{"a": 1}\n', "holds no row that can be read"),
        (b'[{"a": 1}, {"b"', "not valid JSON"),
    ],
)
def test_what_is_no_data_set_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        si.check(tmp_path / "data", out=tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_fields_that_hold_no_answer_are_named(kind: str, tmp_path: Path) -> None:
    data = write(tmp_path / "data", kind, [{"prompt": "Name a city.", "reply": "Oslo"}])
    with pytest.raises(ConfigError, match=r"its fields \('prompt', 'reply'\) match no known format"):
        si.check(data)


def test_a_reply_to_nobody_is_not_clean(tmp_path: Path) -> None:
    talks = [
        [{"from": "gpt", "value": "Oslo is the capital of Norway."}],
        [{"from": "human", "value": " "}, {"from": "gpt", "value": "Oslo is the capital."}],
        [{"from": "human", "value": "Name a city."}, {"from": "gpt", "value": "Oslo"}],
    ]
    checked = si.check(write(tmp_path / "data", "jsonl", [{"conversations": each} for each in talks]))
    told = [(each.row, each.signal, each.detail) for each in checked.findings]
    why = "field 'conversations' has no message of a user"
    assert told == [(0, "unreadable", why), (1, "unreadable", why)]
    answer = [{"role": "assistant", "content": "Oslo"}]
    assert examples_of({"prompt": "Name a city.", "chosen": answer})[0].instruction == "Name a city."


def test_the_signals_of_runs_can_be_looked_for(tmp_path: Path) -> None:
    data = write(tmp_path / "data", "jsonl", ROWS)
    certain = set(si.check(data, signals="certain").signals)
    assert "refusal" in certain
    assert "wrong_language" not in certain
    assert set(si.check(data, signals="certain", language="English").signals) == {*certain, "wrong_language"}
    assert len(si.check(data, signals="all").signals) == len(si.check(data).signals) > len(certain)
    assert si.check(data, signals="none").signals == {}
    assert "loop" not in si.check(data, signals="certain", skip=["loop"]).signals
    with pytest.raises(ConfigError, match="`skip` leaves out every signal"):
        si.check(data, signals="loop", skip="loop")
    with pytest.raises(ConfigError, match="no signal 'lop'"):
        si.check(data, signals="none", skip="lop")


def test_the_data_set_is_never_written_over(tmp_path: Path) -> None:
    data = write(tmp_path / "data.jsonl", "jsonl", ROWS)
    with pytest.raises(ConfigError, match="the data set itself"):
        si.check(data, out=data)
    with pytest.raises(ConfigError, match="both"):
        si.check(data, out=tmp_path / "a", rest=tmp_path / "a")
    with pytest.raises(ConfigError, match="no language of that name"):
        si.check(data, language="Klingon")


def test_a_large_array_is_read_in_pieces(tmp_path: Path) -> None:
    rows = [
        {**GOOD[0], "instruction": f"Name the town number {place}.", "note": "x" * 700}
        for place in range(4000)
    ]
    data = write(tmp_path / "data.json", "json", rows)
    assert data.stat().st_size > 3_000_000
    checked = si.check(data, signals="refusal", out=tmp_path / "clean")
    assert (checked.rows, list(checked.signals)) == (4000, ["refusal"])
    assert read(tmp_path / "clean", "json") == rows


def test_the_command(tmp_path: Path) -> None:
    data = write(tmp_path / "data.json", "json", ROWS)
    done = command("check", data, "--json", "--skip", "talk,echo", "--out", tmp_path / "clean.json")
    said = json.loads(done.stdout)
    assert (done.code, said["rows"], said["flagged"], said["signals"]["refusal"]) == (0, 3, 1, 1)
    assert said["findings"][0] | {"detail": ""} == {
        "row": 1,
        "id": "",
        "signal": "refusal",
        "detail": "",
        "example": 0,
    }
    assert "talk" not in said["signals"]
    assert read(tmp_path / "clean.json", "json") == GOOD
    table = command("check", data, COLUMNS="80")
    assert table.code == 0
    assert "1 of 3 rows flagged, 33 %" in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80
    wrong = command("check", data, "--signals", "refusals")
    assert wrong.code == 2
    assert "refusal" in wrong.stderr
