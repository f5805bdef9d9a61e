"""The examples of a filter, a model and a recipe of one's own run, and do what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_filter.py"


def test_it_shows_what_was_rejected() -> None:
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)
    first, sentences, outputs, example = done.stdout.splitlines()
    assert first.startswith("20 tasks from ")
    assert int(sentences.removeprefix("many_sentences: ")) > 0
    assert int(outputs.removeprefix("short_output: ")) > 0
    assert ". " in example.partition(": ")[2]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("own_model", r"10 tasks by custom/sums", r"Add (\d+) and (\d+)\. -> (\d+)"),
        ("own_recipe", r"6 tasks by the recipe one_liners", r"(\w.+\.) -> (\w.+\.)"),
    ],
)
def test_models_and_recipes_do_too(name: str, first: str, second: str) -> None:
    example = EXAMPLE.with_name(f"{name}.py")
    done = subprocess.run([sys.executable, example], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert re.fullmatch(first, lines[0])
    found = re.fullmatch(second, lines[1])
    assert found
    if name == "own_model":
        assert int(found[1]) + int(found[2]) == int(found[3])
