"""The pages of a review.

    /                        who is rating
    /by/NAME                 leads to the next item that is open
    /by/NAME/N               item N, from 1; the form on it is sent there
    /by/NAME/N/latest        the number of the latest event about it, to notice another tab
    /by/NAME/undo            takes back the last thing that was done
    /by/NAME/done            nothing is left
    /results                 what all ratings come to

The rater stands in the address, so that two tabs may rate under two names. All of it works without scripts;
with them (`review.js`) by keyboard, and a form that cannot be sent stays as it is.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from selfinstruct.pages.guard import FORM_FIELD, wants_json
from selfinstruct.ratings.questions import DECISION, LEVEL
from selfinstruct.review.forms import parse_level, parse_name, parse_review
from selfinstruct.review.items import ReviewItem, blind_order
from selfinstruct.review.session import Session
from selfinstruct.review.views import (
    ELSEWHERE,
    SKIP,
    UNDONE,
    address,
    done_page,
    item_page,
    name_page,
    results_page,
)
from selfinstruct.store.ratings import digest

__all__ = ["application"]

NO_NAME = "Write a name of at most 60 characters, without slashes."
NO_LEVEL = "Choose one of the levels A to D."


def application(session: Session, rater: str | None = None) -> web.Application:
    """rater: whose the pages are, where the user named one; others can still rate at their own addresses."""
    pages = _Pages(session, rater)
    made = web.Application()
    made.add_routes(
        [
            web.get("/", pages.home),
            web.post("/", pages.name),
            web.get("/results", pages.results),
            web.get("/by/{rater}", pages.next),
            web.get("/by/{rater}/done", pages.done),
            web.get("/by/{rater}/results", pages.results),
            web.post("/by/{rater}/undo", pages.undo),
            web.get(r"/by/{rater}/{number:\d+}", pages.item),
            web.post(r"/by/{rater}/{number:\d+}", pages.rate),
            web.get(r"/by/{rater}/{number:\d+}/latest", pages.latest),
        ]
    )
    return made


class _Pages:
    def __init__(self, session: Session, rater: str | None) -> None:
        self._session = session
        self._rater = rater

    async def home(self, request: web.Request) -> web.Response:
        if self._rater is not None:
            raise web.HTTPSeeOther(address(self._rater))
        await self._session.refresh()
        return name_page(request, self._session)

    async def name(self, request: web.Request) -> web.Response:
        name = parse_name(str((await request.post()).get("name", "")))
        if name is not None:
            raise web.HTTPSeeOther(address(name))
        await self._session.refresh()
        return name_page(request, self._session, NO_NAME)

    async def next(self, request: web.Request) -> web.Response:
        await self._session.refresh()
        raise web.HTTPSeeOther(self._onward(_rater(request)))

    async def done(self, request: web.Request) -> web.Response:
        await self._session.refresh()
        return done_page(request, self._session, _rater(request))

    async def results(self, request: web.Request) -> web.Response:
        await self._session.refresh()
        rater = _rater(request) if "rater" in request.match_info else None
        return await results_page(request, self._session, rater)

    async def latest(self, request: web.Request) -> web.Response:
        rater, _, item = self._asked(request)
        await self._session.refresh()
        return web.json_response({"latest": self._session.latest(rater, item)})

    async def item(self, request: web.Request) -> web.Response:
        rater, number, _ = self._asked(request)
        await self._session.refresh()
        return item_page(request, self._session, rater, number)

    async def rate(self, request: web.Request) -> web.Response:
        rater, number, item = self._asked(request)
        form = await request.post()
        if form.get("action") == SKIP:
            await self._session.skip(rater, item, once=_once(form))
            return _sent(request, self._onward(rater, number, saved=number + 1, said=SKIP))
        await self._session.refresh()
        other = self._other_tab(rater, item, form)
        if self._session.material.compares:
            return await self._rate_level(request, rater, number, form, other)
        return await self._review(request, rater, number, form, other)

    async def _review(
        self, request: web.Request, rater: str, number: int, form: Any, other: str
    ) -> web.Response:
        item = self._session.material.items[number]
        review = parse_review(form, item)
        if review.problem:
            return self._refuse(request, rater, number, form, review.problem)
        new = await self._session.rate(
            rater, item, item.responses[0], review.answers, edit=review.edit, once=_once(form)
        )
        told = _told(number, str(review.answers[DECISION]), other if new else "")
        return _sent(request, self._onward(rater, number, **told))

    async def _rate_level(
        self, request: web.Request, rater: str, number: int, form: Any, other: str
    ) -> web.Response:
        item = self._session.material.items[number]
        parsed = parse_level(form, len(item.responses))
        if parsed is None:
            return self._refuse(request, rater, number, form, NO_LEVEL)
        place, level = parsed
        ordered = blind_order(item, rater, self._session.material.seed)
        new = await self._session.rate(rater, item, ordered[place], {LEVEL: level}, once=_once(form))
        told = _told(number, level, other if new else "")
        later_ones_first = [*range(place + 1, len(ordered)), *range(place)]
        for at in later_ones_first:
            if self._session.rating(rater, item, ordered[at]) is None:
                return _sent(request, f"{address(rater, number)}?{urlencode({**told, 'at': at + 1})}")
        return _sent(request, self._onward(rater, number, **told))

    async def undo(self, request: web.Request) -> web.Response:
        rater = _rater(request)
        undone, number = await self._session.undo(rater, once=_once(await request.post()))
        if number is None:
            return _sent(request, self._onward(rater, said=ELSEWHERE) if undone else self._onward(rater))
        return _sent(request, f"{address(rater, number)}?{urlencode(_told(number, UNDONE))}")

    def _refuse(self, request: web.Request, rater: str, number: int, form: Any, problem: str) -> web.Response:
        if wants_json(request):
            return web.json_response({"problem": problem}, status=422)
        return item_page(request, self._session, rater, number, problem, form)

    def _asked(self, request: web.Request) -> tuple[str, int, ReviewItem]:
        """Rater, number from 0, item."""
        number = int(request.match_info["number"]) - 1
        if not 0 <= number < len(self._session.material.items):
            raise web.HTTPNotFound
        return _rater(request), number, self._session.material.items[number]

    def _onward(self, rater: str, after: int = -1, **told: object) -> str:
        """The address of the next open item, or of the end."""
        number = self._session.next_open(rater, after)
        place = f"{address(rater)}/done" if number is None else address(rater, number)
        return place + (f"?{urlencode(told)}" if told else "")

    def _other_tab(self, rater: str, item: ReviewItem, form: Any) -> str:
        """What was said of the item since the page was made; empty if nothing was."""
        if form.get("latest") == str(self._session.latest(rater, item)):
            return ""
        rating = self._session.rating(rater, item, item.responses[0])
        return str(rating.answers.get(DECISION, "other")) if rating else "other"


def _rater(request: web.Request) -> str:
    name = parse_name(request.match_info["rater"])
    if name is None:
        raise web.HTTPNotFound
    return name


def _told(number: int, said: str, other: str = "") -> dict[str, object]:
    """For the next page's address: what became of the form."""
    return {"saved": number + 1, "said": said} | ({"other": other} if other else {})


def _once(form: Any) -> str | None:
    """By what a form is known that is sent again. With what it says: a rater whose form got no answer may
    say something else from the same page."""
    value = form.get("once")
    if not isinstance(value, str) or not value:
        return None
    said = (f"{name}={text}" for name, text in sorted(form.items()) if name != FORM_FIELD)
    return f"{value}-{digest(*said)}"


def _sent(request: web.Request, onward: str) -> web.Response:
    if wants_json(request):
        return web.json_response({"next": onward})
    raise web.HTTPSeeOther(onward)
