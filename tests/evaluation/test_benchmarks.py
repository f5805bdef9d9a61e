"""gsm8k, math and mmlu: asked as their authors ask, scored as their own programs score."""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from command import run
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when `datasets` is imported

from selfinstruct.cli.render_evaluation import print_evaluation
from selfinstruct.errors import ConfigError, MissingExtraError, UserError
from selfinstruct.evalsets.hub import hub_rows
from selfinstruct.evalsets.suites import BENCHMARK_SUITES
from selfinstruct.evaluation.benchmarks.base import Call, Wanted
from selfinstruct.evaluation.benchmarks.gsm8k import flexible_number, same_number, strict_number
from selfinstruct.evaluation.benchmarks.math import final_answer, plain
from selfinstruct.evaluation.benchmarks.math_answers import MathJudge
from selfinstruct.evaluation.benchmarks.mmlu import letter_in
from selfinstruct.evaluation.benchmarks.registry import BENCHMARKS, load_benchmark
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import Evaluation, evaluate
from selfinstruct.evaluation.intervals import macro_interval
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.evaluation.standing import evaluation_standing
from selfinstruct.models.catalog import local_file
from selfinstruct.models.llamacpp.likelihood import serve_likelihoods
from selfinstruct.report.evaluated import read_evaluations
from selfinstruct.store.reader import RunReader

PENS = {"question": "Ana has 1,200 pens and buys 34. How many?", "answer": "1200+34=1234\n#### 1,234"}
CATS = {"question": "Two cats eat $3 of food a day each. What is that a week?", "answer": "2*3*7=42\n#### 42"}
HALF = {
    "problem": "What is $1-\\frac{1}{2}$?",
    "level": "Level 1",
    "type": "Prealgebra",
    "solution": "It is $\\boxed{\\frac{1}{2}}$.",
}
ROOTS = {
    "problem": "For which $x$ is $x^2 < 4$?",
    "level": "Level 3",
    "type": "Algebra",
    "solution": "Between \\fbox{these}: $\\boxed{(-2,2)}$.",
}
SUBJECTS = {"astronomy": "B", "philosophy": "C"}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def gsm8k(tmp_path: Path) -> Path:
    return written(tmp_path / "gsm8k" / "test.jsonl", [PENS, CATS])


@pytest.fixture
def math(tmp_path: Path) -> Path:
    return written(tmp_path / "math" / "test.jsonl", [HALF, ROOTS])


@pytest.fixture
def mmlu(tmp_path: Path) -> Path:
    """Two subjects, of two questions each and five to show."""
    folder = tmp_path / "mmlu"
    for subject, right in SUBJECTS.items():
        for split, count in (("test", 2), ("dev", 5)):
            (folder / split).mkdir(parents=True, exist_ok=True)
            lines = [
                f'"{split} {number}, on {subject}?",one,"two, too",three,4,{right}\n'
                for number in range(count)
            ]
            (folder / split / f"{subject}_{split}.csv").write_text("".join(lines), encoding="utf-8")
    return folder


def evaluated(
    suite: str, tasks: Path | None, out: Path | None, model: str | None, chat: bool = False, **asked: Any
) -> Evaluation:
    options = asked.pop("options", {}) | ({"model.api": "chat"} if chat else {})
    files = {name: asked.pop(name) for name in ("predictions",) if name in asked}
    plan = plan_evaluation(
        out, settings={"suite": suite, **asked}, tasks=tasks, model_spec=model, options=options, **files
    )
    return asyncio.run(evaluate(plan))


def scripted(path: Path, *replies: tuple[str, str]) -> str:
    script = [{"contains": contains, "reply": reply} for contains, reply in replies]
    return f"scripted/{written(path, [*script, {'contains': '', 'reply': 'No idea.'}])}"


def prompt_of(out: Path, about: str) -> str:
    """The one that ends with a question that says this."""
    asked = [row.prompt for row in RunReader(out / "requests").requests()]
    (found,) = [each for each in asked if about in each[-300:]]
    return found


def shown(outcome: Evaluation) -> str:
    printed = StringIO()
    print_evaluation(outcome, None, Console(file=printed, width=200))
    return printed.getvalue()


def test_the_list_of_benchmarks_is_that_of_the_suites() -> None:
    assert tuple(BENCHMARKS) == BENCHMARK_SUITES


# ------------------------------------------------------------------------ gsm8k

