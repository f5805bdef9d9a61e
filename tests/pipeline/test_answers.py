"""Whole runs whose answers are asked one by one: only the seeds, the config and the replies decide the data,
and what was asked is paid for once, kept, and told."""

import hashlib
import json
import random
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from command import Finished, generate, run, start_generate
from endpoint import RunningEndpoint, running_endpoint
from test_generate import assert_nothing_was_asked_twice, completions

from selfinstruct.records import Stage
from selfinstruct.store.reader import RunReader

TASKS = 40
Start = Callable[..., RunningEndpoint]


def digest(directory: Path) -> str:
    return hashlib.sha256((directory / "dataset.jsonl").read_bytes()).hexdigest()


def lines(directory: Path) -> list[str]:
    return (directory / "dataset.jsonl").read_text(encoding="utf-8").splitlines()


def by_chat(directory: Path, base_url: str, *arguments: object) -> Finished:
    return generate(directory, base_url, "--recipe", "chat", *arguments)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run, one request at a time, without a fault."""
    directory = tmp_path_factory.mktemp("reference") / "run"
    with running_endpoint() as server:
        assert by_chat(directory, server.base_url, "--tasks", TASKS, "--concurrency", 1).code == 0
    return directory


def test_concurrency_and_faults_do_not_change_the_data_set(
    reference: Path, endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(latency=0.01, slow_share=0.1, refuse_429=0.1, fail_500=0.05, break_=0.02)
    done = by_chat(tmp_path / "run", server.base_url, "--tasks", TASKS, "--concurrency", 64)
    assert done.code == 0, done.stderr
    assert digest(tmp_path / "run") == digest(reference)
    printed, stats = done.json(), server.stats()
    assert printed["lost"] == {}
    assert (printed["attempts"], printed["requests"]) == (stats["received"], stats["completed"])


def test_kills_at_random_moments_do_not_change_the_data_set(
    reference: Path, endpoint: Start, tmp_path: Path
) -> None:
    server, directory, moments = endpoint(latency=0.15), tmp_path / "run", random.Random(3)
    asked = ("--recipe", "chat", "--tasks", TASKS, "--concurrency", 8)
    for kills in range(6):
        started, before = start_generate(directory, server.base_url, *asked), completions(directory)
        while completions(directory) == before and started.process.poll() is None:  # however slow
            time.sleep(0.02)
        if started.process.poll() is not None:
            assert kills >= 3, "the kills came while there was work"
            break
        time.sleep(moments.uniform(0.0, 0.6))
        started.kill()
    assert RunReader(directory).summary().by_stage[Stage.ANSWERS].completed, "some came among answers"
    done = by_chat(directory, server.base_url, "--tasks", TASKS)
    assert done.code == 0, done.stderr
    assert digest(directory) == digest(reference)
    assert_nothing_was_asked_twice(directory)
    assert done.json()["attempts"] >= server.stats()["received"], "an intent before every request"


@pytest.mark.parametrize(
    ("option", "value"), [("--max-requests", 40), ("--max-total-tokens", 10_000), ("--max-cost", 0.01)]
)
def test_every_kind_of_budget_stops_with_a_prefix_and_a_larger_one_goes_on_to_the_same_end(
    reference: Path, endpoint: Start, tmp_path: Path, option: str, value: float
) -> None:
    server, directory = endpoint(latency=0.01), tmp_path / "run"
    asked = ("--tasks", TASKS, "--concurrency", 16, "--price-in", 1, "--price-out", 1)
    done = by_chat(directory, server.base_url, *asked, option, value)
    assert done.code == 3, done.stderr
    printed = done.json()
    spent = {
        "--max-requests": server.stats()["received"],
        "--max-total-tokens": printed["prompt_tokens"] + printed["completion_tokens"],
        "--max-cost": printed["cost_usd"],
    }[option]
    assert 0.6 * value <= spent <= value
    assert 0 < printed["tasks"] < TASKS
    assert lines(directory) == lines(reference)[: printed["tasks"]]
    assert by_chat(directory, server.base_url, *asked, option, 0).code == 0
    assert digest(directory) == digest(reference)
    assert_nothing_was_asked_twice(directory)


def test_fewer_tasks_cut_the_data_set_and_more_continue_it(
    reference: Path, endpoint: Start, tmp_path: Path
) -> None:
    server, directory = endpoint(), tmp_path / "run"
    for wanted in (7, 25, TASKS, 3):
        assert by_chat(directory, server.base_url, "--tasks", wanted).code == 0
        assert lines(directory) == lines(reference)[:wanted]
    assert server.stats()["repeated_completed"] == 0


def exported(directory: Path, stage: Stage) -> list[dict[str, Any]]:
    rows = map(json.loads, run("export", directory, "-f", "requests").stdout.splitlines())
    return [row for row in rows if row["stage"] == stage]


def test_an_answer_is_what_the_model_says_to_the_bare_question(reference: Path) -> None:
    """Every open instance is the reply to its instruction and input, and no form stands around these."""
    tasks: Mapping[str, Any] = {task["id"]: task for task in map(json.loads, lines(reference))}
    answers = exported(reference, Stage.ANSWERS)
    said = {row["prompt"]: row["completion"].strip() for row in answers}
    kinds = Counter[tuple[bool, bool]]()
    for task in tasks.values():
        for instance in task["instances"]:
            asked = task["instruction"] + (f"\n\n{instance['input']}" if instance["input"] else "")
            kinds[task["is_classification"], bool(instance["input"])] += 1
            if task["is_classification"]:
                assert instance["output"] in said[asked]
            else:
                assert instance["output"] == said[asked]
    assert min(kinds[False, False], kinds[False, True], kinds[True, True]) > 0
    by_task = Counter(row["task"] for row in answers)
    assert all(by_task[task] >= len(tasks[task]["instances"]) for task in tasks)
    places = {(row["task"], row["position"]) for row in answers}
    assert len(places) == len(answers)
    with_inputs = {row["task"] for row in exported(reference, Stage.INSTANCES)}
    alone = [tasks[task]["instances"] for task in tasks if task not in with_inputs]
    assert all(len(instances) == 1 for instances in alone)
    assert {bool(instances[0]["input"]) for instances in alone} == {False, True}, (
        "what needs no input, or came with one, is asked about as it stands"
    )
    assert sum(row["prompt"].count('"input": "') > 8 for row in exported(reference, Stage.INSTRUCTIONS))


def test_more_inputs_are_asked_for_where_they_are_wanted(endpoint: Start, tmp_path: Path) -> None:
    """The one that came with the instruction is the first, and shown to whoever writes the others."""
    directory = tmp_path / "run"
    done = by_chat(directory, endpoint().base_url, "--tasks", 60, "--instances", 3)
    assert done.code == 0, done.stderr
    first = {row["task"]: row["prompt"] for row in exported(directory, Stage.ANSWERS) if row["position"] == 0}
    beside = 0
    for row in exported(directory, Stage.INSTANCES):
        _, there_is_one, given = row["prompt"].partition("yours differ from it:\n\n")
        if there_is_one and row["task"] in first:  # what was under way when enough were in has no answer
            assert first[row["task"]].endswith(f"\n\n{given}")
            beside += 1
    assert beside > 0
    assert any(len(task.instances) > 1 for task in RunReader(directory).tasks())


def test_the_whole_lineage_is_told(reference: Path) -> None:
    reader = RunReader(reference)
    task = next(task for task in reader.tasks() if not task.is_classification and len(task.instances) > 1)
    exchanges = reader.lineage(task.id).requests
    assert [each.stage for each in exchanges[:2]] == [Stage.INSTRUCTIONS, Stage.INSTANCES]
    answers = [each for each in exchanges if each.stage is Stage.ANSWERS]
    assert [each.completion for each in answers][: len(task.instances)] == [
        instance.output for instance in task.instances
    ]
    told = run("explain", reference, task.id).stdout
    assert told.count("Answers request") == len(answers)
    summary = reader.summary()
    assert set(summary.rejected_instances) <= {
        "disagrees", "repeated_input", "surplus", "truncated", "refused", "empty_output", "copied_example",
    }  # fmt: skip
    assert summary.rejected_instances, "and what was rejected is counted"


def test_labels_on_trust_cost_no_answer(endpoint: Start, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[recipe]\ncheck_labels = false\n")
    done = by_chat(tmp_path / "run", endpoint().base_url, "--tasks", 20, "--config", config)
    assert done.code == 0, done.stderr
    classification = {
        task.id for task in RunReader(tmp_path / "run").tasks() if task.is_classification and task.instances
    }
    assert classification
    asked = {row["task"] for row in exported(tmp_path / "run", Stage.ANSWERS)}
    assert not classification & asked


def test_inline_answers_take_a_request_a_task(endpoint: Start, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[recipe]\nanswers = "inline"\n')
    done = by_chat(tmp_path / "run", endpoint().base_url, "--tasks", 20, "--config", config)
    assert done.code == 0, done.stderr
    by_stage = RunReader(tmp_path / "run").summary().by_stage
    assert by_stage[Stage.ANSWERS].attempts == 0
    assert by_stage[Stage.INSTANCES].completed >= 20


def test_another_model_may_answer_with_a_system_message_of_ones_own(endpoint: Start, tmp_path: Path) -> None:
    first, second = endpoint(), endpoint(api="chat")
    config = tmp_path / "two.toml"
    config.write_text(
        f"""
        [recipe]
        answer_system = "You are terse."
        answer_style = "direct"
        [sampling.chat_answers]
        max_tokens = 300
        [stages.answers]
        model = "strong"
        [stages.answers.endpoint]
        base_url = "{second.base_url}"
        """
    )
    done = by_chat(tmp_path / "run", first.base_url, "--tasks", 6, "--instances", 2, "--config", config)
    assert done.code == 0, done.stderr
    use = RunReader(tmp_path / "run").summary().by_stage
    assert second.stats()["completed"] >= use[Stage.ANSWERS].completed > 0
    assert first.stats()["completed"] >= use[Stage.INSTRUCTIONS].completed + use[Stage.INSTANCES].completed
    for row in exported(tmp_path / "run", Stage.ANSWERS):
        assert row["prompt"].startswith("You are terse.\n\nBe brief.")
        assert row["position"] in (0, 1), "two inputs at most"


def test_an_input_that_is_too_long_is_lost_alone(endpoint: Start, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[sampling.chat_answers]\nmax_tokens = 3000\n")
    server = endpoint(max_context=3060)
    done = by_chat(tmp_path / "run", server.base_url, "--tasks", 20, "--config", config)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert printed["tasks"] == 20
    assert printed["lost"]["prompt_too_long"] > 0
    too_long = {row["task"] for row in exported(tmp_path / "run", Stage.ANSWERS) if len(row["prompt"]) >= 244}
    assert too_long == set(), "none that was answered"


@pytest.mark.parametrize("lost", ["That depends on", "no such words"])
def test_answers_that_are_lost_take_their_instances_and_only_whole_tasks_are_lost_with_them(
    endpoint: Start, tmp_path: Path, lost: str
) -> None:
    server = endpoint(refuse_content_containing=lost)
    done = by_chat(tmp_path / "run", server.base_url, "--tasks", 20)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert printed["tasks"] == 20
    assert printed["rejected_instances"].get("lost", 0) <= printed["lost"].get("refused", 0)


def filters_of(directory: Path) -> dict[str, Any]:
    kept: dict[str, Any] = tomllib.loads((directory / "config.toml").read_text(encoding="utf-8"))["filters"]
    return kept


def test_each_recipe_has_lists_of_its_own_unless_they_are_given(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[filters]\nprefixes = ["Write a program"]\n')
    for name, arguments in {
        "paper": ("--recipe", "paper"),
        "chat": ("--recipe", "chat"),
        "given": ("--recipe", "chat", "--config", config),
    }.items():
        done = run("generate", tmp_path / name, "--model", "scripted", "--tasks", 5, *arguments)
        assert done.code == 0, done.stderr
    paper, chat, given = (filters_of(tmp_path / name) for name in ("paper", "chat", "given"))
    assert (paper["prefixes"], chat["prefixes"], given["prefixes"]) == (
        ["Write a program"],
        [],
        ["Write a program"],
    )
    assert "file" in paper["keywords"]
    assert chat["keywords"] == given["keywords"]
    assert "the image" in chat["keywords"]
    assert not {"file", "plot", "map", "graph"} & set(chat["keywords"])
    again = run("generate", tmp_path / "chat", "--tasks", 6)
    assert again.code == 0, again.stderr
