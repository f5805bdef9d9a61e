import asyncio
import json
import threading
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_examples import CHAT, opened, replies, reply
from hypothesis import given, settings
from hypothesis import strategies as st
from llamacpp_examples import ask, run_python
from safetensors.torch import load_file, save_file
from tiny_gguf import CHAT_TEMPLATE, CHAT_TEMPLATE_WITHOUT_SYSTEM
from tiny_llama import write_tiny_adapter, write_tiny_llama, write_tiny_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from selfinstruct.errors import ConfigError, ContextLengthError, ParameterRejectedError
from selfinstruct.models.base import Capabilities, NegotiableModel
from selfinstruct.models.catalog import local_file
from selfinstruct.models.choices import told_choices
from selfinstruct.models.huggingface import loading as huggingface_loading
from selfinstruct.models.huggingface.batch import BatchRow
from selfinstruct.models.huggingface.checkpoint import find_checkpoint
from selfinstruct.models.huggingface.loading import Tokenizer
from selfinstruct.models.huggingface.network import Network
from selfinstruct.models.huggingface.sampling import TokenSource
from selfinstruct.records import Completion, Request, Stage


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("models") / "tiny", context=2048)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Writes until max_tokens."""
    return write_tiny_llama(tmp_path_factory.mktemp("models") / "endless", ends=False, context=8192)


def generated(folder: Path, prompt: str, tokens: int, model: Any = None) -> str:
    """What transformers' own `generate` makes of it, greedily and in float64."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = model or AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64)
    read = tokenizer(prompt, return_tensors="pt")
    out = model.generate(**read, do_sample=False, max_new_tokens=tokens)
    return str(tokenizer.decode(out[0, read["input_ids"].shape[1] :], skip_special_tokens=True))


def test_how_likely_answers_of_one_token_are(tiny: Path) -> None:
    request = ask("Answer:", max_tokens=4, temperature=0.0)
    sampling = replace(request.prompt.sampling, choices=("A", "B"))
    asked = replace(request, prompt=replace(request.prompt, sampling=sampling))
    first, other, second = replies(opened(tiny, batch=3), [asked, request, asked])
    assert (first.text, first.finish_reason, first.completion_tokens) == (second.text, "stop", 1)
    assert other == replace(reply(tiny, request), seconds=other.seconds), "others write on beside it"
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    model = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float64)
    text = request.prompt.preamble + request.prompt.body
    with torch.inference_mode():
        scores = model(**tokenizer(text, return_tensors="pt")).logits[0, -1].log_softmax(-1)
    told = told_choices(first.text)
    assert told == pytest.approx(
        {letter: float(scores[tokenizer(f"{text} {letter}")["input_ids"][-1]]) for letter in "AB"}, abs=1e-4
    )


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> Tokenizer:
    return Tokenizer(find_checkpoint(str(tiny)))


# What a reply depends on


def test_greedy_decoding_is_that_of_transformers(tiny: Path) -> None:
    prompts = ["one", "Come up with a series of tasks:\n1.", "日本語 🙂", "the " * 40]
    expected = [generated(tiny, prompt, 60) for prompt in prompts]
    asked = [ask(prompt, temperature=0, max_tokens=60) for prompt in prompts]
    assert [each.text for each in replies(opened(tiny, batch=1), asked)] == expected
    assert [each.text for each in replies(opened(tiny, batch=4), asked)] == expected
    assert len(set(expected)) == 4


def test_a_reply_depends_on_its_request_alone(tiny: Path) -> None:
    requests = [
        ask(
            "of the " * number + "bottles",
            seed=number,
            presence_penalty=number % 3,
            temperature=(0, 0.7, 1.5)[number % 3],
            stop=("%", "le")[: number % 3],
            max_tokens=20 + 7 * (number % 5),
        )
        for number in range(20)
    ]
    alone = replies(opened(tiny, batch=1), requests)
    together = replies(opened(tiny, batch=7), requests[::-1])[::-1]
    assert [(each.text, each.finish_reason) for each in alone] == [
        (each.text, each.finish_reason) for each in together
    ]
    assert len({each.text for each in alone}) > 10


