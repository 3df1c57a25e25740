"""What stands in the headers of every answer, and which of a request count."""

import json
import re

import pytest

from support import raw
from support.client import bearer, problem, sign_in
from support.server import LISTED_ORIGIN, PRODUCTION

pytestmark = pytest.mark.database_plays_no_part

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


# Request ids


@pytest.mark.parametrize("given", ["x" * 8, "x" * 64, "abc.DEF_123-xyz", "--------"])
def test_a_good_request_id_is_taken(client, given):
    answer = client.get("/nothing", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given
    problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    "given", ["x" * 7, "x" * 65, "abcdefg h", "abcdefgh\u00fc", "abcdefgh;", "<script>", "", "a/b/c/d/e"]
)
def test_any_other_request_id_is_replaced(client, given):
    answer = client.get("/nothing", headers={"X-Request-Id": given.encode()})
    assert re.fullmatch(UUID, answer.headers["X-Request-Id"])
    problem(answer, 404, "not_found")


def test_request_ids_are_never_given_twice(client):
    ids = {client.get("/health/live").headers["X-Request-Id"] for _ in range(50)}
    assert len(ids) == 50


# Headers on every answer


def every_kind_of_answer(server, person):
    client = server.client()
    browser, _ = sign_in(server, person)
    yield "200", client.get("/health/live")
    yield "page", client.get("/dev/mailbox")
    yield "static", client.get("/static/gapura.css")
    yield "JWKS", client.get("/.well-known/jwks.json")
    yield "204", client.options("/login")
    yield "400", client.post("/login", data=b"{", headers={"Content-Type": "application/json"})
    yield "400 page", client.get("/verify", params={"token": "x"}, headers={"Accept": "text/html"})
    yield "401", client.get("/me")
    yield "403", browser.post("/logout", headers={"Origin": "https://evil.example"})
    yield "404", client.get("/nothing")
    yield "405", client.delete("/login")
    yield "409", client.register(person.email)
    yield "413", client.post("/login", data=b"x" * ((1 << 20) + 1), headers={"Content-Type": "application/json"})
    yield "415", client.post("/login", data=b"{}")
    yield "422", client.post("/login", json={})
    yield "HEAD", client.head("/me")


def test_security_headers_are_on_every_answer(server, person):
    for kind, answer in every_kind_of_answer(server, person):
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["X-Frame-Options"] == "DENY", kind
        assert headers["Referrer-Policy"] == "no-referrer", kind
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), kind
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], kind
        expected = {"static": "public, max-age=3600", "JWKS": "public, max-age=300"}.get(kind, "no-store")
        assert headers["Cache-Control"] == expected, kind
        assert "Strict-Transport-Security" not in headers, kind
        assert "Server" not in headers and "X-Powered-By" not in headers, kind
        assert re.fullmatch(UUID, headers["X-Request-Id"]), kind


@pytest.mark.parametrize(
    "data",
    [
        b"GET /me HTTP/1.1\r\n\r\n",
        b"GET /me HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
    ],
)
def test_security_headers_are_on_what_is_refused_before_it_is_read(server, data):
    answer = raw.exchange(server, data)
    assert answer.status in (400, 413)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.body)["request_id"] == answer.headers["x-request-id"]


def test_behind_https_browsers_are_told_to_stay_there(start):
    client = start(APP_URL="https://id.example.com").client()
    for path in ["/health/live", "/nothing", "/dev/mailbox"]:
        assert client.get(path).headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


# CORS


@pytest.mark.parametrize(
    "origin", [LISTED_ORIGIN, "https://shop.example.com:8443", "http://localhost:5173", "http://127.0.0.1"]
)
def test_a_listed_origin_is_echoed_exactly(client, origin):
    for path in ["/health/live", "/me", "/nothing"]:
        answer = client.get(path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]


FOREIGN = [
    "https://evil.example",
    "null",
    "*",
    "https://app.example.com.evil.example",
    "https://app.example.com:444",
    "http://app.example.com",
    "https://APP.example.com",
    "https://app.example.com/",
    "https://sub.app.example.com",
    "http://localhost.evil.example",
    "http://localhost:5173x",
    "http://localhost:",
    "https://localhost",
    "http://localhost:5173@evil.example",
    "http://127.0.0.1.evil.example",
    "file://",
    "",
    "http://127.0.0.1:99999",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_any_other_origin_is_not(client, origin):
    for method, headers in [("GET", {}), ("OPTIONS", {"Access-Control-Request-Method": "POST"})]:
        answer = client.request(method, "/login", headers={"Origin": origin} | headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert "Origin" in answer.headers["Vary"]


def test_a_preflight_tells_what_may_be_sent(client):
    headers = {
        "Origin": LISTED_ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-token-delivery",
    }
    answer = client.options("/login", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED_ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key", "x-request-id", "x-token-delivery"} <= set(allowed)
    assert "*" not in str(answer.headers)
    problem(client.options("/nothing", headers=headers), 404, "not_found")


def test_outside_development_localhost_is_an_origin_like_any_other(start):
    server = start(base=PRODUCTION, CORS_ORIGINS=LISTED_ORIGIN)
    for origin, allowed in [
        ("http://localhost:5173", None),
        (LISTED_ORIGIN, LISTED_ORIGIN),
        ("https://id.example.com", "https://id.example.com"),
    ]:
        answer = server.client().get("/health/live", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


# The Origin rule of cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": LISTED_ORIGIN + ".evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_cookie_from_elsewhere_does_not_count_for_an_unsafe_method(server, person, headers):
    browser, _ = sign_in(server, person)
    answer = browser.post("/logout", headers=headers)
    problem(answer, 403, "origin_not_allowed")
    assert "Set-Cookie" not in answer.headers
    assert browser.get("/me", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": LISTED_ORIGIN},
        {"Origin": "own"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": LISTED_ORIGIN, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_cookie_from_here_counts(server, person, headers):
    browser, _ = sign_in(server, person)
    headers = {name: server.url if value == "own" else value for name, value in headers.items()}
    assert browser.post("/logout", headers=headers).status_code == 204


def test_a_bearer_token_needs_no_origin(server, person):
    _, tokens = sign_in(server, person)
    headers = bearer(tokens["access_token"]) | {"Origin": "https://evil.example"}
    assert server.client().post("/logout", headers=headers).status_code == 204
