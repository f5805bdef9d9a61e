"""Systems side by side, and a judge's opinion of them."""

import asyncio
import io
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import run
from endpoint import RunningEndpoint
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from selfinstruct.cli.render_evaluation import print_comparison
from selfinstruct.errors import ConfigError, RunMismatchError, StorageError, UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.compare import compare_systems, plan_comparison
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import Evaluation, evaluate
from selfinstruct.evaluation.intervals import intervals
from selfinstruct.evaluation.judge_prompts import (
    LEVEL_RUBRIC,
    LEVEL_SCHEMA,
    PAIR_SCHEMA,
    level_case,
    pair_case,
    read_level,
    read_side,
)
from selfinstruct.evaluation.judgment import Judgment, LevelVerdict, answer_digest, kept_judgments
from selfinstruct.evaluation.pairwise import PairVerdict
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.evaluation.predictions import Prediction

Start = Callable[..., RunningEndpoint]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def answers(path: Path, responses: list[str], task: str = "") -> Path:
    rows = [
        {"id": f"q{number}", "instruction": f"Say {number}.", "target": "one two three", "response": response}
        for number, response in enumerate(responses)
    ]
    return write(path, [{**row, "task": task} if task else row for row in rows])


# ------------------------------------------------------------------------ metrics


def test_differences_are_paired(tmp_path: Path) -> None:
    rng = random.Random(3)
    worse = [" ".join(rng.sample(["one", "two", "three", "four"], k=3)) for _ in range(80)]
    better = [text.replace("four", "three") if number % 2 else text for number, text in enumerate(worse)]
    systems = read_systems(
        [answers(tmp_path / "base.jsonl", worse), answers(tmp_path / "tuned.jsonl", better)]
    )
    found = compare(systems, seed=1)
    (difference,) = found.differences
    base, tuned = found.scores
    assert difference.rouge_l.mean == pytest.approx(tuned.rouge_l.mean - base.rouge_l.mean)
    assert 0 < difference.rouge_l.low < difference.rouge_l.high
    wide = base.rouge_l.high - base.rouge_l.low
    assert difference.rouge_l.high - difference.rouge_l.low < 0.8 * wide, "what both find hard cancels out"
    assert difference.better + difference.equal == 80
    assert difference.equal >= 40
    values = [
        t.score().rouge_l - b.score().rouge_l for b, t in zip(*(s.predictions for s in systems), strict=True)
    ]
    assert difference.rouge_l == intervals([values], [""] * 80, 1)[0]


def test_on_the_command_line(tmp_path: Path) -> None:
    base = answers(tmp_path / "base" / "predictions.jsonl", ["one", "two", ""])
    tuned = answers(tmp_path / "tuned.jsonl", ["one two three", "two", ""])
    done = run("compare", base.parent, tuned, "--json")
    assert done.code == 0, done.stderr
    printed = done.json()
    assert [(each["name"], each["n"], each["empty"]) for each in printed["systems"]] == [
        ("base", 3, 1), ("tuned", 3, 1)
    ]  # fmt: skip
    (difference,) = printed["differences"]
    assert (difference["system"], difference["from"]) == ("tuned", "base")
    assert (difference["better"], difference["equal"], difference["worse"]) == (1, 2, 0)
    assert difference["rougeL"] == pytest.approx(50 / 3)
    assert difference["exact_match"] == pytest.approx(100 / 3)
    shown = run("compare", base.parent, tuned, COLUMNS="100").stdout
    assert "tuned minus base\n  ROUGE-L      +16.67  95 % interval +0.00 to +50.00\n" in shown
    assert "3 items; intervals drawn over items" in shown
    kept = run("compare", base.parent, tuned, "--out", tmp_path / "out", "--json")
    assert json.loads((tmp_path / "out" / "comparison.json").read_text()) == kept.json() == printed


def test_systems_that_were_not_asked_alike_are_told(tmp_path: Path) -> None:
    tasks = write(tmp_path / "f", [{"instruction": "Say it.", "output": "it"}])
    for name, limit in (("base", 20), ("tuned", 30), ("again", 30)):
        settings = {"suite": "jsonl", "max_tokens": limit}
        plan = plan_evaluation(
            tmp_path / name, settings=settings, tasks=tasks, model_spec="scripted", options={}
        )
        asyncio.run(evaluate(plan))
    done = run("compare", tmp_path / "base", tmp_path / "tuned", COLUMNS="120")
    assert "Asked differently: max_tokens is 20 for base, 30 for tuned." in done.stdout
    several = run("compare", *(tmp_path / name for name in ("base", "tuned", "again")), COLUMNS="120")
    assert "Asked differently: max_tokens is 20 for base, 30 for the others." in several.stdout


