"""The bundled model, end to end: what a newcomer's first run does."""

import json
import time
from pathlib import Path

from command import run, start

from selfinstruct.config import Config
from selfinstruct.models.catalog import local_file, parse_spec
from selfinstruct.store.reader import RunReader

LARGEST_FILE = 24_000_000  # bytes


def test_the_file_is_small_enough_to_ship() -> None:
    assert local_file("pocket").stat().st_size <= LARGEST_FILE


def test_it_is_the_default() -> None:
    pocket = parse_spec("pocket")

    assert (pocket.provider, pocket.name, pocket.context_window) == ("pocket", "pocket", 2048)
    assert Config().model.provider == "pocket"


def test_a_first_run_is_the_same_however_it_is_made(tmp_path: Path) -> None:
    plain, alone, killed = tmp_path / "plain", tmp_path / "alone", tmp_path / "killed"
    done = run("generate", plain, "--tasks", 4, "--json")
    assert done.code == 0, done.stderr
    assert "The bundled model is small" in done.stderr
    printed = done.json()
    assert printed["tasks"] == 4
    assert printed["instances"] >= 4

    assert run("generate", alone, "--tasks", 4, "--concurrency", 1).code == 0
    first = start("generate", killed, "--tasks", 4)
    while not ((killed / "run.db").exists() and RunReader(killed).has_completions()):
        time.sleep(0.05)
    first.kill()
    assert run("generate", killed, "--tasks", 4).code == 0

    data_set = (plain / "dataset.jsonl").read_bytes()
    assert (alone / "dataset.jsonl").read_bytes() == data_set
    assert (killed / "dataset.jsonl").read_bytes() == data_set
    for line in data_set.splitlines():
        assert json.loads(line)["instances"]


def test_few_shot_prompts_are_fitted_with_its_own_tokenizer(tmp_path: Path) -> None:
    """By our estimate of four characters a token, prompts would overrun its context of 2,048."""
    assert run("generate", tmp_path / "run", "--tasks", 1, "--json").code == 0
    longest = max(row.prompt_tokens for row in RunReader(tmp_path / "run").requests())

    assert 1000 < longest < 2048
