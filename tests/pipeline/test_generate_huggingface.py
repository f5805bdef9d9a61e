"""The command against a Hugging Face model of random weights: it writes noise, of which nothing passes for a
task, so that a run goes on until that is clear. What was asked and answered is compared."""

import asyncio
import time
from pathlib import Path

import pytest
from command import start
from tiny_gguf import CHAT_TEMPLATE
from tiny_llama import write_tiny_llama

from selfinstruct.errors import RunMismatchError
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.store.reader import RunReader

SHORT = """\
[sampling.instructions]
max_tokens = 24
[sampling.chat_instructions]
max_tokens = 24
[limits]
saturation_tickets = 10
"""


@pytest.mark.parametrize("recipe", ["paper", "chat"])
def test_a_killed_run_ends_as_one_that_was_not(recipe: str, tmp_path: Path) -> None:
    model = write_tiny_llama(
        tmp_path / "model", context=8192, ends=False, chat_template=CHAT_TEMPLATE if recipe == "chat" else ""
    )
    short = tmp_path / "short.toml"
    short.write_text(SHORT)
    plain, killed = tmp_path / "plain", tmp_path / "killed"
    assert generated(plain, f"hf/{model}", short, concurrency=3) == "saturated"
    assert RunReader(plain).config().recipe.name == recipe

    first = start("generate", killed, "--model", f"hf/{model}", "--config", short, "--concurrency", 1)
    while not ((killed / "run.db").exists() and RunReader(killed).has_completions()):
        assert first.process.poll() is None
        time.sleep(0.02)
    first.kill()
    assert generated(killed) == "saturated"
    one, other = replies(plain), replies(killed)
    both = one.keys() & other.keys()
    assert len(both) >= 5
    assert {key: one[key] for key in both} == {key: other[key] for key in both}

    write_tiny_llama(model, seed=1, context=8192, ends=False)
    with pytest.raises(RunMismatchError, match="is not the one that the run was started with"):
        generated(killed)


def generated(
    directory: Path, spec: str | None = None, config_file: Path | None = None, concurrency: int | None = None
) -> str:
    """Generate in this process, which has loaded torch already; why it stopped."""
    options = {"endpoint.concurrency": concurrency}
    plan = resolve(directory, options=options, config_file=config_file, model_spec=spec)
    return asyncio.run(generate(directory, plan)).stopped


def replies(directory: Path) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Prompt and completion of each request. How many were sent beyond the last that counts is a matter of
    timing."""
    return {
        (row.stage, row.ticket, row.task): (row.prompt, row.completion)
        for row in RunReader(directory).requests()
    }
