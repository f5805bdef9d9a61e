"""What a Python prompt shows of results: a line each, however long the data is."""

import json
from pathlib import Path

import selfinstruct as si


def predictions(path: Path, answers: list[str]) -> Path:
    rows = [
        {"instruction": f"Say {place}.", "response": answer, "target": str(place)}
        for place, answer in enumerate(answers)
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_evaluations_and_comparisons(tmp_path: Path) -> None:
    base = predictions(tmp_path / "base.jsonl", ["0", "x", "y", "3"])
    tuned = predictions(tmp_path / "tuned.jsonl", ["0", "1", "2", "3"])
    evaluated = si.evaluate(suite="jsonl", predictions=base)
    assert repr(evaluated).startswith("<Evaluation of jsonl: rougeL 50.0 (")
    assert repr(evaluated).endswith("), 4 answers>")
    compared = si.compare(base, tuned)
    assert repr(compared).startswith("<JudgedComparison: base rougeL 50.0 (")
    assert repr(compared).endswith("; tuned rougeL 100.0 (100.0 to 100.0)>")
    assert repr(compared.comparison) == repr(compared).replace("JudgedComparison", "Comparison")


def test_checks_and_filters(tmp_path: Path) -> None:
    run = si.generate(tmp_path / "run", model="scripted", tasks=5)
    checked = si.check(run)
    assert repr(checked) == f"<Checked {str(run.path)!r}: {checked.flagged} of 5 rows flagged>"
    assert "Rejudged" not in repr(si.filter(run, novelty=0.5))
