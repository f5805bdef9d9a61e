"""What single settings may be, and what every section is."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
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


class Section(BaseModel):
    """Frozen, with no field that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