REPLIES = [
    "12 + 30 = 42\n#### 42",
    "#### 42.",
    "#### 42.0",
    "#### $42",
    "#### -42",
    "####42",
    "#### 1,234",
    "So she has $1,234.",
    "The answer is 1234",
    "#### 42\n\nThat is 43 in all.",
    "#### 41 #### 42",
    "She pays $42.00",
    "It is 42%",
    "-1,234",
    "... and so on...",
    "Forty-two",
    "4 2",
    "#### .",
    "$$",
    "",
]


def lm_eval_decides(pattern: str, group: int, reply: str, target: str) -> bool:
    """By its own filter and metric, as its task gsm8k sets them."""
    extraction = pytest.importorskip("lm_eval.filters.extraction")
    metrics = pytest.importorskip("lm_eval.api.metrics")
    ((found,),) = list(extraction.RegexFilter(pattern, group).apply([[reply]], [{}]))
    ignored = [",", "\\$", "(?s).*#### ", "\\.$"]
    (value,) = metrics.exact_match_hf_evaluate(
        [found], [target], regexes_to_ignore=ignored, ignore_case=True
    ).values()
    return bool(value)


def same_as_lm_eval(reply: str, answer: str) -> None:
    number = answer.rpartition("#### ")[2].strip()
    assert same_number(strict_number(reply), number) == lm_eval_decides(
        "#### (\\-?[0-9\\.\\,]+)", 0, reply, answer
    )
    assert same_number(flexible_number(reply), number) == lm_eval_decides(
        "(-?[$0-9.,]{2,})|(-?[0-9]+)", -1, reply, answer
    )


@pytest.mark.parametrize("answer", ["So #### 42", "#### 1,234", "So:\n#### -42"])
def test_decisions_on_numbers_are_those_of_lm_eval(answer: str) -> None:
    for reply in REPLIES:
        same_as_lm_eval(reply, answer)


@settings(max_examples=50)
@given(st.text("0123456789.,$-# \nx", max_size=24), st.integers(-99, 9999))
def test_decisions_on_any_text_are_those_of_lm_eval(reply: str, number: int) -> None:
    same_as_lm_eval(f"{reply} #### {number}", f"#### {number:,}")
    same_as_lm_eval(reply, f"#### {number}")


def test_gsm8k_as_lm_eval_asks_it(gsm8k: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path / "s", ("1,200 pens", " It is 1234.\n#### 1234."), ("Two cats", " 42"))
    outcome = evaluated("gsm8k", gsm8k, tmp_path / "out", model, options={"model.api": "completions"})
    assert outcome.scores is not None
    assert outcome.scores.overall.values == {"flexible-extract": 100.0, "strict-match": 50.0}
    first = prompt_of(tmp_path / "out", "1,200 pens")
    assert first.count("Question: ") == 6
    assert first.count("\n#### ") == 5
    assert first.endswith(f"\n\nQuestion: {PENS['question']}\nAnswer:")
    kept = outcome.kept()
    assert (kept["template"], kept["examples"]) == ("gsm8k, 5 examples of this package", 5)
    (row, _) = rows(tmp_path / "out" / "predictions.jsonl")
    assert (row["target"], row["scores"]["strict-match"]) == ("1,234", 100.0)
    again = evaluated("gsm8k", gsm8k, None, None, predictions=tmp_path / "out" / "predictions.jsonl")
    assert again.scores is not None
    assert again.scores.overall == outcome.scores.overall
    standing = evaluation_standing(tmp_path / "out")
    assert standing is not None
    assert standing.metrics["strict-match"].mean == 50.0
    (reported,) = read_evaluations([tmp_path / "out"])
    assert reported.systems[0].main.mean == 100.0


