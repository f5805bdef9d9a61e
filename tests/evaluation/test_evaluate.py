"""`evaluate` as users run it: a model asked, predictions scored, interruptions, mistakes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Finished, Started, run, start
from endpoint import RunningEndpoint

from selfinstruct.cli.flags import in_flags
from selfinstruct.errors import ConfigError, UserError
from selfinstruct.evalsets.suites import SUITES
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.records import Stage
from selfinstruct.store.reader import RunReader

Start = Callable[..., RunningEndpoint]
ITEMS = 60


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    return write(
        tmp_path / "tasks.jsonl",
        [
            {"id": f"q{number}", "instruction": f"Say the number {number}.", "output": str(number)}
            for number in range(ITEMS)
        ],
    )


def start_evaluate(out: Path, tasks: Path, base_url: str, *arguments: object) -> Started:
    endpoint = ("--base-url", base_url, "--model", "m")
    return start(
        "evaluate", "--suite", "jsonl", "--tasks", tasks, "--out", out, "--json", *endpoint, *arguments
    )


def evaluate(out: Path, tasks: Path, base_url: str, *arguments: object) -> Finished:
    return start_evaluate(out, tasks, base_url, *arguments).wait()


def score(*arguments: object) -> Finished:
    return run("evaluate", "--suite", "user-oriented", *arguments)


# ------------------------------------------------------------------------ predictions

ASKED = [
    {"id": "a", "instruction": "Say it.", "instances": [{"input": "", "output": "It walks."}]},
    {"id": "b", "instruction": "Say that.", "instances": [{"input": "x", "output": "no"}]},
]
ANSWERED = [
    {"instruction": "Say it.\n", "input": "", "response": " it walked", "target": "It walks."},
    {"instruction": "Say that.\n", "input": "x", "response": "\n\nNo!", "target": "no"},
]


def test_predictions_are_scored_without_model_folder_or_torch(tmp_path: Path) -> None:
    asked, answered = write(tmp_path / "f", ASKED), write(tmp_path / "p", ANSWERED)
    done = score("--tasks", asked, "--predictions", answered, "--json")
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["n"], printed["rougeL"], printed["exact_match"]) == (2, pytest.approx(100), 50)
    assert (printed["suite"], printed["out"], printed["cut"]) == ("user-oriented", None, None)
    assert printed["overlap"][0]["name"] == "bundled seeds"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "p"]
    assert score("--predictions", answered, "--json").json()["rougeL"] == printed["rougeL"], (
        "targets of its own"
    )
    arguments = ["selfinstruct", "evaluate", "--suite", "user-oriented", "--predictions", str(answered)]
    probe = (
        f"import sys\nsys.argv = {arguments}\nfrom selfinstruct.cli import main\n"
        "names = ('torch', 'transformers', 'rouge_score')\n"
        "try:\n    main()\nfinally:\n    print(*(name in sys.modules for name in names))"
    )
    shown = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "False False False"


def test_predictions_can_be_kept_with_their_scores(tmp_path: Path) -> None:
    asked, answered = write(tmp_path / "f", ASKED), write(tmp_path / "p", ANSWERED)
    done = score("--tasks", asked, "--predictions", answered, "--out", tmp_path / "out")
    assert done.code == 0, done.stderr
    kept = rows(tmp_path / "out" / "predictions.jsonl")
    assert [(row["id"], row["exact_match"]) for row in kept] == [("a", 0.0), ("b", 100.0)]
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["exact_match"] == 50
    again = score("--predictions", tmp_path / "out" / "predictions.jsonl", "--json")
    assert again.json()["rougeL"] == scores["rougeL"]
    asking = score("--tasks", asked, "--model", "scripted", "--out", tmp_path / "out")
    assert asking.code == 2
    assert "holds the scores of" in asking.error()


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (ANSWERED[:1], "p has no prediction for 1 of the 2 items: b."),
        ([*ANSWERED, ANSWERED[0]], "p, line 3: a was there before, on line 1."),
        ([{"id": "c", **ANSWERED[0]}], "p, line 1: id 'c' is none of the suite."),
        ([{"instruction": "Say it."}], "p, line 1: there is no field 'response'."),
    ],
)
def test_predictions_that_do_not_fit(answered: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    asked = write(tmp_path / "f", ASKED)
    done = score("--tasks", asked, "--predictions", write(tmp_path / "p", answered), "--json")
    assert done.code == 2
    assert said in done.error()
    assert done.stdout == ""


# ------------------------------------------------------------------------ a model


@pytest.mark.parametrize(
    ("api", "prompt"), [("chat", "Say the number 7."), ("completions", "Say the number 7.\n\nOutput:")]
)
def test_by_whichever_call_the_model_takes(
    endpoint: Start, tmp_path: Path, tasks: Path, api: str, prompt: str
) -> None:
    script = write(
        tmp_path / "script", [{"contains": "number 7.", "reply": " 7!"}, {"contains": "", "reply": ""}]
    )
    server = endpoint(api=api, script=script)
    done = evaluate(tmp_path / "out", tasks, server.base_url)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["call"], printed["template"]) == (api, "plain" if api == "chat" else "spaced")
    assert (printed["n"], printed["waiting"], printed["empty"], printed["cut"]) == (ITEMS, 0, ITEMS - 1, 0)
    assert printed["exact_match"] == printed["rougeL"] == pytest.approx(100 / ITEMS)
    asked = list(RunReader(tmp_path / "out" / "requests").requests())
    assert asked[7].prompt == prompt
    kept = rows(tmp_path / "out" / "predictions.jsonl")
    assert [row["id"] for row in kept] == [f"q{number}" for number in range(ITEMS)]
    assert kept[7] == {
        "id": "q7", "instruction": "Say the number 7.", "input": "", "target": "7", "response": "7!",
        "finish_reason": "stop", "rougeL": 100.0, "exact_match": 100.0,
    }  # fmt: skip
    server.stop()
    again = run("evaluate", "--out", tmp_path / "out", "--json")
    assert again.code == 0, "what is complete needs no endpoint and no option"
    assert again.json()["rougeL"] == printed["rougeL"]


def test_sampling_is_greedy_and_stops_are_the_users(endpoint: Start, tmp_path: Path, tasks: Path) -> None:
    script = write(tmp_path / "script", [{"contains": "", "reply": "7\n\nTask: Say 8."}])
    server = endpoint(api="completions", script=script)
    assert evaluate(tmp_path / "free", tasks, server.base_url).code == 0
    assert rows(tmp_path / "free" / "predictions.jsonl")[7]["response"] == "7\n\nTask: Say 8."
    options = ("--stop", r"\n\nTask:", "--max-tokens", 99, "--template", "task")
    done = evaluate(tmp_path / "cut", tasks, server.base_url, *options)
    assert done.json()["stop"] == ["\n\nTask:"]
    assert rows(tmp_path / "cut" / "predictions.jsonl")[7]["exact_match"] == 100
    (first, *_) = RunReader(tmp_path / "cut" / "requests").recorded_requests(Stage.INSTANCES)
    sampling = first.prompt.sampling
    assert (sampling.temperature, sampling.top_p, sampling.presence_penalty) == (0, 1, 0)
    assert (sampling.max_tokens, sampling.stop) == (99, ("\n\nTask:",))
    assert first.prompt.body == "Task: Say the number 0.\n\nOutput:"


def test_kill_9_and_ctrl_c_change_nothing_in_the_end(endpoint: Start, tmp_path: Path, tasks: Path) -> None:
    server = endpoint(latency=0.2)
    for stop in (Started.kill, Started.interrupt):
        received = server.stats()["received"]
        started = start_evaluate(tmp_path / "out", tasks, server.base_url, "--concurrency", 4)
        while server.stats()["received"] < received + 10:
            assert started.process.poll() is None
        stop(started)
        if stop is Started.interrupt:
            done = started.wait()
            assert done.code == 130, done.stderr
            printed = done.json()
            assert printed["n"] == len(rows(tmp_path / "out" / "predictions.jsonl"))
            assert printed["waiting"] == ITEMS - printed["n"] > 0
        else:
            assert not (tmp_path / "out" / "predictions.jsonl").exists()
    done = evaluate(tmp_path / "out", tasks, server.base_url)
    assert done.code == 0, done.stderr
    assert done.json()["requests"] == ITEMS, "none is completed twice"
    assert evaluate(tmp_path / "calm", tasks, endpoint().base_url).code == 0
    for name in ("predictions.jsonl", "scores.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()


def test_lost_requests_are_empty_answers_that_count(endpoint: Start, tmp_path: Path, tasks: Path) -> None:
    script = write(tmp_path / "script", [{"contains": "number 8.", "reply": "8", "finish_reason": "length"}])
    server = endpoint(refuse_content_containing="number 7.", script=script)
    done = evaluate(tmp_path / "out", tasks, server.base_url)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["n"], printed["lost"]) == (ITEMS, {"refused": 1})
    assert printed["cut"] >= 1
    kept = rows(tmp_path / "out" / "predictions.jsonl")
    assert (kept[7]["response"], kept[7]["lost"], kept[7]["rougeL"]) == ("", "refused", 0)
    assert kept[8]["finish_reason"] == "length"
    shown = run("evaluate", "--out", tmp_path / "out", COLUMNS="120").stdout
    assert "lost: refused 1" in shown


def test_a_budget_stops_it_with_what_there_is(endpoint: Start, tmp_path: Path, tasks: Path) -> None:
    server = endpoint()
    done = evaluate(tmp_path / "out", tasks, server.base_url, "--max-requests", 9)
    assert done.code == 3, done.stderr
    assert (done.json()["n"], done.json()["waiting"], done.json()["stopped"]) == (9, ITEMS - 9, "budget")
    assert "51 pending" in run("evaluate", "--out", tmp_path / "out").stdout
    assert run("evaluate", "--out", tmp_path / "out", "--max-requests", 0, "--json").json()["waiting"] == 0


def test_a_few_items_first(tmp_path: Path, tasks: Path) -> None:
    out = tmp_path / "out"
    begun = ("--model", "scripted", "--suite", "jsonl", "--tasks", tasks, "--out", out, "--json")
    first = run("evaluate", *begun, "--limit", 5).json()
    assert (first["n"], first["waiting"], first["stopped"]) == (5, ITEMS - 5, "done")
    before = rows(out / "predictions.jsonl")
    assert run("evaluate", "--out", out, "--json").json()["n"] == 5
    assert run("evaluate", "--out", out, "--limit", 0, "--json").json()["waiting"] == 0
    assert rows(out / "predictions.jsonl")[:5] == before


def test_the_bundled_model_on_a_handful(tmp_path: Path) -> None:
    tasks = write(
        tmp_path / "f",
        [
            {"instruction": "Name a colour.", "output": ["red", "blue", "green"]},
            {"instruction": "Repeat the word.", "input": "tree", "output": "tree"},
            {"instruction": "Is this sentence a question?", "input": "Where is it?", "output": "Yes"},
        ],
    )
    done = run(
        "evaluate", "--model", "pocket", "--suite", "jsonl", "--tasks", tasks, "--out", tmp_path / "out",
        "--max-tokens", 24, "--json"
    )  # fmt: skip
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["model"], printed["call"], printed["n"]) == ("pocket/pocket", "completions", 3)
    assert rows(tmp_path / "out" / "predictions.jsonl")[0]["target"] == ["red", "blue", "green"]


def test_overlap_with_what_a_model_was_tuned_on(tmp_path: Path) -> None:
    assert run("generate", tmp_path / "run", "--model", "scripted", "--tasks", 20).code == 0
    task = next(iter(RunReader(tmp_path / "run").tasks()))
    tasks = write(tmp_path / "f", [{"instruction": task.instruction, "output": "x"}])
    done = run(
        "evaluate", "--model", "scripted", "--suite", "jsonl", "--tasks", tasks, "--out", tmp_path / "out",
        "--run", tmp_path / "run", "--json"
    )  # fmt: skip
    assert done.code == 0, done.stderr
    seeds, generated = done.json()["overlap"]
    assert (seeds["name"], generated["name"], generated["tasks"]) == ("seeds", "generated", 20)
    assert generated["rouge_l"]["similar"] == 1
    assert generated["rouge_l"]["nearest"][0]["task"] == task.id
    shown = run("evaluate", "--out", tmp_path / "out", COLUMNS="140").stdout
    assert "with 20 generated: nearest ROUGE-L; 1 above 0.7" in shown


# ------------------------------------------------------------------------ mistakes


def mistake(out: Path | None = None, **asked: Any) -> str:
    settings: dict[str, Any] = {
        name: asked.pop(name)
        for name in ("suite", "template", "examples", "limit", "per_task")
        if name in asked
    }
    with pytest.raises(UserError) as caught:
        plan_evaluation(out, settings=settings, options={}, **asked)
    return in_flags(str(caught.value))  # as the command says it


def test_mistakes_in_what_is_asked(tmp_path: Path, tasks: Path) -> None:
    out = tmp_path / "out"
    jsonl: dict[str, Any] = {"suite": "jsonl", "tasks": tasks}
    asked = jsonl | {"model_spec": "scripted"}
    assert f"Which suite? Choose one: --suite {'|'.join(SUITES)}|lm-eval:TASK" in mistake(
        model_spec="scripted"
    )
    assert "There is no suite named 'glue'." in mistake(out, suite="glue", tasks=tasks)
    assert "Name the file of its items: --tasks PATH" in mistake(out, suite="jsonl")
    assert "Name a checkout of natural-instructions" in mistake(out, suite="superni")
    assert "Name a folder: --out DIR" in mistake(**asked)
    assert "Give --model SPEC, or --predictions FILE." in mistake(out, **jsonl)
    assert "Give --model or --predictions." in mistake(out, **asked, predictions=tasks)
    assert "no template named 'x'" in mistake(out, **asked, template="x")
    assert "Only superni has examples" in mistake(out, **asked, examples=2)
    assert "no model file" in mistake(out, **jsonl, model_spec="gguf/none.gguf")
    assert "holds files, but no evaluation" in mistake(tmp_path, **asked)
    assert "is a file, not a folder" in mistake(tasks, **asked)
    assert "holds no run" in mistake(out, **asked, run=tmp_path / "gone")
    assert "--limit does not apply to predictions: all are scored. Leave out --limit." in mistake(
        **jsonl, predictions=tasks, limit=3
    )
    assert "--per-task is for superni and mmlu, not for jsonl." in mistake(out, **asked, per_task=2)
    assert "'!' names no model" in mistake(out, **asked, judge_spec="!")
    assert not out.exists()
    done = run("evaluate", "--compare", out, out)
    assert done.code == 2
    assert "evaluate no longer has --compare. Run: selfinstruct compare BASE OTHER" in done.error()
    done = run("evaluate", "--suite", "lm-eval:mmlu", "--model", "pocket")
    assert done.code == 2
    assert "Name a folder: --out DIR" in done.error()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--suite", "lm-eval:x", "--stop", "x"),
            "--stop cannot be combined with --suite lm-eval.",
        ),
        (
            ("--suite", "jsonl", "--predictions", "p", "--stop", "x"),
            "--stop cannot be combined with --predictions.",
        ),
        (
            ("--suite", "jsonl", "--run-code"),
            "--run-code is for humaneval and mbpp, not for jsonl.",
        ),
    ],
)
def test_options_without_a_use_are_not_dropped_silently(arguments: tuple[object, ...], said: str) -> None:
    done = run("evaluate", *arguments)
    assert (done.code, said in done.error()) == (2, True), done.error()


def test_ratings_without_a_judge_are_told(tmp_path: Path) -> None:
    answered = [{"instruction": "a", "target": "b", "response": "b"}]
    done = score("--predictions", write(tmp_path / "p.jsonl", answered), "--ratings", tmp_path)
    assert done.code == 0
    assert "No judge rated these answers" in done.stderr


def test_half_characters_in_predictions(tmp_path: Path) -> None:
    """Python's JSON carries lone surrogates, which no file holds."""
    answered = [{"instruction": "a \ud800", "target": ["\udc00"], "response": "b \ud800"}]
    file = write(tmp_path / "p.jsonl", answered)
    assert score("--predictions", file, "--json").json()["n"] == 1
    assert score("--predictions", file, "--out", tmp_path / "out").code == 0
    (kept,) = rows(tmp_path / "out" / "predictions.jsonl")
    assert (kept["instruction"], kept["target"], kept["response"]) == ("a \ufffd", "\ufffd", "b \ufffd")


