"""Several recipes in one run: who asks what, which mixes make sense, and that nothing else changes."""

import asyncio
import random
import time
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from command import start
from endpoint import running_endpoint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from tiny_gguf import CHAT_TEMPLATE, write_tiny_gguf

import selfinstruct as si
from selfinstruct.cli.render_preview import show_preview
from selfinstruct.config import Config, StageConfig, StagesConfig
from selfinstruct.config.filter_lists import OWN_LISTS
from selfinstruct.dataset.card_provenance import making
from selfinstruct.models.choices import choices_text
from selfinstruct.models.scripted.model import ScriptedModel
from selfinstruct.pipeline.preview import preview
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.mixed import MixedRecipe
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.records import CALIBRATION, Stage
from selfinstruct.store.reader import RunReader

BASE_THEN_CHAT = {"instructions": "paper", "instances": "chat"}


class Jittering(ScriptedModel):
    """The scripted model, after a moment that differs each time; it tells how likely its Yes was."""

    name, version = "jittering", "1"

    async def complete(self, request: si.Request) -> si.Completion:
        await asyncio.sleep(random.random() / 300)
        completion = await super().complete(request)
        if not request.prompt.sampling.choices:
            return completion
        yes = 3.0 + ("classif" in request.prompt.body.lower())
        told = choices_text({"Yes": yes, "No": 2 * random.Random(request.prompt.body).random()})
        return si.Completion(told, "stop", completion.prompt_tokens, 1, False, 0.0)


def mix(recipes: Mapping[str, object], **recipe: object) -> dict[str, Any]:
    """A config in which the scripted model does these stages by these recipes."""
    stages = {stage: {"model": "scripted", "recipe": name} for stage, name in recipes.items()}
    return {"stages": stages, "recipe": recipe}


def generate(directory: Path, config: Mapping[str, Any], **options: Any) -> si.Run:
    """In a minute, or not at all: models that share a budget once waited for each other for ever."""
    asked = {"model": Jittering(), "tasks": 10, **options}

    async def asking() -> si.Run:
        return await asyncio.wait_for(si.agenerate(directory, config=config, **asked), 60)

    return asyncio.run(asking())


def data(directory: Path) -> bytes:
    return (directory / "dataset.jsonl").read_bytes()


def config_of(directory: Path) -> Config:
    return RunReader(directory).config()


def completed(directory: Path) -> dict[Stage, int]:
    use = RunReader(directory).summary().by_stage
    return {stage: seen.completed for stage, seen in use.items() if seen.completed}


# ---------------------------------------------------------------------------------- determinism

RECIPES = st.sampled_from(["paper", "chat"])


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    recipes=st.fixed_dictionaries(
        {}, optional={"instructions": RECIPES, "classification": RECIPES, "instances": RECIPES}
    ),
    run_recipe=RECIPES,
    answers=st.sampled_from(["asked", "inline"]),
    attributes=st.booleans(),
    budgets=st.lists(st.integers(4, 60), min_size=1, max_size=2).map(sorted),
)
def test_neither_timing_nor_interruptions_matter(
    tmp_path_factory: pytest.TempPathFactory,
    recipes: dict[str, str],
    run_recipe: str,
    answers: str,
    attributes: bool,
    budgets: list[int],
) -> None:
    place, config = tmp_path_factory.mktemp("mix"), mix(recipes, answers=answers)
    options: dict[str, Any] = {"recipe": run_recipe}
    if attributes:
        options |= {"attributes": {"topic": ["bread", "tides", "tax"], "level": ["easy", "hard"]}}
        options |= {"steer": True}
    whole = generate(place / "whole", config, concurrency=1, **options)
    assert len(whole.tasks) == 10
    for budget in budgets:
        generate(place / "parts", config, concurrency=64, max_requests=budget, **options)
        assert data(place / "whole").startswith(data(place / "parts"))
    generate(place / "parts", config, concurrency=64, max_requests=0, **options)
    assert data(place / "parts") == data(place / "whole")


