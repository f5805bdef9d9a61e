"""What single settings may be, and what every section is."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "AttributeText",
    "JsonObject",
    "Language",
    "Name",
    "Positive",
    "Price",
    "Section",
    "Share",
    "SignalNames",
    "Topic",
    "Typed",
]

LANGUAGE_CHARACTERS, TOPIC_CHARACTERS, ATTRIBUTE_CHARACTERS = 100, 1000, 300
_JOINERS = frozenset("\u200c\u200d")  # of Persian and Indic words, and of emoji


def _named(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "should not be empty")
    return text


def _part_of_a_prompt(at_most: int) -> Callable[[str], str]:
    """A check for text that stands within a prompt's sentence, where a line of its own would be another
    sentence of ours."""

    def check(text: str) -> str:
        if text and not text.strip():
            raise PydanticCustomError("blank", "should not be blank")
        for char in text:
            if not (char.isprintable() or unicodedata.category(char) == "Zs" or char in _JOINERS):
                raise PydanticCustomError(
                    "one_line",
                    "should be one printable line, and holds {char}",
                    {"char": f"U+{ord(char):04X}"},
                )
        if len(text) > at_most:
            raise PydanticCustomError(
                "too_long",
                "should have at most {at_most} characters, and has {length}",
                {"at_most": f"{at_most:,}", "length": f"{len(text):,}"},
            )
        return text

    return check


def _json(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PydanticCustomError("json", "should be JSON: {why}", {"why": str(error)}) from None
    return value


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, AfterValidator(_named)]
Language = Annotated[str, AfterValidator(_part_of_a_prompt(LANGUAGE_CHARACTERS))]
Topic = Annotated[str, AfterValidator(_part_of_a_prompt(TOPIC_CHARACTERS))]
AttributeText = Annotated[str, AfterValidator(_part_of_a_prompt(ATTRIBUTE_CHARACTERS))]
JsonObject = Annotated[dict[str, Any], AfterValidator(_json)]


def _separate(value: Any) -> Any:
    """`talk,loop` as the list that it stands for."""
    if isinstance(value, str) and value not in ("all", "certain", "none"):
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


SignalNames = Annotated[Literal["all", "certain", "none"] | tuple[Name, ...], BeforeValidator(_separate)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Typed(BaseModel):
    """Takes numbers for numbers and true or false for switches, as the user wrote them: `"5"` in a file is a
    slip, and pydantic alone would read it."""

    @field_validator("*", mode="before")
    @classmethod
    def _as_written(cls, value: Any, info: ValidationInfo) -> Any:
        annotation: Any = cls.model_fields[info.field_name or ""].annotation
        kinds = _kinds(annotation)
        if not kinds or not kinds <= {int, float, bool} or value is None:
            return value
        if kinds == {bool}:
            if not isinstance(value, bool):
                raise PydanticCustomError("switch", "should be true or false" + _unquoted(value))
        elif isinstance(value, str | bool):
            raise PydanticCustomError("number", "should be a number" + _unquoted(value))
        return value


def _unquoted(value: Any) -> str:
    return ", without quotation marks" if isinstance(value, str) else ""


@cache
def _kinds(annotation: Any) -> frozenset[Any]:
    """The types that a field may have, None aside."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return frozenset().union(*map(_kinds, get_args(annotation)))
    return frozenset() if annotation is NoneType else frozenset({annotation})


class Section(Typed):
    """Frozen, with no field that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
