import asyncio
import hashlib
import math
import threading
import time
from pathlib import Path

import pytest
from llamacpp_examples import ask, post, replies, reply, run_python
from tiny_gguf import write_tiny_gguf

from selfinstruct.config import EndpointConfig, LlamaCppConfig
from selfinstruct.errors import ConfigError, ContextLengthError, UnknownModelError
from selfinstruct.models.catalog import open_model, parse_spec
from selfinstruct.models.llamacpp.model import LlamaCppModel
from selfinstruct.models.llamacpp.server import require_card, serve, server_parameters
from selfinstruct.records import Completion


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Writes until max_tokens: 8,000 of them take seconds."""
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "endless.gguf", context=8192, endless=True)


# What a reply depends on


def test_a_reply_depends_on_its_request_alone(tiny: Path) -> None:
    requests = [
        ask(f"{number} bottles of", seed=number, presence_penalty=number % 3, stop=("%", "le")[: number % 3])
        for number in range(20)
    ]
    alone = replies(tiny, requests, servers=1)
    together = replies(tiny, requests[::-1], concurrency=8, servers=4)[::-1]
    assert [(each.text, each.finish_reason) for each in alone] == [
        (each.text, each.finish_reason) for each in together
    ]
    assert len({each.text for each in alone}) > 10


def test_several_slots_write_together_in_one_server(tiny: Path) -> None:
    """Nearly every reply is the same; which are not is a matter of company, so none is held to it."""
    requests = [ask(f"{number} bottles of", seed=number, temperature=0) for number in range(12)]

    async def together() -> list[Completion]:
        model = LlamaCppModel(tiny, servers=1, hardware=LlamaCppConfig(slots=4))
        assert model.default_concurrency == 4
        written = await asyncio.gather(*(model.complete(request) for request in requests))
        assert len({thread for thread in threading.enumerate() if thread.name == "llama.cpp"}) == 4
        await model.aclose()
        return written

    alone, written = replies(tiny, requests, servers=1), asyncio.run(together())
    counted = [(each.prompt_tokens, each.finish_reason) for each in written]
    assert counted == [(each.prompt_tokens, each.finish_reason) for each in alone]
    assert sum(a.text == b.text for a, b in zip(alone, written, strict=True)) > 8


def test_threads_of_a_server_leave_fewer_servers(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfinstruct.models.llamacpp.model._cores", lambda: 8)
    assert LlamaCppModel(tiny).default_concurrency == 8
    assert LlamaCppModel(tiny, hardware=LlamaCppConfig(threads=4, slots=3)).default_concurrency == 6
    assert LlamaCppModel(tiny, hardware=LlamaCppConfig(gpu_layers=-1, slots=16)).default_concurrency == 16
    assert server_parameters(tiny, 512, LlamaCppConfig(gpu_layers=-1)).n_gpu_layers > 1000
    assert server_parameters(tiny, 512, LlamaCppConfig(slots=3)).n_ctx == 1536


def test_layers_for_a_card_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    import xllamacpp

    cpu = {"name": "CPU", "type": xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU}
    card = {"name": "CUDA0", "type": xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU}
    monkeypatch.setattr(xllamacpp, "get_device_info", lambda: [cpu, card])
    require_card()
    monkeypatch.setattr(xllamacpp, "get_device_info", lambda: [cpu])
    with pytest.raises(ConfigError, match=r"gpu_layers is set, but llama\.cpp finds no graphics card"):
        require_card()


def test_settings_of_llamacpp_for_another_model() -> None:
    endpoint = EndpointConfig(llamacpp=LlamaCppConfig(slots=4))
    with pytest.raises(
        ConfigError, match=r"\[endpoint\.llamacpp\] is for models of gguf/, and this is pocket"
    ):
        open_model(parse_spec("pocket"), endpoint)


def test_greedy_decoding_ignores_seed_and_top_p(tiny: Path) -> None:
    greedy = replies(tiny, [ask(seed=seed, temperature=0, top_p=seed / 2) for seed in range(3)])
    assert len({each.text for each in greedy}) == 1


def test_the_seed_decides_a_sampled_reply(tiny: Path) -> None:
    seeds = [1, 1, 2, 0xFFFFFFFF, 0xFFFFFFFF, -1, -1]  # the last two would be "random" to llama.cpp
    texts = [each.text for each in replies(tiny, [ask(seed=seed) for seed in seeds])]
    assert texts[0] == texts[1] != texts[2]
    assert texts[3] == texts[4]
    assert texts[5] == texts[6]


def test_another_model_writes_another_reply(tiny: Path, tmp_path: Path) -> None:
    other = write_tiny_gguf(tmp_path / "other.gguf", seed=1)
    assert reply(tiny, ask(temperature=0)).text != reply(other, ask(temperature=0)).text


# Sampling


def test_no_sampler_beyond_those_of_the_api(tiny: Path) -> None:
    """llama.cpp itself would keep the 40 likeliest tokens, and of these the ones above 5 % of the best."""
    flat = [ask(seed=seed, temperature=5, max_tokens=1) for seed in range(150)]
    assert len({each.text for each in replies(tiny, flat)}) > 60


def test_top_p_is_taken_of_what_temperature_left(tiny: Path) -> None:
    """llama.cpp itself would apply top_p first, which leaves more tokens when the temperature is low."""
    with serve(tiny) as served:
        first = {"prompt": "one", "max_tokens": 1, "logprobs": 300}
        tops = post(served, first)["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    logprobs = {top["token"]: top["logprob"] for top in tops}
    nucleus = smallest_set(logprobs, temperature=0.5, top_p=0.9)
    sampled = replies(
        tiny, [ask("one", seed=seed, temperature=0.5, top_p=0.9, max_tokens=1) for seed in range(150)]
    )
    assert 1 < len({each.text for each in sampled}) <= len(nucleus)
    assert {each.text for each in sampled} <= nucleus < smallest_set(logprobs, temperature=1, top_p=0.9)


def smallest_set(logprobs: dict[str, float], *, temperature: float, top_p: float) -> set[str]:
    """The likeliest tokens that together reach top_p."""
    weights = {token: math.exp(logprob / temperature) for token, logprob in logprobs.items()}
    tokens: list[str] = []
    while sum(weights[token] for token in tokens) < top_p * sum(weights.values()):
        tokens.append(max(weights.keys() - tokens, key=weights.__getitem__))
    return set(tokens)


def test_penalties_keep_a_reply_from_repeating_itself(endless: Path) -> None:
    plain, present, frequent = replies(
        endless,
        [
            ask(temperature=0, max_tokens=60),
            ask(temperature=0, max_tokens=60, presence_penalty=100),
            ask(temperature=0, max_tokens=60, frequency_penalty=100),
        ],
    )
    assert " a% a" in plain.text
    assert present.text == frequent.text  # nothing is ever written twice, so they come to the same
    assert present.text.count("%") == 1


def test_penalties_reach_back_into_the_prompt(endless: Path) -> None:
    """llama.cpp's, not ours to change; see the module's docstring."""
    prompt = "%/. <> %/. <>" + reply(endless, ask("%/. <> %/. <>", temperature=0)).text
    plain, near, far = replies(
        endless,
        [
            ask(prompt, temperature=0, max_tokens=1),
            ask(prompt, temperature=0, max_tokens=1, presence_penalty=100),
            ask(prompt, temperature=0, max_tokens=60, presence_penalty=100),
        ],
    )
    assert plain.text in prompt
    assert near.text == plain.text
    assert not far.text.startswith(plain.text)


# The reply's fields


def test_a_reply_ends_by_itself_at_a_stop_or_at_its_length(tiny: Path, endless: Path) -> None:
    itself = replies(tiny, [ask(seed=seed, max_tokens=400) for seed in range(5)])
    assert any(each.finish_reason == "stop" and 0 < each.completion_tokens < 400 for each in itself)
    assert not any("</s>" in each.text for each in itself)

    cut = reply(endless, ask(max_tokens=33))
    assert (cut.finish_reason, cut.completion_tokens) == ("length", 33)

    middle = cut.text[len(cut.text) // 2 :][:5]
    stopped = reply(endless, ask(max_tokens=33, stop=("never ever", middle)))
    assert stopped.finish_reason == "stop"
    assert stopped.text == cut.text[: cut.text.index(middle)]
    assert stopped.completion_tokens < 33


def test_the_beginning_of_a_stop_is_kept_when_the_length_cuts_it(endless: Path) -> None:
    whole = reply(endless, ask(max_tokens=33)).text
    assert reply(endless, ask(max_tokens=33, stop=(whole[-2:] + " and more",))).text == whole


def test_preamble_and_body_are_one_prompt_counted_in_tokens(tiny: Path) -> None:
    one, two = replies(tiny, [ask("put the task"), ask(" task", preamble="put the")])
    assert one.text == two.text
    assert one.prompt_tokens == two.prompt_tokens == 6  # <s>, put, the, t, as, k
    assert not one.estimated
    assert one.seconds > 0


def test_any_text_can_be_a_prompt(tiny: Path) -> None:
    odd = replies(tiny, [ask(body) for body in ("", "\ud800", "a\0b", "日本語 🙂")])
    assert [each.finish_reason in {"stop", "length"} for each in odd] == [True] * 4


# Context


def test_a_prompt_that_leaves_no_room_names_both_numbers(tiny: Path) -> None:
    with pytest.raises(ContextLengthError, match=r"has 601 tokens.* window of 512"):
        reply(tiny, ask("~" * 600))


def test_a_prompt_that_leaves_little_room_is_cut_there(tmp_path: Path) -> None:
    small = write_tiny_gguf(tmp_path / "small.gguf", context=256, endless=True)
    cut = reply(small, ask("~" * 200, max_tokens=400))
    assert (cut.finish_reason, cut.prompt_tokens + cut.completion_tokens) == ("length", 256)


def test_the_context_window_is_known_before_anything_is_loaded(tmp_path: Path) -> None:
    long = write_tiny_gguf(tmp_path / "long.gguf", context=100_000)
    assert LlamaCppModel(long).context_window == 8192
    assert LlamaCppModel(long, context_window=257).context_window == 512


# Files that cannot be run


def test_what_cannot_be_run_is_refused_at_once(tmp_path: Path, tiny: Path) -> None:
    with pytest.raises(UnknownModelError, match=r"no model file .*missing\.gguf"):
        LlamaCppModel(tmp_path / "missing.gguf")
    with pytest.raises(ConfigError, match="at least one server"):
        LlamaCppModel(tiny, servers=0)


def test_a_cut_off_file_is_reported_in_the_words_of_llama_cpp(tmp_path: Path, tiny: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-100_000])
    with pytest.raises(ConfigError, match="data is not within the file bounds") as caught:
        reply(cut, ask())
    assert str(cut) in caught.value.message


# Lifetime


def test_a_cancelled_reply_frees_its_server_and_leaves_no_trace(endless: Path) -> None:
    async def run() -> tuple[Completion, Completion, float]:
        model = LlamaCppModel(endless, servers=1)
        before = await model.complete(ask())
        abandoned = [asyncio.create_task(model.complete(ask(max_tokens=8000))) for _ in range(3)]
        await asyncio.sleep(0.1)
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
    assert seconds < 1


def test_closing_abandons_what_is_being_written_and_may_be_repeated(endless: Path) -> None:
    async def run() -> float:
        model = LlamaCppModel(endless, servers=1)
        running = [asyncio.create_task(model.complete(ask(max_tokens=8000))) for _ in range(2)]
        await asyncio.sleep(0.1)
        started = time.perf_counter()
        await model.aclose()
        await model.aclose()
        await asyncio.wait(running)
        assert all(task.cancelled() for task in running)
        return time.perf_counter() - started

    assert asyncio.run(run()) < 1


def test_one_request_at_a_time_loads_one_server(tiny: Path) -> None:
    async def run() -> int:
        model = LlamaCppModel(tiny, servers=4)
        for seed in range(8):
            await model.complete(ask(seed=seed))
        threads = sum(thread.name == "llama.cpp" for thread in threading.enumerate())
        await model.aclose()
        return threads

    assert asyncio.run(run()) == 1


def test_nothing_is_printed(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reply(tiny, ask())
    with pytest.raises(ContextLengthError):
        reply(tiny, ask("~" * 600))
    assert capfd.readouterr() == ("", "")


BUSY = """
    import asyncio, os, signal, sys
    from selfinstruct.models.llamacpp.model import LlamaCppModel
    from selfinstruct.records import Prompt, Request, Sampling, Stage

    request = Request(Stage.INSTRUCTIONS, 0, Prompt("", "ab", Sampling(1, 1, 0, 0, 8000), 0), 0)
    model = LlamaCppModel(sys.argv[1], servers=2)

    async def main():
        for _ in range(3):
            asyncio.ensure_future(model.complete(request))
        await asyncio.sleep(0.2)
