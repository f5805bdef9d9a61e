from urllib.parse import quote, urlencode

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from selfinstruct.errors import (
    ConfigError,
    ConnectionBrokenError,
    ConnectionFailedError,
    EndpointMismatchError,
    MalformedReplyError,
    RequestError,
    RequestTimeoutError,
    UserError,
)
from selfinstruct.models.http.endpoint import Endpoint, expand_headers
from selfinstruct.models.http.transport import environment_proxy, transport_error

ENDPOINT = Endpoint("https://api.example.com/v1", "tiny", "sk-secret")
CONNECTION = ConnectionKey("api.example.com", 443, True, True, None, None, None)
REQUEST = aiohttp.RequestInfo(
    URL("https://api.example.com/v1"), "POST", CIMultiDictProxy(CIMultiDict(Authorization="Bearer sk-secret"))
)


def build(kind):
    """An error as aiohttp builds it; each family has arguments of its own."""
    if issubclass(kind, aiohttp.ClientConnectorCertificateError):
        return kind(CONNECTION, Exception("self-signed certificate"))
    if issubclass(kind, aiohttp.client_exceptions.UnixClientConnectorError):
        return kind("/socket", CONNECTION, OSError(1, "refused"))
    if issubclass(kind, aiohttp.ClientConnectorError):
        return kind(CONNECTION, OSError(1, "refused"))
    if issubclass(kind, aiohttp.ClientResponseError):
        return kind(REQUEST, (), status=502)
    if issubclass(kind, aiohttp.ServerFingerprintMismatch):
        return kind(b"a", b"b", "api.example.com", 443)
    return kind("it happened")


def descendants(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(descendants(child) for child in kind.__subclasses__()))


EXPECTED = {
    aiohttp.ClientPayloadError: ConnectionBrokenError,
    aiohttp.ServerDisconnectedError: ConnectionBrokenError,
    aiohttp.ClientOSError: ConnectionBrokenError,
    aiohttp.ClientConnectionResetError: ConnectionBrokenError,
    aiohttp.ClientConnectorError: ConnectionFailedError,
    aiohttp.ClientConnectorDNSError: ConnectionFailedError,
    aiohttp.ClientProxyConnectionError: ConnectionFailedError,
    aiohttp.ClientHttpProxyError: ConnectionFailedError,
    aiohttp.ConnectionTimeoutError: ConnectionFailedError,
    aiohttp.SocketTimeoutError: RequestTimeoutError,
    aiohttp.ServerTimeoutError: RequestTimeoutError,
    aiohttp.ClientResponseError: MalformedReplyError,
    aiohttp.ClientConnectorCertificateError: EndpointMismatchError,
    aiohttp.ClientConnectorSSLError: EndpointMismatchError,
    aiohttp.ServerFingerprintMismatch: EndpointMismatchError,
    aiohttp.TooManyRedirects: EndpointMismatchError,
    aiohttp.RedirectClientError: EndpointMismatchError,
    aiohttp.NonHttpUrlClientError: ConfigError,
    aiohttp.InvalidURL: ConfigError,
    aiohttp.InvalidUrlClientError: ConfigError,
}


@pytest.mark.parametrize("kind", sorted(descendants(aiohttp.ClientError), key=str))
def test_every_error_of_aiohttp_is_one_of_ours(kind):
    found = transport_error(build(kind), ENDPOINT)
    assert isinstance(found, RequestError | UserError)
    assert "secret" not in repr(found)
    assert "\n" not in str(found)
    if kind in EXPECTED:
        assert type(found) is EXPECTED[kind]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), RequestTimeoutError),
        (ConnectionResetError(104, "reset"), ConnectionBrokenError),
        (BrokenPipeError(), ConnectionBrokenError),
        (OSError(24, "Too many open files"), ConnectionFailedError),
        (UnicodeError("label too long"), ConfigError),
    ],
)
def test_the_systems_errors(error, expected):
    found = transport_error(error, ENDPOINT)
    assert type(found) is expected
    assert ENDPOINT.base_url in found.message


def test_tls_hints():
    own = transport_error(build(aiohttp.ClientConnectorCertificateError), ENDPOINT)
    assert "SSL_CERT_FILE" in own.hint
    plain = aiohttp.ClientConnectorSSLError(CONNECTION, OSError(1, "[SSL: WRONG_VERSION_NUMBER]"))
    assert "try http://" in transport_error(plain, ENDPOINT).hint


def test_a_tls_handshake_that_broke_off_may_work_next_time():
    broken = aiohttp.ClientConnectorSSLError(CONNECTION, OSError(8, "EOF occurred in violation of protocol"))
    assert type(transport_error(broken, ENDPOINT)) is ConnectionFailedError


def test_a_proxy_that_says_no_is_for_the_user_to_mend():
    refused = aiohttp.ClientHttpProxyError(REQUEST, (), status=407)
    found = transport_error(refused, ENDPOINT)
    assert type(found) is ConfigError
    assert "status 407" in found.message


@pytest.fixture
def proxies(monkeypatch):
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)
    return lambda **given: [monkeypatch.setenv(name, value) for name, value in given.items()]


def test_no_proxy_unless_asked_for(proxies):
    assert environment_proxy("https://api.example.com/v1") is None


def test_proxy_by_scheme(proxies):
    proxies(https_proxy="http://user:pass@proxy:3128", http_proxy="proxy:80")
    assert environment_proxy("https://api.example.com/v1") == "http://user:pass@proxy:3128"
    assert environment_proxy("http://api.example.com/v1") == "http://proxy:80"


