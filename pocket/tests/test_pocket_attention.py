"""The training's own attention against torch's."""

import pytest

torch = pytest.importorskip("torch", exc_type=ImportError)
pytest.importorskip("transformers", exc_type=ImportError)

pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs


def gradients(attention: str, length: int) -> tuple[float, list[torch.Tensor]]:
    from torch.nn.functional import cross_entropy

    from model import build

    model = build("tiny", vocabulary=100, end_of_text=0, seed=1, attention=attention)
    torch.manual_seed(2)
    tokens = torch.randint(0, 100, (2, length + 1))
    logits = model(input_ids=tokens[:, :-1]).logits
    loss = cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    loss.backward()
    found = [weight.grad for weight in model.parameters()]
    assert all(gradient is not None for gradient in found)
    return loss.item(), [gradient for gradient in found if gradient is not None]


@pytest.mark.parametrize("length", [128, 512])
def test_loss_and_gradients_are_those_of_torchs_attention(length: int) -> None:
    from attention import BLOCKED

    loss, own = gradients(BLOCKED, length)
    expected, reference = gradients("sdpa", length)
    assert loss == pytest.approx(expected, abs=1e-6)
    for mine, theirs in zip(own, reference, strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_a_window_that_is_no_multiple_of_the_block_is_refused() -> None:
    from attention import BLOCKED

    with pytest.raises(ValueError, match="windows of 200 tokens are no multiple of 128"):
        gradients(BLOCKED, 200)
