"""Numbers and switches in config files are no texts."""

from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from pydantic import BaseModel, ValidationError

import selfinstruct as si
from selfinstruct.config import attributes, resolved, sections
from selfinstruct.config.checks import _kinds
from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.settings import EvaluationSettings
from selfinstruct.studies.rounds.settings import RoundsSettings
from selfinstruct.training import settings as training


def models(*modules: ModuleType) -> list[type[BaseModel]]:
    found = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    return [each for each in dict.fromkeys(found) if issubclass(each, BaseModel) and each is not BaseModel]


MODELS: list[type[BaseModel]] = [
    *models(attributes, resolved, sections, training),
    EvaluationSettings,
    RoundsSettings,
]
PLAIN = [
    (model, name, kinds)
    for model in MODELS
    for name, field in model.model_fields.items()
    if (kinds := _kinds(cast("Any", field.annotation))) and kinds <= {int, float, bool}
]


def wrong(model: type[BaseModel], name: str, value: object) -> str:
    """Why a field does not take a value; empty where it does."""
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return next((each["msg"] for each in error.errors() if each["loc"] == (name,)), "")
    return ""


def test_no_field_takes_text_for_a_number() -> None:
    assert len(PLAIN) > 80
    for model, name, kinds in PLAIN:
        word = "true or false" if kinds == {bool} else "a number"
        for text in ("5", "true", "0.5", ""):
            assert wrong(model, name, text) == f"should be {word}, without quotation marks", (model, name)
        if kinds == {bool}:
            assert wrong(model, name, 1) == "should be true or false", (model, name)
            assert not wrong(model, name, value=False)
        else:
            assert wrong(model, name, value=True) == "should be a number", (model, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[limits]\ntasks = "5"', "limits.tasks = '5': should be a number, without quotation marks."),
        ('[limits]\nmax_cost = "1.5"', "limits.max_cost = '1.5': should be a number, without"),
        ("[limits]\ntasks = true", "limits.tasks = True: should be a number."),
        ('[recipe]\ncalibrate = "no"', "recipe.calibrate = 'no': should be true or false, without quotation"),
        ('[sampling.instructions]\nmax_tokens = "9"', "sampling.instructions.max_tokens = '9': should be a"),
        ('seed = "7"', "seed = '7': should be a number, without quotation marks."),
    ],
)
def test_the_message_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "my.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        si.generate(tmp_path / "run", model="scripted", config=file)
    assert str(raised.value).startswith(f"{file}: {said}")


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (
            {"tasks": "5", "entries": {"a": {"model": "scripted"}}},
            "entry 'a': tasks = '5': should be a number, without",
        ),
        (
            {"entries": {"a": {"steer": "yes"}}},
            "the study, entry 'a': steer = 'yes': should be true or false",
        ),
        (
            {"entries": {"a": {"filters": {"min_words": "3"}}}},
            "the study, entry 'a': filters.min_words = '3': should be a number",
        ),
        (
            {
                "judge": {"model": "scripted", "max_requests": "9"},
                "tasks": 1,
                "entries": {"a": {"model": "scripted"}},
            },
            "the study, [judge]: max_requests = '9': should be a number",
        ),
        (
            {
                "judge": {"model": "scripted", "seed": "9"},
                "tasks": 1,
                "entries": {"a": {"model": "scripted"}},
            },
            "the study, [judge]: seed = '9': should be a whole number",
        ),
    ],
)
def test_in_a_bakeoff(tmp_path: Path, study: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        si.bakeoff(study, tmp_path / "study")
    assert said in str(raised.value)


def test_in_python(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`tasks` = '5': should be a number, without quotation marks"):
        si.generate(tmp_path / "run", model="scripted", tasks="5")  # type: ignore[arg-type]
