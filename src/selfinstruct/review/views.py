"""What is put into the pages of a review: for every template its values."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from selfinstruct.pages.guard import page
from selfinstruct.ratings.agreement import Agreement
from selfinstruct.ratings.drawing import draw
from selfinstruct.ratings.questions import COMMENT, DECISION, EDIT, FIELDS, LEVEL, LEVELS, QUESTIONS
from selfinstruct.ratings.summary import DataSummary
from selfinstruct.review.forms import ANSWER, shown
from selfinstruct.review.items import ReviewItem, blind_order
from selfinstruct.review.session import Session
from selfinstruct.store.ratings import Event

__all__ = ["ELSEWHERE", "SKIP", "UNDONE", "address", "done_page", "item_page", "name_page", "results_page"]

HERE = Path(__file__).parent
OWN_STYLE = Markup((HERE / "review.css").read_text(encoding="utf-8"))  # noqa: S704 - files of ours
SCRIPT = Markup((HERE / "review.js").read_text(encoding="utf-8"))  # noqa: S704

SKIP, UNDONE, ELSEWHERE = "skip", "undo", "elsewhere"
SAID = {"accept": "accepted", "edit": "edited", "reject": "rejected", SKIP: "skipped", UNDONE: "open again"}
SAID |= {level.name: f"rated {level.name}" for level in LEVELS}


def address(rater: str, number: int | None = None) -> str:
    """Of a rater's pages. number: of an item, from 0."""
    own = f"/by/{quote(rater, safe='')}"
    return own if number is None else f"{own}/{number + 1}"


def name_page(request: web.Request, session: Session, problem: str = "") -> web.Response:
    """problem: why the name that was sent is none."""
    return _page(request, session, None, "name.html", problem=problem, raters=session.raters())


def done_page(request: web.Request, session: Session, rater: str) -> web.Response:
    """Nothing is open."""
    return _page(request, session, rater, "done.html", once=_once(), notice=_notice(request))


async def results_page(request: web.Request, session: Session, rater: str | None) -> web.Response:
    """rater: whose pages it leads back to."""
    return _page(
        request,
        session,
        rater,
        "results.html",
        summary=await session.summary(),
        judged=await session.judged(),
        asked=QUESTIONS,
        levels=LEVELS,
        agreements=_agreements,
    )


def item_page(
    request: web.Request,
    session: Session,
    rater: str,
    number: int,
    problem: str = "",
    sent: Mapping[str, Any] | None = None,
) -> web.Response:
    """number: from 0. problem: why the form `sent` could not be taken; what is in it stays on the page."""
    item = session.material.items[number]
    values: dict[str, Any] = {
        "number": number,
        "item": item,
        "latest": session.latest(rater, item),
        "once": _once(),
        "problem": problem,
        "notice": _notice(request),
    }
    if session.material.compares:
        values |= _comparison(request, session, rater, item)
        return _page(request, session, rater, "compare.html", **values)
    values |= _instance(request, session, rater, item, sent)
    return _page(request, session, rater, "instance.html", **values)


def _comparison(request: web.Request, session: Session, rater: str, item: ReviewItem) -> dict[str, Any]:
    ordered = blind_order(item, rater, session.material.seed)
    responses = [(response, _answer(session.rating(rater, item, response), LEVEL)) for response in ordered]
    at = request.query.get("at", "")
    still_open = [place for place, (_, level) in enumerate(responses) if level is None]
    current = int(at) - 1 if at.isdecimal() else still_open[0] if still_open else 0
    return {"responses": responses, "current": current, "levels": LEVELS}


def _instance(
    request: web.Request, session: Session, rater: str, item: ReviewItem, sent: Mapping[str, Any] | None
) -> dict[str, Any]:
    rating = session.rating(rater, item, item.responses[0])
    texts = dict(zip(FIELDS, (item.instruction, item.input, item.responses[0].text), strict=True))
    edited = {name: shown(text) for name, text in texts.items()} | dict(rating.edit if rating else {})
    answers = {name: _answer(rating, name) for name in QUESTIONS}
    comment = _answer(rating, COMMENT) or ""
    editing = "edit" in request.query
    if sent is not None:
        editing = sent.get("action") == EDIT
        edited |= {name: str(sent[name]) for name in FIELDS if name in sent}
        comment = str(sent.get(COMMENT, comment))
        answers = {name: {"yes": True, "no": False}.get(str(sent.get(ANSWER + name))) for name in QUESTIONS}
    return {
        "texts": texts,
        "edited": edited,
        "editing": editing,
        "answers": answers,
        "comment": comment,
        "decision": _answer(rating, DECISION),
        "questions": QUESTIONS,
        "draft": draw(0, str(session.material.directory.resolve()), rater, item.id, item.responses[0].digest)[
            :16
        ],
    }


def _page(
    request: web.Request, session: Session, rater: str | None, template: str, **values: Any
) -> web.Response:
    return page(
        request,
        HERE,
        template,
        status=422 if values.get("problem") else 200,
        material=session.material,
        rater=rater,
        address=address,
        progress=None if rater is None else session.progress(rater),
        can_undo=rater is not None and session.can_undo(rater),
        own_style=OWN_STYLE,
        script=SCRIPT,
        **values,
    )


def _agreements(data: DataSummary) -> list[tuple[str, Agreement | None]]:
    return [(question.name, question.agreement) for question in data.questions]


def _answer(rating: Event | None, name: str) -> Any:
    return None if rating is None else rating.answers.get(name)


def _notice(request: web.Request) -> dict[str, Any] | None:
    """What the last form came to. It stands in the address, to be there after a redirect; so only words of
    ours are taken from it."""
    said, saved, other = (request.query.get(name, "") for name in ("said", "saved", "other"))
    if said == ELSEWHERE:
        return {"item": None, "other": ""}
    if said not in SAID or not saved.isdecimal():
        return None
    return {
        "item": int(saved),
        "said": SAID[said],
        "other": SAID.get(other, "rated or undone") if other else "",
    }


def _once() -> str:
    """A word for a form, by which it is known when it is sent again."""
    return secrets.token_urlsafe(9)
