"""What is exported goes into TRL's trainer as it is."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when transformers is imported

pytest.importorskip("torch")
pytest.importorskip("trl")

from dataset_examples import load, make_run, many_tasks
from tiny_gguf import CHAT_TEMPLATE
from tiny_llama import write_tiny_llama

from selfinstruct.dataset.export import export


@pytest.mark.filterwarnings("ignore")  # those of torch and transformers are theirs to mend
def test_each_training_format_trains_a_model_unchanged(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    folder = write_tiny_llama(tmp_path / "model", chat_template=CHAT_TEMPLATE)
    reader = make_run(tmp_path / "run", many_tasks(12))
    for name in ("chat", "openai", "prompt-completion"):
        (file,) = export(reader, name, tmp_path / f"{name}.jsonl")
        rows = load(tmp_path / "cache", "json", data_files=str(file.path))["train"]
        settings = SFTConfig(
            output_dir=str(tmp_path / name),
            max_steps=2,
            per_device_train_batch_size=4,
            max_length=64,
            learning_rate=0.01,
            use_cpu=True,
            bf16=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
        )
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(folder),
            args=settings,
            train_dataset=rows,
            processing_class=AutoTokenizer.from_pretrained(folder),
        )
        trained = trainer.train()
        assert trained.global_step == 2, name
        assert 0 < trained.training_loss < 20, name
        assert len(trainer.train_dataset) == len(rows) == 12, name
