"""Runs that ask for attributes: what is sent, kept, exported and shown; and that nothing else changes."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from command import start_generate
from endpoint import running_endpoint

import selfinstruct as si
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.report.attributes import describe_attributes
from selfinstruct.store.reader import RunReader

ATTRIBUTES = {
    "topic": ["tides", "bread", "chess"],
    "difficulty": {"easy": 2, "hard": 1, "": 1},
    "skill": {"pick": 2, "values": ["compare", "explain", "shorten", "order"]},
}


def made(directory: Path, **options: Any) -> si.Run:
    given: dict[str, Any] = {"tasks": 25, "attributes": ATTRIBUTES}
    return si.generate(directory, model="scripted", **(given | options))


@pytest.fixture(scope="module", params=["chat", "paper"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> si.Run:
    return made(tmp_path_factory.mktemp(request.param) / "run", recipe=request.param)


def bodies(run: si.Run) -> list[str]:
    connection = sqlite3.connect(run.path / "run.db")
    try:
        query = "SELECT body FROM requests WHERE stage = 'instructions' ORDER BY subject"
        return [body for (body,) in connection.execute(query)]
    finally:
        connection.close()


def test_prompts_say_them_and_explain_shows_them(run: si.Run) -> None:
    prompts = bodies(run)
    for task in list(run.tasks)[:5]:
        lineage = run.explain(task.id)
        assert lineage.attributes is not None
        assert lineage.ticket is not None
        assert lineage.attributes["topic"][0] in ATTRIBUTES["topic"]
        said = {name: " + ".join(values) for name, values in lineage.attributes.items()}
        if "new tasks" in prompts[0]:
            lines = prompts[lineage.ticket].split("\n\n")[-1].split("\n")
            assert json.loads(lines[lineage.position or 0]) == {
                name: said.get(name, "") for name in ATTRIBUTES
            }
        else:
            line = "; ".join(f"{name}: {value}" for name, value in said.items())
            assert f"({line}):\n9." in f"{prompts[lineage.ticket]}\n"


def test_the_same_run_gives_the_same_bytes(run: si.Run, tmp_path: Path) -> None:
    recipe = RunReader(run.path).config().recipe.name
    again = made(tmp_path / "again", recipe=recipe, concurrency=1)
    assert again.dataset.read_bytes() == run.dataset.read_bytes()
    both = min(len(bodies(again)), len(bodies(run)))  # how many are sent beyond need depends on timing
    assert bodies(again)[:both] == bodies(run)[:both]


@pytest.mark.parametrize(
    "format_name", ["jsonl", "alpaca", "chat", "sharegpt", "openai", "prompt-completion"]
)
def test_every_format_exports_them(run: si.Run, tmp_path: Path, format_name: str) -> None:
    (path,) = run.export(
        tmp_path / "data.jsonl", format=format_name, with_attributes=True, include_seeds=True
    )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    asked = RunReader(run.path).attributes()
    assert all(list(row["attributes"]) == list(ATTRIBUTES) for row in rows)
    if format_name == "jsonl":
        for row in rows:
            said = asked.get(row["id"], {})
            assert row["attributes"]["skill"] == (" + ".join(said["skill"]) if said else None)


def test_parquet_and_a_folder_have_them_as_an_object(run: si.Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (path,) = run.export(tmp_path / "data.parquet", format="parquet", with_attributes=True)
    assert set(parquet.read_table(path).to_pylist()[0]["attributes"]) == set(ATTRIBUTES)
    run.export(f"{tmp_path}/folder/", format="alpaca", with_attributes=True)
    card = (tmp_path / "folder" / "README.md").read_text(encoding="utf-8")
    assert "  - name: attributes\n    struct:\n    - name: topic\n      dtype: string" in card


def test_the_report_counts_what_was_asked_for_and_kept(run: si.Run) -> None:
    figures = {each.name: each for each in describe_attributes(RunReader(run.path).record())}
    assert list(figures) == list(ATTRIBUTES)
    topics = figures["topic"].values
    assert figures["topic"].possible == figures["topic"].asked == 3
    assert all(each.asked >= each.written >= each.admitted >= each.kept for each in topics)
    assert sum(each.kept for each in topics) <= len(run.tasks)
    assert sum(each.kept for each in topics) >= len(run.tasks) - 2  # a reply may hold more than was asked for
    page = run.report().read_text(encoding="utf-8")
    assert '<section id="attributes"' in page
    assert "3 of 3 values were asked for" in page


def test_others_may_not_come_in_and_leaving_them_out_keeps_them(run: si.Run, tmp_path: Path) -> None:
    with pytest.raises(RunMismatchError, match=r"attributes\.digest is"):
        made(run.path, attributes={"topic": ["tides"]})
    with pytest.raises(RunMismatchError, match=r"attributes\.at_most is null, not 1"):
        made(run.path, attributes=None, config={"attributes": {"at_most": 1}})
    before = run.dataset.read_bytes()
    longer = made(run.path, attributes=None, tasks=27)
    assert longer.dataset.read_bytes().startswith(before)
    assert "skill" in bodies(longer)[-1]


def test_a_run_without_attributes_takes_none_on(tmp_path: Path) -> None:
    plain = si.generate(tmp_path / "run", model="scripted", tasks=3)
    with pytest.raises(RunMismatchError, match=r"attributes\.digest"):
        made(plain.path)
    assert plain.explain("task_0").attributes is None
    with pytest.raises(ConfigError, match=r"needs attributes, and .* asked for none"):
        plain.export(tmp_path / "data.jsonl", with_attributes=True)


def test_a_config_file_names_a_source_or_holds_them(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('topic = ["tides", "bread"]\n', encoding="utf-8")
    for settings in (
        {"attributes": str(tmp_path / "own.toml")},
        {"attributes": {"source": str(tmp_path / "own.toml"), "at_most": 1}},
        {"attributes": {"names": {"topic": ["tides", "bread"]}}},
    ):
        directory = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        si.generate(directory, model="scripted", tasks=2, config=settings)
        assert RunReader(directory).config().attributes.names["topic"].values == {"tides": 1, "bread": 1}
    again = si.generate(tmp_path / "copy", model="scripted", tasks=2, config=directory / "config.toml")
    stored = RunReader(again.path).config().attributes
    assert stored.digest == RunReader(directory).config().attributes.digest


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"attributes": {"topic": ["a"]}}, r"no setting named 'topic'.*\[attributes.names\]"),
        ({"attributes": 3}, "attributes is 3, and no table"),
        ({"attributes": {"source": 3}}, "attributes.source is 3"),
        ({"attributes": {"at_most": 0, "source": "bundled"}}, "attributes.at_most = 0"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(tmp_path: Path, settings: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        si.generate(tmp_path / "run", model="scripted", tasks=2, config=settings)


def test_paper_exact_and_recipes_that_take_none_refuse_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`paper_exact` reproduces the original prompts"):
        made(tmp_path / "run", paper_exact=True)
    with pytest.raises(ConfigError, match="takes no attributes"):
        made(tmp_path / "run", recipe=Path("examples/own_recipe.py:OneLiners").as_posix())


def test_a_filtered_run_keeps_them(run: si.Run, tmp_path: Path) -> None:
    from selfinstruct.store.copying import copy_run

    reader = RunReader(run.path)
    tickets = list(reader.admissions())
    copy_run(run.path, tmp_path / "copy", reader.config(), tickets, {}, notes={}, remark="a copy")
    assert RunReader(tmp_path / "copy").attributes() == reader.attributes()


def test_a_kill_changes_nothing(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    with running_endpoint(latency=0.01) as server:
        asked = ("--tasks", 20, "--attributes", "bundled", "--concurrency", 2)
        started = start_generate(killed, server.base_url, *asked)
        while not (killed / "run.db").exists() or not RunReader(killed).has_completions():
            assert started.process.poll() is None, "the kill came while there was work"
            time.sleep(0.02)
        started.kill()
        stored = RunReader(killed).config().model
        same: dict[str, Any] = {
            "model": stored.name,
            "base_url": server.base_url,
            "recipe": "paper",
            "tasks": 20,
        }
        si.generate(killed, **same)
        si.generate(whole, attributes="bundled", **same)
    assert (killed / "dataset.jsonl").read_bytes() == (whole / "dataset.jsonl").read_bytes()
    first, second = RunReader(killed).attributes(), RunReader(whole).attributes()
    both = first.keys() & second.keys()
    assert len(both) >= 20
    assert {name: first[name] for name in both} == {name: second[name] for name in both}
