"""What is said after the first tickets against what a thousand tasks then cost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command import run
from endpoint import RunningEndpoint

from selfinstruct.pipeline.forecast import Forecast
from selfinstruct.store.reader import RunReader

PRICE_IN, PRICE_OUT = 0.5, 1.5


@pytest.mark.parametrize("recipe", ["paper", "chat"])
def test_a_forecast_comes_true(endpoint: Callable[..., RunningEndpoint], tmp_path: Path, recipe: str) -> None:
    server, directory = endpoint(latency=0.05), tmp_path / "run"
    asked = ("--base-url", server.base_url, "--model", "m", "--recipe", recipe, "--tasks", 1000)
    done = run("generate", directory, *asked, "--price-in", PRICE_IN, "--price-out", PRICE_OUT, "--json")
    assert done.code == 0, done.stderr
    came_to = done.json()
    expected = Forecast.from_json(RunReader.open(directory).notes()["forecast"])

    assert expected.tasks == came_to["tasks"] == 1000
    assert expected.requests == pytest.approx(came_to["attempts"], rel=0.2)
    tokens = came_to["prompt_tokens"] + came_to["completion_tokens"]
    assert expected.prompt_tokens + expected.completion_tokens == pytest.approx(tokens, rel=0.2)
    assert expected.cost_usd == pytest.approx(came_to["cost_usd"], rel=0.2)
    assert expected.seconds is not None
    assert 0 < expected.seconds < 5 * came_to["seconds"]
    assert [line for line in done.stderr.splitlines() if line.startswith("Forecast")] == [expected.sentence()]
    assert server.stats()["received"] == came_to["attempts"]


def test_a_run_of_a_few_tasks_is_over_before_there_is_one(tmp_path: Path) -> None:
    done = run("generate", tmp_path / "run", "--model", "scripted", "--tasks", 10)
    assert done.code == 0, done.stderr
    assert "Forecast" not in done.stderr
    assert "forecast" not in RunReader.open(tmp_path / "run").notes()
