"""`judge`: a model's verdicts on a run's instances, and what is chosen by them."""

import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Finished, run, start
from endpoint import RunningEndpoint
from made_run import make_run

import selfinstruct as si
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.pipeline.judging import plan_judge_of_run
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.ratings.drawing import drawn_instances
from selfinstruct.ratings.scores import judged_figures, read_all_scores
from selfinstruct.recipes.instance_judge import INSTANCE_RUBRIC
from selfinstruct.records import Instance, Task
from selfinstruct.store.improved import improved_candidates, improved_outputs
from selfinstruct.store.judged import read_scores
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.reader import RunReader

Start = Callable[..., RunningEndpoint]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("generated") / "run"
    done = run("generate", directory, "--tasks", 30, "--model", "scripted")
    assert done.code == 0, done.stderr
    return directory


@pytest.fixture
def made(generated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(generated, tmp_path / "run"))


def judge(directory: Path, base_url: str, *arguments: object) -> Finished:
    return run("judge", directory, "--base-url", base_url, "--model", "m", "--json", *arguments)


def asked(directory: Path, base_url: str, **options: Any) -> dict[str, Any]:
    """The same from Python, which takes less time."""
    return si.judge(directory, model="m", base_url=base_url, **options).to_json()


def exported(directory: Path, out: Path, **options: Any) -> list[dict[str, Any]]:
    (path,) = si.Run(directory).export(out, **options)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def verdicts(directory: Path, name: str = "m") -> list[dict[str, Any]]:
    text = (directory / "judge" / name / "verdicts.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def write_script(path: Path, replies: dict[str, str | dict[str, str]]) -> Path:
    rows = [
        {"contains": contains, **({"reply": reply} if isinstance(reply, str) else reply)}
        for contains, reply in replies.items()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_killed_at_random_and_resumed(endpoint: Start, made: Path, tmp_path: Path) -> None:
    server = endpoint(latency=0.15)
    calm = Path(shutil.copytree(made, tmp_path / "calm"))
    drawn = random.Random(7)
    for _ in range(3):
        seen = server.stats()["received"]
        started = start("judge", made, "--base-url", server.base_url, "--model", "m", "--concurrency", 4)
        deadline = time.monotonic() + 60
        while server.stats()["received"] < seen + 5 + drawn.randrange(6):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)
        started.kill()
    done = judge(made, server.base_url)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert printed["instances"] == printed["judged"] == printed["requests"], "none is completed twice"
    assert asked(calm, endpoint().base_url)["waiting"] == 0
    assert verdicts(made) == verdicts(calm)
    server.stop()
    assert asked(made, server.base_url)["judged"] == printed["judged"], "needs no endpoint any more"

    done = run("export", made, "--format", "alpaca", "--min-score", 4, "--with-scores", "--with-ids")
    assert done.code == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    high = {
        f"{each['id']}/{each['instance']}": each["score"] for each in verdicts(made) if each["score"] >= 4
    }
    assert {row["id"]: row["score"] for row in rows} == high
    assert {row["id"]: row["score_m"] for row in rows} == high
    below = printed["instances"] - len(high)
    assert f"with a mean score below 4: {below}; without a score: 0" in done.stderr


def test_a_sample_is_that_of_review_and_a_part_of_all(endpoint: Start, made: Path) -> None:
    server = endpoint()
    assert judge(made, server.base_url, "--sample", 8, "--seed", 3).json()["judged"] == 8
    drawn, _ = drawn_instances(RunReader(made).tasks(), 8, 3)
    assert {(each["id"], each["instance"]) for each in verdicts(made)} == {
        (task.id, place) for task, place in drawn
    }
    before = {each["digest"]: each for each in verdicts(made)}
    every = asked(made, server.base_url)
    assert every["requests"] == every["instances"] == server.stats()["completed"]
    assert before.items() <= {each["digest"]: each for each in verdicts(made)}.items()
    assert asked(made, server.base_url, sample=8, seed=3)["instances"] == 8
    assert len(verdicts(made)) == every["instances"], "a sample leaves the others where they are"
    si.generate(made, tasks=40)
    more = asked(made, server.base_url)
    assert more["judged"] == more["instances"] > every["instances"]
    assert server.stats()["repeated_completed"] == 0


def test_what_is_asked_and_what_cannot_be_read(endpoint: Start, tmp_path: Path) -> None:
    told: dict[str, tuple[str | dict[str, str], str | int]] = {
        "One.": ('{"reason": "Good.", "task": true, "input": true, "output": true, "score": 5}', 5),
        "Two.": ("<think>A score of 1?</think>Score: 3", 3),
        "Three.": ("<think>Hm", "empty_reply"),
        "Four.": ("It is fine.", "no_score"),
        "Five.": ({"reply": '{"reason": "It is', "finish_reason": "length"}, "cut_off"),
        "Six.": ("8/10", "score_out_of_range"),
        "Seven.": ("never sent", "refused"),
    }
    tasks = [
        Task(f"task_{number}", instruction, False, (Instance("", f"x {number}"),))
        for number, instruction in enumerate(told)
    ]
    make_run(tmp_path / "run", tasks)
    script = write_script(tmp_path / "script.jsonl", {name: reply for name, (reply, _) in told.items()})
    server = endpoint(script=script, refuse_content_containing="Seven.")
    printed = asked(tmp_path / "run", server.base_url)
    found = [each.get("score", each.get("problem")) for each in verdicts(tmp_path / "run")]
    assert found == [expected for _, expected in told.values()]
    assert printed["problems"] == dict.fromkeys(
        ("cut_off", "empty_reply", "no_score", "refused", "score_out_of_range"), 1
    )
    assert (printed["mean_score"], printed["passed"]) == (4, 1)
    requests = list(RunReader(tmp_path / "run" / "judge" / "m" / "requests").requests())
    assert all(each.prompt.startswith(INSTANCE_RUBRIC) for each in requests)
    assert len(exported(tmp_path / "run", tmp_path / "x.jsonl", min_score=1)) == 2


def test_a_rubric_of_ones_own_and_a_second_judge(endpoint: Start, made: Path, tmp_path: Path) -> None:
    server, rubric = endpoint(), tmp_path / "rubric.txt"
    rubric.write_text("Be strict.\n", encoding="utf-8")
    first = asked(made, server.base_url, rubric=rubric, name="strict")
    kept = made / "judge" / "strict"
    assert (kept / "rubric.txt").read_text(encoding="utf-8") == "Be strict."
    assert next(iter(RunReader(kept / "requests").requests())).prompt.startswith("Be strict.\n\nReply with")
    assert si.judge(made, name="strict").rubric == first["rubric"]
    rubric.write_text("Be kind.", encoding="utf-8")
    other = judge(made, server.base_url, "--rubric", rubric, "--name", "strict")
    assert other.code == 2
    assert "was started with another rubric. Give this one a --name of its own" in other.error()
    assert asked(made, server.base_url)["waiting"] == 0
    scores = read_all_scores(made)
    assert set(scores.verdicts) == {"m", "strict"}
    digest = next(iter(scores.verdicts["m"]))
    of = scores.of(digest)
    assert scores.mean(digest) == sum(of.values()) / 2 == (of["m"] + of["strict"]) / 2
    shown = run("status", made)
    assert "strict" in shown.stdout
    assert "All fields valid" in shown.stdout
    found = judged_figures(RunReader(made))
    assert found is not None
    assert [each.name for each in found.outputs[0].tables] == ["m", "strict"]
    assert found.outputs[0].agreement["output"].pairs[0].units == first["judged"]


def test_budgets_and_the_writer_as_judge(made: Path) -> None:
    done = run("judge", made, "--model", "scripted", "--max-requests", 5, "--json")
    assert done.code == 3, done.stderr
    printed = done.json()
    assert (printed["stopped"], printed["judged"], len(verdicts(made, "scripted"))) == ("budget", 5, 5)
    assert printed["waiting"] == printed["instances"] - 5
    assert "is the model that wrote these outputs" in printed["warning"]
    assert "is the model that wrote these outputs" in done.stderr
    result = si.judge(made, name="scripted", max_requests=0)
    assert (result.waiting, result.batch.stopped) == (0, "done")
    assert result.warning


def test_mistakes_in_what_is_asked(made: Path, tmp_path: Path) -> None:
    def plan(**asked: Any) -> object:
        return plan_judge_of_run(made, **({"model_spec": "scripted", "options": {}} | asked))

    with pytest.raises(ConfigError, match="Which model should judge"):
        plan(model_spec=None)
    with pytest.raises(ConfigError, match="has no judge named 'x' yet"):
        plan(model_spec=None, name="x")
    with pytest.raises(ConfigError, match=r"'\.\./x' cannot name a judge"):
        plan(name="../x")
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    with pytest.raises(ConfigError, match=r"empty\.txt: the rubric is empty"):
        plan(rubric=empty)
    with pytest.raises(ConfigError, match=r"no judge was asked about .* Ask one: `selfinstruct judge"):
        si.Run(made).export(tmp_path / "x.jsonl", min_score=4)
    with pytest.raises(ConfigError, match="`min_score` is 0: scores go from 1 to 5"):
        si.Run(made).export(tmp_path / "x.jsonl", min_score=0)
    with pytest.raises(ConfigError, match="`sample` is 0"):
        si.judge(made, model="scripted", sample=0)
    assert not (made / "judge").exists()
    si.judge(made, model="scripted", sample=2)
    taken = run("judge", made, "--model", "pocket", "--name", "scripted")
    assert taken.code == 2
    assert 'model.provider is "scripted", not "pocket"' in taken.error()


def test_what_people_edited_is_judged_too(endpoint: Start, tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", [Task("task_0", "Say it.", False, (Instance("", "Ti."),))], [])
    log = RatingLog.open(reader.directory)
    answers = {"task": True, "input": True, "output": False, "decision": "edit"}
    digest = instance_digest("Say it.", Instance("", "Ti."))
    log.rate("Ann", instance_id("task_0", 0), "original", digest, answers, edit={"output": "It."})
    log.close()
    script = write_script(tmp_path / "script.jsonl", {"Ti.": "Score: 2", "It.": "Score: 5"})
    assert asked(reader.directory, endpoint(script=script).base_url)["judged"] == 2
    (task,) = exported(reader.directory, tmp_path / "x.jsonl", with_scores=True, min_score=5)
    assert task["instances"] == [{"input": "", "output": "It.", "score": 5.0, "score_m": 5.0}]
    pairs = run("export", reader.directory, "--format", "preference", "--with-scores")
    row = json.loads(pairs.stdout)
    assert (row["chosen"].strip(), row["rejected"].strip()) == ("It.", "Ti.")
    assert (row["score_chosen"], row["score_rejected"]) == (5, 2)
    assert "pairs: 1 (review 1)" in pairs.stderr


def test_the_best_of_several_samples(endpoint: Start, made: Path) -> None:
    server = endpoint(latency=0.05)
    assert asked(made, server.base_url, name="j")["waiting"] == 0
    before = read_scores(made, "j")
    asking = ("improve", made, "--base-url", server.base_url, "--model", "m", "--samples", 3)
    started = start(*asking, "--judge", "j", "--concurrency", 4)
    deadline = time.monotonic() + 60
    while server.stats()["received"] < len(before) + 20:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    started.kill()
    done = run(*asking, "--judge", "j", "--json")
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["samples"], printed["judge"], printed["waiting"]) == (3, "j", 0)
    assert printed["requests"] == 3 * printed["instances"], "none is completed twice"
    scores, candidates = read_scores(made, "j"), improved_candidates(made, "m")
    improved = improved_outputs(made, "m")
    assert 0 < len(improved) == printed["improved"] < printed["instances"]
    for task in RunReader(made).tasks():
        for place, instance in enumerate(task.instances):
            found = candidates[task.id, place]
            given = [
                scores[instance_digest(task.instruction, Instance(instance.input, each))].score or 0
                for each in found
            ]
            assert found[0] == instance.output
            best = improved.get((task.id, place), instance.output)
            assert best == found[given.index(max(given))], "the first of the best, the original before all"
    assert before.items() <= scores.items()
    more = si.improve(made, name="m", judge="j")
    assert (more.samples, more.improved) == (3, len(improved)), "as it was begun"


def test_the_best_of_several_samples_by_signals(endpoint: Start, tmp_path: Path) -> None:
    tasks = [
        Task("task_0", "Name a colour of the sky.", False, (Instance("", "Sure! Here is one: blue"),)),
        Task("task_1", "Name a colour of grass.", False, (Instance("", "green"),)),
    ]
    reader = make_run(tmp_path / "run", tasks, [])
    script = write_script(tmp_path / "script.jsonl", {"sky": "blue", "grass": "Sure! Here is one: green"})
    result = si.improve(reader.directory, model="m", base_url=endpoint(script=script).base_url, samples=2)
    assert (result.judge, result.samples, result.rejected) == ("signals", 2, {"not_better": 1})
    assert improved_outputs(reader.directory, "m") == {("task_0", 0): "blue"}


def test_filtering_by_score(made: Path, tmp_path: Path) -> None:
    si.judge(made, model="scripted")
    high = sum(each["score"] >= 4 for each in verdicts(made, "scripted"))
    done = si.filter(made, min_score=4, out=tmp_path / "new")
    judged = len(verdicts(made, "scripted"))
    assert done.instances["low_score"][1] == judged - high
    kept = si.Run(tmp_path / "new")
    old = {
        (task.instruction, instance)
        for task in RunReader(made).tasks()
        for instance in task.instances
        if (read_all_scores(made).mean(instance_digest(task.instruction, instance)) or 0) >= 4
    }
    assert {(task.instruction, each) for task in kept.tasks for each in task.instances} <= old
    assert read_all_scores(tmp_path / "new"), "what judges said of the rest comes along"
    assert {each["score"] for each in verdicts(tmp_path / "new", "scripted")} <= {4, 5}
    places = {(each["id"], each["instance"]) for each in verdicts(tmp_path / "new", "scripted")}
    assert places == {(task.id, place) for task in kept.tasks for place in range(len(task.instances))}
    before = si.judge(made, model="scripted").batch.summary.requests
    again = si.judge(tmp_path / "new", name="scripted")
    assert again.batch.summary.requests == before, "and the judge is resumed there, asking nothing twice"


def test_another_rubric_in_python(made: Path, tmp_path: Path) -> None:
    si.judge(made, model="scripted", sample=1)
    rubric = tmp_path / "rubric.txt"
    rubric.write_text("Be strict.")
    with pytest.raises(RunMismatchError, match="was started with another rubric"):
        si.judge(made, model="scripted", rubric=rubric)
