"""Checkpoints that count only when they are whole, the curve, the settings."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from selfinstruct.errors import ConfigError, RunMismatchError, StorageError
from selfinstruct.training.checkpoints import latest_checkpoint, remove_torn_checkpoints, seal_checkpoint
from selfinstruct.training.curve import curve_of, smoothed, write_curve
from selfinstruct.training.outcome import read_result, result_losses
from selfinstruct.training.settings import (
    DataSettings,
    ModelSettings,
    Settings,
    TuningSettings,
    check_same,
    read_settings,
    suiting_learning_rate,
    suiting_max_length,
    suiting_micro_batch,
    validated,
    write_settings,
)

SETTINGS = Settings(
    data=DataSettings(kind="run", path="/data/run", digest="abc"),
    model=ModelSettings(provider="gguf", name="/models/m.gguf", digest="def"),
    tuning=TuningSettings(learning_rate=1e-3, max_length=512, bf16=False),
)
HISTORY = [
    {"step": 0, "eval_loss": 4.0, "seconds": 0.1, "tokens": 0},
    {"step": 1, "loss": 5.0, "learning_rate": 1e-3, "grad_norm": 1.0, "seconds": 1.0, "tokens": 100},
    {"step": 2, "loss": 3.0, "learning_rate": 5e-4, "seconds": 2.0, "tokens": 190},
    {"step": 2, "eval_loss": 2.0, "seconds": 2.1, "tokens": 190},
    {"step": 2, "train_runtime": 2.2},
]


def write_checkpoint(folder: Path, step: int) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_text("weights")
    return path


def test_a_torn_checkpoint_is_thrown_away(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path / "none") is None
    whole = write_checkpoint(tmp_path, 9)
    seal_checkpoint(tmp_path, 9)
    torn = write_checkpoint(tmp_path, 10)
    (tmp_path / "checkpoint-best").mkdir()
    assert latest_checkpoint(tmp_path) == whole
    remove_torn_checkpoints(tmp_path)
    assert latest_checkpoint(tmp_path) == whole
    assert not torn.exists()
    later = write_checkpoint(tmp_path, 11)
    seal_checkpoint(tmp_path, 11)
    assert latest_checkpoint(tmp_path) == later
    assert not whole.exists(), "one is enough"


def test_the_curve_as_rows_and_as_a_drawing(tmp_path: Path) -> None:
    curve = curve_of(HISTORY)
    assert curve.losses("loss") == [(1, 5.0), (2, 3.0)]
    assert curve.losses("held_out_loss") == [(0, 4.0), (2, 2.0)]
    write_curve(curve, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "losses.jsonl").read_text().splitlines()]
    assert rows[1] == {"step": 1, "tokens": 100, "seconds": 1.0, "loss": 5.0, "learning_rate": 1e-3}
    assert [set(row) & {"loss", "held_out_loss"} for row in rows] == [
        {"held_out_loss"}, {"loss"}, {"loss"}, {"held_out_loss"}
    ]  # fmt: skip
    drawing = ET.fromstring((tmp_path / "losses.svg").read_text())
    names = [element.tag.rpartition("}")[2] for element in drawing.iter()]
    assert names.count("polyline") == 3
    assert names.count("circle") == 2
    losses = result_losses(curve)
    assert (losses.first, losses.last, losses.held_out_before, losses.held_out_after) == (5.0, 3.0, 4.0, 2.0)
    write_curve(curve_of([]), tmp_path)
    ET.fromstring((tmp_path / "losses.svg").read_text())
    assert smoothed([(step, float(step % 2)) for step in range(100)])[50][1] == pytest.approx(0.5, abs=0.06)


def test_settings_are_kept_and_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    write_settings(file, SETTINGS)
    assert read_settings(file) == SETTINGS
    moved = SETTINGS.model_copy(update={"data": SETTINGS.data.model_copy(update={"path": "/elsewhere"})})
    check_same(SETTINGS.identity(), moved.identity(), tmp_path)
    with pytest.raises(RunMismatchError, match=r"was started with different data\. Start"):
        check_same(SETTINGS.identity(), {"data.digest": "xyz"}, tmp_path)
    with pytest.raises(RunMismatchError, match=r"tuning\.learning_rate is 0\.001, not 0\.01"):
        check_same(SETTINGS.identity(), {"tuning.learning_rate": 0.01}, tmp_path)
    file.write_text("[data]\nkind = 3\n")
    with pytest.raises(StorageError, match="is damaged"):
        read_settings(file)
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(StorageError, match="not the result of a tuning"):
        read_result(tmp_path / "result.json")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("epochs", 0, "`epochs=0`: input should be greater than 0"),
        ("learning_rate", -1, "`learning_rate=-1`: "),
        ("held_out", 0.9, "`held_out=0.9`: input should be less than or equal to 0.5"),
        ("max_length", 1, "`max_length=1`: "),
        ("epochs", float("inf"), "`epochs=inf`: input should be a finite number"),
        ("learning_rate", float("inf"), "`learning_rate=inf`: input should be a finite number"),
    ],
)
def test_values_that_cannot_be(name: str, value: float, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        validated({"learning_rate": 1e-3, "max_length": 512, "bf16": False, name: value})


def test_what_suits_a_model_of_this_size() -> None:
    rates = [suiting_learning_rate(size, lora=False) for size in (10_409_280, 124_000_000, 10**9, 7 * 10**9)]
    assert rates == [5.2e-4, 1.5e-4, 5.3e-5, 2e-5]
    assert suiting_learning_rate(7 * 10**9, lora=True) == 2e-4
    assert suiting_learning_rate(10_409_280, lora=True) == 2e-3
    assert [suiting_max_length(size, 2048) for size in (10**7, 10**9)] == [512, 1024]
    assert suiting_max_length(10**7, 256) == 256
    assert [suiting_micro_batch(10**7, batch, "cpu") for batch in (1, 6, 7, 16)] == [1, 3, 1, 4]
    assert suiting_micro_batch(10**7, 16, "cuda") == 16
