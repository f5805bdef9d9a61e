"""The whole loop, as a subprocess against a real server: what it prints, and that only the seeds, the
config and the replies decide the data set."""

import hashlib
import json
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Finished, generate, run, start_generate
from endpoint import RunningEndpoint

from selfinstruct.store.reader import RunReader

TASKS = 60
Start = Callable[..., RunningEndpoint]


def digest(directory: Path) -> str:
    return hashlib.sha256((directory / "dataset.jsonl").read_bytes()).hexdigest()


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def query(directory: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(directory / "run.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def completions(directory: Path) -> int:
    reader = RunReader(directory)
    if not (directory / "run.db").exists() or not reader.has_completions():
        return 0
    return sum(1 for _ in reader.requests())


def assert_nothing_was_asked_twice(directory: Path) -> None:
    """After a completion of a request was recorded, that request is not sent again."""
    repeated = query(
        directory,
        "SELECT a.stage, a.subject FROM attempts a JOIN attempts b USING (stage, subject, position)"
        " WHERE a.outcome = 'completed' AND b.id > a.id AND b.started > a.started + a.seconds",
    )
    assert repeated == []


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run, one request at a time, without a fault."""
    from endpoint import running_endpoint

    directory = tmp_path_factory.mktemp("reference") / "run"
    with running_endpoint() as server:
        assert generate(directory, server.base_url, "--tasks", TASKS, "--concurrency", 1).code == 0
    return directory


def test_what_it_prints_and_writes(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(model="m")
    done = generate(tmp_path / "run", server.base_url, "--tasks", TASKS)
    assert done.code == 0, done.stderr
    printed = done.json()
    tasks = rows(tmp_path / "run" / "dataset.jsonl")
    stats = server.stats()
    assert printed["run"] == str(tmp_path / "run")
    assert printed["dataset"] == str(tmp_path / "run" / "dataset.jsonl")
    assert printed["stopped"] == "done"
    assert printed["tasks"] == len(tasks) == TASKS
    assert printed["instances"] == sum(len(task["instances"]) for task in tasks)  # type: ignore[arg-type, misc]
    assert printed["requests"] == stats["completed"]
    assert printed["attempts"] == stats["received"]
    assert printed["prompt_tokens"] > printed["completion_tokens"] > 0
    assert printed["cost_usd"] is None
    assert printed["rejected"]["similar"] > 0
    assert 0 < printed["seconds"] <= done.seconds
    for task in tasks:
        assert set(task) == {"id", "instruction", "is_classification", "instances"}
        assert task["instances"]


def test_prices_give_a_cost(endpoint: Start, tmp_path: Path) -> None:
    done = generate(tmp_path / "run", endpoint().base_url, "--tasks", 5, "--price-in", 1.5, "--price-out", 2)
    printed = done.json()
    expected = (printed["prompt_tokens"] * 1.5 + printed["completion_tokens"] * 2) / 1e6
    assert printed["cost_usd"] == pytest.approx(expected)


def test_concurrency_does_not_change_the_data_set(reference: Path, endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(latency=0.02, slow_share=0.1)
    assert generate(tmp_path / "run", server.base_url, "--tasks", TASKS, "--concurrency", 64).code == 0
    assert digest(tmp_path / "run") == digest(reference)
    for format_name in ("jsonl", "candidates"):
        here, there = (
            run("export", place, "-f", format_name).stdout for place in (tmp_path / "run", reference)
        )
        assert here == there, format_name


@pytest.mark.parametrize("seed_faults", [1, 2])
def test_faults_do_not_change_the_data_set(
    reference: Path, endpoint: Start, tmp_path: Path, seed_faults: int
) -> None:
    server = endpoint(latency=0.01, refuse_429=0.1, fail_500=0.05, break_=0.02, seed_faults=seed_faults)
    done = generate(tmp_path / "run", server.base_url, "--tasks", TASKS, "--concurrency", 50)
    assert done.code == 0, done.stderr
    assert digest(tmp_path / "run") == digest(reference)
    printed = done.json()
    assert printed["lost"] == {}
    assert set(printed["errors"]) == {"RateLimitedError", "EndpointFailedError", "ConnectionBrokenError"}
    assert printed["attempts"] == server.stats()["received"]
    assert printed["requests"] == server.stats()["completed"]


def test_kills_at_twenty_random_moments_do_not_change_the_data_set(
    reference: Path, endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(latency=0.3)
    directory = tmp_path / "run"
    moments = random.Random(7)
    for number in range(20):
        started = start_generate(directory, server.base_url, "--tasks", TASKS, "--concurrency", 8)
        before = completions(directory)
        while number % 5 == 4 and completions(directory) == before:  # however slow the machine is
            assert started.process.poll() is None, "the kills came while there was work"
            time.sleep(0.02)
        time.sleep(moments.uniform(0.2, 1.2))  # from before the run exists to well within it
        started.kill()
    assert 0 < completions(directory) < completions(reference), "the kills came while there was work"
    done = generate(directory, server.base_url, "--tasks", TASKS)
    assert done.code == 0, done.stderr
    assert digest(directory) == digest(reference)
    assert_nothing_was_asked_twice(directory)
    assert done.json()["attempts"] >= server.stats()["received"], "an intent before every request"


def test_a_budget_holds_over_kills_and_a_larger_one_goes_on_to_the_same_end(
    reference: Path, endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(latency=0.02)
    directory = tmp_path / "run"
    arguments = ("--tasks", TASKS, "--concurrency", 8)
    for _ in range(3):
        started = start_generate(directory, server.base_url, *arguments, "--max-requests", 90)
        time.sleep(0.5)
        started.kill()
    done = generate(directory, server.base_url, *arguments, "--max-requests", 90)
    assert done.code == 3, done.stderr
    assert done.json()["stopped"] == "budget"
    assert server.stats()["received"] <= 90
    prefix = (directory / "dataset.jsonl").read_text(encoding="utf-8")
    whole = (reference / "dataset.jsonl").read_text(encoding="utf-8")
    assert prefix
    assert whole.startswith(prefix)
    assert done.json()["tasks"] == prefix.count("\n")
    done = generate(directory, server.base_url, *arguments, "--max-requests", 5000)
    assert done.code == 0, done.stderr
    assert digest(directory) == digest(reference)
    assert_nothing_was_asked_twice(directory)


@pytest.mark.parametrize(
    ("option", "value"), [("--max-requests", 60), ("--max-total-tokens", 60_000), ("--max-cost", 0.06)]
)
def test_every_kind_of_budget_stops_with_a_prefix(
    reference: Path, endpoint: Start, tmp_path: Path, option: str, value: float
) -> None:
    server = endpoint()
    prices = ("--price-in", 1, "--price-out", 1)
    done = generate(tmp_path / "run", server.base_url, "--tasks", TASKS, option, value, *prices)
    assert done.code == 3, done.stderr
    printed = done.json()
    assert printed["stopped"] == "budget"
    spent = {
        "--max-requests": server.stats()["received"],
        "--max-total-tokens": printed["prompt_tokens"] + printed["completion_tokens"],
        "--max-cost": printed["cost_usd"],
    }[option]
    assert 0.7 * value <= spent <= value
    assert printed["tasks"] > 0
    whole = (reference / "dataset.jsonl").read_text(encoding="utf-8")
    assert whole.startswith((tmp_path / "run" / "dataset.jsonl").read_text(encoding="utf-8"))


def test_a_budget_spent_on_failures_says_what_they_were(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(fail_500=1.0)
    directory = tmp_path / "run"
    done = generate(directory, server.base_url, "--tasks", 5, "--max-requests", 2)
    assert done.code == 3, done.stderr
    printed = done.json()
    assert (printed["errors"], printed["stopped"]) == ({"EndpointFailedError": 2}, "budget")
    assert printed["last_failure"].startswith(f"{server.base_url} answered 500: ")
    for told in (run("status", directory).stdout, run("generate", directory).stdout):
        assert f"The last request failed: {server.base_url} answered 500" in told


def test_fewer_tasks_cut_the_data_set_and_more_continue_it(
    reference: Path, endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint()
    directory = tmp_path / "run"
    whole = (reference / "dataset.jsonl").read_text(encoding="utf-8").splitlines()
    for wanted in (10, 30, TASKS, 20):
        assert generate(directory, server.base_url, "--tasks", wanted).code == 0
        kept = (directory / "dataset.jsonl").read_text(encoding="utf-8").splitlines()
        assert kept == whole[:wanted]
    assert server.stats()["repeated_completed"] == 0


def test_options_left_away_come_from_the_run(reference: Path, endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    directory = tmp_path / "run"
    seeds = tmp_path / "seeds.jsonl"
    seeds.write_text("".join(f'{{"instruction": "Name {n} things found in a kitchen."}}\n' for n in range(9)))
    assert generate(directory, server.base_url, "--tasks", 5, "--seeds", seeds, "--seed", 3).code == 0
    seeds.unlink()
    done = run("generate", directory, "--tasks", 8, "--json")
    assert done.code == 0, done.stderr
    assert done.json()["tasks"] == 8


def test_what_decides_the_data_may_not_change_in_a_run(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    directory = tmp_path / "run"
    assert generate(directory, server.base_url, "--tasks", 5, "--seed", 3).code == 0
    before = (directory / "dataset.jsonl").read_bytes()
    for arguments, field in (
        (("--seed", 4), "seed is 3, not 4"),
        (("--window", 10), "window is 0, not 10"),
        (("--paper-exact",), "reference.lowercase is false, not true"),
    ):
        done = generate(directory, server.base_url, *arguments)
        assert done.code == 2
        assert field in done.error()
    assert (directory / "dataset.jsonl").read_bytes() == before


def test_a_run_keeps_to_the_prompts_it_began_with(endpoint: Start, tmp_path: Path) -> None:
    directory = tmp_path / "run"
    assert run("generate", directory, "--model", "scripted", "--tasks", 3).code == 0
    connection = sqlite3.connect(directory / "run.db")
    connection.execute("UPDATE notes SET value = '\"of an older version\"' WHERE key = 'prompts'")
    connection.commit()
    connection.close()
    done = run("generate", directory, "--model", "scripted", "--tasks", 9)
    assert done.code == 2
    assert "The prompts of the recipe 'paper' are not those that the run" in done.error()


def test_one_request_refused_for_its_content_is_one_lost_request(endpoint: Start, tmp_path: Path) -> None:
    free = endpoint()
    assert generate(tmp_path / "free", free.base_url, "--tasks", 20).code == 0
    (first,) = query(
        tmp_path / "free", "SELECT text FROM candidates WHERE reason IS NULL ORDER BY ticket LIMIT 1"
    )
    # Only the classification request of this task ends so; prompts for new tasks show others as well.
    unlucky = f"Task: {first[0]}\nIs it"
    server = endpoint(refuse_content_containing=unlucky)
    done = generate(tmp_path / "run", server.base_url, "--tasks", 20)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert printed["lost"] == {"refused": 1}
    assert printed["invalid_tasks"]["lost"] == 1
    assert printed["tasks"] == 20
    assert first[0] not in [task["instruction"] for task in rows(tmp_path / "run" / "dataset.jsonl")]


@pytest.mark.parametrize("rejected", ["seed", "presence_penalty", "seed,presence_penalty,top_p"])
def test_parameters_that_the_endpoint_does_not_take_are_left_out(
    endpoint: Start, tmp_path: Path, rejected: str
) -> None:
    server = endpoint(reject_parameters=rejected)
    done = generate(tmp_path / "run", server.base_url, "--tasks", 5)
    assert done.code == 0, done.stderr
    names = rejected.split(",")
    assert done.json()["negotiated"] == len(names), "learnt once, by the first request"
    (noted,) = query(tmp_path / "run", "SELECT value FROM notes WHERE key = 'capabilities.instances'")
    assert json.loads(str(noted[0]))["unsupported"] == sorted(names)
    done = generate(tmp_path / "run", server.base_url, "--tasks", 10)
    assert done.json()["negotiated"] == len(names), "and remembered"


def test_ctrl_c_once_finishes_what_is_in_flight(reference: Path, endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(latency=0.3)
    directory = tmp_path / "run"
    started = start_generate(directory, server.base_url, "--tasks", TASKS, "--concurrency", 8)
    wait_for(lambda: server.stats()["completed"] >= 20)
    started.interrupt()
    done = started.wait()
    assert done.code == 130, done.stderr
    assert "Finishing what is in flight; Ctrl-C again to stop at once." in done.stderr
    assert "Run the same command again to resume." in done.stderr
    printed = done.json()
    assert printed["stopped"] == "interrupted"
    assert printed["requests"] == server.stats()["received"] == printed["attempts"]
    assert (directory / "dataset.jsonl").exists()
    assert generate(directory, server.base_url, "--tasks", TASKS).code == 0
    assert digest(directory) == digest(reference)
    assert server.stats()["repeated_completed"] == 0


def test_ctrl_c_twice_stops_at_once(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(latency=30)
    started = start_generate(tmp_path / "run", server.base_url, "--tasks", TASKS)
    wait_for(lambda: server.stats()["received"] >= 1)
    started.interrupt()
    time.sleep(0.3)
    began = time.monotonic()
    started.interrupt()
    done: Finished = started.wait()
    assert done.code == 130, done.stderr
    assert time.monotonic() - began < 5
    assert done.json()["tasks"] == 0


def test_status_explain_and_export_read_a_run_while_it_is_written(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(latency=0.1)
    directory = tmp_path / "run"
    started = start_generate(directory, server.base_url, "--tasks", 2000, "--concurrency", 20)
    wait_for(lambda: run("export", directory).stdout != "")
    status = run("status", directory, "--json")
    assert status.code == 0, status.stderr
    assert status.json()["pending"] > 0
    exported = run("export", directory)
    assert exported.code == 0
    assert exported.stdout.startswith('{"id": "task_')
    explained = run("explain", directory, "task_0")
    assert "From instruction request 0, item 0 of its reply" in explained.stdout
    assert started.process.poll() is None, "still writing"
    started.interrupt()
    assert started.wait().code == 130


def test_a_saturated_run_stops_and_says_why(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    always = [
        {"contains": "Is it classification?", "reply": " No"},
        {"contains": "Output:", "reply": "Example 1\nInput: a\nOutput: b"},
        {"contains": "", "reply": " Name three birds that cannot fly.\n10. Name three birds that can fly."},
    ]
    script.write_text("".join(json.dumps(row) + "\n" for row in always))
    done = run("generate", tmp_path / "run", "--model", f"scripted/{script}", "--json")
    assert done.code == 5, done.stderr
    printed = done.json()
    assert printed["stopped"] == "saturated"
    assert printed["tasks"] == 1
    assert printed["tickets"] == 40
    assert printed["rejected"] == {"similar": 79}
    assert "Saturated: of the last 80 instructions 1 were new" in printed["advice"]
    assert "seed tasks" in printed["advice"]
    again = run("generate", tmp_path / "run", "--json")
    assert again.code == 5, "and stays so"
    assert again.json()["requests"] == printed["requests"]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_prompts_that_prove_too_long_show_fewer_demonstrations(endpoint: Start, tmp_path: Path) -> None:
    # Tokens of four characters: the few-shot prompts of some 1,200 tokens do not fit, the lists of 8 do.
    server = endpoint(max_context=1300)
    done = generate(tmp_path / "run", server.base_url, "--tasks", 5)
    assert done.code == 0, done.stderr
    assert done.json()["errors"]["ContextLengthError"] > 0
    shown = query(
        tmp_path / "run", "SELECT stage, max(demonstrations) FROM requests GROUP BY stage ORDER BY stage"
    )
    assert ("instances", 5) in shown, "half of the 11 of the input-first examples"
    told = generate(tmp_path / "told", server.base_url, "--tasks", 5, "--context-window", 1300)
    assert told.code == 0, told.stderr
    assert told.json()["errors"] == {}, "told beforehand, the recipe fits them itself"


def test_a_context_too_short_for_any_prompt_is_said(endpoint: Start, tmp_path: Path) -> None:
    done = generate(tmp_path / "run", endpoint(max_context=300).base_url, "--tasks", 5)
    assert done.code == 2
    assert "context" in done.error()
