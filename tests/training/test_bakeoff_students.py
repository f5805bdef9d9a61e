"""A bake-off with a student: tuned on equally many tasks of each entry, measured, compared item by item."""

import json
from pathlib import Path
from typing import Any

import selfinstruct as si


def test_students(tmp_path: Path, tiny: Path) -> None:
    items = tmp_path / "items.jsonl"
    rows = [{"instruction": f"Say {word}.", "output": word} for word in ("one", "two", "three")]
    items.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    study: dict[str, Any] = {
        "tasks": 6,
        "seeds": ["Write a haiku.", "Name three birds.", "Sort these words.", "What is the capital of Peru?"],
        "rank_by": "student",
        "entries": {"a": {"model": "scripted"}, "b": {"model": "scripted", "seed": 2}},
        "student": {
            "model": f"gguf/{tiny}",
            "suite": "jsonl",
            "items": str(items),
            "limit": 2,
            "max_tokens": 8,
            "epochs": 1,
            "held_out": 0.0,
        },
    }
    found = si.bakeoff(study, tmp_path / "s")
    assert [each.problems for each in found.entries] == [(), ()]
    assert found.counting == ("student",)
    (compared,) = [each for each in found.compared if each.measure == "student"]
    one, other = (found.estimates[name]["student"].value for name in (compared.one, compared.other))
    assert abs(compared.difference.value - (one - other)) < 1e-9
    folder = tmp_path / "s" / "students" / "a" / "6-tasks"
    assert (folder / "tuning" / "model").is_dir()
    losses = (folder / "tuning" / "losses.jsonl").stat().st_mtime_ns
    assert si.bakeoff(study, tmp_path / "s").estimates == found.estimates
    assert (folder / "tuning" / "losses.jsonl").stat().st_mtime_ns == losses
