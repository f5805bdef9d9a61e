"""`seeds check` and `seeds list`: near-duplicates, balance, advice, what is printed, exit codes."""

import io
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from selfinstruct.cli import render_check
from selfinstruct.cli.render_seeds import print_tasks
from selfinstruct.cli.seeds import seeds
from selfinstruct.errors import SeedsError
from selfinstruct.records import ACCEPTED
from selfinstruct.seeds.balance import balance_advice, measure
from selfinstruct.seeds.check import check_seeds
from selfinstruct.seeds.duplicates import near_pairs
from selfinstruct.seeds.load import bundled_seeds
from selfinstruct.text.rouge import similarity

RUNNER = CliRunner()
TEXTS = [
    "Summarize the support ticket in one sentence.",
    "Name three rivers of Europe that flow north.",
    "Summarize the support ticket in two sentences.",
    "Draw a map of the river near the town.",
    "Which of these words is spelled wrongly?",
    "Explain to a child why the sky is blue.",
    "Translate the greeting into Italian and Spanish.",
    "Give the plural of each noun on the list.",
    "Summarize the support ticket in one sentence!",
]


def write(path: Path, texts: list[str]) -> Path:
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def checked(*arguments: object) -> tuple[int, dict[str, Any]]:
    done = RUNNER.invoke(seeds, ["check", *map(str, arguments), "--json"])
    (line,) = done.stdout.splitlines()
    value = json.loads(line)
    assert isinstance(value, dict)
    return done.exit_code, value


# ------------------------------------------------------------------------------ near-duplicates


def test_each_seed_is_paired_with_the_nearest_earlier_one() -> None:
    pairs = near_pairs(TEXTS, 0.7)
    assert [(pair.earlier, pair.later) for pair in pairs] == [(0, 2), (0, 8)]
    assert [pair.score for pair in pairs] == [pytest.approx(5 / 7), 1.0]


def test_many_equal_seeds_make_no_more_pairs_than_seeds() -> None:
    pairs = near_pairs(["Name a colour."] * 600, 0.7)
    assert [(pair.earlier, pair.later) for pair in pairs] == [(0, later) for later in range(1, 600)]


def test_progress_is_told_while_seeds_are_compared() -> None:
    told: list[int] = []
    near_pairs([f"Name colour {number}." for number in range(300)], 0.9, told.append)
    assert told == [128, 256, 300]


def test_a_check_that_takes_long_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(render_check, "monotonic", lambda: next(ticks))
    path = write(tmp_path / "s.txt", [f"Name {number} colours." for number in range(200)])
    done = RUNNER.invoke(seeds, ["check", str(path), "--json"])
    assert done.stderr == "Comparing seeds: 128 done, 128 a second\n"
    assert json.loads(done.stdout)["usable"]


def test_a_score_at_the_threshold_is_not_above_it() -> None:
    assert near_pairs(["a b", "a c"], 0.5) == []
    assert near_pairs(["…", "…"], 0.0) == []
    assert near_pairs([], 0.7) == []


WORDS = st.lists(st.sampled_from(["a", "b", "c", "河", "…"]), max_size=8).map(" ".join)


@example(["a a a a a", "a a", "a a a b"], 0.3)  # the third is equally near to both, but for rounding
@given(st.lists(WORDS, max_size=8), st.sampled_from([0.3, 0.5, 0.7]))
def test_pairs_are_those_that_rouge_finds(texts: list[str], threshold: float) -> None:
    found = {pair.later: pair.score for pair in near_pairs(texts, threshold)}
    best = {
        later: max((similarity(text, texts[later]) for text in texts[:later]), default=0.0)
        for later in range(len(texts))
    }
    assert found == {later: score for later, score in best.items() if score > threshold}


# -------------------------------------------------------------------------------------- balance


def kinds(tmp_path: Path, rows: list[dict[str, Any]]) -> list[str]:
    path = tmp_path / "s.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return [advice.kind for advice in check_seeds(path, lambda text: ACCEPTED).advice]


def test_the_bundled_seeds_need_no_advice() -> None:
    numbers = measure(bundled_seeds())
    assert list(balance_advice(numbers)) == []
    assert (numbers.seeds, numbers.classification, numbers.with_instances) == (217, 58, 217)
    assert numbers.shortest <= numbers.median <= numbers.longest


def test_nothing_to_measure() -> None:
    numbers = measure([])
    assert (numbers.seeds, numbers.commonest_first_words, numbers.longest) == (0, (), 0)


@pytest.mark.parametrize(
    ("count", "row", "expected"),
    [
        (7, {}, ["too_few"]),
        (24, {"is_classification": 0}, ["few", "no_classification"]),
        (25, {"is_classification": 0}, ["no_classification"]),
        (25, {"is_classification": 16}, []),
        (25, {"is_classification": 17}, ["mostly_classification"]),
        (25, {"is_classification": 5, "begin": 6}, []),
        (25, {"is_classification": 5, "begin": 7}, ["first_word"]),
        (25, {"is_classification": 5, "words": 61}, ["long"]),
        (25, {"is_classification": 5, "output": "b"}, ["no_input"]),
        (25, {"is_classification": 5, "input": "a", "output": "b"}, []),
    ],
)  # fmt: skip
def test_balance(tmp_path: Path, count: int, row: dict[str, Any], expected: list[str]) -> None:
    rows = [
        {
            "instruction": " ".join(
                ["write" if number < row.get("begin", 0) else f"verb{number}"]
                + [f"word{number}"] * (row.get("words", 5) - 1)
            ),
            "is_classification": number < row.get("is_classification", 0),
            "input": row.get("input", ""),
            "output": row.get("output", ""),
        }
        for number in range(count)
    ]
    assert kinds(tmp_path, rows) == expected


