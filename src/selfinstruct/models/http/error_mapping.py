"""From an error reply (status, headers, body) to the error that says what it means and what to do.

Endpoints agree on the status and on little else, so the wording of the message is read as well; every
phrase that is looked for was taken from a server in use. Pure, and total: any reply gives an error of
errors.py. Does not raise it, and sees only replies; `transport.py` has what prevents one.

What is in a body is read in bodies.py, how long to wait in waits.py, what an account may not in
account_limits.py, which field is not taken in rejected_fields.py; here it is put in order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    ContentRefusedError,
    ContextLengthError,
    EndpointFailedError,
    MalformedReplyError,
    ParameterRejectedError,
    RateLimitedError,
    RequestError,
    RequestTimeoutError,
    SelfInstructError,
    UnrecognizedError,
)
from selfinstruct.models.http.account_limits import account_limit
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import (
    ErrorBody,
    is_web_page,
    page_named,
    phrases,
    read_error_body,
    values_named,
)
from selfinstruct.models.http.error_reply import ErrorReply
from selfinstruct.models.http.missing import BARE, about_call_or_model, not_found, not_this_api
from selfinstruct.models.http.rejected_fields import RejectedField, rejected_field

__all__ = ["meaning", "refusal"]

_NOT_THIS_API = frozenset({405, 406, 411, 414, 415, 421, 426, 501})
_TRY_AGAIN = frozenset({409, 424, 425, 498, 499})  # besides 5xx: conflict, busy, or closed by a gateway

_MODERATED = phrases(
    r"moderat|\bflagged|censor|guardrail|inappropriate|prohibited_?content|responsible_?ai|data_?inspection",
    r"content[ _-]?(?:polic|filter|management|safety|check|inspect)|usage (?:polic|guideline)",
    r"safety[ _](?:system|polic|check|filter|setting|reason|guideline)",
    r"content exists risk|considered high risk|invalid_prompt",
    r"sensitive[ _]?(?:content|word|information|topic|material|data)",
    r"(?:new|text|content|input|output)[ _]?sensitive",
    r"(?:prompt|content|input|output|text)\b.{0,20}? blocked",
    r"敏感|违规|不安全",
)
_MAYBE_MODERATED = phrases(  # where no field was named
    r"violat(?:es|ed|ing|ion)|\bmay contain|unsafe|harmful|jailbreak",
    r"(?<!case)(?<!case[ -])\bsensitive\b(?! to case)",
    r"\bblocked (?:by|for|due|because)\b.{0,40}?(?:polic|filter|safety|content)",
)
_MODERATION_CODES = frozenset({"safety", "blocklist", "recitation", "spii", "1301"})  # Gemini's, Zhipu's
_TOO_FAST = phrases(r"throttl|too_?many_?requests|rate[ _-]?limit[ _-]?(?:exceeded|reached)|slow down")
_BUSY = phrases(r"\boverloaded|over capacity|temporarily unavailable|server is busy")
_KEY = re.compile(r"\bapi[ _-]?key\b")
_ABOUT_KEY = phrases(
    r"\b(?:api[ _-]?)?keys?\b|credential|authenticat|unauthori[sz]ed|bearer|security token",
    r"\btokens? (?:is|was|has|are|invalid|expired)",
)
_CONTEXT = phrases(
    r"context_length|exceed_context|(?:maximum|available|model's) context",
    r"context (?:window|size|length|limit)",
    r"maximum (?:input|prompt|sequence|model) length|exceeded model token limit|input tokens exceed",
    r"prompt tokens \(\d+\) exceed|string too long\. expected a string with maximum length",
    r"too many (?:input )?tokens|token count.{0,40}exceed|prompt exceeds max|prompt contains \d+ tokens",
    r"(?:input|prompt|token length)\b.{0,20}?\btoo long|input length should be|reduce the length",
    r"current length is \d+ while limit is|inputs. (?:tokens|must have less than)",
    r"request (?:entity|body|payload) (?:is )?too large",
)
_CONTEXT_CODES = frozenset({"1261"})  # Zhipu's
_WINDOW = (  # the first that is found counts: "188240 + 21333 > 200000" may follow "limit: "
    re.compile(r"> ?(\d[\d,]{2,9})"),
    re.compile(
        r"(?:maximum(?: (?:context|model) length)?(?: is| of)?|limit(?: is|:)?|must be <=)"
        r" \(?(\d[\d,]{2,9})(?!\d|\.\d)"
    ),
)
_UNREADABLE = frozenset({"json_validate_failed", "output_parse_failed"})  # Groq, of the model's own reply


def refusal(status: int, headers: Mapping[str, str], body: str, endpoint: Endpoint) -> SelfInstructError:
    """The error that a reply with this status stands for.

    headers: in any case. body: decoded; may be anything, a web page and nothing included.
    """
    headers = {name.lower(): value for name, value in headers.items()}
    page = is_web_page(headers.get("content-type", ""), body)
    read = ErrorBody(page_named(body)) if page else read_error_body(body)
    said = f"{endpoint.base_url} answered {status}: {endpoint.quote(read.message) or '(nothing)'}"
    return meaning(ErrorReply(status, headers, read, said, endpoint, page))


def meaning(reply: ErrorReply) -> SelfInstructError:
    """The error that a reply stands for, from the clearest sign to the vaguest."""
    status, body, endpoint = reply.status, reply.body, reply.endpoint
    if status == 407:
        return ConfigError(
            f"The proxy requires a user name and password. {reply.said}", "Set them in the proxy's URL."
        )
    if reply.page and status in (401, 403, 451):
        return _web_page(reply)
    if (not reply.page or status == 402) and not (status < 500 and status != 429 and _is_moderated(body)):
        limit = account_limit(status, body, reply.said, reply.wait, endpoint.key_hint)
        if limit is not None:
            return limit
    if status == 401:
        return _not_authorized(reply)
    if status == 413:
        return _too_long(reply)
    if status == 500 and _blames_the_request(body):  # a server that fails where it should refuse
        return _refused_request(reply)
    failed = _failed_attempt(status)
    if failed is not None:
        return failed(reply.said, retry_after=reply.wait)
    if reply.page or status in _NOT_THIS_API or status < 400:
        return not_this_api(reply)
    if status in (404, 410):
        return not_found(reply)
    if status == 403 and not _is_moderated(body):
        return _forbidden(reply)
    return _refused_request(reply)


def _is_moderated(body: ErrorBody) -> bool:
    return bool(body.codes & _MODERATION_CODES or _MODERATED.search(body.searched))


def _blames_the_request(body: ErrorBody) -> bool:
    field = rejected_field(body)
    # A chat template that raised, or a schema that could not be compiled.
    raised = field is not None and field.name in ("system", "response_format")
    too_long = "exceed" in body.sentence and _CONTEXT.search(body.searched)
    return raised or body.invalid_request or bool(too_long)


def _failed_attempt(status: int) -> type[RequestError] | None:
    if status == 429:
        return RateLimitedError
    if status == 408:
        return RequestTimeoutError
    if status in _TRY_AGAIN or (status >= 500 and status not in _NOT_THIS_API):
        return EndpointFailedError
    return None


def _not_authorized(reply: ErrorReply) -> AuthenticationError:
    has_key = bool(reply.endpoint.api_key)
    sent = "does not accept the API key" if has_key else "requires an API key, and none was sent"
    return AuthenticationError(f"The endpoint {sent}. {reply.said}", reply.endpoint.key_hint)


def _web_page(reply: ErrorReply) -> SelfInstructError:
    """Where an API would refuse access. A firewall may object to one prompt alone, so that a 403 is one
    request lost unless it keeps coming."""
    what = f"A proxy or a firewall, not the API, refuses access. {reply.said}"
    hint = "Ask its operators, or use another network or base URL."
    return AuthenticationError(what, hint) if reply.status == 401 else UnrecognizedError(what, hint)


def _forbidden(reply: ErrorReply) -> SelfInstructError:
    sentence = reply.body.sentence
    if _ABOUT_KEY.search(sentence) or (not reply.endpoint.api_key and BARE.fullmatch(sentence)):
        return _not_authorized(reply)
    if BARE.fullmatch(sentence):
        return AuthenticationError(f"The endpoint refuses access. {reply.said}", reply.endpoint.key_hint)
    return _refused_request(reply)


def _refused_request(reply: ErrorReply) -> SelfInstructError:
    """400, 422, and whatever else is about this request."""
    body, endpoint, said = reply.body, reply.endpoint, reply.said
    if body.codes & _UNREADABLE:
        return MalformedReplyError(f"The model's reply does not have the requested format. {said}")
    moderated = _is_moderated(body)
    field = rejected_field(body, renamed=endpoint.renamed, extra_fields=endpoint.extra_fields)
    if moderated and not body.parameter:
        field = None  # it may quote the prompt
    if not moderated:
        other = _other_than_field(reply, field)
        if other is not None:
            return other
    if field is not None:
        return _refused_field(field, said, endpoint)
    if moderated or _MAYBE_MODERATED.search(body.searched):
        return ContentRefusedError(f"The request was refused for its content. {said}")
    return UnrecognizedError(f"The request was refused. {said}")


def _other_than_field(reply: ErrorReply, field: RejectedField | None) -> SelfInstructError | None:
    """The key, the length, the call or the model, or a rate by a gateway that says all with one status."""
    searched = reply.body.searched
    if _KEY.search(searched):
        return _not_authorized(reply)
    if _CONTEXT.search(searched) or reply.body.codes & _CONTEXT_CODES:
        return _too_long(reply)
    if field is not None and field.name in ("system", "response_format", "stream"):
        return None  # a template that raises would be a missing template
    missing = about_call_or_model(reply)
    if missing is not None or field is not None:
        return missing
    if _TOO_FAST.search(searched):
        return RateLimitedError(reply.said, retry_after=reply.wait)
    return EndpointFailedError(reply.said, retry_after=reply.wait) if _BUSY.search(searched) else None


def _refused_field(field: RejectedField, said: str, endpoint: Endpoint) -> SelfInstructError:
    if field.name in endpoint.extra_fields:
        return ConfigError(
            f"The endpoint does not take {field.name!r}, which model.extra_body adds to every request."
            f" {said}",
            f"Give model.extra_body.{field.name} another value, or leave it out.",
        )
    return ParameterRejectedError(
        f"{_not_taken(field)} {said}", field.name, least=field.least, most=field.most
    )


def _not_taken(field: RejectedField) -> str:
    if field.least is not None and field.most is not None:
        return f"The endpoint takes {field.name!r} between {field.least:g} and {field.most:g} only."
    if field.least is not None or field.most is not None:
        bound = f"at least {field.least:g}" if field.least is not None else f"at most {field.most:g}"
        return f"The endpoint takes {field.name!r} of {bound} only."
    special = {"system": "a system message", "stream": "requests without streaming"}
    return f"The endpoint does not take {special.get(field.name, repr(field.name))}."


def _too_long(reply: ErrorReply) -> ContextLengthError:
    window = _context_window(reply.body)
    return ContextLengthError(
        f"The request does not fit the context of {reply.endpoint.model!r}. {reply.said}",
        f"Start a run with `context_window{f'={window}' if window else ''}`, so that prompts and replies are"
        " fitted to it, or use a model with a longer one.",
    )


def _context_window(body: ErrorBody) -> int | None:
    """Tokens, where it says how many the model takes."""
    told = next(values_named(body.value, {"nctx"}), None)  # llama.cpp's server
    if isinstance(told, int):
        return told
    found = next(filter(None, (each.search(body.sentence) for each in _WINDOW)), None)
    return int(found[1].replace(",", "")) if found else None
