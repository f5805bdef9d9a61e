import subprocess
import sys
from pathlib import Path

import pytest

from measure import first_verb, measure
from recital import digests


@pytest.mark.parametrize(
    ("instruction", "verb"),
    [
        ("Sort the words.", "sort"),
        ("Given a list of words, sort them.", "sort"),
        ("In one sentence, explain tides.", "explain"),
        ("What is the capital of Peru?", None),
        ("If it rains, what do you do?", None),
        ("Proof-read this letter", "proof-read"),
        ("…", None),
    ],
)
def test_the_first_verb(instruction: str, verb: str | None) -> None:
    assert first_verb(instruction) == verb


def test_a_run_is_measured(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    asked = ["generate", str(directory), "--tasks", "5", "--model", "scripted"]
    done = subprocess.run(
        [sys.executable, "-m", "selfinstruct", *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = measure(directory, digests(["Not in any run."]))
    assert figures.tasks == 5
    assert figures.candidates >= figures.admitted >= 5
    assert 0 < (figures.admitted_share or 0) <= 1
    assert 0 < (figures.valid_share or 0) <= 1
    assert figures.new_candidates == figures.new_admitted == 1.0
    assert figures.verbs > 0
    assert measure(directory, None).new_candidates is None