def test_gsm8k_by_chat_and_with_examples_of_its_own(gsm8k: Path, tmp_path: Path) -> None:
    written(gsm8k.with_name("train.jsonl"), [{**CATS, "question": f"Train {n}?"} for n in range(8)])
    model = scripted(tmp_path / "s", ("cats", "Each week **$42**."))
    chat = evaluated("gsm8k", gsm8k.parent, tmp_path / "chat", model, chat=True)
    assert prompt_of(tmp_path / "chat", "1,200 pens").startswith("Ana has")
    assert chat.kept()["examples"] == 0
    shot = evaluated("gsm8k", gsm8k.parent, tmp_path / "shot", model, chat=True, examples=7)
    assert shot.kept()["template"] == "gsm8k, 7 examples of train.jsonl"
    asked = prompt_of(tmp_path / "shot", "1,200 pens")
    assert ("Question: Train 6?" in asked, "Train 7?" in asked) == (True, False)
    compared = compare(read_systems([tmp_path / "chat", tmp_path / "shot"]), seed=1)
    assert compared.differences[0].metrics["flexible-extract"].mean == 0
    assert any(told.startswith("template is ") for told in compared.asked_in_words)
    resumed = evaluated("gsm8k", None, tmp_path / "shot", None)
    assert (resumed.kept(), resumed.asked and resumed.asked.batch.summary.attempts) == (shot.kept(), 2)
    with pytest.raises(ConfigError, match="There are 8 solved examples to show, not 9"):
        evaluated("gsm8k", gsm8k.parent, tmp_path / "more", model, examples=9)
    with pytest.raises(ConfigError, match="gsm8k has its own prompts"):
        evaluated("gsm8k", gsm8k, tmp_path / "more", model, template="paper")
    with pytest.raises(ConfigError, match="`samples` is for humaneval, mbpp and dolly, not for gsm8k"):
        evaluated("gsm8k", gsm8k, tmp_path / "more", model, samples=2)


# ------------------------------------------------------------------------ math


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("So \\boxed{\\frac{1}{2}} and not \\boxed{{x}", "\\frac{1}{2}"),
        ("First \\boxed{1}, then \\boxed {2}.", "2"),
        ("\\boxed 7$", "7"),
        ("Final Answer: The final answer is $\\frac12$. I hope it is correct.", "\\frac12"),
        ("The answer is 5.\nThe answer is: $x=6$.", "x=6"),
        ("It is one half.", None),
    ],
)
def test_what_a_reply_calls_its_answer(reply: str, found: str | None) -> None:
    assert final_answer(reply) == found


def test_how_it_is_set_makes_no_difference() -> None:
    assert plain("\\left( \\dfrac{1}{2}, 10\\% \\right)") == plain("(\\frac{1}{2},10)")
    assert plain("-\\tfrac34") == plain("-\\frac{3}{4}")
    assert plain("\\text{east}") == plain("east") != plain("west")
    assert plain("90^\\circ") == plain("90^{\\circ}") == "90"
    assert plain("\\$1{,}000.") == "1{,}000"


def test_the_same_mathematics() -> None:
    pytest.importorskip("math_verify")
    with MathJudge(seconds=1) as judge:
        assert judge.same("$\\boxed{0.5}$", "\\frac{1}{2}") is True
        assert judge.same("It is 3/6.", "\\frac{1}{2}") is True
        assert judge.same("$\\boxed{2x+2}$", "2(x+1)") is True
        assert judge.same("$\\boxed{(-2,2]}$", "(-2,2)") is False
        assert judge.same("nothing", "2") is False
        assert not judge.same("$\\boxed{9^{9^{9^{9}}}!}$", "2"), "however long it takes"
        assert judge.same("$\\boxed{4}$", "2^2") is True, "the next one is not held up"


def test_math_by_completions_and_by_chat(math: Path, tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    model = scripted(
        tmp_path / "s",
        ("x^2 < 4", "It is $(-2, 2)$. Final Answer: The final answer is $x<2$. I hope it is correct."),
        ("frac{1}{2}$?", "\\boxed{0.5}"),
    )
    outcome = evaluated("math", math, tmp_path / "out", model, options={"model.api": "completions"})
    assert [each.verdict for each in outcome.predictions] == ["equivalent", "different"]
    assert {name: each.mean for name, each in outcome.summary.items()} == {"Level 1": 100.0, "Level 3": 0.0}
    assert outcome.scores is not None
    assert outcome.scores.categories.keys() == {"Prealgebra", "Algebra"}
    asked = prompt_of(tmp_path / "out", "x^2 < 4")
    assert asked.count("I hope it is correct.") == 4
    assert asked.endswith(f"Problem:\n{ROOTS['problem']}\n\nSolution:")
    assert "Level 1" in shown(outcome)
    told = scripted(
        tmp_path / "t", ("frac{1}{2}$?", "\\boxed{\\dfrac12}"), ("", "\\boxed{\\left(-2,2\\right)}")
    )
    chat = evaluated("math", math, tmp_path / "chat", told, chat=True)
    assert "within \\boxed{}" in prompt_of(tmp_path / "chat", "x^2 < 4")
    assert [each.verdict for each in chat.predictions] == ["same_text", "same_text"]
    assert chat.kept()["summary"]["Level 1"][0] == 100.0


def test_the_solutions_of_the_data_are_right(math: Path) -> None:
    pytest.importorskip("math_verify")
    loaded = load_benchmark("math", Wanted(math))
    assert [item.references for item in loaded.items] == [("\\frac{1}{2}",), ("(-2,2)",)]


# ------------------------------------------------------------------------ mmlu


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("B", "B"),
        (" (C)", "C"),
        ("**D**", "D"),
        ("B. two, too", "B"),
        ("A dog is an animal, so the answer is (C).", "C"),
        ("The correct answer is: **D**", "D"),
        ("Option B is wrong. The answer would be A", "A"),
        ("I think (B) is it.", "B"),
        ("Answer: c", ""),
        ("Dogs bark.", ""),
        ("", ""),
    ],
)
def test_the_letter_of_a_reply(reply: str, letter: str) -> None:
    assert letter_in(reply) == letter


