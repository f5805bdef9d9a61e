import json
from pathlib import Path

import pytest

from overlap import evaluation_texts


def test_evaluation_texts_are_definitions_and_instructions(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="SuperNI"):
        evaluation_texts(tmp_path)
    (tmp_path / "superni" / "tasks").mkdir(parents=True)
    (tmp_path / "superni" / "tasks" / "task1.json").write_text(json.dumps({"Definition": ["Do this."]}))
    (tmp_path / "user_oriented_instructions.jsonl").write_text('{"instruction": "Do that."}\n')
    assert evaluation_texts(tmp_path) == ["Do this.", "Do that."]
