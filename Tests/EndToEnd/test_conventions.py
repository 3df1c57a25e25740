"""The conventions of every HTTP API, seen from outside."""

import json
import re

import pytest
import requests

from support import raw
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in
from support.server import LISTED_ORIGIN

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# Problem documents


def test_every_bad_field_is_named_at_once(client):
    answer = client.post("/register", json={
        "email": "nobody", "password": "short", "username": "", "first_name": "x" * 101, "last_name": 7,
    })
    document = problem(answer, 422, "validation_failed")
    assert set(document["errors"]) == {"email", "password", "username", "first_name", "last_name"}
    assert all(isinstance(message, str) and message for message in document["errors"].values())


def test_a_missing_field_and_null_are_told_apart_from_nothing(client):
    assert problem(client.post("/register", json={}), 422, "validation_failed")["errors"] == {
        "email": "is missing", "password": "is missing",
    }
    nulls = {"email": None, "password": None, "username": None}
    assert set(problem(client.post("/register", json=nulls), 422, "validation_failed")["errors"]) == {
        "email", "password",
    }


def test_fields_that_nobody_asked_for_are_passed_over(client):
    answer = client.register(fresh_email(), is_admin=True, is_verified=True, id="x")
    assert answer.status_code == 201
    assert (answer.json()["is_admin"], answer.json()["is_verified"]) == (False, False)


@pytest.mark.parametrize("email", [
    "", "@", "a@b", "a b@example.com", "a@example.com\n", "a@@example.com", ".a@example.com", "a@-example.com",
    "a@example..com", "a@[127.0.0.1]", '"a"@example.com', "\u00fc@example.com", "a@example.123", "x" * 65 + "@example.com",
    "a@" + "x" * 250 + ".com", "Ana <a@example.com>", "a@example.com,b@example.com", 7, True, [], {}, "a\u0000@example.com",
])
def test_what_is_no_address_is_refused(client, email):
    answer = client.register(email)
    if isinstance(email, str) and "\u0000" in email:
        problem(answer, 400, "bad_json")
    else:
        assert set(problem(answer, 422, "validation_failed")["errors"]) == {"email"}


@pytest.mark.parametrize("password", ["", "7 chars", "x" * 257, "\U0001f600" * 257, 12345678, None, ["password"]])
def test_what_is_no_good_password_is_refused(client, password):
    document = problem(client.register(fresh_email(), password), 422, "validation_failed")
    assert set(document["errors"]) == {"password"}


def test_the_address_is_no_password(client):
    email = fresh_email()
    assert set(problem(client.register(email, email.upper()), 422, "validation_failed")["errors"]) == {"password"}


def test_a_refused_value_is_not_repeated(client):
    answer = client.register("secret-value@", "seven77")
    assert "secret-value" not in answer.text and "seven77" not in answer.text


@pytest.mark.parametrize("body", [
    b"", b" ", b"{", b"}", b"nul", b"NaN", b"'a'", b"{'email': 1}", b'{"email": }', b'{"email": "a",}', b"[1,]",
    b'{"email": "a", "email": "b"}', b'{"a": {"b": 1, "b": 2}}', b'{"email": "a"} x', b'{"email": "a"}{"email": "b"}',
    b'{"email": "a"}\x00', b'{"email": "\\u0000"}', b'{"email": "a\x00"}', b'{"email": "a\nb"}',
    b'{"email": "\\ud800"}', b'{"email": "\\udc00\\ud800"}', b'{"email": "\\ud800x"}', b'{"email": "\\u12"}',
    b'{"email": "\\x41"}', b'{"email": "\xff"}', b'{"email": "\xc0\xaf"}', b'{"email": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}", b'{"n": 9223372036854775808}', b'{"n": -9223372036854775809}', b'{"n": 1e400}',
    b'{"n": 01}', b'{"n": +1}', b'{"n": .5}', b'{"n": 1.}', b'{"n": 0x10}', b'{"n": Infinity}',
    b"[" * 33 + b"]" * 33, b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe{\x00}\x00", b"// x\n{}", b"true false",
])
def test_what_is_no_json_document_is_refused(client, body):
    answer = client.post("/register", data=body, headers={"Content-Type": "application/json"})
    problem(answer, 400, "bad_json")


