"""The state after a preamble: computed once, put back before each request, and of no influence on a reply."""

import asyncio
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from llamacpp_examples import ask, replies, reply
from tiny_gguf import write_tiny_gguf

from selfinstruct.errors import ContextLengthError, StorageError
from selfinstruct.models.llamacpp import reply as reply_module
from selfinstruct.models.llamacpp.model import LlamaCppModel
from selfinstruct.models.llamacpp.prefixes import LEAST, LOCK, MOST, PREFIX, PrefixStates
from selfinstruct.records import Completion, Request


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", context=2048)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the process puts temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def preamble(number: int) -> str:
    return f"Task {number}: name a bird. " * (LEAST // 20)


def test_replies_do_not_depend_on_what_was_kept(tiny: Path) -> None:
    """More preambles than are kept, in any order, by one server or four, beside requests without one."""
    requests = [
        ask(f"Task {number}:", seed=number, preamble=preamble(number % (MOST + 3)) if number % 5 else "")
        for number in range(60)
    ]
    alone = replies(tiny, requests, servers=1)
    order = random.Random(1).sample(range(60), 60)
    shuffled = replies(tiny, [requests[index] for index in order], concurrency=8, servers=4)
    assert [each.text for each in shuffled] == [alone[index].text for index in order]
    assert len({each.text for each in alone}) > 30


def test_every_token_of_the_prompt_is_counted(tiny: Path) -> None:
    """Those of the preamble too, each time, also where its last letters and the next are one token."""
    whole = preamble(1) + "put the task"
    first, second, apart = replies(
        tiny, [ask("k", preamble=whole[:-1]), ask("k", preamble=whole[:-1]), ask(whole)]
    )
    assert first.prompt_tokens == second.prompt_tokens == apart.prompt_tokens


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_only_what_follows_the_preamble_is_read(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of models with a sliding window too, which would have forgotten what came before it."""
    read: list[int] = []

    class Counting(reply_module._Writing):
        def __call__(self, chunk: dict[str, Any]) -> bool:
            if self.last == {} and "timings" in chunk:
                read.append(chunk["timings"]["prompt_n"])
            return super().__call__(chunk)

    monkeypatch.setattr(reply_module, "_Writing", Counting)
    file = write_tiny_gguf(tmp_path / "m.gguf", context=2048, window=64, architecture=architecture)
    whole = preamble(1)
    _, second, third = replies(
        file,
        [ask("A bird:", preamble=whole), ask("A duck:", preamble=whole), ask(whole + "A duck:")],
        servers=1,
    )
    assert second.prompt_tokens == third.prompt_tokens > 300
    assert second.text == third.text
    assert max(read[-3], read[-2]) < 20
    assert read[-1] == third.prompt_tokens


def test_states_are_files_while_the_model_is_open(tiny: Path, temporary: Path) -> None:
    async def run() -> tuple[list[Path], list[Path]]:
        model = LlamaCppModel(tiny, servers=1)
        try:
            for number in range(MOST + 2):
                await model.complete(ask(preamble=preamble(number), max_tokens=1))
            await model.complete(ask(preamble="short", max_tokens=1))
            (folder,) = temporary.iterdir()
            return list(folder.iterdir()), [folder]
        finally:
            await model.aclose()

    files, _ = asyncio.run(run())
    assert len({file.name for file in files} - {LOCK}) == MOST
    assert list(temporary.iterdir()) == []


def test_a_preamble_that_fills_the_window_leaves_no_room(tiny: Path) -> None:
    with pytest.raises(ContextLengthError):
        reply(tiny, ask(preamble="put the task " * 2048))


def test_where_states_cannot_be_kept(tiny: Path, temporary: Path) -> None:
    """A folder that somebody removed, for one."""

    async def run(*requests: Request) -> Completion:
        model = LlamaCppModel(tiny, servers=1)
        try:
            await model.complete(requests[0])
            (folder,) = temporary.iterdir()
            shutil.rmtree(folder)
            return await model.complete(requests[1])
        finally:
            await model.aclose()

    with pytest.raises(StorageError, match="state of a model cannot be kept") as caught:
        asyncio.run(run(ask(preamble=preamble(1)), ask(preamble=preamble(1))))
    assert "TMPDIR" in caught.value.hint


def test_what_a_killed_process_left_is_removed(temporary: Path) -> None:
    """But not what a living one holds, nor what is just being made."""
    kept, closed = PrefixStates(), PrefixStates()
    (kept.folder / "state").write_bytes(b"1")
    abandoned, new = temporary / f"{PREFIX}abandoned", temporary / f"{PREFIX}new"
    for folder in (abandoned, new):
        folder.mkdir()
    (abandoned / LOCK).touch()
    (abandoned / "state").write_bytes(b"1")
    assert closed.folder.is_dir()
    assert set(temporary.iterdir()) == {kept.folder, closed.folder, new}
    closed.close()
    kept.close()
    assert list(temporary.iterdir()) == [new]
