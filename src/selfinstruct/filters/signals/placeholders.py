"""Placeholders in outputs: what should have been filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import speaks_of, without_code
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format

__all__ = ["Placeholder"]

_SLOT = (
    r"(?:name|names|date|day|time|address|company|companies|organi[sz]ation|city|town|state|country"
    r"|zip(?: code)?|number"
    r"|phone|e-?mail|title|position|role|job|recipient|sender|manager|customer|client|employer|amount"
    r"|price|product|topic"
    r"|subject|link|url|website|signature|university|school|location|venue|place|department|team"
    r"|project|hobby|age|field"
    r"|industry|skill|skills|event|reason|details?|contact|doctor|teacher|friend|brand|service|month"
    r"|year|order|text here"
    r"|here|month|x|noun|verb|adjective|blank|item|list|quote|image|example|description|answer"
    r"|response|output|summary|author)"
)
_BRACKETED = re.compile(
    rf"\[(?:(?:your|my|our|their|his|her|insert|enter|add|type|fill|the|recipient|company|customer"
    rf"|client|first|last|full|"
    rf"employee|manager|hiring|business|product|sender"
    rf"|job|date|event|user|friend)(?:'s"
    rf"|’s)?\b[^\]\n]{{0,50}}"
    rf"|(?:[A-Z][\w'’/-]*\s){{0,4}}{_SLOT}(?:\s(?:of|and|or|/)\s[\w ]{{1,25}}|\s?\d)?|(?:ihre?|dein"
    rf"|deine|votre|ton|tu|su|nombre|nom|datum|firma|adresse|vorname|"
    rf"nachname|fecha|empresa|entreprise)\b[^\]\n]{{0,30}}|姓名|您的[^\]]{{1,10}}|你的[^\]]{{1,10}}|日期"
    rf"|公司[^\]]{{0,6}})\]"
    rf"|[【［](?:姓名|您的|你的|日期|公司)[^】］\n]{{0,10}}[】］]",
    re.IGNORECASE,
)
_OTHER_SLOTS = re.compile(
    rf"<(?:(?:insert|enter|your|add|fill)\b[^<>\n]{{1,50}}|(?:your|my|the|first|last"
    rf"|company)[ _]{_SLOT}|(?:[a-z]+[ _]){{0,2}}{_SLOT})>"
    rf"|\((?:insert|enter your|add your|your name|fill in|type your)\b[^()\n]{{0,60}}\)"
    rf"|\{{\{{?\s*(?:your[ _]?)?\w*[ _]?{_SLOT}\s*\}}?\}}|\{{(?:insert|your|enter)\b[^{{}}\n]{{0,40}}\}}"
    rf"|\b(?:INSERT|ENTER|ADD) (?:YOUR |THE )?[A-Z]+ (?:[A-Z]+ )?HERE\b|\bTODO\b|\bTBD\b"
    rf"|\blorem ipsum\b|\bXXXX*\b|\bYOUR_[A-Z_]+\b"
    rf"|\$\{{\w+\}}",
    re.IGNORECASE,
)
_MAY_HOLD = re.compile(
    r"[\[<{【［_]|\.{8}|\((?:insert|enter|add|your|fill|type)\b|\b(?:todo|tbd|lorem|xxx)|\bhere\b", re.I
)
_CASED = re.compile(r"\b(?:todo|xxx+|tbd)\b", re.IGNORECASE)
_UNWRITTEN = re.compile(
    r"(?:#|//|--|/\*)\s*(?:TODO|FIXME|your code|add (?:your )?code|implement(?:ation)? (?:here|this"
    r"|goes|me)|insert code|(?:the )?rest of|fill in|code goes)\b[^\n]{0,40}",
    re.IGNORECASE,
)
_BLANK = re.compile(r"(?<![\w_])_{3,}(?![\w_])|\.{8,}")
_ANY_BRACKET = re.compile(r"\[(?!\d|x\]|sic|\.\.\.|…| \])[^\W\d][^\][\n(]{1,45}\](?!\()")
_LETTER_LIKE = speaks_of(
    "letters? e-?mails? mail note notes memo speech* post posts advert* "
    "ad announcement* bio biography resume cv press_release message* invitation* review* tweet* "
    "caption*"
    " brief* nachricht* einladung* lettre* courriel* message carta* correo* mensaje* invitación "
    "e-mail* 邮件 信 blog newsletter* reply toast reference recommendation"
)
_TEMPLATE = speaks_of(
    "template* placeholder* form forms blank* fill* bracket* mad_?libs? boilerplate skeleton generic "
    "fillable cloze"
    " customi[sz]able reusable variable* insert f-?strings? format_string* "
    "jinja mustache worksheet gap* vorlage*"
    " lückentext platzhalter modèle plantilla* 模板 todo lorem dummy "
    "slot* mail_merge personali[sz]able tokens? markup"
    " redact* anonymi[sz]* mask* masked censor* deidentif* regex* roman numeral* syntax "
    "script_tags ascii questionnaire"
)
_COMMENTS = speaks_of("comment* stub* scaffold* outline todo fixme")
_PROGRAM = speaks_of(
    "code function program* script html css javascript python java sql regex* c\\+\\+ bash shell "
    "xml yaml json api"
    " command latex markdown config* dockerfile query"
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder in the output of a row that did not ask for any."""

    name: ClassVar[str] = "placeholder"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("placeholder",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "A placeholder was left in: [Your Name], <insert date>, TODO."
    example: ClassVar[Row] = Row(
        "Write a thank-you note to a neighbour.", "", "Dear [Name], thank you for the soup! [Your Name]"
    )

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        if _TEMPLATE(row.instruction):
            return None
        if (found := _UNWRITTEN.search(row.output)) and not _COMMENTS(row.instruction):
            return Verdict("placeholder", found[0].strip()[:60])
        if not _MAY_HOLD.search(row.output):
            return None
        output = without_code(row.output)
        asked = f"{row.instruction}\n{row.input}"
        form = None
        patterns = (
            _BRACKETED,
            _OTHER_SLOTS,
            _BLANK,
            *((_ANY_BRACKET,) if _LETTER_LIKE(row.instruction) else ()),
        )
        for pattern in patterns:
            for match in pattern.finditer(output):
                found = match[0]
                if found in asked or (found[0] in "[<{(" and _has_slots(asked, found[0])):
                    continue
                if _CASED.fullmatch(found) and not found.isupper():
                    continue
                if output[match.end() : match.end() + 1] == "(":  # a Markdown link
                    continue
                form = form or output_format(row.output, row.instruction)
                if form is Format.MARKUP and "</" not in output and found.startswith("<"):
                    form = Format.PARAGRAPH  # the slots are all that looks like tags
                if form in (Format.CODE, Format.MARKUP, Format.JSON) or _PROGRAM(row.instruction):
                    return None
                return Verdict("placeholder", found[:60])
        return None


def _has_slots(asked: str, bracket: str) -> bool:
    """Whether what was given has brackets with words of its own: such are kept."""
    return re.search(rf"{re.escape(bracket)}[A-Za-z][^\])>}}\n]{{0,40}}[\])>}}]", asked) is not None and (
        bracket != "(" or "(insert" in asked.lower()
    )
