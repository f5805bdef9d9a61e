"""The way to an endpoint: its connections, the way past proxies, and what prevents a reply: aiohttp's and the
system's errors, each as one of ours."""

from __future__ import annotations

import os
import socket
import urllib.request
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict

from selfinstruct import __version__
from selfinstruct.errors import (
    ConfigError,
    ConnectionBrokenError,
    ConnectionFailedError,
    EndpointMismatchError,
    MalformedReplyError,
    RequestTimeoutError,
    SelfInstructError,
)
from selfinstruct.models.http.endpoint import Endpoint

__all__ = ["environment_proxy", "open_session", "transport_error"]

CONNECT_SECONDS = 10.0


def open_session(
    endpoint: Endpoint, *, total_seconds: float | None = None, silent_seconds: float | None = None
) -> aiohttp.ClientSession:
    """Connections to an endpoint, as many as are asked for, with the headers of every request; to be closed.

    total_seconds: for one whole reply. silent_seconds: without a byte of it. None: as long as it takes.
    """
    headers = CIMultiDict({"Accept": "application/json", "User-Agent": f"selfinstruct/{__version__}"})
    headers.update(endpoint.key_headers())
    headers.update(endpoint.headers)  # the user's replace ours, in whatever case they are written
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),  # how many are in flight is for others to decide
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        timeout=aiohttp.ClientTimeout(
            total=total_seconds, sock_connect=CONNECT_SECONDS, sock_read=silent_seconds
        ),
    )


def transport_error(
    error: Exception, endpoint: Endpoint, timeout_seconds: float | None = None
) -> SelfInstructError:
    """What a failure to send the request or to read the reply means.

    error: any of aiohttp's, a `TimeoutError`, an `OSError`, or the `UnicodeError` of a host name.
    timeout_seconds: what was allowed for the whole reply, where the user has a say in it.
    """
    where, why = endpoint.base_url, endpoint.quote(str(error)) or type(error).__name__
    match error:
        case aiohttp.ClientHttpProxyError(status=status) if 400 <= status < 500:
            return ConfigError(
                f"The proxy refuses to connect to {where} (status {status}).",
                "See HTTPS_PROXY and NO_PROXY.",
            )
        case aiohttp.ClientHttpProxyError() | aiohttp.ClientProxyConnectionError():
            return ConnectionFailedError(
                f"The proxy makes no connection to {where}.", "See HTTPS_PROXY and NO_PROXY."
            )
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | UnicodeError():
            return ConfigError(f"The base URL {where} is not a valid URL: {why}")
        case aiohttp.RedirectClientError() | aiohttp.TooManyRedirects():
            return EndpointMismatchError(f"{where} redirects.", "Give the base URL that it redirects to.")
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() if not _broke_off(why):
            return EndpointMismatchError(
                f"No trusted TLS connection to {where}: {why}.", _tls_hint(error, why)
            )
        case aiohttp.ClientResponseError():  # what came back could not be read as HTTP
            return MalformedReplyError(f"{where} does not answer in HTTP.")
        case aiohttp.ClientConnectorError(os_error=OSError() as cause):
            return ConnectionFailedError(
                f"No connection to {where}: {_plain(cause) or why}.", "Is the endpoint running?"
            )
        case aiohttp.ConnectionTimeoutError():
            return ConnectionFailedError(f"No connection to {where}: {why}.", "Is the endpoint running?")
        case TimeoutError():  # before the next: some of aiohttp's are both
            if timeout_seconds is None:
                return RequestTimeoutError(f"No complete reply from {where} within the timeout.")
            return RequestTimeoutError(
                f"No complete reply from {where} within {timeout_seconds:g} s.",
                "Raise `timeout` if the endpoint is this slow.",
            )
        case aiohttp.ClientError() | ConnectionError():
            return ConnectionBrokenError(f"The connection to {where} broke: {why}.")
        case _:
            return ConnectionFailedError(f"No connection to {where}: {why}.")


def _plain(cause: OSError) -> str:
    """`connection refused`, rather than which call failed with which address."""
    if isinstance(cause, socket.gaierror):
        return "unknown host name"
    return os.strerror(cause.errno).lower() if cause.errno else ""


def environment_proxy(url: str) -> str | None:
    """The proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (or the system's settings) ask for.

    Never one for this machine itself: a proxy cannot reach its loopback interface. aiohttp's own look-up
    (`trust_env`) does the same in two threads for every request, and would send what ~/.netrc has for the
    host besides.
    """
    parts = urlsplit(url)
    if _is_loopback(parts.hostname or "") or urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None or "://" in proxy:
        return proxy
    return f"http://{proxy}"


def _broke_off(why: str) -> bool:
    """Whether a TLS handshake ended early, as under load, rather than in disagreement."""
    return "EOF" in why or "reset" in why.lower() or "timed out" in why


def _tls_hint(error: Exception, why: str) -> str:
    if "WRONG_VERSION_NUMBER" in why or "RECORD_LAYER" in why:
        return "It seems to speak plain http: try http:// instead of https://."
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "For a certificate of your own, name its authority in SSL_CERT_FILE."
    return "Check the base URL."


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
