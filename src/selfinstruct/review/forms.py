"""What a rater sent, read and checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selfinstruct.ratings.questions import (
    ACCEPT,
    COMMENT,
    DECISION,
    DECISIONS,
    EDIT,
    FIELDS,
    LEVEL,
    LEVELS,
    QUESTIONS,
)
from selfinstruct.review.items import ReviewItem

__all__ = ["ANSWER", "Review", "parse_level", "parse_name", "parse_review", "shown"]

NAME_LENGTH = 60
COMMENT_LENGTH = 2_000
ASKS_OF = dict(zip(QUESTIONS, FIELDS, strict=True))
"""The text that each question is about, mostly."""
ANSWER = "answer_"  # before the question's name: the fields that an edit changes have their own
YES, NO = "yes", "no"

Form = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """answers, edit: as in `store.ratings.Event`. problem: why it cannot be taken; empty where it can."""

    answers: Mapping[str, Any]
    edit: Mapping[str, str]
    problem: str = ""


def parse_name(text: str) -> str | None:
    """A rater's name, white space collapsed; None for what is none, or cannot stand in an address."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name.strip(".") or len(name) > NAME_LENGTH or re.search(r"[/\\]", name) or not name.isprintable():
        return None
    return name


def parse_review(form: Form, item: ReviewItem) -> Review:
    """Of generated data. Where a question is open, accepting says yes, and editing says no of each text that
    it changes and yes of the others; rejecting needs all three answers, since it alone does not tell what was
    wrong, and Table 2 counts them."""
    decision = form.get("action")
    said = {name: form.get(ANSWER + name) for name in QUESTIONS}
    answers: dict[str, Any] = {name: answer == YES for name, answer in said.items() if answer in (YES, NO)}
    if decision not in DECISIONS:
        return Review(answers, {}, "Accept, edit or reject it.")
    edit = _changes(form, item) if decision == EDIT else {}
    if decision == ACCEPT:
        answers = dict.fromkeys(QUESTIONS, True) | answers
    elif decision == EDIT:
        answers = {name: field not in edit for name, field in ASKS_OF.items()} | answers
    elif len(answers) < len(QUESTIONS):
        return Review(answers, edit, "Answer all three questions, then reject: they say what was wrong.")
    if decision == EDIT and not edit:
        return Review(answers, edit, "Nothing was changed. Change something, or accept it.")
    empty = [name for name in ("instruction", "output") if not edit.get(name, "x").strip()]
    if empty:
        return Review(answers, edit, f"There is no {empty[0]} left. Write one, or reject it.")
    comment = shown(str(form.get(COMMENT, ""))).strip()[:COMMENT_LENGTH]
    return Review({**answers, DECISION: decision} | ({COMMENT: comment} if comment else {}), edit)


def parse_level(form: Form, responses: int) -> tuple[int, str] | None:
    """The place of the response in the rater's own order, from 0, and the level; None for what is neither."""
    place, level = str(form.get("place", "")), form.get(LEVEL)
    if not place.isascii() or not place.isdigit() or not 1 <= int(place) <= responses:
        return None
    return (int(place) - 1, str(level)) if level in {each.name for each in LEVELS} else None


def shown(text: str) -> str:
    """As a text field gives it back when nobody touches it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _changes(form: Form, item: ReviewItem) -> dict[str, str]:
    """The fields that differ from what was shown."""
    before = dict(zip(FIELDS, (item.instruction, item.input, item.responses[0].text), strict=True))
    after = {name: shown(str(form[name])) for name in FIELDS if name in form}
    return {name: text for name, text in after.items() if text != shown(before[name])}
