"""The study runs from end to end, as small as it can be, and goes on where it stopped."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = ["--model", "pocket", "--sizes", "2", "--epochs", "0.05", "--max-tokens", "4"]


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLES / "paper-on-a-real-model"))
    monkeypatch.syspath_prepend(str(EXAMPLES / "paper-in-miniature"))
    import study

    return study


@pytest.fixture
def data(tmp_path: Path) -> dict[str, Path]:
    """Two items of each suite, and an example by people."""
    rows: dict[str, list[dict[str, Any]]] = {
        "gsm8k": [{"question": f"{n} + 1?", "answer": f"{n} + 1 = {n + 1}\n#### {n + 1}"} for n in (3, 4)],
        "user": [
            {"id": f"user_oriented_task_{n}", "motivation_app": "Mail", "instruction": f"Say {n}.",
             "instances": [{"input": "", "output": str(n)}]}
            for n in (1, 2)
        ],
        "human": [{"instruction": f"Count to {n}.", "input": "", "output": str(n)} for n in range(300)],
    }  # fmt: skip
    files = {name: tmp_path / f"{name}.jsonl" for name in rows}
    for name, file in files.items():
        file.write_text("".join(json.dumps(row) + "\n" for row in rows[name]), encoding="utf-8")
    return files


def run(study: Any, monkeypatch: pytest.MonkeyPatch, *words: object) -> list[str]:
    """The verbs of the commands that it ran: in this process, where torch is loaded once."""
    from typer.testing import CliRunner

    import steps
    from selfinstruct.cli.app import app

    verbs = []

    def in_process(*arguments: object, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        verbs.append(str(arguments[0]))
        done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
        assert done.exit_code in codes, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    monkeypatch.setattr(study, "selfinstruct", in_process)
    monkeypatch.setattr(steps, "selfinstruct", in_process)
    monkeypatch.setattr(sys, "argv", ["study.py", *map(str, words)])
    study.main()
    return verbs


@pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs
def test_every_step_once(
    study: Any,
    data: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    words = [out, *SMALL, "--gsm8k", data["gsm8k"], "--user-oriented", data["user"], "--human", data["human"]]
    verbs = run(study, monkeypatch, *words)
    assert verbs[0] == "generate"
    assert verbs[-1] == "report"
    assert verbs.count("finetune") == 3
    assert verbs.count("evaluate") == 5 + 4
    kept = json.loads((out / "results.json").read_text())
    named = {suite: [each["name"] for each in found["systems"]] for suite, found in kept["results"].items()}
    tuned = ["seeds", "own-2", "human"]
    assert named == {"user-oriented": ["base", "base-one-line", *tuned], "gsm8k": ["base", *tuned]}
    learned = {name: cost["examples"] for name, cost in kept["tuning"].items()}
    assert set(learned) == set(tuned)
    assert learned["human"] == pytest.approx(learned["own-2"], abs=15), "as many, less what is held out"
    printed = capsys.readouterr().out
    assert "### gsm8k: 2 items" in printed
    assert "| system | flexible-extract | 95 % | above the base | strict-match |" in printed
    assert "| tuned on 2 of its own tasks |" in printed

    files = {path: path.stat().st_mtime_ns for path in out.rglob("model.gguf")}
    assert len(files) == 3
    run(study, monkeypatch, *words)
    assert files == {path: path.stat().st_mtime_ns for path in out.rglob("model.gguf")}, "nothing twice"
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: OUT, --model"),
        (["out", "--model", "pocket", "--gsm8k", "nowhere"], "argument --gsm8k: there is no nowhere"),
        (["out", "--model", "pocket", "--sizes", "0"], "argument --sizes: '0' is not a whole number from 1"),
        (["out", "--model", "pocket", "--sizes", "few"], "argument --sizes: 'few' is not a whole number"),
    ],
)
def test_wrong_input(
    words: list[str],
    said: str,
    study: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["study.py", *words])
    with pytest.raises(SystemExit) as caught:
        study.main()
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_nothing_to_measure_on_is_said_before_anything_is_done(
    study: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["study.py", str(tmp_path / "out"), "--model", "pocket"])
    with pytest.raises(SystemExit, match="Nothing to measure on: give --superni"):
        study.main()
    assert not (tmp_path / "out" / "run").exists()


def test_help_names_every_step(study: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = argparse.ArgumentParser(description=study.__doc__).description or ""
    for verb in ("generate", "finetune", "evaluate", "compare", "report"):
        assert verb in text
