"""The bundled model, tuned: the loss falls, the end is learnt, llama.cpp says what transformers says."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from command import run

from selfinstruct.errors import ConfigError
from selfinstruct.models.llamacpp.model import LlamaCppModel
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage
from selfinstruct.training.data import read_data
from selfinstruct.training.finetune import finetune
from selfinstruct.training.gguf import check_convertible, write_gguf
from selfinstruct.training.loading import load, quiet, tunable
from selfinstruct.training.outcome import TuningResult
from selfinstruct.training.plan import plan_finetuning
from selfinstruct.training.preparing import prepare

pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs

PROMPTS = (
    "Summarize the text in one sentence.\nInput: The bus was late.\nOutput:",
    "Task: Name three kinds of weather.\nOutput:",
    "Write a short note about bicycles, in 1999.\n\n",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("written") / "run"
    done = run("generate", directory, "--tasks", 60, "--model", "scripted")
    assert done.code == 0, done.stderr
    return directory


@pytest.fixture(scope="module")
def tuned(written: Path, tmp_path_factory: pytest.TempPathFactory) -> TuningResult:
    plan = plan_finetuning(
        written, tmp_path_factory.mktemp("tuned") / "out", model_spec="pocket", include_seeds=False,
        options={"batch_size": 8, "learning_rate": 1e-3},
    )  # fmt: skip
    return finetune(plan, gguf=True)


def transformers_model(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


def chance_of_ending(model: Any, tokenizer: Any, data: Path) -> float:
    """Mean log-probability of the end token where an output ends."""
    import torch

    examples = prepare(
        read_data(data, include_seeds=False), tokenizer, template="mixture", max_length=512, held_out=0.0,
        seed=42, ends={tokenizer.eos_token_id},
    ).train[:20]  # fmt: skip
    found = 0.0
    with torch.no_grad():
        for example in examples:
            logits = model(torch.tensor([example.tokens[:-1]])).logits[0, -1]
            found += logits.log_softmax(-1)[example.tokens[-1]].item() / len(examples)
    return found


def test_the_loss_falls_and_the_end_is_learnt(written: Path, tuned: TuningResult) -> None:
    assert tuned.result is not None
    losses = tuned.result.losses
    assert losses.last < losses.first - 1
    assert losses.held_out_after is not None
    assert losses.held_out_before is not None
    assert losses.held_out_after < losses.held_out_before - 1
    with quiet():
        import torch

        base = load(tunable("pocket"), dtype=torch.float32)
        before = chance_of_ending(base.model.eval(), base.tokenizer, written)
        after = chance_of_ending(*transformers_model(tuned.files["model"]), written)
    assert after > before + 1
    assert after > -1, "it ends an output where it should, more often than not"


def test_llama_cpp_and_transformers_say_the_same(tuned: TuningResult, tmp_path: Path) -> None:
    folder = tuned.files["model"]
    exact = write_gguf(folder, tmp_path / "exact.gguf", kind="f16", name="exact")
    with quiet():
        model, tokenizer = transformers_model(folder)
        expected = []
        for prompt in PROMPTS:
            given = tokenizer(prompt, return_tensors="pt")["input_ids"]
            written = model.generate(given, max_new_tokens=40, do_sample=False)[0, given.shape[1] :]
            expected.append(tokenizer.decode(written, skip_special_tokens=True))
    assert [reply.text for reply in replies(exact)] == expected
    assert {reply.finish_reason for reply in replies(tuned.files["model.gguf"])} <= {"stop", "length"}


def replies(file: Path) -> list[Completion]:
    async def ask() -> list[Completion]:
        model = LlamaCppModel(file)
        sampling = Sampling(0.0, 1.0, 0.0, 0.0, 40)
        try:
            return [
                await model.complete(Request(Stage.INSTRUCTIONS, 0, Prompt("", prompt, sampling, 0), 0))
                for prompt in PROMPTS
            ]
        finally:
            await model.aclose()

    return asyncio.run(ask())


def test_the_tuned_model_writes_the_next_round(tuned: TuningResult, tmp_path: Path) -> None:
    spec = f"gguf/{tuned.files['model.gguf']}"
    done = run("generate", tmp_path / "round", "--model", spec, "--tasks", 1, "--max-requests", 4, "--json")
    assert done.code in (0, 3), done.stderr
    assert done.json()["requests"] >= 1


def test_models_that_llama_cpp_must_convert_itself(tuned: TuningResult, tmp_path: Path) -> None:
    source = tuned.files["model"]
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text((source / name).read_text())
    check_convertible(tmp_path)
    for name, old, new, said in (
        (
            "tokenizer.json",
            '"use_regex": true',
            '"use_regex": false',
            "its tokenizer splits text differently",
        ),
        ("tokenizer.json", '"type": "BPE"', '"type": "Unigram"', "its tokenizer is not BPE"),
        ("config.json", '"attention_bias": false', '"attention_bias": true', "its layers have biases"),
        ("config.json", '"rope_type": "default"', '"rope_type": "yarn"', "its positions are scaled"),
        ("config.json", '"model_type": "llama"', '"model_type": "qwen3"', "its architecture is 'qwen3'"),
    ):
        text = (source / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new))
        with pytest.raises(ConfigError, match=said) as raised:
            check_convertible(tmp_path)
        assert "convert_hf_to_gguf.py" in raised.value.hint
        (tmp_path / name).write_text(text)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"has no tokenizer\.json"):
        check_convertible(tmp_path)
