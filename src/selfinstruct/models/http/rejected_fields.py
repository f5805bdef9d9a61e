"""Which field of a request an endpoint does not take, and the least and the most that it takes of it.

Endpoints name fields in their own ways, and word the same limit in dozens; all of them are read here, so that
a request can be asked otherwise. Every phrase was taken from a server in use, or is the same phrase of
another one's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from selfinstruct.models.base import BOUNDED_FIELDS, LENGTH_FIELDS
from selfinstruct.models.http.error_bodies import ErrorBody, phrases
from selfinstruct.models.http.value_bounds import value_bounds

__all__ = ["RejectedField", "rejected_field"]

_NAMES: Mapping[str, str] = {  # ours, to how endpoints call it, in lower case
    "max_completion_tokens": r"max_completion_tokens",
    "max_tokens": r"max[ _]?(?:output|new|gen)?[ _]?tokens(?:_to_sample)?|num_predict|n_predict",
    "presence_penalty": r"presence[ _]?penalty",
    "frequency_penalty": r"frequency[ _]?penalty",
    "temperature": r"temperature",
    "top_p": r"top[ _-]?p",
    "response_format": r"response_?format|response_?schema|response_json_schema|response_?mime_?type",
    "stop": r"stop(?:[ _]?(?:sequence|word|string|token)s?)?",
    "seed": r"(?:random_)?seed",
    "logprobs": r"(?:top_?|n_?)?log_?prob(?:ability|abilitie)?s?",
    "stream_options": r"stream_options(?:\.include_usage)?",
}
_ORDINARY = frozenset({"stop", "seed"})  # words of any prompt: they count only beside a plain objection
_FIELD = "|".join(rf"(?P<{name}>{pattern})" for name, pattern in _NAMES.items())
_ANY_FIELD = re.compile(rf"(?<![\w/-])(?:{_FIELD})(?![\w/-])")
_NEAR = 60  # characters between a name and the objection to it
_OBJECTION = phrases(
    r"(?:un|not |n't |non-)support",
    r"(?:un|not (?:a )?)(?:known|recogni[sz]ed|expected|available|valid)",
    r"not (?:permitted|allowed|accept|enabled|implemented)",
    r"extra (?:inputs|fields)",
    r"forbidden|invalid\b|deprecated|incompatible|ignored",
    r"must\b|should be|can(?:not|'t| not) be",
    r"too (?:large|small|long|many|high|low|big)|out of range|at most \d",
)
_WEAK_OBJECTION = phrases(  # beside a name that nothing else has
    _OBJECTION.pattern,
    r"only|requires?|can(?:not|'t| not)\b|supports?|supported|expected|default|allowed|valid|fixed",
    r"disabled|unavailable|switched off|turned off|no longer|without",
    r"(?:has|have|needs?|ought) to|reject|refuse|remove|omit|unset|illegal|error|wrong|bad",
    r"between|range|at least|at most|greater|less|larger|smaller|higher|lower|above|below|exceed",
    r"positive|minimum|maximum|limit|[<>=≤≥]",
    r"非法|不合法|不支持|错误|有误",
)

_CUT_OFF = re.compile(r"output limit was reached")  # OpenAI's refusal where thinking took all of max_tokens
_NOT_TAKEN = r"(?:not (?:be )?|n't |un)(?:support|enabl|allow|accept|permit|available)"
_NO_SYSTEM = phrases(
    rf"(?:system|developer)[ _](?:role|message|prompt|instruction)s?\b.{{0,40}}?{_NOT_TAKEN}",
    r"(?:not support|n't support|unsupported|unexpected|invalid|unknown)\W{1,3}"
    r"(?:a |the |any |message |value\W{1,3})?(?:role\W{1,3})?['\"`]?"
    r"(?:system|developer)\b(?! (?:error|fail|is|was))",
    r"only user and assistant roles",
    r"roles must alternate",  # ours do, but for a system message before the user's
    r"first message must (?:be|have|use|come)\b.{0,30}?\buser\b",
    r"role\W.{0,40}(?:must|should) be (?:one of )?\W*(?:user|assistant)\W{1,4}(?:or\W+)?"
    r"(?:user|assistant|model)\b(?!.{0,60}\bsystem\b)",
)
_ONLY_STREAMS = phrases(
    r"only supports? (?:the )?stream",
    r"(?:supports?|allow(?:s|ed)?|available in) (?:only )?stream(?:ing)?(?: mode)? only",
    rf"non-?stream\w*\W.{{0,40}}?{_NOT_TAKEN}",
    r"(?:not|n't) support (?:a |the )?non-?stream",
    rf"\bstream\W{{0,3}}(?:=|:)\W{{0,3}}false\b.{{0,20}}?{_NOT_TAKEN}",
    r"must be set to false for non-?stream",  # DashScope, of enable_thinking
    r"(?:requires?|must use|please use|need to use) (?:the )?stream",
    r"stream(?:ing)?(?: mode)? (?:is )?(?:strongly )?(?:required|mandatory)",
    r"(?:enable|turn on|set|use) (?:the )?['\"`]?stream['\"`]?"
    r"(?: parameter| mode| option|ing| ?(?:=|to|:) ?true)",
    r"['\"`]?stream['\"`]? (?:must|should|has to|needs to) be (?:set to )?['\"`]?true",
)
_SCHEMA = r"(?:response[ _]format|json[ _]?schema|json[ _]?object|json mode|structured outputs?|guided json)"
_NO_SCHEMA = rf"(?:{_OBJECTION.pattern}|does not|only\b|conversion failed|must contain|unavailable)"
_NO_FORMAT = phrases(
    rf"{_SCHEMA}.{{0,80}}?{_NO_SCHEMA}",
    rf"{_NO_SCHEMA}.{{0,60}}?{_SCHEMA}",
    r"failed to (?:parse|initiali[sz]e|compile) (?:the )?grammar",
    r"invalid (?:json )?schema",
    r"\b(?:grammar|schema)\b.{0,30}?\btoo (?:complex|large|deep|long|many)",
)
_PENALTY = r"(?<!frequency)(?<!frequency[ _])\bpenalt(?:y|ies)\b"
_NO_PENALTY = phrases(rf"{_PENALTY}.{{0,40}}?{_NOT_TAKEN}", rf"{_NOT_TAKEN}.{{0,20}}?{_PENALTY}")
_NOT_SO = (
    (_NO_SYSTEM, "system"),
    (_ONLY_STREAMS, "stream"),
    (_NO_FORMAT, "response_format"),
    (phrases(r"temperature\W+and\W+top_p\W+cannot both"), "top_p"),
    (_NO_PENALTY, "presence_penalty"),
)
"""What is said where a field is not simply named, and the field that it is about."""


@dataclass(frozen=True, slots=True)
class RejectedField:
    """name: ours, `system` and `stream` included; one of `extra_fields` as it stands there.
    least, most: of its values, inclusive; None where the endpoint does not say."""

    name: str
    least: float | None = None
    most: float | None = None


def rejected_field(
    body: ErrorBody, *, renamed: Mapping[str, str] = {}, extra_fields: Collection[str] = ()
) -> RejectedField | None:
    """None where it names no field that a request of ours may have.

    renamed: what the endpoint calls some fields: our name to its own. extra_fields: those that the user, or
    the provider's entry, adds to every request.
    """
    ours = {its.lower(): own for own, its in renamed.items()}
    if _CUT_OFF.search(body.sentence):
        return None
    named = re.split(r"[.\[]", body.parameter)[0]
    if named in extra_fields:
        return RejectedField(named)
    name = _our_name(body.parameter, ours)
    if not name:
        for sign, parameter in _NOT_SO:
            if sign.search(body.sentence):
                return RejectedField(parameter)
            if body.invalid_request and not body.parameter:
                return None  # of the prompt, which only the first sign is about
        named = _extra_field(body.sentence, extra_fields)
        if named:
            return RejectedField(named)
        name = _named_in(body.sentence, ours)
        if not name:
            return None
    bounded = "max_tokens" if name in LENGTH_FIELDS else name
    least, most = value_bounds(body, bounded) if bounded in BOUNDED_FIELDS else (None, None)
    return RejectedField(name, least, most)


def _our_name(parameter: str, ours: Mapping[str, str]) -> str:
    """Of a field as the endpoint writes it, with its path: `generation_config.topP`, `stop[4]`."""
    for part in re.split(r"[.\[/]", parameter.lower()):
        match = _ANY_FIELD.fullmatch(part)
        if part in ours or match:
            return ours.get(part) or str(match and match.lastgroup)
    return ""


def _named_in(sentence: str, ours: Mapping[str, str]) -> str:
    """The field that an objection stands beside."""
    for its, own in ours.items():
        if re.search(rf"(?<![\w/-]){re.escape(its)}(?![\w/-])", sentence) and _WEAK_OBJECTION.search(
            sentence
        ):
            return own
    for match in _ANY_FIELD.finditer(sentence):
        name = str(match.lastgroup)
        around = sentence[max(0, match.start() - _NEAR) : match.start()], sentence[match.end() :][:_NEAR]
        objection = _OBJECTION if name in _ORDINARY else _WEAK_OBJECTION
        if any(objection.search(side) for side in around):
            return name
    return ""


def _extra_field(sentence: str, extra_fields: Collection[str]) -> str:
    for name in extra_fields:
        match = re.search(rf"(?<![\w/-]){re.escape(name.lower())}(?![\w/-])", sentence)
        if match and _WEAK_OBJECTION.search(sentence[max(0, match.start() - _NEAR) : match.end() + _NEAR]):
            return name
    return ""