def test_two_endpoints_of_which_each_takes_its_own_call_and_a_kill(tmp_path: Path) -> None:
    """A base model writes the instructions by completions, an instruct model all else by chat. Killed in the
    middle, the run goes on to the same end, and no completed request is sent again."""
    with (
        running_endpoint(api="completions", latency=0.03) as base,
        running_endpoint(api="chat", latency=0.03) as instruct,
    ):
        config = tmp_path / "mix.toml"
        config.write_text(
            f"""
            [stages.instructions]
            model = "base"
            recipe = "paper"
            [stages.instructions.endpoint]
            base_url = "{base.base_url}"
            """
        )
        alone, killed = tmp_path / "alone", tmp_path / "killed"
        url = instruct.base_url
        started = start(
            "generate", killed, "--config", config, "--base-url", url, "--model", "m", "--tasks", 12
        )  # fmt: skip
        while not ((killed / "run.db").exists() and instruct.stats()["completed"] >= 12):
            assert started.process.poll() is None, started.wait().stderr
            time.sleep(0.02)
        started.kill()
        asked: dict[str, Any] = {"config": config, "base_url": url, "model": "m", "tasks": 12}
        assert si.generate(killed, **asked).stopped == "done"
        repeated = [server.stats()["repeated_completed"] for server in (base, instruct)]
        assert si.generate(alone, concurrency=1, **asked).stopped == "done"
    assert data(killed) == data(alone) != b""
    use = RunReader(killed).summary().by_stage
    assert set(completed(killed)) == set(Stage) - {Stage.MEANING}
    assert sum(repeated) <= sum(seen.attempts - seen.completed for seen in use.values())
    config_kept = config_of(killed)
    assert config_kept.recipe.name == "chat"
    assert config_kept.filters.keywords == OWN_LISTS["paper"]["keywords"], "those of who writes instructions"


# -------------------------------------------------------------------------------- who does what


def test_every_stage_is_asked_by_its_recipe(tmp_path: Path) -> None:
    generate(tmp_path / "run", mix(BASE_THEN_CHAT), recipe="chat")
    reader = RunReader.open(tmp_path / "run")
    whole = {name: build_recipe(Config(recipe={"name": name})) for name in ("paper", "chat")}  # type: ignore[arg-type]
    first = {row.stage: row for row in reversed(list(reader.requests()))}
    assert set(first) == set(Stage) - {Stage.MEANING}
    assert first[Stage.INSTRUCTIONS].prompt.startswith(whole["paper"].instructions_prompt(["a"]).preamble)
    assert first[Stage.CLASSIFICATION].prompt.startswith(whole["chat"].classification_prompt("a").preamble)
    chat = whole["chat"].instances_prompt("a", is_classification=False)
    assert any(row.prompt.startswith(chat.preamble) for row in reader.requests())
    admitted = reader.summary().admitted
    assert completed(tmp_path / "run")[Stage.CLASSIFICATION] >= admitted - reader.summary().pending


@pytest.mark.parametrize("by", ["chat", "paper"])
def test_a_kind_counts_where_the_same_recipe_decides_kinds(tmp_path: Path, by: str) -> None:
    """The chat recipe's instructions say their kinds, and need no input where they say so."""
    directory = tmp_path / "run"
    generate(directory, mix({"classification": by}), recipe="chat")
    use = completed(directory)
    settled = RunReader(directory).summary()
    if by == "chat":
        assert use.get(Stage.CLASSIFICATION, 0) < settled.admitted / 2
    else:
        assert use[Stage.CLASSIFICATION] >= settled.admitted - settled.pending
    assert use.get(Stage.INSTANCES, 0) < settled.admitted, "most come with an input, or need none"


def test_instructions_bring_inputs_only_where_they_are_used() -> None:
    def recipe(**stages: str) -> Recipe:
        model = Config().model
        own = {stage: StageConfig(model=model, recipe=name) for stage, name in stages.items()}  # type: ignore[arg-type]
        return build_recipe(Config(recipe={"name": "chat"}, stages=StagesConfig(**own)))  # type: ignore[arg-type]

    whole, inputless = recipe(), recipe(instances="paper")
    assert not isinstance(whole, MixedRecipe)
    assert '"input"' in whole.instructions_prompt(["a"]).preamble
    assert '"input"' not in inputless.instructions_prompt(["a"]).preamble
    assert '"input"' in recipe(classification="paper").instructions_prompt(["a"]).preamble
    assert inputless.answers is None
    assert Stage.ANSWERS not in inputless.usual
    lists = recipe(instructions="paper")
    assert lists.usual[Stage.CLASSIFICATION].requests == lists.usual[Stage.INSTANCES].requests == 1
    assert lists.attribute_sets == 1  # type: ignore[attr-defined]
    assert isinstance(recipe(instructions="chat", instances="chat"), type(whole))


def test_the_papers_classification_is_calibrated_in_a_mix_too(tmp_path: Path) -> None:
    run = generate(tmp_path / "run", mix({"instructions": "chat", "instances": "chat"}), recipe="paper")
    reader = RunReader.open(run.path)
    asked = [row for row in reader.requests() if row.stage is Stage.CLASSIFICATION]
    assert sum(row.position == CALIBRATION for row in asked) == 48
    assert "classification.cut" in reader.notes()
    other = generate(tmp_path / "other", mix({"classification": "chat"}), recipe="paper")
    assert "classification.cut" not in RunReader(other.path).notes()


