"""The kinds of tasks that replies with new instructions tell apart, by the names that prompts give them."""

from __future__ import annotations

__all__ = ["COMPLETE", "KINDS", "WITH_LABEL", "WITH_TEXT"]

COMPLETE, WITH_TEXT, WITH_LABEL = "complete", "with text", "with label"

KINDS = {COMPLETE: (False, False), WITH_TEXT: (False, True), WITH_LABEL: (True, True)}
"""Name to whether it is classification, and whether it needs an input."""
