"""Whole runs against endpoints that dress their replies, and what the tokens of these come to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command import Finished, run
from endpoint import HIDDEN_THINKING, RunningEndpoint

from selfinstruct.store.reader import RunReader
from selfinstruct.text.messages import dollars

Start = Callable[..., RunningEndpoint]


def generate(directory: Path, base_url: str, *arguments: object) -> Finished:
    return run("generate", directory, "--base-url", base_url, "--model", "m", "--json", *arguments)


def data_set(directory: Path) -> bytes:
    return (directory / "dataset.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("recipe", "api", "dress"),
    [("chat", "chat", "stream"), ("paper", "completions", "stream"), ("chat", "chat", "think"),
     ("paper", "completions", "think"), ("chat", "chat", "tool-call")],
)  # fmt: skip
def test_the_dress_of_a_reply_changes_no_task(
    endpoint: Start, tmp_path: Path, recipe: str, api: str, dress: str
) -> None:
    asked = ("--recipe", recipe, "--tasks", 12)
    plain = generate(tmp_path / "plain", endpoint(api=api).base_url, *asked)
    assert plain.code == 0, plain.stderr
    dressed = generate(tmp_path / dress, endpoint(api=api, dress=dress).base_url, *asked)
    assert dressed.code == 0, dressed.stderr
    assert data_set(tmp_path / dress) == data_set(tmp_path / "plain")
    assert dressed.json()["estimated"] is False, "streams are counted too"
    if dress == "stream":
        assert RunReader(tmp_path / dress).notes()["changes.instructions"] == ["streamed"]


@pytest.mark.parametrize(
    ("dress", "why"),
    [
        ("other-tool-call", 'The first begins: {"query": "tasks"}'),
        ("empty", "They are empty."),
        ("think-only", "max_tokens ran out before it answered: raise sampling.chat_instructions.max_tokens"),
    ],
)
def test_a_model_that_never_answers_is_not_asked_on(
    endpoint: Start, tmp_path: Path, dress: str, why: str
) -> None:
    server = endpoint(api="chat", dress=dress)
    done = generate(tmp_path / "run", server.base_url, "--recipe", "chat", "--tasks", 20)
    assert done.code == 5, done.stderr
    advice = done.json()["advice"]
    assert "Stopped: none of the first 5 replies contains an instruction that can be parsed." in advice
    assert why in advice
    assert server.stats()["completed"] <= 16, "what was out when the fifth was admitted"
    again = generate(tmp_path / "run", server.base_url)
    assert (again.code, again.json()["requests"]) == (5, done.json()["requests"]), "and nothing is sent again"
    assert why in again.json()["advice"]


def test_nine_tenths_of_a_prompt_from_the_cache_cost_what_cached_tokens_cost(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(cached_share=0.9)
    prices = ("--recipe", "paper", "--price-in", 2, "--price-out", 8, "--price-cached", 0.2)
    done = generate(tmp_path / "run", server.base_url, *prices, "--tasks", 20)
    assert done.code == 0, done.stderr
    printed = done.json()
    prompt, cached = printed["prompt_tokens"], printed["cached_tokens"]
    assert 0.89 * prompt < cached <= 0.9 * prompt
    expected = ((prompt - cached) * 2 + cached * 0.2 + printed["completion_tokens"] * 8) / 1e6
    assert printed["cost_usd"] == pytest.approx(expected)
    assert sum(stage["cached_tokens"] for stage in printed["by_stage"].values()) == cached
    shown = run("status", tmp_path / "run").stdout
    assert f"({cached:,} cached)" in shown
    assert dollars(expected) in shown


def test_a_budget_of_dollars_lasts_longer_where_prompts_are_cached(endpoint: Start, tmp_path: Path) -> None:
    base_url = endpoint(cached_share=0.9).base_url
    asked = ("--recipe", "paper", "--tasks", 500, "--concurrency", 1, "--max-cost", 0.05)
    prices = ("--price-in", 2, "--price-out", 2)
    without = generate(tmp_path / "without", base_url, *asked, *prices)
    cached = generate(tmp_path / "cached", base_url, *asked, *prices, "--price-cached", 0.2)
    assert (without.code, cached.code) == (3, 3), cached.stderr
    spent = without.json()["cost_usd"], cached.json()["cost_usd"]
    assert max(spent) <= 0.05
    assert min(spent) > 0.035
    assert cached.json()["requests"] > 2.5 * without.json()["requests"]


def test_hidden_thinking_counts_against_a_budget_of_tokens(endpoint: Start, tmp_path: Path) -> None:
    base_url = endpoint(dress="hidden-thinking").base_url
    asked = ("--recipe", "paper", "--tasks", 200, "--concurrency", 4, "--max-total-tokens", 60_000)
    done = generate(tmp_path / "run", base_url, *asked)
    assert done.code == 3, done.stderr
    printed = done.json()
    assert printed["reasoning_tokens"] == HIDDEN_THINKING * printed["requests"] > 0
    assert printed["completion_tokens"] > printed["reasoning_tokens"]
    assert printed["prompt_tokens"] + printed["completion_tokens"] <= 60_000
    assert f"({printed['reasoning_tokens']:,} thinking)" in run("status", tmp_path / "run").stdout