WIDTHS = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 4}),  # learnt positions
        ("Gemma3TextConfig", {**WIDTHS, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
                              "sliding_window": 16, "pad_token_id": None}),
        ("BloomConfig", {"hidden_size": 32, "n_layer": 2, "n_head": 4}),  # positions out of the mask
        ("MambaConfig", {**WIDTHS, "state_size": 8, "pad_token_id": None}),  # no keys, no values
    ],
)  # fmt: skip
def test_other_architectures(
    kind: str, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_loading, "_dtype", lambda *_: torch.float64)
    folder = write_tiny_model(tmp_path / "model", kind, **options)
    sheet = "A sheet of many tokens, which are read once. " * 2
    requests = [
        ask("of the " * n + "bottles", preamble=sheet * (n % 2), seed=n, temperature=n % 3, max_tokens=25 + n)
        for n in range(6)
    ]
    alone = [each.text for each in replies(opened(folder, batch=1), requests)]
    together = [each.text for each in replies(opened(folder, batch=4), requests[::-1])][::-1]
    assert alone == together
    assert alone[0] == generated(folder, "bottles", 25)


def test_the_seed_decides_a_sampled_reply(tiny: Path) -> None:
    texts = [each.text for each in replies(opened(tiny), [ask(seed=seed) for seed in (1, 1, 2, -1)])]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3


def test_a_preamble_is_read_once_and_changes_nothing(tiny: Path) -> None:
    sheet = "Decide which of these tasks are about the weather.\n" * 5
    whole = replies(opened(tiny), [ask(sheet + body, seed=4) for body in ("one", "two", "")])
    split = replies(opened(tiny), [ask(body, preamble=sheet, seed=4) for body in ("one", "two", "")])
    assert [(each.text, each.prompt_tokens) for each in whole] == [
        (each.text, each.prompt_tokens) for each in split
    ]


# The reply's fields


def test_a_reply_ends_by_itself_at_a_stop_or_at_its_length(tiny: Path, endless: Path) -> None:
    itself = replies(opened(tiny, batch=5), [ask(seed=seed, max_tokens=400) for seed in range(5)])
    assert any(each.finish_reason == "stop" and 0 < each.completion_tokens < 400 for each in itself)
    assert not any("</s>" in each.text for each in itself)

    cut = reply(endless, ask(max_tokens=33))
    assert (cut.finish_reason, cut.completion_tokens, cut.estimated) == ("length", 33, False)
    assert cut.seconds > 0

    middle = cut.text[len(cut.text) // 2 :][:5]
    stopped = reply(endless, ask(max_tokens=33, stop=("never ever", middle)))
    assert stopped.finish_reason == "stop"
    assert stopped.text == cut.text[: cut.text.index(middle)]
    assert stopped.completion_tokens < 33


def test_the_beginning_of_a_stop_is_kept_when_the_length_cuts_it(endless: Path) -> None:
    whole = reply(endless, ask(max_tokens=33)).text
    assert reply(endless, ask(max_tokens=33, stop=(whole[-2:] + " and more",))).text == whole


@settings(deadline=None)
@given(st.text(max_size=8), st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=2))
def test_a_reply_is_the_text_of_its_tokens_up_to_a_stop(
    tokenizer: Tokenizer, prompt: str, said: str, stop: str
) -> None:
    """Characters of several tokens are not torn apart, wherever the prompt ended."""
    tokens = tokenizer.of_text(said)[1:]
    network = Network(
        forward=print, device=None, new_cache=dict, cache_name="", joinable=True, last_only={},
        ends=frozenset({1}), decode=tokenizer.decode,
    )  # fmt: skip
    sampling = ask(stop=(stop,)).prompt.sampling
    row = BatchRow(tokenizer.of_text(prompt), 0, len(tokens), TokenSource.of(sampling, 0), lambda: False)
    for token in tokens:
        if not row.finish_reason:
            row.take(token, network)
    assert row.finish_reason == ("stop" if stop in said else "length")
    assert row.completion().text == said.partition(stop)[0]


def test_prompts_are_counted_in_tokens(tiny: Path) -> None:
    model = opened(tiny)
    assert model.count_tokens("put the task") == 6  # <s>, put, the, t, as, k
    assert replies(model, [ask("put the task")])[0].prompt_tokens == 6


def test_any_text_can_be_a_prompt(tiny: Path) -> None:
    odd = replies(opened(tiny, batch=4), [ask(body) for body in ("", "\ud800", "a\0b", "日本語 🙂")])
    assert [each.finish_reason in {"stop", "length"} for each in odd] == [True] * 4


# Context