class _FirstTokens(BaseHTTPRequestHandler):
    """Tells the likeliest first tokens as OpenAI's completions do; B is the likeliest letter."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)  # type: ignore[attr-defined]
        if "logprobs" in body and self.server.refuses:  # type: ignore[attr-defined]
            self._send(400, {"error": {"message": "logprobs is not supported", "param": "logprobs"}})
            return
        choice: dict[str, Any] = {"index": 0, "text": " C\n", "finish_reason": "stop"}
        if "logprobs" in body:
            top = {" the": -0.5, "C": -0.6, " B": -1.0, " A": -2.5, " D": -3.0}
            choice["logprobs"] = {"tokens": [" the"], "token_logprobs": [-0.5], "top_logprobs": [top]}
        self._send(200, {"choices": [choice]})

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
def first_tokens() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _FirstTokens) as server:
        server.bodies, server.refuses = [], False  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at(server: Any) -> dict[str, Any]:
    return {"endpoint.base_url": f"http://127.0.0.1:{server.server_port}/v1", "model.api": "completions"}


def test_mmlu_by_likelihood_within_a_budget(first_tokens: Any, mmlu: Path, tmp_path: Path) -> None:
    few = at(first_tokens) | {"limits.max_requests": 3}
    stopped = evaluated("mmlu", mmlu, tmp_path / "out", "m", options=few)
    assert (stopped.last_batch and stopped.last_batch.stopped, len(first_tokens.bodies)) == ("budget", 3)
    body = first_tokens.bodies[0]
    assert (body["logprobs"], body["max_tokens"], body["temperature"]) == (5, 4, 0)
    head = (
        "The following are multiple choice questions (with answers) about astronomy.\n\ndev 0, on astronomy?"
    )
    assert body["prompt"].startswith(f"{head}\nA. one\nB. two, too\nC. three\nD. 4\nAnswer: B\n\n")
    assert body["prompt"].endswith("\nA. one\nB. two, too\nC. three\nD. 4\nAnswer:")
    outcome = evaluated("mmlu", None, tmp_path / "out", None, options={"limits.max_requests": 10})
    assert len(first_tokens.bodies) == 4
    assert outcome.scores is not None
    assert outcome.scores.overall.values == {"accuracy": 50.0}
    assert outcome.scores.answers.verdicts == {"likelihood": 4}
    assert (outcome.scores.answers.cut, outcome.kept()["examples"]) == (0, 5)
    assert {name: each.mean for name, each in outcome.summary.items()} == {
        "macro average over subjects": 50.0,
        "STEM": 100.0,
        "humanities": 0.0,
    }
    first = rows(tmp_path / "out" / "predictions.jsonl")[0]
    assert (first["id"], first["category"], first["response"]) == ("astronomy/0", "astronomy", "B")
    assert first["detail"] == "log-probability B -1.0000, A -2.5000, D -3.0000"
    again = evaluated("mmlu", mmlu, None, None, predictions=tmp_path / "out" / "predictions.jsonl")
    assert again.predictions == outcome.predictions


def test_mmlu_where_an_endpoint_tells_no_likelihoods(first_tokens: Any, mmlu: Path, tmp_path: Path) -> None:
    first_tokens.refuses = True
    outcome = evaluated("mmlu", mmlu, tmp_path / "out", "m", options=at(first_tokens))
    assert outcome.scores is not None
    assert outcome.scores.answers.verdicts == {"letter": 4}
    assert outcome.scores.overall.values == {"accuracy": 50.0}, "C is right in philosophy"
    assert outcome.asked is not None
    assert "no log-probabilities asked for" in " ".join(outcome.asked.batch.asked_otherwise)


def test_mmlu_by_chat(mmlu: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path / "s", ("about philosophy", "The answer is C."))
    outcome = evaluated("mmlu", mmlu, tmp_path / "out", model, chat=True, examples=0)
    assert outcome.scores is not None
    assert outcome.scores.answers.verdicts == {"letter": 2, "no_letter": 2}
    assert prompt_of(tmp_path / "out", "test 0, on philosophy").endswith(
        "Reply with the letter of the right answer alone."
    )
    assert outcome.kept()["template"] == "mmlu, no examples"


def test_a_sample_of_each_subject(mmlu: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path / "s")
    outcome = evaluated("mmlu", mmlu, tmp_path / "out", model, chat=True, per_task=1)
    assert [each.item.id for each in outcome.predictions] == ["astronomy/0", "philosophy/0"]
    assert outcome.kept()["per_task"] == 1
    assert evaluated("mmlu", None, tmp_path / "out", None).predictions == outcome.predictions
    assert len(evaluated("mmlu", mmlu, tmp_path / "all", model, chat=True).predictions) == 4


def test_a_small_context_has_room_for_fewer_examples(mmlu: Path) -> None:
    loaded = load_benchmark("mmlu", Wanted(mmlu))
    counts = [
        loaded.prompt(loaded.items[0], Call(False, window, 1024, ())).demonstrations
        for window in (None, 2048, 80, 40)
    ]
    assert counts[:2] == [5, 5]
    assert 0 < counts[2] < 5
    assert counts[3] == 0


def test_likelihoods_of_a_local_model_are_those_that_lm_eval_is_given(mmlu: Path, tmp_path: Path) -> None:
    outcome = evaluated("mmlu", mmlu, tmp_path / "out", "pocket", limit=1, examples=1)
    (answer,) = outcome.predictions
    told = dict(each.split() for each in answer.detail.removeprefix("log-probability ").split(", "))
    with serve_likelihoods(local_file("pocket")) as server:
        asked = prompt_of(tmp_path / "out", "test 0")
        found = server.of_continuations(asked, [f" {letter}" for letter in "ABCD"])
    values = {letter: each.log_probability for letter, each in zip("ABCD", found, strict=True)}
    assert {letter: float(value) for letter, value in told.items()} == pytest.approx(values, abs=1e-3)
    assert answer.response == max(values, key=values.__getitem__)


def test_a_macro_average_counts_groups_alike() -> None:
    found = macro_interval([100.0] * 30 + [0.0, 100.0], ["a"] * 30 + ["b"] * 2, seed=1)
    assert (found.mean, found.low, found.high) == (75.0, 50.0, 100.0)
    assert macro_interval([100.0, 0.0], ["a", "b"], seed=1).to_json() == [50.0, 50.0]


# ------------------------------------------------------------------------ all of them


def test_offline_on_the_bundled_model(
    gsm8k: Path, math: Path, mmlu: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for suite, tasks in (("gsm8k", gsm8k), ("math", math)):
        outcome = evaluated(
            suite, tasks, tmp_path / f"{suite}-out", "pocket", limit=1, max_tokens=8, examples=1
        )
        assert outcome.asked is not None
        assert (len(outcome.predictions), outcome.asked.waiting) == (1, 1)
    assert capfd.readouterr() == ("", "")
    asked = ("--suite", "mmlu", "--tasks", mmlu, "--out", tmp_path / "mmlu-out", "--limit", 1)
    done = run("evaluate", "--model", "pocket", *asked, "--json")
    assert (done.code, done.stderr) == (0, ""), done.stderr
    assert (done.json()["n"], done.json()["waiting"]) == (1, 3)


def test_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasets` reads a folder as it reads a repository."""
    pytest.importorskip("datasets")
    written(tmp_path / "set" / "test.jsonl", [PENS, CATS])
    found = hub_rows(str(tmp_path / "set"), "", "test", "FILE")
    assert [row.required("question") for row in found] == [PENS["question"], CATS["question"]]
    assert str(found[1]).endswith("set, line 2")
    with pytest.raises(UserError, match=r"openai/gsm8k cannot be fetched .* Or name test.jsonl of https"):
        load_benchmark("gsm8k", Wanted(None))
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(MissingExtraError, match="needs the package datasets"):
        load_benchmark("mmlu", Wanted(None))
    with pytest.raises(ConfigError, match=r"Where is the data of mbpp\? Name mbpp.jsonl or"):
        load_benchmark("mbpp", Wanted(None))
