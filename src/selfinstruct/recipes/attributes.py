"""Attributes as prompts say them."""

from __future__ import annotations

from selfinstruct.config import AttributesConfig
from selfinstruct.records import Attributes

__all__ = ["attribute_line", "joined_values", "longest_values"]


def joined_values(asked: Attributes) -> dict[str, str]:
    """By name; `compare + explain` where there are several."""
    return {name: " + ".join(values) for name, values in asked.items()}


def attribute_line(asked: Attributes) -> str:
    """`persona: a baker of 40; topic: tides; skill: compare + explain`; empty where nothing is asked."""
    return "; ".join(f"{name}: {value}" for name, value in joined_values(asked).items())


def longest_values(config: AttributesConfig) -> Attributes:
    """As long as any that can be drawn; what is fitted to a model's window has to hold them."""
    return {
        name: tuple(sorted(attribute.values, key=len)[-attribute.pick :])
        for name, attribute in config.names.items()
    }
