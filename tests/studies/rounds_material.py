"""What rounds need, as small as it can be: a tiny model that learns to say yes, and whatever asks it to.

Templates write the tasks, whichever model the rounds are at, since one with random weights writes none. The
tiny model is tuned and measured: it knows nothing at first, and says yes to all after a dozen updates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tiny_gguf import write_tiny_gguf

__all__ = ["options", "tree", "write_material"]

WORDS = ("big", "small", "hot", "cold", "new", "old", "red", "blue", "long", "short", "wet", "dry")
STAGES = ("instructions", "classification", "instances", "answers")
CONFIG = "".join(f'[stages.{stage}]\nmodel = "scripted"\n' for stage in STAGES)


def write_material(folder: Path) -> Path:
    """Model, seeds, items and config in a folder, which is returned."""
    write_tiny_gguf(folder / "tiny.gguf", seed=1, context=2048)
    asked = [{"instruction": f"Is the thing {word}?", "input": ""} for word in WORDS]
    seeds = [{**each, "instances": [{"input": "", "output": "yes"}]} for each in asked]
    items = [{"id": f"q{number}", **each, "output": "yes"} for number, each in enumerate(asked)]
    for name, rows in (("seeds", seeds), ("items", items)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    return folder


def options(material: Path, **others: Any) -> dict[str, Any]:
    """Of `rounds`: two tasks a round, a dozen updates of each tuning."""
    return {
        "model": f"gguf/{material / 'tiny.gguf'}",
        "items": material / "items.jsonl",
        "seeds": material / "seeds.jsonl",
        "config": material / "config.toml",
        "tasks": 2,
        "max_tokens": 4,
        "epochs": 12,
        "learning_rate": 0.01,
        **others,
    }


def tree(folder: Path, *names: str) -> dict[str, bytes]:
    """The content of the files with these names, by their path."""
    found = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.name in names}
    return {path.relative_to(folder).as_posix(): content for path, content in found.items()}