def test_proxy_for_all_but(proxies):
    proxies(all_proxy="http://proxy:3128", no_proxy="internal.example.com,other:8080")
    assert environment_proxy("https://api.example.com/v1") == "http://proxy:3128"
    assert environment_proxy("https://internal.example.com/v1") is None
    assert environment_proxy("http://other:8080/v1") is None


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:11434"])
def test_never_a_proxy_to_this_machine(proxies, host):
    proxies(all_proxy="http://proxy:3128")
    assert environment_proxy(f"http://{host}/v1") is None


@pytest.mark.parametrize(
    ("base_url", "message"),
    [
        ("", "not an http or https URL"),
        ("api.openai.com/v1", "not an http or https URL"),
        ("ftp://host/v1", "not an http or https URL"),
        ("http:///v1", "not an http or https URL"),
        ("http://ho st/v1", "not an http or https URL"),
        ("http://host:port/v1", "cannot be read"),
        ("http://[::1/v1", "cannot be read"),
        ("http://user:pw@host/v1", "user name or password"),
        ("http://host/v1#top", "has a fragment"),
        ("http://host/v1?api-version=1&key=pw", "query holds a secret: key"),
        ("http://host/v1?access_token=pw", "query holds a secret: access_token"),
        ("http://host/v1?Ocp-Apim-Subscription-Key=pw", "query holds a secret: Ocp-Apim-Subscription-Key"),
        ("http://host/v1/completions?api-version=1", "the URL of one call"),
        ("http://host/v1/completions", "the URL of one call"),
        ("http://host/v1/chat/completions/", "the URL of one call"),
    ],
)
def test_base_urls_that_cannot_work(base_url, message):
    with pytest.raises(ConfigError, match=message) as raised:
        Endpoint(base_url, "tiny")
    assert raised.value.hint
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize("query", ["", "?api-version=2024-10-21"])
def test_the_hint_gives_the_base_url_of_a_call(query):
    with pytest.raises(ConfigError) as raised:
        Endpoint(f"http://host/v1/chat/completions{query}", "tiny")
    assert raised.value.hint == f"Give http://host/v1{query} instead."


@given(
    path=st.lists(st.from_regex(r"[\w.-]+", fullmatch=True), max_size=4),
    slashes=st.integers(0, 2),
    query=st.dictionaries(st.from_regex(r"[a-z]*version", fullmatch=True), st.text(min_size=1), max_size=2),
)
def test_a_query_is_kept_on_every_call(path, slashes, query):
    address = "/".join(["https://host", *(quote(part) for part in path)])
    asked = f"?{urlencode(query)}" if query else ""
    endpoint = Endpoint(address + "/" * slashes + asked, "tiny")
    assert endpoint.base_url == address + asked
    assert endpoint.url("chat") == f"{address}/chat/completions{asked}"
    assert endpoint.url("completions") == f"{address}/completions{asked}"
    assert endpoint.at("/models") == f"{address}/models{asked}"


def test_the_key_goes_into_the_header_that_the_endpoint_reads():
    assert Endpoint("http://host/v1", "tiny", "sk-1").key_headers() == {"Authorization": "Bearer sk-1"}
    assert Endpoint("http://host/v1", "tiny", "sk-1", key_header="api-key").key_headers() == {
        "api-key": "sk-1"
    }
    assert Endpoint("http://host/v1", "tiny").key_headers() == {}
    assert "sk-1" not in repr(Endpoint("http://host/v1", "tiny", "sk-1", key_header="api-key"))


@pytest.mark.parametrize("base_url", ["http://host/v1", " http://host/v1/ ", "http://host/v1//"])
def test_slashes_do_not_matter(base_url):
    endpoint = Endpoint(base_url, "tiny")
    assert endpoint.url("completions") == "http://host/v1/completions"
    assert endpoint.url("chat") == "http://host/v1/chat/completions"


def test_keys():
    assert Endpoint("http://host/v1", "tiny", "").api_key is None
    assert Endpoint("http://host/v1", "tiny", " sk-1\n").api_key == "sk-1"
    with pytest.raises(ConfigError, match="line breaks") as raised:
        Endpoint("http://host/v1", "tiny", "sk-secret\nX-Evil: 1", "Set EXAMPLE_KEY.")
    assert "secret" not in str(raised.value)
    assert raised.value.hint == "Set EXAMPLE_KEY."


def test_headers_refer_to_the_environment():
    written = {"X-Title": "ours", "X-Gateway": "Bearer ${GATEWAY_KEY}", "X-Team": "${TEAM}-${GATEWAY_KEY}"}
    headers, secrets = expand_headers(written, {"GATEWAY_KEY": "gw-12345678\n", "TEAM": "blue"})
    assert headers == {
        "X-Title": "ours", "X-Gateway": "Bearer gw-12345678", "X-Team": "blue-gw-12345678"
    }  # fmt: skip
    assert secrets == ("gw-12345678",)
    for environment in ({}, {"TEAM": "blue", "GATEWAY_KEY": " "}):
        with pytest.raises(ConfigError, match=r"The environment variable (TEAM|GATEWAY_KEY) is not set"):
            expand_headers(written, environment)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"X Title": "a"}, "'X Title' in endpoint.headers is not the name"),
        ({"": "a"}, "is not the name of a header"),
        ({"Content-Length": "1"}, "follows from the request"),
        ({"X-Key": "hush\nhush"}, "X-Key holds line breaks"),
    ],
)
def test_headers_that_cannot_be_sent(headers, message):
    with pytest.raises(ConfigError, match=message) as raised:
        Endpoint("http://host/v1", "tiny", headers=headers)
    assert "hush" not in str(raised.value)