def test_in_batches(tmp_path: Path) -> None:
    with running_endpoint(batch_seconds=0.1) as server:
        stage: dict[str, Any] = {
            "model": "m",
            "endpoint": {"base_url": server.base_url, "batch": {"on": True}},
        }
        config: dict[str, Any] = {
            "stages": {"instructions": stage | {"recipe": "paper"}},
            "endpoint": {"batch": {"gather_seconds": 0.03, "poll_seconds": 0.05}},
            "feedback": {"lag": 8},
        }
        config["stages"]["instructions"]["endpoint"]["batch"] |= config["endpoint"]["batch"]
        asked: dict[str, Any] = {"base_url": server.base_url, "recipe": "chat", "model": "m", "tasks": 6}
        generate(tmp_path / "batches", config, batch=True, **asked)
        assert server.stats()["batches"] > 1
        del stage["endpoint"]["batch"]
        generate(tmp_path / "direct", config, **asked)
    assert data(tmp_path / "batches") == data(tmp_path / "direct") != b""


# ------------------------------------------------------------------------------------- choosing


def test_auto_takes_what_suits_the_stages_model(tmp_path: Path) -> None:
    base, instruct = tmp_path / "base.gguf", tmp_path / "instruct.gguf"
    write_tiny_gguf(base)
    write_tiny_gguf(instruct, chat_template=CHAT_TEMPLATE)
    stages = {
        "instructions": {"model": f"gguf/{base}", "recipe": "auto"},
        "instances": {"model": f"gguf/{instruct}", "recipe": "auto"},
        "classification": {"model": "openai/gpt-6-luna", "recipe": "auto"},
    }
    config = resolve(
        tmp_path / "run", options={}, config_file={"stages": stages}, model_spec="scripted"
    ).config
    assert config.for_stage("answers").model == config.for_stage("instances").model
    calls = {
        stage: (config.recipe_for(stage).name, config.for_stage(stage).model.api)
        for stage in StagesConfig.model_fields
    }
    assert calls == {
        "instructions": ("paper", "completions"),
        "classification": ("chat", "chat"),  # nothing is known of it
        "instances": ("chat", "chat"),
        "answers": ("chat", "chat"),  # of the instances' model
    }


