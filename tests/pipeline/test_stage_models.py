"""Another model for a stage."""

import asyncio
from pathlib import Path

from command import run
from endpoint import running_endpoint

import selfinstruct as si
from selfinstruct.models.scripted.model import ScriptedModel
from selfinstruct.records import Stage
from selfinstruct.store.reader import RunReader


def test_a_stage_asks_the_model_that_it_names(tmp_path: Path) -> None:
    with running_endpoint() as first, running_endpoint(reject_parameters="seed") as second:
        config = tmp_path / "two.toml"
        config.write_text(
            f"""
            [endpoint]
            price_in = 1.0
            price_out = 1.0
            [stages.instances]
            model = "strong"
            [stages.instances.endpoint]
            base_url = "{second.base_url}"
            price_in = 10.0
            price_out = 10.0
            """
        )
        directory = tmp_path / "run"
        done = run(
            "generate", directory, "--config", config, "--base-url", first.base_url, "--model", "weak",
            "--recipe", "paper", "--tasks", 12, "--json",
        )  # fmt: skip
        assert done.code == 0, done.stderr
        stats = first.stats(), second.stats()

    summary = RunReader(directory).summary()
    use = summary.by_stage
    assert stats[1]["completed"] >= use[Stage.INSTANCES].completed > 0
    assert stats[0]["completed"] >= use[Stage.INSTRUCTIONS].completed + use[Stage.CLASSIFICATION].completed
    assert stats[0]["completed"] + stats[1]["completed"] - summary.requests <= 60, "what was out at the end"
    tokens = {stage: seen.prompt_tokens + seen.completion_tokens for stage, seen in use.items()}
    expected = tokens[Stage.INSTRUCTIONS] + tokens[Stage.CLASSIFICATION] + 10 * tokens[Stage.INSTANCES]
    assert abs(done.json()["cost_usd"] - expected / 1e6) < 1e-9
    notes = RunReader(directory).notes()
    assert notes["capabilities.instructions"]["unsupported"] == []
    assert notes["capabilities.instances"]["unsupported"] == ["seed"]


def test_a_stage_that_there_is_not_is_a_mistake(tmp_path: Path) -> None:
    config = tmp_path / "bad.toml"
    config.write_text('[stages.inputs]\nmodel = "openai/gpt-5-mini"\n')
    done = run("generate", tmp_path / "run", "--config", config)
    assert done.code == 2
    assert "there is no setting named 'stages.inputs'" in done.error()


class Slow(ScriptedModel):
    """The scripted model, after a moment."""

    name, version = "slow", "1"

    async def complete(self, request: si.Request) -> si.Completion:
        await asyncio.sleep(0.01)
        return await super().complete(request)


def test_models_that_share_a_budget_wake_each_other(tmp_path: Path) -> None:
    """One waits for what another's request may leave of the budget, and that other one answers last."""
    stage = {"model": "scripted"}
    config = {"stages": {"instructions": stage, "classification": stage}}

    async def stopped(budget: int) -> str | None:
        run = si.agenerate(
            tmp_path / str(budget), model=Slow(), recipe="paper", tasks=10, config=config, max_requests=budget
        )
        return (await asyncio.wait_for(run, 60)).stopped

    assert [asyncio.run(stopped(budget)) for budget in (8, 14, 16)] == ["budget"] * 3