def test_a_prompt_that_leaves_no_room_names_both_numbers(tmp_path: Path) -> None:
    small = write_tiny_llama(tmp_path / "small", context=128, ends=False)
    with pytest.raises(ContextLengthError, match=r"has 201 tokens.* window of 128"):
        reply(small, ask("~" * 200))
    with pytest.raises(ContextLengthError, match=r"has 101 tokens.* window of 64"):
        replies(opened(small, context_window=64), [ask("~" * 100)])
    cut = reply(small, ask("~" * 100, max_tokens=400))
    assert (cut.finish_reason, cut.prompt_tokens + cut.completion_tokens) == ("length", 128)


# Chat


def adopt_everywhere(model: NegotiableModel, capabilities: Capabilities) -> None:
    for stage in Stage:
        model.adopt(stage, capabilities)


def test_a_chat_request_is_a_completion_of_what_the_template_makes_of_it(tmp_path: Path) -> None:
    folder = write_tiny_llama(tmp_path / "chat", chat_template="<s>" + CHAT_TEMPLATE)
    model = opened(folder)
    assert isinstance(model, NegotiableModel)
    adopt_everywhere(model, CHAT)
    said, brief = replies(model, [ask("Name it.", preamble="Be brief.", seed=3), ask("Name it.", seed=3)])
    rendered = "<|system|>\nBe brief.\n<|user|>\nName it.\n<|assistant|>\n"
    continued, also = replies(opened(folder), [ask(rendered, seed=3), ask(rendered[21:], seed=3)])
    assert (said.text, said.prompt_tokens) == (continued.text, continued.prompt_tokens)
    assert (brief.text, brief.prompt_tokens) == (also.text, also.prompt_tokens)


def test_a_template_without_a_system_role_says_so_and_loses_nothing(tmp_path: Path) -> None:
    model = opened(write_tiny_llama(tmp_path / "chat", chat_template=CHAT_TEMPLATE_WITHOUT_SYSTEM))
    adopt_everywhere(model, CHAT)
    asked = ask("Name it.", preamble="Be brief.")
    with pytest.raises(ParameterRejectedError, match="System role not supported") as raised:
        replies(model, [asked])
    without = CHAT.after(raised.value, asked.prompt.sampling)
    assert without is not None
    adopt_everywhere(model, without)
    assert replies(model, [asked])[0].prompt_tokens > replies(model, [ask("Name it.")])[0].prompt_tokens


def test_a_template_that_always_fails_is_a_mistake(tmp_path: Path) -> None:
    model = opened(write_tiny_llama(tmp_path / "chat", chat_template="{{ raise_exception('no') }}"))
    adopt_everywhere(model, CHAT)
    with pytest.raises(ConfigError, match=r"The chat template of .* fails: no"):
        replies(model, [ask("Name it.")])


# Adapters


def test_an_adapter_speaks_as_peft_has_it(tiny: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    adapter = write_tiny_adapter(tmp_path / "adapter", tiny)
    model = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float64)
    with warnings.catch_warnings(action="ignore"):
        expected = generated(tiny, "one", 40, PeftModel.from_pretrained(model, adapter))
    said = reply(adapter, ask("one", temperature=0, max_tokens=40)).text
    assert said == expected
    assert said != reply(tiny, ask("one", temperature=0, max_tokens=40)).text


def test_an_adapter_of_a_model_in_a_gguf_file(tmp_path: Path) -> None:
    """As `finetune --lora --model pocket` writes it."""
    file = local_file("pocket")
    adapter = write_tiny_adapter(tmp_path / "adapter", file)
    config = json.loads((adapter / "adapter_config.json").read_text())
    replied = []
    for base in (str(file), "pocket"):
        (adapter / "adapter_config.json").write_text(json.dumps(config | {"base_model_name_or_path": base}))
        found = find_checkpoint(str(adapter))
        assert (found.context_window(None), found.is_small, found.has_chat_template) == (2048, True, False)
        said = reply(adapter, ask("1. Write", temperature=0, max_tokens=8)).text
        replied.append((said, found.digest.partition("+")[2]))
    assert replied[0] == replied[1]


# Checkpoints that cannot be run


def test_weights_that_are_no_numbers(tiny: Path, tmp_path: Path) -> None:
    broken = write_tiny_llama(tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"].fill_(float("nan"))
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match="not numbers"):
        replies(opened(broken, batch=2), [ask()])


