"""Models and recipes of the user's own by name: `module:name`, `file.py:name`, entry points."""

import json
import os
import sys
from pathlib import Path

import pytest
from command import run as command

import selfinstruct as si
from selfinstruct.config import Config
from selfinstruct.dataset.card_provenance import making
from selfinstruct.models.catalog import can_be_tuned, likelihoods, parse_spec

EXAMPLES = Path(__file__).parents[2] / "examples"
INSTRUCTIONS = ["Say where hedgehogs sleep.\nName a month for beans.", "Tell when the frost ends."]
ROWS = [
    {"contains": "Answer:", "reply": [" Under an oak.", " In May."]},
    {"contains": "one a line", "reply": INSTRUCTIONS},
]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with code of one's own in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("own_model", "own_recipe"):
        code = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        Path(f"{name}.py").write_text(code, encoding="utf-8")
    Path("script.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return tmp_path


@pytest.fixture
def installed(own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that offers both."""
    package = own / "site"
    about = package / "house-1.0.dist-info"
    about.mkdir(parents=True)
    for name in ("own_model", "own_recipe"):
        Path(f"{name}.py").rename(package / f"house_{name}.py")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: house\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[selfinstruct.models]\nsums = house_own_model:Sums\nbroken = house_own_model:nothing\n"
        "[selfinstruct.recipes]\none_liners = house_own_recipe:OneLiners\n"
    )
    monkeypatch.syspath_prepend(str(package))
    return package


def made(directory: str, **options: object) -> si.Run:
    return si.generate(directory, **{"tasks": 3, **options})  # type: ignore[arg-type]


def kept(directory: str) -> Config:
    return si.Run(directory)._reader.config()


# ------------------------------------------------------------------------------------- by code


@pytest.mark.parametrize("reference", ["own_model.py:Sums", "own_model:Sums"])
def test_a_model_by_name_is_that_object(own: Path, reference: str) -> None:
    run = made("r", model=reference)
    assert run.tasks[0].instruction.startswith("Add ")
    about = kept("r").model.custom
    assert about is not None
    assert (about.name, about.version, about.source) == ("sums", "1", reference)
    with pytest.raises(si.errors.RunMismatchError) as missing:
        made("r", tasks=4)
    assert str(missing.value) == (
        "The run r was started with the model 'sums' (version 1), which is missing now."
        f' Give it again: `model="{reference}"`'
    )
    assert len(made("r", tasks=4, model=reference).tasks) == 4
    run.report()
    run.export("d.jsonl", format="alpaca")


def test_how_it_was_given_does_not_matter(own: Path) -> None:
    made("r", model="own_model.py:Sums")
    from own_model import Sums  # type: ignore[import-not-found]

    assert len(made("r", tasks=4, model=Sums()).tasks) == 4
    with pytest.raises(si.errors.RunMismatchError, match=r"model\.custom\.settings\.largest is 999, not 5"):
        made("r", tasks=5, model=Sums(5))


def test_a_recipe_by_name(own: Path) -> None:
    model = "scripted/script.jsonl"
    run = made("r", recipe="own_recipe.py:OneLiners", model=model)
    assert run.status().recipe == "one_liners"
    assert {each.output for task in run.tasks for each in task.instances} <= {"Under an oak.", "In May."}
    with pytest.raises(si.errors.RunMismatchError, match=r"with the recipe 'one_liners' \(version 1\)"):
        made("r", tasks=2)
    with pytest.raises(si.errors.RunMismatchError, match="which is missing now"):
        made("r", tasks=2, recipe="paper")
    assert len(made("r", tasks=2, recipe="own_recipe.py:OneLiners").tasks) == 2
    run.report()
    assert "| recipe | `one_liners` |" in making(kept("r"), {}), "the data card"


def test_the_command_takes_both(own: Path) -> None:
    asked = ("--recipe", "own_recipe.py:OneLiners", "--model", "scripted/script.jsonl", "--tasks", 3)
    shown = command("generate", "r", *asked, "--dry-run")
    assert "one_liners, by completions" in shown.stdout
    assert command("generate", "r", *asked, "--json").json()["tasks"] == 3
    assert command("generate", "r", "--tasks", 2).error() == (
        "Error: The run r was started with the recipe 'one_liners' (version 1), which is missing now."
        " Give it again: --recipe own_recipe.py:OneLiners"
    )
    assert command("filter", "r", "--novelty", 0.5).code == 0, "judging again needs neither"
    priced = command("generate", "s", "--model", "own_model.py:Sums", "--dry-run", "--json").json()
    assert (priced["missing"], priced["prices"][0]["model"]) == ([], "custom/sums")


def test_other_verbs_ask_it_too(own: Path) -> None:
    made("r", model="scripted")
    improved = si.improve("r", model="own_model.py:Sums", name="sums")
    assert improved.batch.stopped == "done"
    with pytest.raises(si.errors.RunMismatchError, match="the model 'sums'"):
        si.improve("r", name="sums")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"recipe": "papr"}, "Unknown recipe 'papr'. Did you mean paper?"),
        ({"recipe": "own_recipe.py:OneLinrs"}, "has nothing named 'OneLinrs'"),
        ({"recipe": "own_recipe.py:main"}, "own_recipe.py:main is None, not a recipe"),
        ({"recipe": "own_model:Sums"}, r"own_model:Sums is <.*Sums object.*>, not a recipe"),
        ({"model": "own_recipe:OneLiners"}, r"own_recipe:OneLiners is .*, not a model. It lacks"),
        ({"model": "no_such_module:f"}, "There is no module no_such_module"),
        ({"model": "own_model.py:random"}, "is <module 'random'.*, not a model"),
        ({"model": "wants.py:Wants"}, "cannot be made without arguments: missing a required argument: 'key'"),
        ({"model": "qwen2.5:7b"}, "Unknown model 'qwen2.5:7b'"),
        ({"model": "sums"}, "Unknown model 'sums': it names no provider"),
        (
            {"model": None, "config": {"model": {"custom": "sums"}}},
            "No installed package offers a model 'sums'",
        ),
        ({"config": {"recipe": {"custom": "lines"}}}, "No installed package offers a recipe 'lines'"),
        (
            {"model": None, "config": {"model": {"custom": {"name": "sums", "source": "own_model.py:Sums"}}}},
            "model.custom: the config file names the code of the model 'sums', and code is not loaded",
        ),
        (
            {"config": {"stages": {"instances": {"model": "own_model:Sums"}}}},
            "Unknown model 'own_model:Sums'",
        ),
    ],
)
def test_what_is_neither_is_refused_in_one_message(own: Path, options: dict[str, object], says: str) -> None:
    Path("wants.py").write_text("class Wants:\n    def __init__(self, key): ...\n")
    with pytest.raises(si.errors.UserError, match=says):
        made("r", **{"model": "scripted", **options})
    assert not Path("r").exists()


# ------------------------------------------------------------------------------------ installed


def test_installed_ones_are_found_again(installed: Path) -> None:
    run = made("r", model="sums")
    assert run.tasks[0].instruction.startswith("Add ")
    assert kept("r").model.custom.source == "installed"  # type: ignore[union-attr]
    assert len(made("r", tasks=4).tasks) == 4, "nothing has to be given again"
    lines = made("l", recipe="one_liners", model="scripted/script.jsonl")
    assert len(made("l", tasks=2).tasks) == 2
    assert lines.status().recipe == "one_liners"
    with pytest.raises(si.errors.UserError, match="'broken' cannot be loaded: AttributeError"):
        made("s", model="broken")


def test_a_config_file_names_them(installed: Path) -> None:
    Path("c.toml").write_text(
        '[model]\ncustom = "sums"\n[recipe]\ncustom = "one_liners"\n[limits]\ntasks = 2\n'
    )
    made("r", tasks=None, config="c.toml", max_requests=9)
    config = kept("r")
    assert (config.model.provider, config.model.name) == ("custom", "sums")
    assert (config.recipe.name, config.recipe.title) == ("custom", "one_liners")
    assert kept_of_another(config) == ("custom", "scripted")


def kept_of_another(config: Config) -> tuple[str, str]:
    made("s", model="scripted", config={"stages": {"instances": {"model": "sums"}}})
    stage = kept("s").stages.instances
    assert stage is not None
    assert stage.model.api == "completions"
    assert len(made("s", tasks=4).tasks) == 4
    return stage.model.provider, kept("s").model.provider


def test_another_version_is_another_model(installed: Path) -> None:
    made("r", model="sums")
    made("s", model="scripted", config={"stages": {"instances": {"model": "sums"}}})
    code = installed / "house_own_model.py"
    path = os.pathsep.join((str(installed), *sys.path))
    code.write_text(code.read_text(encoding="utf-8").replace('"sums", "1"', '"sums", "2"'), encoding="utf-8")
    done = command("generate", "r", "--tasks", 4, PYTHONPATH=path)
    assert 'model.custom.version is "1", not "2"' in done.error()
    done = command("generate", "s", "--tasks", 4, PYTHONPATH=path)
    assert "The installed model 'sums' is not the one that the run was started with" in done.error()


def test_what_its_kind_can_tell(installed: Path) -> None:
    own = parse_spec("sums", 512)
    assert (own.provider, own.name, own.context_window) == ("custom", "sums", 512)
    assert likelihoods(own) == "none"
    assert not can_be_tuned("sums")
