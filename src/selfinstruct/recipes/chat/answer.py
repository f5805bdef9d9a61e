"""Replies that do not do the task: those that decline, and those that ask for what they were not given."""

from __future__ import annotations

import re

__all__ = ["asks_back", "is_refusal"]

_CANNOT = r"(?:can(?:['’]?t|not| not)|won['’]t|(?:am|['’]m) (?:not able|unable) to|must decline to)"
_DOING = r"(?:assist|help(?! but)|comply|fulfil|provide|answer|complete|create|generate|do (?:that|this))"
_REFUSAL = re.compile(
    rf"(?:i(?:['’]m| am) (?:very |so |really )?sorry|sorry|i apologi[sz]e)\b.{{0,24}}?\bi ?{_CANNOT}"
    rf"|i ?{_CANNOT} {_DOING}\b|as an? (?:ai|(?:large )?language model)\b",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Whether a model declines, as far as that is seen from how such replies begin in English."""
    return _REFUSAL.match(text) is not None


_COURTESY = (
    r"(?:(?:sure|of course|certainly|absolutely|yes|okay|great)\b[,!.]*\s*"
    r"|[^.!?\n]{0,40}happy to help[^.!?\n]{0,60}[.!]\s*)*"
)
_WANTED = r"(?:provide|share|paste|send|upload|supply|specify|enter|give me|tell me|let me know)"
_ASKS_BACK = re.compile(
    rf"{_COURTESY}(?:(?:please|could you(?: please)?|can you(?: please)?) {_WANTED}\b"
    rf"|(?:to|in order to) (?:help|assist|answer|do)[^.!?\n]{{0,60}}\bi(?:['’]ll| will)? need\b"
    rf"|i (?:will |would )?need (?:more|some|the|you to)\b"
    r"|it (?:seems|looks|appears)[^.!?\n]{0,20} you (?:have ?n['’]t|have not|did ?n['’]t|did not|forgot))",
    re.IGNORECASE,
)


def asks_back(text: str) -> bool:
    """Whether a model asks for what it was not given, as far as that is seen from how such replies begin in
    English."""
    return _ASKS_BACK.match(text) is not None