def test_a_damaged_file_is_reported_in_the_words_of_the_library(tmp_path: Path) -> None:
    cut = write_tiny_llama(tmp_path / "cut")
    weights = cut / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(ConfigError, match=r"transformers cannot load .*cut: .*not fully covered"):
        reply(cut, ask())


def test_an_architecture_that_transformers_does_not_have(tmp_path: Path) -> None:
    odd = write_tiny_llama(tmp_path / "odd")
    config = json.loads((odd / "config.json").read_text()) | {"model_type": "oracle"}
    (odd / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match=r"transformers cannot load .*oracle"):
        reply(odd, ask())


# Lifetime


def test_a_cancelled_reply_leaves_the_batch_and_no_trace(endless: Path) -> None:
    async def run() -> tuple[Completion, Completion, float]:
        model = opened(endless, batch=3)
        before = await model.complete(ask())
        abandoned = [asyncio.create_task(model.complete(ask(max_tokens=7000))) for _ in range(3)]
        await asyncio.sleep(0.2)
        started = time.perf_counter()
        for task in abandoned:
            task.cancel()
        after = await model.complete(ask())
        seconds = time.perf_counter() - started
        assert all(task.cancelled() for task in abandoned)
        await model.aclose()
        return before, after, seconds

    before, after, seconds = asyncio.run(run())
    assert after.text == before.text
    assert seconds < 3


def test_closing_abandons_what_is_being_written_and_may_be_repeated(endless: Path) -> None:
    async def run() -> None:
        model = opened(endless, batch=2)
        running = [asyncio.create_task(model.complete(ask(max_tokens=7000))) for _ in range(4)]
        await asyncio.sleep(0.2)
        await model.aclose()
        await model.aclose()
        await asyncio.wait(running)
        assert all(task.cancelled() for task in running)
        assert (await model.complete(ask())).text  # loads anew
        await model.aclose()
        assert not any(thread.name == "transformers" for thread in threading.enumerate())

    asyncio.run(run())


def test_one_request_that_fails_leaves_the_others_alone(tiny: Path) -> None:
    async def run() -> list[Completion | BaseException]:
        model = opened(tiny, batch=3)
        asked: list[Request] = [ask(seed=1), ask("~" * 3000), ask(seed=2)]
        try:
            return await asyncio.gather(*map(model.complete, asked), return_exceptions=True)
        finally:
            await model.aclose()

    first, second, third = asyncio.run(run())
    assert isinstance(first, Completion)
    assert isinstance(second, ContextLengthError)
    assert isinstance(third, Completion)


def test_nothing_is_printed(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reply(tiny, ask())
    assert capfd.readouterr() == ("", "")


def test_a_process_that_exits_while_writing_ends_at_once(endless: Path) -> None:
    left = run_python(
        """
        import asyncio, sys
        from selfinstruct.models.huggingface.model import HuggingFaceModel
        from selfinstruct.models.huggingface.checkpoint import find_checkpoint
        from selfinstruct.records import Prompt, Request, Sampling, Stage

        short, long = (
            Request(Stage.INSTRUCTIONS, 0, Prompt("", "ab", Sampling(1, 1, 0, 0, tokens), 0), 0)
            for tokens in (1, 8000)
        )
        model = HuggingFaceModel(find_checkpoint(sys.argv[1]))

        async def main():
            await model.complete(short)
            asyncio.ensure_future(model.complete(long))
            await asyncio.sleep(0.2)

        asyncio.new_event_loop().run_until_complete(main())
        """,
        endless,
    )
    assert (left.returncode, left.stdout) == (0, "")
    assert "Task was destroyed but it is pending" in left.stderr  # asyncio's, so it really was writing
    assert "Traceback" not in left.stderr


def test_torch_is_imported_only_when_a_model_is_loaded(tiny: Path) -> None:
    light = run_python(
        """
        import sys
        from selfinstruct.config import EndpointConfig
        from selfinstruct.models.catalog import open_model, parse_spec, suiting_api

        parsed = parse_spec(f"hf/{sys.argv[1]}")
        open_model(parsed, EndpointConfig())
        print(parsed.context_window, suiting_api(parsed), {"torch", "transformers"} & sys.modules.keys())
        """,
        tiny,
    )
    assert (light.stdout, light.stderr) == ("2048 completions set()\n", "")
