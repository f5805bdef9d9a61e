"""Suites of lm-eval on models of ours, with tasks that the tests write: nothing is fetched."""

import asyncio
import functools
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from command import run
from endpoint import RunningEndpoint
from rich.console import Console
from tiny_gguf import write_tiny_gguf

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when `datasets` is imported

pytest.importorskip("lm_eval")

from selfinstruct.cli.render_evaluation import print_evaluation, print_harness
from selfinstruct.errors import ConfigError, MissingExtraError, RunMismatchError, UserError
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import evaluate
from selfinstruct.evaluation.harness.run import HarnessOutcome, run_lm_eval
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.evaluation.standing import evaluation_standing
from selfinstruct.report.evaluated import read_evaluations
from selfinstruct.store.reader import RunReader

pytestmark = pytest.mark.filterwarnings("ignore")  # those of lm-eval and `datasets` are theirs to mend

SUMS = [{"question": f"What is {a} and {b}?", "answer": str(a + b)} for a in range(3) for b in range(3)]
CHOICES = [
    {"question": "The sky is", "choices": ["blue", "a number"], "label": 0},
    {"question": "Two and two make", "choices": ["four", "seventeen", "green"], "label": 0},
    {"question": "A cat is", "choices": ["an animal", "a verb"], "label": 1},
]
TASK = """
dataset_path: json
dataset_kwargs: {data_files: {test: FOLDER/NAME.json}}
test_split: test
metadata: {version: 1.0}
"""
TASKS = {
    "toy_sums": """
output_type: generate_until
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\\n", "."], max_gen_toks: 8, do_sample: false}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
""",
    "toy_choice": """
output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: "{{choices}}"
doc_to_target: label
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
""",
}
GROUP = """
group: toy
task: [toy_sums, toy_choice]
aggregate_metric_list:
  - {metric: acc, weight_by_size: true}
"""
VARIANTS = {
    "toy_code": ("toy_sums", "unsafe_code: true"),
    "toy_drawn": ("toy_sums", "generation_kwargs: {do_sample: true, temperature: 0.8, top_k: 5}"),
}


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "toy_sums.json").write_text(json.dumps(SUMS), encoding="utf-8")
    (folder / "toy_choice.json").write_text(json.dumps(CHOICES), encoding="utf-8")
    for name, text in TASKS.items():
        common = TASK.replace("FOLDER", str(folder)).replace("NAME", name)
        (folder / f"{name}.yaml").write_text(f"task: {name}{common}{text}", encoding="utf-8")
    (folder / "toy.yaml").write_text(GROUP, encoding="utf-8")
    for name, (base, line) in VARIANTS.items():
        text = f"include: {base}.yaml\ntask: {name}\n{line}\n"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"gguf/{write_tiny_gguf(tmp_path_factory.mktemp('models') / 'tiny.gguf')}"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def answers(out: Path, task: str) -> list[dict[str, Any]]:
    lines = (out / "answers" / f"{task}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def attempts(out: Path) -> int:
    return RunReader.open(out / "requests" / "toy_sums").summary().attempts


def test_texts_and_likelihoods_of_the_bundled_model(tasks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    outcome = run_lm_eval("pocket", ["toy_sums", "toy_choice"], out, include=tasks)
    assert outcome.stopped == "done"
    assert outcome.results is not None
    sums, choice = outcome.results["toy_sums"], outcome.results["toy_choice"]
    assert (sums["n"], choice["n"]) == (9, 3)
    scores = [[score for score, _ in row["answer"]] for row in answers(out, "toy_choice")]
    right = [each.index(max(each)) == row["label"] for each, row in zip(scores, CHOICES, strict=True)]
    assert choice["acc"] == pytest.approx(sum(right) / 3)
    assert right[1], "two and two make four"
    said = [row["said"][0][0] for row in answers(out, "toy_sums")]
    assert not any("\n" in text or "." in text for text in said), "answers end at the task's stops"
    kept = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert kept["tasks"] == outcome.results
    assert (kept["model"], kept["limit"], kept["lost"]) == ("pocket", None, {})
    shown = rows(out / "predictions.jsonl")
    assert len(shown) == 12
    assert {row["category"]: set(row["scores"]) for row in shown} == {
        "toy_sums": {"exact_match"},
        "toy_choice": {"acc"},
    }
    assert [row["target"] for row in shown[9:]] == ["blue", "four", "a verb"]
    assert outcome.scores is not None
    assert outcome.scores.metrics["acc"].mean == pytest.approx(100 * choice["acc"])
    assert outcome.scores.answers.cut is not None
    assert outcome.to_json()["tasks"] == outcome.results


def test_the_same_command_again_asks_nothing(tiny: str, tasks: Path, tmp_path: Path) -> None:
    def go() -> HarnessOutcome:
        return run_lm_eval(tiny, ["toy_sums", "toy_choice"], tmp_path / "out", include=tasks)

    first, asked = go(), attempts(tmp_path / "out")
    (likelihoods,) = (tmp_path / "out").glob("likelihoods-*.db")
    size = likelihoods.stat().st_size
    again = go()
    assert again.results == first.results
    assert attempts(tmp_path / "out") == asked == 9
    assert likelihoods.stat().st_size == size


def test_a_budget_stops_it_and_a_larger_one_goes_on(tiny: str, tasks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = {"limits.max_requests": 4}
    stopped = run_lm_eval(tiny, ["toy_sums"], out, include=tasks, options=options)
    assert (stopped.stopped, stopped.results, attempts(out)) == ("budget", None, 4)
    assert "larger one" in stopped.advice
    assert not (out / "results.json").exists()
    done = run_lm_eval(None, ["toy_sums"], out, include=tasks, options={"limits.max_requests": 0})
    assert (done.stopped, attempts(out)) == ("done", 9)
    whole = run_lm_eval(tiny, ["toy_sums"], tmp_path / "whole", include=tasks)
    assert done.results == whole.results


def test_a_limit_takes_the_first_items_and_a_larger_one_the_rest(
    tiny: str, tasks: Path, tmp_path: Path
) -> None:
    few = run_lm_eval(tiny, ["toy_sums"], tmp_path / "out", include=tasks, limit=4)
    assert few.results is not None
    assert few.results["toy_sums"]["n"] == attempts(tmp_path / "out") == 4
    again = run_lm_eval(tiny, ["toy_sums"], tmp_path / "out")
    assert again.results == few.results, "the folder's own limit"
    run_lm_eval(tiny, ["toy_sums"], tmp_path / "out", limit=0)
    assert attempts(tmp_path / "out") == 9


def test_a_chat_endpoint_writes_but_does_not_tell_likelihoods(
    endpoint: Callable[..., RunningEndpoint], tasks: Path, tmp_path: Path
) -> None:
    options = {"endpoint.base_url": endpoint(api="chat").base_url, "recipe.name": "chat"}
    done = run_lm_eval("m", ["toy_sums"], tmp_path / "out", include=tasks, options=options)
    assert done.stopped == "done"
    with pytest.raises(
        ConfigError, match=r"toy_choice needs the likelihood .* which chat requests do not return"
    ):
        run_lm_eval("m", ["toy_choice"], tmp_path / "other", include=tasks, options=options)
    with pytest.raises(ConfigError, match="scripted does not return it"):
        run_lm_eval("scripted", ["toy_choice"], tmp_path / "third", include=tasks)


def test_lost_answers_are_counted(
    endpoint: Callable[..., RunningEndpoint], tasks: Path, tmp_path: Path
) -> None:
    options = {
        "endpoint.base_url": endpoint(refuse_content_containing="2 and 2").base_url,
        "recipe.name": "paper",
    }
    done = run_lm_eval("m", ["toy_sums"], tmp_path / "out", include=tasks, options=options)
    assert done.answers_lost == {"toy_sums": 1}
    assert answers(tmp_path / "out", "toy_sums")[-1]["said"] == [[""]]


class _Echo(BaseHTTPRequestHandler):
    """Echoes prompts with log-probabilities: of a word, the smaller the longer it is; likeliest is `x`."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)  # type: ignore[attr-defined]
        tokens = [*re.findall(r" ?[^ ]+| ", body["prompt"]), " x"]
        values = [None, *(-float(len(token)) for token in tokens[1:])]
        likeliest: list[dict[str, float] | None] = [None]
        likeliest += [{token: -float(len(token)), " x": -2.0} for token in tokens[1:]]
        logprobs = {"tokens": tokens, "token_logprobs": values, "top_logprobs": likeliest}
        if not self.server.quiet:  # type: ignore[attr-defined]
            begins = [0]
            for token in tokens[:-1]:
                begins.append(begins[-1] + len(token))
            logprobs["text_offset"] = begins
        self._send(200, {"choices": [{"index": 0, "text": "".join(tokens), "logprobs": logprobs}]})

    def _send(self, status: int, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        server.bodies, server.quiet = [], False  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def echoing(echo: ThreadingHTTPServer) -> dict[str, Any]:
    return {"endpoint.base_url": f"http://127.0.0.1:{echo.server_port}/v1", "model.api": "completions"}


@pytest.mark.parametrize("quiet", [False, True])
def test_likelihoods_of_an_endpoint_that_echoes(
    echo: ThreadingHTTPServer, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, quiet: bool
) -> None:
    """No tokenizer is needed."""
    echo.quiet = quiet  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lm_eval.models.api_models", None)
    done = run_lm_eval("m", ["toy_choice"], tmp_path / "out", include=tasks, options=echoing(echo))
    assert done.results is not None
    assert done.results["toy_choice"]["acc"] == 1, "shorter words are likelier"
    said = [row["said"] for row in answers(tmp_path / "out", "toy_choice")]
    assert said[0] == [[[-5.0, False]], [[-9.0, False]]], "` blue`; ` a`, ` number`"
    body = echo.bodies[0]  # type: ignore[attr-defined]
    assert (body["echo"], body["logprobs"], body["prompt"]) == (True, 1, "The sky is blue")


def test_a_budget_of_likelihoods(echo: ThreadingHTTPServer, tiny: str, tasks: Path, tmp_path: Path) -> None:
    few, out = {"limits.max_requests": 3}, tmp_path / "out"
    stopped = run_lm_eval("m", ["toy_choice"], out, include=tasks, options={**echoing(echo), **few})
    assert (stopped.stopped, stopped.results, len(echo.bodies)) == ("budget", None, 3)  # type: ignore[attr-defined]
    done = run_lm_eval(None, [], out, options={"limits.max_requests": 0})
    assert (done.stopped, len(echo.bodies)) == ("done", 7), "resumed by the folder alone"  # type: ignore[attr-defined]
    both = run_lm_eval(tiny, ["toy_sums", "toy_choice"], tmp_path / "b", include=tasks, options=few)
    assert (both.stopped, attempts(tmp_path / "b")) == ("budget", 3)
    here = run_lm_eval(tiny, ["toy_choice"], tmp_path / "here", include=tasks, options=few)
    assert (here.stopped, here.results) == ("budget", None)
    whole = run_lm_eval(
        tiny, ["toy_choice"], tmp_path / "here", include=tasks, options={"limits.max_requests": 7}
    )
    assert whole.stopped == "done"


def test_an_endpoint_that_does_not_echo(
    endpoint: Callable[..., RunningEndpoint], tasks: Path, tmp_path: Path
) -> None:
    options = {"endpoint.base_url": endpoint(api="completions").base_url, "model.api": "completions"}
    stopped = run_lm_eval("m", ["toy_choice"], tmp_path / "out", include=tasks, options=options)
    assert (stopped.stopped, stopped.results) == ("unavailable", None)
    assert "it does not echo the prompt with log-probabilities" in stopped.advice


def test_a_hugging_face_model(tasks: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tiny_llama import write_tiny_adapter, write_tiny_llama

    folder = write_tiny_llama(tmp_path / "tiny")
    done = run_lm_eval(f"hf/{folder}", ["toy_sums", "toy_choice"], tmp_path / "out", include=tasks, limit=2)
    assert done.results is not None
    assert done.results["toy_choice"]["n"] == 2
    adapter = write_tiny_adapter(tmp_path / "adapter", folder)
    other = run_lm_eval(f"hf/{adapter}", ["toy_choice"], tmp_path / "other", include=tasks)
    assert other.stopped == "done"
    own, changed = (answers(path, "toy_choice")[0]["said"] for path in (tmp_path / "out", tmp_path / "other"))
    assert own != changed


def test_mistakes(tiny: str, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    with pytest.raises(ConfigError, match=r"toy_code runs the model's programs .* have a sandbox"):
        run_lm_eval(tiny, ["toy_code"], out, include=tasks)
    with pytest.raises(
        ConfigError, match=r'humaneval_instruct runs the model\'s programs .* `suite="humaneval"`'
    ):
        run_lm_eval(tiny, ["humaneval_instruct"], out)
    assert not out.exists(), "a start that is refused leaves nothing behind"
    with pytest.raises(ConfigError, match="toy_drawn samples its answers with top_k"):
        run_lm_eval(tiny, ["toy_drawn"], out, include=tasks)
    run_lm_eval(tiny, ["toy_sums"], out, include=tasks, limit=1, max_tokens=2)
    assert [row["finish_reason"] for row in rows(out / "predictions.jsonl")] == ["length"]
    with pytest.raises(RunMismatchError, match="started with another model"):
        run_lm_eval("pocket", ["toy_sums"], out, include=tasks)
    with pytest.raises(ConfigError, match="There is no folder"):
        run_lm_eval(tiny, ["toy_sums"], out, include=tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="There is nothing to evaluate"):
        run_lm_eval(None, ["toy_sums"], tmp_path / "new", include=tasks)
    with pytest.raises(UserError, match="holds files, but no evaluation"):
        run_lm_eval(tiny, ["toy_sums"], tasks, include=tasks)
    (tmp_path / "own").mkdir()
    bad = "task: bad" + TASK.replace("FOLDER/NAME", "nowhere") + TASKS["toy_sums"]
    (tmp_path / "own" / "bad.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(UserError, match=r"^bad: FileNotFoundError: .*nowhere\.json.*Look at the task's YAML"):
        run_lm_eval(tiny, ["bad"], out, include=tmp_path / "own")
    (tmp_path / "own" / "broken.yaml").write_text("task: broken\n  a: b: c\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"broken\.yaml cannot be read: .* line 2"):
        run_lm_eval(tiny, ["broken"], out, include=tmp_path / "own")
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'selfinstruct\[lm-eval\]'"):
        run_lm_eval(tiny, ["toy_sums"], out, include=tasks)


@pytest.fixture
def own_tasks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking through lm-eval's own takes some ten seconds."""
    import lm_eval.tasks

    own_alone = functools.partial(lm_eval.tasks.TaskManager, include_defaults=False)
    monkeypatch.setattr(lm_eval.tasks, "TaskManager", own_alone)


@pytest.mark.usefixtures("own_tasks_alone")
def test_a_name_that_is_none(tiny: str, tasks: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no task or group named 'toy_sum'\. Did you mean 'toy_sums'\?"):
        run_lm_eval(tiny, ["toy_sum"], tmp_path / "out", include=tasks)


@pytest.mark.usefixtures("own_tasks_alone")
def test_a_group_has_metrics_of_its_own(tiny: str, tasks: Path, tmp_path: Path) -> None:
    done = run_lm_eval(tiny, ["toy"], tmp_path / "out", include=tasks, limit=2)
    assert done.results is not None
    assert set(done.results) == {"toy", "toy_sums", "toy_choice"}
    assert done.results["toy"]["acc"] == done.results["toy_choice"]["acc"]
    assert done.results["toy"]["n"] == 4, "a group's items are those of its tasks"


def test_results_are_compared_and_judged_like_others(tiny: str, tasks: Path, tmp_path: Path) -> None:
    """The command outside of a git repository: what it says is all ours."""
    out, other = tmp_path / "out", tmp_path / "other"
    asked = ("--suite", "lm-eval:toy_sums,toy_choice", "--tasks", tasks)
    done = run("evaluate", "--model", "pocket", *asked, "--out", out, GIT_DIR=str(tmp_path / "none"))
    assert (done.code, done.stderr.count("\n")) == (0, 0), done.stderr
    assert re.search(r"toy_choice +3 +acc +\d+\.\d\d +\d+\.\d\d to \d+\.\d\d", done.stdout)
    run_lm_eval(tiny, ["toy_sums", "toy_choice"], other, include=tasks)
    compared = compare(read_systems([out, other]), seed=1)
    assert set(compared.differences[0].metrics) == {"exact_match", "acc"}
    (evaluated,) = read_evaluations([out, other])
    assert evaluated.items == 12
    standing = evaluation_standing(out)
    assert standing is not None
    assert (standing.scores["n"], standing.suite, set(standing.metrics)) == (
        12,
        "lm-eval:toy_sums,toy_choice",
        {"exact_match", "acc"},
    )
    judge = tmp_path / "judge.jsonl"
    judge.write_text('{"contains": "", "reply": "{\\"reason\\": \\"No.\\", \\"level\\": \\"C\\"}"}\n')
    plan = plan_evaluation(out, settings={}, judge_spec=f"scripted/{judge}", options={})
    printed = Console(file=StringIO(), width=120)
    print_evaluation(asyncio.run(evaluate(plan)), None, printed)
    assert isinstance(printed.file, StringIO)
    assert re.search(r"judge: A 0, B 0, C \d+, D \d+", printed.file.getvalue())
    assert "judge's requests" in printed.file.getvalue()
    stopped = run_lm_eval(
        tiny, ["toy_sums"], tmp_path / "s", include=tasks, options={"limits.max_requests": 1}
    )
    nothing = Console(file=StringIO())
    print_harness(stopped, nothing)
    assert isinstance(nothing.file, StringIO)
    assert (stopped.stopped, nothing.file.getvalue()) == ("budget", "")


def test_the_guides_task_runs(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "lm-eval.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "tables.yaml").write_text(
        shown.replace("tables.jsonl", f"{tmp_path}/tables.jsonl"), encoding="utf-8"
    )
    row = {"question": "Which city is larger?", "table": "city | people\nA | 5\nB | 7", "answer": "b"}
    (tmp_path / "tables.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    script = tmp_path / "script.jsonl"
    script.write_text('{"contains": "Which city is larger?\\nAnswer:", "reply": " B\\nQuestion: no"}\n')
    done = run_lm_eval(f"scripted/{script}", ["tables"], tmp_path / "out", include=tmp_path)
    assert done.results is not None
    assert done.results["tables"]["exact_match,stripped"] == 1.0
