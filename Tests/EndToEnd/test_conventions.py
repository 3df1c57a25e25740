"""Problem documents, bodies, paths and methods: the conventions of every HTTP API, as a client meets them.

Here is one of each kind. Every case of a rule is tried where the rule is: `InputTests`, `RouterTests`, `EmailAddressTests`
and their like; and every operation by the document, in `test_inputs.py`.
"""

import json

import pytest

from support import raw
from support.client import fresh_email, problem

# All of it is decided before the database, or without it.
pytestmark = pytest.mark.database_plays_no_part


def test_every_bad_field_is_named_at_once(client):
    answer = client.post(
        "/register",
        json={"email": "nobody", "password": "short", "username": "", "first_name": "x" * 101, "last_name": 7},
    )
    document = problem(answer, 422, "validation_failed")
    assert set(document["errors"]) == {"email", "password", "username", "first_name", "last_name"}
    assert all(isinstance(message, str) and message for message in document["errors"].values())


def test_fields_that_nobody_asked_for_are_passed_over(client):
    answer = client.register(fresh_email(), is_admin=True, is_verified=True, id="x")
    assert answer.status_code == 201
    assert (answer.json()["is_admin"], answer.json()["is_verified"]) == (False, False)


@pytest.mark.parametrize("email", ["", "a@b", "a@example.com\n", 7, "a\u0000@example.com"])
def test_what_is_no_address_is_refused(client, email):
    answer = client.register(email)
    if isinstance(email, str) and "\u0000" in email:
        problem(answer, 400, "bad_json")
    else:
        assert set(problem(answer, 422, "validation_failed")["errors"]) == {"email"}


@pytest.mark.parametrize("password", ["7 chars", "\U0001f600" * 257, 12345678])
def test_what_is_no_good_password_is_refused(client, password):
    document = problem(client.register(fresh_email(), password), 422, "validation_failed")
    assert set(document["errors"]) == {"password"}


def test_the_address_is_no_password(client):
    email = fresh_email()
    assert set(problem(client.register(email, email.upper()), 422, "validation_failed")["errors"]) == {"password"}


# One of each kind: what the parser refuses is tried in JSONParserTests.
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"email": "a", "email": "b"}', b'{"email": "\\u0000"}', b'{"email": "\xff"}', b'{"a":' * 100_000],
)
def test_what_is_no_json_document_is_refused(client, body):
    answer = client.post("/register", data=body, headers={"Content-Type": "application/json"})
    problem(answer, 400, "bad_json")


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b" {} ", b'{"email": 1.5e3}', b'{"email": ' + b"[" * 31 + b"]" * 31 + b"}"],
)
def test_a_document_of_another_shape_is_well_formed_and_not_valid(client, body):
    answer = client.post("/register", data=body, headers={"Content-Type": "application/json"})
    problem(answer, 422, "validation_failed")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/jsonp"])
def test_another_content_type_is_refused(client, content_type):
    headers = {} if content_type is None else {"Content-Type": content_type}
    problem(client.post("/register", data=b"{}", headers=headers), 415, "unsupported_media_type")


def test_json_by_another_of_its_spellings_is_read(client):
    answer = client.post("/register", data=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"})
    problem(answer, 422, "validation_failed")


def test_a_body_over_the_limit_is_refused_however_it_is_framed(client, server):
    big = b'{"email": "' + b"x" * (1 << 20) + b'"}'
    headers = {"Content-Type": "application/json"}
    problem(client.post("/register", data=big, headers=headers), 413, "body_too_large")
    chunks = (big[start : start + 65_536] for start in range(0, len(big), 65_536))
    problem(client.post("/register", data=chunks, headers=headers), 413, "body_too_large")
    promised = raw.exchange(
        server, b"POST /register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"
    )
    assert promised.status == 413


def test_a_body_at_the_limit_is_read(client):
    body = json.dumps({"email": "x"}).encode()
    body += b" " * ((1 << 20) - len(body))
    answer = client.post("/register", data=body, headers={"Content-Type": "application/json"})
    problem(answer, 422, "validation_failed")


def test_the_limit_of_bodies_is_set_by_its_variable(start):
    client = start(BODY_LIMIT="2KiB").client()
    problem(client.register(fresh_email(), "x" * 3_000), 413, "body_too_large")
    assert client.register(fresh_email()).status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/me/",
        "//me",
        "/ME",
        "/me%2F",
        "/%6De/x",
        "/health",
        "/dev",
        "/dev/",
        "/static/",
        "/static/../me",
        "/static/%2e%2e/me",
        "/.env",
        "/login.php",
        "/dev/mailbox/unknown",
        "/" + "x" * 8_000,
    ],
)
def test_an_unknown_path_is_404(server, path):
    answer = raw.exchange(server, raw.get(path))
    assert (answer.status, answer.headers["content-type"]) in [
        (404, "application/problem+json"),
        (404, "text/html; charset=utf-8"),
    ]


@pytest.mark.parametrize("path", ["/a%00b", "/%zz", "/%c0%af"])
def test_a_broken_path_is_400(server, path):
    answer = raw.exchange(server, raw.get(path))
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("query", ["token=%zz", "token=%00", "&".join(["a=1"] * 201)])
def test_a_broken_query_is_400(server, query):
    answer = raw.exchange(server, raw.get("/verify?" + query, "Accept: application/json\r\n"))
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("GET", "/login", "POST, OPTIONS"),
        ("PUT", "/me", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("PUT", "/verify", "GET, HEAD, POST, OPTIONS"),
        ("PATCH", "/health/live", "GET, HEAD, OPTIONS"),
        ("TRACE", "/login", "POST, OPTIONS"),
        ("BREW", "/.well-known/jwks.json", "GET, HEAD, OPTIONS"),
        ("get", "/me", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("DELETE", "/dev/mailbox/unknown", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_405_and_tells_which_are_allowed(server, method, path, allowed):
    answer = raw.exchange(server, f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", allowed)


def test_options_tells_the_methods_and_head_is_get_without_a_body(client):
    options = client.options("/verify")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    for path in ["/health/live", "/.well-known/jwks.json", "/openapi.json", "/nothing", "/me", "/dev/mailbox"]:
        get, head = client.get(path), client.head(path)
        assert head.content == b""
        assert head.status_code == get.status_code
        # A page gives its cookie to a browser that has none yet.
        varying = {"Date", "X-Request-Id", "Set-Cookie"}
        assert {n: v for n, v in head.headers.items() if n not in varying} == {
            n: v for n, v in get.headers.items() if n not in varying
        }


@pytest.mark.parametrize("accept", ["image/png", "nonsense", "", "*/*;q=0"])
def test_an_accept_that_nothing_fits_is_answered_all_the_same(client, accept):
    for path, status in [("/health/live", 200), ("/me", 401), ("/nothing", 404)]:
        assert client.get(path, headers={"Accept": accept}).status_code == status
