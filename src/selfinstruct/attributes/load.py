"""Reading attributes: names with weighted values, from TOML, JSON, a mapping, or the bundled library.

topic = ["bread", "VAT"]                               values of equal weight; one listed twice weighs double
difficulty = {easy = 2, hard = 1, "" = 1}              weights; the empty value leaves it unsaid
skill = {pick = 2, values = ["compare", "summarize"]}  pairs of values
persona = "bundled"                                    the library's own
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from selfinstruct.attributes.library import BUNDLED, BY_NAME_ONLY, bundled_values
from selfinstruct.config import AttributeConfig, AttributesConfig
from selfinstruct.errors import ConfigError
from selfinstruct.paths import read_bytes
from selfinstruct.text.spelling import closest, did_you_mean

__all__ = ["attributes_from_mapping", "bundled_attributes", "read_attributes"]

MOST_BYTES = 1 << 24
MOST_VALUES = 20_000
"""Of all attributes together: they are kept in the run's config, which is read often."""

_FORMS = 'Write `topic = ["bread", "tax law"]`, or with weights `topic = {bread = 2, "tax law" = 1}`.'


def read_attributes(path: Path) -> AttributesConfig:
    """Those of a file: TOML, or JSON where it begins with `{`.

    Raises ConfigError naming the file and the attribute.
    """
    if not path.exists() and closest(str(path), [BUNDLED]):
        raise ConfigError(
            f"`attributes` is {str(path)!r}, which was taken for a file and does not exist.",
            f"Did you mean {BUNDLED!r}, the library?",
        )
    data = read_bytes(path, ConfigError, "the attributes", at_most=MOST_BYTES)
    try:
        text = data.decode("utf-8-sig")
        found: Any = json.loads(text) if text.lstrip()[:1] == "{" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of both parsers, and of UTF-8
        raise ConfigError(f"{path} is neither valid TOML nor valid JSON: {error}.", _FORMS) from error
    return _config(found, str(path.absolute()), f"{path}: ")


def attributes_from_mapping(value: Mapping[str, Any], where: str = "") -> AttributesConfig:
    """The same from an object of the same layout. where: begins messages, with its colon."""
    return _config(value, "given", where)


def bundled_attributes() -> AttributesConfig:
    """The library that comes with the package."""
    names = [name for name in bundled_values() if name not in BY_NAME_ONLY]
    return _config(dict.fromkeys(names, BUNDLED), BUNDLED, "")


def _config(value: Mapping[str, Any], source: str, where: str) -> AttributesConfig:
    if not value:
        raise ConfigError(f"{where}there are no attributes.", _FORMS)
    names = {_name(name, where): _attribute(name, given, where) for name, given in value.items()}
    count = sum(len(each.values) for each in names.values())
    if count > MOST_VALUES:
        raise ConfigError(
            f"{where}there are {count:,} values, and a run takes {MOST_VALUES:,}.", "Give a sample of them."
        )
    plain = {name: each.model_dump() for name, each in names.items()}
    digest = hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()
    return AttributesConfig(source=source, digest=digest, names=names)


def _name(name: object, where: str) -> str:
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or ":" in name or ";" in name:
        raise ConfigError(
            f"{where}{name!r} cannot be the name of an attribute.",
            "Give a short word, such as topic; colons and semicolons separate attributes in the prompt.",
        )
    return name.strip()


def _attribute(name: str, value: Any, where: str) -> AttributeConfig:
    pick: Any = 1
    if isinstance(value, Mapping) and "values" in value and value.keys() <= {"values", "pick", "measured"}:
        value, pick = value["values"], value.get("pick", 1)
    if value == BUNDLED:
        library = bundled_values()
        if name not in library:
            raise ConfigError(
                f"{where}the library has no attribute {name!r}.",
                did_you_mean(name, list(library)) or f"It has {', '.join(library)}.",
            )
        value = library[name]
    weights = _weights(name, value, where)
    if not weights:
        raise ConfigError(f"{where}attribute {name!r} has no values.", _FORMS)
    try:
        attribute = AttributeConfig(values=weights, pick=pick)
    except ValidationError as error:
        first = error.errors()[0]
        field = "pick" if first["loc"][0] == "pick" else f"value {first['input']!r:.80}"
        raise ConfigError(f"{where}attribute {name!r}, {field}: {first['msg']}.", _FORMS) from None
    possible = sum(weight > 0 for text, weight in attribute.values.items() if text)
    if possible < attribute.pick:
        raise ConfigError(
            f"{where}attribute {name!r} has {possible} values of a weight above 0, but needs {pick}.",
            _FORMS,
        )
    return attribute


def _weights(name: str, value: object, where: str) -> dict[str, float]:
    if isinstance(value, Mapping):
        for text, weight in value.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float):
                raise ConfigError(
                    f"{where}attribute {name!r}: the weight of {text!r:.80} is {weight!r:.60}, no number.",
                    _FORMS,
                )
        return {str(text): float(weight) for text, weight in value.items()}
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise ConfigError(f"{where}attribute {name!r} is {value!r:.80}, and not a list of values.", _FORMS)
    weights: dict[str, float] = {}
    for text in value:
        if not isinstance(text, str):
            raise ConfigError(f"{where}attribute {name!r}: {text!r:.80} is not a text.", _FORMS)
        weights[text] = weights.get(text, 0.0) + 1.0
    return weights