@pytest.mark.parametrize("body", [
    b"[]", b"7", b'"text"', b"null", b"true", b" {} ", b'\t{"email": 9223372036854775807}\r\n', b'{"email": -0}',
    b'{"email": 1.5e3}', b'{"email": ' + b"[" * 31 + b"]" * 31 + b"}", b'{"\\u0065mail": "\\ud83d\\ude00"}',
])
def test_a_document_of_another_shape_is_well_formed_and_not_valid(client, body):
    answer = client.post("/register", data=body, headers={"Content-Type": "application/json"})
    problem(answer, 422, "validation_failed")


@pytest.mark.parametrize("content_type", [
    None, "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
    "application/jsonp", "json", "", "application/json-patch+json",
])
def test_another_content_type_is_refused(client, content_type):
    headers = {} if content_type is None else {"Content-Type": content_type}
    problem(client.post("/register", data=b"{}", headers=headers), 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_json_by_any_of_its_spellings_is_read(client, content_type):
    answer = client.post("/register", data=b"{}", headers={"Content-Type": content_type})
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


@pytest.mark.parametrize("path", [
    "/", "/nothing", "/me/", "//me", "/ME", "/me%2F", "/%6De/x", "/health", "/dev", "/dev/", "/static/",
    "/static/../me", "/static/%2e%2e/me", "/.env", "/login.php", "/dev/mailbox/unknown", "/" + "x" * 8_000,
])
def test_an_unknown_path_is_404(server, path):
    answer = raw.exchange(server, raw.get(path))
    assert (answer.status, answer.headers["content-type"]) in [
        (404, "application/problem+json"), (404, "text/html; charset=utf-8"),
    ]


@pytest.mark.parametrize("path", ["/%00", "/a%00b", "/%", "/%zz", "/%ff", "/%c0%af"])
def test_a_broken_path_is_400(server, path):
    answer = raw.exchange(server, raw.get(path))
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("query", ["token=%", "token=%zz", "token=%00", "token=%ff", "&".join(["a=1"] * 201)])
def test_a_broken_query_is_400(server, query):
    answer = raw.exchange(server, raw.get("/verify?" + query, "Accept: application/json\r\n"))
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("method, path, allowed", [
    ("GET", "/login", "POST, OPTIONS"),
    ("DELETE", "/me", "GET, HEAD, OPTIONS"),
    ("PUT", "/verify", "GET, HEAD, POST, OPTIONS"),
    ("PATCH", "/health/live", "GET, HEAD, OPTIONS"),
    ("TRACE", "/login", "POST, OPTIONS"),
    ("BREW", "/.well-known/jwks.json", "GET, HEAD, OPTIONS"),
    ("get", "/me", "GET, HEAD, OPTIONS"),
    ("DELETE", "/dev/mailbox/unknown", "GET, HEAD, OPTIONS"),
])
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
        varying = {"Date", "X-Request-Id"}
        assert {n: v for n, v in head.headers.items() if n not in varying} == {
            n: v for n, v in get.headers.items() if n not in varying
        }


@pytest.mark.parametrize("accept", ["image/png", "text/plain", "application/xml;q=0.5", "nonsense", "", "*/*;q=0"])
def test_an_accept_that_nothing_fits_is_answered_all_the_same(client, accept):
    for path, status in [("/health/live", 200), ("/me", 401), ("/nothing", 404)]:
        assert client.get(path, headers={"Accept": accept}).status_code == status


# Request ids


@pytest.mark.parametrize("given", ["x" * 8, "x" * 64, "abc.DEF_123-xyz", "--------"])
def test_a_good_request_id_is_taken(client, given):
    answer = client.get("/nothing", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given
    problem(answer, 404, "not_found")


@pytest.mark.parametrize("given", ["x" * 7, "x" * 65, "abcdefg h", "abcdefgh\u00fc", "abcdefgh;", "<script>", "", "a/b/c/d/e"])
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


@pytest.mark.parametrize("data", [
    b"GET /me HTTP/1.1\r\n\r\n",
    b"GET /me HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
])
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


@pytest.mark.parametrize("origin", [LISTED_ORIGIN, "https://shop.example.com:8443", "http://localhost:5173", "http://127.0.0.1"])
def test_a_listed_origin_is_echoed_exactly(client, origin):
    for path in ["/health/live", "/me", "/nothing"]:
        answer = client.get(path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]


FOREIGN = [
    "https://evil.example", "null", "*", "https://app.example.com.evil.example", "https://app.example.com:444",
    "http://app.example.com", "https://APP.example.com", "https://app.example.com/", "https://sub.app.example.com",
    "http://localhost.evil.example", "http://localhost:5173x", "http://localhost:", "https://localhost",
    "http://localhost:5173@evil.example", "http://127.0.0.1.evil.example", "file://", "", "http://127.0.0.1:99999",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_any_other_origin_is_not(client, origin):
    for method, headers in [("GET", {}), ("OPTIONS", {"Access-Control-Request-Method": "POST"})]:
        answer = client.request(method, "/login", headers={"Origin": origin} | headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert "Origin" in answer.headers["Vary"]


def test_a_preflight_tells_what_may_be_sent(client):
    headers = {
        "Origin": LISTED_ORIGIN, "Access-Control-Request-Method": "POST",
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
    from support.server import PRODUCTION

    server = start(base=PRODUCTION, CORS_ORIGINS=LISTED_ORIGIN)
    for origin, allowed in [("http://localhost:5173", None), (LISTED_ORIGIN, LISTED_ORIGIN), ("https://id.example.com", "https://id.example.com")]:
        answer = server.client().get("/health/live", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


# The Origin rule of cookies


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": LISTED_ORIGIN + ".evil.example"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
])
def test_a_cookie_from_elsewhere_does_not_count_for_an_unsafe_method(server, person, headers):
    browser, _ = sign_in(server, person)
    answer = browser.post("/logout", headers=headers)
    problem(answer, 403, "origin_not_allowed")
    assert "Set-Cookie" not in answer.headers
    assert browser.get("/me", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [
    {}, {"Origin": LISTED_ORIGIN}, {"Origin": "own"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
    {"Origin": LISTED_ORIGIN, "Sec-Fetch-Site": "cross-site"},
])
def test_a_cookie_from_here_counts(server, person, headers):
    browser, _ = sign_in(server, person)
    headers = {name: server.url if value == "own" else value for name, value in headers.items()}
    assert browser.post("/logout", headers=headers).status_code == 204


def test_a_bearer_token_needs_no_origin(server, person):
    _, tokens = sign_in(server, person)
    headers = bearer(tokens["access_token"]) | {"Origin": "https://evil.example"}
    assert server.client().post("/logout", headers=headers).status_code == 204


# Development surfaces


@pytest.mark.parametrize("path", ["/dev/mailbox", "/dev/mailbox.json"])
@pytest.mark.parametrize("headers", [
    {"X-Forwarded-For": "10.0.0.1"}, {"X-Forwarded-For": ""}, {"Forwarded": "for=10.0.0.1"}, {"X-Real-IP": "10.0.0.1"},
    {"X-Forwarded-Host": "a"}, {"Via": "1.1 proxy"}, {"Host": "evil.example"}, {"Host": "evil.example:8080"},
    {"Host": "localhost.evil.example"}, {"Host": "127.0.0.1.evil.example:80"},
])
def test_development_surfaces_are_not_there_for_others(client, path, headers):
    problem(client.get(path, headers=headers | {"Accept": "application/json"}), 404, "not_found")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:9999", "[::1]", "[::1]:80"])
def test_development_surfaces_are_there_for_the_developer(client, host):
    assert client.get("/dev/mailbox.json", headers={"Host": host}).status_code == 200


def test_the_mailbox_is_a_list_with_parts(start):
    client = start().client()
    emails = [fresh_email() for _ in range(7)]
    for email in emails:
        client.register(email)
        client.wait_for_mail(email)
    seen, path = [], "/dev/mailbox.json?limit=3"
    sizes = []
    while path:
        answer = client.get(path)
        sizes.append(len(answer.json()))
        seen += [mail["to"] for mail in answer.json()]
        path = answer.links.get("next", {}).get("url")
    assert sizes == [3, 3, 1]
    assert seen == emails[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=", "limit=1.5", "limit=99999999999999999999"])
def test_a_bad_limit_of_a_list_is_422(client, query):
    assert set(problem(client.get("/dev/mailbox.json?" + query), 422, "validation_failed")["errors"]) == {"limit"}


# What is never logged


def test_the_log_has_no_query_password_token_or_address_of_a_person(start):
    server = start(LOG_LEVEL="debug")
    client = server.client()
    email = fresh_email("wanda.private")
    password = "a very private password"
    client.register(email, password, first_name="Wanda-Firstname")
    token = client.link_token(email)
    client.get("/verify", params={"token": token})
    client.prove(token)
    tokens = client.log_in(email, password, headers={"X-Token-Delivery": "body", "User-Agent": "agent-of-wanda"}).json()
    client.log_in(email, "wrong private password")
    client.me(tokens["access_token"])
    client.get("/me", headers={"Cookie": f"gapura_session={tokens['access_token']}"})
    client.get("/nothing", params={"code": "query-value"}, headers={"Authorization": "Basic basic-value"})
    client.post("/login", data=b'{"email": "broken-body', headers={"Content-Type": "application/json"})
    client.post("/request/verify", json={"email": email})
    client.get("/verify", params={"token": token[:-1] + "!"})
    raw.exchange(server, b"GET /me?q=query-value HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    client.post("/logout", headers=bearer(tokens["access_token"]))
    assert server.stop() == 0
    log = "\n".join(json.dumps(line, ensure_ascii=False) for line in server.log)
    assert "/login" in log and "request_id" in log
    secrets = [
        email, email.split("@")[0], "wanda", "private", password, token, token.split(".")[1], tokens["access_token"],
        tokens["access_token"].split(".")[2], tokens["refresh_token"], "query-value", "basic-value", "broken-body",
        "gapura_session=",
    ]
    assert [secret for secret in secrets if secret.lower() in log.lower()] == []


def test_requests_are_logged_with_their_id_at_debug_level(start):
    server = start(LOG_LEVEL="debug")
    server.client().get("/nothing", headers={"X-Request-Id": "walk-0001"})
    line = server.wait_for(
        lambda: next((line for line in server.log if line.get("request_id") == "walk-0001"), None), "the request's line"
    )
    assert (line["method"], line["route"], line["status"]) == ("GET", "unmatched", 404)


# Limits of sign-in routes


def attempt(client, email, forwarded=None):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.log_in(email, "wrong password", headers=headers)


def test_the_sixth_attempt_of_a_minute_is_told_when_to_come_back(start):
    client = start(RATE_LIMIT="5/1m").client()
    email = fresh_email()
    for _ in range(5):
        problem(attempt(client, email), 401, "invalid_credentials")
    answer = attempt(client, email)
    problem(answer, 429, "too_many_attempts")
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert answer.headers["RateLimit"] == f'"login";r=0;t={seconds}'
    assert answer.headers["RateLimit-Policy"] == '"login";q=5;w=60'


def test_each_sign_in_route_counts_by_itself(start):
    client = start(RATE_LIMIT="2/1m").client()
    routes = [
        ("/login", {"email": fresh_email(), "password": PASSWORD}, 401),
        ("/request/verify", {"email": fresh_email()}, 202),
        ("/administrator/accept", {"token": "x", "password": PASSWORD}, 400),
    ]
    for path, body, status in routes:
        assert [client.post(path, json=body).status_code for _ in range(3)] == [status, status, 429]
    statuses = [client.register(fresh_email()).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]


def test_what_is_no_sign_in_route_has_no_limit(start):
    client = start(RATE_LIMIT="1/1m").client()
    for path in ["/.well-known/jwks.json", "/verify?token=x", "/me", "/health/live"]:
        assert 429 not in {client.get(path).status_code for _ in range(5)}
    assert 429 not in {client.prove("x").status_code for _ in range(5)}


def test_one_account_is_limited_wherever_the_attempts_come_from(start):
    client = start(RATE_LIMIT="3/1m", TRUSTED_PROXIES="127.0.0.0/8").client()
    email = fresh_email()
    statuses = [attempt(client, email.upper() if n % 2 else email, f"198.51.100.{n}").status_code for n in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert attempt(client, fresh_email(), "198.51.100.1").status_code == 401


@pytest.mark.parametrize("forwarded, same", [
    (["198.51.100.1", "198.51.100.2"], False),
    (["198.51.100.1", "203.0.113.7,198.51.100.1"], True),
    (["203.0.113.7, 198.51.100.1", "203.0.113.8, 198.51.100.1"], True),
    (["198.51.100.1, 127.0.0.5", "198.51.100.2, 127.0.0.5"], False),
    (["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"], True),
    (["2001:db8:0:1::1", "2001:db8:0:2::1"], False),
    (["unknown, 198.51.100.1", "198.51.100.1"], True),
    (["::ffff:198.51.100.1", "198.51.100.1"], True),
])
def test_behind_a_trusted_proxy_the_last_untrusted_hop_is_limited(start, forwarded, same):
    client = start(RATE_LIMIT="1/1m", TRUSTED_PROXIES="127.0.0.0/8").client()
    statuses = [attempt(client, fresh_email(), hop).status_code for hop in forwarded]
    assert statuses == [401, 429 if same else 401]


def test_without_a_trusted_proxy_forwarded_headers_free_nobody_and_are_complained_about(start):
    server = start(RATE_LIMIT="2/1m")
    client = server.client()
    statuses = [attempt(client, fresh_email(), f"198.51.100.{n}").status_code for n in range(3)]
    assert statuses == [401, 401, 429]
    warnings = [line for line in server.log if "TRUSTED_PROXIES" in line["message"]]
    assert [(line["level"], line["peer"]) for line in warnings] == [("warning", "127.0.0.1")]


def test_an_audience_behind_one_address_can_have_a_limit_of_its_own(start):
    client = start(RATE_LIMIT="2/1m", RATE_LIMIT_ADDRESS="4/1m").client()
    email = fresh_email()
    assert [attempt(client, email).status_code for _ in range(3)] == [401, 401, 429]
    assert attempt(client, fresh_email()).status_code == 401
    assert attempt(client, fresh_email()).status_code == 429


def test_a_limit_ends_with_its_window(start):
    from support.server import eventually

    client = start(RATE_LIMIT="1/2s").client()
    email = fresh_email()
    assert attempt(client, email).status_code == 401
    assert attempt(client, email).status_code == 429
    eventually(lambda: attempt(client, email).status_code == 401, "the end of the window")


def test_a_limited_request_still_has_every_header(start):
    client = start(RATE_LIMIT="1/1m").client()
    attempt(client, fresh_email())
    answer = requests.post(
        client.url + "/login", json={"email": fresh_email(), "password": "x"}, headers={"Origin": LISTED_ORIGIN}, timeout=60
    )
    problem(answer, 429, "too_many_attempts")
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED_ORIGIN
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_person_of_a_walk_is_only_limited_by_attempts(start):
    server = start(RATE_LIMIT="5/1m")
    person = make_person(server)
    browser, _ = sign_in(server, person)
    assert {browser.get("/me").status_code for _ in range(20)} == {200}
