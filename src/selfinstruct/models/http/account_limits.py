"""What waiting does not help against: credit, quotas and permissions of the account that is asking.

All of it is told under half a dozen statuses, so that the words count, and the status where they are missing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from selfinstruct.errors import (
    AccessDeniedError,
    AccountLimitError,
    EndpointUnavailableError,
    SelfInstructError,
)
from selfinstruct.models.http.error_bodies import ErrorBody, phrases, values_named

__all__ = ["account_limit", "refused_access"]

_CREDIT = phrases(
    r"insufficient[ _-]?(?:quota|balance|credits?|funds)",
    r"\bbalance (?:is )?(?:too low|insufficient|exhausted|not enough)",
    r"(?:out of|no(?: more| remaining)?|enough|sufficient|any|more|exhausted (?:your|all)) credits?\b",
    r"used all(?: available)? credits?\b",
    r"billing[ _](?:hard[ _]limit|not[ _]active|inactive)|billing details are|payment[ _](?:required|method)",
    r"\b(?:budget|credits?|spend(?:ing)?(?: limit| cap)?|prepaid|free (?:tier|quota)\b.{0,40}?) "
    r"(?:has been |have been |is |are )?(?:exceeded|exhausted|used up|depleted|expired)",
    r"(?:exceeded|reached|hit).{0,30}?(?:budget|spend(?:ing)?[ _](?:limit|cap)|credits?\b)",
    r"exceeded_current_quota_error|key limit exceeded|arrear|overdue|free allocated quota exceeded",
    r"欠费|余额不足|余额已用完|请充值",
)
_QUOTA = phrases(
    r"exceeded your current quota", r"check your (?:plan|billing)", r"quota (?:used up|exhausted)"
)
_RENEWED = phrases(  # beside the words of _QUOTA: the limit is of a time, not of the credit
    r"resource_exhausted|rate_limit_exceeded",
    r"per[ _-]?(?:min|hour|day)",
    r"(?:try again|retry) (?:in|after) \d",
)
_OF_A_MINUTE = phrases(  # DashScope's, of tokens a minute, with the code insufficient_quota
    r"(?<!free )allocated quota exceeded, please increase",
    r"error-code#token-limit",
)
_DAY = r"per[ _-]?day|\brpd\b|\btpd\b|daily|by ?day\b|per 86,?400 ?s|for today|今日"
_LONGER = r"per[ _-]?(?:week|month)|weekly|monthly|每周|每月"
_PERIOD = phrases(_DAY, _LONGER)
_MINUTE = phrases(r"per[ _-]?(?:min|sec)|\brpm\b|\btpm\b|concurren")
_USAGE = phrases(r"reached your .{0,40}?usage limit|regain access")  # Anthropic's, of a month
_CREDIT_CODES = frozenset({"1113"})  # this and the next two: docs.z.ai, “API codes”
_QUOTA_CODES = frozenset({"1304", "1308", "1310"})
_ACCESS_CODES = frozenset({"1220", "1311"})
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
_LIMIT, _REQUESTED = rf"\blimit\W{{0,3}}(?:is |of )?{_NUMBER}\b", rf"\brequested\W{{0,3}}{_NUMBER}\b"
_LIMIT_THEN_REQUESTED = re.compile(rf"{_LIMIT}.{{0,80}}?{_REQUESTED}")
_REQUESTED_THEN_LIMIT = re.compile(rf"{_REQUESTED}.{{0,80}}?{_LIMIT}")
_TOO_LARGE = re.compile(r"request (?:is )?too large")
_NOTHING_ALLOWED = re.compile(r"\blimit: ?0\b")

_NOT = r"(?:not |n't |un|non-)"
_PLACE = r"(?:country|countries|region|territory|location|geograph\w+)\b"
_OWNER = r"\b(?:account|organi[sz]ation|project|team|user|workspace|subscription|plan)\b"
_REFUSED_ACCESS = (
    (
        phrases(
            r"(?:must|has to|have to|needs? to|should) be verified",
            r"verify your (?:organi[sz]ation|account|identity|email|phone)",
            r"verification (?:is )?(?:required|needed)|not (?:been )?verified",
        ),
        "The account or organization has to be verified first",
        "Verify it as the endpoint says",
    ),
    (
        phrases(
            rf"{_PLACE}.{{0,60}}?{_NOT}(?:be )?(?:support|allow|available)",
            rf"{_NOT}(?:support|allow|available)\w*.{{0,40}}?{_PLACE}",
            r"unsupported_country",
            r"(?:restricted|blocked|unavailable) in (?:your|this) (?:country|region|location)",
        ),
        "The endpoint does not serve the country or region that this request comes from",
        "Use an endpoint that does",
    ),
    (
        phrases(
            r"\bterms\b.{0,30}?(?:accept|agree)",
            r"(?:accept|agree to|sign)\b.{0,40}?(?:terms|licen[cs]e|eula|agreement)",
            r"\beula\b|\bgated\b|model_terms_required",
            r"(?:request|apply for|ask for|enable) (?:model )?access\b",
        ),
        "Access to the model has to be requested, or its terms accepted, first",
        "Do so as the endpoint says",
    ),
    (
        phrases(
            r"\bip\b(?: address)?.{0,60}?(?:not |n't |unauthori|block|deny|denied|forbid)",
            r"(?:not|n't) (?:allowed|permitted|authorized) from (?:this|your) ip",
            r"(?:allow|white)-?list|virtual network",
        ),
        "The endpoint does not accept requests from this IP address",
        "Add the address to those that it accepts",
    ),
    (
        phrases(
            r"service_disabled|has not been used in project",
            r"api\b.{0,40}? (?:is|has been) (?:disabled|not enabled)",
        ),
        "The API is not enabled for the account or project",
        "Enable it as the endpoint says",
    ),
    (
        phrases(r"data polic|privacy setting|guardrail restriction|zero data retention"),
        "The account's data policy or privacy settings leave no provider for the model",
        "Change them there",
    ),
    (
        phrases(
            rf"{_OWNER}.{{0,40}}?\b(?:is|has been|was|been|are)\b.{{0,20}}?"
            r"(?:suspend|deactivat|disabled|locked|inactive|banned|not active|expired)",
            r"account_deactivated|已被锁定",
        ),
        "The account is suspended, locked or expired",
        "Ask the provider's support",
    ),
)
_NO_PERMISSION = phrases(
    r"missing (?:the )?(?:following )?(?:scopes?|permissions?)",
    r"insufficient[ _](?:permission|scope|privilege)|permission",
    r"(?:not|n't) (?:currently )?have (?:any )?access|lacks? .{0,30}(?:scope|role)",
    r"access to (?:the |this )?(?:model|resource|api|project)",
    r"not (?:authori[sz]ed|allowed|entitled) to|access[ _]?denied|denied[ _]access",
    r"无权|暂未开放",
)
_WRONG = r"(?:invalid|incorrect|wrong|missing|expired)"
_WRONG_KEY = phrases(rf"{_WRONG}.{{0,30}}?\bkey\b", rf"\bkey\b.{{0,30}}?{_WRONG}")

_OTHER_PLAN = "another model or a higher tier of the account"


def account_limit(
    status: int, body: ErrorBody, said: str, wait: float | None, key_hint: str = ""
) -> SelfInstructError | None:
    """Credit or a quota used up, a request above the account's limit, or access that it has not got; None
    where the reply speaks of none.

    wait: what the endpoint asks for, in seconds.
    """
    searched = body.searched
    if status in (429, 413, 400, 403):
        too_large = _above_limit(status, body, said)
        if too_large is not None:
            return too_large
    if _quota_used_up(status, body):
        return EndpointUnavailableError(
            f"A quota of the account is used up. {said}", _when_renewed(searched, wait)
        )
    if _credit_used_up(status, body):
        return EndpointUnavailableError(
            f"The account's credit is used up. {said}", "Top it up and run the same command again."
        )
    if status in (400, 401, 403, 404, 422, 451):
        return refused_access(status, body, said, key_hint)
    return None


def refused_access(status: int, body: ErrorBody, said: str, key_hint: str) -> AccessDeniedError | None:
    """Where it says why; None where it does not."""
    for sign, what, hint in _REFUSED_ACCESS:
        if sign.search(body.searched):
            return AccessDeniedError(f"{what}. {said}", f"{hint}, then run the same command again.")
    may_not = _NO_PERMISSION.search(body.searched) or body.codes & _ACCESS_CODES
    if status in (401, 403) and may_not and not _WRONG_KEY.search(body.searched):
        return AccessDeniedError(
            f"The API key has no permission for this. {said}",
            f"Give it the permission, or use another key. {key_hint}".strip(),
        )
    return None


def _above_limit(status: int, body: ErrorBody, said: str) -> AccountLimitError | None:
    sentence = body.sentence
    limit = requested = 0
    if match := _LIMIT_THEN_REQUESTED.search(sentence):
        limit, requested = _whole(match[1]), _whole(match[2])
    elif match := _REQUESTED_THEN_LIMIT.search(sentence):
        requested, limit = _whole(match[1]), _whole(match[2])
    if requested > limit:
        return AccountLimitError(
            f"The request is larger than the account's limit: {requested:,} tokens requested, {limit:,}"
            f" allowed. {said}",
            f"Begin a run with a `context_window` below {limit:,}, so that prompts and replies are smaller,"
            f" or use {_OTHER_PLAN}.",
        )
    if status == 429 and _NOTHING_ALLOWED.search(sentence):
        return AccountLimitError(f"The account has no quota for this model. {said}", f"Use {_OTHER_PLAN}.")
    if status == 429 and not match and _TOO_LARGE.search(sentence):
        return AccountLimitError(
            f"The request is larger than the account's limit. {said}",
            f"Begin a run with a smaller `context_window`, or use {_OTHER_PLAN}.",
        )
    return None


def _quota_used_up(status: int, body: ErrorBody) -> bool:
    """A quota of a day or longer: waiting as for a rate would take the run's whole patience."""
    if _USAGE.search(body.searched) or body.codes & _QUOTA_CODES:
        return status in (400, 403, 429)
    if status not in (403, 429):
        return False
    quotas = " ".join(str(value).lower() for value in values_named(body.value, {"quotaid"}))
    if quotas:
        return bool(_PERIOD.search(quotas))
    return bool(_PERIOD.search(body.searched)) and not _MINUTE.search(body.searched)


def _credit_used_up(status: int, body: ErrorBody) -> bool:
    searched = body.searched
    if status not in (400, 401, 403, 429):
        return status == 402
    if _OF_A_MINUTE.search(searched):
        return False
    if _CREDIT.search(searched) or body.codes & _CREDIT_CODES:
        return True
    return status == 429 and bool(_QUOTA.search(searched)) and not _RENEWED.search(searched)


def _when_renewed(searched: str, wait: float | None) -> str:
    if wait is not None and wait >= 60:
        until = datetime.now(UTC) + timedelta(seconds=wait)
        when = f"after {until:%Y-%m-%d %H:%M} UTC, as it says"
    elif re.search(_LONGER, searched):
        when = "when the quota of the week or month is renewed, which the provider's console shows"
    else:
        when = "tomorrow: most quotas of a day are renewed at midnight UTC, Google's at midnight Pacific time"
    return f"Run the same command again {when}; or use {_OTHER_PLAN}."


def _whole(text: str) -> int:
    return int(text.replace(",", ""))