def test_an_endpoint_without_the_model(endpoint: Start, tmp_path: Path, tasks: Path) -> None:
    done = evaluate(tmp_path / "out", tasks, endpoint(model="other").base_url)
    assert done.code == 2
    assert "The endpoint has no model 'm'" in done.error()


def test_going_on_with_something_else(tmp_path: Path, tasks: Path) -> None:
    out = tmp_path / "out"

    def go_on(*arguments: object) -> str:
        done = run("evaluate", "--out", out, *arguments)
        assert done.code == 2, done.stderr
        return done.error()

    begun = ("--suite", "jsonl", "--tasks", tasks, "--out", out, "--model", "scripted", "--max-tokens", 20)
    assert run("evaluate", *begun).code == 0
    assert "started with another max_tokens: 20, not 21. Name another folder" in go_on("--max-tokens", 21)
    asked = write(tmp_path / "f", ASKED)
    other_suite = go_on("--suite", "user-oriented", "--tasks", asked)
    assert 'another suite: "jsonl", not "user-oriented".' in other_suite
    assert 'model.provider is "scripted", not "pocket"' in go_on("--model", "pocket")
    write(tasks, rows(tasks)[1:])
    assert f"was started with other items than those of {tasks}." in go_on()


def test_a_suite_that_is_none_may_be_a_task_of_lm_eval(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no suite named 'boolq'.* `suite=\"lm-eval:boolq\"`"):
        plan_evaluation(tmp_path / "out", settings={"suite": "boolq"}, model_spec="pocket", options={})
    with pytest.raises(ConfigError, match="`samples` is for humaneval, mbpp and dolly, not for jsonl"):
        plan_evaluation(tmp_path / "out", settings={"suite": "jsonl", "samples": 3}, options={})
