"""`import selfinstruct`: what it offers, where it works, and what it leaves alone."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from endpoint import RunningEndpoint

import selfinstruct as si

LATE = {"latency": 0.5}


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# ------------------------------------------------------------------------------ the package


def test_public_names_are_sorted_and_there() -> None:
    assert si.__all__ == sorted(si.__all__)
    assert {name: getattr(si, name) for name in si.__all__}.keys() == set(dir(si))


def test_every_public_name_is_documented() -> None:
    undocumented = [name for name in si.__all__ if name != "__version__" and not getattr(si, name).__doc__]
    assert undocumented == []


def test_importing_it_loads_nothing_heavy() -> None:
    probe = (
        "import sys, selfinstruct as si\n"
        "heavy = {'pydantic', 'numpy', 'asyncio', 'aiohttp', 'rich', 'sqlite3', 'pandas', 'datasets'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
        "si.generate, si.Run\n"
        "print(sorted({'pandas', 'datasets', 'torch', 'jinja2', 'plotly'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'generat'"):
        si.generat  # noqa: B018


# ------------------------------------------------------------------------- where it works


def test_a_script(tmp_path: Path) -> None:
    probe = (
        "import signal, selfinstruct as si\n"
        "before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]\n"
        "print(len(si.generate('r', model='scripted', tasks=20).tasks))\n"
        "print(before == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", probe], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["20", "True"]
    assert done.stderr == ""


def test_within_a_running_loop(tmp_path: Path) -> None:
    async def main() -> tuple[int, int]:
        run = si.generate(tmp_path / "a", model="scripted", tasks=20)
        other = await si.agenerate(tmp_path / "b", model="scripted", tasks=20)
        return len(run.tasks), len(other.tasks)

    assert asyncio.run(main()) == (20, 20)
    assert (tmp_path / "a/dataset.jsonl").read_bytes() == (tmp_path / "b/dataset.jsonl").read_bytes()


def test_in_a_thread(tmp_path: Path) -> None:
    found: list[int] = []
    thread = threading.Thread(
        target=lambda: found.append(len(si.generate(tmp_path / "r", model="scripted", tasks=5).tasks))
    )
    thread.start()
    thread.join()
    assert found == [5]


def test_in_a_notebook(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    cells = [
        "import signal, selfinstruct as si\nbefore = signal.getsignal(signal.SIGINT)",
        "run = si.generate('r', model='scripted', tasks=20)\nprint(len(run.tasks))",
        "other = await si.agenerate('s', model='scripted', tasks=20)\nprint(len(other.tasks))",
        "print(signal.getsignal(signal.SIGINT) == before)",
        "run",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [cell.outputs for cell in notebook.cells]
    printed = ["".join(each.text for each in output) for output in outputs[1:4]]  # a print may come in pieces
    assert printed == ["20\n", "20\n", "True\n"], "and nothing else"
    assert [len(output) for output in (outputs[0], outputs[4])] == [0, 1]
    shown = outputs[4][0].data
    assert shown["text/plain"] == "<Run 'r': 20 of 20 tasks>"
    assert "of 20, with" in shown["text/html"]


# ---------------------------------------------------------------------------- interruptions


def wait_for_a_task(directory: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if len(si.Run(directory).tasks):
                return
        except si.errors.UserError:
            pass
        time.sleep(0.05)
    raise AssertionError("there is no task")


def test_handlers_of_the_host_stay_and_are_called(tmp_path: Path) -> None:
    """Also while it runs: SIGTERM reaches the host's own handler, and does not stop the run."""
    calls: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: calls.append(number))
    own = signal.getsignal(signal.SIGTERM)
    try:
        timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGTERM])
        timer.start()
        run = si.generate(tmp_path / "r", model="scripted", tasks=300)
        timer.join()
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)
    assert calls == [signal.SIGTERM]
    assert run.stopped == "done"


def test_ctrl_c_stops_the_run_and_is_raised(tmp_path: Path, endpoint: Callable[..., RunningEndpoint]) -> None:
    running = endpoint(latency=0.3)
    directory = tmp_path / "r"
    asked = {"model": "m", "base_url": running.base_url, "tasks": 2000, "concurrency": 20, "recipe": "paper"}
    program = (
        "import json, sys, selfinstruct as si\n"
        f"try:\n    si.generate({str(directory)!r}, **json.loads(sys.argv[1]))\n"
        "except KeyboardInterrupt:\n    print('raised', flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, json.dumps(asked)], stdout=subprocess.PIPE, text=True
    )
    wait_for_a_task(directory)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=20)
    assert printed == "raised\n"
    assert process.returncode == 0
    run = si.Run(directory)
    assert not run.status().running, "its lock is free"
    assert [line["id"] for line in lines(run.dataset)] == [task.id for task in run.tasks]
    assert 0 < len(run.tasks) < 2000
    # The same call resumes, with the result of a run that was never interrupted.
    resumed = si.generate(directory, tasks=len(run.tasks) + 5)
    assert resumed.stopped == "done"


