"""`improve`: outputs written anew beside a run, whose own stay as they are."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Finished, Started, run, start
from endpoint import RunningEndpoint

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError, NotARunError, StorageError, UserError
from selfinstruct.pipeline.asking import name_of_model
from selfinstruct.pipeline.improve import ImprovementPlan, plan_improvement
from selfinstruct.pipeline.improve import improve as improve_run
from selfinstruct.records import ACCEPTED, JudgedInstance, JudgedInstruction
from selfinstruct.store.improved import chosen_tasks, improved_outputs, improvements
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

Start = Callable[..., RunningEndpoint]

TASKS = 40


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("generated") / "run"
    done = run("generate", directory, "--tasks", TASKS, "--model", "scripted")
    assert done.code == 0, done.stderr
    return directory


@pytest.fixture
def made(generated: Path, tmp_path: Path) -> Path:
    """A run of its own for each test."""
    return Path(shutil.copytree(generated, tmp_path / "run"))


def start_improve(directory: Path, base_url: str, *arguments: object) -> Started:
    return start("improve", directory, "--base-url", base_url, "--model", "m", "--json", *arguments)


def improve(directory: Path, base_url: str, *arguments: object) -> Finished:
    return start_improve(directory, base_url, *arguments).wait()


def outputs(directory: Path, name: str = "m") -> list[dict[str, Any]]:
    text = (directory / "improved" / name / "outputs.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def instances(directory: Path) -> list[tuple[str, int, str]]:
    return [
        (task.id, place, instance.output)
        for task in RunReader(directory).tasks()
        for place, instance in enumerate(task.instances)
    ]


def write_run(directory: Path, tasks: list[tuple[str, str, str]]) -> Path:
    """A run of these instructions, inputs and outputs."""
    writer = RunWriter.open(directory, Config(), ())
    writer.admit(0, [JudgedInstruction(instruction, ACCEPTED) for instruction, _, _ in tasks])
    for number, (_, given, output) in enumerate(tasks):
        writer.classify(number, is_classification=False)
        writer.settle(number, [JudgedInstance(given, output, ACCEPTED)], None)
    writer.close()
    return directory


def write_script(path: Path, replies: dict[str, dict[str, str]]) -> Path:
    rows = [{"contains": contains, **reply} for contains, reply in replies.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_outputs_are_kept_beside_the_originals(endpoint: Start, made: Path, api: str) -> None:
    server = endpoint(api=api)
    before = {path.name: path.read_bytes() for path in (made / "dataset.jsonl", made / "config.toml")}
    originals = instances(made)
    done = improve(made, server.base_url)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["run"], printed["name"], printed["stopped"]) == (str(made), "m", "done")
    assert printed["instances"] == printed["requests"] == len(originals)
    assert printed["attempts"] == server.stats()["received"] == len(originals) + (api == "completions")
    assert printed["improved"] + sum(printed["rejected"].values()) == len(originals)
    assert 0 < printed["changed"] <= printed["improved"]
    assert 0 < printed["rouge_l"] < 1
    assert printed["waiting"] == 0

    assert {name: (made / name).read_bytes() for name in before} == before
    assert instances(made) == originals
    assert [(row["id"], row["instance"]) for row in outputs(made)] == [row[:2] for row in originals]
    improved = improved_outputs(made, "m")
    assert len(improved) == printed["improved"]
    chosen = {
        (task.id, place): each.output
        for task in chosen_tasks(RunReader(made), "m")
        for place, each in enumerate(task.instances)
    }
    assert chosen == {(task, place): improved.get((task, place), output) for task, place, output in originals}
    assert list(chosen_tasks(RunReader(made))) == list(RunReader(made).tasks())


def test_what_is_asked(endpoint: Start, tmp_path: Path) -> None:
    made = write_run(tmp_path / "run", [("Say a word.", "", "hm"), ("Repeat it.", "tree", "tree!")])
    assert improve(made, endpoint(api="chat").base_url, "--name", "chat").code == 0
    assert improve(made, endpoint(api="completions").base_url, "--name", "base").code == 0
    chat, base = (list(RunReader(made / "improved" / name).requests()) for name in ("chat", "base"))
    assert all(row.prompt.startswith("You are given a task") for row in chat)
    assert [row.prompt.partition("allows.")[2] for row in chat] == ["Say a word.", "Repeat it.\n\ntree"]
    assert [row.prompt for row in base] == [
        "Task: Say a word.\nOutput:",
        "Task: Repeat it.\nInput: tree\nOutput:",
    ]
    assert improvements(made) == ("base", "chat")


def test_what_cannot_be_used_leaves_the_original(endpoint: Start, tmp_path: Path) -> None:
    told = {
        "nothing": ({"reply": "  \n"}, "empty_output"),
        "a refusal": ({"reply": "I’m sorry, but I can’t help with that."}, "refused"),
        "an apology": ({"reply": "I am sorry for your loss, and I will call soon."}, None),
        "its input": ({"reply": "some text "}, "same_as_input"),
        "too much": ({"reply": "One, two, three, fo", "finish_reason": "length"}, "truncated"),
        "thoughts": ({"reply": "<think>Hm, hm.</think>\n\nAn answer."}, None),
        "only thoughts": ({"reply": "<think>Hm, hm."}, "empty_output"),
        "the forbidden": ({"reply": "never sent"}, "refused"),
        "the same": ({"reply": " original 8\n"}, None),
    }
    made = write_run(
        tmp_path / "run",
        [(f"Give me {what}.", "some text", f"original {place}") for place, what in enumerate(told)],
    )
    script = write_script(
        tmp_path / "script.jsonl", {f"Give me {what}.": reply for what, (reply, _) in told.items()}
    )
    server = endpoint(script=script, refuse_content_containing="the forbidden")
    done = improve(made, server.base_url)
    assert done.code == 0, done.stderr
    assert [row.get("reason") for row in outputs(made)] == [reason for _, reason in told.values()]
    assert done.json()["rejected"] == {
        "empty_output": 2, "refused": 2, "same_as_input": 1, "truncated": 1
    }  # fmt: skip
    assert (done.json()["improved"], done.json()["changed"]) == (3, 2)
    written = [task.instances[0].output for task in chosen_tasks(RunReader(made), "m")]
    assert written == [
        "original 0", "original 1", "I am sorry for your loss, and I will call soon.", "original 3",
        "original 4", "An answer.", "original 6", "original 7", "original 8",
    ]  # fmt: skip


def test_a_base_model_is_cut_where_it_goes_on_with_another_task(endpoint: Start, tmp_path: Path) -> None:
    made = write_run(tmp_path / "run", [("Say a word.", "", "hm")])
    script = write_script(tmp_path / "script.jsonl", {"": {"reply": " Tree.\n\nTask: Say another."}})
    server = endpoint(api="completions", script=script)
    assert improve(made, server.base_url).code == 0
    assert outputs(made)[0]["output"] == "Tree."


def test_concurrency_and_faults_do_not_change_the_outputs(endpoint: Start, made: Path) -> None:
    assert improve(made, endpoint().base_url, "--name", "one", "--concurrency", 1).code == 0
    troubled = endpoint(latency=0.01, slow_share=0.2, refuse_429=0.1, fail_500=0.05)
    assert improve(made, troubled.base_url, "--name", "many", "--concurrency", 32).code == 0
    assert outputs(made, "one") == outputs(made, "many")


def test_kill_9_and_ctrl_c_change_nothing_in_the_end(endpoint: Start, made: Path) -> None:
    server = endpoint(latency=0.2)
    for stop in (Started.kill, Started.interrupt):
        received = server.stats()["received"]
        started = start_improve(made, server.base_url, "--concurrency", 4)
        wait_for(lambda seen=received: server.stats()["received"] >= seen + 10)  # type: ignore[misc]
        stop(started)
        if stop is Started.interrupt:
            done = started.wait()
            assert done.code == 130, done.stderr
            printed = done.json()
            assert printed["stopped"] == "interrupted"
            assert printed["waiting"] == printed["instances"] - len(outputs(made)) > 0
            assert "Finishing what is in flight" in done.stderr
            assert "Run the same command again to resume." in done.stderr
    done = improve(made, server.base_url)
    assert done.code == 0, done.stderr
    assert done.json()["waiting"] == 0
    assert done.json()["requests"] == done.json()["instances"], "none is completed twice"
    assert improve(made, endpoint().base_url, "--name", "calm").code == 0
    assert outputs(made) == outputs(made, "calm")


def test_a_budget_stops_it_and_no_option_needs_to_be_given_again(endpoint: Start, made: Path) -> None:
    server = endpoint()
    done = improve(made, server.base_url, "--max-requests", 12, "--price-in", 1, "--price-out", 2)
    assert done.code == 3, done.stderr
    printed = done.json()
    assert printed["stopped"] == "budget"
    assert server.stats()["received"] == len(outputs(made)) == 12
    expected = (printed["prompt_tokens"] + 2 * printed["completion_tokens"]) / 1e6
    assert printed["cost_usd"] == pytest.approx(expected)
    done = run("improve", made, "--name", "m", "--max-requests", 0, "--json")
    assert done.code == 0, done.stderr
    assert len(outputs(made)) == done.json()["instances"]
    assert server.stats()["repeated_completed"] == 0
    server.stop()
    assert run("improve", made, "--model", "m", "--json").code == 0, "what is complete needs no endpoint"


def test_the_first_tasks_only_and_then_what_the_data_set_has_gained(endpoint: Start, made: Path) -> None:
    server = endpoint()
    few = improve(made, server.base_url, "--tasks", 10)
    assert few.code == 0, few.stderr
    assert {row["id"] for row in outputs(made)} == {task.id for task in list(RunReader(made).tasks())[:10]}
    assert server.stats()["received"] == len(outputs(made))
    assert improve(made, server.base_url).code == 0
    before = outputs(made)
    assert improve(made, server.base_url, "--tasks", 3).code == 0
    assert outputs(made) == before, "what is there of others is kept"
    assert run("generate", made, "--tasks", TASKS + 10).code == 0
    assert improve(made, server.base_url).code == 0
    assert outputs(made)[: len(before)] == before
    assert len(outputs(made)) == len(instances(made)) == server.stats()["received"]


def test_what_people_see(made: Path) -> None:
    done = run("improve", made, "--model", "scripted", COLUMNS="120")
    assert done.code == 0, done.stderr
    assert done.stdout.count("\n  original  ") == 5, "five examples"
    assert "F1 with the original outputs, on average" in done.stdout
    assert f"next: selfinstruct export {made} --outputs scripted" in done.stdout
    assert run("improve", made, "--model", "scripted", COLUMNS="120").stdout == done.stdout
    other = run("improve", made, "--model", "scripted", "--name", "x", "--seed", 7, COLUMNS="120")
    assert other.stdout != done.stdout


def plan(directory: Path, model: str | None = None, name: str | None = None) -> ImprovementPlan:
    return plan_improvement(directory, model_spec=model, name=name, options={})


def test_mistakes_in_what_is_asked(made: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Which model should rewrite the outputs\? Name it: `model=SPEC`"):
        plan(made)
    with pytest.raises(ConfigError, match=r"has no outputs named 'x' to resume\. Add `model=SPEC`"):
        plan(made, name="x")
    for name in ("../x", ".x", "a b", "original"):
        with pytest.raises(ConfigError, match=f"'{name}' cannot name the outputs"):
            plan(made, "scripted", name)
    with pytest.raises(NotARunError, match=r"holds no run\."):
        plan(tmp_path / "none", "scripted")
    empty = plan(write_run(tmp_path / "empty", []), "scripted")
    with pytest.raises(UserError, match=r"has no tasks yet\. Resume it with `selfinstruct generate`\."):
        asyncio.run(improve_run(empty))
    assert improvements(made) == ()
    assert not (made / "improved").exists()


def test_mistakes_that_show_on_the_way(endpoint: Start, tmp_path: Path) -> None:
    made = write_run(tmp_path / "run", [("Say a word.", "", "hm")])
    server = endpoint(model="m")
    gone = run("improve", made, "--model", "gone", "--base-url", server.base_url)
    assert gone.code == 2
    assert "has no model 'gone'" in gone.error()
    assert improve(made, server.base_url).code == 0
    taken = run("improve", made, "--model", "scripted", "--name", "m")
    assert taken.code == 2
    assert 'model.provider is "http", not "scripted"' in taken.error()
    assert taken.error().endswith("Give these outputs a --name of their own.")


def test_outputs_that_are_not_there_or_not_readable(tmp_path: Path) -> None:
    made = write_run(tmp_path / "run", [("Say a word.", "", "hm")])
    with pytest.raises(
        ConfigError, match=r"no improved outputs named 'x'\. `selfinstruct improve` makes some\."
    ):
        chosen_tasks(RunReader(made), "x")
    assert run("improve", made, "--model", "scripted").code == 0
    with pytest.raises(ConfigError, match=r"named 'x'\. There are: original, scripted\."):
        chosen_tasks(RunReader(made), "x")
    file = made / "improved" / "scripted" / "outputs.jsonl"
    for text, said in (('{"id": "task_0"', "is damaged"), ('{"id": "task_0"}\n', "line 1 is not a verdict")):
        file.write_text(text)
        with pytest.raises(StorageError, match=said):
            chosen_tasks(RunReader(made), "scripted")


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("openai/gpt-5-mini", "gpt-5-mini"),
        ("openrouter/meta-llama/llama-3.1-8b", "meta-llama-llama-3.1-8b"),
        ("meta-llama/Llama 3", "meta-llama-Llama-3"),
        ("ollama/qwen2.5:7b", "qwen2.5-7b"),
        ("gguf//models/Small One.Q8_0.gguf", "Small-One.Q8_0"),
        ("pocket", "pocket"),
        ("scripted", "scripted"),
    ],
)
def test_names_made_of_models(spec: str, name: str) -> None:
    assert name_of_model(spec) == name


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