@pytest.mark.parametrize(
    ("stages", "options", "says"),
    [
        (
            {"answers": {"recipe": "chat"}},
            {"recipe": "paper"},
            "`config`: stages.answers.recipe: 'chat' would answer inputs that 'paper' writes",
        ),
        (
            {"answers": {}, "instances": {"recipe": "paper"}},
            {"recipe": "chat"},
            "`config`: stages.answers: no answers are asked for, since the recipe 'paper' writes inputs and",
        ),
        (
            {"instances": {"recipe": "chat"}},
            {"paper_exact": True},
            "`config`: stages.instances.recipe: `paper_exact` reproduces the paper's code",
        ),
        ({"instances": {"recipe": "caht"}}, {}, "stages.instances.recipe = 'caht': unknown recipe. Did you"),
        ({"instances": {"recipe": "a.py:B"}}, {}, "stages.instances.recipe = 'a.py:B': code is not loaded"),
        ({"instances": {"recipe": 3}}, {}, "stages.instances.recipe = 3: not a recipe. Write auto, paper"),
        ({"instances": {"recipe": "custom"}}, {}, "the name 'custom' stands for no recipe"),
        ({"instances": {"recipe": "chat", "model": None}}, {}, "recipe is given without a model. Name the"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, stages: dict[str, dict[str, Any]], options: dict[str, Any], says: str
) -> None:
    named = {stage: {"model": "scripted", **own} for stage, own in stages.items()}
    with pytest.raises(si.errors.ConfigError) as refused:
        generate(tmp_path / "run", {"stages": named}, **{"model": "scripted", **options})
    assert says in str(refused.value)
    assert not (tmp_path / "run").exists()


def test_another_mix_is_another_run(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    generate(directory, mix(BASE_THEN_CHAT), model="scripted", tasks=3)
    with pytest.raises(si.errors.RunMismatchError, match=r'stages\.instances\.recipe is "chat", not "paper"'):
        generate(directory, mix({**BASE_THEN_CHAT, "instances": "paper"}), model="scripted", tasks=4)
    with pytest.raises(
        si.errors.RunMismatchError, match=r'stages\.classification\.recipe is not set, not "chat"'
    ):
        generate(directory, mix({"classification": "chat"}), model="scripted", tasks=4)
    again = generate(directory, mix({"instances": "auto"}), model="scripted", tasks=4)
    assert len(again.tasks) == 4, "auto is what was settled"
    assert len(si.generate(directory, tasks=5).tasks) == 5, "a mix needs no file to be resumed"


# -------------------------------------------------------------------------------------- own ones


class Answering:
    """A recipe that writes one output and no input."""

    version, answers, flaws = "1", None, ("odd",)

    def __init__(self, name: str = "answering", says: str = "Task: ") -> None:
        self.name, self._says, self._paper = name, says, build_recipe(Config())
        self.usual = {Stage.INSTANCES: self._paper.usual[Stage.INSTANCES]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._paper, name)

    def instances_prompt(self, instruction: str, is_classification: bool, **_: Any) -> si.Prompt:
        return si.Prompt("", self._says + instruction, si.Sampling(0.0, 1.0, 0.0, 0.0, max_tokens=60), 0)

    def parse_instances(
        self, completion: si.Completion, is_classification: bool
    ) -> list[si.InstanceCandidate]:
        if "a" not in completion.text:
            return [si.InstanceCandidate("", completion.text, "odd")]
        return [si.InstanceCandidate("", completion.text)]


def test_a_recipe_of_ones_own_does_a_stage(tmp_path: Path) -> None:
    def short(instruction: str) -> str | None:
        return "long" if len(instruction) > 200 else None

    directory, options = tmp_path / "run", {"recipe": "paper", "model": "scripted"}
    run = generate(directory, mix({"instances": Answering()}), filters=short, **options)
    assert {each.input for task in run.tasks for each in task.instances} == {""}
    assert run.status().recipe == "paper (instructions, classification), answering (instances)"
    with pytest.raises(
        si.errors.RunMismatchError, match="of its own for the stage instances, the object 'answ"
    ):
        si.generate(directory, filters=short, tasks=12)
    with pytest.raises(
        si.errors.RunMismatchError, match=r'stages\.instances\.custom\.name is "answering", not "o"'
    ):
        generate(directory, mix({"instances": Answering("o")}), filters=short, **options)
    with pytest.raises(si.errors.RunMismatchError, match=r"The prompts of the recipe 'paper \(instr"):
        generate(directory, mix({"instances": Answering(says="T: ")}), filters=short, **options)
    more = generate(directory, mix({"instances": Answering()}), filters=short, **options, tasks=12)
    assert len(more.tasks) == 12
    same = si.filter(more, filters=short)
    assert same.tasks_after == same.tasks_before, "the flaw of the stage's own recipe is no filter's"


def test_ones_own_may_not_classify_where_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(si.errors.ConfigError, match="the recipe 'answering', which would classify the instr"):
        generate(tmp_path / "run", mix({"instructions": "paper"}), recipe=Answering(), model="scripted")
    run = generate(
        tmp_path / "run",
        mix({"instructions": "paper", "classification": "paper"}),
        recipe=Answering(),
        model="scripted",
    )
    assert len(run.tasks) == 10


# -------------------------------------------------------------------------------------- looking


def test_status_report_card_and_dry_run_tell_the_mix(tmp_path: Path) -> None:
    config = tmp_path / "mix.toml"
    config.write_text(
        "[stages.instructions]\nmodel = 'scripted'\nrecipe = 'paper'\n"
        "[stages.instances]\nmodel = 'scripted'\nrecipe = 'chat'\n"
    )
    shown = preview(resolve(tmp_path / "run", options={}, config_file=config, model_spec="scripted"))
    assert [(each["stage"], each["recipe"], each["api"]) for each in shown.to_json()["mix"]] == [
        ("instructions", "paper", "completions"),
        ("classification", "paper", "completions"),
        ("instances", "chat", "chat"),
        ("answers", "chat", "chat"),
    ]
    show_preview(shown, console := Console(record=True, width=80, file=StringIO()), as_json=False)
    assert "recipe  chat, by chat requests, for instances" in console.export_text()
    run = si.generate(tmp_path / "run", model="scripted", config=config, tasks=5)
    title = "paper (instructions, classification), chat (instances)"
    assert run.status().recipe == title
    assert title in run.report().read_text(encoding="utf-8")
    card = making(config_of(run.path), {})
    assert f"| recipe | `{title}` |" in card
    drawn = [line.split(" | ")[0].strip("| ") for line in card.splitlines() if line.startswith("| ")]
    assert [each for each in drawn if each in ("instructions", "inputs", "instances", "answers")] == [
        "instructions", "inputs", "answers",
    ]  # fmt: skip