def test_cancelling_agenerate_leaves_the_data_set(
    tmp_path: Path, endpoint: Callable[..., RunningEndpoint]
) -> None:
    running = endpoint(latency=0.2)

    async def main() -> None:
        asked = asyncio.create_task(
            si.agenerate(
                tmp_path / "r",
                model="m",
                base_url=running.base_url,
                tasks=2000,
                recipe="paper",
                concurrency=20,
            )
        )
        await asyncio.to_thread(wait_for_a_task, tmp_path / "r")
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(main())
    run = si.Run(tmp_path / "r")
    assert not run.status().running
    assert len(lines(run.dataset)) == len(run.tasks) > 0


# ------------------------------------------------------------------- resuming, stopping short


def test_the_same_call_resumes_and_what_is_left_out_comes_from_the_run(tmp_path: Path) -> None:
    si.generate(tmp_path / "r", model="scripted", tasks=10)
    same = si.generate(tmp_path / "r", model="scripted", tasks=10)
    assert (len(same.tasks), same.stopped, same.advice) == (10, "done", "")
    assert len(si.generate(tmp_path / "r", tasks=12).tasks) == 12
    assert len(si.generate(tmp_path / "r").tasks) == 12


def test_a_budget_stops_it_and_is_no_error(tmp_path: Path) -> None:
    run = si.generate(tmp_path / "r", model="scripted", tasks=50, max_requests=30)
    assert run.stopped == "budget"
    assert "budget is spent" in run.advice
    assert 0 < len(run.tasks) < 50
    assert repr(run) == f"<Run '{tmp_path / 'r'}': {len(run.tasks)} of 50 tasks, stopped: budget>"
    assert si.generate(tmp_path / "r", max_requests=0).stopped == "done"


def test_an_endpoint_that_never_answered_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(si.errors.EndpointUnavailableError, match="No connection to"):
        si.generate(tmp_path / "r", model="m", base_url="http://127.0.0.1:1/v1", tasks=1)


def test_an_endpoint_that_went_away_is_none(tmp_path: Path, endpoint: Callable[..., RunningEndpoint]) -> None:
    asked = {"model": "m", "recipe": "paper"}
    si.generate(tmp_path / "r", tasks=3, base_url=endpoint().base_url, **asked)  # type: ignore[arg-type]
    run = si.generate(tmp_path / "r", tasks=300, base_url="http://127.0.0.1:1/v1", **asked)  # type: ignore[arg-type]
    assert run.stopped == "unavailable"
    assert "No connection to" in run.advice
    assert len(run.tasks) >= 3


# --------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"tasks": 0}, "`tasks` = 0: input should be greater than or equal to 1"),
        ({"concurrency": 0}, "`concurrency` = 0"),
        ({"model": ""}, "`model` is empty"),
        ({"model": " "}, "`model` is empty"),
        ({"base_url": ""}, "`base_url` is empty"),
        ({"seeds": ""}, "`seeds` is empty"),
        ({"config": ""}, "`config` is empty"),
        ({"signals": ""}, "`signals` is empty"),
        ({"attributes": ""}, "`attributes` is empty"),
        ({"api": ""}, "`api` is empty"),
        ({"timeout": -1}, "`timeout` = -1"),
        ({"max_requests": -3}, "`max_requests` = -3"),
        ({"recipe": "papre"}, "Unknown recipe 'papre'. Did you mean paper"),
        ({"recipe": "custom"}, "The name 'custom' stands for no recipe"),
        ({"recipe": object()}, "`recipe` is <object"),
        ({"model": object()}, "`model` is <object .* It lacks default_concurrency"),
        ({"model": "custom/m"}, "no provider 'custom'"),
        ({"max_cost": 1}, "`max_cost` needs .* `price_in=0.15` `price_out=0.60`"),
        ({"price_in": 1}, "`price_in` is given without `price_out`"),
        ({"recipe": "chat", "paper_exact": True}, "`paper_exact` reproduces .* recipe 'chat' is not"),
        (
            {"config": {"filters": {"min_words": 50, "max_words": 5}}},
            "filters.min_words = 50 is more than filters.max_words = 5",
        ),
        ({"seeds": 5}, "`seeds` is 5, not seed tasks"),
        ({"seeds": []}, "`seeds` has no seed tasks"),
        ({"seeds": ["a", {"instructions": "b"}]}, "`seeds`, item 1 .*'instruction': is missing"),
        ({"config": {"filters": {"max_words": "x"}}}, "filters.max_words = 'x'"),
        ({"config": {"filtres": {}}}, "there is no setting named 'filtres'"),
        ({"config": 5}, "`config` is 5, not a path"),
        ({"filters": [5]}, "5 is not a filter"),
        ({"filters": 5}, "`filters` is 5"),
    ],
)
def test_errors_speak_of_arguments(tmp_path: Path, arguments: dict[str, object], says: str) -> None:
    with pytest.raises(si.errors.UserError, match=says) as raised:
        si.generate(tmp_path / "r", **{"model": "scripted", **arguments})  # type: ignore[arg-type]
    assert "--" not in str(raised.value)
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("path", ["", "  ", 5, None])
def test_a_run_is_a_path(path: object) -> None:
    with pytest.raises(si.errors.ConfigError, match=r"`run` is .*, not a path"):
        si.generate(path)  # type: ignore[arg-type]
    with pytest.raises(si.errors.ConfigError, match=r"`path` is .*, not a path"):
        si.Run(path)  # type: ignore[arg-type]


