"""Words that stand where there is no input, as models and tables write them."""

from __future__ import annotations

import re

__all__ = ["without_placeholder"]

_NO_INPUT = re.compile(
    r"""[<(\[]?+ (?: n/?a | none | null | nil | empty
          | no\ ?input (?:\ (?: needed | required | necessary | given | provided ))?+ ) [>)\]]?+ \.?+""",
    re.IGNORECASE | re.VERBOSE,
)


def without_placeholder(text: str) -> str:
    """The text without white space around it; empty where all of it is a word for no input (`N/A`,
    `<noinput>`, `No input required.`)."""
    text = text.strip()
    return "" if _NO_INPUT.fullmatch(text) else text
