"""The experiment runs from end to end, as small as it can be, and goes on where it stopped."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trl")

SCRIPT = Path(__file__).parents[2] / "examples" / "paper-in-miniature" / "miniature.py"
SMALL = ["--sizes", "2", "--questions", "36", "--max-tokens", "4", "--epochs", "0.1"]


def test_every_step_once(tmp_path: Path) -> None:
    out = tmp_path / "miniature"
    done = run(out)
    assert done.returncode == 0, done.stderr
    steps = [line for line in done.stderr.splitlines() if line.startswith("$ selfinstruct ")]
    verbs = [step.split()[2] for step in steps]
    assert verbs == ["generate", *["finetune"] * 3, *["evaluate"] * 5, "compare", "status", "report"]
    kept = json.loads((out / "results.json").read_text())
    compared = kept["results"]["held-out"]
    assert compared["n"] == 36
    assert [system["name"] for system in compared["systems"]] == [
        "base", "base-one-line", "seeds", "own-2", "computed",
    ]  # fmt: skip
    assert set(kept["tuning"]) == {"seeds", "own-2", "computed"}
    assert kept["generation"]["tasks"] == 2
    assert "| tuned on 2 of its own tasks |" in done.stdout
    assert "ROUGE-L of the answers to 36 items" in (out / "run" / "report.html").read_text()

    held_out = {json.loads(line)["task"] for line in (out / "questions.jsonl").read_text().splitlines()}
    learnt = {json.loads(line)["task"] for line in (out / "computed.jsonl").read_text().splitlines()}
    assert len(held_out) == 35, "as many families as are held out"
    assert not held_out & learnt

    weights = {path: path.stat().st_mtime_ns for path in out.rglob("model.gguf")}
    again = run(out)
    assert again.returncode == 0, again.stderr
    assert again.stdout == done.stdout
    assert weights == {path: path.stat().st_mtime_ns for path in out.rglob("model.gguf")}, "nothing twice"


def run(out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(out), *SMALL], capture_output=True, text=True, check=False
    )