"""


def test_a_process_that_exits_while_writing_ends_at_once(endless: Path) -> None:
    started = time.perf_counter()
    left = run_python(BUSY + "\n    asyncio.new_event_loop().run_until_complete(main())", endless)
    assert (left.returncode, left.stdout) == (0, "")
    assert "Task was destroyed but it is pending" in left.stderr  # asyncio's, so it really was writing
    assert time.perf_counter() - started < 10


def test_an_interrupt_reaches_python(endless: Path) -> None:
    interrupted = run_python(
        BUSY
        + """
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("interrupted")
    """,
        endless,
    )
    assert (interrupted.returncode, interrupted.stdout, interrupted.stderr) == (0, "interrupted\n", "")


def test_xllamacpp_is_imported_only_when_a_model_is_loaded(tiny: Path) -> None:
    light = run_python(
        """
        import sys
        from selfinstruct.models.llamacpp.model import LlamaCppModel

        model = LlamaCppModel(sys.argv[1])
        print(model.context_window, model.default_concurrency >= 1, "xllamacpp" in sys.modules)
        """,
        tiny,
    )
    assert (light.stdout, light.stderr) == ("512 True False\n", "")


def test_the_digest_is_that_of_the_file(tiny: Path, tmp_path: Path) -> None:
    assert LlamaCppModel(tiny).digest == hashlib.sha256(tiny.read_bytes()).hexdigest()
    again = write_tiny_gguf(tmp_path / "again.gguf")
    assert LlamaCppModel(again).digest == LlamaCppModel(tiny).digest
