"""A GGUF file with an adapter in it: llama.cpp says what transformers says of the two."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

import gguf  # noqa: E402
from tiny_gguf import write_tiny_gguf  # noqa: E402
from tiny_llama import write_tiny_adapter, write_tiny_llama  # noqa: E402

from selfinstruct.errors import ConfigError  # noqa: E402
from selfinstruct.models.llamacpp.model import LlamaCppModel  # noqa: E402
from selfinstruct.records import Prompt, Request, Sampling, Stage  # noqa: E402
from selfinstruct.training.adapted_gguf import ADAPTABLE, write_adapted  # noqa: E402
from selfinstruct.training.finetune import finetune  # noqa: E402
from selfinstruct.training.loading import load, quiet, tunable  # noqa: E402
from selfinstruct.training.plan import plan_finetuning  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs

PROMPTS = ("The bus was late", "Name three kinds of weather.\nOutput:")


def said_by_transformers(file: Path, adapter: Path | None) -> list[str]:
    from peft import PeftModel

    with quiet():
        loaded = load(tunable(f"gguf/{file}"), dtype=torch.float32)
        model = loaded.model if adapter is None else PeftModel.from_pretrained(loaded.model, str(adapter))
        texts = []
        for prompt in PROMPTS:
            given = loaded.tokenizer(prompt, return_tensors="pt")["input_ids"]
            written = model.eval().generate(
                input_ids=given,
                max_new_tokens=24,
                do_sample=False,
                pad_token_id=0,
                eos_token_id=[*loaded.ends],
            )
            texts.append(loaded.tokenizer.decode(written[0, given.shape[1] :], skip_special_tokens=True))
    return texts


def said_by_llama_cpp(file: Path) -> list[str]:
    async def ask() -> list[str]:
        model = LlamaCppModel(file)
        sampling = Sampling(0.0, 1.0, 0.0, 0.0, 24)
        try:
            return [
                (
                    await model.complete(Request(Stage.INSTRUCTIONS, 0, Prompt("", prompt, sampling, 0), 0))
                ).text
                for prompt in PROMPTS
            ]
        finally:
            await model.aclose()

    return asyncio.run(ask())


@pytest.mark.parametrize("architecture", ADAPTABLE)
def test_llama_cpp_says_the_same(architecture: str, tmp_path: Path) -> None:
    base = write_tiny_gguf(tmp_path / "base.gguf", seed=1, endless=True, architecture=architecture)
    adapter = write_tiny_adapter(tmp_path / "adapter", base)
    out = write_adapted(base, adapter, tmp_path / "out.gguf", kind="f16", name="tuned")
    expected = said_by_transformers(base, adapter)
    assert said_by_llama_cpp(out) == expected
    assert said_by_llama_cpp(base) != expected, "the adapter changes what it says"


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    base = write_tiny_gguf(tmp_path / "base.gguf")
    other = write_tiny_llama(tmp_path / "other")
    adapter = write_tiny_adapter(tmp_path / "adapter", other)
    with pytest.raises(ConfigError, match=r"The adapter in .*adapter does not fit .*base\.gguf\. Name the"):
        write_adapted(base, adapter, tmp_path / "out.gguf", name="tuned")
    assert not (tmp_path / "out.gguf").exists()


def tune(data: Path, out: Path, spec: str, *, gguf: bool = True, **options: Any) -> Any:
    return finetune(plan_finetuning(data, out, model_spec=spec, options=options), gguf=gguf)


def test_finetune_puts_its_adapter_into_the_file(tasks: Path, tmp_path: Path) -> None:
    base = write_tiny_gguf(tmp_path / "base.gguf", endless=True, architecture="gemma3")
    settings: dict[str, Any] = {"lora": True, "epochs": 0.2, "learning_rate": 0.05}
    made = tune(tasks, tmp_path / "out", f"gguf/{base}", gguf=False, **settings)
    assert "model.gguf" not in made.files
    made = tune(tasks, tmp_path / "out", f"gguf/{base}", **settings)
    assert "model" not in made.files, "the whole model is not needed for it"
    written = gguf.GGUFReader(made.files["model.gguf"])
    assert written.fields["general.name"].contents() == "out"
    before, after = (
        {tensor.name: tensor.tensor_type for tensor in gguf.GGUFReader(file).tensors}
        for file in (base, made.files["model.gguf"])
    )
    changed = {name.split(".", 2)[2] for name in before if before[name] != after[name]}
    parts = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    assert changed == {f"{part}.weight" for part in parts}
    assert said_by_llama_cpp(made.files["model.gguf"]) != said_by_llama_cpp(base)


@pytest.mark.parametrize("kind", ["gguf", "hf"])
def test_what_cannot_be_written_is_said_before_anything_is_loaded(
    kind: str, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("the model is loaded")

    monkeypatch.setattr("selfinstruct.training.finetune.tune", fail)
    if kind == "gguf":
        spec, name = f"gguf/{write_tiny_gguf(tmp_path / 'base.gguf', architecture='qwen2')}", "qwen2"
        settings: dict[str, Any] = {}
    else:
        folder = write_tiny_llama(tmp_path / "base")
        described = (folder / "config.json").read_text()
        (folder / "config.json").write_text(described.replace('"llama"', '"gemma3_text"'))
        spec, name, settings = f"hf/{folder}", "gemma3_text", {"lora": True}
    with pytest.raises(ConfigError, match=f"its architecture is '{name}', not 'llama'") as caught:
        tune(tasks, tmp_path / "out", spec, **settings)
    assert ("Add `lora`" in caught.value.hint) == (kind == "gguf")
    assert f"convert_hf_to_gguf.py {tmp_path}/out/model" in caught.value.hint
    assert not (tmp_path / "out").exists()