def test_empty_texts_are_refused_where_they_name_something(tmp_path: Path) -> None:
    run = si.generate(tmp_path / "r", model="scripted", tasks=2)
    calls: dict[Callable[[], object], str] = {
        lambda: run.export(""): "`path` is ''",
        lambda: run.report(""): "`path` is ''",
        lambda: run.report(evaluations=[""]): "`evaluations` is ''",
        lambda: si.check(run, signals=""): "`signals` is empty",
        lambda: si.check(run, skip=" "): "`skip` is empty",
        lambda: si.filter(run, signals=""): "`signals` is empty",
        lambda: si.improve(run, model=""): "`model` is empty",
        lambda: si.judge(run, model=""): "`model` is empty",
    }
    for call, says in calls.items():
        with pytest.raises(si.errors.ConfigError, match=says):
            call()


def test_the_command_line_speaks_of_options(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "selfinstruct",
            "generate",
            tmp_path / "r",
            "--model",
            "scripted",
            "--max-cost",
            "1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--max-cost needs to know what tokens cost." in done.stderr
    assert "--price-in 0.15 --price-out 0.60" in done.stderr


# ---------------------------------------------------------------------------------- seeds


def test_seeds_as_objects_are_seeds_of_a_file(tmp_path: Path) -> None:
    texts = ["Summarize the ticket in one sentence.", "Name the component that the trace points to."]
    file = tmp_path / "seeds.jsonl"
    file.write_text("".join(json.dumps({"instruction": text}) + "\n" for text in texts))
    of_file = si.generate(tmp_path / "a", model="scripted", tasks=5, seeds=file)
    of_texts = si.generate(tmp_path / "b", model="scripted", tasks=5, seeds=texts)
    tasks = [si.SeedTask(f"seed_task_{n}", "", text, (), False) for n, text in enumerate(texts)]
    of_tasks = si.generate(tmp_path / "c", model="scripted", tasks=5, seeds=(each for each in tasks))
    assert list(of_file.tasks) == list(of_texts.tasks) == list(of_tasks.tasks)
    with pytest.raises(si.errors.RunMismatchError, match=r"seeds\.digest"):
        si.generate(tmp_path / "b", seeds=texts[:1])
    assert len(si.generate(tmp_path / "b", tasks=6).tasks) == 6, "the run has its seeds"


def test_settings_as_a_mapping(tmp_path: Path) -> None:
    run = si.generate(
        tmp_path / "r", model="scripted", tasks=20, config={"filters": {"min_words": 12, "keywords": ["a"]}}
    )
    assert run.status().rejected["too_short"] > 0
    assert all(len(task.instruction.split()) >= 12 for task in run.tasks)


# ----------------------------------------------------------------------------------- Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> si.Run:
    return si.generate(tmp_path_factory.mktemp("api") / "run", model="scripted", tasks=30)


def test_tasks_are_a_sequence(run: si.Run) -> None:
    tasks, listed = run.tasks, list(run.tasks)
    assert len(tasks) == len(listed) == 30
    assert [tasks[place] for place in range(30)] == listed
    assert (tasks[-1], tasks[-30]) == (listed[-1], listed[0])
    for part in (slice(2, 5), slice(None, None, -3), slice(40, 50), slice(-3, None), slice(5, 2)):
        assert tasks[part] == listed[part]
    for place in (30, -31, 1000):
        with pytest.raises(IndexError, match=f"no task at {place}: the data set has 30"):
            tasks[place]
    assert listed[3] in tasks
    assert tasks.index(listed[3]) == 3
    with pytest.raises(FrozenInstanceError):
        tasks[0].id = "x"  # type: ignore[misc]
    assert [task.id for task in tasks] == [line["id"] for line in lines(run.dataset)]


def test_a_run_that_is_opened(run: si.Run) -> None:
    opened = si.Run(str(run.path))
    assert (opened.stopped, opened.advice) == (None, "")
    status = opened.status()
    assert (status.tasks, status.wanted, status.complete, status.running) == (30, 30, True, False)
    assert (status.model, status.recipe) == ("scripted/demo", "paper")
    candidates = list(opened.candidates())
    rejected = [each for each in candidates if each.verdict == "rejected"]
    assert sum(status.rejected.values()) >= len(rejected) > 0, "candidates end with the last task's request"
    first = rejected[0]
    assert opened.explain(f"{first.ticket}.{first.position}").verdict.reason == first.reason
    with pytest.raises(si.errors.UserError, match="no instruction 'task_9999'"):
        opened.explain("task_9999")


def test_no_run_there(tmp_path: Path) -> None:
    with pytest.raises(si.errors.NotARunError, match="holds no run"):
        si.Run(tmp_path / "nothing")


def test_it_becomes_a_data_frame_and_a_data_set(run: si.Run) -> None:
    rows = [(task.id, each.output) for task in run.tasks for each in task.instances]
    frame = run.to_pandas()
    assert list(frame.columns) == ["id", "instruction", "input", "output", "is_classification"]
    assert list(zip(frame["id"], frame["output"], strict=True)) == rows
    dataset = run.to_dataset()
    assert list(zip(dataset["id"], dataset["output"], strict=True)) == rows


@pytest.mark.parametrize(("package", "method"), [("pandas", "to_pandas"), ("datasets", "to_dataset")])
def test_what_is_not_installed_is_named(
    run: si.Run, monkeypatch: pytest.MonkeyPatch, package: str, method: str
) -> None:
    import builtins
    import importlib

    def refuse(name: str, *_: object) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("selfinstruct.api.run.import_module", refuse)
    assert builtins, importlib
    with pytest.raises(si.errors.MissingExtraError, match=f"Run.{method} needs the package {package}"):
        getattr(run, method)()


def test_exports_and_reports(run: si.Run, tmp_path: Path) -> None:
    (file,) = run.export(tmp_path / "chat.jsonl", format="chat")
    assert set(lines(file)[0]) >= {"messages"}
    files = run.export(f"{tmp_path}/folder/", format="alpaca", split="0.2", license="cc-by-4.0")
    assert [path.name for path in files] == ["train.jsonl", "test.jsonl"]
    assert 'license: "cc-by-4.0"' in (tmp_path / "folder/README.md").read_text()
    with pytest.raises(si.errors.ConfigError, match="`license` needs a folder"):
        run.export(tmp_path / "x.jsonl", license="cc-by-4.0")
    page = run.report(tmp_path / "page.html")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_notebook_shows_escaped_text(tmp_path: Path) -> None:
    from selfinstruct.api.notebook import run_as_html

    run = si.generate(tmp_path / "<b>", model="scripted", tasks=3)
    task = si.Task("task_0", "<script>alert(1)</script>", False, (si.Instance("$a$ & b", "<i>"),))
    shown = run_as_html(str(run.path), run.status(), [task], "<stopped>")
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "$a$ &amp; b" in shown
    assert "&lt;stopped&gt;" in shown
    assert "mathjax_ignore" in shown
    assert "#" not in shown.replace("&#", ""), "no color of its own, which one of the themes would hide"
    assert "&lt;b&gt;" in run._repr_html_()


# ------------------------------------------------------------------------------- preview


def test_a_preview_is_three_tasks_in_a_place_of_its_own() -> None:
    shown = si.preview(model="scripted", about="beekeeping")
    assert len(shown.tasks) == 3
    assert 0 < shown.status().requests < 25
    place = shown.path.parent
    assert place.exists()
    del shown
    assert not place.exists()


def test_a_preview_is_what_the_run_begins_with(tmp_path: Path) -> None:
    shown = si.preview(model="scripted", seed=7)
    run = si.generate(tmp_path / "r", model="scripted", seed=7, tasks=20)
    assert list(shown.tasks) == run.tasks[:3]


# ---------------------------------------------------------------------------- the others


def test_improve(run: si.Run) -> None:
    improved = si.improve(run, model="scripted", name="again", tasks=2)
    assert (improved.name, improved.batch.stopped) == ("again", "done")


def test_evaluate_and_compare(tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "a", "instruction": "Say hello.", "output": "hello"}\n' * 1)
    for name in ("one", "two"):
        found = si.evaluate(tmp_path / name, suite="jsonl", model="scripted", tasks=items)
        assert found.scores is not None
    compared = si.compare(tmp_path / "one", tmp_path / "two")
    assert len(compared.comparison.systems) == 2
    with pytest.raises(si.errors.ConfigError, match="nothing to compare"):
        si.compare(tmp_path / "one")
    with pytest.raises(si.errors.ConfigError, match="`model` is an object"):
        si.evaluate(tmp_path / "x", suite="jsonl", model=object(), tasks=items)  # type: ignore[arg-type]
