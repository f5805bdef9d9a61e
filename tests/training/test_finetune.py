"""Tuning: resumed after SIGKILL, interrupted, with LoRA, added to; and what a user may get wrong."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import Started, run, start
from training_examples import write_run

from selfinstruct.dataset.export import export
from selfinstruct.errors import (
    ConfigError,
    MissingExtraError,
    RunInUseError,
    RunMismatchError,
    UnknownModelError,
    UserError,
)
from selfinstruct.store.lock import RunLock
from selfinstruct.store.reader import RunReader
from selfinstruct.training.finetune import finetune
from selfinstruct.training.outcome import TuningResult
from selfinstruct.training.plan import plan_finetuning

pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""Sums over threads may come out otherwise in the last bit."""


def tune(
    data: Path, out: Path, model: str | None, *, merge: bool = False, gguf: bool = False, **options: Any
) -> TuningResult:
    plan = plan_finetuning(data, out, model_spec=model, options={"epochs": 1.0} | options)
    return finetune(plan, merge=merge, gguf=gguf)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def start_tuning(data: Path, out: Path, *arguments: object) -> Started:
    return start("finetune", data, "--out", out, "--json", *arguments, **ONE_THREAD)


def losses(out: Path) -> list[dict[str, Any]]:
    """Without the times."""
    rows = [json.loads(line) for line in (out / "losses.jsonl").read_text().splitlines()]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def wait_for_checkpoint(out: Path, step: int, running: Started) -> None:
    for _ in range(6000):
        done = [int(path.parent.name.rpartition("-")[2]) for path in out.glob("checkpoints/*/complete")]
        if max(done, default=0) >= step:
            return
        assert running.process.poll() is None, running.wait()
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def test_kill_9_and_ctrl_c_change_nothing_in_the_end(tasks: Path, tiny: Path, tmp_path: Path) -> None:
    calm = tune(tasks, tmp_path / "calm", f"gguf/{tiny}", merge=True, batch_size=4, epochs=8.0, lora=True)
    asked = ("--model", f"gguf/{tiny}", "--batch-size", 4, "--epochs", 8, "--lora")
    out = tmp_path / "troubled"
    killed = start_tuning(tasks, out, *asked, "--checkpoint-minutes", 0)
    wait_for_checkpoint(out, 3, killed)
    killed.kill()
    assert (out / "losses.jsonl").exists(), "the curve so far"
    seen = max(int(path.parent.name.rpartition("-")[2]) for path in out.glob("checkpoints/*/complete"))

    interrupted = start_tuning(tasks, out, "--checkpoint-minutes", 0)
    wait_for_checkpoint(out, seen + 3, interrupted)
    interrupted.interrupt()
    done = interrupted.wait()
    assert done.code == 130, done.stderr
    assert "Finishing this step and saving; Ctrl-C again to stop at once." in done.stderr
    assert "Run the same command again to resume." in done.stderr
    assert done.json()["stopped"] == "interrupted"
    assert seen < done.json()["steps"] < 42

    quiet_lines = [line for line in done.stderr.splitlines() if line.startswith("step ")]
    assert len(quiet_lines) == len(done.stderr.splitlines()) - 3, "nothing but ours"

    finished = tune(tasks, out, None, merge=True, epochs=8.0)
    assert finished.result is not None
    assert calm.result is not None
    assert finished.result.losses == calm.result.losses
    assert finished.steps == calm.steps
    assert losses(out) == losses(tmp_path / "calm")
    for name in ("adapter/adapter_model.safetensors", "model/model.safetensors"):
        assert (out / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()
    assert not (out / "checkpoints").exists()
    assert_a_card(out, finished)


def assert_a_card(out: Path, finished: TuningResult) -> None:
    card = (out / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert head["library_name"] == "peft"
    assert head["license"] == "unknown"
    for said in (
        "LoRA, rank 16",
        "| machine-written tasks | 12 |",
        "| seed tasks, which people wrote | 1 |",
        "![losses](losses.svg)",
        "| reviewed by people | none of the machine-written instances |",
        "### How the data was made",
        "### Yield of the run",
        "`adapter`",
    ):
        assert said in card, said
    assert str(out) not in card
    alone = (out / "adapter" / "README.md").read_text(encoding="utf-8")
    assert "losses.svg" not in alone
    assert "### Yield of the run" in alone
    assert finished.result is not None
    assert f"| used for training | {finished.result.data.learnt} |" in card


def test_a_finished_tuning_gains_what_is_asked_for(tasks: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = tune(tasks, out, f"gguf/{tiny}")
    assert first.stopped == "done"
    assert first.result is not None
    assert (first.result.data.learnt, first.result.data.held_out) == (21, 4)
    weights = (out / "model" / "model.safetensors").stat().st_mtime_ns
    again = tune(tasks, out, None, gguf=True)
    assert again.result == first.result
    assert (out / "model" / "model.safetensors").stat().st_mtime_ns == weights, "nothing is learnt twice"
    assert "model.gguf" in again.files
    assert "`model.gguf`" in (out / "README.md").read_text()
    assert run("generate", tmp_path / "round", "--model", f"gguf/{out}/model.gguf", "--dry-run").code == 0

    second = tune(tasks, tmp_path / "second", f"hf/{out}/model", gguf=True)
    assert second.result is not None
    assert second.result.losses.held_out_before == pytest.approx(first.result.losses.held_out_after, abs=0.05)


def test_what_was_begun_goes_on_as_it_was_begun(tasks: Path, tiny: Path, tmp_path: Path) -> None:
    out, spec = tmp_path / "out", f"gguf/{tiny}"
    tune(tasks, out, spec, batch_size=8)
    for options, said in (
        ({"learning_rate": 0.5}, r"tuning\.learning_rate is 0\.001, not 0\.5"),
        ({"epochs": 3.0}, r"tuning\.epochs is 1\.0, not 3\.0"),
        ({"template": "chat"}, r'tuning\.template is "mixture", not "chat"'),
    ):
        with pytest.raises(RunMismatchError, match=said):
            plan_finetuning(tasks, out, model_spec=spec, options=options)
    with pytest.raises(RunMismatchError, match=r'model\.provider is "gguf", not "pocket"'):
        plan_finetuning(tasks, out, model_spec="pocket", options={})
    with pytest.raises(RunMismatchError, match=r"data\.tasks is null, not 3"):
        plan_finetuning(tasks, out, model_spec=spec, tasks=3, options={})
    with pytest.raises(RunMismatchError, match=r"data\.include_seeds is true, not false"):
        plan_finetuning(tasks, out, model_spec=spec, include_seeds=False, options={})
    file = tmp_path / "data.jsonl"
    export(RunReader.open(tasks), "jsonl", file)
    with pytest.raises(RunMismatchError, match=r'data\.kind is "run", not "jsonl"'):
        plan_finetuning(file, out, model_spec=spec, options={})
    other = write_run(tmp_path / "other", seeds=())
    with pytest.raises(RunMismatchError, match="was started with different data"):
        plan_finetuning(other, out, model_spec=spec, options={})
    assert plan_finetuning(tasks, out, model_spec=None, options={}).before is not None
    # As with a run that has grown: the same tasks, asked for by their number.
    assert plan_finetuning(tasks, out, model_spec=None, tasks=12, options={}).source.tasks is None


def test_mistakes_before_anything_is_loaded(tasks: Path, tiny: Path, tmp_path: Path) -> None:
    def plan(model: str | None, out: Path = tmp_path / "new", **options: object) -> None:
        plan_finetuning(tasks, out, model_spec=model, options=options)

    with pytest.raises(
        ConfigError, match=r"Which model should be fine-tuned\? Name it: `model=pocket, gguf/FILE"
    ):
        plan(None)
    with pytest.raises(ConfigError, match="'openai/gpt-5' cannot be fine-tuned here"):
        plan("openai/gpt-5")
    with pytest.raises(UnknownModelError, match="There is no model file"):
        plan("gguf/none.gguf")
    with pytest.raises(UnknownModelError, match=r"There is no folder \./none"):
        plan("hf/./none")
    with pytest.raises(ConfigError, match=r"holds no model: neither config\.json"):
        plan(f"hf/{tmp_path}")
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text(
        '{"peft_type": "LORA", "base_model_name_or_path": "pocket"}'
    )
    with pytest.raises(ConfigError, match="holds a LoRA adapter, not a whole model"):
        plan(f"hf/{tmp_path}/adapter")
    with pytest.raises(ConfigError, match=r"`lora_rank` applies to an adapter.* Add `lora`\."):
        plan(f"gguf/{tiny}", lora_rank=4)
    with pytest.raises(ConfigError, match="`epochs=-1`"):
        plan(f"gguf/{tiny}", epochs=-1)
    with pytest.raises(ConfigError, match="holds files, but no tuning"):
        plan(f"gguf/{tiny}", out=tasks)
    with pytest.raises(ConfigError, match="is a file, not a folder"):
        plan(f"gguf/{tiny}", out=tiny)
    assert not (tmp_path / "new").exists()


def test_mistakes_that_the_model_shows(tasks: Path, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"`max_length=2049` does not fit the model\. It was trained for 2048"
    ):
        tune(tasks, tmp_path / "out", f"gguf/{tiny}", max_length=2049)
    plan = plan_finetuning(tasks, tmp_path / "out", model_spec=f"gguf/{tiny}", options={"batch_size": 6})
    with pytest.raises(ConfigError, match="`micro_batch=4` does not divide `batch_size=6`"):
        finetune(plan, micro_batch=4)
    other = tune(tasks, tmp_path / "tuned", f"gguf/{tiny}", epochs=0.1).files["model"]
    described = (other / "config.json").read_text()
    (other / "config.json").write_text(described.replace('"mlp_bias": false', '"mlp_bias": true'))
    with pytest.raises(ConfigError, match=r"^hf/.*as GGUF here: its layers have biases\.") as caught:
        tune(tasks, tmp_path / "biased", f"hf/{other}", gguf=True)
    assert (
        f"Tune it without `gguf`. Use llama.cpp's own converter for it: python convert_hf_to_gguf.py "
        f"{tmp_path}/biased/model" in caught.value.hint
    )
    assert not (tmp_path / "biased" / "result.json").exists(), "said before anything is learnt"
    (tmp_path / "out").mkdir(exist_ok=True)
    lock = RunLock(tmp_path / "out" / ".lock")
    with pytest.raises(RunInUseError):
        finetune(plan)
    lock.release()


def test_a_loss_that_is_no_number(tasks: Path, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"became NaN after \d+ updates\. .*smaller `learning_rate"):
        tune(tasks, tmp_path / "out", f"gguf/{tiny}", learning_rate=1e30, epochs=3.0)


def test_a_last_update_that_spoils_the_model(
    tasks: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own loss is that before it; the held-out one after it tells."""
    monkeypatch.setattr("selfinstruct.training.trainer.WARM_UP", 0)
    with pytest.raises(UserError, match="became NaN after 1 updates"):
        tune(tasks, tmp_path / "out", f"gguf/{tiny}", learning_rate=1e38, epochs=0.1)
    assert not (tmp_path / "out" / "model").exists()


def test_too_little_memory(tasks: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trl import SFTTrainer

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: 9 GB")

    monkeypatch.setattr(SFTTrainer, "train", fail)
    with pytest.raises(
        UserError, match=r"Not enough memory to train with these settings\. Try `micro_batch=1`"
    ):
        tune(tasks, tmp_path / "out", f"gguf/{tiny}")


def test_without_the_extra(tasks: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r'pip install "selfinstruct\[train\]"'):
        tune(tasks, tmp_path / "out", f"gguf/{tiny}")
