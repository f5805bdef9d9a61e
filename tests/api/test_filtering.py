"""`si.filter`: the arguments, and what comes back; what it does is in tests/pipeline."""

import re
from pathlib import Path
from typing import Any

import pytest

import selfinstruct as si
from selfinstruct.errors import ConfigError
from selfinstruct.store.reader import RunReader


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> si.Run:
    return si.generate(
        tmp_path_factory.mktemp("filtering") / "run", model="scripted", tasks=20, signals="none"
    )


def test_words_anywhere(source: si.Run, tmp_path: Path) -> None:
    words = [re.findall(r"[A-Za-z]{5,}", task.instances[0].output) for task in source.tasks]
    word = next(each[0] for each in words if each)
    done = si.filter(source, drop_words=[word], out=tmp_path / "new")
    assert (done.tasks_before, done.run is not None) == (20, True)
    assert done.run is not None
    kept = done.run.tasks
    assert done.tasks_after is not None
    assert len(kept) == done.tasks_after < 20
    texts = [task.instruction + each.input + each.output for task in kept for each in task.instances]
    assert not any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for text in texts)
    assert {task.id for task in kept} < {task.id for task in source.tasks}, "ids stay"
    assert done.to_json()["data_set"] == {"before": 20, "after": len(kept)}


def test_words_of_a_file_and_nothing_written(source: si.Run, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("the\na\n")
    done = si.filter(str(source.path), drop_words=file, in_="instruction")
    assert done.run is None
    assert done.instructions["accepted"][1] < done.instructions["accepted"][0]


def test_novelty_and_signals(source: si.Run) -> None:
    done = si.filter(source, novelty=0.2, signals=["wrong_count", "length_limit"])
    assert set(done.changed) >= {"filters.max_similarity", "filters.signals"}
    assert done.changed["filters.max_similarity"][1] == 0.2
    again = si.filter(source, novelty=0.2, drop_only=False)
    assert again.tasks_after is None, "instructions that only now pass would need requests"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"in_": "title"}, "`in_` is 'title'"),
        ({"novelty": 2}, "`novelty` is 2"),
        ({"novelty": True}, "`novelty` is True"),
        ({"min_score": 0}, "`min_score` is 0"),
        ({"drop_words": []}, "`drop_words` is []"),
        ({"drop_words": 3}, "`drop_words` is 3"),
        ({"signals": 3}, "`signals` is 3"),
        ({"signals": ["loops"]}, "There is no signal 'loops'"),
        ({"drop_words": ["x"], "drop_only": False}, "`in_` is 'any' with `drop_only=False`"),
        ({"drop_words": ["x"], "drop_only": False, "in_": "output"}, "`in_` is 'output' with"),
    ],
)
def test_mistakes(source: si.Run, arguments: dict[str, Any], what: str) -> None:
    with pytest.raises(ConfigError) as raised:
        si.filter(source, **arguments)
    assert what in raised.value.message


def test_signals_of_generate(source: si.Run, tmp_path: Path) -> None:
    assert si.filter(source).changed == {}
    named = si.generate(tmp_path / "named", model="scripted", tasks=2, signals=["wrong_count", "loop"])
    assert set(RunReader.open(named.path).config().filters.signal_versions) == {"wrong_count", "loop"}
    with pytest.raises(ConfigError, match="no signal 'loops'"):
        si.generate(tmp_path / "other", model="scripted", tasks=2, signals="loops")
