"""The loss of completions alone is transformers' loss, and so are its gradients."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

from tiny_llama import write_tiny_model  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

from selfinstruct.training import head  # noqa: E402
from selfinstruct.training.head import completion_loss, has_plain_head  # noqa: E402

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
}
PLAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", {**SMALL, "tie_word_embeddings": False}),
    "gemma3": ("Gemma3TextConfig", {**SMALL, "layer_types": ["sliding_attention", "full_attention"]}),
    "qwen2": ("Qwen2Config", SMALL),
    "phi, whose head has a bias": ("PhiConfig", {"hidden_size": 32, "num_hidden_layers": 1}),
    "gpt2": ("GPT2Config", {"n_embd": 32, "n_layer": 1, "n_head": 2}),
}
OTHER: dict[str, tuple[str, dict[str, Any]]] = {
    "gemma2, soft-capped": ("Gemma2Config", SMALL),
    "granite, scaled": ("GraniteConfig", {**SMALL, "logits_scaling": 8.0}),
    "cohere, scaled": ("CohereConfig", SMALL),
}


def model(tmp_path: Path, kind: str, options: dict[str, Any]) -> Any:
    folder = write_tiny_model(tmp_path / "model", kind, **options)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def batch() -> dict[str, Any]:
    """Two examples with prompts of different lengths, the second one padded."""
    tokens = torch.randint(2, 200, (2, 24), generator=torch.Generator().manual_seed(1))
    labels = tokens.clone()
    labels[0, :15] = -100
    labels[1, :5] = -100
    labels[1, 20:] = -100
    mask = torch.ones_like(tokens)
    mask[1, 20:] = 0
    return {"input_ids": tokens, "attention_mask": mask, "labels": labels}


def outcome(model: Any, loss: Any) -> tuple[float, dict[str, Any]]:
    model.zero_grad()
    loss.backward()
    gradients = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    return loss.item(), gradients


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("piece", [head.PIECE, 1000])
def test_loss_and_gradients(name: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "PIECE", piece)
    whole = model(tmp_path, *PLAIN[name]).train()
    for layer in whole.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    assert has_plain_head(whole)
    assert whole.training
    wanted, gradients = outcome(whole, whole(**batch()).loss)
    found, ours = outcome(whole, completion_loss(whole, batch()))
    assert found == pytest.approx(wanted, rel=1e-6)
    assert ours.keys() == gradients.keys()
    for each, gradient in gradients.items():
        assert torch.allclose(ours[each], gradient, atol=1e-5), each
    with torch.no_grad():
        assert completion_loss(whole, batch(), 48).item() == pytest.approx(wanted * 24 / 48, rel=1e-6)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of transformers, for what peft calls
def test_with_an_adapter_nothing_but_the_adapter_gets_a_gradient(tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    bare = model(tmp_path, *PLAIN["gemma3"])
    wrapped = get_peft_model(bare, LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))
    assert has_plain_head(wrapped.get_base_model())
    wanted, gradients = outcome(wrapped, wrapped(**batch()).loss)
    found, ours = outcome(wrapped, completion_loss(wrapped.get_base_model(), batch()))
    assert found == pytest.approx(wanted, rel=1e-6)
    assert ours.keys() == gradients.keys()
    assert all("lora_" in each for each in ours)
    assert all(torch.allclose(ours[each], gradient, atol=1e-5) for each, gradient in gradients.items())


def test_nothing_to_learn_is_a_loss_of_zero(tmp_path: Path) -> None:
    whole = model(tmp_path, *PLAIN["llama"])
    empty = batch() | {"labels": torch.full((2, 24), -100)}
    loss, gradients = outcome(whole, completion_loss(whole, empty))
    assert loss == 0
    assert all(not gradient.any() for gradient in gradients.values())


@pytest.mark.parametrize("name", OTHER)
def test_heads_that_are_more_than_a_product_are_recognised(name: str, tmp_path: Path) -> None:
    assert not has_plain_head(model(tmp_path, *OTHER[name]))