def test_systems_that_cannot_be_compared(tmp_path: Path) -> None:
    one = answers(tmp_path / "a.jsonl", ["x", "y"])
    with pytest.raises(UserError, match=r"There is nothing to compare\. Name at least two evaluations"):
        plan_comparison([one], seed=None, directory=None, judge_spec=None, options={})
    with pytest.raises(UserError, match=r"holds no predictions\.jsonl\. Evaluate something there first"):
        read_systems([one, tmp_path])
    with pytest.raises(UserError, match=r"b\.jsonl has no prediction for 1 of the 2 items: q1\."):
        read_systems([one, answers(tmp_path / "b.jsonl", ["x"])])
    with pytest.raises(UserError, match=r"b\.jsonl, line 3: id 'q2' is none of .*a\.jsonl"):
        read_systems([one, answers(tmp_path / "b.jsonl", ["x", "y", "z"])])
    with pytest.raises(UserError, match="Cannot read"):
        read_systems([one, tmp_path / "gone"])


def test_the_same_evaluation_twice_and_different_suites_are_refused(tmp_path: Path) -> None:
    for name, suite in (("one", "gsm8k"), ("other", "math")):
        answers(tmp_path / name / "predictions.jsonl", ["x"])
        (tmp_path / name / "scores.json").write_text(json.dumps({"suite": suite}))
    with pytest.raises(UserError, match=r"one is named twice\. Name each evaluation once"):
        read_systems([tmp_path / "one", tmp_path / "one"])
    with pytest.raises(UserError, match=r"one is named twice \(as .*predictions\.jsonl\)"):
        read_systems([tmp_path / "one", tmp_path / "one" / "predictions.jsonl"])
    with pytest.raises(UserError, match=r"one and .*other are of different suites: gsm8k and math\."):
        read_systems([tmp_path / "one", tmp_path / "other"])


