"""Settings as people write them, a TOML file or single values by name, on their way to a `Config`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.models.access import require_variable_name
from selfinstruct.paths import read_bytes
from selfinstruct.text.spelling import did_you_mean

__all__ = ["ARGUMENTS", "BUDGETS", "described", "merge", "nested", "read_toml", "validate", "wrong_argument"]

MOST_BYTES = 1 << 24
"""Of a config file."""
SHOWN_CHARACTERS = 80
"""Of a value that is wrong."""


def read_toml(path: Path) -> dict[str, Any]:
    """A file's tables. Raises ConfigError where it cannot be read or is no TOML."""
    text = read_bytes(path, ConfigError, "the config file", at_most=MOST_BYTES)
    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error


def nested(name: str, value: Any) -> dict[str, Any]:
    """`a.b` and a value as `{"a": {"b": value}}`."""
    for part in reversed(name.split(".")):
        value = {part: value}
    return dict(value)


def merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Put `other` over `into`, table by table."""
    for key, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


ARGUMENTS = {
    "limits.tasks": "tasks",
    "limits.max_requests": "max_requests",
    "limits.max_total_tokens": "max_total_tokens",
    "limits.max_cost": "max_cost",
    "recipe.name": "recipe",
    "recipe.language": "language",
    "recipe.about": "about",
    "recipe.classification_only": "classification_only",
    "filters.signals": "signals",
    "filters.meaning.threshold": "meaning_threshold",
    "model.api": "api",
    "model.context_window": "context_window",
    "endpoint.base_url": "base_url",
    "endpoint.api_key_env": "api_key_env",
    "endpoint.price_in": "price_in",
    "endpoint.price_out": "price_out",
    "endpoint.price_cached": "price_cached",
    "endpoint.concurrency": "concurrency",
    "endpoint.timeout_seconds": "timeout",
    "endpoint.batch.on": "batch",
    "endpoint.batch.wait": "wait",
    "engine.name": "engine",
    "engine.backend": "backend",
    "engine.replicas": "replicas",
    "engine.gpus_per_replica": "gpus_per_replica",
    "seed": "seed",
    "steering.on": "steer",
    "window": "window",
}
"""Settings that can be given by name alone: the field, and the name."""


BUDGETS = frozenset({"limits.max_requests", "limits.max_total_tokens", "limits.max_cost"})
"""Of these settings, 0 given by name lifts the limit."""


def validate(
    values: dict[str, Any], config_file: Path | str | None, options: Mapping[str, Any] | None = None
) -> Config:
    """The config of these values. Raises ConfigError that names the first field that is wrong, and the file
    where it came from one; for an unknown one with the name that was probably meant.

    config_file: or how messages call what stands for one.
    options: fields that were given by name, which the error then speaks of.
    """
    where = f"{config_file}: " if config_file else ""
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        wrong = error.errors()
        # A name that does not exist says more than that another is missing, which was probably meant.
        first = next((each for each in wrong if each["type"] == "extra_forbidden"), wrong[0])
        field = ".".join(str(part) for part in first["loc"])
        named = (options or {}).get(field) is not None
        zero_lifts = named and field in BUDGETS
        if named:
            field, where = f"`{ARGUMENTS.get(field, field)}`", ""
        if first["type"] == "missing":
            raise ConfigError(f"{where}{field} is missing.") from None
        if first["type"] == "extra_forbidden":
            raise ConfigError(
                f"{where}there is no setting named {field!r}.",
                did_you_mean(field, [*Config.model_fields, *_names(Config)]),
            ) from None
        raise ConfigError(f"{where}{field} = {described(error, zero_lifts=zero_lifts)}") from None
    own = {f"stages.{stage}.model": chosen.model for stage, chosen in config.stages if chosen is not None}
    meaning = config.filters.meaning
    if meaning is not None:
        own["filters.meaning.model"] = meaning.model
    for field, model in {"model": config.model, **own}.items():
        if not model.name.strip():  # ModelConfig allows it: a probe asks a server for the model it has
            raise ConfigError(f"{where}{field}.name = {model.name!r}: should not be empty.")
    words = config.filters
    if words.min_words > words.max_words:
        raise ConfigError(
            f"{where}filters.min_words = {words.min_words} is more than filters.max_words ="
            f" {words.max_words}: no instruction could be kept."
        )
    stages = [chosen.endpoint for _, chosen in config.stages if chosen is not None]
    for endpoint in (config.endpoint, *stages, *([meaning.endpoint] if meaning else [])):
        require_variable_name(endpoint.api_key_env)  # before a run keeps it
    return config


def wrong_argument(error: ValidationError, *, zero_lifts: Collection[str] = ()) -> ConfigError:
    """What to raise where fields are arguments of the same names. zero_lifts: those where 0 lifts a limit."""
    field = str(error.errors()[0]["loc"][0])
    return ConfigError(f"`{field}` = {described(error, zero_lifts=field in zero_lifts)}")


def described(error: ValidationError, *, zero_lifts: bool = False) -> str:
    """The value that is wrong, shortened, and why. zero_lifts: whether 0 stands for no limit."""
    first = error.errors()[0]
    shown = repr(first["input"])
    if len(shown) > SHOWN_CHARACTERS:
        shown = f"{shown[:SHOWN_CHARACTERS]}…"
    said = _PLAIN.get(first["type"], first["msg"].removeprefix("Value error, "))
    if zero_lifts and first["type"] in ("greater_than", "greater_than_equal"):
        said = "should be 0 (no limit) or more"
    return f"{shown}: {said[:1].lower()}{said[1:]}."


_PLAIN = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "should be a table"),
    **dict.fromkeys(("tuple_type", "list_type"), "should be a list"),
}
"""Instead of what pydantic says of some types of errors, which names Python's classes."""


def _names(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of its settings, those of optional sections included."""
    for name, field in section.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if prefix or not inner:
            yield f"{prefix}{name}"
        for kind in inner:
            yield from _names(kind, f"{prefix}{name}.")
