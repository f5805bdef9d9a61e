"""`generate --dry-run`: what it shows is what the run then sends, and that it sends and writes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import run
from endpoint import RunningEndpoint
from tiny_gguf import write_tiny_gguf

from selfinstruct.records import Stage
from selfinstruct.store.reader import RequestRow, RunReader


def recorded(directory: Path, stage: Stage) -> list[RequestRow]:
    return [row for row in RunReader.open(directory).requests() if row.stage is stage]


def in_one_line(text: str) -> str:
    """Without the line breaks and margins of a terminal."""
    return "".join(text.split())


def previewed(preview: dict[str, Any], stage: Stage) -> list[dict[str, Any]]:
    return [prompt for prompt in preview["prompts"] if prompt["stage"] == stage.value]


@pytest.mark.parametrize("recipe", ["paper", "chat"])
def test_the_prompts_are_those_that_the_run_sends(
    endpoint: Callable[..., RunningEndpoint], tmp_path: Path, recipe: str
) -> None:
    server, directory = endpoint(), tmp_path / "run"
    asked: tuple[object, ...] = (
        "--base-url",
        server.base_url,
        "--model",
        "m",
        "--recipe",
        recipe,
        "--tasks",
        30,
    )
    asked = (*asked, "--language", "German", "--about", "bread [and] butter", "--seed", 7)
    shown = run("generate", directory, *asked, "--dry-run", "--json")
    assert shown.code == 0, shown.stderr
    assert server.stats()["received"] == 0
    assert not directory.exists()

    assert run("generate", directory, *asked).code == 0
    (first,) = previewed(shown.json(), Stage.INSTRUCTIONS)
    assert first["preamble"] + first["body"] == recorded(directory, Stage.INSTRUCTIONS)[0].prompt
    for stage, kinds in ((Stage.CLASSIFICATION, 1), (Stage.INSTANCES, 2), (Stage.ANSWERS, 1)):
        preambles = [prompt["preamble"] for prompt in previewed(shown.json(), stage)]
        assert (
            len(set(preambles)) == len(preambles) == (0 if (recipe, stage) == ("paper", "answers") else kinds)
        )
        sent = [row.prompt for row in recorded(directory, stage)]
        assert all(any(prompt.startswith(preamble) for preamble in preambles) for prompt in sent)
        if (recipe, stage) != ("chat", "classification"):  # seldom asked, perhaps not here
            assert all(any(prompt.startswith(preamble) for prompt in sent) for preamble in preambles)

    read = run("generate", tmp_path / "other", *asked, "--dry-run")
    assert read.code == 0, read.stderr
    for prompt in shown.json()["prompts"]:
        assert in_one_line(prompt["preamble"] + prompt["body"]) in in_one_line(read.stdout)
    assert "nothing was sent" in read.stdout
    assert not (tmp_path / "other").exists()


def test_an_estimate_before_any_request(tmp_path: Path) -> None:
    prices = ("--price-in", 1, "--price-out", 2)
    asked: tuple[object, ...] = (
        "--base-url",
        "http://127.0.0.1:1/v1",
        "--model",
        "m",
        *prices,
        "--tasks",
        900,
        "--dry-run",
    )
    asked = (*asked, "--recipe", "paper")
    shown = run("generate", tmp_path / "run", *asked, "--json")
    assert shown.code == 0, shown.stderr
    estimate = shown.json()["estimate"]
    assert estimate["tasks"] == 900
    assert estimate["requests"] == 2250 + 48, (
        "1,000 tasks of which nine in ten are valid: 250 tickets, two each, and the kinds of 48 seeds"
    )
    tokens = estimate["prompt_tokens"] + 2 * estimate["completion_tokens"]
    assert estimate["cost_usd"] == pytest.approx(tokens / 1e6)


def test_the_guess_at_a_run_that_asks_for_answers(tmp_path: Path) -> None:
    """Of requests and prompts; replies are as long as a model makes them, and the scripted one is brief."""
    asked = ("--model", "scripted", "--recipe", "chat", "--tasks", 200, "--json")
    estimate = run("generate", tmp_path / "run", *asked, "--dry-run").json()["estimate"]
    came_to = run("generate", tmp_path / "run", *asked).json()
    assert estimate["requests"] == pytest.approx(came_to["attempts"], rel=0.2)
    assert estimate["prompt_tokens"] == pytest.approx(came_to["prompt_tokens"], rel=0.2)


def test_a_local_model_counts_the_tokens_itself(tmp_path: Path) -> None:
    tiny = write_tiny_gguf(tmp_path / "tiny.gguf", context=8192)
    asked = ("--model", f"gguf/{tiny}", "--recipe", "paper", "--max-requests", 1)
    shown = run("generate", tmp_path / "run", *asked, "--dry-run", "--json")
    assert shown.code == 0, shown.stderr
    assert not (tmp_path / "run").exists()
    assert run("generate", tmp_path / "run", *asked).code == 3
    (sent,) = recorded(tmp_path / "run", Stage.INSTRUCTIONS)
    (first,) = previewed(shown.json(), Stage.INSTRUCTIONS)
    assert first["preamble"] + first["body"] == sent.prompt
    assert first["prompt_tokens"] == sent.prompt_tokens


def test_prompts_that_do_not_fit_are_a_mistake_here_too(tmp_path: Path) -> None:
    asked = ("--base-url", "http://127.0.0.1:1/v1", "--model", "m", "--context-window", 512)
    shown = run("generate", tmp_path / "run", *asked, "--dry-run", "--json")
    assert shown.code == 2
    assert "the model's context window holds 512" in shown.error()
    assert shown.stdout == ""


def test_a_key_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    stages = tmp_path / "stages.toml"
    stages.write_text('[stages.instances]\nmodel = "groq/other"\n', encoding="utf-8")
    asked = ("--model", "openai/gpt-5-mini", "--config", stages, "--dry-run")
    shown = run("generate", tmp_path / "run", *asked)
    assert shown.code == 0, shown.stderr
    lines = [line for line in shown.stdout.splitlines() if line.startswith("The run cannot start")]
    assert [line.split("variable ")[1].split(" ")[0] for line in lines] == ["OPENAI_API_KEY", "GROQ_API_KEY"]
    found = run("generate", tmp_path / "run", *asked, "--json", OPENAI_API_KEY="sk-1", GROQ_API_KEY="sk-2")
    assert found.json()["missing"] == []
    begun = run("generate", tmp_path / "run", *asked[:-1])
    assert (begun.code, begun.error()) == (2, f"Error: {lines[0].removeprefix('The run cannot start: ')}")


def test_the_estimate_comes_first_and_says_how_the_run_asks_and_what_it_costs(tmp_path: Path) -> None:
    asked = ("generate", tmp_path / "run", "--model", "openai/unheard-of", "--dry-run")
    unpriced = run(*asked, COLUMNS="80").stdout.splitlines()
    assert unpriced[0].startswith("Forecast for 100 tasks: about ")
    facts = {line[:10].strip(): line[10:].strip() for line in unpriced[4:9]}
    assert facts["recipe"] == "chat, by chat requests"
    assert facts["if refused"] == "paper, by completions"
    assert facts["model"] == "openai/unheard-of"
    assert "--price-in and --price-out" in facts["prices"]
    assert facts["thinking"].startswith("not in the estimate")
    assert all(len(line) <= 80 for line in unpriced if "cannot start" not in line)
    priced = run(*asked, "--recipe", "paper", "--price-in", 0.25, "--price-out", 2, "--json").json()
    assert (priced["recipe"], priced["api"]) == ("paper", "completions")
    assert priced["if_refused"] == {"recipe": "paper", "api": "chat"}
    (price,) = priced["prices"]
    assert (price["price_in"], price["price_out"], price["hosted"]) == (0.25, 2.0, True)
    local = run("generate", tmp_path / "run", "--model", "scripted", "--dry-run", "--json").json()
    assert (local["may_think"], local["prices"][0]["hosted"]) == (False, False)