@pytest.mark.parametrize(
    ("width", "left_out"), [(120, ""), (80, "words"), (60, "95 % of exact match, empty, cut, words")]
)
def test_names_are_shown_at_any_width(tmp_path: Path, width: int, left_out: str) -> None:
    paths = [
        answers(tmp_path / f"{name}.jsonl", ["one", "two three"])
        for name in ("qwen-0.5b-base", "qwen-0.5b-tuned")
    ]
    plan = plan_comparison(paths, seed=None, directory=None, judge_spec=None, options={})
    console = Console(width=width, file=io.StringIO())
    print_comparison(asyncio.run(compare_systems(plan)), console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert [line.split()[0] for line in shown.splitlines()[:3]] == [
        "system", "qwen-0.5b-base", "qwen-0.5b-tuned"
    ]  # fmt: skip
    assert (f"left out, to fit {width} columns: {left_out}\n" in shown) == bool(left_out), shown
    assert max(map(len, shown.splitlines()[:3])) <= width


# ------------------------------------------------------------------------ reading a judge

ITEM = EvaluationItem("q", "Name it.", "a tree", ("oak", "elm"))


@pytest.mark.parametrize(
    ("reply", "level"),
    [
        ('{"reason": "Fine.", "level": "A"}', "A"),
        ('{"level": "Level B (acceptable)", "reason": ""}', "B"),
        ('Sure:\n```json\n{"reason": "…", "rating": "c"}\n```', "C"),
        ("D", "D"),
        ("**B**", "B"),
        ("B. It misses a word.", "B"),
        ("Level: C\nIt is wrong.", "C"),
        ("It is wrong in part.\n\n**Level:** C", "C"),
        ("Level A would need more. So the level is B.", "B"),
        ("A response that says nothing.", ""),
        ("I cannot judge this.", ""),
        ('{"reason": "no level"}', ""),
        ('{"level": "E"}', ""),
        ("", ""),
    ],
)
def test_levels_are_read(reply: str, level: str) -> None:
    assert read_level(reply).choice == level


@pytest.mark.parametrize(
    ("reply", "side"),
    [
        ('{"reason": "Fine.", "better": "1"}', "1"),
        ('{"better": 2}', "2"),
        ('{"better": "Response 2"}', "2"),
        ('{"winner": "neither"}', "tie"),
        ("tie", "tie"),
        ("Response 1", "1"),
        ("Both are right, but the better one is shorter.\nBetter: 2", "2"),
        ("1. The first response is right.\n2. The second is not.", ""),
        ("Hard to say.", ""),
    ],
)
def test_sides_are_read(reply: str, side: str) -> None:
    assert read_side(reply).choice == side


@given(st.text(max_size=60) | st.text(alphabet='{}":ABCDlevel \n', max_size=40))
def test_any_reply_can_be_read(reply: str) -> None:
    assert read_level(reply).choice in ("", "A", "B", "C", "D")
    assert read_side(reply).choice in ("", "1", "2", "tie")


def test_what_a_judge_sees() -> None:
    case = level_case(ITEM, "an oak")
    assert case.index("Name it.") < case.index("a tree") < case.index("oak") < case.index("an oak")
    assert "===== end of response =====" in case
    bare = pair_case(EvaluationItem("r", "Say it.", "", ("it",)), "first", "second")
    assert "input" not in bare
    assert bare.index("response 1 =====\nfirst") < bare.index("response 2 =====\nsecond")
    for letter in "ABCD":
        assert f"\n{letter}  " in LEVEL_RUBRIC
    for schema, name in ((LEVEL_SCHEMA, "level"), (PAIR_SCHEMA, "better")):
        assert list(json.loads(schema)["properties"]) == ["reason", name]


@pytest.mark.parametrize(
    ("base_first", "base_last", "outcome", "consistent"),
    [
        ("2", "1", "win", True),
        ("1", "2", "loss", True),
        ("tie", "tie", "tie", True),
        ("1", "1", "tie", False),
        ("2", "2", "tie", False),
        ("2", "tie", "tie", False),
        ("", "", "tie", True),
    ],
)
def test_only_what_holds_in_both_orders_is_won(
    base_first: str, base_last: str, outcome: str, consistent: bool
) -> None:
    verdict = PairVerdict("q", base_first, base_last)
    assert (verdict.outcome, verdict.consistent) == (outcome, consistent)


def test_shares_are_of_the_answers_that_have_a_level() -> None:
    predictions = [Prediction(EvaluationItem(name, "I", "", ("x",)), name) for name in "abcdef"]
    verdicts = [
        LevelVerdict(each.item.id, answer_digest(each), level, "", "" if level else "unreadable")
        for each, level in zip(predictions, ["A", "B", "D", "", "A", "A"], strict=True)
    ]
    predictions[5] = replace(predictions[5], response="another answer by now")
    found = Judgment.of("j", verdicts, predictions, seed=1)
    assert found.levels == {"A": 2, "B": 1, "C": 0, "D": 1}
    assert found.problems == {"outdated": 1, "unreadable": 1}
    assert found.best is not None
    assert found.acceptable is not None
    assert (found.best.mean, found.acceptable.mean) == (50, 75)
    nothing = Judgment.of("j", verdicts[3:4], predictions[3:4], seed=1)
    assert (nothing.best, nothing.acceptable, nothing.to_json()["A"]) == (None, None, None)


# ------------------------------------------------------------------------ asking a judge


def judge(out: Path, spec: str, base_url: str = "", limit: int | None = None, **asked: Any) -> Evaluation:
    """As the command does, in this process."""
    options = {"endpoint.base_url": base_url or None, "limits.max_requests": limit}
    return asyncio.run(evaluate(plan_evaluation(out, settings={}, judge_spec=spec, options=options, **asked)))


def scored_folder(tmp_path: Path, responses: list[str]) -> Path:
    predictions, out = answers(tmp_path / "p.jsonl", responses), tmp_path / "out"
    plan = plan_evaluation(out, settings={"suite": "jsonl"}, predictions=predictions, options={})
    asyncio.run(evaluate(plan))
    return out


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_every_answer_gets_a_level(endpoint: Start, tmp_path: Path, api: str) -> None:
    script = write(
        tmp_path / "script",
        [
            {"contains": "yes, sir", "reply": '<think>Hm.</think>{"reason": "Right.", "level": "A"}'},
            {"contains": "oh no", "reply": "Level: C"},
            {"contains": "hm", "reply": "Who knows?"},
        ],
    )
    out = scored_folder(tmp_path, ["yes, sir", "oh no", "", "hm", "forbidden"])
    server = endpoint(api=api, script=script, refuse_content_containing="forbidden")
    printed = judge(out, "j", server.base_url).to_json()
    found = printed["judges"]["j"]
    assert found["levels"] == {"A": 1, "B": 0, "C": 1, "D": 1}
    assert found["problems"] == {"refused": 1, "unreadable": 1}
    assert found["A+B"] == found["A"] == pytest.approx(100 / 3)
    assert printed["judge_attempts"] == server.stats()["received"] == 4 + (api == "completions"), (
        "nothing is asked about an empty answer"
    )
    rows = [json.loads(line) for line in (out / "judge" / "j" / "verdicts.jsonl").read_text().splitlines()]
    assert (rows[0]["id"], rows[0]["level"], rows[0]["reason"]) == ("q0", "A", "Right.")
    assert (rows[2]["level"], rows[2]["reason"]) == ("D", "The answer is empty.")
    assert [row.get("problem") for row in rows[3:]] == ["unreadable", "refused"]
    received = server.stats()["received"]
    judge(out, "j", server.base_url)
    assert server.stats()["received"] == received, "nothing is asked twice"
    shown = run("evaluate", "--out", out, COLUMNS="140").stdout
    assert "judge        33.33  j: A 1, B 0, C 1, D 1; no level: refused 1, unreadable 1" in shown


def test_a_judge_beside_a_model(tmp_path: Path) -> None:
    tasks = write(tmp_path / "f", [{"instruction": f"Say {number}.", "output": "x"} for number in range(4)])
    script = write(tmp_path / "j.jsonl", [{"contains": "four levels", "reply": "B"}])
    done = run(
        "evaluate", "--model", "scripted", "--suite", "jsonl", "--tasks", tasks, "--out", tmp_path / "out",
        "--judge", f"scripted/{script}", "--max-requests", 4, "--json"
    )  # fmt: skip
    assert done.code == 0, "four requests for each of them"
    assert done.json()["judges"]["j"]["levels"]["B"] == 4


def test_a_judge_that_is_stopped_goes_on(endpoint: Start, tmp_path: Path) -> None:
    out = scored_folder(tmp_path, [f"answer {number}" for number in range(8)])
    script = write(tmp_path / "script", [{"contains": "", "reply": "B"}])
    server = endpoint(script=script)
    done = run(
        "evaluate", "--out", out, "--judge", "j", "--base-url", server.base_url, "--max-requests", 3, "--json"
    )  # fmt: skip
    assert done.code == 3, done.stderr
    assert done.json()["judges"]["j"]["judged"] == 3
    printed = judge(out, "j", server.base_url, limit=0).to_json()
    assert printed["stopped"] == "done"
    assert printed["judges"]["j"]["judged"] == printed["judge_attempts"] == 8


def test_mistakes_with_judges(tmp_path: Path) -> None:
    out = scored_folder(tmp_path, ["x"])
    systems = [tmp_path / "p.jsonl"] * 2
    with pytest.raises(
        ConfigError, match=r"There is no folder for the judge's verdicts\. Name a folder: `out"
    ):
        plan_comparison(systems, seed=None, directory=None, judge_spec="scripted", options={})
    judge(out, "scripted")
    answers(tmp_path / "p.jsonl", ["y"])
    with pytest.raises(RunMismatchError, match="The answers or the judge have changed"):
        judge(out, "scripted")
    (out / "judge" / "scripted" / "verdicts.jsonl").write_text("{}\n")
    with pytest.raises(StorageError, match="line 1 is not a verdict"):
        list(kept_judgments(out, (), 1))


def test_pairs_are_judged_in_both_orders(endpoint: Start, tmp_path: Path) -> None:
    """The judge prefers what is true, and where both are the first place."""
    marks = {"true 1": "response 1 =====\ntrue", "true 2": "response 2 =====\ntrue"}
    script = write(
        tmp_path / "script",
        [
            {"contains": marks["true 1"], "reply": '{"reason": "…", "better": "1"}'},
            {"contains": marks["true 2"], "reply": '{"reason": "…", "better": "2"}'},
            {"contains": "unclear", "reply": "I would rather not say."},
            {"contains": "", "reply": '{"reason": "…", "better": "tie"}'},
        ],
    )
    base = answers(tmp_path / "base.jsonl", ["true a", "false", "true c", "same", "false e", "unclear"])
    tuned = answers(tmp_path / "tuned.jsonl", ["false", "true b", "true d", "same", "false f", "false"])
    server = endpoint(script=script)
    command = (
        "compare", base, tuned, "--judge", "j", "--base-url", server.base_url,
        "--out", tmp_path / "out",
    )  # fmt: skip
    done = run(*command, "--json")
    assert done.code == 0, done.stderr
    (found,) = done.json()["judged"]
    assert (found["win"], found["tie"], found["loss"], found["equal"]) == (1, 3, 1, 1)
    assert found["position_consistency"] == 3 / 4, "true c and true d: always the first"
    assert found["problems"] == {"unreadable": 1}
    assert found["score"] == 50
    received = server.stats()["received"]
    assert received == 10, "nothing is asked about equal answers"
    shown = run(*command, COLUMNS="120").stdout
    assert server.stats()["received"] == received
    assert "1 won, 3 ties (1 of equal answers), 1 lost" in shown
    assert "75% of 4 verdicts stayed the same when the answers were swapped" in shown
