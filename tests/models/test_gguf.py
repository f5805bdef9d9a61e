import os
from pathlib import Path

import pytest
from tiny_gguf import write_tiny_gguf

from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.models.llamacpp.gguf import choose_context


def test_the_window_is_what_the_model_was_trained_for_within_reason(tmp_path: Path) -> None:
    short = write_tiny_gguf(tmp_path / "short.gguf", context=300)
    long = write_tiny_gguf(tmp_path / "long.gguf", context=100_000)
    assert choose_context(short, None) == 300
    assert choose_context(long, None) == 8192
    assert choose_context(long, 100_000) == 100_000


def test_a_window_is_rounded_up_but_not_beyond_the_training(tmp_path: Path) -> None:
    model = write_tiny_gguf(tmp_path / "model.gguf", context=600)
    assert [choose_context(model, wanted) for wanted in (1, 256, 257, 513, 600)] == [256, 256, 512, 600, 600]


@pytest.mark.parametrize("wanted", [-1, 0, 601])
def test_a_window_that_does_not_fit_names_what_would(tmp_path: Path, wanted: int) -> None:
    model = write_tiny_gguf(tmp_path / "model.gguf", context=600)
    with pytest.raises(ConfigError, match=f"{wanted} tokens does not fit") as caught:
        choose_context(model, wanted)
    assert "trained for 600: choose 1 to 600" in caught.value.hint


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match=r"no model file .*missing\.gguf"):
        choose_context(tmp_path / "missing.gguf", None)
    with pytest.raises(ConfigError, match="is a folder"):
        choose_context(tmp_path, None)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"", "not a GGUF"),
        (b"PK\3\4 and so on", "not a GGUF"),
        (b"GGUF", "cut off"),
        (b"GGUF" + bytes(20), "damaged"),  # a header without fields
        (b"GGUF" + b"\xff" * 100, "damaged"),
    ],
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes, body: str) -> None:
    other = tmp_path / "model.gguf"
    other.write_bytes(content)
    with pytest.raises(ConfigError, match=body):
        choose_context(other, None)


def test_a_model_larger_than_memory_is_refused(tmp_path: Path) -> None:
    huge = write_tiny_gguf(tmp_path / "huge.gguf")
    os.truncate(huge, 8 * 10**12)  # sparse: takes no room
    with pytest.raises(ConfigError, match=r"is 8000\.0 GB; .* GB of memory are available"):
        choose_context(huge, None)