def test_rows_that_deserve_advice_of_their_own(tmp_path: Path) -> None:
    rows = [{"instruction": "a", "id": "task_3"}, {"instruction": "b", "input": "c"}]
    assert kinds(tmp_path, rows) == ["too_few", "id", "no_output"]


# -------------------------------------------------------------------------------------- command


def test_check_reports_duplicates_and_advice_of_a_usable_file(tmp_path: Path) -> None:
    code, report = checked(write(tmp_path / "s.txt", ["# mine", *TEXTS]))
    assert (code, report["usable"], report["problems"]) == (0, True, [])
    pairs = [(near["earlier_line"], near["line"], round(near["score"], 3)) for near in report["duplicates"]]
    assert pairs == [(2, 4, 0.714), (2, 10, 1.0)]
    assert (5, "would be rejected if a model wrote it: keyword 'draw'") in [
        (advice["line"], advice["message"]) for advice in report["advice"]
    ]
    assert report["notes"] == ["Passed over: 1 line beginning with #."]
    assert report["statistics"]["seeds"] == 9
    assert report["statistics"]["commonest_first_words"][0] == ["summarize", 3]


def test_check_reports_every_problem_of_an_unusable_file(tmp_path: Path) -> None:
    lines = [json.dumps({"instruction": text}) for text in TEXTS]
    lines[2], lines[5] = "{", '{"instruction": ""}'
    code, report = checked(write(tmp_path / "s.jsonl", lines))
    assert (code, report["usable"]) == (2, False)
    assert [(problem["line"], problem["field"]) for problem in report["problems"]] == [
        (3, ""),
        (6, "instruction"),
    ]
    assert all(problem["hint"] for problem in report["problems"])
    assert [near["line"] for near in report["duplicates"]] == [9], "the readable ones are still looked at"


def test_check_of_a_file_that_is_no_text_is_still_one_object(tmp_path: Path) -> None:
    (tmp_path / "s.parquet").write_bytes(b"PAR1")
    code, report = checked(tmp_path / "s.parquet")
    assert (code, report["advice"], report["statistics"]["seeds"]) == (2, [], 0)
    assert [problem["message"] for problem in report["problems"]] == ["this is Parquet, not text"]


def test_check_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = RUNNER.invoke(seeds, ["check", str(tmp_path / "none")])
    assert isinstance(done.exception, SeedsError)
    assert "No such file" in done.exception.message


def test_check_on_a_terminal_of_80_columns(tmp_path: Path) -> None:
    lines = [json.dumps({"instruction": text}) for text in TEXTS] + ['{"instruction": 3}'] * 30
    path = write(tmp_path / "s.jsonl", lines + [json.dumps({"instruction": "Go on."})] * 30)
    done = RUNNER.invoke(seeds, ["check", str(path)], env={"COLUMNS": "80"})
    assert done.exit_code == 2
    shown = done.stdout.splitlines()
    assert max(map(len, shown[1:])) <= 80, "the first line is the path"
    assert sum("input should be a valid string, not a number" in line for line in shown) == 30
    assert "  1.00  line 9   Summarize the support ticket in one sentence!" in map(str.rstrip, shown)
    assert shown.count("  … and 11 more; --json has them all") == 2
    assert shown[-1] == "Not usable until the 30 problems are fixed."


def test_a_usable_file_ends_with_the_command_that_uses_it(tmp_path: Path) -> None:
    path = write(tmp_path / "my seeds.txt", TEXTS)
    done = RUNNER.invoke(seeds, ["check", str(path)])
    assert done.stdout.endswith(f"Usable: selfinstruct generate RUN --seeds '{path}'\n")


def test_list_as_json(tmp_path: Path) -> None:
    done = RUNNER.invoke(seeds, ["list", "--json"])
    listed = json.loads(done.stdout)
    assert [row["id"] for row in listed] == [task.id for task in bundled_seeds()]
    assert set(listed[0]) == {"id", "name", "instruction", "is_classification", "instances"}
    assert set(listed[0]["instances"][0]) == {"input", "output"}
    own = RUNNER.invoke(seeds, ["list", str(write(tmp_path / "s.txt", TEXTS)), "--json"])
    assert [row["instruction"] for row in json.loads(own.stdout)] == TEXTS


def test_list_into_a_pipe_cuts_nothing(tmp_path: Path) -> None:
    rows = json.dumps([{"instruction": "a " * 200 + "\nb", "id": "x", "is_classification": True}])
    done = RUNNER.invoke(seeds, ["list", str(write(tmp_path / "s.json", [rows]))])
    assert done.stdout == f"x\tC\t{'a ' * 200}b\n"


def test_list_on_a_terminal_fits_it() -> None:
    console = Console(width=80, force_terminal=True, record=True, file=io.StringIO())
    print_tasks(bundled_seeds(), console)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-2].startswith("seed_task_216")
    assert lines[-1] == "217 seed tasks, 58 of them classification"


def test_list_of_a_bad_file_names_the_line(tmp_path: Path) -> None:
    done = RUNNER.invoke(seeds, ["list", str(write(tmp_path / "s.jsonl", ['{"instruction": "a"}', "{}"]))])
    assert isinstance(done.exception, SeedsError)
    assert "line 2: field 'instruction': is missing" in done.exception.message
