"""From examples to tokens: what is learnt, what ends it, what is left out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import CHAT_TEMPLATE, CHAT_TEMPLATE_WITHOUT_SYSTEM, write_tiny_gguf

from selfinstruct.dataset.templates import render_prompt
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.training.data import read_data
from selfinstruct.training.examples import Conversation, Data, Example, Instructed, Rendered
from selfinstruct.training.loading import Loaded, load, quiet, tunable
from selfinstruct.training.preparing import IGNORED, Prepared, choose_template, prepare


def loaded_from(path: Path) -> Loaded:
    with quiet():
        import torch

        return load(tunable(f"gguf/{path}"), dtype=torch.float32)


@pytest.fixture(scope="module")
def plain(tiny: Path) -> Loaded:
    return loaded_from(tiny)


@pytest.fixture(scope="module")
def chatty(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    file = tmp_path_factory.mktemp("chatty") / "chatty.gguf"
    return loaded_from(write_tiny_gguf(file, chat_template=CHAT_TEMPLATE))


def data_of(*examples: Example) -> Data:
    return Data("alpaca", Path("data.jsonl"), examples, None)


def prepared_of(loaded: Loaded, *examples: Example, **options: Any) -> Prepared:
    asked: dict[str, Any] = {
        "template": "mixture",
        "max_length": 512,
        "held_out": 0.0,
        "seed": 7,
        "ends": loaded.ends,
    }
    return prepare(data_of(*examples), loaded.tokenizer, **asked | {"ends": loaded.ends} | options)


CAPITAL = Instructed("task_0.0", "task_0", "Name the capital.", "France", "Paris")


def test_the_output_and_its_end_are_learnt_and_nothing_else(plain: Loaded) -> None:
    (example,) = prepared_of(plain, CAPITAL).train
    tokenizer = plain.tokenizer
    given, learnt = example.tokens[: example.prompt], example.tokens[example.prompt :]
    rendered = render_prompt("Name the capital.", "France", seed=7, key="task_0.0")
    assert tokenizer.decode(given[1:]) == rendered.prompt
    assert given[0] == tokenizer.bos_token_id, "as at inference"
    assert tokenizer.decode(learnt[:-1]) == rendered.completion("Paris")
    assert learnt[-1] == tokenizer.eos_token_id
    assert example.labels == [IGNORED] * len(given) + list(learnt)


def test_the_model_is_a_plain_one_that_can_be_trained_and_saved(plain: Loaded) -> None:
    assert plain.parameters == sum(weight.numel() for weight in plain.model.parameters())
    assert all(weight.requires_grad for weight in plain.model.parameters())
    assert "quantization_config" not in plain.model.config.to_dict()
    assert plain.context == 2048


def test_a_chat_template_where_the_model_has_one(chatty: Loaded) -> None:
    data = data_of(CAPITAL)
    assert choose_template("auto", data, chatty.tokenizer) == "chat"
    assert choose_template("mixture", data, chatty.tokenizer) == "mixture"
    (example,) = prepared_of(chatty, CAPITAL, template="chat").train
    given, learnt = example.tokens[: example.prompt], example.tokens[example.prompt :]
    decode = chatty.tokenizer.decode
    assert decode(given) == "<|user|>\nName the capital.\n\nFrance\n<|assistant|>\n"
    assert decode(learnt) == "Paris\n</s>", "what the template adds, and the end that it lacks"


def test_what_follows_the_end_is_not_learnt(chatty: Loaded) -> None:
    chatty.tokenizer.chat_template = CHAT_TEMPLATE.replace(
        "{{ message.content }}", "{{ message.content }}</s>"
    )
    try:
        (example,) = prepared_of(chatty, CAPITAL, template="chat").train
    finally:
        chatty.tokenizer.chat_template = CHAT_TEMPLATE
    assert chatty.tokenizer.decode(example.tokens[example.prompt :]) == "Paris</s>"


def test_a_template_that_writes_past_replies_otherwise_than_it_asks_for_one(chatty: Loaded) -> None:
    """As models that think do: the request for a reply begins the thinking."""
    asking = "{%- if add_generation_prompt -%}<|assistant|>\n<think>{% endif -%}"
    chatty.tokenizer.chat_template = CHAT_TEMPLATE.rpartition("{%- if add")[0] + asking
    try:
        (example,) = prepared_of(chatty, CAPITAL, template="chat").train
    finally:
        chatty.tokenizer.chat_template = CHAT_TEMPLATE
    decode = chatty.tokenizer.decode
    assert decode(example.tokens[: example.prompt]).endswith("<|assistant|>\n<think>")
    assert decode(example.tokens[example.prompt :]) == "Paris\n</s>"


def test_conversations(plain: Loaded, chatty: Loaded) -> None:
    asked = (("user", "Hi."), ("assistant", "Hello."))
    short = Conversation("1", "1", asked)
    long = Conversation("2", "2", (*asked, ("user", "Bye."), ("assistant", "See you.")))
    told = Conversation("3", "3", (("system", "Be brief."), *asked))
    mixed = prepared_of(plain, short, long, told)
    assert (len(mixed.train), mixed.left_out) == (1, {"conversation": 2})
    chat = prepared_of(chatty, short, long, told, template="chat")
    assert (len(chat.train), chat.left_out) == (3, {})
    assert chatty.tokenizer.decode(chat.train[1].tokens).endswith("Bye.\n<|assistant|>\nSee you.\n</s>")

    chatty.tokenizer.chat_template = CHAT_TEMPLATE_WITHOUT_SYSTEM
    try:
        without = prepared_of(chatty, short, told, template="chat")
    finally:
        chatty.tokenizer.chat_template = CHAT_TEMPLATE
    assert (len(without.train), without.left_out) == (1, {"conversation": 1})


def test_text_in_a_template_stays_in_it(plain: Loaded, chatty: Loaded) -> None:
    rendered = Rendered("1", "1", "Q: 1+1\nA:", " 2")
    assert choose_template("auto", data_of(rendered), chatty.tokenizer) == "mixture"
    (example,) = prepared_of(plain, rendered).train
    assert plain.tokenizer.decode(example.tokens) == "<s>Q: 1+1\nA: 2</s>"
    with pytest.raises(ConfigError, match=r"in a template already, so `template=.chat.` cannot be used"):
        choose_template("chat", data_of(rendered), chatty.tokenizer)
    with pytest.raises(ConfigError, match=r"has no chat template\. Take `template=.mixture.`"):
        choose_template("chat", data_of(CAPITAL), plain.tokenizer)


def test_what_is_left_out_is_counted(plain: Loaded) -> None:
    empty = replace(CAPITAL, key="e", output=" \n")
    long = replace(CAPITAL, key="l", output="word " * 200)
    twice = replace(CAPITAL, key="task_0.0", group="task_9")
    prepared = prepared_of(plain, CAPITAL, empty, long, twice, max_length=100)
    assert (len(prepared.train), prepared.duplicates) == (1, 1)
    assert prepared.left_out == {"empty": 1, "too_long": 1}
    with pytest.raises(
        ConfigError, match=r"all 2 examples are left out \(empty 1, too_long 1\)\. Raise `max"
    ):
        prepared_of(plain, empty, long, max_length=100)


def test_what_is_held_out_is_not_learnt_from(plain: Loaded, tasks: Path) -> None:
    data = read_data(tasks)
    prepared = prepare(
        data, plain.tokenizer, template="mixture", max_length=512, held_out=0.1, seed=0, ends=plain.ends
    )
    assert len(prepared.held_out) == 4
    assert len(prepared.train) + len(prepared.held_out) == len(data.examples)
    assert not set(prepared.train) & set(prepared.held_out)


def test_an_instruction_is_on_one_side_whatever_its_rows_are_called(plain: Loaded) -> None:
    rows = [
        Instructed(f"{kind}{number}", f"{kind}{number}", instruction, kind, f"{number} {kind}")
        for number in range(20)
        for kind, instruction in (("a", f"Count to {number}."), ("b", f"count  to {number}."))
    ]
    prepared = prepared_of(plain, *rows, held_out=0.2)
    sides = [
        {plain.tokenizer.decode(example.tokens[example.prompt :]).split()[0] for example in side}
        for side in (prepared.train, prepared.held_out)
    ]
    assert (len(sides[0]), len(sides[1])) == (16, 4)
    assert not sides[0] & sides[1]


def test_models_that_cannot_be_loaded(tiny: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(tiny.read_bytes()[:20_000])
    with pytest.raises(ConfigError, match=r"transformers cannot load gguf/.*broken\.gguf: "):
        loaded_from(broken)
    source = tunable(f"gguf/{broken}")
    broken.write_bytes(tiny.read_bytes())
    with (
        quiet(),
        pytest.raises(RunMismatchError, match="is no longer the model that"),
    ):
        load(source, dtype=None)
