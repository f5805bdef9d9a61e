"""Who may see and write a served page: whoever has the address that the terminal shows, from this page only.

    reading   a cookie, got by opening the address once, with its token. The cookie is HttpOnly and
              SameSite=Strict, and named after the port: cookies do not tell ports apart.
    any       a Host header that names this server: another site's name that was made to lead here (DNS
              rebinding) is refused.
    writing   also the form token of the page, and an Origin (or Sec-Fetch-Site) that is the page's own.

Every reply says that nothing but its own server may be asked for anything, and no script may run but those
of its nonce. `Referrer-Policy` is `same-origin`, not `no-referrer`: nothing leaves for other sites with
either, but with the latter a browser's form says `Origin: null`, and where it sends no Sec-Fetch-Site (plain
http beyond loopback) nothing would tell our form from a stranger's.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import escape

from selfinstruct.errors import SelfInstructError
from selfinstruct.pages.templates import render

__all__ = ["FORM_FIELD", "FORM_TOKEN", "NONCE", "Guard", "is_loopback", "message_page", "page", "wants_json"]

FORM_FIELD = "form_token"
"""Of every form; a script sends the header X-Form-Token instead."""

NONCE = web.RequestKey("nonce", str)
FORM_TOKEN = web.RequestKey("form_token", str)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
TOKEN_BYTES = 24
HERE = Path(__file__).parent

POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

REFUSED = "This page needs a token"
ADDRESS = "Open the address shown in the terminal: it contains the token."
STRANGE_HOST = "The name in the address is not one of this server's. " + ADDRESS
STRANGE_ORIGIN = "This request did not come from a page of this server and was ignored."
OLD_PAGE = "This page is older than the server. Reload it and try again."
OPENED = """\
<!doctype html><meta charset="utf-8"><title>selfinstruct</title><link rel="icon" href="data:,">
<meta http-equiv="refresh" content="0; url={path}"><p><a href="{path}">Go on</a></p>
"""


class Guard:
    """The secrets of one server, which live as long as it does, and the checks made with them.

    host: what it listens on. inline_styles: let scripts put styles into the page, as chart libraries do.
    """

    def __init__(self, host: str, *, inline_styles: bool = False) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self.form_token = secrets.token_urlsafe(TOKEN_BYTES)
        self.port = 0  # known once the server listens
        self._host = host
        self._inline_styles = inline_styles

    def install(self, application: web.Application) -> None:
        """All of the application's pages are guarded from now on, and its own errors shown as pages."""
        application.middlewares.insert(0, self._admit)
        application.on_response_prepare.append(self._put_headers)

    @property
    def cookie(self) -> str:
        """Its name."""
        return f"selfinstruct-{self.port}"

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[NONCE] = secrets.token_urlsafe(16)
        request[FORM_TOKEN] = self.form_token
        if not self._is_ours(request.host):
            return message_page(request, REFUSED, STRANGE_HOST, 403)
        if (given := request.query.get("token")) is not None and request.method == "GET":
            return self._open(request, given)
        if not _same(request.cookies.get(self.cookie, ""), self.token):
            return message_page(request, REFUSED, ADDRESS, 403)
        if request.method in WRITES:
            if not _from_own_page(request):
                return message_page(request, REFUSED, STRANGE_ORIGIN, 403)
            if not _same(await _form_token(request), self.form_token):
                return message_page(request, REFUSED, OLD_PAGE, 403)
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return message_page(request, "Not here", "This server has no such page.", 404)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return message_page(request, error.reason, error.text or "", error.status)
        except SelfInstructError as error:
            return message_page(request, "That did not work", str(error), 500)

    def _open(self, request: web.Request, given: str) -> web.Response:
        """Trade the token for the cookie.

        The page leads on by itself, without the token in its address. A redirect would not do: a browser
        that comes from another site (a link in a mail, a notebook) does not send a strict cookie along it.
        """
        if not _same(given, self.token):
            return message_page(request, REFUSED, ADDRESS, 403)
        path = request.rel_url.raw_path.lstrip("/")  # `//elsewhere` would be another site
        reply = web.Response(text=OPENED.format(path=escape(f"/{path}")), content_type="text/html")
        reply.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")
        return reply

    def _is_ours(self, host: str) -> bool:
        """The name alone: a forwarded port (`ssh -L`) has another number.

        Beyond loopback also any address in figures, which no DNS can make lead here, and this machine's name.
        """
        name = urlsplit(f"//{host}").hostname or ""
        if name in (*LOOPBACK, self._host):
            return True
        if is_loopback(self._host):
            return False
        return _is_address(name) or name in (socket.gethostname().lower(), socket.getfqdn().lower())

    async def _put_headers(self, request: web.Request, reply: web.StreamResponse) -> None:
        nonce = request.get(NONCE, "")
        styles = "'unsafe-inline'" if self._inline_styles else f"'nonce-{nonce}'"
        reply.headers.update(
            {
                "Content-Security-Policy": POLICY.format(scripts=f"'nonce-{nonce}'", styles=styles),
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "DENY",
                "Referrer-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cache-Control": "no-store",
            }
        )


def page(
    request: web.Request, folder: Path, name: str, *, status: int = 200, **values: object
) -> web.Response:
    """The template of that name in `folder`, with the request's `nonce` and `form_token`."""
    text = render(folder, name, nonce=request[NONCE], form_token=request[FORM_TOKEN], **values)
    return web.Response(text=text, content_type="text/html", status=status)


def message_page(request: web.Request, heading: str, text: str, status: int = 200) -> web.Response:
    """One sentence on a page of its own; for a script an object with it as `problem`."""
    if wants_json(request):
        return web.json_response({"problem": text}, status=status)
    return page(request, HERE, "message.html", status=status, heading=heading, text=text)


def wants_json(request: web.Request) -> bool:
    """Whether a script of the page asks, and will say itself what came of it."""
    return request.headers.get("Accept") == "application/json"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _from_own_page(request: web.Request) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        return False
    if origin is not None:
        return origin == f"{request.scheme}://{request.host}"
    return site is not None


async def _form_token(request: web.Request) -> str:
    if (header := request.headers.get("X-Form-Token")) is not None:
        return header
    value = (await request.post()).get(FORM_FIELD, "")
    return value if isinstance(value, str) else ""


def _same(given: str, expected: str) -> bool:
    """In a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(), expected.encode())
