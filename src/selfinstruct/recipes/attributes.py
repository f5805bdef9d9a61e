"""Attributes as prompts say them."""

from __future__ import annotations

from selfinstruct.config import AttributesConfig
from selfinstruct.records import Attributes

__all__ = ["attribute_line", "longest_line"]


def attribute_line(asked: Attributes) -> str:
    """`persona: a baker of 40; topic: tides; skill: compare + explain`; empty where nothing is asked."""
    return "; ".join(f"{name}: {' + '.join(values)}" for name, values in asked.items())


def longest_line(config: AttributesConfig) -> str:
    """One as long as any that can be drawn; what is fitted to a model's window has to hold it."""
    longest = {
        name: tuple(sorted(attribute.values, key=len)[-attribute.pick :])
        for name, attribute in config.names.items()
    }
    return attribute_line(longest)
